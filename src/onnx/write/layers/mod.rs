//! The layers, a file a kind. A layer is a function, and a line in the list of its file.

mod activations;
mod adaptive;
mod additive;
mod arithmetic;
mod attention;
mod borders;
mod convolution;
mod dense;
mod embedding;
mod merges;
mod normalization;
mod operations;
mod pooling;
mod preprocessing;
mod recurrent;
mod reshaping;
mod resizing;
mod silent;
mod slices;
mod statistics;
mod transposed;
mod wrappers;

use super::error::{Refusal, Result};
use super::model;
use super::step::Step;
use super::wires::Id;

/// Writes the nodes of one call, and says which wires come out.
type Writer = fn(&mut Step<'_>) -> Result<Vec<Id>>;

/// What becomes of the mask of the first wire that goes in.
#[derive(Clone, Copy)]
pub(super) enum Masks {
    /// The first wire that comes out has it.
    Passed,
    /// Nothing has it.
    Lost,
    /// The layer says.
    Own,
}

/// A class of Keras's, and how it is written.
struct Entry {
    class: &'static str,
    write: Writer,
    masks: Masks,
}

const fn entry(class: &'static str, write: Writer) -> Entry {
    Entry { class, write, masks: Masks::Lost }
}

/// One that leaves each step where it was.
const fn steps(class: &'static str, write: Writer) -> Entry {
    Entry { class, write, masks: Masks::Passed }
}

/// One that makes masks, or takes them.
const fn masks(class: &'static str, write: Writer) -> Entry {
    Entry { class, write, masks: Masks::Own }
}

/// A class that ONNX cannot say: why, and what to do.
struct Refused {
    class: &'static str,
    what: &'static str,
    instead: &'static str,
}

const LAYERS: &[&[Entry]] = &[
    activations::LAYERS,
    adaptive::LAYERS,
    additive::LAYERS,
    attention::LAYERS,
    borders::LAYERS,
    convolution::LAYERS,
    dense::LAYERS,
    embedding::LAYERS,
    merges::LAYERS,
    normalization::LAYERS,
    statistics::LAYERS,
    pooling::LAYERS,
    preprocessing::LAYERS,
    recurrent::LAYERS,
    reshaping::LAYERS,
    resizing::LAYERS,
    silent::LAYERS,
    transposed::LAYERS,
    wrappers::LAYERS,
];

const OPERATIONS: &[&[Entry]] = &[arithmetic::OPERATIONS, operations::OPERATIONS, slices::OPERATIONS];

const REFUSED: &[Refused] = preprocessing::REFUSED;

/// Writes a call of any layer.
pub(super) fn write(step: &mut Step<'_>) -> Result<Vec<Id>> {
    step.graph.check_size()?;
    let class = step.layer.class.as_str();
    let tables = if step.layer.is_operation() { OPERATIONS } else { LAYERS };
    let Some(entry) = tables.iter().copied().flatten().find(|entry| entry.class == class) else {
        return Err(unknown(step));
    };
    let outputs = (entry.write)(step)?;
    model::with_masks(step, entry.masks, &outputs)?;
    Ok(outputs)
}

fn unknown(step: &Step<'_>) -> Refusal {
    let class = step.layer.class.as_str();
    if let Some(refused) = REFUSED.iter().find(|refused| refused.class == class) {
        return Refusal::new(refused.what, refused.instead);
    }
    if step.layer.is_operation() {
        return Refusal::new(
            format!("is the operation `keras.ops` `{class}`, which is not written"),
            "a layer of the same, or steps of other operations",
        );
    }
    Refusal::new("is of a class that is not written", "layers of Keras's own that do the same")
}
