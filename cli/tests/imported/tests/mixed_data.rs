//! Whether `src/mixed_data.rs` and `src/mixed_data.safetensors` are the model that Keras saved.

#[path = "../src/mixed_data.rs"]
mod mixed_data;

use std::path::Path;

use fusion::prelude::*;
use mixed_data::{MixedData, MixedDataInputs};

const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mixed_data.safetensors");

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = MixedData::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_kerass() {
    let mut model = MixedData::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let attributes = numbers("attributes", f32::from_le_bytes);
    let photo = numbers("photo", f32::from_le_bytes);
    let inputs = MixedDataInputs {
        attributes: rows::<[f32; 10]>(&attributes).unwrap(),
        photo: rows::<[[[f32; 3]; 16]; 16]>(&photo).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_y", Tensor::numbers(&outputs));
}

/// What Keras was given, and what it gave: the numbers of `tests/mixed_data`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mixed_data");
    let bytes = std::fs::read(folder.join(format!("{name}.bin"))).unwrap();
    bytes.as_chunks().0.iter().map(|bytes| of(*bytes)).collect()
}

fn compare(name: &str, outputs: &[f32]) {
    let expected = numbers(name, f32::from_le_bytes);
    assert_eq!(outputs.len(), expected.len(), "{name}");
    for (place, (y, expected)) in outputs.iter().zip(&expected).enumerate() {
        let near = (y - expected).abs() <= 1e-4 * expected.abs().max(1.0);
        assert!(near, "{name}, number {place}: {y}, in Keras {expected}");
    }
}
