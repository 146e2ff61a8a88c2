use super::EPSILON;
use super::groups::{Axes, OfSums, WithSlope, loss_of_groups};

/// How little predicted and true areas overlap, where what is missed and what is too much count differently (Salehi et
/// al., 2017): Keras's `Tversky`.
///
/// 1 − Σ y ŷ / (Σ y ŷ + α Σ y (1 − ŷ) + β Σ (1 − y) ŷ + 10⁻⁷), for yes-or-no targets of pixels, 0 or 1 each, and
/// probabilities. So α weighs what is missed and β what is too much; Keras computes the same, though it describes them
/// the other way round. With Keras's defaults, ½ both, it is [`Dice`](super::Dice). As there the sums are those of the
/// whole batch, unless [`axis`](Self::axis) says along which axes they are taken.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, Tversky};
///
/// let mut losses = [0.0];
/// Tversky::default().alpha(0.25).beta(0.75).losses(&[[1.0_f32, 0.0]], &[[0.5, 0.0]], &mut losses);
/// assert!((losses[0] - 0.2).abs() < 1e-6);
/// ```
///
/// # Panics
/// If an output has no such axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tversky {
    alpha: f32,
    beta: f32,
    axes: Axes,
}

impl Default for Tversky {
    fn default() -> Self {
        Self { alpha: 0.5, beta: 0.5, axes: Axes::All }
    }
}

impl Tversky {
    /// What missed yeses count.
    #[must_use]
    pub const fn alpha(mut self, alpha: f32) -> Self {
        self.alpha = alpha;
        self
    }

    /// What wrong yeses count.
    #[must_use]
    pub const fn beta(mut self, beta: f32) -> Self {
        self.beta = beta;
        self
    }

    /// The axes along which sums are taken, of which 0 is the batch: `[1, 2, 3]` of images gives each its own loss,
    /// `[0, 1, 2]` each class. The loss is the mean over what is left.
    #[must_use]
    pub const fn axis<const N: usize>(mut self, axis: [isize; N]) -> Self {
        self.axes = Axes::of(&axis);
        self
    }

    /// What the sum of both is divided by.
    fn divisor(self, [both, target, prediction]: [f64; 3]) -> f64 {
        let (alpha, beta) = (f64::from(self.alpha), f64::from(self.beta));
        both + alpha * (target - both) + beta * (prediction - both) + f64::from(EPSILON)
    }
}

impl OfSums<3> for Tversky {
    #[inline(always)]
    fn terms(self, target: f64, prediction: f64) -> [f64; 3] {
        [target * prediction, target, prediction]
    }

    fn value(self, sums: [f64; 3], _: f64) -> f64 {
        1.0 - sums[0] / self.divisor(sums)
    }
}

impl WithSlope for Tversky {
    fn slope(self, sums: [f64; 3]) -> [f64; 3] {
        let (alpha, beta) = (f64::from(self.alpha), f64::from(self.beta));
        let (divisor, ratio) = (self.divisor(sums), sums[0] / self.divisor(sums));
        // Both sums grow with a prediction where the target is a yes.
        [(ratio * (1.0 - alpha - beta) - 1.0) / divisor, 0.0, ratio * beta / divisor]
    }
}
loss_of_groups!(Tversky, "tversky", probabilities);
