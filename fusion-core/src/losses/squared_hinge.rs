use super::batch::{Batch, loss_of_numbers};
use super::hinge::{missing, sign};

/// The square of how far predictions are from the right side of a margin, mean(max(1 − y ŷ, 0)²): Keras's
/// `SquaredHinge`.
///
/// Targets are −1 and 1, or 0 and 1, of which 0 is taken as −1; the prediction is any number, whose sign is the answer.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, SquaredHinge};
///
/// let mut losses = [0.0];
/// SquaredHinge.losses(&[[1.0_f32, 0.0]], &[[0.5, 1.0]], &mut losses);
/// assert_eq!(losses, [(0.25 + 4.0) / 2.0]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct SquaredHinge;

impl SquaredHinge {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| missing(target, prediction) * missing(target, prediction));
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| -2.0 * sign(target) * missing(target, prediction));
    }
}
loss_of_numbers!(SquaredHinge, "squared_hinge", signs);
