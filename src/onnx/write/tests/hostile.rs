//! Configurations that are none: each number of a model's is another once. Nothing panics, and nothing grows.

use serde_json::{Value, json};

use super::super::{Lengths, from_archive};
use super::{of_config, of_layer};
use crate::keras::Archive;
use crate::prelude::*;

model! {
    /// Layers with many options, of which sizes follow.
    struct Many {
        input image: [f32; 8, 6, 2];
        input words: [u32; 5];
        branch seen = image => Conv2d<_, 4, 3>(padding = Same, strides = 2) => BatchNormalization<_>
            => MaxPooling2d(2) => ZeroPadding2d(1) => UpSampling2d(2) => Resizing(height = 3, width = 4) => Flatten
            => Dense<_, 4>;
        branch heard = words => Embedding<9, 6> => Lstm<_, 3>(return_sequences = true);
        branch read = (query = heard, value = heard) => MultiHeadAttention<_, 2, 3> => Gru<_, 4> => RepeatVector(2) => Reshape([4, 2]) => Permute([2, 1])
            => Softmax => GlobalMaxPooling1d;
        output y = concatenate(seen, read) => LayerNormalization<_> => Dense<_, 2, Softmax>;
    }
}

/// What stands in place of a value.
fn others() -> Vec<Value> {
    vec![json!(0), json!(-1), json!(1_i64 << 31), json!(i64::MAX), json!(null), json!([3, 0, 7])]
}

/// All places of values in a configuration.
fn places(value: &Value, path: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            // What says how weights begin and are trained is not read.
            let read =
                |name: &str| !["initializer", "regularizer", "constraint", "dtype"].iter().any(|no| name.contains(no));
            let read = object.iter().filter(|(name, _)| read(name));
            read.for_each(|(name, value)| places(value, &format!("{path}/{name}"), all));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| places(value, &format!("{path}/{at}"), all))
        }
        Value::String(_) => {}
        _ => all.push(path.to_owned()),
    }
}

#[test]
fn any_value_in_a_configuration_is_taken_or_refused() {
    let archive = Archive::of(&*Many::new(1)).unwrap();
    let config = archive.config().unwrap().clone();
    assert!(from_archive(&archive, &Lengths::new()).is_ok());
    let mut all = Vec::new();
    places(&config, "", &mut all);
    assert!(all.len() > 200, "{}", all.len());
    let (mut written, mut refused) = (0, 0);
    for (index, place) in all.iter().enumerate() {
        // Two of them for each place, in turn.
        for other in [others().swap_remove(index % 6), others().swap_remove((index + 3) % 6)] {
            let mut config = config.clone();
            *config.pointer_mut(place).unwrap() = other;
            let Ok(changed) = archive.clone().with_config(&config.to_string()) else { continue };
            match from_archive(&changed, &Lengths::new()) {
                Ok(bytes) => {
                    assert!(bytes.len() < 1 << 20, "{place} makes {} bytes", bytes.len());
                    written += 1;
                }
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(written > 50 && refused > 50, "{written} {refused}");
}

/// Layers without weights, each with options that are too large.
#[test]
fn sizes_end_somewhere() {
    let large = json!(u32::MAX);
    let cases = [
        ("UpSampling2D", json!({"size": [large, large]}), json!([null, 8, 8, 3])),
        ("ZeroPadding2D", json!({"padding": [[large, large], [large, large]]}), json!([null, 8, 8, 3])),
        ("RepeatVector", json!({"n": 1_u64 << 31}), json!([null, 3])),
        ("Resizing", json!({"height": 1 << 30, "width": 1 << 30, "interpolation": "lanczos5"}), json!([null, 8, 8, 3])),
        ("AdaptiveMaxPooling1D", json!({"output_size": 1 << 20}), json!([null, 7, 3])),
        ("CategoryEncoding", json!({"num_tokens": 1_u64 << 31, "output_mode": "one_hot"}), json!([null, 7, 3])),
        ("Reshape", json!({"target_shape": [large, large, -1]}), json!([null, 7, 3])),
        ("Flatten", json!({}), json!([null, 1 << 20, 1 << 20])),
    ];
    for (class, options, shape) in cases {
        let config = of_layer(class, options, shape);
        assert!(from_archive(&of_config(config), &Lengths::new()).is_err(), "{class}");
    }
}

/// A model that calls one within it twice, which calls one within it twice, … is 2ⁿ steps.
#[test]
fn models_within_models_end_somewhere() {
    let mut inner = of_layer("ReLU", json!({}), json!([null, 3]));
    for _ in 0..18 {
        let wire = |from: &str, node: usize| json!({"class_name": "__keras_tensor__", "config": {"keras_history": [from, node, 0]}});
        inner["name"] = "inner".into();
        inner["config"]["name"] = "inner".into();
        inner["inbound_nodes"] =
            json!([{"args": [wire("x", 0)], "kwargs": {}}, {"args": [wire("inner", 0)], "kwargs": {}}]);
        inner = json!({"class_name": "Functional", "config": {"name": "model",
            "layers": [
                {"class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": {"name": "x", "batch_shape": [null, 3]}},
                inner,
            ],
            "input_layers": [["x", 0, 0]], "output_layers": [["inner", 1, 0]]}});
    }
    let error = from_archive(&of_config(inner), &Lengths::new()).unwrap_err().to_string();
    assert!(
        error.ends_with("is one of more than 50000 steps; instead: call models within models less often"),
        "{error}"
    );
}
