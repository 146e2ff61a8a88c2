//! Whether `src/torch_transformer.rs` and `src/torch_transformer.safetensors` are the model that `PyTorch` saved.

#[path = "../src/torch_transformer.rs"]
mod torch_transformer;

use std::path::Path;

use fusion::prelude::*;
use torch_transformer::TorchTransformer;

const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/torch_transformer.safetensors"
);

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = TorchTransformer::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_pytorchs() {
    let mut model = TorchTransformer::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let ids = numbers("ids", u32::from_le_bytes);
    let samples = rows::<[u32; 9]>(&ids).unwrap();
    let outputs = model.predict_batch(samples).unwrap();
    compare("output_scores", Tensor::numbers(&outputs));
}

/// What `PyTorch` was given, and what it gave: the numbers of `tests/torch_transformer`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch_transformer");
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
