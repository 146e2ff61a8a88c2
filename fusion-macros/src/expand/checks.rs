//! The checks that fail a compilation with a layer's own words.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::{Context, plain};
use crate::flat::{Origin, Source, StepKind, Wire};
use crate::resolve::{Field, Kind, Operation, Value};
use crate::syntax::Input;
use crate::text;

/// One constant for each thing that can be wrong, named so that the compiler's label reads well.
pub fn checks(context: &Context<'_>) -> TokenStream {
    let steps = context.graph.operations.iter().filter(|operation| !operation.tainted);
    let checks = groups(steps).into_iter().map(|uses| match uses[0].kind {
        Kind::Layer { .. } => layer_checks(context, &uses),
        Kind::Part => TokenStream::new(),
        Kind::Copy => copy_check(context, uses[0]),
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

/// What a block makes of the same words is checked in one place, so that a mistake of it is said once.
fn groups<'a>(operations: impl Iterator<Item = &'a Operation<'a>>) -> Vec<Vec<&'a Operation<'a>>> {
    let (mut groups, mut known): (Vec<Vec<&Operation<'_>>>, HashMap<usize, usize>) = (Vec::new(), HashMap::new());
    for operation in operations {
        let node = operation.origin().filter(|origin| origin.uses.is_some()).map(|origin| origin.node);
        match node.and_then(|node| known.get(&node)) {
            Some(group) => groups[*group].push(operation),
            None => {
                known.extend(node.map(|node| (node, groups.len())));
                groups.push(vec![operation]);
            }
        }
    }
    groups
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
    carries_numbers(context, operation, operation.operands[0], &text::of(&wire.written), &wire.place)
}

/// An output that a layer gives carries numbers too.
fn output_check(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let (Kind::Layer { .. }, Some(step)) = (operation.kind, operation.chain.steps.last()) else {
        return TokenStream::new();
    };
    let index = context.graph.operations.iter().position(|other| std::ptr::eq(other, operation)).unwrap_or(0);
    carries_numbers(context, operation, Value::Operation(index), &text::of(&step.written), &step.written)
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
    if let Some(before) = operation.position.checked_sub(2) {
        let step = &operation.chain.steps[before].written;
        return (step.clone(), format!("`{}`", text::of(step)));
    }
    match &operation.chain.source {
        Source::Merge(merge) => (merge.call.clone(), format!("`{}`", text::of(&merge.call))),
        Source::Named { call, .. } => (call.clone(), format!("`{}`", text::of(call))),
        Source::Wire(_) if context.declaration.sequential && operation.operands[0] == Value::Input(0) => {
            (context.graph.inputs[0].shape.written.clone(), "the input".to_owned())
        }
        Source::Unknown => (TokenStream::new(), String::new()),
        Source::Wire(wire) => (wire.place.clone(), wire_words(context, wire, operation.operands[0])),
    }
}

/// "input `a`", "branch `x` (`Dense<32, 8>`)"; what a block calls a wire, or an expression, by itself.
fn wire_words(context: &Context<'_>, wire: &Wire, value: Value) -> String {
    let written = text::of(&wire.written);
    match value {
        _ if !wire.declared => format!("`{written}`"),
        Value::Input(_) => format!("input `{written}`"),
        Value::Operation(index) => match context.graph.operations[index].chain.steps.last() {
            Some(step) => format!("branch `{written}` (`{}`)", text::of(&step.written)),
            None => format!("branch `{written}`"),
        },
    }
}

/// The step's tokens as text, which merges its inputs come from, and by which uses of blocks it is there.
fn written(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>) -> TokenStream {
    let (layer, source) = (text::of(&field.written), source(context, operation).1);
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
    let in_parts = operation.parts().map(|_| quote!(.in_parts()));
    let used = operation.origin().and_then(Origin::words).map(|words| quote!(.used(#words)));
    quote!(#written #in_parts #used)
}

/// The checks of a layer, all uses of it that a block makes together: of its input, and of each of its options.
fn layer_checks(context: &Context<'_>, uses: &[&Operation<'_>]) -> TokenStream {
    let fields: Vec<(&Operation<'_>, &Field<'_>)> =
        uses.iter().filter_map(|operation| Some((*operation, context.field(operation)?))).collect();
    let Some((first, _)) = fields.first() else { return TokenStream::new() };
    let label = &first.label;
    let steps = fields.iter().enumerate().map(|(index, (operation, field))| {
        let (step, written) = (step_name(index, uses.len()), written(context, operation, field));
        quote!(const #step: __Written = #written;)
    });
    let options = option_checks(context, &fields);
    let checks = fields.iter().enumerate().map(|(index, (operation, field))| {
        let check = layer_check(context, operation, field, &step_name(index, uses.len()));
        if uses.len() > 1 { quote!({ #check };) } else { check }
    });
    quote! {
        const #label: () = {
            #(#steps)*
            #options
            #(#checks)*
        };
    }
}

/// `STEP`, or `STEP_1` of several.
fn step_name(index: usize, count: usize) -> Ident {
    if count > 1 { format_ident!("STEP_{}", index + 1) } else { Ident::new("STEP", Span::call_site()) }
}

/// The check of one use.
fn layer_check(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>, words: &Ident) -> TokenStream {
    let (output, inputs) = (context.output(operation), context.inputs_type(operation, Span::call_site()));
    let step = context.step_type(operation);
    let whole = quote!(&#output, &#words, #step::TRAINS);
    let twin = context.twin(field).filter(|first| !std::ptr::eq(*first, field));
    let same = twin.and_then(|first| context.first_call(first)).map(|call| {
        let first = context.step_type(call);
        call_at(
            quote!(check_use::<#inputs>),
            &quote!(&#words, #first::IS_LAYER, #step::IS_LAYER),
            &operation_tokens(operation),
        )
    });
    let check = if operation.is_merge() {
        call_at(quote!(check::<#inputs>), &whole, &field.written)
    } else {
        check_with_note(&operation_tokens(operation), &source(context, operation).0, [&inputs, &output], &whole, words)
    };
    let parts = operation.parts().map(|(names, written)| {
        let parts = call_at(quote!(check_parts), &quote!(&#output, &#words, &[#(#names),*]), written);
        quote!(#parts;)
    });
    let same = same.map(|same| quote!(#same;));
    quote!(#same #parts #check)
}

/// What the user wrote for a step.
fn operation_tokens(operation: &Operation<'_>) -> TokenStream {
    operation.step().map(|step| step.written.clone()).unwrap_or_default()
}

/// A check for each option. A shared layer's options are checked where it is declared, once.
fn option_checks(context: &Context<'_>, uses: &[(&Operation<'_>, &Field<'_>)]) -> TokenStream {
    let first = |(operation, field): &(&Operation<'_>, &Field<'_>)| {
        context.first_call(field).is_some_and(|call| std::ptr::eq(call, *operation))
    };
    let Some((operation, field)) = uses.first() else { return TokenStream::new() };
    let options = field.layer.all_options();
    let names: Vec<String> = options.iter().filter_map(|option| Some(option.name.as_ref()?.to_string())).collect();
    // What an expression stands for has no options of the user's: all of it is at fault.
    let whole = operation.step().filter(|step| matches!(step.kind, StepKind::Builtin)).map(|step| &step.written);
    let checks = options.iter().enumerate().map(|(index, option)| {
        let name = option.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let label = format_ident!("option_{}", index + 1);
        let place = whole.cloned().unwrap_or_else(|| option.written());
        let calls = uses.iter().enumerate().filter(|(_, call)| first(call)).map(|(index, (operation, _))| {
            let (output, step) = (context.output(operation), step_name(index, uses.len()));
            let inputs = context.inputs_type(operation, Span::call_site());
            call_at(quote!(check_option::<#inputs>), &quote!(&#output, &#step, #name, &[#(#names),*]), &place)
        });
        let calls: Vec<TokenStream> = calls.collect();
        if calls.is_empty() { TokenStream::new() } else { quote!(const #label: () = { #(#calls);* };) }
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
    words: &Ident,
) -> TokenStream {
    let function = Ident::new("the_input_comes_from_here", text::ends(source).0);
    let inner = call_at(quote!(check_input::<#inputs>), &quote!(&#output, &#words), source);
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
