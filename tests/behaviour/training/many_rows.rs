//! Batches of a million samples: the error of a sum over them does not grow with their number.

use super::*;

const ROWS: usize = 1_000_000;
/// Of the sum of the terms' sizes.
const ERROR: f64 = 1e-6;

model! {
    struct Affine = [f32; 3] => Dense<3, 2>;
}

model! {
    struct Normalized = [f32; 3] => BatchNormalization<_>(momentum = 0.0) => Dense<3, 1>;
}

/// Positive numbers, those of one place larger than those of another.
fn positive<const N: usize>(from: usize) -> Vec<[f32; N]> {
    rows::<N>(ROWS, from).iter().map(|row| std::array::from_fn(|i| (row[i].abs() + 0.1) * (i + 1) as f32)).collect()
}

/// A sum in `f64`, and the sum of its terms' sizes.
#[derive(Clone, Copy, Default)]
struct Exact {
    sum: f64,
    size: f64,
}

impl Exact {
    fn of(terms: impl Iterator<Item = f64>) -> Self {
        terms.fold(Self::default(), |exact, term| Self { sum: exact.sum + term, size: exact.size + term.abs() })
    }

    /// Holds a weight after a step with the learning rate 1 against what it was before.
    #[track_caller]
    fn check(&self, what: &str, before: f32, after: f32) {
        let exact = f64::from(before) - self.sum;
        let error = (f64::from(after) - exact).abs() / (self.size + f64::from(before).abs());
        assert!(error < ERROR, "{what} is {after} instead of {exact}, wrong by {error:e}");
    }
}

/// In many tiles, whose gradients are added up.
#[test]
fn a_million_samples_in_tiles() {
    let (x, y) = (positive::<3>(0), positive::<2>(3 * ROWS));
    let mut model = Affine::new(1);
    model.dense.kernel = [[0.0; 2]; 3];
    let mut trainer = Trainer::new(&mut model, Sgd::new(1.0), MeanSquaredError).verbose(false);
    let loss = trainer.train_on_batch(&x, &y).unwrap()["loss"];
    let squares = y.as_flattened().iter().map(|y| f64::from(*y) * f64::from(*y)).sum::<f64>() / (2 * ROWS) as f64;
    assert!((loss / squares - 1.0).abs() < ERROR, "the loss is {loss} instead of {squares}");
    // The model gives 0, so that its error is −y, and the mean over two outputs cancels the square's 2.
    for o in 0..2 {
        let error = |y: &[f32; 2]| -f64::from(y[o]) / ROWS as f64;
        Exact::of(y.iter().map(error)).check("the bias", 0.0, model.dense.bias[o]);
        for i in 0..3 {
            let terms = x.iter().zip(&y).map(|(x, y)| f64::from(x[i]) * error(y));
            Exact::of(terms).check("the kernel", 0.0, model.dense.kernel[i][o]);
        }
    }
}

/// Normalized by statistics of the batch, so that all samples go through the network at once.
#[test]
fn a_million_samples_at_once() {
    const KERNEL: [f64; 3] = [0.5, -1.0, 2.0];
    let (x, y) = (positive::<3>(0), positive::<1>(3 * ROWS));
    let mut model = Normalized::new(1);
    model.dense.kernel = KERNEL.map(|weight| [weight as f32]);
    Trainer::new(&mut model, Sgd::new(1.0), MeanSquaredError).verbose(false).train_on_batch(&x, &y).unwrap();

    let mean_of = |term: &dyn Fn(&[f32; 3]) -> f64| x.iter().map(term).sum::<f64>() / ROWS as f64;
    let means: [f64; 3] = std::array::from_fn(|i| mean_of(&|x| f64::from(x[i])));
    let variances: [f64; 3] = std::array::from_fn(|i| mean_of(&|x| (f64::from(x[i]) - means[i]).powi(2)));
    let layer = &model.batch_normalization;
    for i in 0..3 {
        assert!((f64::from(layer.moving_mean[i]) / means[i] - 1.0).abs() < ERROR, "the mean {i}");
        assert!((f64::from(layer.moving_variance[i]) / variances[i] - 1.0).abs() < ERROR, "the variance {i}");
    }

    let deviations = variances.map(|variance| (variance + f64::from(1e-3_f32)).sqrt());
    let normal = |x: &[f32; 3], i: usize| (f64::from(x[i]) - means[i]) / deviations[i];
    let errors: Vec<f64> = x
        .iter()
        .zip(&y)
        .map(|(x, y)| (0..3).map(|i| KERNEL[i] * normal(x, i)).sum::<f64>() - f64::from(y[0]))
        .map(|error| 2.0 * error / ROWS as f64)
        .collect();
    Exact::of(errors.iter().copied()).check("the bias", 0.0, model.dense.bias[0]);
    for (i, weight) in KERNEL.into_iter().enumerate() {
        let by_feature = |factor: f64| Exact::of(x.iter().zip(&errors).map(|(x, dz)| factor * normal(x, i) * dz));
        by_feature(1.0).check("the kernel", weight as f32, model.dense.kernel[i][0]);
        by_feature(weight).check("gamma", 1.0, layer.gamma[i]);
        Exact::of(errors.iter().map(|dz| KERNEL[i] * dz)).check("beta", 0.0, layer.beta[i]);
    }
}
