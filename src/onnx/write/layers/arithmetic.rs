//! Operations of `keras.ops` that compute each number alone.

use serde_json::Value;

use super::activations::{Activation, clip};
use super::merges::{broadcast, common_form};
use super::{Entry, Result, Step, entry, steps};
use crate::onnx::write::attributes::int;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const OPERATIONS: &[Entry] = &[
    steps("Add", |step| binary(step, "Add")),
    steps("Subtract", |step| binary(step, "Sub")),
    steps("Multiply", |step| binary(step, "Mul")),
    steps("Divide", |step| binary(step, "Div")),
    steps("TrueDivide", |step| binary(step, "Div")),
    steps("Power", |step| binary(step, "Pow")),
    steps("Maximum", |step| binary(step, "Max")),
    steps("Minimum", |step| binary(step, "Min")),
    entry("Absolute", |step| unary(step, "Abs")),
    entry("Abs", |step| unary(step, "Abs")),
    entry("Ceil", |step| unary(step, "Ceil")),
    entry("Cos", |step| unary(step, "Cos")),
    entry("Erf", |step| unary(step, "Erf")),
    entry("Exp", |step| unary(step, "Exp")),
    entry("Floor", |step| unary(step, "Floor")),
    entry("Log", |step| unary(step, "Log")),
    entry("Negative", |step| unary(step, "Neg")),
    entry("Reciprocal", |step| unary(step, "Reciprocal")),
    entry("Round", |step| unary(step, "Round")),
    entry("Sign", |step| unary(step, "Sign")),
    entry("Sin", |step| unary(step, "Sin")),
    entry("Sqrt", |step| unary(step, "Sqrt")),
    entry("Square", square),
    entry("Rsqrt", rsqrt),
    entry("Clip", clipped),
    entry("Identity", |step| Ok(vec![step.input()?])),
    entry("Celu", activation),
    entry("Elu", activation),
    entry("Gelu", activation),
    entry("Glu", activation),
    entry("HardShrink", activation),
    entry("HardSigmoid", activation),
    entry("HardSilu", activation),
    entry("HardTanh", activation),
    entry("LeakyRelu", activation),
    entry("LogSigmoid", activation),
    entry("LogSoftmax", along_axis),
    entry("Mish", activation),
    entry("Relu", activation),
    entry("Relu6", activation),
    entry("Selu", activation),
    entry("Sigmoid", activation),
    entry("Silu", activation),
    entry("SoftShrink", activation),
    entry("Softmax", along_axis),
    entry("Softplus", activation),
    entry("Softsign", activation),
    entry("SparsePlus", activation),
    entry("SparseSigmoid", activation),
    entry("Sparsemax", activation),
    entry("Squareplus", activation),
    entry("Tanh", activation),
    entry("TanhShrink", activation),
    entry("Threshold", activation),
];

/// What stands at a place of a call, or has this name there or among the options.
pub(super) fn argument<'v>(step: &'v Step<'_>, place: usize, name: &str) -> Option<&'v Value> {
    step.call.value(name).or_else(|| step.call.value(&place.to_string())).or_else(|| step.option(name))
}

/// Of two wires, or of a wire and a number.
fn binary(step: &mut Step<'_>, operator: &str) -> Result<Vec<Id>> {
    if let [a, b] = step.inputs[..] {
        let shapes = [step.graph.shape(a).to_vec(), step.graph.shape(b).to_vec()];
        if shapes[0].len() != shapes[1].len() {
            let what = "is an operator between wires of different ranks, which lays the batch along a dimension";
            return Err(Refusal::new(what, "the layer `Add`, `Subtract` or `Multiply`"));
        }
        let shape = broadcast(&shapes)?;
        let form = common_form(step.graph, &[a, b]);
        let names = [a, b].map(|id| as_floats(step, id, form));
        let name = step.graph.node(operator, &[&names[0], &names[1]], vec![]);
        return Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?]);
    }
    let (input, shape) = (step.input()?, step.shape()?);
    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    let number = |value: Option<&Value>| value.and_then(Value::as_f64).map(|value| value as f32);
    let before = number(step.call.value("0").or_else(|| step.call.value("x1")));
    let behind = number(step.call.value("1").or_else(|| step.call.value("x2")));
    let form = step.graph.form(input);
    let x = as_floats(step, input, form);
    let name = match (before, behind) {
        (Some(number), None) => {
            let number = step.graph.number(number);
            step.graph.node(operator, &[&number, &x], vec![])
        }
        (None, Some(number)) => {
            let number = step.graph.number(number);
            step.graph.node(operator, &[&x, &number], vec![])
        }
        _ => return Err(Refusal::new("is of a wire and of what is no number", "a wire and a number, or two wires")),
    };
    Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?])
}

fn as_floats(step: &mut Step<'_>, id: Id, form: Form) -> Name {
    let name = step.graph.name(id, form);
    if step.graph.kind(id) == Kind::Float { name } else { step.graph.cast(&name, Kind::Float) }
}

fn unary(step: &mut Step<'_>, operator: &str) -> Result<Vec<Id>> {
    let input = step.input()?;
    Ok(vec![step.graph.pointwise(input, |graph, x| graph.node(operator, &[x], vec![]))?])
}

fn square(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let input = step.input()?;
    Ok(vec![step.graph.pointwise(input, |graph, x| graph.node("Mul", &[x, x], vec![]))?])
}

fn rsqrt(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let input = step.input()?;
    let make = |graph: &mut super::super::graph::Graph, x: &str| {
        let root = graph.node("Sqrt", &[x], vec![]);
        graph.node("Reciprocal", &[&root], vec![])
    };
    Ok(vec![step.graph.pointwise(input, make)?])
}

fn clipped(step: &mut Step<'_>) -> Result<Vec<Id>> {
    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    let limit = |place, name| argument(step, place, name).and_then(Value::as_f64).map(|value| value as f32);
    let (input, least, most) = (step.input()?, limit(1, "x_min"), limit(2, "x_max"));
    Ok(vec![step.graph.pointwise(input, |graph, x| clip(graph, x, least, most))?])
}

/// An activation, as an operation with its parameters.
fn activation(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let input = step.input()?;
    if argument(step, 1, "axis").is_some_and(|axis| axis.as_i64() != Some(-1)) {
        return Err(step.refuse("axis", "`axis=-1`"));
    }
    let mut config = step.layer.options.clone();
    let named = step.call.values.iter().filter(|(name, _)| !name.starts_with(|first: char| first.is_ascii_digit()));
    config.extend(named.map(|(name, value)| (name.clone(), (*value).clone())));
    let class = serde_json::json!({"class_name": step.layer.class, "config": config});
    let activation = Activation::of(&class)?;
    Ok(vec![activation.on(step, input)?])
}

/// A softmax along any axis.
fn along_axis(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let given = argument(step, 1, "axis").and_then(Value::as_i64).unwrap_or(-1);
    let axis = super::super::step::place(given, shape.len() + 1).filter(|axis| *axis > 0);
    let axis = axis.ok_or_else(|| step.refuse("axis", "one axis of the wire, not the batch"))?;
    let (x, form) = step.graph.as_it_is(input);
    let place = i64::try_from(form.axis(axis, shape.len() + 1)).unwrap_or(-1);
    let name = step.graph.node(&step.layer.class, &[&x], vec![int("axis", place)]);
    Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?])
}
