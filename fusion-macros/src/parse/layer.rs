//! Layers: a path, its generic arguments and its options.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{AngleBracketedGenericArguments, Ident, Result, Token, token};

use super::{is_name, missing};
use crate::keras;
use crate::syntax::{Layer, LayerOption};

/// A path with generic arguments and, unlike a Rust type, options in parentheses.
pub fn layer(input: ParseStream) -> Result<Layer> {
    let mut path = TokenStream::new();
    if input.peek(Token![::]) {
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    }
    let mut arguments = None;
    let last = loop {
        if !input.peek(Ident::peek_any) {
            return Err(missing(input, "expected a layer, such as `Dense<32, 8, Relu>`"));
        }
        let segment = segment(input)?;
        segment.to_tokens(&mut path);
        if input.peek(Token![<]) {
            let tokens = input.cursor().token_stream();
            let likely = |error| keras::arguments_mistake(tokens).unwrap_or(error);
            arguments = Some(input.parse::<AngleBracketedGenericArguments>().map_err(likely)?);
            break segment;
        }
        if !input.peek(Token![::]) {
            break segment;
        }
        if input.peek3(Token![<]) {
            arguments = Some(AngleBracketedGenericArguments::parse_turbofish(input)?);
            break segment;
        }
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    };
    if last == "TimeDistributed" && input.peek(token::Paren) {
        return Err(missing(input, "the layer stands in angle brackets: `TimeDistributed<Dense<_, 32>>`"));
    }
    if matches!(last.to_string().as_str(), "self" | "Self" | "super" | "crate") {
        return Err(syn::Error::new(
            last.span(),
            format!("expected a layer, such as `Dense<32, 8, Relu>`, found `{last}`"),
        ));
    }
    let (options, options_group) = options(input)?;
    Ok(Layer { path, last, arguments, options, options_group })
}

/// A word of a path.
fn segment(input: ParseStream) -> Result<Ident> {
    let word = input.call(Ident::parse_any)?;
    let in_paths = matches!(word.to_string().as_str(), "self" | "Self" | "super" | "crate");
    if in_paths || is_name(&word) {
        return Ok(word);
    }
    Err(syn::Error::new(word.span(), format!("expected a layer, such as `Dense<32, 8, Relu>`, found `{word}`")))
}

/// `(strides = 2, padding = Padding::Same)`, if there are any.
fn options(input: ParseStream) -> Result<(Vec<LayerOption>, Option<TokenTree>)> {
    if !input.peek(token::Paren) {
        return Ok((Vec::new(), None));
    }
    let group = input.fork().parse()?;
    let content;
    syn::parenthesized!(content in input);
    let options = Punctuated::<LayerOption, Token![,]>::parse_terminated(&content)?;
    Ok((options.into_iter().collect(), Some(group)))
}

impl Parse for LayerOption {
    fn parse(input: ParseStream) -> Result<Self> {
        let named = input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if named { Some(input.call(Ident::parse_any)?) } else { None };
        if let Some(name) = name.as_ref().filter(|name| !is_name(name)) {
            return Err(syn::Error::new(
                name.span(),
                format!("expected an option's name, as in `rate = 0.5`, found `{name}`"),
            ));
        }
        if named {
            input.parse::<Token![=]>()?;
        }
        Ok(Self { name, value: input.parse()? })
    }
}
