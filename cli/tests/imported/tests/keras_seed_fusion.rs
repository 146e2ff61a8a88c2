//! Whether `src/keras_seed_fusion.rs` and `src/keras_seed_fusion.safetensors` are the model that TensorFlow saved.

#[path = "../src/keras_seed_fusion.rs"]
mod keras_seed_fusion;

use std::path::Path;

use fusion::prelude::*;
use keras_seed_fusion::{KerasSeedFusion, KerasSeedFusionInputs};

const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/keras_seed_fusion.safetensors"
);

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = KerasSeedFusion::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_tensorflows() {
    let mut model = KerasSeedFusion::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let a = numbers("a", f32::from_le_bytes);
    let b = numbers("b", f32::from_le_bytes);
    let inputs = KerasSeedFusionInputs {
        a: rows::<[f32; 32]>(&a).unwrap(),
        b: rows::<[f32; 128]>(&b).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_y", Tensor::numbers(&outputs));
}

/// What TensorFlow was given, and what it gave: the numbers of `tests/keras_seed_fusion`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keras_seed_fusion");
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
