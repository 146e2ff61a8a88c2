//! The checks that fail a compilation with a layer's own words.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};

use super::{Context, plain};
use crate::parse::{Input, Source};
use crate::resolve::{Field, Kind, Operation, Value};
use crate::text;

/// One constant for each thing that can be wrong, named so that the compiler's label reads well.
pub fn checks(context: &Context<'_>) -> TokenStream {
    let steps = context.graph.operations.iter().filter(|operation| !operation.tainted);
    let checks = steps.map(|operation| match operation.kind {
        Kind::Layer { layer } => layer_checks(context, operation, &context.graph.layers[layer]),
        Kind::Copy => copy_check(context, operation),
    });
    let inputs = context.graph.inputs.iter().enumerate().map(|(index, input)| input_check(context, index, input));
    let outputs = context.graph.outputs.iter().map(|(_, operation)| &context.graph.operations[*operation]);
    let outputs = outputs.filter(|operation| !operation.tainted).map(|operation| output_check(context, operation));
    let krate = context.krate;
    quote! {
        #[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use ::core::primitive::{bool, str, usize};
            #[allow(unused_imports)]
            use #krate::layer::messages::{WrittenHere as __Written, *};
            #[allow(unused_imports)]
            use #krate::model::NoLayer as _;
            #(#inputs)*
            #(#checks)*
            #(#outputs)*
        };
    }
}

/// An input has no dimension of 0.
fn input_check(context: &Context<'_>, index: usize, input: &Input) -> TokenStream {
    let krate = context.krate;
    let ty = context.wire_type(Value::Input(index), Span::call_site());
    let label = Ident::new(&format!("{}_{}", context.name, plain(&input.name)), Span::call_site());
    let name = plain(&input.name);
    let arguments = quote!(&#krate::layer::Wire::of::<#ty>(#name));
    let call = call_at(quote!(check_sizes), &arguments, &input.shape.written);
    quote!(const #label: () = #call;)
}

/// An output that is a wire as it is carries numbers.
fn copy_check(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let Source::Wire(wire) = &operation.chain.source else { return TokenStream::new() };
    carries_numbers(context, operation, operation.operands[0], &plain(wire), &wire.to_token_stream())
}

/// An output that a layer gives carries numbers too.
fn output_check(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let (Kind::Layer { .. }, Some(step)) = (operation.kind, operation.chain.steps.last()) else {
        return TokenStream::new();
    };
    let index = context.graph.operations.iter().position(|other| std::ptr::eq(other, operation)).unwrap_or(0);
    let written = step.layer.written();
    carries_numbers(context, operation, Value::Operation(index), &text::of(&written), &written)
}

fn carries_numbers(
    context: &Context<'_>,
    operation: &Operation<'_>,
    value: Value,
    name: &str,
    tokens: &TokenStream,
) -> TokenStream {
    let krate = context.krate;
    let ty = context.wire_type(value, Span::call_site());
    let label = Ident::new(&format!("{}_output", operation.label), Span::call_site());
    let call = call_at(quote!(check_output), &quote!(&#krate::layer::Wire::of::<#ty>(#name)), tokens);
    quote!(const #label: () = #call;)
}

/// Where an operation's input was written, and what to call it.
fn source(context: &Context<'_>, operation: &Operation<'_>) -> (TokenStream, String) {
    if operation.position > 1 {
        let step = operation.chain.steps[operation.position - 2].layer.written();
        let words = format!("`{}`", text::of(&step));
        return (step, words);
    }
    match &operation.chain.source {
        Source::Merge { call, .. } | Source::Named { call, .. } => (call.clone(), format!("`{}`", text::of(call))),
        Source::Wire(_) if context.declaration.sequential => {
            (context.graph.inputs[0].shape.written.clone(), "the input".to_owned())
        }
        Source::Unknown => (TokenStream::new(), String::new()),
        Source::Wire(wire) => {
            let words = match operation.operands[0] {
                Value::Input(_) => format!("input `{wire}`"),
                Value::Operation(index) => {
                    let chain = context.graph.operations[index].chain;
                    match chain.steps.last() {
                        Some(step) => format!("branch `{wire}` (`{}`)", text::of(&step.layer.written())),
                        None => format!("branch `{wire}`"),
                    }
                }
            };
            (wire.to_token_stream(), words)
        }
    }
}

/// The step's tokens as text, and which merges its inputs come from.
fn written(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>, source: &str) -> TokenStream {
    let layer = text::of(&field.written(&context.graph.operations));
    let mut written = quote!(written(#layer, #source));
    for value in &operation.operands {
        let Value::Operation(index) = value else { continue };
        let merge = &context.graph.operations[*index];
        if !merge.is_merge() {
            continue;
        }
        let output = context.output(merge);
        written = if std::ptr::eq(merge.chain, operation.chain) {
            let inputs = context.inputs_type(merge, Span::call_site());
            quote!(#written.after::<#inputs>(&#output))
        } else {
            quote!(#written.given(&#output))
        };
    }
    written
}

/// The check of a layer's input, and one for each of its options.
fn layer_checks(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>) -> TokenStream {
    let (source_tokens, source_words) = source(context, operation);
    let (output, inputs) = (context.output(operation), context.inputs_type(operation, Span::call_site()));
    let (written, step) = (written(context, operation, field, &source_words), context.step_type(operation));
    let label = &operation.label;
    let whole = quote!(&#output, &STEP, #step::TRAINS);
    let check = if operation.is_merge() {
        call_at(quote!(check::<#inputs>), &whole, &field.written(&context.graph.operations))
    } else {
        let tokens = operation.chain.steps[operation.position - 1].layer.written();
        check_with_note(&tokens, &source_tokens, [&inputs, &output], &whole)
    };
    let options = option_checks(context, operation, field, &inputs);
    quote! {
        const #label: () = {
            const STEP: __Written = #written;
            #options
            #check
        };
    }
}

/// A check for each option. A shared layer's options are checked where it is declared, once.
fn option_checks(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>, inputs: &Ident) -> TokenStream {
    if !context.first_call(field).is_some_and(|call| std::ptr::eq(call, operation)) {
        return TokenStream::new();
    }
    let options = &field.layer.options;
    let output = context.output(operation);
    let names: Vec<String> = options.iter().filter_map(|option| Some(option.name.as_ref()?.to_string())).collect();
    let checks = options.iter().enumerate().map(|(index, option)| {
        let name = option.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let label = format_ident!("option_{}", index + 1);
        let arguments = quote!(&#output, &STEP, #name, &[#(#names),*]);
        let check = call_at(quote!(check_option::<#inputs>), &arguments, &option.written());
        quote!(const #label: () = #check;)
    });
    checks.collect()
}

/// `path(arguments)` that the compiler underlines from the first of `tokens` to the last: the path
/// carries the first token's span and the parentheses the last one's.
fn call_at(path: TokenStream, arguments: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let (start, end) = text::ends(tokens);
    let path: TokenStream = path
        .into_iter()
        .map(|mut token: TokenTree| {
            token.set_span(start);
            token
        })
        .collect();
    let mut group = Group::new(Delimiter::Parenthesis, arguments.clone());
    group.set_span(end);
    quote!(#path #group)
}

/// A check at a layer, with a note at what gives it its input: the compiler shows where a function
/// was called, which is the layer, and where it failed, which is the source. What is wrong whatever
/// the input has no note.
fn check_with_note(
    tokens: &TokenStream,
    source: &TokenStream,
    [inputs, output]: [&Ident; 2],
    whole: &TokenStream,
) -> TokenStream {
    let function = Ident::new("the_input_comes_from_here", text::ends(source).0);
    let inner = call_at(quote!(check_input::<#inputs>), &quote!(&#output, &STEP), source);
    let outer = call_at(quote!(the_input_comes_from_here), &TokenStream::new(), tokens);
    let whatever_the_input = call_at(quote!(check::<#inputs>), whole, tokens);
    quote! {
        const fn #function() {
            #inner
        }
        #outer;
        #whatever_the_input
    }
}
