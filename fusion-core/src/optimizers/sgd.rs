use alloc::boxed::Box;

use super::walk::{Decay, faded, forget_squares, walk, wrong_moments};
use super::{LearningRate, Optimizer};
use crate::Parameters;
use crate::kernels::vectorize;

/// Gradient descent, with momentum if wanted: Keras's `SGD`.
///
/// ```text
/// w −= learning_rate · g                                                without momentum
/// m = momentum · m − learning_rate · g;  w += m                         with momentum
/// m as above;  w += momentum · m − learning_rate · g                    with Nesterov momentum
/// ```
///
/// `Sgd::default()` has the learning rate 0.01 and no momentum.
///
/// ```
/// use fusion_core::optimizers::{Optimizer, Sgd};
///
/// let optimizer = Sgd::new(0.1).momentum(0.9).nesterov(true);
/// assert_eq!(optimizer.moments(), 1);
/// ```
#[derive(Debug)]
pub struct Sgd {
    learning_rate: LearningRate,
    momentum: f64,
    nesterov: bool,
    weight_decay: Option<f64>,
}

impl Default for Sgd {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Sgd {
    /// With a learning rate, a number or a schedule.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self { learning_rate: learning_rate.into(), momentum: 0.0, nesterov: false, weight_decay: None }
    }

    /// Another learning rate, a number or a schedule.
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: impl Into<LearningRate>) -> Self {
        self.learning_rate = learning_rate.into();
        self
    }

    /// How much of the last step goes into the next one, 0 to 1.
    ///
    /// # Panics
    /// If it is not between 0 and 1.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        assert!((0.0..=1.0).contains(&momentum), "the momentum {momentum} is not between 0 and 1");
        self.momentum = momentum;
        self
    }

    /// Whether the momentum is Nesterov's, which looks one step ahead.
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    /// Moves weights towards zero before each step: w −= w · weight_decay · learning_rate.
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = Some(weight_decay);
        self
    }

    fn descend_with_momentum(&self, learning_rate: f32, weights: &mut [f32], gradient: &[f32], moment: &mut [f32]) {
        let (momentum, nesterov) = (self.momentum as f32, self.nesterov);
        vectorize(
            #[inline(always)]
            || {
                for ((w, g), m) in weights.iter_mut().zip(gradient).zip(moment) {
                    let step = g * learning_rate;
                    *m = faded(*m * momentum - step);
                    *w += if nesterov { *m * momentum - step } else { *m };
                }
            },
        );
    }
}

fn descend(learning_rate: f32, weights: &mut [f32], gradient: &[f32]) {
    vectorize(
        #[inline(always)]
        || {
            for (w, g) in weights.iter_mut().zip(gradient) {
                *w -= g * learning_rate;
            }
        },
    );
}

impl Optimizer for Sgd {
    fn moments(&self) -> usize {
        usize::from(self.momentum != 0.0)
    }

    fn learning_rate_at(&self, steps: u64) -> f32 {
        self.learning_rate.at(steps)
    }

    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.learning_rate = learning_rate.into();
    }

    fn apply<P: Parameters>(
        &self,
        steps: u64,
        model: &mut P,
        gradient: &mut P,
        squares: Option<&mut P>,
        moments: &mut [Box<P>],
    ) {
        forget_squares(squares);
        let learning_rate = self.learning_rate_at(steps);
        let decay = Decay { weight_decay: self.weight_decay, learning_rate };
        match (moments, self.moments()) {
            ([], 0) => walk([model, gradient], decay, false, &mut |_, [w, g]| {
                descend(learning_rate, w, g);
            }),
            ([m], 1) => walk([model, gradient, m], decay, false, &mut |_, [w, g, m]| {
                self.descend_with_momentum(learning_rate, w, g, m);
            }),
            (moments, expected) => wrong_moments("Sgd", expected, moments.len()),
        }
    }
}
