//! Operations of `keras.ops` on shapes, and over axes.

use serde_json::Value;

use super::arithmetic::argument;
use super::merges::joined;
use super::reshaping::{permuted, target_shape};
use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::{int, signed, text};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::step::place;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const OPERATIONS: &[Entry] = &[
    entry("Cast", cast),
    entry("Concatenate", concatenate),
    entry("Einsum", einsum),
    entry("ExpandDims", expand_dims),
    entry("Flip", flip),
    entry("Matmul", matmul),
    entry("Max", |step| reduce(step, "ReduceMax")),
    entry("Mean", |step| reduce(step, "ReduceMean")),
    entry("Min", |step| reduce(step, "ReduceMin")),
    entry("Prod", |step| reduce(step, "ReduceProd")),
    entry("Sum", |step| reduce(step, "ReduceSum")),
    entry("Reshape", reshape),
    entry("Squeeze", squeeze),
    entry("Stack", stack),
    entry("Swapaxes", swap_axes),
    entry("Transpose", transpose),
];

/// The axis of an operation, of `rank` with the batch, which is not one.
pub(super) fn axis_of(step: &Step<'_>, at: usize, rank: usize, default: i64) -> Result<usize> {
    let given = match argument(step, at, "axis") {
        None => Some(default),
        Some(value) => value.as_i64(),
    };
    let axis = given.and_then(|axis| place(axis, rank)).filter(|axis| *axis > 0);
    axis.ok_or_else(|| step.refuse("axis", "one axis of the wire, not the batch"))
}

fn concatenate(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let rank = step.inputs.first().map_or(1, |id| step.graph.rank(*id));
    let axis = axis_of(step, 1, rank, -1)?;
    Ok(vec![joined(step, axis)?])
}

/// Wires along a new axis.
fn stack(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let ids = step.inputs.clone();
    let shape = ids
        .first()
        .map(|id| step.graph.shape(*id).to_vec())
        .ok_or_else(|| Refusal::new("stacks no wires", "at least one"))?;
    if ids.iter().any(|id| step.graph.shape(*id) != shape) {
        return Err(Refusal::new("stacks wires of different shapes", "wires of one shape"));
    }
    let axis = axis_of(step, 1, shape.len() + 2, 0)?;
    let place = signed(&[axis])[0];
    let mut names = Vec::new();
    for id in &ids {
        let x = step.graph.last(*id);
        names.push(step.graph.unsqueeze(&x, &[place]));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let name = step.graph.node("Concat", &names, vec![int("axis", place)]);
    let mut sides = shape;
    sides.insert(axis - 1, ids.len());
    let kind = step.graph.kind(ids[0]);
    Ok(vec![step.graph.wire(Form::Last, name, sides, kind)?])
}

fn expand_dims(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, mut shape) = (step.input()?, step.shape()?);
    let axis = axis_of(step, 1, shape.len() + 2, -1)?;
    let (x, kind) = (step.graph.last(input), step.graph.kind(input));
    let name = step.graph.unsqueeze(&x, &signed(&[axis]));
    shape.insert(axis - 1, 1);
    Ok(vec![step.graph.wire(Form::Last, name, shape, kind)?])
}

fn squeeze(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, mut shape) = (step.input()?, step.shape()?);
    let axis = axis_of(step, 1, shape.len() + 1, 0)?;
    if shape[axis - 1] != 1 {
        return Err(Refusal::new(format!("removes a dimension of {}", shape[axis - 1]), "one of 1"));
    }
    let (x, kind) = (step.graph.last(input), step.graph.kind(input));
    let name = step.graph.squeeze(&x, &signed(&[axis]));
    shape.remove(axis - 1);
    Ok(vec![step.graph.wire(Form::Last, name, shape, kind)?])
}

fn reshape(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let target = argument(step, 1, "newshape").cloned().unwrap_or_default();
    let sides = target.as_array().and_then(|sides| sides.split_first());
    let Some((batch, rest)) = sides.filter(|(batch, _)| batch.is_null() || batch.as_i64() == Some(-1)) else {
        return Err(Refusal::new(
            format!("is called with `newshape = {target}`"),
            "-1 for the batch, and the other sides",
        ));
    };
    let _ = batch;
    let (input, shape) = (step.input()?, target_shape(step, &Value::Array(rest.to_vec()), "newshape")?);
    Ok(vec![step.graph.reshaped(input, shape)?])
}

fn transpose(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let rank = step.shape()?.len() + 1;
    let axes = argument(step, 1, "axes").and_then(Value::as_array).cloned().unwrap_or_default();
    let order: Option<Vec<usize>> = axes.iter().map(|axis| place(axis.as_i64()?, rank)).collect();
    match order.as_deref() {
        Some([0, rest @ ..]) => Ok(vec![permuted(step, rest, "axes")?]),
        _ => Err(step.refuse("axes", "all axes, the batch first")),
    }
}

fn swap_axes(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let rank = step.shape()?.len() + 1;
    let axis = |at, name| argument(step, at, name).and_then(Value::as_i64).and_then(|axis| place(axis, rank));
    let (a, b) = axis(1, "axis1").zip(axis(2, "axis2")).ok_or_else(|| step.refuse("axis1", "two axes of the wire"))?;
    let mut order: Vec<usize> = (0..rank).collect();
    order.swap(a, b);
    match order.as_slice() {
        [0, rest @ ..] => Ok(vec![permuted(step, rest, "axis1")?]),
        _ => Err(step.refuse("axis1", "two axes that are not the batch")),
    }
}

fn flip(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let axis = axis_of(step, 1, shape.len() + 1, 0)?;
    let (x, kind) = (step.graph.last(input), step.graph.kind(input));
    let name = step.graph.reverse(&x, signed(&[axis])[0]);
    Ok(vec![step.graph.wire(Form::Last, name, shape, kind)?])
}

fn cast(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let kind = match argument(step, 1, "dtype").and_then(Value::as_str).unwrap_or_default() {
        "float32" | "float64" | "float16" | "bfloat16" => Kind::Float,
        "int64" => Kind::Int64,
        "bool" => Kind::Bool,
        whole if whole.starts_with("int") || whole.starts_with("uint") => Kind::Int32,
        _ => return Err(step.refuse("dtype", "a type of numbers")),
    };
    let name = step.graph.of_kind(input, kind);
    Ok(vec![step.graph.wire(Form::Last, name, shape, kind)?])
}

/// The sum, the mean, … along axes.
fn reduce(step: &mut Step<'_>, operator: &str) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let rank = shape.len() + 1;
    let axes = match argument(step, 1, "axis").cloned().unwrap_or_default() {
        Value::Array(axes) => axes,
        one => vec![one],
    };
    let axes: Option<Vec<usize>> =
        axes.iter().map(|axis| place(axis.as_i64()?, rank).filter(|axis| *axis > 0)).collect();
    let axes = axes.ok_or_else(|| step.refuse("axis", "axes of the wire, not the batch"))?;
    let keep = argument(step, 2, "keepdims").and_then(Value::as_bool).unwrap_or(false);
    let x = step.graph.last(input);
    let name = step.graph.reduce(operator, &x, &signed(&axes), keep);
    let sides = shape.iter().enumerate().filter_map(|(side, length)| match (axes.contains(&(side + 1)), keep) {
        (false, _) => Some(*length),
        (true, keep) => keep.then_some(1),
    });
    let sides = sides.collect();
    Ok(vec![step.graph.plain(name, sides)?])
}

fn matmul(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let [a, b] = step.inputs[..] else { return Err(Refusal::new("is not of two wires", "two wires")) };
    let (first, second) = (step.graph.shape(a).to_vec(), step.graph.shape(b).to_vec());
    let rank = first.len();
    if rank < 2 || second.len() != rank || first[rank - 1] != second[rank - 2] {
        return Err(Refusal::new(
            format!("multiplies the shapes {first:?} and {second:?}"),
            "matrices that fit, of one rank",
        ));
    }
    let before = super::merges::broadcast(&[first[..rank - 2].to_vec(), second[..rank - 2].to_vec()])?;
    let names = [step.graph.last(a), step.graph.last(b)];
    let name = step.graph.node("MatMul", &[&names[0], &names[1]], vec![]);
    let shape = [before, vec![first[rank - 2], second[rank - 1]]].concat();
    Ok(vec![step.graph.plain(name, shape)?])
}

fn einsum(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let given = argument(step, 0, "subscripts").and_then(Value::as_str).unwrap_or_default().replace(' ', "");
    let wrong = || Refusal::new(format!("has the equation {given:?}"), "letters alone, the batch first in all");
    let (left, output) = given.split_once("->").ok_or_else(wrong)?;
    let operands: Vec<&str> = left.split(',').collect();
    let batch = output.chars().next().ok_or_else(wrong)?;
    if operands.len() != step.inputs.len() || given.contains('.') {
        return Err(wrong());
    }
    let mut sizes = std::collections::HashMap::new();
    for (letters, id) in operands.iter().zip(&step.inputs) {
        let shape = step.graph.shape(*id);
        if letters.chars().count() != shape.len() + 1 || !letters.starts_with(batch) {
            return Err(wrong());
        }
        for (letter, side) in letters.chars().skip(1).zip(shape) {
            if *sizes.entry(letter).or_insert(*side) != *side {
                return Err(wrong());
            }
        }
    }
    let shape: Option<Vec<usize>> = output.chars().skip(1).map(|letter| sizes.get(&letter).copied()).collect();
    let names: Vec<String> = step.inputs.clone().into_iter().map(|id| step.graph.last(id)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let name = step.graph.node("Einsum", &names, vec![text("equation", &given)]);
    Ok(vec![step.graph.plain(name, shape.ok_or_else(wrong)?)?])
}
