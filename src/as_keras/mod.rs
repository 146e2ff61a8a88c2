//! A graph as Keras's configuration, the JSON that `model.to_json()` gives in Keras 3.
//!
//! What is known of a layer is its class, what its type says, its options and its table of weights, all from
//! `Network::GRAPH`. [`classes`] has for each class of Keras's the keys of its configuration; [`keys`] finds the value of
//! each, from an option of its name or from shapes; what is within a layer is in [`wrapped`], how layers are called in
//! [`calls`], and what Keras has as an operation, and no layer, in [`operations`].

mod calls;
mod classes;
mod keys;
mod layer;
mod model;
mod operations;
mod text;
mod weights;
mod wrapped;

use fusion_core::layer::Graph;
use serde_json::Value;

use crate::keras::{KerasError, snake_case};
pub(crate) use model::is_sequential;

/// The names of Keras's classes that a model may have.
#[cfg(test)]
pub(crate) fn classes() -> impl Iterator<Item = &'static str> {
    let operations = operations::OPERATIONS.iter().map(|(class, _)| *class);
    classes::CLASSES.iter().map(|class| class.name).chain(operations)
}

/// The configuration of a whole model.
pub(crate) fn config(graph: &'static Graph) -> Result<Value, KerasError> {
    model::object(graph, &snake_case(graph.name), true).map(Value::Object)
}
