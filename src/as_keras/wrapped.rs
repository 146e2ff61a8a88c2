//! Layers around others: what is within them.

use fusion_core::shape::Shape;
use fusion_core::weights::{Entry, Kind};
use serde_json::Value;

use super::layer::{Layer, Wire};
use super::model;
use crate::keras::{KerasError, snake_case};

/// The value of a key that is a layer; none of all others.
pub(super) fn value(layer: &Layer, key: &str) -> Option<Result<Value, KerasError>> {
    let place = match key {
        "layer" => 0,
        "backward_layer" => 1,
        _ => return None,
    };
    Some(within(layer, place).and_then(|within| match within.nested {
        Some(graph) if model::is_model(&within.class) => model::of_layer(graph, &within).map(Value::Object),
        _ => within.object().map(Value::Object),
    }))
}

/// The layer within a layer; of the two of a `Bidirectional` that of this place.
fn within(around: &Layer, place: usize) -> Result<Layer, KerasError> {
    let (class, details) = around.details.trim().split_once(' ').unwrap_or((around.details.trim(), ""));
    let layers: Vec<&Entry> = around.entries.iter().filter(|entry| matches!(entry.kind, Kind::Layer { .. })).collect();
    let entry = layers.get(place);
    let entries = match entry.map(|entry| entry.kind) {
        Some(Kind::Layer { entries, .. }) => entries,
        _ => &[],
    };
    let mut options: Vec<_> = around
        .options
        .iter()
        .filter_map(|(within, name, text)| Some((within.checked_sub(1)?, *name, text.clone())))
        .collect();
    if place == 1 {
        // It goes the other way.
        for (_, _, text) in options.iter_mut().filter(|(within, name, _)| *within == 0 && *name == "go_backwards") {
            *text = (text != "true").to_string();
        }
    }
    let in_steps = around.class == "TimeDistributed";
    Ok(Layer {
        name: entry.map_or_else(|| snake_case(class), |entry| entry.name.to_owned()),
        class: class.to_owned(),
        details: details.to_owned(),
        options,
        entries,
        frozen: false,
        nested: around.nested,
        inputs: around
            .inputs
            .iter()
            .map(|wire| if in_steps { Wire { shape: step_of(&wire.shape), ..*wire } } else { *wire })
            .collect(),
        output: if in_steps { step_of(&around.output) } else { around.output },
    })
}

/// The shape of one step.
fn step_of(sequence: &Shape) -> Shape {
    Shape::new(sequence.dimensions().split_first().map_or(&[], |(_, step)| step))
}
