//! The types of layers and wires, and the shapes that they are made of.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
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
        #[allow(non_camel_case_types)]
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
pub fn merge_fit_name(operation: &Operation<'_>) -> Ident {
    Ident::new(&format!("fit_of_{}", super::plain(&operation.value)), Span::call_site())
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
pub fn parts(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
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
            let (ty, name) = (context.wire_type(*value, Span::call_site()), super::plain(name));
            quote!(#krate::site::Part::of::<#ty>(#name),)
        })
        .collect()
}
