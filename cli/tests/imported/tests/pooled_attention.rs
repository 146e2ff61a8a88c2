//! Whether `src/pooled_attention.rs` and `src/pooled_attention.safetensors` are the model that Keras saved.

#[path = "../src/pooled_attention.rs"]
mod pooled_attention;

use std::path::Path;

use fusion::prelude::*;
use pooled_attention::{PooledAttention, PooledAttentionInputs};

const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/pooled_attention.safetensors"
);

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = PooledAttention::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_kerass() {
    let mut model = PooledAttention::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let query = numbers("query", f32::from_le_bytes);
    let memory = numbers("memory", f32::from_le_bytes);
    let inputs = PooledAttentionInputs {
        query: rows::<[[f32; 8]; 5]>(&query).unwrap(),
        memory: rows::<[[f32; 6]; 7]>(&memory).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_probability", Tensor::numbers(&outputs));
}

/// What Keras was given, and what it gave: the numbers of `tests/pooled_attention`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pooled_attention");
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
