//! Losses and metrics of outputs with masks.

use fusion::prelude::*;
use serde_json::Value;

use crate::fixture::{assert_close, json};

const TOLERANCE: f32 = 1e-5;

model! {
    // `Flatten` loses the mask.
    #[allow(deprecated)]
    struct Masked {
        input x: [f32; 4, 2];
        branch masked = x => Masking;
        output p = masked => Dense<_, 1>;
        output q = masked => Dense<_, 3, Softmax>;
        output r = masked => Flatten => Dense<_, 1>;
    }
}

const STEPS: [[[f32; 2]; 4]; 5] = [
    [[1.0, 2.0], [0.0, 0.0], [-1.0, 0.5], [0.25, -2.0]],
    [[0.0, 0.0], [0.0, 0.0], [3.0, 1.0], [-0.5, -0.75]],
    [[0.0; 2]; 4],
    [[1.0, -1.0], [0.5, 2.0], [-2.0, 1.0], [0.0, 0.0]],
    [[0.125, 1.0], [2.0, -0.5], [1.0, 1.0], [-1.0, -1.0]],
];
const OF_P: [f32; 5] = [0.5, 1.0, 0.0, 2.0, 3.0];
const OF_Q: [f32; 5] = [1.0, 0.25, 4.0, 1.0, 0.5];
const OF_R: [f32; 5] = [2.0, 1.0, 1.0, 0.5, 0.0];

/// From −`end` to `end`, as many as there are.
fn line<const COUNT: usize>(end: f32) -> [f32; COUNT] {
    core::array::from_fn(|i| end * (2.0 * i as f32 / (COUNT as f32 - 1.0) - 1.0))
}

/// Trains with these loss weights and, where there are any, each output's sample weights.
fn trained(case: &str, [p, q, r]: [f32; 3], weights: Option<[&[f32; 5]; 3]>) {
    let loss_weights = MaskedLossWeights { p, q, r };
    let mut model = Masked::new(1);
    model.dense.kernel = [[0.5], [0.25]];
    model.dense_1.kernel = [[1.0, 0.0, -0.5], [0.0, 1.0, 0.25]];
    model.dense_2.kernel = line::<8>(0.5).map(|x| [x]);
    let p: [[[f32; 1]; 4]; 5] = core::array::from_fn(|i| core::array::from_fn(|j| [line::<20>(1.0)[4 * i + j]]));
    let q: [[u32; 4]; 5] = core::array::from_fn(|i| core::array::from_fn(|j| ((4 * i + j) * 7 % 3) as u32));
    let targets = MaskedTargets { p: &p, q: &q, r: &[[1.0], [0.0], [0.5], [-1.0], [2.0]] };
    let losses = MaskedLosses { p: MeanSquaredError, q: SparseCategoricalCrossentropy::default(), r: MeanSquaredError };
    let mae = || MeanAbsoluteError.named("mae");
    let trainer = Trainer::new(&mut model, Sgd::new(0.1), losses)
        .metric(MaskedMetrics { p: mae(), q: SparseCategoricalAccuracy, r: mae() })
        .metric(MaskedMetrics { p: RootMeanSquaredError, q: (), r: () })
        .weighted_metric(MaskedMetrics {
            p: MeanSquaredError.named("mse"),
            q: SparseCategoricalCrossentropy::default(),
            r: MeanSquaredError.named("mse"),
        })
        .weighted_metric(MaskedMetrics { p: BinaryAccuracy, q: (), r: () })
        .loss_weights(loss_weights)
        .epochs(3)
        .batch_size(2)
        .validation_data(&STEPS, targets)
        .shuffle(false)
        .verbose(false);
    let mut trainer = match weights {
        Some([p, q, r]) => trainer.sample_weight(MaskedSampleWeights { p, q, r }),
        None => trainer,
    };
    let history = trainer.fit(&STEPS, targets).unwrap();
    let scores = trainer.evaluate(&STEPS, targets).unwrap();
    check(case, &history, &scores, &model);
}

fn check(case: &str, history: &History, scores: &Scores, model: &Masked) {
    let expected = &json("masked_outputs.json")[case];
    let numbers =
        |value: &Value| -> Vec<f32> { value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect() };
    let of_keras = expected["history"].as_object().unwrap();
    assert_eq!(history.keys().collect::<Vec<_>>(), of_keras.keys().collect::<Vec<_>>());
    for (key, values) in of_keras {
        let found: Vec<f32> = history[key.as_str()].iter().map(|x| *x as f32).collect();
        assert_close(&format!("{case}: {key}"), &found, &numbers(values), TOLERANCE);
    }
    for (key, value) in expected["evaluate"].as_object().unwrap() {
        let keras = value.as_f64().unwrap();
        assert!(
            (scores[key.as_str()] - keras).abs() < 1e-5 * keras.abs().max(1.0),
            "{case}: {key} is {keras}, not {}",
            scores[key.as_str()]
        );
    }
    let weights = expected["weights"].as_array().unwrap();
    let found: [&[f32]; 6] = [
        model.dense.kernel.as_flattened(),
        &model.dense.bias,
        model.dense_1.kernel.as_flattened(),
        &model.dense_1.bias,
        model.dense_2.kernel.as_flattened(),
        &model.dense_2.bias,
    ];
    assert_eq!(weights.len(), found.len());
    for (found, keras) in found.iter().zip(weights) {
        assert_close(&format!("{case}: weights"), found, &numbers(keras), TOLERANCE);
    }
}

#[test]
fn losses_and_metrics_leave_out_what_does_not_count() {
    const ALIKE: &[f32; 5] = &[1.0, 0.5, 2.0, 0.0, 1.5];
    trained("plain", [1.0; 3], None);
    trained("loss_weights", [0.5, 2.0, 0.25], None);
    trained("weights_alike", [1.0; 3], Some([ALIKE; 3]));
    trained("weights_of_each", [1.0; 3], Some([&OF_P, &OF_Q, &OF_R]));
}
