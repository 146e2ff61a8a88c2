//! Whether `src/script_tickets.rs` and `src/script_tickets.safetensors` are the model that `PyTorch` saved.

#[path = "../src/script_tickets.rs"]
mod script_tickets;

use std::path::Path;

use fusion::prelude::*;
use script_tickets::{ScriptTickets, ScriptTicketsInputs};

const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/script_tickets.safetensors"
);

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = ScriptTickets::new(0);
    model.load_weights(WEIGHTS).unwrap();
}

#[test]
fn outputs_are_pytorchs() {
    let mut model = ScriptTickets::new(0);
    model.load_weights(WEIGHTS).unwrap();
    let title = numbers("title", u32::from_le_bytes);
    let body = numbers("body", u32::from_le_bytes);
    let tags = numbers("tags", f32::from_le_bytes);
    let inputs = ScriptTicketsInputs {
        title: rows::<[u32; 7]>(&title).unwrap(),
        body: rows::<[u32; 11]>(&body).unwrap(),
        tags: rows::<[f32; 6]>(&tags).unwrap(),
    };
    let outputs = model.predict_batch(inputs).unwrap();
    compare("output_route", Tensor::numbers(&outputs.route));
    compare("output_urgent", Tensor::numbers(&outputs.urgent));
}

/// What `PyTorch` was given, and what it gave: the numbers of `tests/script_tickets`.
fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/script_tickets");
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
