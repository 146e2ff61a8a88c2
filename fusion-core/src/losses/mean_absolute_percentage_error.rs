use super::EPSILON;
use super::batch::{Batch, loss_of_numbers};
use super::mean_absolute_error::sign;

/// The mean difference in per cent of the target, 100 · mean(|y − ŷ| / max(|y|, 10⁻⁷)): Keras's
/// `MeanAbsolutePercentageError`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, MeanAbsolutePercentageError};
///
/// let (prices, predictions) = ([[200.0_f32]], [[150.0]]);
/// let mut losses = [0.0];
/// MeanAbsolutePercentageError.losses(&prices, &predictions, &mut losses);
/// assert_eq!(losses, [25.0]);
/// ```
#[doc(alias = "mape")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct MeanAbsolutePercentageError;

impl MeanAbsolutePercentageError {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| 100.0 * ((target - prediction) / divisor(target)).abs());
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        let derivative = |target, prediction| 100.0 * sign(prediction - target) / divisor(target);
        batch.mean_gradients(weights, gradient, derivative);
    }
}
loss_of_numbers!(MeanAbsolutePercentageError, "mean_absolute_percentage_error", finite);

#[inline(always)]
fn divisor(target: f32) -> f32 {
    target.abs().max(EPSILON)
}
