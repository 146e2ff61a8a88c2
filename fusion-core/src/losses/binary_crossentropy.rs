use super::batch::{Batch, loss_of_numbers};
use super::{clip, is_clipped};
use crate::kernels::math::{exp, ln, ln_1p};

/// The crossentropy of yes-or-no targets, 0 or 1 each: Keras's `BinaryCrossentropy`.
///
/// The mean of −(y ln ŷ + (1 − y) ln(1 − ŷ)) over the outputs, each a probability, which is kept
/// within 10⁻⁷ of 0 and 1 (beyond, the gradient is 0). With [`from_logits`](Self::from_logits) the
/// output is the number before a sigmoid, x, and the loss max(x, 0) − x y + ln(1 + exp(−|x|)):
/// exact however large x is.
///
/// Where the model's output is a sigmoid or softmax of logits, training and `evaluate` take the loss of these, as Keras
/// does ([`Forward::keep_logits`](crate::layer::Forward::keep_logits)): there both forms are the same.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{BinaryCrossentropy, Loss};
///
/// let mut losses = [0.0];
/// BinaryCrossentropy::from_logits().losses(&[[1.0_f32]], &[[0.0]], &mut losses);
/// assert_eq!(losses, [std::f32::consts::LN_2]);
/// ```
#[doc(alias = "bce")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct BinaryCrossentropy {
    from_logits: bool,
    label_smoothing: f32,
}

impl BinaryCrossentropy {
    /// For outputs before the sigmoid: any number, not a probability.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { from_logits: true, label_smoothing: 0.0 }
    }

    /// Moves targets towards ½: with 0.1, 0 becomes 0.05 and 1 becomes 0.95.
    #[must_use]
    pub const fn label_smoothing(mut self, label_smoothing: f32) -> Self {
        self.label_smoothing = label_smoothing;
        self
    }

    #[inline(always)]
    fn smooth(self, target: f32) -> f32 {
        target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
    }

    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        if self.from_logits {
            batch.means(losses, |target, x| logit_value(self.smooth(target), x));
        } else {
            batch.means(losses, |target, probability| probability_value(self.smooth(target), probability));
        }
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        if self.from_logits {
            batch.mean_gradients(weights, gradient, |target, x| logit_derivative(self.smooth(target), x));
        } else {
            batch.mean_gradients(weights, gradient, |target, p| probability_derivative(self.smooth(target), p));
        }
    }
}
loss_of_numbers!(
    BinaryCrossentropy,
    "binary_crossentropy",
    probabilities,
    of_logits | loss | BinaryCrossentropy { from_logits: true, ..loss }
);

#[inline(always)]
pub(super) fn logit_value(target: f32, x: f32) -> f32 {
    x.max(0.0) - x * target + ln_1p(exp(-x.abs()))
}

/// sigmoid(x) − target, without the cancellation where both are nearly equal.
#[inline(always)]
pub(super) fn logit_derivative(target: f32, x: f32) -> f32 {
    let e = exp(-x.abs());
    (if x < 0.0 { e * (1.0 - target) - target } else { (1.0 - target) - e * target }) / (1.0 + e)
}

#[inline(always)]
pub(super) fn probability_value(target: f32, probability: f32) -> f32 {
    let probability = clip(probability);
    -(target * ln(probability) + (1.0 - target) * ln(1.0 - probability))
}

#[inline(always)]
pub(super) fn probability_derivative(target: f32, probability: f32) -> f32 {
    let slope = (1.0 - target) / (1.0 - probability) - target / probability;
    if is_clipped(probability) { 0.0 } else { slope }
}
