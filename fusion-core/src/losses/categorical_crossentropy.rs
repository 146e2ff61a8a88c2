use super::batch::{Batch, gradient_of_positions, loss_of_numbers, mean_of_positions, total};
use super::softmax::{LnSoftmax, softmax};
use super::{clip, is_clipped};
use crate::kernels::math::ln;

/// The crossentropy of one class out of several, the target being one-hot or a distribution:
/// Keras's `CategoricalCrossentropy`.
///
/// −Σ y ln ŷ over the last dimension. The outputs are probabilities; as in Keras they are first
/// divided by their sum and then kept within 10⁻⁷ of 0 and 1 (beyond, the gradient is 0). With
/// [`from_logits`](Self::from_logits) they are the numbers before a softmax, and the loss is
/// Σ y (ln Σ exp(x) − x): exact however large x is.
///
/// Where the model's output is a sigmoid or softmax of logits, training and `evaluate` take the loss of these, as Keras
/// does ([`Forward::keep_logits`](crate::layer::Forward::keep_logits)): there both forms are the same.
///
/// Targets that are class ids go with
/// [`SparseCategoricalCrossentropy`](super::SparseCategoricalCrossentropy).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{CategoricalCrossentropy, Loss};
///
/// let mut losses = [0.0];
/// CategoricalCrossentropy::default().losses(&[[0.0_f32, 1.0]], &[[0.5, 0.5]], &mut losses);
/// assert_eq!(losses, [std::f32::consts::LN_2]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct CategoricalCrossentropy {
    from_logits: bool,
    label_smoothing: f32,
}

impl CategoricalCrossentropy {
    /// For outputs before the softmax: any numbers, not probabilities.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { from_logits: true, label_smoothing: 0.0 }
    }

    /// Moves targets towards the uniform distribution: with 0.1 and five classes, 0 becomes 0.02
    /// and 1 becomes 0.92.
    #[must_use]
    pub const fn label_smoothing(mut self, label_smoothing: f32) -> Self {
        self.label_smoothing = label_smoothing;
        self
    }

    fn smooth(self, targets: &[f32]) -> impl Iterator<Item = f32> {
        smooth(targets, self.label_smoothing)
    }

    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        mean_of_positions(batch.positions(), losses, |index| {
            let (targets, predictions) = batch.vectors(index);
            let targets = self.smooth(targets);
            if self.from_logits {
                let softmax = LnSoftmax::new(predictions);
                total(targets.zip(predictions).map(|(target, x)| target * softmax.minus_ln(*x)))
            } else {
                let sum = total(predictions.iter().copied());
                -total(targets.zip(predictions).map(|(target, p)| target * ln(clip(p / sum))))
            }
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient_of_positions((batch.positions(), batch.classes), weights, gradient, |index, weight, gradient| {
            let (targets, predictions) = batch.vectors(index);
            if self.from_logits {
                softmax(predictions, gradient);
                // As in TensorFlow, also for targets whose sum is not 1.
                for (gradient, target) in gradient.iter_mut().zip(self.smooth(targets)) {
                    *gradient = weight * (*gradient - target);
                }
            } else {
                self.probability_derivatives(targets, predictions, weight, gradient);
            }
        });
    }

    /// The gradient of −Σ y ln(p / Σ p) with respect to p.
    fn probability_derivatives(self, targets: &[f32], predictions: &[f32], weight: f32, gradient: &mut [f32]) {
        let sum = total(predictions.iter().copied());
        // With respect to q = p / Σ p first.
        for ((gradient, target), p) in gradient.iter_mut().zip(self.smooth(targets)).zip(predictions) {
            let q = p / sum;
            *gradient = if is_clipped(q) { 0.0 } else { -target / q };
        }
        let through_sum = through_division(gradient, predictions, sum);
        for gradient in gradient {
            *gradient = weight * (*gradient - through_sum) / sum;
        }
    }
}
loss_of_numbers!(
    CategoricalCrossentropy,
    "categorical_crossentropy",
    distributions,
    of_logits | loss | CategoricalCrossentropy { from_logits: true, ..loss }
);

/// Targets that are moved so far towards the uniform distribution.
pub(super) fn smooth(targets: &[f32], label_smoothing: f32) -> impl Iterator<Item = f32> {
    let (kept, added) = (1.0 - label_smoothing, label_smoothing / targets.len() as f32);
    targets.iter().map(move |target| target * kept + added)
}

/// What is to be taken from a gradient with respect to q = p / Σ p where it goes through the division, Σ gradient · q.
pub(super) fn through_division(gradient: &[f32], predictions: &[f32], sum: f32) -> f32 {
    gradient.iter().zip(predictions).map(|(gradient, p)| gradient * (p / sum)).sum()
}
