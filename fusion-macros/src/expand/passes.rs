//! The way forward, one line a step, and the way back, one line a step in reverse.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Context, shapes};
use crate::resolve::{Kind, Operation, Value};

/// The structs that name a pass's pieces of memory.
pub fn wires(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let values = context.values();
    let names: Vec<&Ident> = values.iter().map(|index| &context.graph.operations[*index].value).collect();
    let types: Vec<Ident> = values.iter().map(|index| context.wire_type(Value::Operation(*index), Span::call_site())).collect();
    let pieces: Vec<Ident> = (0..names.len()).map(|index| format_ident!("piece_{}", index)).collect();
    let operations: Vec<&Operation<'_>> = context.layer_operations().collect();
    let saved: Vec<&Ident> = operations.iter().map(|operation| &operation.value).collect();
    let saved_pieces: Vec<Ident> = (0..saved.len()).map(|index| format_ident!("piece_{}", index)).collect();
    let layers: Vec<TokenStream> = operations.iter().map(|operation| context.layer_trait(operation)).collect();
    let (count, saved_count) = (names.len(), saved.len());
    quote! {
        /// The value of every wire, or its gradient.
        struct Wires<'w> {
            #(#names: &'w mut [#types],)*
        }
        impl<'w> Wires<'w> {
            const LENGTHS: [usize; #count] = [#(<#types as #krate::Tensor>::SHAPE.length()),*];
            #[inline]
            fn split(memory: &'w mut [f32], samples: usize) -> (Self, &'w mut [f32]) {
                let ([#(#pieces),*], rest) = #krate::memory::split(memory, Self::LENGTHS.map(|length| length * samples));
                (Self { #(#names: <#types as #krate::Tensor>::rows_mut(#pieces)),* }, rest)
            }
        }
        /// What each layer keeps from its way forward to its way back.
        struct Saved<'w> {
            #(#saved: &'w mut [f32],)*
            rest: &'w mut [f32],
        }
        impl<'w> Saved<'w> {
            const MEMORY: [#krate::Memory; #saved_count] = [#(#layers::MEMORY),*];
            #[inline]
            fn split(memory: &'w mut [f32], samples: usize) -> Self {
                let ([#(#saved_pieces),*], rest) = #krate::memory::split(memory, Self::MEMORY.map(|memory| memory.saved(samples)));
                Self { #(#saved: #saved_pieces,)* rest }
            }
        }
        const FLOATS_OF_ONE: usize = #krate::model::floats::<#name>(1);
    }
}

/// The rows of a value on the way.
fn rows(context: &Context<'_>, value: Value) -> TokenStream {
    match value {
        Value::Input(index) => {
            let name = &context.graph.inputs[index].name;
            quote!(inputs.#name)
        }
        Value::Operation(index) => {
            let name = &context.graph.operations[index].value;
            quote!(wires.#name)
        }
    }
}

fn merge_call(context: &Context<'_>, operation: &Operation<'_>) -> (TokenStream, TokenStream, TokenStream) {
    let (krate, merge) = (context.krate, shapes::merge_type(context, operation));
    let options = match operation.kind {
        Kind::Merge { .. } => {
            let (carrier, constant) = (context.shapes(), shapes::merge_options_name(operation));
            quote!(&#carrier::#constant)
        }
        _ => quote!(&<#merge as #krate::merges::Merge>::DEFAULT),
    };
    let operands = operation.operands.iter().map(|value| {
        let rows = rows(context, *value);
        quote!(#krate::merges::Operand::of(&*#rows))
    });
    (merge, options, quote!([#(#operands),*]))
}

/// `fn forward`.
pub fn forward(context: &Context<'_>) -> TokenStream {
    let krate = context.krate;
    let steps = context.graph.order.iter().map(|index| {
        let operation = &context.graph.operations[*index];
        let value = &operation.value;
        let Kind::Layer { layer, .. } = operation.kind else {
            let (merge, options, operands) = merge_call(context, operation);
            return quote!(#krate::merges::forward::<#merge, _, _>(#options, #operands, wires.#value););
        };
        let (field, call) = (&context.graph.layers[layer], context.layer_trait(operation));
        let (name, trainable, step, x) = (&field.name, !field.frozen, *index as u64, rows(context, operation.operands[0]));
        quote!(#call::forward(&self.#name, &mut pass.forward(#step, #trainable, saved.#value), #x, wires.#value);)
    });
    quote! {
        fn forward(&self, pass: &mut #krate::network::Pass<'_>, inputs: Self::Inputs<'_>, memory: &mut [f32]) {
            let (wires, rest) = Wires::split(memory, pass.samples);
            let saved = Saved::split(rest, pass.samples);
            #(#steps)*
        }
    }
}

/// `fn backward`.
pub fn backward(context: &Context<'_>) -> TokenStream {
    let krate = context.krate;
    let mut written = HashSet::new();
    let steps: Vec<TokenStream> =
        context.graph.order.iter().rev().map(|index| backward_step(context, *index, &mut written)).collect();
    quote! {
        fn backward(
            &self,
            pass: &mut #krate::network::Pass<'_>,
            inputs: Self::Inputs<'_>,
            memory: &mut [f32],
            gradients: &mut [f32],
            mut input_gradients: Self::InputGradients<'_>,
            gradient: &mut Self,
        ) {
            let (wires, rest) = Wires::split(memory, pass.samples);
            let saved = Saved::split(rest, pass.samples);
            let (gradients, spare) = Wires::split(gradients, pass.samples);
            #(#steps)*
        }
    }
}

/// One step back: the gradient of each operand goes to the wire if nothing was written there yet,
/// otherwise to spare memory and is added.
fn backward_step(context: &Context<'_>, index: usize, written: &mut HashSet<Value>) -> TokenStream {
    let krate = context.krate;
    let operation = &context.graph.operations[index];
    let value = &operation.value;
    let mut lines = TokenStream::new();
    for (place, operand) in operation.operands.iter().enumerate() {
        let first = written.insert(*operand);
        let call = |dx: TokenStream| {
            let Kind::Layer { layer, .. } = operation.kind else {
                let (merge, options, operands) = merge_call(context, operation);
                return quote! {
                    #krate::merges::backward::<#merge, _, _, _>(#options, #place, #operands, &*wires.#value, &*gradients.#value, #dx);
                };
            };
            let (field, layer) = (&context.graph.layers[layer], context.layer_trait(operation));
            let (name, trainable, step, x) = (&field.name, !field.frozen, index as u64, rows(context, *operand));
            quote! {
                #layer::backward(
                    &self.#name, &mut pass.backward(#step, #trainable, saved.#value),
                    #x, wires.#value, gradients.#value, #dx, &mut gradient.#name,
                );
            }
        };
        lines.extend(operand_gradient(context, *operand, first, call));
    }
    lines
}

fn operand_gradient(context: &Context<'_>, operand: Value, first: bool, call: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    let krate = context.krate;
    let ty = context.wire_type(operand, Span::call_site());
    match operand {
        Value::Input(index) if context.graph.inputs[index].shape.element == "u32" => call(quote!(::core::option::Option::None)),
        Value::Input(index) => {
            let name = &context.graph.inputs[index].name;
            if first {
                return call(quote!(input_gradients.#name.as_deref_mut()));
            }
            let line = call(quote!(extra.as_deref_mut()));
            quote! {
                let mut extra = input_gradients.#name.is_some().then(|| #krate::network::spare::<#ty>(&mut *spare, pass.samples));
                #line
                #krate::network::accumulate(input_gradients.#name.as_deref_mut(), extra.as_deref());
            }
        }
        Value::Operation(index) => {
            let name = &context.graph.operations[index].value;
            if first {
                return call(quote!(::core::option::Option::Some(&mut *gradients.#name)));
            }
            let line = call(quote!(::core::option::Option::Some(&mut *extra)));
            quote! {
                let extra = #krate::network::spare::<#ty>(&mut *spare, pass.samples);
                #line
                #krate::network::accumulate(::core::option::Option::Some(&mut *gradients.#name), ::core::option::Option::Some(&*extra));
            }
        }
    }
}

/// `fn update_state`.
pub fn update_state(context: &Context<'_>) -> TokenStream {
    let steps = context.layer_operations().filter_map(|operation| {
        let Kind::Layer { layer, .. } = operation.kind else { return None };
        let (field, call, value) = (&context.graph.layers[layer], context.layer_trait(operation), &operation.value);
        let name = &field.name;
        (!field.frozen).then(|| quote!(#call::update_state(&mut self.#name, samples, &*saved.#value);))
    });
    quote! {
        fn update_state(&mut self, samples: usize, memory: &mut [f32]) {
            let (_, rest) = Wires::split(memory, samples);
            let saved = Saved::split(rest, samples);
            #(#steps)*
        }
    }
}
