use super::batch::{Batch, loss_of_numbers};

/// How far predictions are from the right side of a margin, mean(max(1 − y ŷ, 0)): Keras's `Hinge`.
///
/// Targets are −1 and 1, or 0 and 1, of which 0 is taken as −1; the prediction is any number, whose sign is the answer.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Hinge, Loss};
///
/// let mut losses = [0.0];
/// Hinge.losses(&[[1.0_f32, -1.0]], &[[0.25, -3.0]], &mut losses);
/// assert_eq!(losses, [(0.75 + 0.0) / 2.0]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Hinge;

impl Hinge {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, missing);
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| {
            let (sign, missing) = (sign(target), 1.0 - sign(target) * prediction);
            // As in TensorFlow, there is a slope where nothing is missing any more.
            if missing >= 0.0 {
                -sign
            } else if missing < 0.0 {
                0.0
            } else {
                missing
            }
        });
    }
}
loss_of_numbers!(Hinge, "hinge", signs);

/// −1 or 1 of a target.
#[inline(always)]
pub(super) fn sign(target: f32) -> f32 {
    if target == 0.0 { -1.0 } else { target }
}

/// What a prediction lacks to be right by 1; NaN of NaN.
#[inline(always)]
pub(super) fn missing(target: f32, prediction: f32) -> f32 {
    let missing = 1.0 - sign(target) * prediction;
    if missing < 0.0 { 0.0 } else { missing }
}
