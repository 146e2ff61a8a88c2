use super::batch::{Batch, loss_of_numbers};

/// The mean of the squared differences, mean((y − ŷ)²): Keras's `MeanSquaredError`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, MeanSquaredError};
///
/// let (prices, predictions) = ([[1.0_f32, 2.0]], [[1.5, 1.0]]);
/// let mut losses = [0.0];
/// MeanSquaredError.losses(&prices, &predictions, &mut losses);
/// assert_eq!(losses, [0.625]);
/// ```
#[doc(alias = "mse")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct MeanSquaredError;

impl MeanSquaredError {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| (prediction - target) * (prediction - target));
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| 2.0 * (prediction - target));
    }
}
loss_of_numbers!(MeanSquaredError, "mean_squared_error", finite);
