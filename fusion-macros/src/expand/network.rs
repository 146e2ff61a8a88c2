//! What a model is and needs: its weights, its memory, its batches.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::{Context, graph, nested, passes};
use crate::resolve::Value;

/// All implementations, in a scope of their own.
pub fn implementation(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let (parameters, wires, network) = (parameters(context), passes::wires(context), network(context));
    let layers = nested::layers(context);
    let imports = context.imports();
    quote! {
        #[allow(non_snake_case, unused_variables, unused_mut, clippy::all, clippy::pedantic)]
        const _: () = {
            #imports
            #parameters
            #wires
            #network
            #layers
            impl #krate::Model for #name {
                type Network = Self;
                fn network(&self) -> &Self {
                    self
                }
                fn network_mut(&mut self) -> &mut Self {
                    self
                }
            }
        };
    }
}

/// The weights, layer by layer.
fn parameters(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let fields: Vec<&Ident> = context.fields().map(|field| &field.name).collect();
    let names: Vec<String> = fields.iter().map(|field| super::plain(field)).collect();
    let layers: Vec<TokenStream> =
        context.fields().filter_map(|field| context.first_call(field)).map(|call| context.layer_trait(call)).collect();
    let frozen: Vec<TokenStream> =
        context.fields().map(|field| if field.frozen { quote!(.frozen()) } else { quote!() }).collect();
    let non_trainable: Vec<TokenStream> = context
        .fields()
        .zip(&layers)
        .map(|(field, layer)| if field.frozen { quote!(#layer::WEIGHTS) } else { quote!(#layer::STATE) })
        .collect();
    let types: Vec<Ident> = context.fields().map(|field| context.layer_type(field, Span::call_site())).collect();
    let bindings: Vec<Ident> = (0..fields.len()).map(|index| quote::format_ident!("field_{}", index)).collect();
    let class = if context.declaration.sequential { "Sequential" } else { "Functional" };
    quote! {
        // SAFETY: every field is a layer, and layers are plain data (`Parameters: Plain`).
        unsafe impl #krate::Plain for #name {}
        // An attribute of the user's sees the struct after this macro: what it adds or changes is refused here.
        const _: fn(&#name) = |this| {
            let #name { #(#fields: #bindings),* } = this;
            #(let _: &#types = #bindings;)*
        };
        impl #krate::Configured for #name {
            type Options = #krate::NoOptions;
            const DEFAULT: #krate::NoOptions = #krate::NoOptions;
            const CLASS: &'static str = #class;
            const NESTED: ::core::option::Option<&'static #krate::Graph> = ::core::option::Option::Some(<Self as #krate::Network>::GRAPH);
        }
        impl #krate::Parameters for #name {
            const COUNT: usize = 0 #(+ #layers::WEIGHTS)*;
            const NON_TRAINABLE: usize = 0 #(+ #non_trainable)*;
            const SPARSE: bool = false #(|| #layers::ROWS)*;
            fn walk<const K: usize>(mut these: [&mut Self; K], path: &#krate::Path<'_>, visit: &mut #krate::parameters::Visit<'_, K>) {
                #(#layers::walk_weights(these.each_mut().map(|this| &mut this.#fields), &path.layer(#names)#frozen, visit);)*
            }
            fn walk_ref(&self, path: &#krate::Path<'_>, visit: &mut dyn ::core::ops::FnMut(&#krate::Parameter<'_>, &[f32])) {
                #(#layers::walk_weights_ref(&self.#fields, &path.layer(#names)#frozen, visit);)*
            }
        }
    }
}

fn network(context: &Context<'_>) -> TokenStream {
    let (krate, name) = (context.krate, context.name);
    let (one, many, gradients, output) =
        (context.named("Input"), context.named("Inputs"), context.named("InputGradients"), context.named("Output"));
    let (constants, batches, outputs) = (constants(context), batches(context), outputs(context));
    let (forward, backward, update_state) =
        (passes::forward(context), passes::backward(context), passes::update_state(context));
    let graph = graph::graph(context);
    let plain_output = (context.graph.outputs.len() > 1).then(|| {
        quote! {
            // SAFETY: every field is an array of numbers.
            unsafe impl #krate::Plain for #output {}
        }
    });
    quote! {
        #plain_output
        impl #krate::Network for #name {
            type Input<'a> = #one<'a>;
            type Inputs<'a> = #many<'a>;
            type InputGradients<'a> = #gradients<'a>;
            type Output = #output;
            const GRAPH: &'static #krate::Graph = #graph;
            #constants
            #batches
            #forward
            #backward
            #update_state
            #outputs
        }
    }
}

/// What a pass needs, summed up over the steps.
fn constants(context: &Context<'_>) -> TokenStream {
    let krate = context.krate;
    let inputs = context.graph.inputs.iter().map(|input| super::plain(&input.name));
    let outputs = context.graph.outputs.iter().map(|(name, _)| super::plain(name));
    let layers: Vec<TokenStream> = context.layer_operations().map(|operation| context.layer_trait(operation)).collect();
    let parts = context.graph.inputs.iter().enumerate().map(|(index, input)| {
        let (ty, name) = (context.wire_type(Value::Input(index), Span::call_site()), super::plain(&input.name));
        quote!(#krate::site::Part::of::<#ty>(#name))
    });
    let operands = context.graph.order.iter().map(|index| {
        let types =
            context.graph.operations[*index].operands.iter().map(|value| context.wire_type(*value, Span::call_site()));
        quote!(0 #(+ <#types as #krate::Tensor>::SHAPE.length())*)
    });
    let probabilities = (0..context.graph.outputs.len()).map(|output| match context.graph.source(output) {
        Some(operation) => {
            let layer = context.layer_trait(&context.graph.operations[operation]);
            let first = context.graph.output_of(operation);
            quote!(if #layer::PROBABILITIES { ::core::option::Option::Some(#first) } else { ::core::option::Option::None })
        }
        None => quote!(::core::option::Option::None),
    });
    quote! {
        const PROBABILITIES: &'static [::core::option::Option<usize>] = &[#(#probabilities),*];
        const INPUT_PARTS: &'static [#krate::site::Part] = &[#(#parts),*];
        const INPUT_NAMES: &'static [&'static str] = &[#(#inputs),*];
        const OUTPUT_NAMES: &'static [&'static str] = &[#(#outputs),*];
        const WIRES: #krate::network::Floats = #krate::network::wires(&__Wires::LENGTHS, &__Saved::MEMORY, true);
        const INFERENCE_WIRES: #krate::network::Floats =
            #krate::network::wires(&__Wires::LENGTHS, &__Saved::MEMORY, false);
        const WIRES_OF_ONE: usize = #krate::network::wires_of_one(&__Wires::LENGTHS, &__Saved::MEMORY);
        const SCRATCH: #krate::network::Floats = #krate::network::scratch(&__Saved::MEMORY);
        const GRADIENTS: #krate::network::Floats =
            #krate::network::gradients(&__Wires::LENGTHS, &[#(#operands),*]);
        const BACKWARD_SCRATCH: #krate::network::Floats = #krate::network::backward_scratch(&__Saved::MEMORY);
        const MULTIPLICATIONS: usize = 0 #(+ #layers::MULTIPLICATIONS)*;
        const COUPLES_SAMPLES: bool = false #(|| #layers::COUPLES_SAMPLES)*;
        fn with_memory_of_one<R>(call: impl ::core::ops::FnOnce(&mut [f32]) -> R) -> R {
            #krate::memory::with_floats::<FLOATS_OF_ONE, R>(call)
        }
    }
}

/// What is done to a batch of inputs as a whole.
fn batches(context: &Context<'_>) -> TokenStream {
    let (krate, many) = (context.krate, context.named("Inputs"));
    let names: Vec<&Ident> = context.graph.inputs.iter().map(|input| &input.name).collect();
    let places: Vec<syn::Index> = (0..names.len()).map(syn::Index::from).collect();
    let types: Vec<Ident> =
        (0..names.len()).map(|index| context.wire_type(Value::Input(index), Span::call_site())).collect();
    let checks = context.layer_operations().filter_map(|operation| {
        let layer = context.layer_trait(operation);
        if operation.takes_names() {
            return Some(passes::check_of_named(context, operation, &layer));
        }
        let Value::Input(input) = operation.operands[0] else { return None };
        let input = names[input];
        let name = super::plain(input);
        Some(quote!(#layer::check(inputs.#input).map_err(|error| (#name, error))?;))
    });
    let gradients = context.named("InputGradients");
    quote! {
        type Buffers = __Buffers;
        fn inputs<'a>(operand: &mut dyn ::core::ops::FnMut(usize) -> #krate::operands::Operand<'a>) -> #many<'a> {
            #many { #(#names: operand(#places).rows()),* }
        }
        fn input_gradients<'a>(
            gradient: &mut dyn ::core::ops::FnMut(usize) -> ::core::option::Option<&'a mut [f32]>,
        ) -> #gradients<'a> {
            #gradients { #(#names: gradient(#places).map(#krate::network::gradient_rows::<#types>)),* }
        }
        fn one(input: Self::Input<'_>) -> Self::Inputs<'_> {
            #many { #(#names: ::core::slice::from_ref(input.#names)),* }
        }
        fn counts(inputs: &Self::Inputs<'_>, count: &mut dyn ::core::ops::FnMut(usize)) {
            #(count(inputs.#names.len());)*
        }
        fn numbers<'a>(inputs: &Self::Inputs<'a>, visit: &mut dyn ::core::ops::FnMut(&'a [f32])) {
            #(visit(#krate::Tensor::numbers(inputs.#names));)*
        }
        fn slice(inputs: Self::Inputs<'_>, samples: ::core::ops::Range<usize>) -> Self::Inputs<'_> {
            #many { #(#names: &inputs.#names[samples.clone()]),* }
        }
        fn check(inputs: Self::Inputs<'_>) -> ::core::result::Result<(), (&'static str, #krate::InputError)> {
            #(#checks)*
            ::core::result::Result::Ok(())
        }
        fn gather(inputs: Self::Inputs<'_>, order: &[usize], buffers: &mut Self::Buffers) {
            #(buffers.#names.gather(inputs.#names, order);)*
        }
        fn gathered(buffers: &Self::Buffers) -> Self::Inputs<'_> {
            #many { #(#names: buffers.#names.rows()),* }
        }
    }
}

/// Where the outputs stand: they are the first of the wires.
fn outputs(context: &Context<'_>) -> TokenStream {
    let (krate, output) = (context.krate, context.named("Output"));
    let names: Vec<&Ident> = context.graph.outputs.iter().map(|(name, _)| *name).collect();
    let types: Vec<Ident> = context
        .graph
        .outputs
        .iter()
        .map(|(_, operation)| context.wire_type(Value::Operation(*operation), Span::call_site()))
        .collect();
    let pieces: Vec<Ident> = (0..names.len()).map(|index| quote::format_ident!("piece_{}", index)).collect();
    let lengths: Vec<TokenStream> =
        types.iter().map(|ty| quote!(<#ty as #krate::Tensor>::SHAPE.length() * samples)).collect();
    let (zero, read) = match names.as_slice() {
        [_] => (quote!(#(<#types as #krate::Tensor>::ZERO)*), quote!(outputs.copy_from_slice(#(#pieces)*);)),
        _ => (
            quote!(#output { #(#names: <#types as #krate::Tensor>::ZERO),* }),
            quote! {
                for (index, output) in outputs.iter_mut().enumerate() {
                    *output = #output { #(#names: #pieces[index]),* };
                }
            },
        ),
    };
    quote! {
        type Outputs = (#(#types,)*);
        const ZERO_OUTPUT: #output = #zero;
        fn outputs(wires: &[f32], samples: usize) -> (#(&[#types],)*) {
            #(let (#pieces, wires) = #krate::memory::piece_ref(wires, #lengths);)*
            (#(<#types as #krate::Tensor>::rows(#pieces),)*)
        }
        fn output_gradients(gradients: &mut [f32], samples: usize) -> (#(&mut [#types],)*) {
            #(let (#pieces, gradients) = #krate::memory::piece(gradients, #lengths);)*
            (#(<#types as #krate::Tensor>::rows_mut(#pieces),)*)
        }
        fn read_outputs(wires: &[f32], outputs: &mut [#output]) {
            let (#(#pieces,)*) = Self::outputs(wires, outputs.len());
            #read
        }
    }
}
