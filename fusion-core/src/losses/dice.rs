use super::EPSILON;
use super::groups::{Axes, OfSums, WithSlope, loss_of_groups};

/// How little predicted and true areas overlap (Milletari et al., 2016): Keras's `Dice`.
///
/// 1 − 2 Σ y ŷ / (Σ y + Σ ŷ + 10⁻⁷), for yes-or-no targets of pixels, 0 or 1 each, and probabilities. As in Keras the sums
/// are those of the whole batch, unless [`axis`](Self::axis) says along which axes they are taken; where samples share
/// sums, so they do the loss, and a batch is one tile in training.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Dice, Loss};
///
/// let (targets, predictions, mut losses) = ([[1.0_f32, 0.0], [0.0, 0.0]], [[0.5, 0.0], [0.5, 0.0]], [0.0; 2]);
/// Dice::default().losses(&targets, &predictions, &mut losses);
/// assert_eq!(losses, [0.5; 2]);
/// Dice::default().axis([1]).losses(&targets, &predictions, &mut losses);
/// assert!((losses[0] - 1.0 / 3.0).abs() < 1e-6 && losses[1] == 1.0);
/// ```
///
/// # Panics
/// If an output has no such axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dice {
    axes: Axes,
}

impl Default for Dice {
    fn default() -> Self {
        Self { axes: Axes::All }
    }
}

impl Dice {
    /// The axes along which sums are taken, of which 0 is the batch: `[1, 2, 3]` of images gives each its own loss,
    /// `[0, 1, 2]` each class. The loss is the mean over what is left.
    #[must_use]
    pub const fn axis<const N: usize>(mut self, axis: [isize; N]) -> Self {
        self.axes = Axes::of(&axis);
        self
    }
}

impl OfSums<3> for Dice {
    #[inline(always)]
    fn terms(self, target: f64, prediction: f64) -> [f64; 3] {
        [target * prediction, target, prediction]
    }

    fn value(self, [both, target, prediction]: [f64; 3], _: f64) -> f64 {
        1.0 - 2.0 * both / (target + prediction + f64::from(EPSILON))
    }
}

impl WithSlope for Dice {
    fn slope(self, [both, target, prediction]: [f64; 3]) -> [f64; 3] {
        let areas = target + prediction + f64::from(EPSILON);
        [-2.0 / areas, 0.0, 2.0 * both / (areas * areas)]
    }
}
loss_of_groups!(Dice, "dice", probabilities);
