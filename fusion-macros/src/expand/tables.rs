//! The tables of a model: its weights, and its layers and steps.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::{Context, plain};
use crate::resolve::{Kind, Operation, Value};

/// The weights, a line each layer.
pub fn parameters(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let fields: Vec<_> = context.fields().map(|field| &field.name).collect();
    let types = context.fields().map(|field| context.layer_type(field, Span::call_site()));
    let entries = context.fields().filter_map(|field| {
        let (step, key) = (context.step_type(context.first_call(field)?), plain(&field.name));
        let (name, frozen) = (&field.name, field.frozen.then(|| quote!(.frozen())));
        Some(quote!(#step::ENTRY.at(#key, __offset_of!(Self, #name)) #frozen))
    });
    let (class, automatic) =
        if context.declaration.sequential { ("Sequential", "sequential") } else { ("Functional", "functional") };
    quote! {
        #krate::model::weights!(unsafe #name #class #automatic { #(#fields: #types),* } [#(#entries),*]);
    }
}

/// The constant `GRAPH`.
pub fn graph(context: &Context<'_>) -> TokenStream {
    let (krate, name, sequential) = (context.krate, context.name.to_string(), context.declaration.sequential);
    let inputs = context.graph.inputs.iter().enumerate().map(|(index, input)| {
        let (ty, name) = (context.wire_type(Value::Input(index), Span::call_site()), plain(&input.name));
        quote!(#krate::layer::Wire::of::<#ty>(#name))
    });
    let in_use = context.layers_in_use();
    let layers = in_use.iter().filter_map(|layer| {
        let field = &context.graph.layers[*layer];
        let (step, name, frozen) = (context.step_type(context.first_call(field)?), plain(&field.name), field.frozen);
        let chosen = field.chosen.then(|| quote!(.chosen()));
        Some(quote!(#step::LAYER.named(#name, #frozen) #chosen))
    });
    let outputs = context.graph.outputs.iter().map(|(name, operation)| {
        let (name, step) = (plain(name), context.step_index(*operation));
        quote!((#name, #step))
    });
    quote! {
        &#krate::layer::Graph {
            name: #name,
            sequential: #sequential,
            inputs: &[#(#inputs),*],
            layers: &[#(#layers),*],
            steps: &__STEPS,
            outputs: &[#(#outputs),*],
        }
    }
}

/// The table of steps, and where what they give lies in memory.
pub fn steps(context: &Context<'_>) -> TokenStream {
    let (krate, count) = (context.krate, context.graph.order.len());
    let in_use = context.layers_in_use();
    let operands = operands(context);
    let nodes = context.steps().zip(operands).map(|((_, operation), operands)| {
        let step = context.step_type(operation);
        match operation.kind {
            Kind::Layer { layer } => {
                let layer = in_use.iter().position(|known| *known == layer).unwrap_or(0);
                let by_name = operation.is_given_by_name().then(|| {
                    let inputs = context.inputs_type(operation, Span::call_site());
                    quote!(.by_name::<#inputs>())
                });
                quote!(#step::NODE.of(#layer, &[#(#operands),*]) #by_name)
            }
            Kind::Part => {
                let part = context.part_index(operation).map(|(_, index)| quote!(.part(#index)));
                quote!(#step::NODE.alias(&[#(#operands),*]) #part)
            }
            Kind::Copy => quote!(#step::NODE.alias(&[#(#operands),*])),
        }
    });
    let outputs = context.graph.outputs.iter().map(|(_, operation)| context.step_index(*operation));
    quote! {
        const __STEPS: [#krate::layer::StepNode; #count] = [#(#nodes),*];
        const __PLACES: [#krate::model::Place; #count] = #krate::model::places(&__STEPS, &[#(#outputs),*]);
    }
}

/// Where each step's inputs come from. On the way back the last use of a wire comes first, and all others are added.
fn operands(context: &Context<'_>) -> Vec<Vec<TokenStream>> {
    let mut written = HashSet::new();
    let steps: Vec<&Operation<'_>> = context.steps().map(|(_, operation)| operation).collect();
    let mut operands: Vec<Vec<TokenStream>> = steps
        .iter()
        .rev()
        .map(|operation| {
            let sources = operation.operands.iter().map(|value| {
                let again = (!written.insert(*value)).then(|| quote!(.again()));
                match value {
                    Value::Input(input) => quote!(__Source::input(#input) #again),
                    Value::Operation(index) => {
                        let step = context.step_index(*index);
                        quote!(__Source::step(#step) #again)
                    }
                }
            });
            sources.collect()
        })
        .collect();
    operands.reverse();
    operands
}
