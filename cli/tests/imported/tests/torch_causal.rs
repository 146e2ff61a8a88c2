//! Whether `src/torch_causal.rs` and `src/torch_causal.safetensors` are the model that `PyTorch` saved.

#[path = "../src/torch_causal.rs"]
mod torch_causal;

use std::path::Path;

use fusion::prelude::*;
use torch_causal::TorchCausal;

const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/torch_causal.safetensors");

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = TorchCausal::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_pytorchs() {
    let mut model = TorchCausal::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let sequence = numbers("sequence", f32::from_le_bytes);
    let samples = rows::<[[f32; 12]; 6]>(&sequence).unwrap();
    let outputs = model.predict_batch(samples).unwrap();
    compare("output_y", Tensor::numbers(&outputs));
}

/// What `PyTorch` was given, and what it gave: the numbers of `tests/torch_causal`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch_causal");
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
