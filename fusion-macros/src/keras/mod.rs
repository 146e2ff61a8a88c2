//! What is written here as in Keras, and how it is written instead.
//!
//! Only what those who come from Keras are likely to write; the layers' own options are the compiler's business, and a
//! layer that is not named here works like any other.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{AngleBracketedGenericArguments, Expr, GenericArgument, Ident, PathArguments, Type};

use crate::syntax::{Layer, LayerOption, Within};
use crate::text;

mod arguments;
mod parameters;
mod table;
mod weights;

use arguments::Argument;
pub use arguments::{completed, spelled_out};
pub use parameters::activation_within;
pub use table::MERGES;
use table::{ACTIVATIONS, LAYERS, MASKS};
pub use weights::is_of_weights;

/// What a layer's own file says of how it is written.
struct Facts {
    /// Its name in Rust.
    name: &'static str,
    /// Its name in Keras, where that is spelled otherwise.
    class: Option<&'static str>,
    /// An example of its type, where that has arguments.
    example: Option<&'static str>,
    /// The options that are arguments of its type.
    arguments: &'static [Argument],
    /// What each argument of its type is where it is not written: a path in the crate, a number, or the place of the
    /// argument that it is the same as, `#1`; nothing where it has to be written.
    defaults: &'static [&'static str],
    /// The option that a value without a name is.
    positional: Option<&'static str>,
    /// Whether it is a layer around another, which has options of its own.
    wraps: bool,
}

impl Facts {
    /// Whether all arguments of its type can be left out.
    fn needs_no_arguments(&self) -> bool {
        !self.defaults.is_empty() && self.defaults.iter().all(|default| !default.is_empty())
    }
}

/// Whether it makes a mask, of what comes to it.
pub fn makes_mask(layer: &Layer) -> bool {
    let given =
        |wanted: &&str| layer.options.iter().any(|option| option.name.as_ref().is_some_and(|name| name == wanted));
    MASKS.iter().any(|(name, option)| layer.last == name && option.as_ref().is_none_or(given))
}

fn facts(name: &Ident) -> Option<&'static Facts> {
    LAYERS.iter().find(|facts| name == facts.name)
}

/// Whether this is the name of a layer or an activation of ours.
pub fn is_layer_or_activation(name: &Ident) -> bool {
    facts(name).is_some() || ACTIVATIONS.iter().any(|activation| name == activation)
}

/// What a layer of this type is called that has no name, before it is counted: Keras's word for its class, `re_lu` for
/// `Relu`.
pub fn automatic_name(layer: &Ident) -> String {
    let class = facts(layer).and_then(|facts| facts.class);
    text::snake_case(class.unwrap_or(&layer.to_string()))
}

/// An example of a layer of ours whose type has arguments.
fn example(name: &Ident) -> Option<&'static str> {
    facts(name)?.example
}

/// The example of a layer around another one.
pub fn around(name: &Ident) -> Option<&'static str> {
    facts(name).filter(|facts| facts.wraps)?.example
}

/// What is wrong with a layer within another, or with an activation that has parameters, and where.
fn mistake_within(layer: &Layer) -> Option<(TokenStream, String)> {
    match parameters::activation_within(layer) {
        Some(Within { layer: inner, .. }) => Some((inner.written(), parameters::unless_any(&inner.last)?)),
        None => mistake(&layer.within.as_ref()?.layer),
    }
}

/// What is wrong with a layer that is written as in Keras, and where.
pub fn mistake(layer: &Layer) -> Option<(TokenStream, String)> {
    let name = &layer.last;
    if layer.word().is_some() && facts(name).is_none() && ACTIVATIONS.iter().any(|activation| name == activation) {
        let written = text::of(&layer.written());
        let written = if parameters::unless_any(name).is_none() { written } else { name.to_string() };
        let message = format!(
            "`{name}` is an activation, no layer: write `Activation<{written}>`, or give it to the layer before, as in `Dense<_, 32, {written}>`"
        );
        return Some((layer.written(), message));
    }
    if let (None, Some(example)) = (&layer.arguments, example(name))
        && name != example
    {
        let example = arguments::with_what_was_given(layer, example);
        return Some((layer.written(), format!("`{name}` has arguments in angle brackets: write `{example}`")));
    }
    let of_options = |mistake: fn(&Layer, &LayerOption) -> Option<(TokenStream, String)>| {
        layer.options.iter().find_map(|option| mistake(layer, option))
    };
    arguments::argument_mistake(layer)
        .or_else(|| options_around(layer))
        .or_else(|| of_options(value_mistake))
        .or_else(|| of_options(arguments::option_mistake))
        .or_else(|| of_options(name_mistake))
        .or_else(|| of_options(option_of_both))
        .or_else(|| mistake_within(layer))
}

/// Options of the layer within that stand behind the layer around it, which has none.
fn options_around(layer: &Layer) -> Option<(TokenStream, String)> {
    let (arguments, options) = (layer.arguments.as_ref()?, layer.options_group.as_ref()?);
    if layer.last != "TimeDistributed" {
        return None;
    }
    let within: Vec<String> = arguments.args.iter().map(text::of).collect();
    let written = format!("{}<{}{}>", layer.last, within.join(", "), text::of(options));
    Some((options.to_token_stream(), format!("the options of the layer within stand behind it: `{written}`")))
}

/// An option of the layers in a `Bidirectional` that stands behind that, at its name.
fn option_of_both(layer: &Layer, option: &LayerOption) -> Option<(TokenStream, String)> {
    let (arguments, name) = (layer.arguments.as_ref()?, option.name.as_ref()?);
    if layer.last != "Bidirectional" || text::nearest(&name.to_string(), ["merge_mode"]).is_some() {
        return None;
    }
    let mut message = format!("the options of the layer within stand behind it, `{name}` too");
    if let (None, Some(within)) = (&layer.within, arguments.args.first()) {
        message += &format!(": `Bidirectional<{}({})>`", text::of(within), text::of(&option.written()));
    }
    Some((name.to_token_stream(), message))
}

/// An option whose name is wrong or one too many, at the name.
fn name_mistake(layer: &Layer, option: &LayerOption) -> Option<(TokenStream, String)> {
    let message = option_mistake(layer, option)
        .or_else(|| given_without_its_name_too(layer, option))
        .or_else(|| arguments::misspelt(layer, option))?;
    Some((option.name.to_token_stream(), message))
}

fn given_without_its_name_too(layer: &Layer, option: &LayerOption) -> Option<String> {
    let name = option.name.as_ref()?;
    let positional = facts(&layer.last)?.positional.is_some_and(|positional| name == positional);
    let without = layer.options.iter().find(|option| option.name.is_none())?;
    let value = text::of(&without.value);
    positional.then(|| format!("the option `{name}` is given twice: `{value}` without a name is it too"))
}

/// A `_` that cannot be known, and what to say there. It is the number of features that reach a layer.
pub fn underscore(layer: &Layer) -> Option<(TokenStream, String)> {
    underscore_among(&layer.last, layer.arguments.as_ref()?)
}

fn underscore_among(name: &Ident, arguments: &AngleBracketedGenericArguments) -> Option<(TokenStream, String)> {
    let known = example(name).is_some();
    let mut first = true;
    arguments.args.iter().enumerate().find_map(|(index, argument)| match argument {
        GenericArgument::Type(Type::Infer(underscore)) => {
            let message = if name == "Embedding" {
                "how many ids there are cannot be known here: `Embedding<1000, 8>` has room for the ids 0 to 999"
            } else if !first || (known && index > 0) {
                "`_` is the number of features that reach the layer; this size is for you to choose"
            } else {
                first = false;
                return None;
            };
            Some((underscore.to_token_stream(), message.to_owned()))
        }
        GenericArgument::Type(Type::Path(inner)) => {
            let last = inner.path.segments.last()?;
            match &last.arguments {
                PathArguments::AngleBracketed(arguments) => underscore_among(&last.ident, arguments),
                _ => None,
            }
        }
        _ => None,
    })
}

/// `"log_softmax"` → `LogSoftmax`, if there is such an activation.
fn activation(value: &impl ToTokens) -> Option<&'static str> {
    let word = text::of(value).replace(['_', '"'], "").to_lowercase();
    ACTIVATIONS.iter().copied().find(|activation| activation.to_lowercase() == word)
}

/// Whether it is one of Keras's layers.
fn is_known(layer: &Layer) -> bool {
    facts(&layer.last).is_some()
}

/// A value as Python has it: `padding = "same"`, `strides = (2, 1)`, `True`.
fn value_mistake(layer: &Layer, LayerOption { name, value }: &LayerOption) -> Option<(TokenStream, String)> {
    let (name, written) = (name.as_ref()?.to_string(), text::of(value));
    if !is_known(layer) {
        return None;
    }
    let message = match (name.as_str(), value) {
        ("padding", Expr::Lit(text)) if matches!(text.lit, syn::Lit::Str(_)) => {
            "write `padding = Same` or `padding = Valid`, without quotes".to_owned()
        }
        ("interpolation", Expr::Lit(_)) => {
            "write `interpolation = Bilinear` or `interpolation = Nearest`, without quotes".to_owned()
        }
        (
            "strides" | "dilation_rate" | "pool_size" | "size" | "output_size" | "padding" | "cropping",
            Expr::Tuple(each),
        ) => along_each_side(&layer.last, &name, each),
        (name, Expr::Lit(_)) if is_of_weights(name) => {
            format!("write `{name} = {}`, without quotes", weights::written(&written)?)
        }
        _ if written == "True" || written == "False" => format!("write `{name} = {}`", written.to_lowercase()),
        _ => return None,
    };
    Some((value.to_token_stream(), message))
}

/// A tuple, which Keras takes where one number is the same along all sides.
fn along_each_side(layer: &Ident, name: &str, sides: &syn::ExprTuple) -> String {
    let written = text::of(sides);
    let of_ends = matches!(name, "padding" | "cropping");
    if of_ends && (layer.to_string().ends_with("1d") || matches!(sides.elems.first(), Some(Expr::Tuple(_)))) {
        return format!("at each end, write `{name}_ends = {written}`");
    }
    match sides.elems.len() {
        3 => format!("along depth, height and width each, write `{name}_dhw = {written}`"),
        _ => format!("along height and width each, write `{name}_hw = {written}`"),
    }
}

/// What is an option in Keras and none here.
fn option_mistake(layer: &Layer, option: &LayerOption) -> Option<String> {
    let (name, ty) = (option.name.as_ref()?.to_string(), text::of(&layer.ty()));
    if !is_known(layer) {
        return None;
    }
    match name.as_str() {
        "trainable" => Some(format!("a layer that is not trained has an attribute: `#[frozen] {ty}`")),
        "name" => Some(format!("a layer's name stands before it: `hidden: {ty}`")),
        "units" | "filters" | "kernel_size" | "input_dim" | "output_dim" => {
            Some(format!("sizes stand in angle brackets, not among the options: `{}`", example(&layer.last)?))
        }
        _ => None,
    }
}

/// What is wrong with generic arguments that Rust cannot read, and where, if it is likely.
pub fn arguments_mistake(tokens: TokenStream) -> Option<syn::Error> {
    let mut tokens = tokens.into_iter().peekable();
    let mut depth = 0_i32;
    while let Some(token) = tokens.next() {
        let message = match &token {
            TokenTree::Punct(punct)
                if punct.as_char() == '='
                    && matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '>') =>
            {
                "expected `>` before the arrow"
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => "expected `>` before this",
            TokenTree::Punct(punct) if matches!(punct.as_char(), '+' | '*' | '/' | '%') => {
                "a size that is computed stands in braces: `{ 2 * N }`"
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                "a size is one number; a kernel of 3 by 5 is `Conv2d<_, 32, 3, Relu, UseBias, 5>`"
            }
            TokenTree::Punct(punct) => {
                depth += match punct.as_char() {
                    '<' => 1,
                    '>' => -1,
                    _ => 0,
                };
                if depth == 0 {
                    return None;
                }
                continue;
            }
            _ => continue,
        };
        return Some(syn::Error::new(token.span(), message));
    }
    None
}

/// What is wrong with an argument that has a name, `units = 8`.
pub fn named_argument(argument: &GenericArgument) -> Option<syn::Error> {
    let value = match argument {
        GenericArgument::AssocType(named) => text::of(&named.ty),
        GenericArgument::AssocConst(named) => text::of(&named.value),
        _ => return None,
    };
    let value = value.trim_matches('"');
    let message = format!(
        "what stands in angle brackets goes by its place, without a name: `{value}`, as in `Dense<_, 8, Relu>`"
    );
    Some(syn::Error::new_spanned(argument, message))
}
