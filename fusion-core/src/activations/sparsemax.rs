//! The nearest distribution to a row.

use super::Activation;
#[cfg(feature = "training")]
use super::TrainActivation;
use crate::kernels::{lanes, vectorize};

/// y_i = max(x_i − τ, 0) along the last axis, with the τ of each row that makes them add up to 1: the distribution nearest
/// to the row, in which many are 0. Keras's `sparsemax` (Martins and Astudillo, 2016).
///
/// Keras 3.15 takes a larger τ where more than one number of a row is above it, and gives zeros; this is the paper's.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::{Activation, Sparsemax};
/// let mut values = [1.0, 0.5, -2.0];
/// Sparsemax::forward(&mut values, 3);
/// assert_eq!(values, [0.75, 0.25, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Sparsemax;

/// The largest number of a row, and how far below it τ lies, without sorting: what is at most the τ of all cannot be above
/// that of fewer (Michelot, 1986).
#[inline(always)]
fn threshold(row: &[f32]) -> (f32, f32) {
    let largest = lanes::largest(row);
    let (mut threshold, mut above) = (f32::NEG_INFINITY, usize::MAX);
    loop {
        let (mut sum, mut count) = (0.0_f64, 0);
        for x in row.iter().map(|x| x - largest) {
            let counts = x > threshold || x.is_nan();
            sum += if counts { f64::from(x) } else { 0.0 };
            count += usize::from(counts);
        }
        if count == above {
            return (largest, threshold);
        }
        (threshold, above) = (((sum - 1.0) / count as f64) as f32, count);
    }
}

impl Activation for Sparsemax {
    const NAME: &'static str = "sparsemax";
    const NEEDS_INPUT: bool = false;
    const OF_ROWS: bool = true;
    const OF_ONE: Option<&'static str> = Some("1");

    fn forward(values: &mut [f32], features: usize) {
        vectorize(
            #[inline(always)]
            || {
                for row in values.chunks_exact_mut(features.max(1)) {
                    let (largest, threshold) = threshold(row);
                    for x in row {
                        let below = *x - largest;
                        *x = if below <= threshold { 0.0 } else { below - threshold };
                    }
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl TrainActivation for Sparsemax {
    /// Among those above 0 the mean is taken off, all others have no influence.
    fn backward(_input: &[f32], output: &[f32], gradient: &mut [f32], features: usize) {
        vectorize(
            #[inline(always)]
            || {
                let rows = output.chunks_exact(features.max(1));
                for (y, gradient) in rows.zip(gradient.chunks_exact_mut(features.max(1))) {
                    let (mut sum, mut count) = (0.0, 0_u32);
                    for (y, gradient) in y.iter().zip(&*gradient) {
                        sum += if *y > 0.0 { *gradient } else { 0.0 };
                        count += u32::from(*y > 0.0);
                    }
                    let mean = sum / count as f32;
                    let each = gradient.iter_mut().zip(y);
                    each.for_each(|(gradient, y)| *gradient = if *y > 0.0 { *gradient - mean } else { 0.0 });
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By sorting, as in the paper.
    fn sorted(row: &[f32]) -> Vec<f64> {
        let mut sorted: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let (mut sum, mut threshold) = (0.0, 0.0);
        for (count, x) in (1..).zip(&sorted) {
            sum += x;
            if 1.0 + f64::from(count) * x > sum {
                threshold = (sum - 1.0) / f64::from(count);
            }
        }
        row.iter().map(|x| (f64::from(*x) - threshold).max(0.0)).collect()
    }

    #[test]
    fn rows_are_those_of_the_sorted_formula() {
        let row = |seed: usize, features: usize| -> Vec<f32> {
            (0..features).map(|i| 3.0 * ((seed * 31 + i * 17) as f32).sin()).collect()
        };
        for features in [1, 2, 5, 40] {
            for seed in 0..20 {
                let row = row(seed, features);
                let mut y = row.clone();
                Sparsemax::forward(&mut y, features);
                for (found, expected) in y.iter().zip(sorted(&row)) {
                    assert!((f64::from(*found) - expected).abs() < 2e-6, "{row:?}: {y:?}");
                }
            }
        }
    }

    #[test]
    fn equals_share_large_numbers_stay_apart_and_a_nan_spoils_its_row_only() {
        let mut values = [2.0, 2.0, -1e30, 1e30, f32::NAN, 0.5];
        Sparsemax::forward(&mut values, 2);
        assert_eq!(values[..4], [0.5, 0.5, 0.0, 1.0]);
        assert!(values[4].is_nan() && values[5].is_nan());
    }
}
