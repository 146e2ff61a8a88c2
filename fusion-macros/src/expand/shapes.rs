//! The types of layers and wires, and the checks that fail a compilation with a layer's own words.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::VisitMut;

use super::Context;
use crate::parse::{Input, LayerOption, Source};
use crate::resolve::{Field, Kind, Operation, Value};
use crate::text;

/// Type aliases for every layer and wire, and the shapes that they are made of.
pub fn types(context: &Context<'_>) -> TokenStream {
    let inputs = context.graph.inputs.iter().enumerate().map(|(index, input)| input_type(context, index, input));
    let layers = context.fields().map(|field| layer_type(context, field));
    let wires =
        context.graph.operations.iter().enumerate().map(|(index, operation)| wire_type(context, index, operation));
    let shapes = context.graph.operations.iter().map(|operation| shape(context, operation));
    let operands = context
        .graph
        .operations
        .iter()
        .filter(|operation| operation.takes_names())
        .map(|operation| operands(context, operation));
    let (carrier, imports) = (context.shapes(), context.imports());
    quote! {
        #(#inputs)*
        #(#layers)*
        #(#wires)*
        #(#operands)*
        #[doc(hidden)]
        struct #carrier;
        #[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
        const _: () = {
            #imports
            impl #carrier {
                #(#shapes)*
            }
        };
    }
}

/// `[f32; 28, 28, 1]` is `[[[f32; 1]; 28]; 28]`.
fn input_type(context: &Context<'_>, index: usize, input: &Input) -> TokenStream {
    let alias = context.wire_type(Value::Input(index), input.name.span());
    let element = Ident::new(&input.shape.element.to_string(), input.shape.element.span());
    let mut ty = quote!(::core::primitive::#element);
    for dimension in input.shape.dimensions.iter().rev() {
        ty = quote!([#ty; #dimension]);
    }
    quote! {
        #[allow(non_camel_case_types)]
        type #alias = #ty;
    }
}

/// The alias is the one place where the user's type stands, so that an unknown type is one error.
fn layer_type(context: &Context<'_>, field: &Field<'_>) -> TokenStream {
    let (span, _) = text::ends(&field.layer.ty());
    let alias = context.layer_type(field, Span::call_site());
    let (path, mut arguments) = (&field.layer.path, field.layer.arguments.clone());
    if let (Some(arguments), Some(call)) = (&mut arguments, context.first_call(field)) {
        let (input, krate) = (context.wire_type(call.operands[0], span), context.krate);
        let features = quote_spanned!(span=> { <#input as #krate::Tensor>::SHAPE.last() });
        FillUnderscores(features).visit_angle_bracketed_generic_arguments_mut(arguments);
    }
    let options = options(context, field);
    quote! {
        #[allow(non_camel_case_types)]
        type #alias = #path #arguments;
        #options
    }
}

/// `_` is the number of features that reach the layer.
struct FillUnderscores(TokenStream);

impl VisitMut for FillUnderscores {
    fn visit_generic_argument_mut(&mut self, argument: &mut syn::GenericArgument) {
        if let syn::GenericArgument::Type(syn::Type::Infer(_)) = argument {
            let features = &self.0;
            *argument = syn::parse_quote!(#features);
        } else {
            syn::visit_mut::visit_generic_argument_mut(self, argument);
        }
    }
}

/// `.strides(2).padding(Padding::Same)`, each at the user's word.
fn builder_calls(options: &[LayerOption]) -> TokenStream {
    options
        .iter()
        .map(|option| {
            let value = &option.value;
            let method = match &option.name {
                Some(name) => name.clone(),
                None => Ident::new("positional", text::ends(value).0),
            };
            let span = method.span();
            let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#value));
            arguments.set_span(text::ends(value).1);
            quote_spanned!(span=> .#method #arguments)
        })
        .collect()
}

fn options(context: &Context<'_>, field: &Field<'_>) -> TokenStream {
    if field.layer.options.is_empty() {
        return TokenStream::new();
    }
    let (span, _) = text::ends(&field.layer.ty());
    let carrier = context.options_type(field, Span::call_site());
    let (alias, krate) = (context.layer_type(field, span), context.krate);
    let calls = builder_calls(&field.layer.options);
    let configured = quote_spanned!(span=> <#alias as __Configured>);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        struct #carrier;
        const _: () = {
            use #krate::Configured as __Configured;
            impl #krate::OptionsOf<#alias> for #carrier {
                const VALUE: #configured::Options = #configured::DEFAULT #calls;
            }
        };
    }
}

/// `<f32 as OfShape<…>>::Tensor`.
fn wire_type(context: &Context<'_>, index: usize, operation: &Operation<'_>) -> TokenStream {
    let (krate, shapes, value) = (context.krate, context.shapes(), &operation.value);
    let alias = context.wire_type(Value::Operation(index), Span::call_site());
    quote! {
        #[allow(non_camel_case_types)]
        type #alias = <::core::primitive::f32 as #krate::OfShape<
            { #shapes::#value.rank },
            { #shapes::#value.dims[0] },
            { #shapes::#value.dims[1] },
            { #shapes::#value.dims[2] },
            { #shapes::#value.dims[3] },
        >>::Tensor;
    }
}

/// The shape of an operation's value. It never fails: a mistake is the check's to report.
fn shape(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let (krate, value) = (context.krate, &operation.value);
    let shape = match &operation.kind {
        Kind::Layer { .. } => {
            let layer = context.layer_trait(operation);
            quote!(#layer::FIT.output)
        }
        Kind::Merge { .. } => {
            let (fit, constant) = (merge_fit_name(operation), merge_options_name(operation));
            let parts = parts(context, operation);
            let (merge, options) = (merge_type(context, operation), merge_options(context, operation));
            return quote! {
                const #constant: <#merge as #krate::merges::Merge>::Options = #options;
                const #fit: #krate::merges::MergeFit = #merge::fit(&[#parts], Self::#constant);
                const #value: #krate::Shape = Self::#fit.output;
            };
        }
        Kind::Copy => {
            let input = context.wire_type(operation.operands[0], Span::call_site());
            quote!(<#input as #krate::Tensor>::SHAPE)
        }
    };
    quote!(const #value: #krate::Shape = #shape;)
}

/// `merges::Concatenate`.
pub fn merge_type(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let krate = context.krate;
    let Kind::Merge { merge, .. } = &operation.kind else { return quote!(#krate::merges::Identity) };
    let name = merge.to_string();
    let (first, rest) = name.split_at(1);
    let ty = Ident::new(&format!("{}{rest}", first.to_uppercase()), Span::call_site());
    quote!(#krate::merges::#ty)
}

/// The constant that holds a merge's options.
pub fn merge_options_name(operation: &Operation<'_>) -> Ident {
    Ident::new(&format!("options_of_{}", super::plain(&operation.value)), Span::call_site())
}

fn merge_options(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let (krate, merge) = (context.krate, merge_type(context, operation));
    let Kind::Merge { options, .. } = &operation.kind else { return TokenStream::new() };
    let calls = builder_calls(options);
    quote!(<#merge as #krate::merges::Merge>::DEFAULT #calls)
}

/// The constant that says what a merge makes of its operands.
fn merge_fit_name(operation: &Operation<'_>) -> Ident {
    Ident::new(&format!("fit_of_{}", super::plain(&operation.value)), Span::call_site())
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

/// Carries what a step with several inputs is given, by the names that it knows them by.
fn operands(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let (krate, carrier) = (context.krate, context.operands_type(operation, Span::call_site()));
    let parts = parts(context, operation);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        struct #carrier;
        impl #krate::operands::Operands for #carrier {
            const PARTS: &'static [#krate::site::Part] = &[#parts];
        }
    }
}

/// The operands of a merge, or of a step with several inputs, by name.
fn parts(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let krate = context.krate;
    let names: Vec<&Ident> = match (&operation.kind, &operation.chain.source) {
        (Kind::Merge { operands, .. }, _) => operands.iter().collect(),
        (_, Source::Named { operands, .. }) => {
            operands.iter().map(|(name, wire)| name.as_ref().unwrap_or(wire)).collect()
        }
        _ => Vec::new(),
    };
    names
        .into_iter()
        .zip(&operation.operands)
        .map(|(name, value)| {
            let (ty, name) = (context.wire_type(*value, Span::call_site()), name.to_string());
            quote!(#krate::site::Part::of::<#ty>(#name),)
        })
        .collect()
}

/// One constant for each thing that can be wrong, named so that the compiler's label reads well.
pub fn checks(context: &Context<'_>) -> TokenStream {
    let checks =
        context.graph.operations.iter().filter(|operation| !operation.tainted).map(|operation| match &operation.kind {
            Kind::Layer { layer, .. } => layer_checks(context, operation, &context.graph.layers[*layer]),
            Kind::Merge { options, .. } => merge_checks(context, operation, options),
            Kind::Copy => TokenStream::new(),
        });
    let (imports, krate) = (context.imports(), context.krate);
    quote! {
        #[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
        const _: () = {
            #imports
            #[allow(unused_imports)]
            use #krate::site::{
                check as __check, check_input as __check_input, check_merge as __check_merge,
                check_option as __check_option,
            };
            #(#checks)*
        };
    }
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
    let arguments =
        field.layer.arguments.iter().flat_map(|arguments| arguments.args.iter().map(|argument| text::of(argument)));
    let options = field.layer.options_group.as_ref().map(|group| text::of(group)).unwrap_or_default();
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
