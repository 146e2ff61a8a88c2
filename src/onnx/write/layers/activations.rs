//! Activations, as layers and within other layers.

use serde_json::Value;

use super::{Entry, Result, Step, masks, steps};
use crate::onnx::write::attributes::{float, int};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    steps("Activation", activation),
    steps("ELU", of_class),
    steps("LeakyReLU", of_class),
    steps("PReLU", p_relu),
    steps("ReLU", of_class),
    masks("Softmax", softmax),
];

/// An activation with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    pub name: String,
    config: Option<Value>,
}

impl Activation {
    /// Of a name, or of an object with a configuration.
    pub fn of(value: &Value) -> Result<Self> {
        let class = value.get("class_name").and_then(Value::as_str);
        let config = value.get("config");
        let (name, config) = match (value, class, config) {
            (Value::String(name), ..) => (name.as_str(), None),
            (_, Some("function"), Some(Value::String(name))) => (name.as_str(), None),
            (_, Some(class), config) => (class, config.cloned()),
            _ => return Err(Refusal::new(format!("has the activation {value}"), "an activation of Keras's own")),
        };
        Ok(Self { name: known_name(name), config })
    }

    /// That of an option of a layer, if it is one that does something.
    pub fn option(step: &Step<'_>, option: &str, default: &str) -> Result<Self> {
        // A layer whose file has `"activation": null` has none.
        match step.layer.options.get(option) {
            Some(Value::Null) => Ok(Self { name: "linear".to_owned(), config: None }),
            Some(value) => Self::of(value),
            None => Ok(Self { name: default.to_owned(), config: None }),
        }
    }

    /// Whether it is without parameters.
    pub fn is_plain(&self) -> bool {
        let zero = |name: &str| self.number(name, 0.0) == 0.0;
        self.given("max_value").is_none() && zero("negative_slope") && zero("threshold")
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.config.as_ref()?.get(name).filter(|value| !value.is_null())
    }

    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    pub fn number(&self, name: &str, default: f32) -> f32 {
        self.given(name).and_then(Value::as_f64).map_or(default, |value| value as f32)
    }

    /// The activation of a wire, of which the last axis is that of channels.
    pub fn on(&self, step: &mut Step<'_>, id: Id) -> Result<Id> {
        if self.name == "linear" {
            return Ok(id);
        }
        let (name, form) = step.graph.as_it_is(id);
        let mut shape = step.graph.shape(id).to_vec();
        let axis = form.axis(shape.len(), shape.len() + 1);
        let name = self.write(step.graph, &name, axis)?;
        if self.name == "glu" {
            halve(&mut shape)?;
        }
        step.graph.wire(form, name, shape, Kind::Float)
    }

    /// The activation of a tensor whose channels lie along an axis.
    pub fn write(&self, graph: &mut Graph, x: &str, axis: usize) -> Result<Name> {
        let axis = i64::try_from(axis).unwrap_or(-1);
        Ok(match self.name.as_str() {
            "linear" => x.to_owned(),
            "relu" => self.relu(graph, x),
            "softmax" | "log_softmax" => {
                if self.given("axis").is_some_and(|axis| axis.as_i64() != Some(-1)) {
                    return Err(Refusal::new("has an activation with an `axis`", "the layer `Softmax(axis=…)`"));
                }
                let operator = if self.name == "softmax" { "Softmax" } else { "LogSoftmax" };
                graph.node(operator, &[x], vec![int("axis", axis)])
            }
            "glu" => glu(graph, x, axis),
            "sparsemax" => sparsemax(graph, x, axis),
            _ => match self.one_node(graph, x) {
                Some(name) => name,
                None => self.several_nodes(graph, x)?,
            },
        })
    }

    /// Those that ONNX has.
    fn one_node(&self, graph: &mut Graph, x: &str) -> Option<Name> {
        let (operator, attributes) = match self.name.as_str() {
            "sigmoid" => ("Sigmoid", vec![]),
            "tanh" => ("Tanh", vec![]),
            "softplus" => ("Softplus", vec![]),
            "softsign" => ("Softsign", vec![]),
            "exponential" => ("Exp", vec![]),
            "mish" => ("Mish", vec![]),
            "hard_silu" => ("HardSwish", vec![]),
            "hard_sigmoid" => ("HardSigmoid", vec![float("alpha", 1.0 / 6.0), float("beta", 0.5)]),
            "sparse_sigmoid" => ("HardSigmoid", vec![float("alpha", 0.5), float("beta", 0.5)]),
            "elu" => ("Elu", vec![float("alpha", self.number("alpha", 1.0))]),
            "celu" => ("Celu", vec![float("alpha", self.number("alpha", 1.0))]),
            "selu" => ("Selu", vec![float("alpha", 1.673_263_2), float("gamma", 1.050_701)]),
            "leaky_relu" => ("LeakyRelu", vec![float("alpha", self.slope())]),
            "hard_shrink" => ("Shrink", vec![float("lambd", self.number("threshold", 0.5)), float("bias", 0.0)]),
            "soft_shrink" => {
                let threshold = self.number("threshold", 0.5);
                ("Shrink", vec![float("lambd", threshold), float("bias", threshold)])
            }
            _ => return None,
        };
        Some(graph.node(operator, &[x], attributes))
    }

    /// The slope of `LeakyReLU`, whose default as a function is not that of the layer.
    fn slope(&self) -> f32 {
        let default = if self.config.is_some() { 0.3 } else { 0.2 };
        self.number("negative_slope", self.number("alpha", default))
    }

    fn several_nodes(&self, graph: &mut Graph, x: &str) -> Result<Name> {
        Ok(match self.name.as_str() {
            "silu" => {
                let gate = graph.node("Sigmoid", &[x], vec![]);
                graph.node("Mul", &[x, &gate], vec![])
            }
            "log_sigmoid" => {
                let negative = graph.node("Neg", &[x], vec![]);
                let soft = graph.node("Softplus", &[&negative], vec![]);
                graph.node("Neg", &[&soft], vec![])
            }
            "gelu" if self.given("approximate").and_then(Value::as_bool) == Some(true) => tanh_gelu(graph, x),
            "gelu" => erf_gelu(graph, x),
            "relu6" => clip(graph, x, Some(0.0), Some(6.0)),
            "hard_tanh" => clip(graph, x, Some(-1.0), Some(1.0)),
            "tanh_shrink" => {
                let tanh = graph.node("Tanh", &[x], vec![]);
                graph.node("Sub", &[x, &tanh], vec![])
            }
            "threshold" => {
                let (threshold, value) =
                    (self.number("threshold", 0.0), self.number("default_value", self.number("value", 0.0)));
                let (threshold, value) = (graph.number(threshold), graph.number(value));
                let above = graph.node("Greater", &[x, &threshold], vec![]);
                graph.node("Where", &[&above, x, &value], vec![])
            }
            "sparse_plus" => sparse_plus(graph, x),
            "squareplus" => {
                let (b, two) = (graph.number(self.number("b", 4.0)), graph.number(2.0));
                let square = graph.node("Mul", &[x, x], vec![]);
                let sum = graph.node("Add", &[&square, &b], vec![]);
                let root = graph.node("Sqrt", &[&sum], vec![]);
                let sum = graph.node("Add", &[x, &root], vec![]);
                graph.node("Div", &[&sum, &two], vec![])
            }
            other => {
                let what = format!("has the activation `{other}`, which is not written");
                return Err(Refusal::new(what, "an activation of Keras's own"));
            }
        })
    }

    /// `x` above the threshold, up to a maximum, and a slope below.
    fn relu(&self, graph: &mut Graph, x: &str) -> Name {
        let (slope, threshold) = (self.number("negative_slope", 0.0), self.number("threshold", 0.0));
        let most = self.given("max_value").map(|_| self.number("max_value", 0.0));
        if threshold == 0.0 && slope == 0.0 {
            return match most {
                None => graph.node("Relu", &[x], vec![]),
                most => clip(graph, x, Some(0.0), most),
            };
        }
        let limit = graph.number(threshold);
        let (at_least, scale) = (graph.node("GreaterOrEqual", &[x, &limit], vec![]), graph.number(slope));
        let below = graph.node("Sub", &[x, &limit], vec![]);
        let below = graph.node("Mul", &[&below, &scale], vec![]);
        let above = if most.is_some() { clip(graph, x, None, most) } else { x.to_owned() };
        graph.node("Where", &[&at_least, &above, &below], vec![])
    }
}

/// The names that are there twice, and those of classes.
fn known_name(name: &str) -> String {
    match name {
        "swish" => "silu".to_owned(),
        "hard_swish" => "hard_silu".to_owned(),
        "ReLU" => "relu".to_owned(),
        "LeakyReLU" => "leaky_relu".to_owned(),
        "ELU" => "elu".to_owned(),
        other => crate::keras::snake_case(other),
    }
}

fn halve(shape: &mut [usize]) -> Result<()> {
    match shape.last_mut() {
        Some(last) if last.is_multiple_of(2) => {
            *last /= 2;
            Ok(())
        }
        _ => Err(Refusal::new("halves an odd number of features", "an even number")),
    }
}

pub(super) fn clip(graph: &mut Graph, x: &str, least: Option<f32>, most: Option<f32>) -> Name {
    let least = least.map_or_else(String::new, |least| graph.number(least));
    let most = most.map_or_else(String::new, |most| graph.number(most));
    graph.node("Clip", &[x, &least, &most], vec![])
}

/// x · Φ(x)
fn erf_gelu(graph: &mut Graph, x: &str) -> Name {
    let (root, one, half) = (graph.number(std::f32::consts::SQRT_2), graph.number(1.0), graph.number(0.5));
    let scaled = graph.node("Div", &[x, &root], vec![]);
    let erf = graph.node("Erf", &[&scaled], vec![]);
    let sum = graph.node("Add", &[&erf, &one], vec![]);
    let product = graph.node("Mul", &[x, &sum], vec![]);
    graph.node("Mul", &[&product, &half], vec![])
}

/// x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))
fn tanh_gelu(graph: &mut Graph, x: &str) -> Name {
    let (cubic, one, half) = (graph.number(0.044_715), graph.number(1.0), graph.number(0.5));
    let scale = graph.number((2.0 / std::f32::consts::PI).sqrt());
    let square = graph.node("Mul", &[x, x], vec![]);
    let cube = graph.node("Mul", &[&square, x], vec![]);
    let cube = graph.node("Mul", &[&cube, &cubic], vec![]);
    let sum = graph.node("Add", &[x, &cube], vec![]);
    let scaled = graph.node("Mul", &[&sum, &scale], vec![]);
    let tanh = graph.node("Tanh", &[&scaled], vec![]);
    let sum = graph.node("Add", &[&tanh, &one], vec![]);
    let product = graph.node("Mul", &[x, &sum], vec![]);
    graph.node("Mul", &[&product, &half], vec![])
}

/// The first half times the sigmoid of the second.
fn glu(graph: &mut Graph, x: &str, axis: i64) -> Name {
    let halves = graph.node_of("Split", &[x], 2, vec![int("axis", axis), int("num_outputs", 2)]);
    let gate = graph.node("Sigmoid", &[&halves[1]], vec![]);
    graph.node("Mul", &[&halves[0], &gate], vec![])
}

/// 0 up to -1, x from 1 on, and (x + 1)² / 4 between.
fn sparse_plus(graph: &mut Graph, x: &str) -> Name {
    let (one, quarter) = (graph.number(1.0), graph.number(0.25));
    let sum = graph.node("Add", &[x, &one], vec![]);
    let sum = graph.node("Relu", &[&sum], vec![]);
    let square = graph.node("Mul", &[&sum, &sum], vec![]);
    let curve = graph.node("Mul", &[&square, &quarter], vec![]);
    let large = graph.node("GreaterOrEqual", &[x, &one], vec![]);
    graph.node("Where", &[&large, x, &curve], vec![])
}

/// Martins & Astudillo 2016: the nearest point of the simplex.
fn sparsemax(graph: &mut Graph, x: &str, axis: i64) -> Name {
    let one = graph.number(1.0);
    let length = graph.node("Shape", &[x], vec![]);
    let place = graph.integers(&[axis]);
    let length = graph.node("Gather", &[&length, &place], vec![int("axis", 0)]);
    let sorted = graph.node_of("TopK", &[x, &length], 2, vec![int("axis", axis)]).remove(0);
    let place = graph.integers_of(&[], &[axis]);
    let sums = graph.node("CumSum", &[&sorted, &place], vec![]);
    let below = graph.node("Sub", &[&sums, &one], vec![]);
    let zero = graph.number(0.0);
    let nothing = graph.node("Mul", &[&sorted, &zero], vec![]);
    let ones = graph.node("Add", &[&nothing, &one], vec![]);
    let ranks = graph.node("CumSum", &[&ones, &place], vec![]);
    let means = graph.node("Div", &[&below, &ranks], vec![]);
    let within = graph.node("Greater", &[&sorted, &means], vec![]);
    let support = graph.cast(&within, Kind::Float);
    let count = graph.reduce("ReduceSum", &support, &[axis], true);
    let counted = graph.node("Where", &[&within, &sorted, &zero], vec![]);
    let sum = graph.reduce("ReduceSum", &counted, &[axis], true);
    let sum = graph.node("Sub", &[&sum, &one], vec![]);
    let threshold = graph.node("Div", &[&sum, &count], vec![]);
    let above = graph.node("Sub", &[x, &threshold], vec![]);
    graph.node("Relu", &[&above], vec![])
}

fn activation(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, activation) = (step.input()?, Activation::option(step, "activation", "linear")?);
    Ok(vec![activation.on(step, input)?])
}

/// A layer that is an activation with options.
fn of_class(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let config = Some(Value::Object(step.layer.options.clone()));
    let activation = Activation { name: known_name(&step.layer.class), config };
    let input = step.input()?;
    Ok(vec![activation.on(step, input)?])
}

fn p_relu(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let shared = match step.option("shared_axes") {
        Some(_) => step.axes("shared_axes", 1, shape.len() + 1)?,
        None => Vec::new(),
    };
    let sides: Vec<usize> =
        shape.iter().enumerate().map(|(axis, side)| if shared.contains(&(axis + 1)) { 1 } else { *side }).collect();
    let values = step.values("alpha", &sides)?;
    let (name, form) = step.graph.as_it_is(input);
    let (values, sides) = match form {
        Form::Last => (values, sides),
        Form::First => (channels_first(&values, &sides), form.shape(&sides)),
    };
    let slopes = step.keep("alpha", &sides, values);
    let name = step.graph.node("PRelu", &[&name, &slopes], vec![]);
    Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?])
}

/// An array with its last dimension first.
fn channels_first(values: &[f32], shape: &[usize]) -> Vec<f32> {
    let channels = shape.last().copied().unwrap_or(1).max(1);
    (0..channels).flat_map(|channel| values.iter().skip(channel).step_by(channels).copied()).collect()
}

fn softmax(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let rank = shape.len() + 1;
    let axes = step.axes("axis", -1, rank)?;
    let mask = step.graph.wires[input].mask;
    let hidden = mask.map(|mask| step.graph.last(mask));
    let (mut name, form) = step.graph.as_it_is(input);
    if let Some(mask) = mask
        && (step.graph.shape(mask) != shape || form == Form::First)
    {
        return Err(Refusal::new(
            "is given a mask of other dimensions than what it takes",
            "`Attention`, which takes masks of steps",
        ));
    }
    if let Some(hidden) = &hidden {
        let low = step.graph.number(-1e9);
        name = step.graph.node("Where", &[hidden, &name, &low], vec![]);
    }
    let mut name = match axes.as_slice() {
        [axis] => {
            let axis = i64::try_from(form.axis(*axis, rank)).unwrap_or(-1);
            step.graph.node("Softmax", &[&name], vec![int("axis", axis)])
        }
        several => {
            let axes: Vec<i64> =
                several.iter().map(|axis| form.axis(*axis, rank)).filter_map(|axis| axis.try_into().ok()).collect();
            softmax_of(step.graph, &name, &axes)
        }
    };
    if let Some(hidden) = &hidden {
        let zero = step.graph.number(0.0);
        name = step.graph.node("Where", &[hidden, &name, &zero], vec![]);
    }
    let output = step.graph.wire(form, name, shape, Kind::Float)?;
    step.graph.wires[output].mask = mask;
    Ok(vec![output])
}

/// Along several axes at once.
fn softmax_of(graph: &mut Graph, x: &str, axes: &[i64]) -> Name {
    let most = graph.reduce("ReduceMax", x, axes, true);
    let below = graph.node("Sub", &[x, &most], vec![]);
    let exp = graph.node("Exp", &[&below], vec![]);
    let sum = graph.reduce("ReduceSum", &exp, axes, true);
    graph.node("Div", &[&exp, &sum], vec![])
}
