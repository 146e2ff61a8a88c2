use super::batch::{Batch, gradient_of_positions, loss_of_numbers, mean_of_positions, total};
use super::categorical_crossentropy::{smooth, through_division};
use super::softmax::{LnSoftmax, softmax};
use super::{clip, is_clipped};
use crate::kernels::math::{exp, ln, pow};

/// The crossentropy of one class out of several, in which what is right already counts little (Lin et al., 2017): Keras's
/// `CategoricalFocalCrossentropy`.
///
/// −Σ α (1 − ŷ)ᵞ y ln ŷ over the last dimension, for one-hot targets or distributions. As in Keras the outputs are first
/// divided by their sum and then kept within 10⁻⁷ of 0 and 1 (beyond, the gradient is 0); with
/// [`from_logits`](Self::from_logits) they are the numbers before a softmax. Keras's defaults are gamma = 2 and
/// alpha = 0.25, for all classes alike.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{CategoricalFocalCrossentropy, Loss};
///
/// let mut losses = [0.0];
/// CategoricalFocalCrossentropy::default().losses(&[[0.0_f32, 1.0]], &[[0.5, 0.5]], &mut losses);
/// assert_eq!(losses, [0.25 * 0.5 * 0.5 * std::f32::consts::LN_2]);
/// ```
///
/// # Panics
/// If there are not as many [`alphas`](Self::alphas) as classes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CategoricalFocalCrossentropy {
    from_logits: bool,
    label_smoothing: f32,
    gamma: f32,
    alpha: Alpha,
}

/// What the classes count.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Alpha {
    All(f32),
    Each(&'static [f32]),
}

impl Default for CategoricalFocalCrossentropy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl CategoricalFocalCrossentropy {
    /// Keras's.
    const DEFAULT: Self = Self { from_logits: false, label_smoothing: 0.0, gamma: 2.0, alpha: Alpha::All(0.25) };

    /// For outputs before the softmax: any numbers, not probabilities.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { from_logits: true, ..Self::DEFAULT }
    }

    /// How much less what is right already counts; with 0 it is the plain crossentropy, times alpha.
    #[must_use]
    pub const fn gamma(mut self, gamma: f32) -> Self {
        self.gamma = gamma;
        self
    }

    /// What all classes count.
    #[must_use]
    pub const fn alpha(mut self, alpha: f32) -> Self {
        self.alpha = Alpha::All(alpha);
        self
    }

    /// What each class counts: Keras's `alpha` as a list.
    #[must_use]
    pub const fn alphas(mut self, alphas: &'static [f32]) -> Self {
        self.alpha = Alpha::Each(alphas);
        self
    }

    /// Moves targets towards the uniform distribution: with 0.1 and five classes, 0 becomes 0.02
    /// and 1 becomes 0.92.
    #[must_use]
    pub const fn label_smoothing(mut self, label_smoothing: f32) -> Self {
        self.label_smoothing = label_smoothing;
        self
    }

    /// The targets with their smoothing, each times what its class counts.
    fn weighed(self, targets: &[f32]) -> impl Iterator<Item = f32> {
        if let Alpha::Each(alphas) = self.alpha {
            assert!(alphas.len() == targets.len(), "{} alphas, {} classes", alphas.len(), targets.len());
        }
        smooth(targets, self.label_smoothing).enumerate().map(move |(class, target)| match self.alpha {
            Alpha::All(alpha) => alpha * target,
            Alpha::Each(alphas) => alphas[class] * target,
        })
    }

    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        mean_of_positions(batch.positions(), losses, |index| {
            let (targets, predictions) = batch.vectors(index);
            let terms = self.weighed(targets).zip(predictions);
            let value = |target: f32, q: f32| -target * pow(1.0 - q, self.gamma) * ln(q);
            if self.from_logits {
                let softmax = LnSoftmax::new(predictions);
                total(terms.map(|(target, x)| value(target, clip(exp(-softmax.minus_ln(*x))))))
            } else {
                let sum = total(predictions.iter().copied());
                total(terms.map(|(target, p)| value(target, clip(p / sum))))
            }
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient_of_positions((batch.positions(), batch.classes), weights, gradient, |index, weight, gradient| {
            let (targets, predictions) = batch.vectors(index);
            if self.from_logits {
                self.logit_derivatives(targets, predictions, weight, gradient);
            } else {
                let sum = total(predictions.iter().copied());
                for ((gradient, target), p) in gradient.iter_mut().zip(self.weighed(targets)).zip(predictions) {
                    *gradient = self.derivative(target, p / sum);
                }
                let through_sum = through_division(gradient, predictions, sum);
                gradient.iter_mut().for_each(|gradient| *gradient = weight * (*gradient - through_sum) / sum);
            }
        });
    }

    /// With respect to logits: q (g − Σ g q), where g is the gradient with respect to the probabilities q.
    fn logit_derivatives(self, targets: &[f32], logits: &[f32], weight: f32, gradient: &mut [f32]) {
        softmax(logits, gradient);
        let slopes = self.weighed(targets).zip(gradient.iter());
        let mean = total(slopes.map(|(target, q)| self.derivative(target, *q) * q));
        for (gradient, target) in gradient.iter_mut().zip(self.weighed(targets)) {
            *gradient *= weight * (self.derivative(target, *gradient) - mean);
        }
    }

    /// The slope of −target (1 − q)ᵞ ln q.
    fn derivative(self, target: f32, q: f32) -> f32 {
        if is_clipped(q) {
            return 0.0;
        }
        let rest = 1.0 - q;
        target * (self.gamma * pow(rest, self.gamma - 1.0) * ln(q) - pow(rest, self.gamma) / q)
    }
}
loss_of_numbers!(CategoricalFocalCrossentropy, "categorical_focal_crossentropy", distributions);
