//! How much predictions vary with their targets.

use super::mean::Values;
use super::{Mean, Metric};
use crate::losses::groups::{Axes, Groups, OfSums};
use crate::shape::{Shape, Tensor};

/// How far targets and predictions lie on a line (Pearson, 1895): Keras's `PearsonCorrelation`.
///
/// cov(y, ŷ) / (σ σ̂), −1 to 1, along the last axis or another [`axis`](Self::axis), and the mean of that over the samples.
/// `axis(0)` is along the batch, for outputs of one number, and the mean that over the batches, all of which count alike;
/// without an axis it is NaN there, as it is wherever all numbers are equal.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Mean, Metric, PearsonCorrelation};
///
/// let (metric, mut state) = (PearsonCorrelation::default(), Mean::default());
/// metric.update(&mut state, &[[1.0_f32, 2.0, 3.0]], &[[10.0, 30.0, 50.0]], None);
/// assert!((Metric::<[f32; 3]>::result(&metric, &state) - 1.0).abs() < 1e-6);
/// ```
///
/// # Panics
/// If an output has no such axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PearsonCorrelation {
    axes: Axes,
}

/// How near predictions are to their targets, in place and spread too (Lin, 1989): Keras's `ConcordanceCorrelation`.
///
/// 2 cov(y, ŷ) / (σ² + σ̂² + (μ − μ̂)² + 10⁻⁷), −1 to 1, along the last axis or another [`axis`](Self::axis), and the mean of
/// that over the samples. 1 is only where predictions are equal to their targets. `axis(0)` is along the batch, for
/// outputs of one number, and the mean that over the batches, all of which count alike.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{ConcordanceCorrelation, Mean, Metric};
///
/// let (metric, mut state) = (ConcordanceCorrelation::default(), Mean::default());
/// metric.update(&mut state, &[[1.0_f32, 2.0, 3.0]], &[[1.0, 3.0, 5.0]], None);
/// assert!((Metric::<[f32; 3]>::result(&metric, &state) - 8.0 / 13.0).abs() < 1e-6);
/// ```
///
/// # Panics
/// If an output has no such axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ConcordanceCorrelation {
    axes: Axes,
}

/// What both are made of.
struct Moments {
    /// The difference of the means.
    shift: f64,
    covariance: f64,
    target_variance: f64,
    prediction_variance: f64,
}

impl Moments {
    /// Of the sums of the targets, the predictions, their squares and their products.
    fn of(sums: [f64; 5], count: f64) -> Self {
        let [target, prediction, target_square, prediction_square, both] = sums.map(|sum| sum / count);
        Self {
            shift: target - prediction,
            covariance: both - target * prediction,
            target_variance: variance(target, target_square),
            prediction_variance: variance(prediction, prediction_square),
        }
    }
}

/// 0 where there is nothing but rounding.
fn variance(mean: f64, mean_square: f64) -> f64 {
    let variance = mean_square - mean * mean;
    if variance < 1e-14 * mean_square { 0.0 } else { variance }
}

fn terms(target: f64, prediction: f64) -> [f64; 5] {
    [target, prediction, target * target, prediction * prediction, target * prediction]
}

impl OfSums<5> for PearsonCorrelation {
    #[inline(always)]
    fn terms(self, target: f64, prediction: f64) -> [f64; 5] {
        terms(target, prediction)
    }

    fn value(self, sums: [f64; 5], count: f64) -> f64 {
        let moments = Moments::of(sums, count);
        moments.covariance / libm::sqrt(moments.target_variance * moments.prediction_variance)
    }
}

impl OfSums<5> for ConcordanceCorrelation {
    #[inline(always)]
    fn terms(self, target: f64, prediction: f64) -> [f64; 5] {
        terms(target, prediction)
    }

    fn value(self, sums: [f64; 5], count: f64) -> f64 {
        let Moments { shift, covariance, target_variance, prediction_variance } = Moments::of(sums, count);
        2.0 * covariance / (target_variance + prediction_variance + shift * shift + 1e-7)
    }
}

macro_rules! correlation {
    ($Correlation:ident, $name:literal) => {
        impl Default for $Correlation {
            fn default() -> Self {
                Self { axes: Axes::of(&[-1]) }
            }
        }

        impl $Correlation {
            /// The axis along which it is taken, of which 0 is the batch.
            #[must_use]
            pub const fn axis(mut self, axis: isize) -> Self {
                self.axes = Axes::of(&[axis]);
                self
            }

            // Apart from the outputs' types, so that it is compiled in this crate.
            fn values(self, shape: &Shape, samples: usize, numbers: (&[f32], &[f32]), values: &mut [f32]) {
                Groups::new(self.axes, shape, samples).values(self, numbers, values);
            }
        }

        impl<Out: Tensor<Element = f32>> Metric<Out> for $Correlation {
            type Target = Out;
            type State = Mean;

            fn name(&self) -> &'static str {
                $name
            }

            fn by_batch(&self) -> bool {
                !Groups::new(self.axes, &Out::SHAPE, 1).by_sample
            }

            fn update(&self, state: &mut Mean, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
                self.update_masked(state, targets, predictions, weights, None);
            }

            fn update_masked(
                &self,
                state: &mut Mean,
                targets: &[Out],
                predictions: &[Out],
                weights: Option<&[f32]>,
                mask: Option<&[f32]>,
            ) {
                let groups = Groups::new(self.axes, &Out::SHAPE, 1);
                let of = if groups.by_sample { Values::OfSamples } else { Values::Shared };
                // Only vectors are of one step each.
                let mask = mask.filter(|_| groups.by_vector);
                state.add_values(of, (targets, predictions), weights, mask, |targets, predictions, values| {
                    let numbers = (Out::numbers(targets), Out::numbers(predictions));
                    self.values(&Out::SHAPE, targets.len(), numbers, values);
                });
            }

            fn result(&self, state: &Mean) -> f64 {
                state.value()
            }
        }
    };
}
correlation!(PearsonCorrelation, "pearson_correlation");
correlation!(ConcordanceCorrelation, "concordance_correlation");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_vary_correlates_with_nothing() {
        let mut state = Mean::default();
        PearsonCorrelation::default().update(&mut state, &[[0.1_f32; 3]], &[[1.0, 3.0, 4.0]], None);
        assert!(state.value().is_nan());
        let mut state = Mean::default();
        ConcordanceCorrelation::default().update(&mut state, &[[0.1_f32; 3]], &[[1.0, 3.0, 4.0]], None);
        assert_eq!(state.value(), 0.0);
    }

    #[test]
    fn along_the_batch_there_is_one_number() {
        let mut state = Mean::default();
        let (targets, predictions) = ([[1.0_f32], [2.0], [4.0]].repeat(40), [[0.0], [1.0], [3.0]].repeat(40));
        PearsonCorrelation::default().axis(0).update(&mut state, &targets, &predictions, None);
        assert!((state.value() - 1.0).abs() < 1e-6);
    }
}
