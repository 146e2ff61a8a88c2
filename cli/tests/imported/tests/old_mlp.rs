//! Whether `src/old_mlp.rs` and `src/old_mlp.safetensors` are the model that `PyTorch` saved.

#[path = "../src/old_mlp.rs"]
mod old_mlp;

use std::path::Path;

use fusion::prelude::*;
use old_mlp::{OldMlp, OldMlpInputs};

const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/old_mlp.safetensors");

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = OldMlp::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_pytorchs() {
    let mut model = OldMlp::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let numbers_ = numbers("numbers", f32::from_le_bytes);
    let flags = numbers("flags", f32::from_le_bytes);
    let inputs = OldMlpInputs {
        numbers: rows::<[f32; 12]>(&numbers_).unwrap(),
        flags: rows::<[f32; 5]>(&flags).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_class", Tensor::numbers(&outputs));
}

/// What `PyTorch` was given, and what it gave: the numbers of `tests/old_mlp`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/old_mlp");
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
