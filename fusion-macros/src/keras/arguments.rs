//! Options that are arguments of a layer's type: `Dense<_, 64>(activation = Relu, use_bias = false)`.

use std::borrow::Cow;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{AngleBracketedGenericArguments, Expr, GenericArgument, Ident, Lit, PathArguments, Token, Type, UnOp};

use super::{ACTIVATIONS, activation, facts, parameters};
use crate::syntax::{Layer, LayerOption, Within};
use crate::text;

/// What such an option says.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// Which function, by its type.
    Activation,
    /// Whether an array of weights is there.
    Array,
    /// A number from 1 up.
    Number,
}

/// An option by its name, with the place of the argument that it is.
pub type Argument = (&'static str, usize, Kind);

/// The argument of a layer's type that an option is.
pub fn of_option(layer: &Layer, option: &LayerOption) -> Option<&'static Argument> {
    let name = option.name.as_ref()?;
    facts(&layer.last)?.arguments.iter().find(|(option, ..)| name == option)
}

/// The layer with such options among the arguments of its type, and no longer among its options; all else as it is.
///
/// What stands in front of an argument and is not written is the layer's own default.
pub fn completed<'a>(krate: &TokenStream, layer: &'a Layer) -> Cow<'a, Layer> {
    let is_argument = |option: &LayerOption| of_option(layer, option).is_some();
    if layer.within.is_none() && !layer.options.iter().any(is_argument) {
        return Cow::Borrowed(layer);
    }
    let mut completed = layer.clone();
    completed.options.retain(|option| !is_argument(option));
    if let (Some(Within { place, layer: inner }), Some(arguments)) =
        (parameters::activation_within(layer), &mut completed.arguments)
    {
        arguments.args[*place] = parameters::with(krate, &inner.path, &inner.options);
        completed.within = None;
    }
    if let (Some(Within { place, layer: inner }), Some(arguments)) = (&mut completed.within, &mut completed.arguments) {
        **inner = self::completed(krate, inner).into_owned();
        let ty = inner.ty();
        arguments.args[*place] = syn::parse_quote!(#ty);
        if inner.options.is_empty() && inner.within.is_none() {
            completed.within = None;
        }
    }
    let Some(facts) = facts(&layer.last) else { return Cow::Owned(completed) };
    if completed.arguments.is_none() && facts.needs_no_arguments() {
        completed.arguments = Some(syn::parse_quote!(<>));
    }
    let Some(arguments) = &mut completed.arguments else { return Cow::Owned(completed) };
    let given = |place: usize| {
        layer.options.iter().find_map(|option| {
            of_option(layer, option)
                .filter(|(_, of, _)| *of == place)
                .map(|(.., kind)| value(krate, *kind, &option.value))
        })
    };
    let last = layer.options.iter().filter_map(|option| of_option(layer, option)).map(|(_, place, _)| *place).max();
    for place in arguments.args.len()..last.map_or(0, |last| last + 1) {
        let default = || default(krate, facts.defaults[place], &arguments.args);
        let Some(argument) = given(place).or_else(default) else { break };
        arguments.args.push(argument);
    }
    Cow::Owned(completed)
}

/// `Relu`, `With<LeakyRelu, { … }>`, `Use<{ false }>`, `2`
fn value(krate: &TokenStream, kind: Kind, value: &Expr) -> GenericArgument {
    match (kind, value) {
        (Kind::Activation, Expr::Call(call)) => {
            let (path, given) = parameters::of_call(call);
            parameters::with(krate, &path, &given)
        }
        (Kind::Activation, _) => {
            let ty = syn::parse2::<Type>(value.to_token_stream()).unwrap_or_else(|_| syn::parse_quote!(#value));
            GenericArgument::Type(ty)
        }
        (Kind::Array, Expr::Block(_)) => syn::parse_quote!(#krate::layers::Use<#value>),
        (Kind::Array, _) => syn::parse_quote!(#krate::layers::Use<{ #value }>),
        (Kind::Number, Expr::Lit(_) | Expr::Block(_)) => GenericArgument::Const(value.clone()),
        (Kind::Number, _) => syn::parse_quote!({ #value }),
    }
}

/// `activations::Linear` of the crate, `1`, or the first argument for `#0`; none where it has to be written.
fn default(
    krate: &TokenStream,
    default: &str,
    before: &Punctuated<GenericArgument, Token![,]>,
) -> Option<GenericArgument> {
    if let Some(place) = default.strip_prefix('#') {
        return before.get(place.parse::<usize>().ok()?).cloned();
    }
    let tokens = default.parse::<TokenStream>().ok().filter(|tokens| !tokens.is_empty())?;
    let is_number = default.starts_with(|letter: char| letter.is_ascii_digit());
    Some(if is_number { syn::parse_quote!(#tokens) } else { syn::parse_quote!(#krate::#tokens) })
}

/// What is wrong with such an option of a layer, and where.
pub fn option_mistake(layer: &Layer, option: &LayerOption) -> Option<(TokenStream, String)> {
    let (name, place, kind) = of_option(layer, option)?;
    if let Some(written) = layer.arguments().nth(*place) {
        let message =
            format!("the option `{name}` is given twice: `{}` in angle brackets is it too", text::of(written));
        return Some((option.name.to_token_stream(), message));
    }
    let message = match kind {
        Kind::Activation => no_activation(name, &option.value),
        Kind::Array => None,
        Kind::Number => no_number(name, &option.value),
    };
    Some((option.value.to_token_stream(), message?))
}

/// What is wrong with the value of an option that is a number from 1 up, as far as its tokens say; of a constant the
/// compiler says it.
fn no_number(name: &str, value: &Expr) -> Option<String> {
    let is_number = match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) if number.base10_digits() == "0" => {
                return Some(format!("`{name}` must be at least 1"));
            }
            lit => matches!(lit, Lit::Int(_)),
        },
        Expr::Unary(negative) => !matches!(negative.op, UnOp::Neg(_)),
        Expr::Tuple(_) | Expr::Array(_) | Expr::Assign(_) => false,
        _ => true,
    };
    (!is_number).then(|| format!("`{name}` is a number: `{name} = 2`"))
}

/// What is wrong with the value of an option that is an activation.
fn no_activation(name: &str, value: &Expr) -> Option<String> {
    let (is_path, word) = match value {
        Expr::Path(path) => (true, path.path.get_ident()),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => (true, path.path.get_ident()),
            _ => (false, None),
        },
        _ => (false, None),
    };
    let with_parameters = matches!(value, Expr::Call(_));
    if let Some(message) = word.filter(|_| with_parameters).and_then(parameters::unless_any) {
        return Some(message);
    }
    let written = text::of(value);
    let is_layer = |word: &Ident| facts(word).is_some() && !ACTIVATIONS.iter().any(|activation| word == activation);
    if word.is_some_and(is_layer) {
        Some(format!("`{written}` is a layer, no activation such as `{name} = Relu`"))
    } else if is_path && (word.is_none() || written.starts_with(char::is_uppercase)) {
        None
    } else if let Some(activation) = activation(value) {
        Some(format!("the activation `{}` is a type here: `{name} = {activation}`", written.replace('"', "")))
    } else {
        Some(format!("an activation is a type: `{name} = Relu`"))
    }
}

/// An activation by Keras's name among the arguments, or one where the bias belongs, or the other way round.
pub fn argument_mistake(layer: &Layer) -> Option<(TokenStream, String)> {
    let (name, arguments) = (&layer.last, &layer.arguments.as_ref()?.args);
    let without = |place: usize| {
        let arguments: Vec<String> = arguments.iter().take(place).map(text::of).collect();
        format!("{name}<{}>", arguments.join(", "))
    };
    facts(name)?.arguments.iter().find_map(|(option, place, kind)| {
        let argument = arguments.get(*place)?;
        let word = text::of(argument);
        let message = match kind {
            Kind::Activation if word == "NoBias" => {
                format!("whether there is a bias is an option: `{}(use_bias = false)`", without(*place))
            }
            Kind::Activation if word == "UseBias" => format!("there is a bias without a word: `{}`", without(*place)),
            Kind::Activation => {
                let activation = activation(argument).filter(|_| !word.starts_with(char::is_uppercase))?;
                let keras = word.replace('"', "");
                format!("the activation `{keras}` is a type here: `{name}<…, {activation}>`")
            }
            Kind::Array if word == "true" || word == "false" => {
                format!("whether there is a bias is an option: `{}({option} = {word})`", without(*place))
            }
            Kind::Array if ACTIVATIONS.contains(&word.as_str()) => {
                "a layer has one activation; whether there is a bias is an option, `use_bias = false`".to_owned()
            }
            Kind::Array | Kind::Number => return None,
        };
        Some((argument.to_token_stream(), message))
    })
}

/// An option that does not exist, where one that is an argument was meant.
pub fn misspelt(layer: &Layer, option: &LayerOption) -> Option<String> {
    let (facts, name) = (facts(&layer.last)?, option.name.as_ref()?.to_string());
    let near = text::nearest(&name, facts.arguments.iter().map(|(option, ..)| *option))?;
    (near != name).then(|| format!("there is no option `{name}`; did you mean `{near}`?"))
}

/// Arguments that say there is no bias, which reads better as an option: where they stand, and what to write. One with
/// arguments behind it cannot be left out.
pub fn spelled_out(layer: &Layer) -> Vec<(TokenStream, String)> {
    let mut found = Vec::new();
    if let Some(arguments) = &layer.arguments {
        among(&layer.last, arguments, &layer.options, &mut found);
    }
    found
}

fn among(
    name: &Ident,
    arguments: &AngleBracketedGenericArguments,
    options: &[LayerOption],
    found: &mut Vec<(TokenStream, String)>,
) {
    let count = arguments.args.len();
    let array = facts(name).into_iter().flat_map(|facts| facts.arguments).find(|(_, place, _)| place + 1 == count);
    let last = arguments.args.last();
    if let (Some((option, place, Kind::Array)), Some(last)) = (array, last.filter(|last| text::of(last) == "NoBias")) {
        let mut kept: Vec<String> = arguments.args.iter().take(*place).map(text::of).collect();
        kept.pop_if(|activation| activation == "Linear");
        let mut options: Vec<String> = options.iter().map(|option| text::of(&option.written())).collect();
        options.push(format!("{option} = false"));
        let message = format!("write `{name}<{}>({})`", kept.join(", "), options.join(", "));
        found.push((last.to_token_stream(), message));
    }
    for argument in &arguments.args {
        let GenericArgument::Type(Type::Path(inner)) = argument else { continue };
        let Some(last) = inner.path.segments.last() else { continue };
        if let PathArguments::AngleBracketed(arguments) = &last.arguments {
            among(&last.ident, arguments, &[], found);
        }
    }
}

/// The example with the first size and the activation of the user's: `Dense(64, activation = "relu")`.
pub fn with_what_was_given(layer: &Layer, example: &str) -> String {
    let mut example = example.to_owned();
    let size = layer.options.iter().find_map(|LayerOption { name, value }| match value {
        Expr::Lit(literal) if name.as_ref().is_none_or(|name| name == "units" || name == "filters") => {
            matches!(literal.lit, syn::Lit::Int(_)).then(|| text::of(value))
        }
        _ => None,
    });
    if let (Some(size), true) = (size, example.contains("_, 32")) {
        example = example.replace("_, 32", &format!("_, {size}"));
    }
    let activation = layer.options.iter().find_map(|option| {
        option.name.as_ref().filter(|name| *name == "activation")?;
        activation(&option.value)
    });
    match activation {
        Some(activation) if example.ends_with('>') && !example.contains("Relu") => {
            example.pop();
            format!("{example}, {activation}>")
        }
        _ => example,
    }
}
