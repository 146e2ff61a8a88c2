//! Weight files: a model's parameters in a safetensors file, under Keras's names and in Keras's layout.
//!
//! A file holds one little-endian `F32` tensor for each parameter, in the order of the model's layers:
//! `dense/kernel` of shape `[inputs, outputs]`, `dense/bias` of shape `[outputs]`. Its metadata carry
//! the version of this layout, `fusion.format`, and the [`digest`] of the model's graph,
//! `fusion.graph`. The same model gives the same bytes on every run.
//!
//! Loading checks everything before the model changes: on an error the model is as it was. A file
//! without a digest, such as one that Keras's weights were exported to, loads by name and shape; where
//! all of its names begin with the name of a Keras `Sequential`, as in `sequential/dense/kernel`, that
//! name is left out.
//!
//! All functions here panic if two parameters of the model have one name, or if a parameter's shape is
//! not that of its array. Neither can happen where `model!` or `#[derive(Parameters)]` wrote the walk.

mod digest;
mod error;
mod header;
mod layout;
mod matching;
mod model;
mod read;
mod similar;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

use fusion_core::{Graph, Parameters};

pub use digest::digest;
pub use error::{MismatchReason, Refusal, TensorMismatch, WeightsError};
pub use matching::Matching;
pub use model::WeightFiles;

/// Version of the layout of the files, the value of [`FORMAT_KEY`].
const FORMAT: &str = "1";
/// Where the metadata say which version of the layout the file has.
const FORMAT_KEY: &str = "fusion.format";
/// Where the metadata carry the digest of the graph.
const GRAPH_KEY: &str = "fusion.graph";

/// The bytes of the model's weight file.
#[must_use]
pub fn to_bytes<P: Parameters>(model: &P, graph: &Graph) -> Vec<u8> {
    write::to_bytes(model, graph)
}

/// Writes the model's weights to a file, in place of the one that is there.
///
/// The weights are written to a new file in the same directory, which takes the old one's name when all
/// of it is on the disk: whatever happens, the file at `path` is the old one or the new one, whole. It
/// keeps the old one's permissions. A symbolic link at `path` is replaced, not what it points to.
///
/// # Errors
/// [`WeightsError::Write`] if the system cannot write the file, for one because the directory does not
/// exist; [`Refusal::NotAFile`] if `path` is something else than a file. The new file is then removed.
pub fn save<P: Parameters>(model: &P, graph: &Graph, path: &Path) -> Result<(), WeightsError> {
    write::save(model, graph, path)
}

/// Reads the model's weights from a file.
///
/// # Errors
/// [`WeightsError::Read`] if the system cannot read the file; [`WeightsError::Refused`] if it is not a
/// weight file of this very graph with finite values for all of its parameters, and of nothing else.
/// A file that is larger than the model's can be is refused before it is read. The model is then as it was.
pub fn load<P: Parameters>(model: &mut P, graph: &Graph, path: &Path) -> Result<(), WeightsError> {
    read::load(model, graph, path)
}

/// Reads the model's weights from the bytes of a file.
///
/// # Errors
/// [`WeightsError::Refused`] as for [`load`]. The model is then as it was.
pub fn load_from_bytes<P: Parameters>(model: &mut P, graph: &Graph, bytes: &[u8]) -> Result<(), WeightsError> {
    read::load_from_bytes(model, graph, bytes).map_err(|reason| WeightsError::Refused { path: None, reason })
}

/// Reads those of the model's weights that a file has, for transfer learning.
///
/// It takes the tensors whose name, dtype and shape are those of a parameter and whose values are finite.
/// The other parameters stay as they are. The file may be of a model with another graph, and larger than
/// this model: no more than what fits is read.
///
/// # Errors
/// [`WeightsError::Read`] if the system cannot read the file; [`WeightsError::Refused`] if it is not a
/// whole safetensors file. That nothing fits is no error. On an error the model is as it was.
pub fn load_matching<P: Parameters>(model: &mut P, graph: &Graph, path: &Path) -> Result<Matching, WeightsError> {
    // The graph is not compared; it is asked for so that all ways of loading are called alike.
    let _ = graph;
    matching::load_matching(model, path)
}
