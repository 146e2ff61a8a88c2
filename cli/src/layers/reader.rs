//! A layer's config and the arguments of a call, each key noted as it is read: what nobody has read in the end is said, so
//! that nothing is lost in silence.

use std::cell::RefCell;
use std::collections::HashSet;

use serde_json::Value;

use super::Problem;
use crate::config::Layer;
use crate::graph::Call;

/// Keys that change no number, or that another part says too: of these classes, of all where none are named.
const IGNORED: &[(&[&str], &[&str])] = &[
    // `trainable` becomes `#[frozen]`, the dtype a note, the shape that of an input; seeds are a model's here.
    (&[], &["name", "trainable", "dtype", "autocast", "seed", "batch_shape", "batch_input_shape"]),
    // How the steps are computed, not what.
    (&["LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"], &["implementation", "unroll"]),
    // What several processors agree on, and what belongs to `renorm`.
    (&["BatchNormalization"], &["synchronized", "fused", "renorm_momentum"]),
    // The length is that of the input.
    (&["Embedding"], &["input_length"]),
];

/// Keys that have no counterpart, and that change nothing where they are this.
fn is_without_effect(key: &str, value: &Value) -> bool {
    match (key, value) {
        (_, Value::Null) => true,
        ("data_format", Value::String(format)) => format == "channels_last",
        ("fill_mode", Value::String(mode)) => mode == "constant",
        ("groups", one) => *one == 1,
        // One step to the next is no dilation.
        ("dilation_rate", Value::Array(rates)) => rates.iter().all(|rate| *rate == 1),
        ("dilation_rate", rate) => *rate == 1,
        (
            "stateful"
            | "renorm"
            | "sparse"
            | "ragged"
            | "use_gate"
            | "rms_scaling"
            | "time_major"
            | "zero_output_for_mask"
            | "pad_to_max_tokens"
            | "return_attention_scores"
            | "use_causal_mask",
            value,
        ) => *value == Value::Bool(false),
        _ => false,
    }
}

/// Where a layer's problems are collected.
pub struct Reader<'a> {
    pub layer: &'a Layer,
    pub call: &'a Call<'a>,
    pub problems: Vec<Problem>,
    /// What the user should know.
    pub notes: Vec<String>,
    read: RefCell<HashSet<String>>,
    asked: RefCell<HashSet<String>>,
}

impl<'a> Reader<'a> {
    pub fn new(layer: &'a Layer, call: &'a Call<'a>) -> Self {
        let (problems, notes, read, asked) = <(Vec<_>, Vec<_>, RefCell<_>, RefCell<_>)>::default();
        Self { layer, call, problems, notes, read, asked }
    }

    /// An option of the layer, unless it is null.
    pub fn option(&self, name: &str) -> Option<&'a Value> {
        self.given(name).filter(|value| !value.is_null())
    }

    /// An option of the layer, also where it is null.
    pub fn given(&self, name: &str) -> Option<&'a Value> {
        self.read.borrow_mut().insert(name.to_owned());
        self.layer.options.get(name)
    }

    pub fn is(&self, name: &str) -> bool {
        self.option(name) == Some(&Value::Bool(true))
    }

    /// An argument of the call, by its name or its place, unless it is null.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(name.to_owned());
        self.call.value(name)
    }

    /// An argument of an operation: of its call, or of what Keras made it with.
    pub fn argument(&self, place: usize, name: &str) -> Option<&'a Value> {
        let (named, placed, option) = (self.value(name), self.value(&place.to_string()), self.option(name));
        named.or(placed).or(option)
    }

    /// The number of dimensions that go in, with the batch.
    pub fn rank(&self) -> Option<usize> {
        let shape = self.call.operands.first().and_then(|operand| operand.shape.as_ref());
        shape.or(self.layer.built_with.as_ref()).map(Vec::len)
    }

    pub(super) fn problem(&mut self, what: impl Into<String>, instead: impl Into<String>) {
        self.problems.push(Problem {
            layer: self.layer.name.clone(),
            class: self.layer.class.clone(),
            what: what.into(),
            instead: instead.into(),
        });
    }

    pub(super) fn note(&mut self, what: &str) {
        self.notes.push(format!("{} ({}): {what}", self.layer.name, self.layer.class));
    }

    pub(super) fn option_problem(&mut self, option: &str, value: &Value) {
        let instead = match option {
            "data_format" => "build it with `data_format=\"channels_last\"` in Keras",
            _ => "leave it out in Keras, or write a layer of your own: docs/writing-a-layer.md",
        };
        self.problem(format!("`{option} = {value}` has no counterpart"), instead);
    }

    /// What nobody has read, and may change numbers.
    pub(super) fn rest(&mut self) {
        let (layer, call) = (self.layer, self.call);
        let ignored = |name: &str| {
            let of_class = IGNORED.iter().filter(|(of, _)| of.is_empty() || of.contains(&layer.class.as_str()));
            of_class.flat_map(|(_, keys)| *keys).any(|known| *known == name)
        };
        for (name, value) in &layer.options {
            let read = self.read.borrow().contains(name);
            if !read && !ignored(name) && !is_without_effect(name, value) {
                self.option_problem(name, value);
            }
        }
        for (name, value) in &call.values {
            let read = self.asked.borrow().contains(name);
            if !read && !is_without_effect(name, value) {
                let place =
                    name.parse::<usize>().map_or_else(|_| format!("`{name}`"), |place| format!("argument {place}"));
                self.problem(
                    format!("is called with {place} as {value}, which has no counterpart"),
                    "leave it out in Keras, or write a layer of your own: docs/writing-a-layer.md",
                );
            }
        }
        for name in &call.masks {
            let instead = "masks come from `mask_zero` and `Masking` here, or `use_causal_mask`";
            match name.as_str() {
                "attention_mask" => self.problem("is given an `attention_mask`", instead),
                name => {
                    self.problem(format!("is given a `{name}` that no `mask_zero` and no `Masking` makes"), instead)
                }
            }
        }
    }
}
