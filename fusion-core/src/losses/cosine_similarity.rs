use super::EPSILON;
use super::groups::{Axes, OfSums, WithSlope, loss_of_groups};

/// How far vectors are from pointing in the same direction: Keras's `CosineSimilarity`.
///
/// −Σ y ŷ / (|y| |ŷ|) along the last axis, or another [`axis`](Self::axis): −1 for the same direction, 0 for a right
/// angle, 1 for the opposite one. Lengths below 10⁻⁷ are taken as 10⁻⁷, so that a vector of zeros gives 0. As a metric it
/// is Keras's metric of the same name, which has the other sign: 1 for the same direction.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{CosineSimilarity, Loss};
/// use fusion::metrics::{Mean, Metric};
///
/// let (targets, predictions, mut losses) = ([[0.0_f32, 2.0]], [[3.0, 4.0]], [0.0]);
/// CosineSimilarity::default().losses(&targets, &predictions, &mut losses);
/// assert!((losses[0] + 0.8).abs() < 1e-6);
///
/// let (metric, mut state) = (CosineSimilarity::default(), Mean::default());
/// metric.update(&mut state, &targets, &predictions, None);
/// assert!((Metric::<[f32; 2]>::result(&metric, &state) - 0.8).abs() < 1e-6);
/// ```
///
/// # Panics
/// If an output has no such axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CosineSimilarity {
    axes: Axes,
}

impl Default for CosineSimilarity {
    fn default() -> Self {
        Self { axes: Axes::of(&[-1]) }
    }
}

impl CosineSimilarity {
    /// The axis along which the vectors lie, of which 0 is the batch; the loss is the mean over what is left.
    #[must_use]
    pub const fn axis(mut self, axis: isize) -> Self {
        self.axes = Axes::of(&[axis]);
        self
    }
}

impl OfSums<3> for CosineSimilarity {
    #[inline(always)]
    fn terms(self, target: f64, prediction: f64) -> [f64; 3] {
        [target * prediction, target * target, prediction * prediction]
    }

    fn value(self, [both, target, prediction]: [f64; 3], _: f64) -> f64 {
        -both * inverse_length(target) * inverse_length(prediction)
    }
}

impl WithSlope for CosineSimilarity {
    fn slope(self, [both, target, prediction]: [f64; 3]) -> [f64; 3] {
        let (of_target, of_prediction) = (inverse_length(target), inverse_length(prediction));
        let scale = of_target * of_prediction;
        // A length that is only taken as EPSILON has no slope.
        let shortens = if is_short(prediction) { 0.0 } else { both * scale * of_prediction * of_prediction };
        [-scale, shortens, 0.0]
    }
}
loss_of_groups!(CosineSimilarity, "cosine_similarity", finite);

fn is_short(square: f64) -> bool {
    square < f64::from(EPSILON) * f64::from(EPSILON)
}

fn inverse_length(square: f64) -> f64 {
    1.0 / if is_short(square) { f64::from(EPSILON) } else { libm::sqrt(square) }
}
