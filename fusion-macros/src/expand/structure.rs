//! The struct, its inputs and outputs, and the positional `predict`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::Context;
use crate::parse::Source;
use crate::resolve::{Field, Graph, Value};
use crate::text;

/// The struct and all that stands beside it in the user's own scope.
pub fn model(context: &Context<'_>) -> TokenStream {
    let (fields, inputs, output, predict) = (fields(context), inputs(context), output(context), predict(context));
    quote!(#fields #inputs #output #predict)
}

/// What is left where a model has no input at all.
pub fn without_wires(context: &Context<'_>) -> TokenStream {
    let (attributes, visibility, name) = (&context.declaration.attributes, &context.declaration.visibility, context.name);
    quote!(#(#attributes)* #visibility struct #name {})
}

fn fields(context: &Context<'_>) -> TokenStream {
    let (attributes, visibility, name) = (&context.declaration.attributes, &context.declaration.visibility, context.name);
    let fields = context.fields().map(|field| {
        let Field { name, attributes, layer, .. } = field;
        let ty = context.layer_type(field, Span::call_site());
        let docs = format!("The layer `{}`, `{}`.", super::plain(name), text::of(&layer.written()));
        quote! {
            #[doc = #docs]
            #(#attributes)*
            pub #name: #ty
        }
    });
    let diagram = diagram(context.graph);
    quote! {
        #(#attributes)*
        #[doc = #diagram]
        #[allow(non_snake_case)]
        #visibility struct #name {
            #(#fields,)*
        }
    }
}

/// The graph as it was declared, as text.
fn diagram(graph: &Graph<'_>) -> String {
    let mut text = String::from("\n\nThe graph:\n```text\n");
    for input in &graph.inputs {
        let dimensions: Vec<String> = input.shape.dimensions.iter().map(|dimension| text::of(dimension)).collect();
        text += &format!("{}: [{}; {}]\n", input.name, input.shape.element, dimensions.join(", "));
    }
    let mut chains: Vec<&crate::parse::Chain> = Vec::new();
    for operation in &graph.operations {
        if !chains.iter().any(|chain| std::ptr::eq(*chain, operation.chain)) {
            chains.push(operation.chain);
        }
    }
    for chain in chains {
        let start = match &chain.source {
            Source::Wire(wire) => wire.to_string(),
            Source::Merge { call, .. } | Source::Named { call, .. } => text::of(call),
        };
        let steps = chain.steps.iter().map(|step| format!(" ─▶ {}", text::of(&step.layer.written())));
        text += &format!("{start}{} ─▶ {}\n", steps.collect::<String>(), chain.name);
    }
    text + "```"
}

/// The batches by name, one sample by name, and where their gradients go.
fn inputs(context: &Context<'_>) -> TokenStream {
    let (visibility, name) = (&context.declaration.visibility, context.name);
    let (one, many, gradients) = (context.named("Input"), context.named("Inputs"), context.named("InputGradients"));
    let names: Vec<&Ident> = context.graph.inputs.iter().map(|input| &input.name).collect();
    let types: Vec<Ident> = (0..names.len()).map(|index| context.wire_type(Value::Input(index), Span::call_site())).collect();
    let (one_docs, many_docs) = (format!("One sample for [`{name}`], by name."), format!("Many samples for [`{name}`], by name."));
    let field_docs: Vec<String> = names.iter().map(|name| format!("The input `{name}`.")).collect();
    quote! {
        #[doc = #one_docs]
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case)]
        #visibility struct #one<'a> {
            #(#[doc = #field_docs] pub #names: &'a #types,)*
        }
        #[doc = #many_docs]
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case)]
        #visibility struct #many<'a> {
            #(#[doc = #field_docs] pub #names: &'a [#types],)*
        }
        #[doc(hidden)]
        #[derive(Default)]
        #[allow(non_snake_case, dead_code)]
        #visibility struct #gradients<'a> {
            #(pub #names: ::core::option::Option<&'a mut [#types]>,)*
        }
    }
}

/// The tensor of a single output, or a struct with the names of several.
fn output(context: &Context<'_>) -> TokenStream {
    let (visibility, name, output) = (&context.declaration.visibility, context.name, context.named("Output"));
    let docs = format!("One sample's output of [`{name}`].");
    let outputs = &context.graph.outputs;
    let types: Vec<Ident> =
        outputs.iter().map(|(_, operation)| context.wire_type(Value::Operation(*operation), Span::call_site())).collect();
    if let [ty] = types.as_slice() {
        return quote! {
            #[doc = #docs]
            #visibility type #output = #ty;
        };
    }
    let names: Vec<&Ident> = outputs.iter().map(|(name, _)| *name).collect();
    let field_docs = names.iter().map(|name| format!("The output `{name}`."));
    quote! {
        #[doc = #docs]
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(non_snake_case)]
        #visibility struct #output {
            #(#[doc = #field_docs] pub #names: #types,)*
        }
    }
}

/// `model.predict(&a, &b)`.
fn predict(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let (one, many, output) = (context.named("Input"), context.named("Inputs"), context.named("Output"));
    let names: Vec<&Ident> = context.graph.inputs.iter().map(|input| &input.name).collect();
    let types: Vec<Ident> = (0..names.len()).map(|index| context.wire_type(Value::Input(index), Span::call_site())).collect();
    // At the struct's name, so that the compiler points there, and not at the whole block, where it
    // says which bound a call does not meet.
    let span = name.span();
    let by_position = (names.len() > 1).then(|| {
        quote_spanned!(span=> where for<'x> __Condition<{ #name::__INPUTS_DIFFER }>: __ByPosition<#name>)
    });
    let batches: Vec<Ident> = names.iter().map(|name| Ident::new(&format!("BatchOf_{}", super::plain(name)), span)).collect();
    let places: Vec<syn::Index> = (0..names.len()).map(syn::Index::from).collect();
    let method = Ident::new("predict", span);
    let by_name = quote_spanned! {span=>
        impl<'a> __IntoInputs<'a, #name> for #many<'a> {
            fn into_inputs(self) -> #many<'a> {
                self
            }
        }
    };
    let by_place = match (names.as_slice(), types.as_slice()) {
        ([name_of_one], [ty]) => quote! {
            impl #krate::inputs::SingleInput for #name {
                type Sample = #ty;
                fn single(samples: &[#ty]) -> #many<'_> {
                    #many { #name_of_one: samples }
                }
            }
        },
        _ => quote_spanned! {span=>
            impl<'a, #(#batches: __Samples<#types> + ?::core::marker::Sized),*> __IntoInputs<'a, #name>
                for (#(&'a #batches),*) #by_position
            {
                fn into_inputs(self) -> #many<'a> {
                    #many { #(#names: __Samples::samples(self.#places)),* }
                }
            }
        },
    };
    quote! {
        #[allow(non_snake_case, non_camel_case_types, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
        use #krate::inputs::{ByPosition as __ByPosition, Condition as __Condition};
        use #krate::{IntoInputs as __IntoInputs, Samples as __Samples};
        impl #name {
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            const __INPUTS_DIFFER: bool = #krate::inputs::all_differ(&[#(
                (<#types as #krate::Tensor>::SHAPE, <<#types as #krate::Tensor>::Element as #krate::tensor::Element>::IS_NUMBER),
            )*]);
            /// The output for one sample, its inputs in the order of their declaration.
            ///
            /// # Panics
            /// When an id is out of range; `predict_batch` gives an error instead.
            pub fn #method(&self, #(#names: &#types),*) -> #output #by_position {
                #krate::Model::predict_named(self, #one { #(#names),* })
            }
        }
        #by_name
        #by_place
        };
    }
}
