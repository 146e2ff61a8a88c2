//! The positional forms: `model.predict(&a, &b)`, and batches as a tuple.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::Context;
use crate::resolve::Value;

/// `predict`, and what the methods that take batches accept.
pub fn predict(context: &Context<'_>) -> TokenStream {
    let krate = context.krate;
    let (one, batches) = match context.graph.broken {
        false => (one_sample(context), batches(context)),
        true if context.graph.inputs.len() == 1 => (anything(context), batches(context)),
        true => (anything(context), batches_of_anything(context)),
    };
    let (by_name, shadows) = (by_name(context), shadows(context.graph.inputs.iter().map(|input| &input.name)));
    quote! {
        #[allow(non_snake_case, non_camel_case_types, dead_code, unused_variables, clippy::all, clippy::pedantic)]
        const _: () = {
            use #krate::model::{
                ByPosition as __ByPosition, InputsDiffer as __InputsDiffer, IntoInput as __IntoInput,
                IntoInputs as __IntoInputs, Samples as __Samples,
            };
            #shadows
            #one
            #by_name
            #batches
        };
    }
}

/// Functions of these names: a constant of the user's with the name of a wire would otherwise be a
/// pattern where a variable is meant.
pub fn shadows<'a>(names: impl Iterator<Item = &'a Ident>) -> TokenStream {
    names.map(|name| quote!(#[allow(dead_code, non_snake_case)] fn #name() {})).collect()
}

fn names<'a>(context: &Context<'a>) -> Vec<&'a Ident> {
    context.graph.inputs.iter().map(|input| &input.name).collect()
}

/// The inputs' types, each at its input, where the compiler points when an argument is wrong.
fn types(context: &Context<'_>) -> Vec<Ident> {
    let inputs = context.graph.inputs.iter().enumerate();
    inputs.map(|(index, input)| context.wire_type(Value::Input(index), input.name.span())).collect()
}

/// `BatchOf_a`: a type parameter for each input.
fn parameters(context: &Context<'_>) -> Vec<Ident> {
    let parameter = |name: &&Ident| Ident::new(&format!("BatchOf_{}", super::plain(name)), context.name.span());
    names(context).iter().map(parameter).collect()
}

/// The bound that no two inputs have one shape. It stands at the struct's name, so that the
/// compiler points there, and not at the whole block, where a call does not meet it.
fn by_position(context: &Context<'_>) -> Option<TokenStream> {
    let name = context.name;
    let bound =
        quote_spanned!(name.span()=> where for<'x> __InputsDiffer<{ #name::__INPUTS_DIFFER }>: __ByPosition<#name>);
    (context.graph.inputs.len() > 1).then_some(bound)
}

/// `fn predict`.
fn one_sample(context: &Context<'_>) -> TokenStream {
    let (krate, name, one, output) = (context.krate, context.name, context.named("Input"), context.named("Output"));
    let (names, types, by_position) = (names(context), types(context), by_position(context));
    let arguments = names.iter().zip(&types).map(|(name, ty)| quote_spanned!(name.span()=> #name: &#ty));
    let receiver = quote!(&self);
    let signature = quote_spanned!(name.span()=> pub fn predict(#receiver, #(#arguments),*) -> #output #by_position);
    quote! {
        impl #name {
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            const __INPUTS_DIFFER: ::core::primitive::bool =
                #krate::model::all_differ(<Self as #krate::model::Network>::GRAPH.inputs);
            /// The output for one sample, its inputs in the order of their declaration.
            ///
            /// # Panics
            /// When an id is out of range; `predict_batch` gives an error instead.
            #signature {
                #krate::Model::predict_named(self, #one { #(#names),* })
            }
        }
    }
}

/// `FusionInput { a, b }` as what a prepared model's `predict` takes, and `FusionInputs { a, b }` as what `predict_batch`
/// does.
fn by_name(context: &Context<'_>) -> TokenStream {
    let (name, one, many) = (context.name, context.named("Input"), context.named("Inputs"));
    // With one input a reference is a batch of it, whatever its type.
    let borrowed = (context.graph.inputs.len() > 1).then(|| {
        quote_spanned! {name.span()=>
            impl<'a> __IntoInputs<'a, #name> for &#many<'a> {
                fn into_inputs(self) -> #many<'a> {
                    *self
                }
            }
        }
    });
    quote_spanned! {name.span()=>
        impl<'a> __IntoInput<'a, #name> for #one<'a> {
            fn into_input(self) -> #one<'a> {
                self
            }
        }
        impl<'a> __IntoInputs<'a, #name> for #many<'a> {
            fn into_inputs(self) -> #many<'a> {
                self
            }
        }
        #borrowed
    }
}

/// The batch of the only input, or a tuple of batches; and so of one sample.
fn batches(context: &Context<'_>) -> TokenStream {
    let (krate, name, one, many) = (context.krate, context.name, context.named("Input"), context.named("Inputs"));
    let (names, parameters, by_position) = (names(context), parameters(context), by_position(context));
    let types: Vec<Ident> =
        (0..names.len()).map(|index| context.wire_type(Value::Input(index), Span::call_site())).collect();
    if let ([input], [ty]) = (names.as_slice(), types.as_slice()) {
        return quote! {
            impl #krate::model::SingleInput for #name {
                type Sample = #ty;
                fn single(samples: &[#ty]) -> #many<'_> {
                    #many { #input: samples }
                }
                fn one_sample(sample: &#ty) -> #one<'_> {
                    #one { #input: sample }
                }
            }
        };
    }
    let places: Vec<syn::Index> = (0..names.len()).map(syn::Index::from).collect();
    quote_spanned! {name.span()=>
        impl<'a> __IntoInput<'a, #name> for (#(&'a #types),*) #by_position {
            fn into_input(self) -> #one<'a> {
                #one { #(#names: self.#places),* }
            }
        }
        impl<'a, #(#parameters: __Samples<#types> + ?::core::marker::Sized),*> __IntoInputs<'a, #name>
            for (#(&'a #parameters),*) #by_position
        {
            fn into_inputs(self) -> #many<'a> {
                #many { #(#names: __Samples::samples(self.#places)),* }
            }
        }
    }
}

/// `fn predict` beside a mistake in the declaration: whatever it is given is right, so that only
/// the mistake is reported.
fn anything(context: &Context<'_>) -> TokenStream {
    let (name, output) = (context.name, context.named("Output"));
    let (names, parameters) = (names(context), parameters(context));
    quote! {
        impl #name {
            /// The output for one sample.
            pub fn predict<#(#parameters: ?::core::marker::Sized),*>(&self, #(#names: &#parameters),*) -> #output {
                ::core::unreachable!()
            }
        }
    }
}

/// The same for tuples of several inputs.
fn batches_of_anything(context: &Context<'_>) -> TokenStream {
    let (name, one, many) = (context.name, context.named("Input"), context.named("Inputs"));
    let parameters = parameters(context);
    quote! {
        impl<'a, #(#parameters: ?::core::marker::Sized),*> __IntoInput<'a, #name> for (#(&'a #parameters),*) {
            fn into_input(self) -> #one<'a> {
                ::core::unreachable!()
            }
        }
        impl<'a, #(#parameters: ?::core::marker::Sized),*> __IntoInputs<'a, #name> for (#(&'a #parameters),*) {
            fn into_inputs(self) -> #many<'a> {
                ::core::unreachable!()
            }
        }
    }
}
