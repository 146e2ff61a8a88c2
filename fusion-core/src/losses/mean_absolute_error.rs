use super::batch::{Batch, loss_of_numbers};

/// The mean of the absolute differences, mean(|y − ŷ|): Keras's `MeanAbsoluteError`.
///
/// Where both are equal the gradient is 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, MeanAbsoluteError};
///
/// let (prices, predictions) = ([[1.0_f32, 2.0]], [[1.5, 1.0]]);
/// let mut losses = [0.0];
/// MeanAbsoluteError.losses(&prices, &predictions, &mut losses);
/// assert_eq!(losses, [0.75]);
/// ```
#[doc(alias = "mae")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct MeanAbsoluteError;

impl MeanAbsoluteError {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| (prediction - target).abs());
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| sign(prediction - target));
    }
}
loss_of_numbers!(MeanAbsoluteError, "mean_absolute_error", finite);

/// −1, 0 or 1, or NaN of NaN. The standard library's `signum` has no 0.
#[inline(always)]
pub(super) fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}
