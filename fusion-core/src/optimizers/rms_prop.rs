use alloc::boxed::Box;

use super::walk::{Decay, faded, square_rows, walk, wrong_moments};
use super::{LearningRate, Optimizer};
use crate::Parameters;
use crate::kernels::math::sqrt;
use crate::kernels::vectorize;

/// Steps divided by the root of the gradient's mean square (Hinton, 2012): Keras's `RMSprop`.
///
/// ```text
/// v = rho · v + (1 − rho) · g²
/// a = rho · a + (1 − rho) · g                                 centered only; else a = 0
/// s = learning_rate · g / √(v − a² + epsilon)
/// m = momentum · m + s                                        with momentum only; else m = s
/// w −= m
/// ```
///
/// `RmsProp::default()` has the learning rate 0.001, rho 0.9, no momentum and epsilon 10⁻⁷.
///
/// ```
/// use fusion_core::optimizers::{Optimizer, RmsProp};
///
/// let optimizer = RmsProp::new(0.01).momentum(0.5).centered(true);
/// assert_eq!(optimizer.moments(), 3);
/// ```
#[derive(Debug)]
pub struct RmsProp {
    learning_rate: LearningRate,
    rho: f64,
    momentum: f64,
    epsilon: f64,
    centered: bool,
    weight_decay: Option<f64>,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl RmsProp {
    /// With a learning rate, a number or a schedule.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let learning_rate = learning_rate.into();
        Self { learning_rate, rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false, weight_decay: None }
    }

    /// Another learning rate, a number or a schedule.
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: impl Into<LearningRate>) -> Self {
        self.learning_rate = learning_rate.into();
        self
    }

    /// The decay of the mean square.
    #[must_use]
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = rho;
        self
    }

    /// How much of the last step goes into the next one.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Keeps the division from zero; it is added under the root.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Whether to divide by the gradient's standard deviation instead of its mean square's root.
    #[must_use]
    pub fn centered(mut self, centered: bool) -> Self {
        self.centered = centered;
        self
    }

    /// Moves weights towards zero before each step: w −= w · weight_decay · learning_rate.
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = Some(weight_decay);
        self
    }

    /// How much of the second moment stays and how much comes to it; nothing where it is moved already.
    fn second_moment(&self, squared: bool) -> [f32; 2] {
        if squared { [1.0, 0.0] } else { [self.rho as f32, (1.0 - self.rho) as f32] }
    }

    /// Replaces the gradient, which is of no use after it, by the step.
    fn steps(&self, learning_rate: f32, squared: bool, gradient: &mut [f32], square: &mut [f32]) {
        let ([kept, added], epsilon) = (self.second_moment(squared), self.epsilon as f32);
        vectorize(
            #[inline(always)]
            || {
                for (g, v) in gradient.iter_mut().zip(square) {
                    *v = faded(kept * *v + added * (*g * *g));
                    *g = learning_rate * *g / sqrt(*v + epsilon);
                }
            },
        );
    }

    /// [`RmsProp::steps`] of the centered variant.
    fn centered_steps(
        &self,
        learning_rate: f32,
        squared: bool,
        gradient: &mut [f32],
        square: &mut [f32],
        average: &mut [f32],
    ) {
        let ([kept, added], epsilon) = (self.second_moment(squared), self.epsilon as f32);
        let (rho, rest) = (self.rho as f32, (1.0 - self.rho) as f32);
        vectorize(
            #[inline(always)]
            || {
                for ((g, v), a) in gradient.iter_mut().zip(square).zip(average) {
                    *v = faded(kept * *v + added * (*g * *g));
                    *a = faded(rho * *a + rest * *g);
                    *g = learning_rate * *g / sqrt(*v - *a * *a + epsilon);
                }
            },
        );
    }

    fn descend_with_momentum(&self, weights: &mut [f32], steps: &[f32], moment: &mut [f32]) {
        let momentum = self.momentum as f32;
        vectorize(
            #[inline(always)]
            || {
                for ((w, step), m) in weights.iter_mut().zip(steps).zip(moment) {
                    *m = faded(momentum * *m + step);
                    *w -= *m;
                }
            },
        );
    }
}

fn descend(weights: &mut [f32], steps: &[f32]) {
    vectorize(
        #[inline(always)]
        || {
            for (w, step) in weights.iter_mut().zip(steps) {
                *w -= step;
            }
        },
    );
}

impl Optimizer for RmsProp {
    fn moments(&self) -> usize {
        1 + usize::from(self.centered) + usize::from(self.momentum > 0.0)
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
        let rate = self.learning_rate_at(steps);
        let decay = Decay { weight_decay: self.weight_decay, learning_rate: rate };
        let squared = moments.first_mut().is_some_and(|v| square_rows(squares, v, 1.0 - self.rho));
        match (moments, self.centered, self.momentum > 0.0) {
            ([v], false, false) => walk([model, gradient, v], decay, squared, &mut |squared, [w, g, v]| {
                self.steps(rate, squared, g, v);
                descend(w, g);
            }),
            ([v, m], false, true) => walk([model, gradient, v, m], decay, squared, &mut |squared, [w, g, v, m]| {
                self.steps(rate, squared, g, v);
                self.descend_with_momentum(w, g, m);
            }),
            ([v, a], true, false) => walk([model, gradient, v, a], decay, squared, &mut |squared, [w, g, v, a]| {
                self.centered_steps(rate, squared, g, v, a);
                descend(w, g);
            }),
            ([v, a, m], true, true) => {
                walk([model, gradient, v, a, m], decay, squared, &mut |squared, [w, g, v, a, m]| {
                    self.centered_steps(rate, squared, g, v, a);
                    self.descend_with_momentum(w, g, m);
                })
            }
            (moments, ..) => wrong_moments("RmsProp", self.moments(), moments.len()),
        }
    }
}
