use super::EPSILON;
use super::batch::{Batch, gradient_of_positions, loss_of_numbers, mean_of_positions, total};
use crate::kernels::math::ln;

/// How far predicted distributions are from the targets' (Kullback and Leibler, 1951): Keras's `KLDivergence`.
///
/// Σ y ln(y / ŷ) over the last dimension, both kept within 10⁻⁷ and 1 (beyond, the gradient is 0).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{KlDivergence, Loss};
///
/// let mut losses = [0.0];
/// KlDivergence.losses(&[[0.5_f32, 0.5]], &[[0.25, 0.75]], &mut losses);
/// assert!((losses[0] - 0.5 * (2.0_f32 * 2.0 / 3.0).ln()).abs() < 1e-6);
/// ```
#[doc(alias("KLDivergence", "kld"))]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct KlDivergence;

impl KlDivergence {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        mean_of_positions(batch.positions(), losses, |index| {
            let (targets, predictions) = batch.vectors(index);
            total(targets.iter().zip(predictions).map(|(target, prediction)| {
                let target = clip(*target);
                target * ln(target / clip(*prediction))
            }))
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient_of_positions((batch.positions(), batch.classes), weights, gradient, |index, weight, gradient| {
            let (targets, predictions) = batch.vectors(index);
            for ((gradient, target), prediction) in gradient.iter_mut().zip(targets).zip(predictions) {
                let flat = *prediction < EPSILON || *prediction > 1.0;
                *gradient = if flat { 0.0 } else { -weight * clip(*target) / prediction };
            }
        });
    }
}
loss_of_numbers!(KlDivergence, "kl_divergence", distributions);

fn clip(probability: f32) -> f32 {
    probability.clamp(EPSILON, 1.0)
}
