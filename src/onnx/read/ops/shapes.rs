//! What changes the axes of a wire, and none of its numbers.

use std::rc::Rc;

use super::super::error::Refused;
use super::super::fold::{self, axes};
use super::super::graph::Node;
use super::super::layers::{Function, Kind, Layer, Part};
use super::super::tensor::product;
use super::super::view::{BATCH, View};
use super::super::{Outcome, Reader, Value};

pub(super) fn same(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    if node.outputs.get(1).is_some_and(|mask| reader.graph.uses.contains_key(mask)) {
        return Err(Refused::own_layer("gives which numbers dropped out"));
    }
    Ok(vec![Value::Wire(reader.wire(node, 0)?)])
}

pub(super) fn shape(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    Ok(vec![Value::Array(Rc::new(fold::shape(node, &view.shape())?))])
}

pub(super) fn transpose(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    Ok(vec![Value::Wire(view.transposed(&fold::permutation(node, view.rank())?))])
}

/// By axes of these lengths: in most cases the same tensor.
fn with_shape(reader: &mut Reader<'_>, view: &View, shape: &[usize]) -> Result<View, Refused> {
    if let Some(view) = view.reshaped(shape) {
        return Ok(view);
    }
    // Otherwise the numbers are put in the order of the file, and counted anew.
    let batch = view.atoms[BATCH];
    if view.batch_axis() != Some(0) || shape.first() != Some(&batch) {
        return Err(Refused::own_layer(format!(
            "makes {shape:?} of {:?}, and so moves numbers between samples",
            view.shape()
        )));
    }
    let rest = view.axes[1..].concat();
    let flat = reader.layers.arranged(view, vec![vec![BATCH], rest])?;
    let order: Vec<usize> = (0..shape.len()).collect();
    let layer = Layer::new("Reshape", flat.place).option("target_shape", shape[1..].to_vec());
    let place = reader.layers.add(layer, shape[1..].to_vec())?;
    Ok(View::new(place, shape, 0, &order))
}

pub(super) fn reshape(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let wanted = match node.ints("shape") {
        Some(shape) => shape.to_vec(),
        None => reader.array(node, 1)?.as_ints().ok_or_else(|| Refused::damaged("a side is a fraction"))?.to_vec(),
    };
    let shape = fold::reshaped(&view.shape(), &wanted, node.int("allowzero", 0) == 1)?;
    Ok(vec![Value::Wire(with_shape(reader, &view, &shape)?)])
}

pub(super) fn flatten(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axis = node.int("axis", 1);
    let rank = view.rank();
    let axis = if axis == i64::try_from(rank).unwrap_or_default() { rank } else { fold::axis_of(axis, rank)? };
    let shape = view.shape();
    let shape = [product(&shape[..axis]), product(&shape[axis..])];
    Ok(vec![Value::Wire(with_shape(reader, &view, &shape)?)])
}

pub(super) fn squeeze(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axes = axes(node, &reader.arrays(node), 1)?;
    let is_gone = |at: usize| match &axes {
        Some(axes) => axes.iter().any(|axis| fold::axis_of(*axis, view.rank()).is_ok_and(|axis| axis == at)),
        None => view.axes[at].is_empty(),
    };
    fold::squeezed(&view.shape(), axes.as_deref())?;
    if (0..view.rank()).any(|at| is_gone(at) && view.axes[at].contains(&BATCH)) {
        return Err(Refused::own_layer("leaves the batch out"));
    }
    let left = (0..view.rank()).filter(|at| !is_gone(*at)).map(|at| view.axes[at].clone()).collect();
    Ok(vec![Value::Wire(view.with_axes(left))])
}

pub(super) fn unsqueeze(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axes = axes(node, &reader.arrays(node), 1)?.unwrap_or_default();
    let rank = view.rank() + axes.len();
    let axes = axes.iter().map(|axis| fold::axis_of(*axis, rank)).collect::<Result<Vec<_>, _>>()?;
    let mut there = view.axes.iter();
    let axis = |at: usize| if axes.contains(&at) { Some(Vec::new()) } else { there.next().cloned() };
    let all = (0..rank).map(axis).collect::<Option<Vec<_>>>();
    Ok(vec![Value::Wire(view.with_axes(all.ok_or_else(|| Refused::damaged("an axis is named twice"))?))])
}

/// Only where it changes nothing.
pub(super) fn expand(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (view, wanted) = (reader.wire(node, 0)?, reader.array(node, 1)?);
    let wanted = wanted.as_ints().ok_or_else(|| Refused::damaged("a side is a fraction"))?;
    let wanted = wanted.iter().map(|side| usize::try_from(*side).unwrap_or(usize::MAX)).collect::<Vec<_>>();
    if fold::together(&view.shape(), &wanted)? == view.shape() {
        return Ok(vec![Value::Wire(view)]);
    }
    Err(Refused::new(
        format!("repeats a wire of {:?} to {wanted:?}", view.shape()),
        "`RepeatVector`, or a merge, which stretches by itself",
    ))
}

/// What is asked of each number, which nothing takes but [`chosen`].
pub(super) fn asked(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (view, bound) = (reader.wire(node, 0)?, reader.array(node, 1)?);
    let what = format!("`{}` has no counterpart by itself", node.operation);
    let layer = Layer::new(node.operation.clone(), view.place).part(
        Part::Unknown,
        what,
        "write a layer of your own: docs/writing-a-layer.md",
    );
    let of: fn(f32, f32) -> f32 = |x, bound| if x < bound { 1.0 } else { 0.0 };
    let function = bound.scalar().map(|constant| Function::Constant { of, constant, is_first: false });
    let made = reader.layers.add_like(Layer { function, ..layer }, &view)?;
    Ok(vec![Value::Wire(made)])
}

/// Two choices that exporters write make none here. Where a softmax has no number, as of scores that are all left out, there
/// is 0: none are left out. Where an id is below 0 it is counted from the end: ids are not.
pub(super) fn chosen(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (condition, view) = (reader.wire(node, 0)?, reader.wire(node, 2)?);
    let layer = reader.layers.of(&condition);
    let is_of_same = layer.takes() == [view.place] && matches!(layer.kind, Kind::Part { .. });
    let other = node.input(1).and_then(|name| reader.value(name));
    let is_none = match (layer.class.as_str(), layer.function, other) {
        ("IsNaN", _, Some(Value::Array(zero))) => zero.scalar() == Some(0.0),
        ("Less", Some(Function::Constant { constant, .. }), Some(Value::Wire(counted))) => {
            constant == 0.0
                && reader.layers.of(&counted).takes() == [view.place]
                && reader.layers.of(&counted).class == "Add"
        }
        _ => false,
    };
    if is_of_same && is_none {
        return Ok(vec![Value::Wire(view)]);
    }
    Err(Refused::own_layer("takes one wire or another, place by place"))
}
