//! The checks that fail a compilation with a layer's own words.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::Context;
use super::shapes::{merge_fit_name, merge_type, parts};
use crate::parse::{Input, LayerOption, Source};
use crate::resolve::{Field, Kind, Operation, Value};
use crate::text;

/// One constant for each thing that can be wrong, named so that the compiler's label reads well.
pub fn checks(context: &Context<'_>) -> TokenStream {
    let checks =
        context.graph.operations.iter().filter(|operation| !operation.tainted).map(|operation| match &operation.kind {
            Kind::Layer { layer, .. } => layer_checks(context, operation, &context.graph.layers[*layer]),
            Kind::Merge { options, .. } => merge_checks(context, operation, options),
            Kind::Copy => copy_check(context, operation),
        });
    let inputs = context.graph.inputs.iter().enumerate().map(|(index, input)| input_check(context, index, input));
    let (imports, krate) = (context.imports(), context.krate);
    quote! {
        #[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
        const _: () = {
            #imports
            #[allow(unused_imports)]
            use #krate::site::{
                check as __check, check_input as __check_input, check_merge as __check_merge,
                check_option as __check_option, check_output as __check_output, check_sizes as __check_sizes,
            };
            #(#inputs)*
            #(#checks)*
        };
    }
}

/// An input has no dimension of 0.
fn input_check(context: &Context<'_>, index: usize, input: &Input) -> TokenStream {
    let krate = context.krate;
    let ty = context.wire_type(Value::Input(index), Span::call_site());
    let label = Ident::new(&format!("{}_{}", context.name, super::plain(&input.name)), Span::call_site());
    let name = super::plain(&input.name);
    check_at(&label, &input.shape.written, &quote!(__check_sizes), &quote!(&<#ty as #krate::Tensor>::SHAPE, #name))
}

/// An output that is a wire as it is carries numbers.
fn copy_check(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let Source::Wire(wire) = &operation.chain.source else { return TokenStream::new() };
    let krate = context.krate;
    let ty = context.wire_type(operation.operands[0], Span::call_site());
    let name = super::plain(wire);
    check_at(
        &operation.label,
        &wire.to_token_stream(),
        &quote!(__check_output),
        &quote!(&#krate::site::Part::of::<#ty>(#name)),
    )
}

/// Where an operation's input was written, and what to call it.
fn source(context: &Context<'_>, operation: &Operation<'_>) -> (TokenStream, String) {
    if operation.position > 1 {
        let step = operation.chain.steps[operation.position - 2].layer.written();
        let words = format!("`{}`", text::of(&step));
        return (step, words);
    }
    match &operation.chain.source {
        Source::Merge { call, .. } => (call.clone(), format!("`{}`", text::of(call))),
        Source::Named { call, .. } => (call.clone(), format!("`{}`", text::of(call))),
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

/// The constant `SITE` of a step: its tokens as text.
fn site(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>, source: &str) -> TokenStream {
    let krate = context.krate;
    let layer = text::of(&field.layer.path);
    let arguments = field.layer.arguments.iter().flat_map(|arguments| arguments.args.iter().map(text::of));
    let options = field.layer.options_group.as_ref().map(text::of).unwrap_or_default();
    let merge = match operation.operands[0] {
        Value::Operation(index) if operation.position == 1 => Some(&context.graph.operations[index]),
        _ => None,
    };
    let merge =
        merge.filter(|merge| matches!(merge.kind, Kind::Merge { .. }) && std::ptr::eq(merge.chain, operation.chain));
    let parts = merge.map(|merge| parts(context, merge));
    let sign = merge.map_or_else(
        || quote!(""),
        |merge| {
            let merge = merge_type(context, merge);
            quote!(<#merge as #krate::merges::Merge>::SIGN)
        },
    );
    quote! {
        const SITE: &#krate::site::Site<'_> = &#krate::site::Site {
            layer: #layer,
            arguments: &[#(#arguments),*],
            options: #options,
            source: #source,
            parts: &[#parts],
            sign: #sign,
        };
    }
}

/// The check of a layer's input, and one for each of its options.
fn layer_checks(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>) -> TokenStream {
    let (krate, layer) = (context.krate, context.layer_trait(operation));
    let (source_tokens, source_words) = source(context, operation);
    let site = site(context, operation, field, &source_words);
    let input = context.wire_type(operation.operands[0], Span::call_site());
    let arguments = quote!(&#layer::FIT, &<#input as #krate::Tensor>::SHAPE, SITE);
    let step = &operation.chain.steps[operation.position - 1].layer;
    let (label, check) = (&operation.label, check_with_note(&step.written(), &source_tokens, &arguments));
    let check = match merges_fit(context, operation) {
        Some(fit) => quote!(if #fit { #check }),
        None => check,
    };
    let names: Vec<String> =
        field.layer.options.iter().filter_map(|option| Some(option.name.as_ref()?.to_string())).collect();
    // A shared layer's options are checked where it is declared, once.
    let first = context.first_call(field).is_some_and(|call| std::ptr::eq(call, operation));
    let options = field.layer.options.iter().enumerate().filter(|_| first).map(|(index, option)| {
        let name = option.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let label = Ident::new(&format!("{}_option_{}", operation.label, index + 1), Span::call_site());
        let check = call_at(quote!(__check_option), &quote!(#arguments, #name, &[#(#names),*]), &option.written());
        quote!(const #label: () = { #site #check };)
    });
    quote! {
        const #label: () = { #site #check };
        #(#options)*
    }
}

/// The check of a merge's operands, and one for each of its options.
fn merge_checks(context: &Context<'_>, operation: &Operation<'_>, options: &[LayerOption]) -> TokenStream {
    let Source::Merge { call, .. } = &operation.chain.source else { return TokenStream::new() };
    let (shapes, fit) = (context.shapes(), merge_fit_name(operation));
    let fit = quote!(#shapes::#fit);
    let check = check_at(&operation.label, call, &quote!(__check_merge), &quote!(&#fit, ""));
    let options = options.iter().enumerate().filter_map(|(index, option)| {
        let name = option.name.as_ref()?.to_string();
        let label = Ident::new(&format!("{}_option_{}", operation.label, index + 1), Span::call_site());
        Some(check_at(&label, &option.written(), &quote!(__check_merge), &quote!(&#fit, #name)))
    });
    quote!(#check #(#options)*)
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

/// A check at one place.
fn check_at(label: &Ident, tokens: &TokenStream, check: &TokenStream, arguments: &TokenStream) -> TokenStream {
    let call = call_at(check.clone(), arguments, tokens);
    quote!(const #label: () = #call;)
}

/// A check at a layer, with a note at what gives it its input: the compiler shows where a function
/// was called, which is the layer, and where it failed, which is the source. What is wrong whatever
/// the input has no note.
fn check_with_note(tokens: &TokenStream, source: &TokenStream, arguments: &TokenStream) -> TokenStream {
    let function = Ident::new("the_input_comes_from_here", text::ends(source).0);
    let inner = call_at(quote!(__check_input), arguments, source);
    let outer = call_at(quote!(the_input_comes_from_here), &TokenStream::new(), tokens);
    let whatever_the_input = call_at(quote!(__check), arguments, tokens);
    quote! {
        const fn #function() {
            #inner
        }
        #outer;
        #whatever_the_input
    }
}

/// Whether the merges that a step takes its input from are right: after a wrong one, no shape says
/// anything.
fn merges_fit(context: &Context<'_>, operation: &Operation<'_>) -> Option<TokenStream> {
    let shapes = context.shapes();
    let merges = operation.operands.iter().filter_map(|value| match value {
        Value::Operation(index) => Some(&context.graph.operations[*index]),
        Value::Input(_) => None,
    });
    let merges = merges.filter(|operation| matches!(operation.kind, Kind::Merge { .. })).map(merge_fit_name);
    let fits: Vec<TokenStream> = merges.map(|fit| quote!(#shapes::#fit.mistake.is_none())).collect();
    (!fits.is_empty()).then(|| quote!(#(#fits)&&*))
}
