//! What training keeps apart from the weights: the moving statistics of batch normalization.

use super::*;

model! {
    struct Normalizing = [f32; 4] => Dense<4, 6, Tanh> => BatchNormalization<_>(momentum = 0.5) => Dense<_, 1>;
}

model! {
    /// The same with its statistics held.
    struct Held = [f32; 4] => Dense<4, 6, Tanh> => #[frozen] BatchNormalization<_>(momentum = 0.5) => Dense<_, 1>;
}

/// The weights and the statistics after some steps.
fn trained(x: &[[f32; 4]], y: &[[f32; 1]]) -> Vec<f32> {
    let mut model = Normalizing::new(3);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).verbose(false);
    for _ in 0..3 {
        trainer.train_on_batch(x, y).unwrap();
    }
    weights(&*model)
}

/// A batch has the statistics of all its samples, however many go through the network at once: were it cut, its
/// parts would hold different samples here. More than ten numbers of a sample live in the pass, which may take
/// 131,072: at most 13,107 samples go at once.
#[test]
fn a_batch_beyond_one_tile_is_normalized_as_one() {
    const TIMES: usize = 1000;
    let (x, y) = sums(20);
    let repeated = |rows: &[[f32; 4]]| rows.iter().flat_map(|row| [*row; TIMES]).collect::<Vec<_>>();
    let targets: Vec<[f32; 1]> = y.iter().flat_map(|row| [*row; TIMES]).collect();
    let (small, large) = (trained(&x, &y), trained(&repeated(&x), &targets));
    let worst = small.iter().zip(&large).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-5, "the weights differ by {worst:e}");
    let part = trained(&x[..13], &y[..13]);
    assert!(small.iter().zip(&part).any(|(a, b)| (a - b).abs() > 1e-3), "a part has other statistics");
}

#[test]
fn training_moves_the_statistics() {
    let (x, y) = sums(20);
    let mut model = Normalizing::new(3);
    let inference = model.predict_batch(&x).unwrap();
    let hidden: Vec<f32> = x.iter().map(|x| unit(&model.dense, x)).collect();
    let scores =
        Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).verbose(false).train_on_batch(&x, &y).unwrap();
    assert!((scores["loss"] - loss(&inference, &y)).abs() > 1e-3);
    let mean = hidden.iter().sum::<f32>() / 20.0;
    let variance = hidden.iter().map(|h| (h - mean).powi(2)).sum::<f32>() / 20.0;
    let BatchNormalization { moving_mean, moving_variance, .. } = model.batch_normalization;
    approx::assert_relative_eq!(moving_mean[0], 0.5 * mean, epsilon = 1e-6);
    approx::assert_relative_eq!(moving_variance[0], 0.5 + 0.5 * variance, epsilon = 1e-6);
}

#[test]
fn a_frozen_layer_keeps_its_statistics_and_normalizes_by_them() {
    let (x, y) = sums(20);
    let mut model = Held::new(3);
    model.batch_normalization.moving_mean = [0.3, -0.2, 0.1, 0.0, 0.5, -0.4];
    model.batch_normalization.moving_variance = [0.5, 2.0, 1.0, 0.25, 3.0, 0.1];
    model.batch_normalization.gamma = [1.5; 6];
    let (before, inference) = (model.duplicate(), model.predict_batch(&x).unwrap());

    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).epochs(3).verbose(false);
    let scores = trainer.train_on_batch(&x, &y).unwrap();
    assert!((scores["loss"] - loss(&inference, &y)).abs() < 1e-6);
    trainer.fit(&x, &y).unwrap();
    assert_eq!(model.batch_normalization, before.batch_normalization);
    // The gradient goes through it to the layer before.
    assert_ne!(model.dense.kernel, before.dense.kernel);
    assert_ne!(model.dense_1.kernel, before.dense_1.kernel);
}

/// The first unit of a layer.
fn unit(dense: &Dense<4, 6, Tanh>, x: &[f32; 4]) -> f32 {
    (x.iter().zip(&dense.kernel).map(|(x, row)| x * row[0]).sum::<f32>() + dense.bias[0]).tanh()
}

/// The mean squared error.
fn loss(outputs: &[[f32; 1]], targets: &[[f32; 1]]) -> f64 {
    let squares = outputs.iter().zip(targets).map(|(z, y)| f64::from(z[0] - y[0]).powi(2));
    squares.sum::<f64>() / targets.len() as f64
}
