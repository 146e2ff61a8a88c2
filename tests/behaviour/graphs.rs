//! Every kind of graph: the gradient of each weight against differences of the loss, and what is frozen stays.

use fusion::model::Network;
use fusion::prelude::*;
use fusion::weights::{Random, walk, walk_ref};

model! {
    /// Two inputs that it takes by name.
    pub struct Inner {
        input a: [f32; 4];
        input b: [f32; 3];
        output z = concatenate(a, b) => Dense<_, 5, Tanh> => Dense<_, 3>;
    }
}

model! { pub struct Encoder = [f32; 4] => Dense<_, 3, Tanh>; }

model! {
    /// A wire used by two branches, by a merge twice, and by an output.
    struct Reused {
        input p: [f32; 4];
        input q: [f32; 4];
        branch x = p => Dense<4, 4, Tanh>;
        branch y = x => Dense<4, 4, Sigmoid>;
        branch m = multiply(x, y, x);
        output z = average(m, x, q) => Dense<4, 2>;
        output inner = x;
    }
}

model! {
    /// One set of weights in three places.
    struct Shared {
        input p: [f32; 4];
        input q: [f32; 4];
        layer twin: Dense<4, 4, Tanh>;
        branch x = p => twin;
        branch y = q => twin => twin;
        output z = subtract(x, y) => Dense<4, 2>;
    }
}

model! {
    /// Models within a model: by name, a wire given twice, one called twice, and their inputs' gradients.
    struct Outer {
        input p: [f32; 4];
        input q: [f32; 4];
        layer code: Encoder;
        branch x = p => Dense<4, 4, Tanh>;
        branch u = x => code;
        branch v = q => Dense<4, 4, Tanh> => code;
        branch m = (b = u, a = x) => Inner;
        branch n = (a = x, b = v) => Inner;
        output z = add(m, n, u) => Dense<3, 2>;
    }
}

model! {
    /// In part frozen.
    struct Frozen {
        input p: [f32; 4];
        input q: [f32; 4];
        branch x = p => #[frozen] Dense<4, 4, Tanh> => #[frozen] Encoder;
        branch y = q => Encoder;
        output z = add(x, y) => Dense<3, 2>;
    }
}

model! {
    /// Declared from its end to its beginning.
    struct Backwards {
        output z = concatenate(y, x) => Dense<_, 2>;
        branch y = w => Dense<_, 2, Tanh>;
        branch w = q => Dense<_, 3, Tanh>;
        branch x = p;
        input q: [f32; 4];
        input p: [f32; 4];
    }
}

pub fn numbers<const N: usize>(samples: usize, seed: u64) -> Vec<[f32; N]> {
    let random = Random::new(seed);
    (0..samples as u64)
        .map(|sample| std::array::from_fn(|i| random.of_sample(sample).uniform(i as u64) * 2.0 - 1.0))
        .collect()
}

/// The trainable weights, one after the other.
fn weights<N: Network>(model: &N) -> Vec<f32> {
    let mut all = Vec::new();
    walk_ref(model, &mut |parameter, values| {
        if parameter.trainable {
            all.extend_from_slice(values);
        }
    });
    all
}

/// Adds to one trainable weight.
fn nudge<N: Network>(model: &mut N, index: usize, by: f32) {
    let mut rest = index;
    walk([model], &mut |parameter, [values]| {
        if !parameter.trainable {
            return;
        }
        if rest < values.len() {
            values[rest] += by;
        }
        rest = rest.checked_sub(values.len()).unwrap_or(usize::MAX);
    });
}

/// Checks the gradient, which a step of plain descent with rate 1 shows, against differences of `loss`.
pub fn check<M: Model>(model: &mut M, step: impl Fn(&mut M), loss: impl Fn(&M) -> f64) {
    let before = weights(model.network());
    let original = model.duplicate();
    step(model);
    let gradient: Vec<f32> =
        before.iter().zip(weights(model.network())).map(|(before, after)| before - after).collect();
    model.copy_from(&original);
    assert!(gradient.iter().any(|g| g.abs() > 1e-3), "all gradients are zero");
    const STEP: f32 = 0.01;
    for (index, gradient) in gradient.iter().enumerate() {
        nudge(model.network_mut(), index, STEP);
        let above = loss(model);
        nudge(model.network_mut(), index, -2.0 * STEP);
        let below = loss(model);
        nudge(model.network_mut(), index, STEP);
        let difference = (above - below) / (2.0 * f64::from(STEP));
        assert!(
            (difference - f64::from(*gradient)).abs() < 2e-3,
            "weight {index}: difference {difference}, gradient {gradient}"
        );
    }
}

macro_rules! check_model {
    ($model:ident, $inputs:ident) => {{
        let (p, q, targets) = (numbers::<4>(50, 1), numbers::<4>(50, 2), numbers::<2>(50, 3));
        let inputs = $inputs { p: &p, q: &q };
        check(
            &mut $model::new(4),
            |model| {
                Trainer::new(model, Sgd::new(1.0), MeanSquaredError)
                    .verbose(false)
                    .train_on_batch(inputs, &targets)
                    .unwrap();
            },
            |model| {
                Trainer::new(&mut model.duplicate(), Sgd::new(1.0), MeanSquaredError)
                    .verbose(false)
                    .evaluate(inputs, &targets)
                    .unwrap()["loss"]
            },
        );
    }};
}

#[test]
fn gradients_of_a_shared_layer_add_up() {
    check_model!(Shared, SharedInputs);
}

#[test]
fn gradients_go_through_models_within_a_model() {
    check_model!(Outer, OuterInputs);
}

#[test]
fn gradients_pass_what_is_frozen() {
    check_model!(Frozen, FrozenInputs);
}

#[test]
fn order_of_declaration_does_not_matter() {
    check_model!(Backwards, BackwardsInputs);
}

#[test]
fn gradients_of_a_wire_that_is_used_often_add_up() {
    let (p, q) = (numbers::<4>(50, 1), numbers::<4>(50, 2));
    let (targets, inner) = (numbers::<2>(50, 3), numbers::<4>(50, 4));
    let inputs = ReusedInputs { p: &p, q: &q };
    let losses = (MeanSquaredError, MeanSquaredError);
    check(
        &mut Reused::new(4),
        |model| {
            Trainer::new(model, Sgd::new(1.0), losses)
                .verbose(false)
                .train_on_batch(inputs, (&targets, &inner))
                .unwrap();
        },
        |model| {
            Trainer::new(&mut model.duplicate(), Sgd::new(1.0), losses)
                .verbose(false)
                .evaluate(inputs, (&targets, &inner))
                .unwrap()["loss"]
        },
    );
}

#[test]
fn what_is_frozen_stays() {
    let (p, q, targets) = (numbers::<4>(50, 1), numbers::<4>(50, 2), numbers::<2>(50, 3));
    let mut model = Frozen::new(1);
    let before = model.duplicate();
    Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .epochs(3)
        .verbose(false)
        .fit(FrozenInputs { p: &p, q: &q }, &targets)
        .unwrap();
    assert_eq!(model.dense.kernel, before.dense.kernel);
    assert_eq!(model.encoder.dense.kernel, before.encoder.dense.kernel);
    assert_ne!(model.encoder_1.dense.kernel, before.encoder_1.dense.kernel);
    assert!(Frozen::summary().to_string().contains("Non-trainable params: 35"));
}

#[test]
fn a_branch_of_another_name_is_the_same_wire() {
    let model = Backwards::new(1);
    let (p, q) = ([0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]);
    let z = model.predict_named(BackwardsInput { p: &p, q: &q });
    let other = model.predict_named(BackwardsInput { p: &[1.1, 0.2, 0.3, 0.4], q: &q });
    // The layer that was declared first is the last one on the way; `x` is its third operand.
    approx::assert_relative_eq!(other[0] - z[0], model.dense.kernel[2][0], epsilon = 1e-5);
}
