//! A whole model as an ONNX file.

use std::path::Path;

use fusion_core::Model;
use fusion_core::model::Network;

use super::write::{check_finite, check_place, write_file};
use super::{Refusal, WeightsError};
use crate::keras::Archive;
use crate::onnx::{ExportError, write_named};

/// The bytes of the file: of the model as Keras would have it, with the names of its own inputs and outputs.
pub(super) fn to_bytes<M: Model>(model: &M) -> Result<Vec<u8>, ExportError> {
    let graph = <M::Network as Network>::GRAPH;
    let inputs: Vec<&str> = graph.inputs.iter().map(|input| input.name).collect();
    let outputs: Vec<&str> = graph.outputs.iter().map(|(name, _)| *name).collect();
    write_named(&Archive::of(model)?, &inputs, &outputs)
}

/// Writes the file beside `path`, and then renames it.
pub(super) fn save<M: Model>(model: &M, path: &Path) -> Result<(), WeightsError> {
    check_place(path)?;
    check_finite(model.network(), path)?;
    let refused = |error: ExportError| {
        let reason = Refusal::NotForOnnx { problem: error.to_string() };
        WeightsError::Refused { path: Some(path.into()), reason }
    };
    write_file(path, &to_bytes(model).map_err(refused)?, &mut |_| {})
}
