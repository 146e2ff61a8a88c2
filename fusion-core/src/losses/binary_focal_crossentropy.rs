use super::batch::{Batch, loss_of_numbers};
use super::binary_crossentropy::{logit_derivative, logit_value, probability_derivative, probability_value};
use crate::kernels::math::{pow, sigmoid};

/// The crossentropy of yes-or-no targets, in which what is right already counts little (Lin et al., 2017): Keras's
/// `BinaryFocalCrossentropy`.
///
/// The mean of (1 − p)ᵞ · crossentropy, where p is the probability of what is true, y ŷ + (1 − y)(1 − ŷ), and the
/// crossentropy that of [`BinaryCrossentropy`](super::BinaryCrossentropy). With
/// [`apply_class_balancing`](Self::apply_class_balancing) each is multiplied by y α + (1 − y)(1 − α). Keras's defaults
/// are gamma = 2, alpha = 0.25 and no balancing. With [`from_logits`](Self::from_logits) the output is the number before
/// a sigmoid.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{BinaryCrossentropy, BinaryFocalCrossentropy, Loss};
///
/// let (targets, predictions, mut plain, mut focal) = ([[1.0_f32]], [[0.9]], [0.0], [0.0]);
/// BinaryCrossentropy::default().losses(&targets, &predictions, &mut plain);
/// BinaryFocalCrossentropy::default().losses(&targets, &predictions, &mut focal);
/// assert!((focal[0] - 0.1 * 0.1 * plain[0]).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BinaryFocalCrossentropy {
    from_logits: bool,
    label_smoothing: f32,
    gamma: f32,
    alpha: f32,
    apply_class_balancing: bool,
}

impl Default for BinaryFocalCrossentropy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl BinaryFocalCrossentropy {
    /// Keras's.
    const DEFAULT: Self =
        Self { from_logits: false, label_smoothing: 0.0, gamma: 2.0, alpha: 0.25, apply_class_balancing: false };

    /// For outputs before the sigmoid: any number, not a probability.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { from_logits: true, ..Self::DEFAULT }
    }

    /// How much less what is right already counts; 0 is the plain crossentropy.
    #[must_use]
    pub const fn gamma(mut self, gamma: f32) -> Self {
        self.gamma = gamma;
        self
    }

    /// What a yes counts with [`apply_class_balancing`](Self::apply_class_balancing); a no counts 1 − alpha.
    #[must_use]
    pub const fn alpha(mut self, alpha: f32) -> Self {
        self.alpha = alpha;
        self
    }

    /// Whether a yes counts alpha, and a no 1 − alpha.
    #[must_use]
    pub const fn apply_class_balancing(mut self, apply: bool) -> Self {
        self.apply_class_balancing = apply;
        self
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

    /// What a target counts.
    #[inline(always)]
    fn balance(self, target: f32) -> f32 {
        if self.apply_class_balancing { target * self.alpha + (1.0 - target) * (1.0 - self.alpha) } else { 1.0 }
    }

    /// (1 − p)ᵞ, and the slope of it for each step of ŷ.
    fn focus(self, target: f32, yes: f32, no: f32) -> (f32, f32) {
        let wrong = target * no + (1.0 - target) * yes;
        // A power below 0 of 0 is infinite, and all that it is a slope of is 0 there.
        let slope = if wrong == 0.0 { 0.0 } else { self.gamma * pow(wrong, self.gamma - 1.0) };
        (pow(wrong, self.gamma), slope * (1.0 - 2.0 * target))
    }

    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| {
            let target = self.smooth(target);
            let (yes, no) = self.chances(prediction);
            let crossentropy =
                if self.from_logits { logit_value(target, prediction) } else { probability_value(target, prediction) };
            self.balance(target) * self.focus(target, yes, no).0 * crossentropy
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| {
            let target = self.smooth(target);
            let (yes, no) = self.chances(prediction);
            let (focus, slope) = self.focus(target, yes, no);
            let derivative = if self.from_logits {
                slope * yes * no * logit_value(target, prediction) + focus * logit_derivative(target, prediction)
            } else {
                slope * probability_value(target, prediction) + focus * probability_derivative(target, prediction)
            };
            self.balance(target) * derivative
        });
    }

    /// The probabilities of yes and of no.
    #[inline(always)]
    fn chances(self, prediction: f32) -> (f32, f32) {
        if self.from_logits { (sigmoid(prediction), sigmoid(-prediction)) } else { (prediction, 1.0 - prediction) }
    }
}
loss_of_numbers!(
    BinaryFocalCrossentropy,
    "binary_focal_crossentropy",
    probabilities,
    of_logits | loss | BinaryFocalCrossentropy { from_logits: true, ..loss }
);
