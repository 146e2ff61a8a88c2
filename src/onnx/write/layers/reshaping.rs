//! The same numbers in other shapes.

use serde_json::Value;

use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::signed;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::step::size;
use crate::onnx::write::wires::{Form, Id};

pub(super) const LAYERS: &[Entry] =
    &[entry("Flatten", flatten), entry("Permute", permute), entry("RepeatVector", repeat), entry("Reshape", reshape)];

fn flatten(step: &mut Step<'_>) -> Result<Vec<Id>> {
    step.channels_last()?;
    let (input, shape) = (step.input()?, step.shape()?);
    if shape.len() == 1 {
        return Ok(vec![input]);
    }
    Ok(vec![step.graph.reshaped(input, vec![shape.iter().product()])?])
}

fn reshape(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, target) = (step.input()?, step.option("target_shape").cloned().unwrap_or_default());
    let shape = target_shape(step, &target, "target_shape")?;
    Ok(vec![step.graph.reshaped(input, shape)?])
}

/// The shape that a list says, of which one side may be -1, or none: what is left.
pub(super) fn target_shape(step: &Step<'_>, target: &Value, option: &str) -> Result<Vec<usize>> {
    let all: usize = step.shape()?.iter().product();
    let wrong = || Refusal::new(format!("has `{option} = {target}` for {all} numbers"), "a shape of as many");
    let sides = target.as_array().ok_or_else(wrong)?;
    let known: Vec<Option<usize>> = sides.iter().map(size).collect();
    let rest = known.iter().filter(|side| side.is_none()).count();
    let product =
        known.iter().flatten().try_fold(1_usize, |product, side| product.checked_mul(*side)).ok_or_else(wrong)?;
    let is_free = |side: &Value| side.is_null() || side.as_i64() == Some(-1);
    let fits = match rest {
        0 => product == all,
        1 => all.is_multiple_of(product),
        _ => false,
    };
    if !fits || !sides.iter().zip(&known).all(|(side, known)| known.is_some() || is_free(side)) {
        return Err(wrong());
    }
    Ok(known.into_iter().map(|side| side.unwrap_or(all / product)).collect())
}

fn permute(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let dims = step.option("dims").and_then(Value::as_array).cloned().unwrap_or_default();
    let order: Option<Vec<usize>> = dims.iter().map(size).collect();
    let order = order.ok_or_else(|| step.refuse("dims", "each dimension once, from 1"))?;
    Ok(vec![permuted(step, &order, "dims")?])
}

/// With these dimensions in order, each once from 1.
pub(super) fn permuted(step: &mut Step<'_>, order: &[usize], option: &str) -> Result<Id> {
    let (input, shape) = (step.input()?, step.shape()?);
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if sorted != (1..=shape.len()).collect::<Vec<_>>() {
        return Err(step.refuse(option, "each dimension once, from 1"));
    }
    let sides = order.iter().map(|axis| shape[axis - 1]).collect();
    let (x, kind) = (step.graph.last(input), step.graph.kind(input));
    let name = step.graph.transpose(&x, &[&[0], order].concat());
    step.graph.wire(Form::Last, name, sides, kind)
}

fn repeat(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape, count) = (step.input()?, step.shape_of_rank(1)?, step.size("n")?);
    let x = step.graph.last(input);
    let row = step.graph.unsqueeze(&x, &[1]);
    let to = step.graph.integers(&[&[1], signed(&[count, 1]).as_slice()].concat());
    let name = step.graph.node("Expand", &[&row, &to], vec![]);
    Ok(vec![step.graph.plain(name, vec![count, shape[0]])?])
}
