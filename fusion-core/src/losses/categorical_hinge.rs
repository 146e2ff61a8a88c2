use super::batch::{Batch, gradient_of_positions, loss_of_numbers, mean_of_positions, sum};

/// How far the score of the target's class is from exceeding all others by 1: Keras's `CategoricalHinge`.
///
/// max(max((1 − y) ŷ) − Σ y ŷ + 1, 0) over the last dimension, for one-hot targets; predictions are any numbers.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{CategoricalHinge, Loss};
///
/// let mut losses = [0.0];
/// CategoricalHinge.losses(&[[0.0_f32, 1.0, 0.0]], &[[0.5, 0.75, 0.25]], &mut losses);
/// assert_eq!(losses, [0.75]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct CategoricalHinge;

impl CategoricalHinge {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        mean_of_positions(batch.positions(), losses, |index| {
            let (targets, predictions) = batch.vectors(index);
            let missing = missing(targets, predictions);
            if missing < 0.0 { 0.0 } else { missing }
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient_of_positions((batch.positions(), batch.classes), weights, gradient, |index, weight, gradient| {
            let (targets, predictions) = batch.vectors(index);
            let missing = missing(targets, predictions);
            if missing < 0.0 {
                return gradient.fill(0.0);
            }
            let best = best_other(targets, predictions);
            let is_best = |target: f32, prediction: f32| (1.0 - target) * prediction == best;
            // As in TensorFlow, several that are the largest share the slope.
            let several = targets.iter().zip(predictions).filter(|(t, p)| is_best(**t, **p)).count();
            // NaN is in no place, and yet to be seen.
            let weight = if missing.is_nan() { missing } else { weight };
            for ((gradient, target), prediction) in gradient.iter_mut().zip(targets).zip(predictions) {
                let share = if is_best(*target, *prediction) { (1.0 - target) / several as f32 } else { 0.0 };
                *gradient = weight * (share - target);
            }
        });
    }
}
loss_of_numbers!(CategoricalHinge, "categorical_hinge", distributions);

/// What the target's class lacks to exceed the others by 1; negative where it does.
fn missing(targets: &[f32], predictions: &[f32]) -> f32 {
    best_other(targets, predictions) - sum(targets, predictions, |target, prediction| target * prediction) + 1.0
}

/// The largest score of the other classes; NaN if one is.
fn best_other(targets: &[f32], predictions: &[f32]) -> f32 {
    let others = targets.iter().zip(predictions).map(|(target, prediction)| (1.0 - target) * prediction);
    others.fold(f32::NEG_INFINITY, |best, other| if other <= best { best } else { other })
}
