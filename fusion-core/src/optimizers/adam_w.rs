use alloc::boxed::Box;

use super::{Adam, LearningRate, Optimizer};
use crate::Parameters;

/// [`Adam`] with decoupled weight decay (Loshchilov and Hutter, 2019): Keras's `AdamW`.
///
/// Before Adam's step, w −= w · weight_decay · learning_rate. `AdamW::default()` has the weight
/// decay 0.004 and the rest as [`Adam::default`].
///
/// ```
/// use fusion_core::optimizers::{AdamW, Optimizer};
///
/// let optimizer = AdamW::new(0.01).weight_decay(0.05);
/// assert_eq!(optimizer.moments(), 2);
/// ```
#[derive(Debug)]
pub struct AdamW(Adam);

impl Default for AdamW {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl AdamW {
    /// With a learning rate, a number or a schedule.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self(Adam::new(learning_rate).weight_decay(0.004))
    }

    /// Another learning rate, a number or a schedule.
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: impl Into<LearningRate>) -> Self {
        self.0 = self.0.learning_rate(learning_rate);
        self
    }

    /// The decay of the first moment.
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Self {
        Self(self.0.beta_1(beta_1))
    }

    /// The decay of the second moment.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self(self.0.beta_2(beta_2))
    }

    /// Keeps the division from zero; Kingma and Ba's "epsilon hat".
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self(self.0.epsilon(epsilon))
    }

    /// How fast weights move towards zero.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Self(self.0.weight_decay(weight_decay))
    }
}

impl Optimizer for AdamW {
    fn moments(&self) -> usize {
        self.0.moments()
    }

    fn learning_rate_at(&self, steps: u64) -> f32 {
        self.0.learning_rate_at(steps)
    }

    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.0.set_learning_rate(learning_rate);
    }

    fn apply<P: Parameters>(
        &self,
        steps: u64,
        model: &mut P,
        gradient: &mut P,
        squares: Option<&mut P>,
        moments: &mut [Box<P>],
    ) {
        self.0.apply(steps, model, gradient, squares, moments);
    }
}
