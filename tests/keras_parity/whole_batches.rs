//! Trainings with losses of whole batches: those that share sums between samples, and those whose targets leave
//! positions out.

use fusion::prelude::*;
use serde_json::Value;

use crate::fixture::{assert_close, json};

const TOLERANCE: f32 = 1e-5;

model! { struct Softmaxed = [f32; 4, 2] => Dense<_, 3, Softmax>; }
model! { struct MaskedSoftmaxed = [f32; 4, 2] => Masking => Dense<_, 3, Softmax>; }
model! { struct Sigmoided = [f32; 4, 2] => Dense<_, 3, Sigmoid>; }
model! { struct MaskedSigmoided = [f32; 4, 2] => Masking => Dense<_, 3, Sigmoid>; }
model! { struct Tanhed = [f32; 4, 2] => Dense<_, 3, Tanh>; }

const STEPS: [[[f32; 2]; 4]; 5] = [
    [[1.0, 2.0], [0.0, 0.0], [-1.0, 0.5], [0.25, -2.0]],
    [[0.0, 0.0], [0.0, 0.0], [3.0, 1.0], [-0.5, -0.75]],
    [[0.0; 2]; 4],
    [[1.0, -1.0], [0.5, 2.0], [-2.0, 1.0], [0.0, 0.0]],
    [[0.125, 1.0], [2.0, -0.5], [1.0, 1.0], [-1.0, -1.0]],
];
const WEIGHTS: [f32; 5] = [1.0, 0.25, 4.0, 1.0, 0.5];
const KERNEL: [[f32; 3]; 2] = [[1.0, 0.0, -0.5], [0.0, 1.0, 0.25]];

fn ids() -> [[u32; 4]; 5] {
    core::array::from_fn(|i| core::array::from_fn(|j| ((4 * i + j) * 7 % 3) as u32))
}

fn bits() -> [[[f32; 3]; 4]; 5] {
    let bit = |i: usize| (i * i % 7 % 2) as f32;
    core::array::from_fn(|i| core::array::from_fn(|j| core::array::from_fn(|k| bit(12 * i + 3 * j + k))))
}

fn check(case: &str, history: &History, loss: f64, weights: [&[f32]; 2]) {
    let expected = &json("whole_batches.json")[case];
    let numbers =
        |value: &Value| -> Vec<f32> { value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect() };
    for key in ["loss", "val_loss"] {
        let found: Vec<f32> = history[key].iter().map(|x| *x as f32).collect();
        assert_close(&format!("{case}: {key}"), &found, &numbers(&expected["history"][key]), TOLERANCE);
    }
    assert_close(case, &[loss as f32], &[expected["evaluate"].as_f64().unwrap() as f32], TOLERANCE);
    for (found, keras) in weights.iter().zip(expected["weights"].as_array().unwrap()) {
        assert_close(&format!("{case}: weights"), found, &numbers(keras), TOLERANCE);
    }
}

/// Trains a model and compares with the case of this name.
macro_rules! case {
    ($name:literal, $Model:ident, $loss:expr, $targets:expr $(, $weights:expr)?) => {{
        let (mut model, targets) = ($Model::new(1), $targets);
        model.dense.kernel = KERNEL;
        let trainer = Trainer::new(&mut model, Sgd::new(0.1), $loss)
            .metric($loss.named("same"))
            .epochs(3)
            .batch_size(2)
            .validation_data(&STEPS, &targets)
            .verbose(false);
        let mut trainer = trainer$(.sample_weight(&$weights))?;
        let history = trainer.fit(&STEPS, &targets).unwrap();
        let scores = trainer.evaluate(&STEPS, &targets).unwrap();
        check($name, &history, scores["loss"], [model.dense.kernel.as_flattened(), &model.dense.bias]);
        (history, scores)
    }};
}

#[test]
fn targets_that_are_ignored_count_nothing() {
    let loss = SparseCategoricalCrossentropy::default().ignore_class(1);
    case!("ignore_class", Softmaxed, loss, ids());
    case!("ignore_class_masked", MaskedSoftmaxed, loss, ids());
    case!("ignore_class_weighted", MaskedSoftmaxed, loss, ids(), WEIGHTS);
}

#[test]
fn samples_share_what_is_added_up() {
    case!("dice", Sigmoided, Dice::default(), bits());
    case!("dice_masked", MaskedSigmoided, Dice::default(), bits());
    case!("tversky_by_class", Sigmoided, Tversky::default().alpha(0.3).axis([0, 1]), bits());
    let (_, scores) = case!("cosine_along_steps", Tanhed, CosineSimilarity::default().axis(1), bits());
    assert!((scores["loss"] + scores["same"]).abs() < 1e-6, "the metric has the other sign");
}

/// A batch that does not fit into one tile is one all the same.
#[test]
fn a_large_batch_is_one_tile() {
    let (x, y): (Vec<_>, Vec<_>) = (STEPS.repeat(400), bits().repeat(400));
    let mut model = Sigmoided::new(1);
    model.dense.kernel = KERNEL;
    let trainer = Trainer::new(&mut model, Sgd::new(0.1), Dice::default()).metric(Dice::default());
    let mut trainer = trainer.batch_size(2000).verbose(false);
    let scores = trainer.evaluate(&x, &y).unwrap();
    let trained = trainer.train_on_batch(&x, &y).unwrap();
    let mut losses = [0.0; 5];
    let of_five = {
        let mut model = Sigmoided::new(1);
        model.dense.kernel = KERNEL;
        Loss::losses(&Dice::default(), &bits(), &model.predict_batch(&STEPS).unwrap(), &mut losses);
        f64::from(losses[0])
    };
    for found in [scores["loss"], scores["dice"], trained["loss"]] {
        assert!((found - of_five).abs() < 1e-5, "{found} instead of {of_five}");
    }
}
