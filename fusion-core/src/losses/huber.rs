use super::batch::{Batch, loss_of_numbers};
use super::mean_absolute_error::sign;

/// Squared for small differences, absolute for large ones (Huber, 1964): Keras's `Huber`.
///
/// The mean of ½ e² where |e| = |y − ŷ| ≤ delta, and of delta · |e| − ½ delta² elsewhere. `Huber::default()`
/// has Keras's delta, 1.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Huber, Loss};
///
/// let mut losses = [0.0];
/// Huber::default().losses(&[[0.0_f32, 0.0]], &[[0.5, 3.0]], &mut losses);
/// assert_eq!(losses, [(0.125 + 2.5) / 2.0]);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Huber {
    delta: f32,
}

impl Default for Huber {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Huber {
    /// With the difference at which the loss turns from squared to absolute.
    #[must_use]
    pub const fn new(delta: f32) -> Self {
        Self { delta }
    }

    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        let delta = self.delta;
        batch.means(losses, |target, prediction| {
            let error = (prediction - target).abs();
            if error <= delta { 0.5 * error * error } else { delta * error - 0.5 * delta * delta }
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        let delta = self.delta;
        batch.mean_gradients(weights, gradient, |target, prediction| {
            let error = prediction - target;
            if error.abs() <= delta { error } else { delta * sign(error) }
        });
    }
}
loss_of_numbers!(Huber, "huber_loss", finite);
