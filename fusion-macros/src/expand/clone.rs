//! How a model is cloned: in a box on the heap, unless its user derives `Clone` for the model itself.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Meta, Path, Token};

use super::{Context, levels};

/// `Clone` of the model's box. Where `Clone` is derived, the standard library has one of the box already, which goes through
/// the stack: there a question whether the model is too large for that.
pub fn clone(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    match context.declaration.attributes.iter().find_map(derived) {
        None => quote!(#krate::model::clone_of_box!(#name);),
        Some(Derived { at, condition: None }) => question(context, at),
        Some(Derived { at, condition: Some(condition) }) => {
            let question = question(context, at);
            quote! {
                #[cfg(not(#condition))]
                #krate::model::clone_of_box!(#name);
                #[cfg(#condition)]
                const _: () = { #question };
            }
        }
    }
}

/// Its answer is a deprecated function where the model is too large, so that the compiler says it at the derive.
fn question(context: &Context<'_>, at: Span) -> TokenStream {
    if context.graph.broken {
        return TokenStream::new();
    }
    let (krate, name, levels) = (context.krate, context.name, levels(context));
    let fits = quote_spanned!(at=> fits_the_stack);
    quote! {
        #(#levels)*
        const _: () = {
            #[allow(unused_imports)]
            use #krate::model::{CloneOf as __CloneOf, MOST_ON_THE_STACK as __MOST};
            __CloneOf::<{ ::core::mem::size_of::<#name>() > __MOST }>::#fits();
        };
    }
}

/// Where `Clone` is derived, and under which condition of `cfg_attr`.
struct Derived {
    at: Span,
    condition: Option<TokenStream>,
}

fn derived(attribute: &Attribute) -> Option<Derived> {
    if !attribute.path().is_ident("cfg_attr") {
        return derives_clone(&attribute.meta).map(|at| Derived { at, condition: None });
    }
    let mut tokens = attribute.meta.require_list().ok()?.tokens.clone().into_iter();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let condition = tokens.by_ref().take_while(|token| !is_comma(token)).collect();
    let then = syn::parse::Parser::parse2(Punctuated::<Meta, Token![,]>::parse_terminated, tokens.collect()).ok()?;
    then.iter().find_map(derives_clone).map(|at| Derived { at, condition: Some(condition) })
}

fn derives_clone(meta: &Meta) -> Option<Span> {
    let list = meta.require_list().ok().filter(|list| list.path.is_ident("derive"))?;
    let paths = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok()?;
    let clone = paths.iter().find(|path| path.segments.last().is_some_and(|last| last.ident == "Clone"))?;
    Some(clone.to_token_stream().span())
}
