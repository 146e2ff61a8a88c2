//! Normalizations by the statistics of each sample.

use super::{Entry, Result, Step, steps};
use crate::onnx::write::attributes::{float, int, signed};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::wires::Id;

pub(super) const LAYERS: &[Entry] = &[
    steps("GroupNormalization", group),
    steps("LayerNormalization", layer),
    steps("RMSNormalization", rms),
    steps("UnitNormalization", unit),
];

/// The axes of a normalization, with the sides of its weights from the first of these axes on.
fn axes(step: &Step<'_>, shape: &[usize]) -> Result<(Vec<i64>, Vec<usize>, Vec<usize>)> {
    let rank = shape.len() + 1;
    let axes = step.axes("axis", -1, rank)?;
    let own: Vec<usize> = axes.iter().map(|axis| shape[axis - 1]).collect();
    let first = axes.first().copied().unwrap_or(rank - 1);
    let sides = (first..rank).map(|axis| if axes.contains(&axis) { shape[axis - 1] } else { 1 }).collect();
    Ok((signed(&axes), own, sides))
}

fn layer(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    if step.flag("rms_scaling", false) {
        return Err(step.refuse("rms_scaling", "`RMSNormalization`"));
    }
    let (axes, own, sides) = axes(step, &shape)?;
    let gamma = if step.flag("scale", true) { Some(step.values("gamma", &own)?) } else { None };
    let beta = if step.flag("center", true) { Some(step.values("beta", &own)?) } else { None };
    let (x, epsilon) = (step.graph.last(input), step.number("epsilon", 1e-3));
    let name = if axes.len() == sides.len() {
        let gamma = gamma.unwrap_or_else(|| vec![1.0; own.iter().product()]);
        let mut inputs = vec![x, step.keep("gamma", &own, gamma)];
        inputs.extend(beta.map(|beta| step.keep("beta", &own, beta)));
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        step.graph.node("LayerNormalization", &inputs, vec![int("axis", axes[0]), float("epsilon", epsilon)])
    } else {
        let name = normalized(step.graph, &x, &axes, epsilon);
        scaled(step, name, gamma, beta, &sides)
    };
    Ok(vec![step.graph.plain(name, shape)?])
}

/// (x - mean) / √(variance + ε)
fn normalized(graph: &mut Graph, x: &str, axes: &[i64], epsilon: f32) -> Name {
    let mean = graph.reduce("ReduceMean", x, axes, true);
    let centred = graph.node("Sub", &[x, &mean], vec![]);
    let root = root_of_squares(graph, "ReduceMean", &centred, axes, epsilon);
    graph.node("Div", &[&centred, &root], vec![])
}

/// √(mean of squares + ε)
fn root_of_squares(graph: &mut Graph, reduce: &str, x: &str, axes: &[i64], epsilon: f32) -> Name {
    let square = graph.node("Mul", &[x, x], vec![]);
    let mean = graph.reduce(reduce, &square, axes, true);
    let epsilon = graph.number(epsilon);
    let sum = graph.node("Add", &[&mean, &epsilon], vec![]);
    graph.node("Sqrt", &[&sum], vec![])
}

fn scaled(step: &mut Step<'_>, name: Name, gamma: Option<Vec<f32>>, beta: Option<Vec<f32>>, sides: &[usize]) -> Name {
    let mut name = name;
    for (weight, operator, values) in [("gamma", "Mul", gamma), ("beta", "Add", beta)] {
        if let Some(values) = values {
            let weight = step.keep(weight, sides, values);
            name = step.graph.node(operator, &[&name, &weight], vec![]);
        }
    }
    name
}

fn rms(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let (axes, own, sides) = axes(step, &shape)?;
    let scale = step.values("scale", &own)?;
    let (x, epsilon) = (step.graph.last(input), step.number("epsilon", 1e-6));
    let root = root_of_squares(step.graph, "ReduceMean", &x, &axes, epsilon);
    let name = step.graph.node("Div", &[&x, &root], vec![]);
    let scale = step.keep("scale", &sides, scale);
    let name = step.graph.node("Mul", &[&name, &scale], vec![]);
    Ok(vec![step.graph.plain(name, shape)?])
}

/// x / √(sum of squares), of at least 1e-12.
fn unit(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let (axes, ..) = axes(step, &shape)?;
    let (x, least) = (step.graph.last(input), step.graph.number(1e-12));
    let sum = step.graph.reduce("ReduceL2", &x, &axes, true);
    let sum = step.graph.node("Max", &[&sum, &least], vec![]);
    let name = step.graph.node("Div", &[&x, &sum], vec![]);
    Ok(vec![step.graph.plain(name, shape)?])
}

/// Groups of channels: what an operator of ONNX does of whole channels, of each group as one.
fn group(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let rank = shape.len() + 1;
    if step.axis("axis", -1, rank)? != rank - 1 {
        return Err(step.refuse("axis", "`axis=-1`"));
    }
    let channels = shape[rank - 2];
    let groups = match step.option("groups").and_then(serde_json::Value::as_i64) {
        Some(-1) => channels,
        _ => step.size("groups")?,
    };
    if !channels.is_multiple_of(groups) {
        return Err(Refusal::new(format!("has {groups} groups of {channels} channels"), "a number that divides them"));
    }
    let gamma = if step.flag("scale", true) { Some(step.values("gamma", &[channels])?) } else { None };
    let beta = if step.flag("center", true) { Some(step.values("beta", &[channels])?) } else { None };
    let x = step.graph.last(input);
    let sides: usize = shape[..rank - 2].iter().product();
    let parted = step.graph.reshape(&x, &signed_batch(&[sides, groups, channels / groups]));
    let epsilon = step.number("epsilon", 1e-3);
    let normal = normalized(step.graph, &parted, &[1, 3], epsilon);
    let whole = step.graph.reshape(&normal, &signed_batch(&shape));
    let name = scaled(step, whole, gamma, beta, &[channels]);
    Ok(vec![step.graph.plain(name, shape)?])
}

/// A shape to reshape to: a batch of this one.
pub(super) fn signed_batch(shape: &[usize]) -> Vec<i64> {
    [-1].into_iter().chain(signed(shape)).collect()
}
