//! Normalizations by statistics that are known: `BatchNormalization`, `Normalization`, `Rescaling`.

use serde_json::Value;

use super::{Entry, Result, Step, steps};
use crate::onnx::write::attributes::float;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    steps("BatchNormalization", batch_normalization),
    steps("Normalization", normalization),
    steps("Rescaling", rescaling),
];

fn batch_normalization(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let rank = shape.len() + 1;
    let axis = step.axis("axis", -1, rank)?;
    let channels = [shape[axis - 1]];
    let gamma = if step.flag("scale", true) { step.values("gamma", &channels)? } else { vec![1.0; channels[0]] };
    let beta = if step.flag("center", true) { step.values("beta", &channels)? } else { vec![0.0; channels[0]] };
    let mean = step.values("moving_mean", &channels)?;
    let variance = step.values("moving_variance", &channels)?;
    let epsilon = step.number("epsilon", 1e-3);
    let is_last = axis == rank - 1;
    if is_last && (rank != 3 || step.graph.has_first(input)) {
        let x = step.graph.name(input, Form::First);
        let all = [("gamma", gamma), ("beta", beta), ("moving_mean", mean), ("moving_variance", variance)];
        let [scale, bias, mean, variance] = all.map(|(name, values)| step.keep(name, &channels, values));
        let inputs = [x.as_str(), &scale, &bias, &mean, &variance];
        let name = step.graph.node("BatchNormalization", &inputs, vec![float("epsilon", epsilon)]);
        let form = if rank < 3 { Form::Last } else { Form::First };
        return Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?]);
    }
    // Along another axis, or of a sequence that would have to be turned round: as two steps.
    let factor: Vec<f32> =
        gamma.iter().zip(&variance).map(|(gamma, variance)| gamma / (variance + epsilon).sqrt()).collect();
    let offset = beta.iter().zip(mean.iter().zip(&factor)).map(|(beta, (mean, factor))| beta - mean * factor).collect();
    let sides: Vec<usize> = std::iter::once(channels[0]).chain(std::iter::repeat_n(1, rank - 1 - axis)).collect();
    let (factor, offset) = (step.keep("scale", &sides, factor), step.keep("offset", &sides, offset));
    let x = step.graph.last(input);
    let scaled = step.graph.node("Mul", &[&x, &factor], vec![]);
    let name = step.graph.node("Add", &[&scaled, &offset], vec![]);
    Ok(vec![step.graph.plain(name, shape)?])
}

/// (x - mean) / standard deviation, or the other way round.
fn normalization(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let rank = shape.len() + 1;
    let kept = if step.layer.options.get("axis").is_some_and(Value::is_null) {
        Vec::new()
    } else {
        step.axes("axis", -1, rank)?
    };
    let sides: Vec<usize> = (1..rank).map(|axis| if kept.contains(&axis) { shape[axis - 1] } else { 1 }).collect();
    let count: usize = sides.iter().product();
    let (mean, variance) = (statistic(step, "mean", count)?, statistic(step, "variance", count)?);
    let deviation: Vec<f32> = variance.iter().map(|variance| variance.sqrt().max(1e-7)).collect();
    let (mean, deviation) = (step.keep("mean", &sides, mean), step.keep("deviation", &sides, deviation));
    let x = step.graph.of_kind(input, Kind::Float);
    let name = if step.flag("invert", false) {
        let scaled = step.graph.node("Mul", &[&x, &deviation], vec![]);
        step.graph.node("Add", &[&scaled, &mean], vec![])
    } else {
        let centred = step.graph.node("Sub", &[&x, &mean], vec![]);
        step.graph.node("Div", &[&centred, &deviation], vec![])
    };
    Ok(vec![step.graph.plain(name, shape)?])
}

/// Given as an option, or found by `adapt` and kept as a weight.
fn statistic(step: &Step<'_>, name: &str, count: usize) -> Result<Vec<f32>> {
    if let Some(value) = step.option(name) {
        let mut numbers = Vec::new();
        collect(value, &mut numbers);
        return match numbers.as_slice() {
            [one] => Ok(vec![*one; count]),
            all if all.len() == count => Ok(numbers),
            all => Err(Refusal::new(
                format!("has a `{name}` of {} numbers for {count} places", all.len()),
                "one for each place",
            )),
        };
    }
    // Their shape is that of the kept axes alone.
    step.values_of_any_shape(name, count)
}

#[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
fn collect(value: &Value, numbers: &mut Vec<f32>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| collect(value, numbers)),
        one => numbers.extend(one.as_f64().map(|number| number as f32)),
    }
}

fn rescaling(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let mut constants = Vec::new();
    for (name, default) in [("scale", 1.0), ("offset", 0.0)] {
        let mut numbers = Vec::new();
        collect(step.option(name).unwrap_or(&default.into()), &mut numbers);
        if numbers.len() != 1 && Some(&numbers.len()) != shape.last() {
            return Err(step.refuse(name, "one number, or one a channel"));
        }
        constants.push(numbers);
    }
    let x = step.graph.of_kind(input, Kind::Float);
    let sides = |numbers: &[f32]| if numbers.len() == 1 { vec![] } else { vec![numbers.len()] };
    let scale = step.graph.floats(&sides(&constants[0]), &constants[0]);
    let mut name = step.graph.node("Mul", &[&x, &scale], vec![]);
    if constants[1].iter().any(|offset| *offset != 0.0) {
        let offset = step.graph.floats(&sides(&constants[1]), &constants[1]);
        name = step.graph.node("Add", &[&name, &offset], vec![]);
    }
    Ok(vec![step.graph.plain(name, shape)?])
}
