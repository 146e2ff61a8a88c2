//! The digest of a graph: which computation a weight file's tensors belong to.

use fusion_core::layer::Graph;

use super::hash::{Covers, graph_hash};

/// Begins a digest: the version of what it covers, and how.
pub(super) const VERSION: &str = "2:";

/// The digest of the graph: its version, and 32 hexadecimal digits.
///
/// Two graphs have the same digest if they compute the same from the weights of the same names. It
/// covers the inputs by position, and of all that the outputs need: classes, activations and those options that are not
/// the defaults, resolved shapes, nested models, the wiring, the order of what a merge takes, and the order of the
/// outputs. It covers the names of the layers that have weights, because these are what weights go by:
/// without them, two branches of one shape could change places. It does not cover the names of inputs,
/// wires and models, nor the order in which independent branches are declared, nor the names of outputs.
#[must_use]
pub fn digest(graph: &Graph) -> String {
    format!("{VERSION}{:032x}", graph_hash(graph, Covers::Weights))
}
