//! Whether `src/class_weight.rs` and `src/class_weight.safetensors` are the model that Keras saved.

#[path = "../src/class_weight.rs"]
mod class_weight;

use std::path::Path;

use class_weight::{ClassWeight, ClassWeightInputs};
use fusion::prelude::*;

const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/class_weight.safetensors");

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = ClassWeight::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_kerass() {
    let mut model = ClassWeight::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let a = numbers("a", f32::from_le_bytes);
    let b = numbers("b", f32::from_le_bytes);
    let inputs = ClassWeightInputs {
        a: rows::<[f32; 7]>(&a).unwrap(),
        b: rows::<[f32; 3]>(&b).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_class", Tensor::numbers(&outputs));
}

/// What Keras was given, and what it gave: the numbers of `tests/class_weight`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/class_weight");
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
