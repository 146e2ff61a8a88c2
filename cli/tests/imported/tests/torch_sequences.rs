//! Whether `src/torch_sequences.rs` and `src/torch_sequences.safetensors` are the model that `PyTorch` saved.

#[path = "../src/torch_sequences.rs"]
mod torch_sequences;

use std::path::Path;

use fusion::prelude::*;
use torch_sequences::TorchSequences;

const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/torch_sequences.safetensors"
);

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = TorchSequences::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_pytorchs() {
    let mut model = TorchSequences::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let series = numbers("series", f32::from_le_bytes);
    let samples = rows::<[[f32; 5]; 8]>(&series).unwrap();
    let outputs = model.predict_batch(samples).unwrap();
    compare("output_last", Tensor::numbers(&outputs.last));
    compare("output_states", Tensor::numbers(&outputs.states));
}

/// What `PyTorch` was given, and what it gave: the numbers of `tests/torch_sequences`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch_sequences");
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
