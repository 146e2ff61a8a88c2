//! Poolings of windows, and of all places.

use super::convolution::{Window, image};
use super::{Entry, Result, Step, entry, masks};
use crate::onnx::write::attributes::int;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("AveragePooling1D", |step| pooling(step, "AveragePool", 1)),
    entry("AveragePooling2D", |step| pooling(step, "AveragePool", 2)),
    entry("AveragePooling3D", |step| pooling(step, "AveragePool", 3)),
    entry("MaxPooling1D", |step| pooling(step, "MaxPool", 1)),
    entry("MaxPooling2D", |step| pooling(step, "MaxPool", 2)),
    entry("MaxPooling3D", |step| pooling(step, "MaxPool", 3)),
    masks("GlobalAveragePooling1D", average_of_steps),
    entry("GlobalAveragePooling2D", |step| global(step, "ReduceMean", 2)),
    entry("GlobalAveragePooling3D", |step| global(step, "ReduceMean", 3)),
    entry("GlobalMaxPooling1D", |step| global(step, "ReduceMax", 1)),
    entry("GlobalMaxPooling2D", |step| global(step, "ReduceMax", 2)),
    entry("GlobalMaxPooling3D", |step| global(step, "ReduceMax", 3)),
];

fn pooling(step: &mut Step<'_>, operator: &str, count: usize) -> Result<Vec<Id>> {
    let (input, (sides, channels)) = (step.input()?, image(step, count)?);
    let size = step.sizes("pool_size", count, 2)?;
    let strides = if step.option("strides").is_some() { step.sizes("strides", count, 1)? } else { size.clone() };
    let window = Window::over(step, &sides, size, strides, vec![1; count])?;
    let x = step.graph.name(input, Form::First);
    let name = step.graph.node(operator, &[&x], window.attributes());
    let shape = [window.sides, vec![channels]].concat();
    Ok(vec![step.graph.wire(Form::First, name, shape, Kind::Float)?])
}

/// Over all sides, in the form in which the image is there.
fn global(step: &mut Step<'_>, operator: &str, count: usize) -> Result<Vec<Id>> {
    let (input, (sides, channels)) = (step.input()?, image(step, count)?);
    let keep = step.flag("keepdims", false);
    let (x, form) = step.graph.as_it_is(input);
    let axes: Vec<i64> = (1..=sides.len()).filter_map(|axis| form.axis(axis, count + 2).try_into().ok()).collect();
    let name = step.graph.reduce(operator, &x, &axes, keep);
    let shape = if keep { [vec![1; count], vec![channels]].concat() } else { vec![channels] };
    let form = if keep { form } else { Form::Last };
    Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?])
}

/// Of the steps that count.
fn average_of_steps(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape_of_rank(2)?);
    let Some(mask) = step.graph.wires[input].mask else { return global(step, "ReduceMean", 1) };
    step.channels_last()?;
    let keep = step.flag("keepdims", false);
    let (x, mask, zero) = (step.graph.last(input), step.graph.last(mask), step.graph.number(0.0));
    let mask = step.graph.unsqueeze(&mask, &[2]);
    let counted = step.graph.node("Where", &[&mask, &x, &zero], vec![]);
    let sum = step.graph.reduce("ReduceSum", &counted, &[1], keep);
    let steps = step.graph.cast(&mask, Kind::Float);
    let axes = step.graph.integers(&[1]);
    let count = step.graph.node("ReduceSum", &[&steps, &axes], vec![int("keepdims", keep.into())]);
    let name = step.graph.node("Div", &[&sum, &count], vec![]);
    let shape = if keep { vec![1, shape[1]] } else { vec![shape[1]] };
    Ok(vec![step.graph.plain(name, shape)?])
}
