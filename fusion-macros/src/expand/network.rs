//! What a model is: its weights, its batches, the way forward and the way back, one line a step each.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{Context, clone, outputs, tables};
use crate::resolve::{Field, Operation};

/// All implementations, in a scope of their own.
pub fn implementation(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let (parameters, steps, network) = (tables::parameters(context), tables::steps(context), network(context));
    let (passes, clone) = (passes(context), clone::clone(context));
    quote! {
        #[allow(non_snake_case, unused_variables, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use ::core::mem::offset_of as __offset_of;
            #[allow(unused_imports)]
            use #krate::{layer::Source as __Source, model::NoLayer as _};
            #parameters
            #steps
            #network
            #passes
            #krate::model::model_as_layer!(#name);
            #clone
        };
    }
}

fn network(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let (one, many) = (context.named("Input"), context.named("Inputs"));
    let inputs: Vec<&Ident> = context.graph.inputs.iter().map(|input| &input.name).collect();
    let count = inputs.len();
    let (graph, plain, outputs) = (tables::graph(context), outputs::plain(context), outputs::items(context));
    quote! {
        #plain
        impl #krate::model::Network for #name {
            type Input<'a> = #one<'a>;
            type Inputs<'a> = #many<'a>;
            type Operands<'a> = [#krate::layer::Operand<'a>; #count];
            const GRAPH: &'static #krate::layer::Graph = #graph;
            const PLACES: &'static [#krate::model::Place] = &__PLACES;
            fn one(__input: Self::Input<'_>) -> Self::Operands<'_> {
                [#(#krate::layer::Operand::of(::core::slice::from_ref(__input.#inputs))),*]
            }
            fn many(__inputs: Self::Inputs<'_>) -> Self::Operands<'_> {
                [#(#krate::layer::Operand::of(__inputs.#inputs)),*]
            }
            #outputs
        }
    }
}

/// The way forward, the way back and the state, a word each step.
fn passes(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let step = |index: usize, operation: &Operation<'_>| {
        let (step, index) = (context.step_type(operation), Literal::usize_unsuffixed(index));
        match context.field(operation) {
            Some(Field { name, .. }) => quote!(#step(#name, #index)),
            None => quote!(#step(_, #index)),
        }
    };
    let steps: Vec<TokenStream> = context.steps().map(|(index, operation)| step(index, operation)).collect();
    let back = steps.iter().rev();
    // A merge has no state, and that of a frozen layer does not move.
    let moves =
        |operation: &Operation<'_>| context.field(operation).is_some_and(|field| !field.frozen && !field.builtin);
    let state = context.steps().filter(|(_, operation)| moves(operation));
    let state = state.map(|(index, operation)| step(index, operation));
    quote!(#krate::model::passes!(#name { #(#steps),* } back { #(#back),* } state { #(#state),* });)
}
