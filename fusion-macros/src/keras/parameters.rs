//! Activations with parameters: `Dense<_, 8, LeakyRelu(0.1)>`, `Dense<_, 8>(activation = LeakyRelu(0.1))`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, GenericArgument, Token};

use super::arguments::Kind;
use super::facts;
use super::table::{ACTIVATIONS, PARAMETERIZED};
use crate::syntax::{Layer, LayerOption, Within};
use crate::text;

/// What stands among a layer's arguments with parentheses behind it, if it is an activation with parameters, and no layer
/// with options.
pub fn activation_within(layer: &Layer) -> Option<&Within> {
    let within = layer.within.as_ref()?;
    let wraps = facts(&layer.last).is_some_and(|facts| facts.wraps);
    let inner = &within.layer;
    let is = !wraps && inner.arguments.is_none() && (is_known(&inner.last) || takes_activation(layer, within.place));
    is.then_some(within)
}

/// Whether an argument of a layer of ours is its activation.
fn takes_activation(layer: &Layer, place: usize) -> bool {
    let arguments = facts(&layer.last).into_iter().flat_map(|facts| facts.arguments);
    layer.last == "Activation" || arguments.into_iter().any(|(_, at, kind)| *at == place && *kind == Kind::Activation)
}

fn is_known(name: &Ident) -> bool {
    ACTIVATIONS.iter().any(|activation| name == activation)
}

/// The mistake of parameters of an activation of ours that takes none.
pub fn unless_any(name: &Ident) -> Option<String> {
    let none = is_known(name) && !PARAMETERIZED.iter().any(|activation| name == activation);
    none.then(|| format!("the activation `{name}` takes no parameters: write `{name}`"))
}

/// The type of an activation with these parameters.
pub fn with(krate: &TokenStream, path: &TokenStream, parameters: &[LayerOption]) -> GenericArgument {
    let (without, by_name): (Vec<_>, Vec<_>) = parameters.iter().partition(|parameter| parameter.name.is_none());
    let values = without.iter().map(|parameter| &parameter.value);
    let positional = without.first().map(|first| {
        let span = text::ends(&first.value).0;
        quote_spanned!(span=> .positional(#(#values),*))
    });
    let by_name = by_name.into_iter().map(|LayerOption { name, value }| quote!(.#name(#value)));
    let all: Vec<TokenStream> = parameters.iter().map(LayerOption::written).collect();
    let written = text::of(&quote!(#path(#(#all),*)));
    let (start, end) = text::ends(&quote!(#path #(#all)*));
    let ty = quote_spanned!(start=> <#path as #krate::activations::parameters::Parameterized>::Options);
    // Where the parameters are wrong, the call fails: its path has the first token's span, its parentheses the last one's.
    let call = quote_spanned!(start=> <#ty>::parameters_of);
    let options = quote!(<#ty as #krate::weights::Options>::DEFAULT #positional #(#by_name)*);
    let mut given = Group::new(Delimiter::Parenthesis, quote!(#options, #written));
    given.set_span(end);
    syn::parse_quote!(#krate::activations::parameters::With<#path, { #call #given }>)
}

/// `LeakyRelu(0.1)` as the value of an option: the activation, and its parameters.
pub fn of_call(call: &ExprCall) -> (TokenStream, Vec<LayerOption>) {
    (call.func.to_token_stream(), of_each(&call.args))
}

fn of_each(arguments: &Punctuated<Expr, Token![,]>) -> Vec<LayerOption> {
    let option = |argument: &Expr| match argument {
        Expr::Assign(assign) => {
            let name = syn::parse2(assign.left.to_token_stream()).ok();
            let value = if name.is_some() { (*assign.right).clone() } else { argument.clone() };
            LayerOption { name, value }
        }
        other => LayerOption { name: None, value: other.clone() },
    };
    arguments.iter().map(option).collect()
}
