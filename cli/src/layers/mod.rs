//! Keras's layers as `model!` writes them: the type with its arguments, and the options that are not Keras's defaults.
//!
//! What there is stands in [`table`], made from the layers' own files. What is written in another way than option by
//! option is in [`special`] and [`operations`].

mod activation;
mod merges;
mod operations;
mod sides;
mod special;
mod table;
pub mod values;

use serde_json::Value;

use crate::config::{Layer, Shape};
use crate::graph::Call;
use activation::activation;
use table::LAYERS;
use values::{camel, constraint, float, initializer, integer, regularizer};

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

/// Where a layer's problems are collected.
pub struct Reader<'a> {
    pub layer: &'a Layer,
    pub problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, what: impl Into<String>, instead: impl Into<String>) {
        self.problems.push(Problem {
            layer: self.layer.name.clone(),
            class: self.layer.class.clone(),
            what: what.into(),
            instead: instead.into(),
        });
    }

    fn option_problem(&mut self, option: &str, value: &Value) {
        let instead = match option {
            "noise_shape" => {
                "`layer.noise_shape = None` in Keras before it is saved, which changes training and no prediction"
            }
            "data_format" => "build it with `data_format=\"channels_last\"` in Keras",
            _ => "leave it out in Keras, or write a layer of your own: docs/writing-a-layer.md",
        };
        self.problem(format!("`{option} = {value}` has no counterpart"), instead);
    }
}

/// What Keras says that changes no number, or that another part of the config says too.
const SAID_ELSEWHERE: [&str; 13] = [
    "name",
    "trainable",
    "dtype",
    "seed",
    "implementation",
    "unroll",
    "synchronized",
    "batch_shape",
    "batch_input_shape",
    "input_length",
    "renorm_momentum",
    "autocast",
    "time_major",
];

/// The step of a call, or what is in its way.
pub fn step(layer: &Layer, call: &Call<'_>) -> Result<Step, Vec<Problem>> {
    let mut reader = Reader { layer, problems: Vec::new() };
    let shapes: Vec<&Shape> = call.operands.iter().map(|operand| &operand.shape).collect();
    let step = if layer.is_operation() {
        operations::operation(&mut reader, call)
    } else if let Some(merge) = merges::merge(&mut reader, shapes.len()) {
        Some(merge)
    } else {
        of_layer(&mut reader, &shapes, call)
    };
    match step {
        Some(step) if reader.problems.is_empty() => Ok(step),
        _ => Err(reader.problems),
    }
}

fn of_layer(reader: &mut Reader<'_>, shapes: &[&Shape], call: &Call<'_>) -> Option<Step> {
    if call.value("training").is_some_and(|value| *value == Value::Bool(true)) {
        reader.problem("is called with `training = true`", "layers train while a model is trained");
    }
    if let Some(step) = special::special(reader, shapes, call) {
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
    Some(by_facts(reader, facts, shapes.first().copied().unwrap_or(&None)))
}

fn facts(class: &str) -> Option<&'static Facts> {
    LAYERS.iter().find(|facts| facts.class == class)
}

/// Whether a layer of this class has weights.
pub fn has_weights(class: &str) -> bool {
    facts(class).is_some_and(|facts| !facts.arrays.is_empty())
}

/// Written option by option.
fn by_facts(reader: &mut Reader<'_>, facts: &Facts, input: &Shape) -> Step {
    let mut used = Vec::new();
    let mut arguments = Vec::new();
    for (place, parameter) in facts.parameters.iter().enumerate() {
        if facts.arguments.iter().any(|(_, at, _)| *at == place) {
            arguments.push(None);
            continue;
        }
        let size = match (place, *parameter) {
            (0, "IN" | "FEATURES" | "CHANNELS") => Some("_".to_owned()),
            _ => size(reader, parameter, &mut used),
        };
        arguments.push(size);
    }
    // As wide as high is not written.
    for place in 0..arguments.len() {
        let same = facts.defaults.get(place).and_then(|default| default.strip_prefix('#')?.parse::<usize>().ok());
        if same.is_some_and(|same| arguments.get(same) == Some(&arguments[place])) {
            arguments[place] = None;
        }
    }
    let mut options = Vec::new();
    types_of(reader, facts, &mut arguments, &mut options);
    used.extend(facts.arguments.iter().map(|(name, ..)| (*name).to_owned()));
    for (name, default) in facts.options {
        used.push((*name).to_owned());
        if let Some(text) = option(reader, facts, name, default, input) {
            options.push(text);
        }
    }
    for (array, default) in facts.arrays {
        array_options(reader, array, default, &mut options, &mut used);
    }
    unless_known(reader, &used);
    if let Some(first) = options.iter().position(|option| !option.contains(" = ")) {
        options.swap(0, first);
    }
    let arguments = arguments.into_iter().map_while(|argument| argument).collect();
    Step::Layer { name: facts.name.to_owned(), arguments, options }
}

/// The size that a parameter of the type stands for.
fn size(reader: &mut Reader<'_>, parameter: &str, used: &mut Vec<String>) -> Option<String> {
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
        _ => return None,
    };
    used.push(option.to_owned());
    let value = match reader.layer.option(option) {
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
        let (ty, value) = match (kind, reader.layer.option(name)) {
            (_, None) => (default.to_owned(), None),
            (Kind::Activation, Some(value)) => match activation(value) {
                Some(ty) => (ty.clone(), Some(ty)),
                None => {
                    let text = values::object(value).map_or("of its own", |(name, _)| name).to_owned();
                    reader.problem(
                        format!("the activation `{text}` has no counterpart"),
                        "write an activation of your own: docs/writing-a-layer.md",
                    );
                    continue;
                }
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

/// An option that is not its default, as it is written.
fn option(reader: &mut Reader<'_>, facts: &Facts, name: &str, default: &str, input: &Shape) -> Option<String> {
    let value = reader.layer.option(name)?.clone();
    let text = match (name, &value) {
        ("axis", _) if default == "LAST" => return axis(reader, &value, input),
        ("activity_regularizer", value) => match regularizer(value) {
            Some(text) => text,
            None => {
                reader.option_problem(name, value);
                return None;
            }
        },
        ("strides" | "pool_size" | "size" | "dilation_rate" | "output_padding" | "output_size", value) => {
            return sides::option(reader, facts, name, default, value);
        }
        (_, Value::Bool(value)) => value.to_string(),
        (_, Value::String(word)) => camel(word),
        (_, Value::Number(_)) if is_integer(name, default) => integer(value.as_i64()?),
        (_, Value::Number(_)) => float(&value)?,
        _ => {
            reader.option_problem(name, &value);
            return None;
        }
    };
    let same = text == default || (text.parse::<f32>().is_ok() && text.parse::<f32>().ok() == default.parse().ok());
    match (same, facts.positional == name) {
        (true, _) => None,
        (false, true) => Some(text),
        (false, false) => Some(format!("{name} = {text}")),
    }
}

/// Whether an option counts something.
fn is_integer(name: &str, default: &str) -> bool {
    let counts = ["n", "num_bins", "height", "width", "groups", "axis", "num_oov_indices", "power_iterations"];
    default.parse::<i64>().is_ok() || counts.contains(&name)
}

/// The axis of a normalization, where it is not the last.
fn axis(reader: &mut Reader<'_>, value: &Value, input: &Shape) -> Option<String> {
    let axes = match value {
        Value::Array(axes) => axes.clone(),
        one => vec![one.clone()],
    };
    let rank = input.as_ref().or(reader.layer.built_with.as_ref()).map(Vec::len);
    let last = |axis: &Value| {
        axis.as_i64() == Some(-1) || (rank.is_some() && axis.as_u64() == rank.map(|rank| rank as u64 - 1))
    };
    match axes.as_slice() {
        [axis] if last(axis) => None,
        _ => {
            reader.problem(
                format!("is along `axis = {value}`, and not along the last"),
                "put `Permute` around it in Keras",
            );
            None
        }
    }
}

/// `kernel_initializer`, `kernel_regularizer` and `kernel_constraint`.
fn array_options(
    reader: &mut Reader<'_>,
    array: &str,
    default: &str,
    options: &mut Vec<String>,
    used: &mut Vec<String>,
) {
    for (kind, read) in [
        ("initializer", initializer as fn(&Value) -> Option<String>),
        ("regularizer", regularizer),
        ("constraint", constraint),
    ] {
        let name = format!("{array}_{kind}");
        if let Some(value) = reader.layer.option(&name).cloned() {
            match read(&value) {
                Some(text) if text == default => {}
                Some(text) => options.push(format!("{name} = {text}")),
                // The weights are in the file; what they began with only says how to begin again.
                None if kind == "initializer" => {}
                None => reader.option_problem(&name, &value),
            }
        }
        used.push(name);
    }
}

/// An option that is not known, and that may change numbers.
fn unless_known(reader: &mut Reader<'_>, used: &[String]) {
    for (name, value) in &reader.layer.options.clone() {
        let harmless = match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(word) => name == "data_format" && word == "channels_last",
            // One step to the next is no dilation.
            Value::Array(list) => list.is_empty() || (name == "dilation_rate" && list.iter().all(|rate| *rate == 1)),
            Value::Object(_) => name.ends_with("_initializer"),
            _ => false,
        };
        if !harmless && !used.contains(name) && !SAID_ELSEWHERE.contains(&name.as_str()) {
            reader.option_problem(name, value);
        }
    }
}

/// The names of all layers and activations.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().map(|facts| facts.name).chain(table::ACTIVATIONS.iter().copied())
}
