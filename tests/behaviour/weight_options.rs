//! What users give for arrays of weights, in a model: names of their own, functions of their own.

use fusion::prelude::*;
use fusion::weights::Initializer;
use fusion::{Random, Shape};

const SCALE: f32 = 0.25;
/// A name that the model's own have too, where it is none of these.
const L2: f64 = 0.5;
const ALL_TWO: Initializer = Initializer::Constant(2.0);

fn counted(_: Random, shape: &Shape, values: &mut [f32]) {
    values.iter_mut().enumerate().for_each(|(index, value)| *value = (index + shape.last()) as f32);
}

/// The sum of the weights.
fn sum(_: &Shape, weights: &[f32], gradient: Option<&mut [f32]>) -> f64 {
    if let Some(gradient) = gradient {
        gradient.iter_mut().for_each(|slope| *slope += 1.0);
    }
    weights.iter().map(|w| f64::from(*w)).sum()
}

fn whole(_: &Shape, weights: &mut [f32]) {
    weights.iter_mut().for_each(|w| *w = w.round());
}

model! {
    struct Own {
        input x: [f32; 2];
        output y = x => hidden: Dense<_, 3>(kernel_initializer = Initializer::Own(counted), bias_initializer = ALL_TWO)
            => Dropout({ L2 as f32 })
            => Dense<_, 1>(
                kernel_initializer = Constant(SCALE),
                bias_regularizer = Regularizer::Own(sum),
                bias_constraint = Constraint::Own(whole),
            );
    }
}

#[test]
fn own_names_and_functions_are_used() {
    let mut own = Own::new(1);
    assert_eq!(own.hidden.kernel, [[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]);
    assert_eq!((own.hidden.bias, own.dense.kernel), ([2.0; 3], [[SCALE]; 3]));
    own.dense.bias = [0.75];
    let target = own.predict(&[0.0; 2]);
    let mut trainer =
        Trainer::new(&mut own, Sgd::new(0.125), MeanSquaredError).metric(MeanSquaredError.named("mse")).verbose(false);
    // All of the loss is the penalty, and no metric has it.
    let scores = trainer.evaluate(&[[0.0; 2]; 4], &[target; 4]).unwrap();
    assert_eq!((scores["loss"], scores["mse"]), (0.75, 0.0));
    trainer.train_on_batch(&[[0.0; 2]; 4], &[target; 4]).unwrap();
    assert_eq!(own.dense.bias[0].fract(), 0.0);
}

model! {
    struct NotFinite {
        input x: [f32; 1];
        output y = x => Dense<_, 1>(kernel_regularizer = L2(0.5));
    }
}

#[test]
fn a_penalty_that_is_no_number_moves_no_weight() {
    let mut model = NotFinite::new(1);
    model.dense.kernel = [[f32::INFINITY]];
    let error =
        Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).train_on_batch(&[[0.0]], &[[1.0]]).unwrap_err();
    assert!(
        matches!(&error, TrainError::WeightsWereNotFinite { parameter, .. } if parameter == "dense/kernel"),
        "{error}"
    );
    assert_eq!(model.dense.bias, [0.0]);
}
