use super::EPSILON;
use super::batch::{Batch, loss_of_numbers};
use crate::kernels::math::ln;

/// How unlikely counts are for a Poisson distribution with the predicted rates, mean(ŷ − y ln(ŷ + 10⁻⁷)): Keras's
/// `Poisson`.
///
/// The part that depends on the counts alone, ln y!, is left out. Targets are not negative, and neither are
/// predictions, which `Exponential` or `Softplus` sees to: the loss of a negative one is NaN.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, Poisson};
///
/// let mut losses = [0.0];
/// Poisson.losses(&[[3.0_f32, 0.0]], &[[1.0, 2.0]], &mut losses);
/// assert!((losses[0] - (1.0 + 2.0) / 2.0).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Poisson;

impl Poisson {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| prediction - target * ln(prediction + EPSILON));
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| 1.0 - target / (prediction + EPSILON));
    }
}
loss_of_numbers!(Poisson, "poisson", not_negative);
