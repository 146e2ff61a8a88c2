//! Whether `src/settings.rs` and `src/settings.safetensors` are the model that Keras saved.

#[path = "../src/settings.rs"]
mod settings;

use std::path::Path;

use fusion::prelude::*;
use settings::{Settings, SettingsInputs};

const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/settings.safetensors");

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = Settings::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_kerass() {
    let mut model = Settings::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let x = numbers("x", f32::from_le_bytes);
    let volume = numbers("volume", f32::from_le_bytes);
    let inputs = SettingsInputs {
        x: rows::<[[f32; 8]; 5]>(&x).unwrap(),
        volume: rows::<[[[[f32; 2]; 6]; 3]; 3]>(&volume).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_y", Tensor::numbers(&outputs.y));
    compare("output_y_2", Tensor::numbers(&outputs.y_2));
}

/// What Keras was given, and what it gave: the numbers of `tests/settings`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/settings");
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
