//! The way forward, one line a step, and the way back, one line a step in reverse.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Context, shapes};
use crate::resolve::{Field, Kind, Operation, Value};

/// The structs that name a pass's pieces of memory.
pub fn wires(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let values = context.values();
    let names: Vec<&Ident> = values.iter().map(|index| &context.graph.operations[*index].value).collect();
    let types: Vec<Ident> =
        values.iter().map(|index| context.wire_type(Value::Operation(*index), Span::call_site())).collect();
    let operations: Vec<&Operation<'_>> = context.layer_operations().collect();
    let saved: Vec<&Ident> = operations.iter().map(|operation| &operation.value).collect();
    let pieces: Vec<Ident> = (0..names.len().max(saved.len())).map(|index| format_ident!("piece_{}", index)).collect();
    let saved_indices = 0..saved.len();
    let indices = 0..names.len();
    let layers: Vec<TokenStream> = operations.iter().map(|operation| context.layer_trait(operation)).collect();
    let (count, saved_count) = (names.len(), saved.len());
    let input_names: Vec<&Ident> = context.graph.inputs.iter().map(|input| &input.name).collect();
    let input_types: Vec<Ident> =
        (0..input_names.len()).map(|index| context.wire_type(Value::Input(index), Span::call_site())).collect();
    let (pieces, saved_pieces) = (&pieces[..count], &pieces[..saved_count]);
    quote! {
        /// The value of every wire, or its gradient.
        struct __Wires<'w> {
            #(#names: &'w mut [#types],)*
        }
        impl<'w> __Wires<'w> {
            const LENGTHS: [usize; #count] = [#(<#types as #krate::Tensor>::SHAPE.length()),*];
            #[inline]
            fn split(memory: &'w mut [f32], samples: usize) -> (Self, &'w mut [f32]) {
                #(let (#pieces, memory) = #krate::memory::piece(memory, Self::LENGTHS[#indices] * samples);)*
                (Self { #(#names: <#types as #krate::Tensor>::rows_mut(#pieces)),* }, memory)
            }
        }
        /// What each layer keeps from its way forward to its way back.
        struct __Saved<'w> {
            #(#saved: &'w mut [f32],)*
            __rest: &'w mut [f32],
        }
        impl<'w> __Saved<'w> {
            const MEMORY: [#krate::Memory; #saved_count] = [#(#layers::MEMORY),*];
            #[inline]
            fn split(memory: &'w mut [f32], samples: usize, keep: bool) -> Self {
                #(let (#saved_pieces, memory) = #krate::memory::piece(memory, Self::MEMORY[#saved_indices].saved_if(keep, samples));)*
                Self { #(#saved: #saved_pieces,)* __rest: memory }
            }
        }
        /// A batch that is owned, for shuffled training.
        #[derive(::core::default::Default)]
        pub struct __Buffers {
            #(#input_names: #krate::memory::Rows<#input_types>,)*
        }
        const FLOATS_OF_ONE: usize = #krate::model::floats_of_one::<#name>();
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
        quote!(#krate::operands::Operand::of(&*#rows))
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
        let (name, trainable, step) = (&field.name, !field.frozen, *index as u64);
        let x = if operation.takes_names() {
            named_operands(context, operation)
        } else {
            rows(context, operation.operands[0])
        };
        let output = output_place(context, *index);
        quote!(#call::forward(&self.#name, &mut pass.forward(#output, #step, #trainable, saved.#value), #x, wires.#value);)
    });
    quote! {
        #[inline]
        fn forward(&self, pass: &mut #krate::network::Pass<'_>, inputs: Self::Inputs<'_>, memory: &mut [f32]) {
            let (wires, rest) = __Wires::split(memory, pass.samples);
            let saved = __Saved::split(rest, pass.samples, pass.keep);
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
    let unused = context.graph.inputs.iter().enumerate().filter_map(|(index, input)| {
        let name = &input.name;
        let untouched = !written.contains(&Value::Input(index));
        untouched.then(|| quote!(#krate::network::no_gradient(input_gradients.#name.as_deref_mut());))
    });
    quote! {
        fn backward(
            &self,
            pass: &mut #krate::network::Pass<'_>,
            inputs: Self::Inputs<'_>,
            memory: &mut [f32],
            gradients: &mut [f32],
            mut input_gradients: Self::InputGradients<'_>,
            gradient: &mut Self,
            mut squares: ::core::option::Option<&mut Self>,
        ) {
            let (wires, rest) = __Wires::split(memory, pass.samples);
            let saved = __Saved::split(rest, pass.samples, pass.keep);
            let (gradients, spare) = __Wires::split(gradients, pass.samples);
            #(#steps)*
            #(#unused)*
        }
    }
}

/// One step back: the gradient of each operand goes to the wire if nothing was written there yet,
/// otherwise to spare memory and is added.
fn backward_step(context: &Context<'_>, index: usize, written: &mut HashSet<Value>) -> TokenStream {
    let operation = &context.graph.operations[index];
    if operation.takes_names() {
        return backward_of_named(context, index, written);
    }
    let steps = operation.operands.iter().enumerate().map(|(place, operand)| {
        let place_for = gradient_place(context, *operand, written.insert(*operand), 0);
        let call = backward_call(context, index, place, &place_for.dx);
        let GradientPlace { before, after, .. } = place_for;
        if before.is_empty() { call } else { quote!({ #before #call #after }) }
    });
    steps.collect()
}

/// The call that computes the gradient with respect to one operand.
fn backward_call(context: &Context<'_>, index: usize, place: usize, dx: &TokenStream) -> TokenStream {
    let krate = context.krate;
    let operation = &context.graph.operations[index];
    let value = &operation.value;
    let Kind::Layer { layer, .. } = operation.kind else {
        let (merge, options, operands) = merge_call(context, operation);
        return quote! {
            #krate::merges::backward::<#merge, _, _, _>(#options, #place, #operands, &*wires.#value, &*gradients.#value, #dx);
        };
    };
    let (field, layer) = (&context.graph.layers[layer], context.layer_trait(operation));
    let (name, cx) = (&field.name, backward_context(context, index, field));
    let x = rows(context, operation.operands[place]);
    quote! {
        #layer::step_back(
            &self.#name, &mut #cx,
            #x, wires.#value, gradients.#value, #dx,
            &mut gradient.#name, squares.as_deref_mut().map(|squares| &mut squares.#name),
        );
    }
}

/// What a layer is given on the way back.
fn backward_context(context: &Context<'_>, index: usize, field: &Field<'_>) -> TokenStream {
    let value = &context.graph.operations[index].value;
    let (trainable, step) = (!field.frozen, index as u64);
    let output = output_place(context, index);
    quote!(pass.backward(#output, #step, #trainable, saved.#value))
}

/// Which output an operation gives, if any, and the shapes of all outputs.
fn output_place(context: &Context<'_>, index: usize) -> TokenStream {
    match context.graph.output_of(index) {
        Some(output) => {
            let krate = context.krate;
            quote!(::core::option::Option::Some((#output, <Self::Outputs as #krate::network::Outputs>::SHAPES)))
        }
        None => quote!(::core::option::Option::None),
    }
}

/// Where the gradient of an operand goes: what comes before the call, the argument, what comes after.
struct GradientPlace {
    before: TokenStream,
    dx: TokenStream,
    after: TokenStream,
}

fn gradient_place(context: &Context<'_>, operand: Value, first: bool, number: usize) -> GradientPlace {
    let krate = context.krate;
    let ty = context.wire_type(operand, Span::call_site());
    let (target, optional) = match operand {
        Value::Input(index) if context.graph.inputs[index].shape.element == "u32" => {
            let none = quote!(::core::option::Option::None::<&mut [#ty]>);
            return GradientPlace { before: TokenStream::new(), dx: none, after: TokenStream::new() };
        }
        Value::Input(index) => {
            let name = &context.graph.inputs[index].name;
            (quote!(input_gradients.#name.as_deref_mut()), Some(quote!(input_gradients.#name.is_some())))
        }
        Value::Operation(index) => {
            let name = &context.graph.operations[index].value;
            (quote!(::core::option::Option::Some(&mut *gradients.#name)), None)
        }
    };
    if first {
        return GradientPlace { before: TokenStream::new(), dx: target, after: TokenStream::new() };
    }
    let (extra, rest) = (format_ident!("extra_{}", number), format_ident!("spare_{}", number + 1));
    let from = format_ident!("spare_{}", number);
    let from = if number == 0 { quote!(spare) } else { quote!(#from) };
    let split = quote!(let (#extra, #rest) = #krate::network::spare::<#ty>(&mut *#from, pass.samples););
    let wanted = optional.map_or_else(
        || quote!(let mut #extra = ::core::option::Option::Some(#extra);),
        |wanted| quote!(let mut #extra = #wanted.then_some(#extra);),
    );
    GradientPlace {
        before: quote!(#split #wanted),
        dx: quote!(#extra.as_deref_mut()),
        after: quote!(#krate::network::accumulate(#target, #extra.as_deref());),
    }
}

/// The operands of a step that takes them by name.
fn named_operands(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let krate = context.krate;
    let operands = operation.operands.iter().map(|value| {
        let rows = rows(context, *value);
        quote!(#krate::operands::Operand::of(&*#rows))
    });
    quote!(&[#(#operands),*])
}

/// A step back with several inputs: all their gradients at once.
fn backward_of_named(context: &Context<'_>, index: usize, written: &mut HashSet<Value>) -> TokenStream {
    let krate = context.krate;
    let operation = &context.graph.operations[index];
    let Kind::Layer { layer, .. } = operation.kind else { return TokenStream::new() };
    let (field, call, value) = (&context.graph.layers[layer], context.layer_trait(operation), &operation.value);
    let (name, cx) = (&field.name, backward_context(context, index, field));
    let (mut before, mut arguments, mut after, mut extras) = (TokenStream::new(), Vec::new(), TokenStream::new(), 0);
    for operand in &operation.operands {
        let place = gradient_place(context, *operand, written.insert(*operand), extras);
        extras += usize::from(!place.before.is_empty());
        before.extend(place.before);
        after.extend(place.after);
        let (dx, ty) = (place.dx, context.wire_type(*operand, Span::call_site()));
        arguments.push(quote!(#krate::network::gradient_numbers::<#ty>(#dx)));
    }
    let operands = named_operands(context, operation);
    quote! {
        {
            #before
            #call::step_back(
                &self.#name, &mut #cx,
                #operands, wires.#value, gradients.#value, &mut [#(#arguments),*],
                &mut gradient.#name, squares.as_deref_mut().map(|squares| &mut squares.#name),
            );
            #after
        }
    }
}

/// The check of ids of a step that takes inputs of the model by name. Ids come from inputs only, so
/// that a branch in their place has nothing to check.
pub fn check_of_named(context: &Context<'_>, operation: &Operation<'_>, layer: &TokenStream) -> TokenStream {
    let krate = context.krate;
    let (mut names, mut operands) = (Vec::new(), Vec::new());
    for value in &operation.operands {
        let ty = context.wire_type(*value, Span::call_site());
        match value {
            Value::Input(index) => {
                let name = &context.graph.inputs[*index].name;
                names.push(super::plain(name));
                operands.push(quote!(#krate::operands::Operand::of(inputs.#name)));
            }
            Value::Operation(_) => {
                names.push(String::new());
                operands.push(quote!(#krate::operands::Operand::of::<#ty>(&[])));
            }
        }
    }
    quote!(#layer::check(&[#(#operands),*]).map_err(|(operand, error)| ([#(#names),*][operand], error))?;)
}

/// `fn update_state`.
pub fn update_state(context: &Context<'_>) -> TokenStream {
    let steps = context.layer_operations().filter_map(|operation| {
        let Kind::Layer { layer, .. } = operation.kind else { return None };
        let (field, call, value) = (&context.graph.layers[layer], context.layer_trait(operation), &operation.value);
        let name = &field.name;
        (!field.frozen).then(|| quote!(#call::update_state(&mut self.#name, samples, saved.#value);))
    });
    quote! {
        fn update_state(&mut self, samples: usize, memory: &mut [f32]) {
            let (_, rest) = __Wires::split(memory, samples);
            let saved = __Saved::split(rest, samples, true);
            #(#steps)*
        }
    }
}
