//! Keras's layers as `model!` writes them: the type with its arguments, and the options that are not Keras's defaults.
//!
//! What there is stands in [`table`], made from the layers' own files. What is written in another way than option by
//! option is in [`special`] and [`operations`].

mod activation;
mod attention;
mod einsum;
mod merges;
mod operations;
mod options;
mod reader;
mod sides;
mod special;
mod table;
pub mod values;
mod wrappers;

use serde_json::Value;

use crate::config::Layer;
use crate::graph::Call;
use activation::activation;
use options::{array_options, axis, option};
use reader::Reader;
use table::LAYERS;
use values::integer;

/// What a layer's own file says of it.
#[derive(Debug)]
struct Facts {
    /// Keras's name of the class.
    class: &'static str,
    name: &'static str,
    /// The arguments of the type.
    parameters: &'static [&'static str],
    /// What they are where they are not written; `#2` is what the one with that place is.
    defaults: &'static [&'static str],
    /// The options that are arguments of the type, with their places.
    arguments: &'static [(&'static str, usize, Kind)],
    /// The others, with what they are where they are not given.
    options: &'static [(&'static str, &'static str)],
    /// The option that goes without its name.
    positional: &'static str,
    /// The arrays, with what they begin with.
    arrays: &'static [(&'static str, &'static str)],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Activation,
    Flag,
    Number,
}

/// A step of a chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `Dense<_, 8, Relu>(use_bias = false)`
    Layer { name: String, arguments: Vec<String>, options: Vec<String> },
    /// `concatenate(x, y, axis = 1)`, written `x + y` where there is an operator for two wires.
    Merge { name: &'static str, operator: Option<char>, options: Vec<String> },
    /// `x[.., 0]`
    Slice(String),
    /// `2.0 * x`: what stands before and behind the wire.
    Arithmetic(String, String),
}

impl Step {
    pub fn named(name: &str, options: Vec<String>) -> Self {
        Self::Layer { name: name.to_owned(), arguments: Vec::new(), options }
    }

    /// `Dense<_, 8, Relu>(use_bias = false)`, of a layer.
    pub fn text(&self) -> String {
        match self {
            Self::Layer { name, arguments, options } => {
                let arguments =
                    if arguments.is_empty() { String::new() } else { format!("<{}>", arguments.join(", ")) };
                let options = if options.is_empty() { String::new() } else { format!("({})", options.join(", ")) };
                format!("{name}{arguments}{options}")
            }
            Self::Merge { name, .. } => (*name).to_owned(),
            Self::Slice(items) => items.clone(),
            Self::Arithmetic(before, behind) => format!("{before}x{behind}"),
        }
    }
}

/// What has no counterpart in a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub layer: String,
    pub class: String,
    pub what: String,
    pub instead: String,
}

/// The step of a call with what the user should know of it, or what is in its way.
pub fn step(layer: &Layer, call: &Call<'_>) -> Result<(Step, Vec<String>), Vec<Problem>> {
    let mut reader = Reader::new(layer, call);
    let step = if layer.is_operation() {
        operations::operation(&mut reader)
    } else if let Some(merge) = merges::merge(&mut reader) {
        Some(merge)
    } else {
        of_layer(&mut reader)
    };
    done(&mut reader, step.as_ref());
    match step {
        Some(step) if reader.problems.is_empty() => Ok((step, reader.notes)),
        _ => Err(reader.problems),
    }
}

/// What was not read is said, and where nothing can be written, that.
fn done(reader: &mut Reader<'_>, step: Option<&Step>) {
    match step {
        Some(_) => reader.rest(),
        None if reader.problems.is_empty() => reader.problem(
            "has an option that is missing, or is not what Keras writes",
            "look at the file: load it with Keras, and save it again",
        ),
        None => {}
    }
}

/// What is lost of a call that says so.
pub const NOT_IN_TRAINING: &str =
    "is called with `training = false`; here its layers train with the model, unless they are `#[frozen]`";

fn of_layer(reader: &mut Reader<'_>) -> Option<Step> {
    match reader.value("training") {
        Some(Value::Bool(true)) => {
            reader.problem("is called with `training = true`", "layers train while a model is trained");
        }
        // Of other layers Keras writes it down whether it was said or not.
        Some(Value::Bool(false)) if reader.layer.class == "BatchNormalization" => reader.note(NOT_IN_TRAINING),
        _ => {}
    }
    if let Some(step) = special::special(reader) {
        return step;
    }
    let Some(facts) = facts(&reader.layer.class) else {
        let class = &reader.layer.class;
        let instead = match class.as_str() {
            "Lambda" => {
                "write what it computes as a layer of your own (docs/writing-a-layer.md), or with `ops` in Keras"
            }
            "TFOpLambda" | "SlicingOpLambda" | "TensorFlowOpLayer" => {
                "load and save the model with Keras 3, which writes operations by their names"
            }
            "StringLookup" | "TextVectorization" => {
                "texts become ids before the model: export the vocabulary from Keras"
            }
            _ => "write a layer of your own: docs/writing-a-layer.md",
        };
        reader.problem(format!("`{class}` has no counterpart"), instead);
        return None;
    };
    Some(by_facts(reader, facts))
}

fn facts(class: &str) -> Option<&'static Facts> {
    LAYERS.iter().find(|facts| facts.class == class)
}

/// Whether a layer has weights.
pub fn has_weights(layer: &Layer) -> bool {
    let is = |name: &str, default: bool| layer.option(name).and_then(Value::as_bool).unwrap_or(default);
    match layer.class.as_str() {
        "LayerNormalization" | "GroupNormalization" => is("center", true) || is("scale", true),
        "RMSNormalization" | "RNN" => true,
        "Attention" => is("use_scale", false) || layer.option("score_mode").is_some_and(|mode| mode == "concat"),
        "AdditiveAttention" => is("use_scale", true),
        "Normalization" => layer.option("mean").is_none(),
        "Bidirectional" | "TimeDistributed" | "SpectralNormalization" => {
            wrappers::inner_layer(layer).is_some_and(|inner| has_weights(&inner))
        }
        class => facts(class).is_some_and(|facts| !facts.arrays.is_empty()),
    }
}

/// Whether a layer with weights, or the one that it wraps, is not trained.
pub fn is_frozen(layer: &Layer) -> bool {
    let not_trained = |layer: &Layer| layer.option("trainable") == Some(&Value::Bool(false));
    let inner = wrappers::inner_layer(layer);
    (layer.model.is_some() || has_weights(layer))
        && (not_trained(layer) || inner.is_some_and(|inner| not_trained(&inner)))
}

/// Written option by option.
fn by_facts(reader: &mut Reader<'_>, facts: &Facts) -> Step {
    let mut arguments = Vec::new();
    for (place, parameter) in facts.parameters.iter().enumerate() {
        if facts.arguments.iter().any(|(_, at, _)| *at == place) {
            arguments.push(None);
            continue;
        }
        let size = match (place, *parameter) {
            (0, "CHANNELS") if in_groups(reader, facts) => channels_of_group(reader),
            (0, "IN" | "FEATURES" | "CHANNELS") => Some("_".to_owned()),
            _ => size(reader, parameter),
        };
        arguments.push(size);
    }
    without_repeated(facts, &mut arguments);
    let mut options = Vec::new();
    types_of(reader, facts, &mut arguments, &mut options);
    for (name, default) in facts.options {
        if let Some(text) = option(reader, facts, name, default) {
            options.push(text);
        }
    }
    if matches!(facts.class, "GroupNormalization" | "RMSNormalization")
        && let Some(value) = reader.option("axis")
    {
        axis(reader, value);
    }
    if facts.options.iter().any(|(name, _)| *name == "use_causal_mask") {
        attention::causal(reader, &mut options);
    }
    array_options(reader, facts, &mut options);
    if let Some(first) = options.iter().position(|option| !option.contains(" = ")) {
        options.swap(0, first);
    }
    let arguments = arguments.into_iter().map_while(|argument| argument).collect();
    Step::Layer { name: facts.name.to_owned(), arguments, options }
}

/// Whether the channels of a convolution are in groups, each with its own kernels.
fn in_groups(reader: &Reader<'_>, facts: &Facts) -> bool {
    let groups = reader.layer.option("groups").and_then(Value::as_u64);
    facts.class.starts_with("Conv") && groups.is_some_and(|groups| groups > 1)
}

/// The channels of one group, which `_` does not stand for.
fn channels_of_group(reader: &mut Reader<'_>) -> Option<String> {
    let groups = reader.layer.option("groups").and_then(Value::as_u64)?;
    let channels = special::input(reader).and_then(|shape| *shape.last()?).map(|channels| channels as u64);
    match channels.filter(|channels| channels % groups == 0) {
        Some(channels) => Some((channels / groups).to_string()),
        None => {
            reader.problem("has groups, and the file does not say of how many channels", "save the model with Keras 3");
            None
        }
    }
}

/// As wide as high is not written, unless what stands behind it is.
fn without_repeated(facts: &Facts, arguments: &mut [Option<String>]) {
    for place in (0..arguments.len()).rev() {
        let same = facts.defaults.get(place).and_then(|default| default.strip_prefix('#')?.parse::<usize>().ok());
        match (same, &arguments[place]) {
            (Some(same), argument) if arguments.get(same) == Some(argument) => arguments[place] = None,
            (_, Some(_)) => break,
            (_, None) => {}
        }
    }
}

/// The size that a parameter of the type stands for.
fn size(reader: &mut Reader<'_>, parameter: &str) -> Option<String> {
    let features = |place: usize| *reader.call.operands.get(place)?.shape.as_ref()?.last()?;
    let (option, side) = match parameter {
        "OUT" | "UNITS" => ("units", 0),
        "FILTERS" => ("filters", 0),
        "KERNEL" | "KERNEL_DEPTH" => ("kernel_size", 0),
        "KERNEL_HEIGHT" => ("kernel_size", usize::from(reader.layer.class.contains("3D"))),
        "KERNEL_WIDTH" => ("kernel_size", if reader.layer.class.contains("3D") { 2 } else { 1 }),
        "IDS" => ("input_dim", 0),
        "FEATURES" => ("output_dim", 0),
        "NUM_TOKENS" => ("num_tokens", 0),
        "STEPS" => ("sequence_length", 0),
        "HEAD_DIM" => ("head_dim", 0),
        "QUERY_HEADS" => ("num_query_heads", 0),
        "KEY_VALUE_HEADS" => ("num_key_value_heads", 0),
        "VALUE_FEATURES" => return features(1).filter(|_| features(1) != features(0)).map(|own| own.to_string()),
        "KEY_FEATURES" => return features(2).filter(|_| features(2) != features(1)).map(|own| own.to_string()),
        _ => return None,
    };
    let value = match reader.option(option) {
        Some(Value::Array(sides)) => sides.get(side),
        other => other,
    };
    match value.and_then(Value::as_i64).filter(|size| *size >= 0) {
        Some(size) => Some(integer(size)),
        None => {
            reader.problem(format!("its `{option}` is no number"), "look at the file: Keras writes one");
            None
        }
    }
}

/// Activations and flags: in the type as far as its arguments have to be written, then as options.
fn types_of(reader: &mut Reader<'_>, facts: &Facts, arguments: &mut [Option<String>], options: &mut Vec<String>) {
    let sizes = arguments.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    let mut written = sizes;
    for (name, place, kind) in facts.arguments {
        let default = facts.defaults[*place];
        let (ty, value) = match (kind, reader.option(name)) {
            (_, None) => (default.to_owned(), None),
            (Kind::Activation, Some(value)) => match activation_of(reader, value) {
                Some(ty) => (ty.clone(), Some(ty)),
                None => continue,
            },
            (Kind::Flag, Some(value)) => flag(default, value.as_bool()),
            (Kind::Number, Some(value)) => (value.to_string(), Some(value.to_string())),
        };
        // A linear activation is none.
        let is_default = ty == default || value.is_none();
        if *place < written || (*place == written && *kind == Kind::Activation && !is_default) {
            written = written.max(*place + 1);
            arguments[*place] = Some(ty);
        } else if let (false, Some(value)) = (is_default, value) {
            options.push(format!("{name} = {value}"));
        }
    }
}

/// The activation that an option is, or a problem.
fn activation_of(reader: &mut Reader<'_>, value: &Value) -> Option<String> {
    activation(value, reader.rank())
        .map_err(|what| {
            reader
                .problem(format!("the activation {what}"), "write an activation of your own: docs/writing-a-layer.md");
        })
        .ok()
}

/// A flag as the type that stands for it, and as an option.
fn flag(default: &str, value: Option<bool>) -> (String, Option<String>) {
    let value = value.unwrap_or_default();
    let ty = match (default, value) {
        ("UseBias" | "NoBias", true) => "UseBias",
        ("UseBias" | "NoBias", false) => "NoBias",
        ("UseScale" | "NoScale", true) => "UseScale",
        ("UseScale" | "NoScale", false) => "NoScale",
        (_, true) => "Use<true>",
        (_, false) => "Use<false>",
    };
    (ty.to_owned(), Some(value.to_string()))
}

/// The names of all layers and activations.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().map(|facts| facts.name).chain(table::ACTIVATIONS.iter().copied())
}
