//! ONNX files of models, out of Keras's configuration and weights.
//!
//! ```text
//!   config.json ──keras::model──▶ calls in order ──model──▶ a step a call ──layers──▶ nodes ──file──▶ bytes
//!                                                             │
//!                                       wires: a tensor each, channels first or last, with its mask
//! ```

mod attributes;
mod error;
mod file;
mod graph;
mod layers;
mod model;
mod scan;
mod step;
#[cfg(test)]
mod tests;
mod wires;

pub use error::ExportError;
pub use model::Lengths;

use crate::keras::model::{self as keras, Model};
use crate::keras::{Archive, LayerWeights};
use graph::Graph;

/// The set of operators that files are written in: the first with all that is used, of the year 2022.
pub const OPSET: i64 = 18;
/// The version of the format that came with it.
pub const IR_VERSION: i64 = 8;

/// An ONNX file of what a Keras file holds.
///
/// The inputs and outputs have Keras's names and shapes, with a first dimension `batch`. What varies in Keras is fixed by
/// `lengths`, as in `fusion import`.
///
/// # Errors
/// [`ExportError::NoConfig`] if the archive has weights alone; [`ExportError::Layer`] if ONNX cannot say a layer.
///
/// ```no_run
/// use fusion::{keras::Archive, onnx};
///
/// let archive = Archive::open("model.keras")?;
/// std::fs::write("model.onnx", onnx::from_archive(&archive, &onnx::Lengths::new())?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_archive(archive: &Archive, lengths: &Lengths) -> Result<Vec<u8>, ExportError> {
    write(archive, lengths, |_| {})
}

/// The same with other names of the model's inputs and outputs: Keras has names of layers alone, and of the input of a
/// `Sequential` none.
pub(crate) fn write_named(archive: &Archive, inputs: &[&str], outputs: &[&str]) -> Result<Vec<u8>, ExportError> {
    write(archive, &Lengths::new(), |model| {
        model.input_names = inputs.iter().map(|name| (*name).to_owned()).collect();
        model.output_names = outputs.iter().map(|name| (*name).to_owned()).collect();
    })
}

fn write(archive: &Archive, lengths: &Lengths, rename: impl FnOnce(&mut Model)) -> Result<Vec<u8>, ExportError> {
    let config = archive.config().ok_or(ExportError::NoConfig)?;
    let mut read = keras::model(config).map_err(|problem| ExportError::Model { problem })?;
    rename(&mut read);
    let weights = archive.layers().iter().map(|layer: &LayerWeights| (layer.path.join("/"), layer)).collect();
    let mut graph = Graph::default();
    let inputs = model::inputs(&mut graph, &read, lengths)?;
    let ids: Vec<_> = inputs.iter().map(|input| input.id).collect();
    let outputs = model::write(&mut graph, &weights, &read, &ids, "")?;
    Ok(file::write(graph, &read, &inputs, &outputs))
}
