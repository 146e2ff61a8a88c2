//! Transposed convolutions.

use super::convolution::{bias, finish, image, kernel_first};
use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::{ints, signed};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::wires::{Form, Id};

pub(super) const LAYERS: &[Entry] = &[
    entry("Conv1DTranspose", |step| transposed(step, 1)),
    entry("Conv2DTranspose", |step| transposed(step, 2)),
    entry("Conv3DTranspose", |step| transposed(step, 3)),
];

/// One side of what comes out: how long it is, what is cut off before and behind it, what is put behind it.
struct Side {
    length: usize,
    before: usize,
    behind: usize,
    added: usize,
}

fn side(step: &Step<'_>, side: usize, kernel: usize, stride: usize, added: Option<usize>) -> Result<Side> {
    let full = (side - 1).saturating_mul(stride).saturating_add(kernel);
    let same = match step.word("padding", "valid").as_str() {
        "valid" => false,
        "same" => true,
        _ => return Err(step.refuse("padding", "`valid` or `same`")),
    };
    // As `keras.src.backend.common` computes it.
    let length = match (same, added) {
        (false, None) => full.saturating_add(stride.saturating_sub(kernel)),
        (false, Some(added)) => full.saturating_add(added),
        (true, None) => side.saturating_mul(stride),
        (true, Some(added)) => (side - 1).saturating_mul(stride).saturating_add(kernel % 2).saturating_add(added),
    };
    let cut = full.saturating_sub(length);
    let before = if same { cut / 2 } else { 0 };
    let added = length.saturating_sub(full);
    if length == 0 || added >= stride.max(1) && added > 0 {
        let what = format!("makes a side of {length} of one of {side}, {added} longer than its windows reach");
        return Err(Refusal::new(what, "an `output_padding` below the strides"));
    }
    Ok(Side { length, before, behind: cut - before, added })
}

fn transposed(step: &mut Step<'_>, count: usize) -> Result<Vec<Id>> {
    let (input, (sides, channels)) = (step.input()?, image(step, count)?);
    let (filters, size, strides) =
        (step.size("filters")?, step.sizes("kernel_size", count, 1)?, step.sizes("strides", count, 1)?);
    if step.sizes("dilation_rate", count, 1)?.iter().any(|rate| *rate != 1) {
        return Err(step.refuse("dilation_rate", "`dilation_rate=1`"));
    }
    let added = added(step, count)?;
    let places = (0..count).map(|axis| side(step, sides[axis], size[axis], strides[axis], added[axis]));
    let places: Vec<Side> = places.collect::<Result<_>>()?;
    // Keras's kernel is [sides, filters, channels].
    let shape = [size.clone(), vec![filters, channels]].concat();
    let (values, shape) = kernel_first(&step.values("kernel", &shape)?, &shape, &[1, 0]);
    let (kernel, bias) = (step.keep("kernel", &shape, values), bias(step, filters)?);
    let pads: Vec<usize> = places.iter().map(|side| side.before).chain(places.iter().map(|side| side.behind)).collect();
    let behind: Vec<usize> = places.iter().map(|side| side.added).collect();
    let mut attributes =
        vec![ints("kernel_shape", signed(&size)), ints("strides", signed(&strides)), ints("pads", signed(&pads))];
    if behind.iter().any(|added| *added != 0) {
        attributes.push(ints("output_padding", signed(&behind)));
    }
    let x = step.graph.name(input, Form::First);
    let inputs: Vec<&str> = [x.as_str(), kernel.as_str()].into_iter().chain(bias.as_deref()).collect();
    let name = step.graph.node("ConvTranspose", &inputs, attributes);
    finish(step, name, places.iter().map(|side| side.length).collect(), filters)
}

/// `output_padding` of each side, which may be 0.
fn added(step: &Step<'_>, count: usize) -> Result<Vec<Option<usize>>> {
    let number = |value: &serde_json::Value| value.as_u64().and_then(|value| usize::try_from(value).ok());
    let added: Option<Vec<_>> = match step.option("output_padding") {
        None => return Ok(vec![None; count]),
        Some(serde_json::Value::Array(all)) => all.iter().map(|value| number(value).map(Some)).collect(),
        Some(one) => number(one).map(|one| vec![Some(one); count]),
    };
    added.filter(|added| added.len() == count).ok_or_else(|| step.refuse("output_padding", "a whole number a side"))
}
