//! The types of layers and wires, and the options that layers are given.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::visit_mut::VisitMut;

use super::{Context, depth, ends_of, plain};
use crate::keras;
use crate::resolve::{Field, Operation, Value};
use crate::syntax::{Input, Layer, LayerOption, Within};
use crate::text;

/// Type aliases for every wire and for every layer.
pub fn types(context: &Context<'_>) -> TokenStream {
    let graph = context.graph;
    let inputs = graph.inputs.iter().enumerate().map(|(index, input)| input_type(context, index, input));
    let layers = context.fields().map(|field| layer_type(context, field));
    let named_first = depth::named_first(&graph.operations);
    let wires = graph.operations.iter().enumerate().map(|(index, operation)| {
        let first = named_first[index].iter().map(|index| Value::Operation(*index));
        wire_type(context, index, operation, first.collect())
    });
    quote! {
        #(#inputs)*
        #(#layers)*
        #(#wires)*
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
    let krate = context.krate;
    let alias = context.layer_type(field, Span::call_site());
    let span = ends_of(field).0;
    let features = context.first_call(field).map(|call| {
        let input = context.wire_type(call.operands[0], span);
        quote_spanned!(span=> <#input as #krate::Tensor>::SHAPE.last())
    });
    let options = options(context, field);
    if let Some(first) = context.twin(field) {
        let (family, open) = (context.part("Family", &first.name, Span::call_site()), has_underscore(field));
        let whole = std::ptr::eq(first, field).then(|| family_type(context, field, &family, open));
        let arguments = open.then(|| quote!(<{ #features }>));
        return quote! {
            #whole
            #[allow(non_camel_case_types)]
            type #alias = #family #arguments;
            #options
        };
    }
    // A constant of its own: rust-analyzer computes those, and no expression among a type's arguments.
    let named = context.part("Features", &field.name, Span::call_site());
    let constant = features.filter(|_| has_underscore(field)).map(|features| {
        quote! {
            #[allow(non_upper_case_globals)]
            const #named: ::core::primitive::usize = #features;
        }
    });
    let (within, mut ty) = type_of(context, field, &field.layer, 1, &named.to_token_stream(), None);
    if field.builtin {
        ty = quote!(#krate::layers::#ty);
    }
    quote! {
        #constant
        #within
        #[allow(non_camel_case_types)]
        type #alias = #ty;
        #options
    }
}

/// The type that all uses of a block give one of its layers; what `_` stands for differs between them.
fn family_type(context: &Context<'_>, field: &Field<'_>, family: &Ident, open: bool) -> TokenStream {
    let features = open.then(|| quote!(__FEATURES));
    let (within, ty) = type_of(context, field, &field.layer, 1, &quote!(__FEATURES), features);
    let generics = open.then(|| quote!(<const __FEATURES: ::core::primitive::usize>));
    quote! {
        #within
        #[allow(non_camel_case_types)]
        type #family #generics = #ty;
    }
}

/// The type of a layer, and an alias for a layer with options within, which is mentioned as the user wrote it only there.
fn type_of(
    context: &Context<'_>,
    field: &Field<'_>,
    layer: &Layer,
    depth: usize,
    features: &TokenStream,
    generic: Option<TokenStream>,
) -> (TokenStream, TokenStream) {
    let (path, mut arguments, mut aliases) = (&layer.path, layer.arguments.clone(), TokenStream::new());
    if let (Some(Within { place, layer: inner }), Some(arguments)) = (&layer.within, &mut arguments) {
        let (within, ty) = type_of(context, field, inner, depth + 1, features, generic.clone());
        let alias = within_type(context, field, depth);
        let generics = generic.as_ref().map(|generic| quote!(<const #generic: ::core::primitive::usize>));
        aliases = quote! {
            #within
            #[allow(non_camel_case_types)]
            type #alias #generics = #ty;
        };
        let generic = generic.map(|generic| quote!(<#generic>));
        arguments.args[*place] = syn::parse_quote!(#alias #generic);
    }
    if let Some(arguments) = &mut arguments {
        FillUnderscores(features.clone()).visit_angle_bracketed_generic_arguments_mut(arguments);
    }
    (aliases, quote!(#path #arguments))
}

/// `FusionWithin_time_distributed`: the type of a layer with options within another.
fn within_type(context: &Context<'_>, field: &Field<'_>, depth: usize) -> Ident {
    let field = context.twin(field).unwrap_or(field);
    context.part(&"Within".repeat(depth), &field.name, Span::call_site())
}

fn has_underscore(field: &Field<'_>) -> bool {
    let mut arguments = field.layer.arguments.clone();
    if let Some(arguments) = &mut arguments {
        FillUnderscores(quote!({ 0 })).visit_angle_bracketed_generic_arguments_mut(arguments);
    }
    arguments != field.layer.arguments
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
fn builder_calls(krate: &TokenStream, options: &[LayerOption]) -> TokenStream {
    options
        .iter()
        .map(|option| {
            let value = value(krate, option);
            let method = match &option.name {
                Some(name) => name.clone(),
                None => Ident::new("positional", text::ends(&option.value).0),
            };
            let span = method.span();
            let mut arguments = Group::new(Delimiter::Parenthesis, value);
            arguments.set_span(text::ends(&option.value).1);
            quote_spanned!(span=> .#method #arguments)
        })
        .collect()
}

/// Whether it is what an array of weights is given.
fn is_of_weights(option: &LayerOption) -> bool {
    option.name.as_ref().is_some_and(|name| keras::is_of_weights(&name.to_string()))
}

/// What the user wrote; where it is what an array of weights is given, `kernel_initializer = HeNormal`, with the names of
/// all that it can be in scope. `merge_mode = None` is Keras's, and not that of Rust.
fn value(krate: &TokenStream, option: &LayerOption) -> TokenStream {
    let value = &option.value;
    if option.name.as_ref().is_some_and(|name| name == "merge_mode") && text::of(value) == "None" {
        return quote!({
            use #krate::layers::MergeMode::None;
            #value
        });
    }
    if !is_of_weights(option) {
        return quote!(#value);
    }
    quote!({
        #[allow(unused_imports)]
        use #krate::weights::names::*;
        #value
    })
}

fn options(context: &Context<'_>, field: &Field<'_>) -> TokenStream {
    let Some(carrier) = context.options_type(field, Span::call_site()) else { return TokenStream::new() };
    let span = ends_of(field).0;
    let twin = context.twin(field);
    let (ty, generics) = match twin {
        Some(first) if !std::ptr::eq(first, field) => return TokenStream::new(),
        Some(first) => (context.part("Family", &first.name, span), has_underscore(field).then(|| quote!(<__FEATURES>))),
        None => (context.layer_type(field, span), None),
    };
    carriers(context, field, &field.layer, 1, &carrier, &ty, generics.as_ref())
}

/// The carrier of a layer's options, and before it that of the layer within.
fn carriers(
    context: &Context<'_>,
    field: &Field<'_>,
    layer: &Layer,
    depth: usize,
    carrier: &Ident,
    ty: &Ident,
    generics: Option<&TokenStream>,
) -> TokenStream {
    let (krate, calls) = (context.krate, builder_calls(context.krate, &layer.options));
    let Some(Within { layer: inner, .. }) = &layer.within else {
        return quote!(#krate::model::options!(#carrier #generics: #ty #calls););
    };
    let alias = within_type(context, field, depth);
    let within = format_ident!("{}Options", alias);
    let inner = carriers(context, field, inner, depth + 1, &within, &alias, generics);
    quote! {
        #inner
        #krate::model::options!(#carrier #generics around #within #alias: #ty #calls);
    }
}

/// The step that an operation is, and the type of the wire that it gives, after the types of wires that are named first.
fn wire_type(context: &Context<'_>, index: usize, operation: &Operation<'_>, first: Vec<Value>) -> TokenStream {
    let (krate, step) = (context.krate, context.step_type(operation));
    let wire = context.wire_type(Value::Operation(index), Span::call_site());
    let (inputs, wires) = (context.inputs_type(operation, Span::call_site()), wires(context, operation));
    let (part, of_part) = (
        operation.part().map(|_| context.part("Options", &operation.value, Span::call_site())),
        part_of(context, operation),
    );
    let (layer, options, ask) = match context.field(operation) {
        Some(field) => {
            let options = context.options_type(field, Span::call_site()).map(|options| quote!(, #options));
            let layer = context.layer_type(field, Span::call_site()).into_token_stream();
            let mut ask = ask(context, operation, field);
            if field.layer.all_options().into_iter().any(is_of_weights) {
                let step = quote!(#krate::model::Step::<#layer, #inputs #options>);
                ask = quote!(#ask.or(#krate::Mistake::unless_weights(&#step::ENTRY)).or(#krate::Mistake::unless_activity(&#step::NODE)));
            }
            (layer, options, ask)
        }
        None => {
            let layer = if part.is_some() { quote!(#krate::layers::Part) } else { quote!(#krate::layers::Identity) };
            let options = part.map(|options| quote!(, #options));
            (layer.clone(), options.clone(), quote!(<#layer as __Layer<#inputs #options>>::OUTPUT))
        }
    };
    let first = first.into_iter().map(|value| context.wire_type(value, Span::call_site()));
    let first: Vec<TokenStream> = first.map(|wire| quote!(let _: ::core::marker::PhantomData<#wire>;)).collect();
    let ask = if first.is_empty() { ask } else { quote!({ #(#first)* #ask }) };
    let output = context.output(operation);
    let name = plain(&operation.value);
    let dims =
        ["e", "r", "0", "1", "2", "3", "4", "5"].map(|part| format_ident!("{}Dim_{}_{}", context.name, name, part));
    let in_parts = operation.parts().map(|_| quote!(in parts));
    quote! {
        #wires
        #of_part
        #krate::model::step!(#in_parts #step #output #wire [#(#dims)*]: #layer, #inputs #options => #ask);
    }
}

/// Carries which of several outputs a part is.
fn part_of(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let Some((output, index)) = context.part_index(operation) else { return TokenStream::new() };
    let (krate, carrier) = (context.krate, context.part("Options", &operation.value, Span::call_site()));
    let layer = context.part("Part", &operation.value, Span::call_site());
    quote! {
        #[allow(non_camel_case_types)]
        type #layer = #krate::layers::Part;
        #krate::model::options!(#carrier: #layer .of(#output.part(#index)));
    }
}

/// The one mention of the layer as one, all at the user's tokens: a type that is no layer is an error here, and only
/// here.
fn ask(context: &Context<'_>, operation: &Operation<'_>, field: &Field<'_>) -> TokenStream {
    let (span, end) = ends_of(field);
    if context.twin(field).is_some_and(|first| !std::ptr::eq(first, field)) {
        let (ty, krate) = (context.layer_type(field, Span::call_site()), context.krate);
        let inputs = context.inputs_type(operation, Span::call_site());
        let options = context.options_type(field, Span::call_site()).map(|options| quote!(, #options));
        return quote!(#krate::model::Step::<#ty, #inputs #options>::OUTPUT);
    }
    let mut ty = context.layer_type(field, span).into_token_stream();
    // Empty generics reach from the layer's first token to its last: all of it is underlined.
    if field.layer.arguments.is_some() {
        let close = quote_spanned!(end=> >);
        ty = quote_spanned!(span=> #ty< #close);
    }
    let inputs = context.inputs_type(operation, span);
    let options = context.options_type(field, span).map(|options| quote_spanned!(span=> , #options));
    let ask = if operation.is_given_by_name() {
        quote_spanned!(span=> __SeveralInputs)
    } else {
        quote_spanned!(span=> __Layer)
    };
    quote_spanned!(span=> <#ty as #ask<#inputs #options>>::OUTPUT)
}

/// Carries what a step with several inputs is given, by the names that it knows them by.
fn wires(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let Some(names) = operation.input_names() else { return TokenStream::new() };
    let (krate, carrier) = (context.krate, context.wires_type(operation, Span::call_site()));
    let (takes, count) = (context.inputs_type(operation, Span::call_site()), names.len());
    let wires = names.into_iter().zip(&operation.operands).map(|(name, value)| {
        let ty = context.wire_type(*value, Span::call_site());
        quote!(#krate::layer::Wire::of::<#ty>(#name))
    });
    quote! {
        #[allow(non_camel_case_types)]
        struct #carrier;
        impl #krate::layer::Wires for #carrier {
            const WIRES: &'static [#krate::layer::Wire] = &[#(#wires),*];
        }
        #[allow(non_camel_case_types)]
        type #takes = #krate::layer::Several<#carrier, #count>;
    }
}
