//! What a model gives, and what is given for its outputs: the tensor of a single output, or structs with the names of
//! several.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Context, given, predict};
use crate::resolve::{MOST_OUTPUTS, Value};

pub fn names<'a>(context: &Context<'a>) -> Vec<&'a Ident> {
    context.graph.outputs.iter().map(|(name, _)| *name).collect()
}

/// The outputs' types.
fn tensors(context: &Context<'_>) -> Vec<Ident> {
    let operations = context.graph.outputs.iter().map(|(_, operation)| Value::Operation(*operation));
    operations.map(|operation| context.wire_type(operation, Span::call_site())).collect()
}

/// `Of_priority`: a type parameter for each output.
pub fn parameters(context: &Context<'_>) -> Vec<Ident> {
    let parameter = |name: &&Ident| Ident::new(&format!("Of_{}", super::plain(name)), context.name.span());
    names(context).iter().map(parameter).collect()
}

/// What stands in the user's own scope.
pub fn types(context: &Context<'_>) -> TokenStream {
    let (visibility, name, output) = (&context.declaration.visibility, context.name, context.named("Output"));
    let docs = format!(" One sample's output of [`{name}`].");
    let (names, tensors) = (names(context), tensors(context));
    if let [tensor] = tensors.as_slice() {
        return quote! {
            #[doc = #docs]
            #visibility type #output = #tensor;
        };
    }
    let field_docs = names.iter().map(|name| format!(" The output `{name}`."));
    let by_name = by_name(context);
    quote! {
        #[doc = #docs]
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(non_snake_case, non_camel_case_types)]
        #visibility struct #output {
            #(#[doc = #field_docs] pub #names: #tensors,)*
        }
        #by_name
    }
}

/// The struct of the outputs' names, whatever it holds.
fn by_name(context: &Context<'_>) -> TokenStream {
    let (krate, visibility, name) = (context.krate, &context.declaration.visibility, context.name);
    let (names, tensors, parameters) = (names(context), tensors(context), parameters(context));
    let (outputs, to_write) = (context.named("Outputs"), context.named("OutputsMut"));
    let (methods, given) = (methods(context), given::given(context));
    let docs = format!(
        " What there is for each output of [`{name}`], by name: `predict_batch` gives a batch of predictions for each."
    );
    let field_docs = names.iter().map(|name| format!(" For the output `{name}`."));
    let to_write_docs = format!(" Where `predict_batch_into` writes each output of [`{name}`], by name.");
    // Where the compiler speaks of this struct, it points at the model's name, not at the whole block.
    quote_spanned! {name.span()=>
        #[doc = #docs]
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(non_snake_case, non_camel_case_types)]
        #visibility struct #outputs<#(#parameters = #krate::model::Rows<#tensors>),*> {
            #(#[doc = #field_docs] pub #names: #parameters,)*
        }
        #[doc = #to_write_docs]
        #[allow(dead_code)]
        #visibility type #to_write<'a> = #outputs<#(&'a mut [#tensors]),*>;
        #methods
        #given
    }
}

/// What the struct of the outputs' names can do as a batch of predictions.
fn methods(context: &Context<'_>) -> TokenStream {
    let (names, output, outputs) = (names(context), context.named("Output"), context.named("Outputs"));
    let (to_write, index) = (context.named("OutputsMut"), Ident::new("index", Span::call_site()));
    let shadow = predict::shadows(std::iter::once(&index));
    quote! {
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #shadow
            impl #outputs {
                /// The output of one sample.
                ///
                /// # Panics
                /// When there is no such sample.
                #[must_use]
                pub fn sample(&self, #index: ::core::primitive::usize) -> #output {
                    #output { #(#names: self.#names[#index]),* }
                }
                /// The batches to write, as `predict_batch_into` takes them.
                pub fn as_mut(&mut self) -> #to_write<'_> {
                    #outputs { #(#names: &mut self.#names),* }
                }
            }
        };
    }
}

/// What `Network` says of the outputs.
pub fn items(context: &Context<'_>) -> TokenStream {
    let (krate, output, broken) = (context.krate, context.named("Output"), context.graph.broken);
    let tensors: Vec<Ident> = tensors(context).into_iter().take(MOST_OUTPUTS).collect();
    let in_order = quote!((#(#tensors,)*));
    let in_order = if broken { quote!(#krate::model::Broken<#in_order>) } else { in_order };
    let differ = match broken {
        true => quote!(true),
        false => quote!({ #krate::model::shapes_differ(<#in_order as #krate::model::Outputs>::SHAPES) }),
    };
    let batches = if tensors.len() == 1 { batch(context) } else { batches(context) };
    let read = read(context);
    quote! {
        type Output = #output;
        type Outputs = #in_order;
        type OutputsDiffer = #krate::model::OutputsDiffer<#differ>;
        #read
        #batches
    }
}

/// Batches of the only output.
fn batch(context: &Context<'_>) -> TokenStream {
    let (krate, output) = (context.krate, context.named("Output"));
    quote! {
        type Predictions = #krate::model::Rows<#output>;
        type PredictionsMut<'a> = &'a mut [#output];
        fn predictions(__rows: <Self::Outputs as #krate::model::Outputs>::Rows) -> Self::Predictions {
            __rows.0
        }
        fn slices_mut(
            __predictions: Self::PredictionsMut<'_>,
        ) -> <Self::Outputs as #krate::model::Outputs>::SlicesMut<'_> {
            (__predictions,)
        }
        fn named_mut(
            __slices: <Self::Outputs as #krate::model::Outputs>::SlicesMut<'_>,
        ) -> Self::PredictionsMut<'_> {
            __slices.0
        }
    }
}

/// Batches of several outputs.
fn batches(context: &Context<'_>) -> TokenStream {
    let (krate, names) = (context.krate, names(context));
    let (outputs, to_write) = (context.named("Outputs"), context.named("OutputsMut"));
    let places = (0..names.len()).map(syn::Index::from);
    let places_of_slices = places.clone();
    let [predictions, slices, named] = match context.graph.broken {
        true => [(); 3].map(|()| quote!(::core::unreachable!())),
        false => [
            quote!(#outputs { #(#names: __rows.#places),* }),
            quote!((#(__predictions.#names,)*)),
            quote!(#to_write { #(#names: __slices.#places_of_slices),* }),
        ],
    };
    quote! {
        type Predictions = #outputs;
        type PredictionsMut<'a> = #to_write<'a>;
        fn predictions(__rows: <Self::Outputs as #krate::model::Outputs>::Rows) -> Self::Predictions {
            #predictions
        }
        fn slices_mut(
            __predictions: Self::PredictionsMut<'_>,
        ) -> <Self::Outputs as #krate::model::Outputs>::SlicesMut<'_> {
            #slices
        }
        fn named_mut(
            __slices: <Self::Outputs as #krate::model::Outputs>::SlicesMut<'_>,
        ) -> Self::PredictionsMut<'_> {
            #named
        }
    }
}

/// One sample's output out of those of a batch.
fn read(context: &Context<'_>) -> TokenStream {
    let (krate, output, names) = (context.krate, context.named("Output"), names(context));
    let places = (0..names.len()).map(syn::Index::from);
    let read = match names.as_slice() {
        _ if context.graph.broken => quote!(::core::unreachable!()),
        [_] => quote!(#krate::shape::copy_plain(&__outputs.0[__sample], __output);),
        _ => quote!(#(#krate::shape::copy_plain(&__outputs.#places[__sample], &mut __output.#names);)*),
    };
    quote! {
        fn read(
            __outputs: <Self::Outputs as #krate::model::Outputs>::Slices<'_>,
            __sample: ::core::primitive::usize,
            __output: &mut #output,
        ) {
            #read
        }
    }
}

/// That one sample's output is plain data.
pub fn plain(context: &Context<'_>) -> Option<TokenStream> {
    let (krate, output) = (context.krate, context.named("Output"));
    (context.graph.outputs.len() != 1).then(|| {
        quote! {
            // SAFETY: every field is a tensor, and nothing but `model!` writes this struct.
            unsafe impl #krate::shape::Plain for #output {}
        }
    })
}
