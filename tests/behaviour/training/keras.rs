//! Keras's own numbers of small trainings, made with Keras 3.15.

use fusion::model::IntoInputs;
use fusion::training::{IntoTargets, Targets};
use serde_json::Value;

use super::*;

/// `logits/twice` is the case `twice` of `logits.json`.
fn keras(case: &str) -> Value {
    let (file, case) = case.split_once('/').unwrap();
    let path = format!("{}/fixtures/keras/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    cases[case].clone()
}

#[track_caller]
fn assert_near(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    let error = (found - expected).abs() / expected.abs().max(1.0);
    assert!(error < 2e-6, "{what}: {found}, but Keras's is {expected}");
}

/// Trains and evaluates as Keras did, three epochs in batches of two, and compares every number that it reported.
#[track_caller]
pub fn train<'d, 't, N: TrainNetwork, L, T: Targets>(
    case: &str,
    trainer: Trainer<'_, N, Sgd, L, T>,
    x: impl IntoInputs<'d, N> + Copy,
    targets: impl IntoTargets<'t, N, T> + Copy,
) {
    let keras = keras(case);
    let mut trainer = trainer.epochs(3).batch_size(2).shuffle(false).verbose(false);
    let history = trainer.fit(x, targets).unwrap();
    for (name, values) in keras["history"].as_object().unwrap() {
        for (epoch, expected) in values.as_array().unwrap().iter().enumerate() {
            assert_near(&format!("{case}, {name} of epoch {epoch}"), history[name.as_str()][epoch], expected);
        }
    }
    let scores = trainer.evaluate(x, targets).unwrap();
    for (name, expected) in keras["evaluate"].as_object().unwrap() {
        assert_near(&format!("{case}, {name}"), scores[name.as_str()], expected);
    }
}

/// Compares the weights that Keras ended with, in order.
#[track_caller]
pub fn assert_weights(case: &str, model: &impl Parameters) {
    let keras = keras(case);
    let expected: Vec<&Value> =
        keras["weights"].as_array().unwrap().iter().flat_map(|weights| weights.as_array().unwrap()).collect();
    let found = weights(model);
    assert_eq!(found.len(), expected.len(), "{case}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_near(&format!("{case}, weight {index}"), f64::from(*found), expected);
    }
}

pub fn sgd() -> Sgd {
    Sgd::new(0.1)
}
