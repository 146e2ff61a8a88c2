//! Every public layer has a line in `layers.rs` or `merges.rs`.

use crate::{layers, merges};

/// What is public beside the layers and their options.
const NO_LAYERS: [&str; 22] = [
    "AdaptError",
    "Cell",
    "Optional",
    "Use",
    "NoBias",
    "UseBias",
    "Padding",
    "FillMode",
    "FlipMode",
    "Interpolation",
    "Item",
    "MergeMode",
    "OutputMode",
    "Part",
    "ScoreMode",
    "StepBack",
    "DotScore",
    "ConcatScore",
    "UseScale",
    "NoScale",
    "ResetAfter",
    "GoBackwards",
];

#[test]
fn every_public_layer_has_a_case() {
    let listed = include_str!("../../fusion-core/src/layers/mod.rs");
    let uses = listed.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let names = uses.flat_map(|names| names.split(['{', '}', ',', ':'])).map(str::trim);
    let layers: Vec<&str> = names
        .filter(|name| name.starts_with(char::is_uppercase))
        .filter(|name| !name.ends_with("Options") && !NO_LAYERS.contains(name))
        .collect();
    assert!(layers.contains(&"Dense") && layers.len() > 15, "{layers:?}");
    let cases: Vec<&str> = layers::LAYERS
        .iter()
        .chain(merges::LAYERS)
        .map(|layer| layer.split(['<', ' ']).next().expect("a type's name"))
        .collect();
    let without: Vec<_> = layers.iter().filter(|layer| !cases.contains(layer)).collect();
    assert!(without.is_empty(), "no line in layers.rs or merges.rs checks {without:?}");
}
