//! Weight files: a model's parameters in a safetensors file, under Keras's names and in Keras's layout.
//!
//! A file holds one little-endian `F32` tensor for each parameter, in the order of the model's layers:
//! `dense/kernel` of shape `[inputs, outputs]`, `dense/bias` of shape `[outputs]`. The same model gives the same bytes
//! on every run. Its metadata carry
//!
//! | key | |
//! |---|---|
//! | `fusion.format` | the version of all this, `2` |
//! | `fusion.graph` | the [`digest`] of the model's graph |
//! | `fusion.inputs`, `fusion.outputs` | the names of the inputs and of the outputs, in order |
//! | `fusion.places` | where each layer with weights stands, as hashes of what leads to it and what becomes of it, and a hash of the names of inputs and outputs |
//! | `fusion.structure` | a digest of the graph without the options in parentheses, which the compiler can compute |
//! | `fusion.prepared` | the kind of the weights, `F32`, `F16` or `Int8`, in a file of a [prepared](PreparedFiles) model only |
//!
//! Loading checks everything before the model changes: on an error the model is as it was.
//! [`load_weights`](WeightFiles::load_weights) takes a file of the model's own graph,
//! [`load_matching_weights`](WeightFiles::load_matching_weights) what fits of any. Where a name does not mean the same
//! layer in both models, because layers were added or put in another order, both say so.
//!
//! A file without metadata, such as one that Keras's weights were exported to, loads by name and shape; where
//! all of its names begin with the name of a Keras `Sequential`, as in `sequential/dense/kernel`, that
//! name is left out. Keras counts layers over all models that a program makes, those within a `TimeDistributed` or a
//! nested model too, and does not put a nested functional model's name before its layers'. A file with such paths,
//! `{w.path: w.numpy() for w in model.weights}`, loads where the order of its numbers, names and shapes leave one way
//! only; where they leave more, both loaders refuse it and name a layer, which
//! [`rename`](MatchingWeights::rename) decides. A file of the format `1` loads by name and shape too: its digest covered options that have the
//! defaults, and so depended on the version of this crate. A file of a later format, or with a later version of the
//! digest, is refused by `load_weights`, as nothing would say whether it is of the same graph.
//!
//! Files of Keras's own, `.keras`, `.weights.h5` and `.h5`, are read with the feature `keras`. They tell more than such paths:
//! their groups are numbered in the order in which the layers stand in the graph.
//!
//! All that saves and loads panics if two parameters of the model have one name. That cannot happen where layers and
//! parameters are named by their fields.

#[cfg(feature = "keras")]
mod archive;
mod digest;
mod error;
mod extras;
#[cfg(feature = "keras")]
mod groups;
mod hash;
mod header;
mod keras;
mod layout;
mod matching;
mod model;
mod names;
#[cfg(feature = "onnx")]
mod onnx;
mod places;
mod prepared;
mod read;
mod replace;
mod report;
#[cfg(feature = "keras")]
mod whole;
mod write;

#[cfg(test)]
mod tests;

use fusion_core::persistence::{FORMAT, FORMAT_KEY, GRAPH_KEY, INPUTS_KEY};

pub use digest::digest;
pub use error::{MismatchReason, Refusal, TensorMismatch, WeightsError};
pub use extras::WeightsFile;
pub use fusion_core::persistence::{CheckedError, Included, SelfTestError};
#[doc(hidden)]
pub use fusion_core::persistence::{GOLDEN, RANGE, copy_numbers, count_numbers, included};
pub use matching::MatchingWeights;
pub use model::WeightFiles;
pub use prepared::PreparedFiles;
pub(crate) use replace::replace;
pub use report::{Displaced, Matching};
#[cfg(feature = "training")]
pub(crate) use {
    read::{load_from_bytes as load_bytes, read_file},
    write::{check_finite, save_as as save_network, to_bytes},
};

/// The first version: its digest is not comparable any more, and nothing says where the layers stand.
const FIRST_FORMAT: &str = "1";
/// Where they carry the names of the outputs.
const OUTPUTS_KEY: &str = "fusion.outputs";
/// Where they say of which kind the weights of a prepared model are.
const PREPARED_KEY: &str = "fusion.prepared";
/// Where they say where the layers stand.
const PLACES_KEY: &str = "fusion.places";
