//! Activations of whole rows.

use super::Activation;
#[cfg(feature = "training")]
use super::TrainActivation;
use super::options::SoftmaxOptions;
use crate::kernels::math::{exp, ln};
use crate::kernels::{lanes, vectorize};

/// y_i = exp(x_i) / Σ_j exp(x_j) along the last axis: Keras's `softmax`.
///
/// It is also a layer of its own, Keras's `layers.Softmax`: `Softmax`, or `Softmax(axis = 1)` along another axis; see
/// [`SoftmaxOptions`](crate::layers::SoftmaxOptions).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::{Activation, Softmax};
/// let mut values = [1.0, 1.0, 1000.0, -1000.0];
/// Softmax::forward(&mut values, 2);
/// assert_eq!(values, [0.5, 0.5, 1.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = SoftmaxOptions)]
pub struct Softmax;

/// y_i = x_i − ln Σ_j exp(x_j) along the last axis: Keras's `log_softmax`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::{Activation, LogSoftmax};
/// let mut values = [0.0, 0.0];
/// LogSoftmax::forward(&mut values, 2);
/// assert_eq!(values, [-core::f32::consts::LN_2; 2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct LogSoftmax;

impl Activation for Softmax {
    const NAME: &'static str = "softmax";
    const NEEDS_INPUT: bool = false;
    const LOGITS: bool = true;
    const OF_ROWS: bool = true;
    const OF_ONE: Option<&'static str> = Some("1");

    fn forward(values: &mut [f32], features: usize) {
        vectorize(
            #[inline(always)]
            || {
                for row in values.chunks_exact_mut(features.max(1)) {
                    // Without the largest the exponential cannot overflow.
                    let largest = lanes::largest(row);
                    row.iter_mut().for_each(|x| *x = exp(*x - largest));
                    let sum = lanes::sum(row);
                    row.iter_mut().for_each(|x| *x /= sum);
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl TrainActivation for Softmax {
    fn backward(_input: &[f32], output: &[f32], gradient: &mut [f32], features: usize) {
        vectorize(
            #[inline(always)]
            || {
                let rows = output.chunks_exact(features.max(1));
                for (y, gradient) in rows.zip(gradient.chunks_exact_mut(features.max(1))) {
                    let mean = lanes::sum_of_pairs(y, gradient, |y, gradient| y * gradient);
                    gradient.iter_mut().zip(y).for_each(|(gradient, y)| *gradient = y * (*gradient - mean));
                }
            },
        );
    }
}

impl Activation for LogSoftmax {
    const NAME: &'static str = "log_softmax";
    const NEEDS_INPUT: bool = false;
    const OF_ROWS: bool = true;
    const OF_ONE: Option<&'static str> = Some("0");

    fn forward(values: &mut [f32], features: usize) {
        vectorize(
            #[inline(always)]
            || {
                for row in values.chunks_exact_mut(features.max(1)) {
                    let largest = lanes::largest(row);
                    row.iter_mut().for_each(|x| *x -= largest);
                    let log_sum = ln(lanes::sum_of_pairs(row, row, |x, _| exp(x)));
                    row.iter_mut().for_each(|x| *x -= log_sum);
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl TrainActivation for LogSoftmax {
    fn backward(_input: &[f32], output: &[f32], gradient: &mut [f32], features: usize) {
        vectorize(
            #[inline(always)]
            || {
                let rows = output.chunks_exact(features.max(1));
                for (y, gradient) in rows.zip(gradient.chunks_exact_mut(features.max(1))) {
                    let sum = lanes::sum(gradient);
                    gradient.iter_mut().zip(y).for_each(|(gradient, y)| *gradient -= exp(*y) * sum);
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference;

    const ROWS: [[f64; 3]; 4] = [[0.5, -1.0, 2.0], [100.0, -100.0, 99.5], [-100.0, -100.0, -101.0], [0.0, 0.0, 0.0]];
    const UPSTREAM: [f64; 3] = [0.3, -1.0, 2.0];

    /// Value and gradient against differences of the formula in `f64`.
    fn check_rows<A: TrainActivation>(formula: impl Fn([f64; 3]) -> [f64; 3]) {
        for row in ROWS {
            let mut y = row.map(|x| x as f32);
            A::forward(&mut y, 3);
            let mut gradient = UPSTREAM.map(|dy| dy as f32);
            A::backward(&[], &y, &mut gradient, 3);
            let expected = formula(row);
            let total = |row| formula(row).iter().zip(UPSTREAM).map(|(y, dy)| y * dy).sum::<f64>();
            for i in 0..3 {
                reference::assert_near(A::NAME, row[i], y[i], expected[i]);
                let slope =
                    reference::slope(|x| total(core::array::from_fn(|j| if j == i { x } else { row[j] })), row[i]);
                reference::assert_near(A::NAME, row[i], gradient[i], slope);
            }
        }
    }

    fn log_softmax(row: [f64; 3]) -> [f64; 3] {
        let largest = row.into_iter().fold(f64::MIN, f64::max);
        let sum: f64 = row.iter().map(|x| libm::exp(x - largest)).sum();
        row.map(|x| x - largest - libm::log(sum))
    }

    #[test]
    fn values_and_gradients_are_those_of_the_formulas() {
        check_rows::<Softmax>(|row| log_softmax(row).map(libm::exp));
        check_rows::<LogSoftmax>(log_softmax);
    }

    #[test]
    fn a_nan_spoils_its_own_row_only() {
        for forward in [Softmax::forward, LogSoftmax::forward] {
            let mut values = [0.0, f32::NAN, 1.0, 2.0];
            forward(&mut values, 2);
            assert!(values[..2].iter().all(|x| x.is_nan()) && values[2..].iter().all(|x| x.is_finite()));
        }
    }
}
