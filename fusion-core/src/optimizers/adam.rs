use alloc::boxed::Box;

use super::walk::{Decay, faded, square_rows, walk, wrong_moments};
use super::{LearningRate, Optimizer};
use crate::Parameters;
use crate::kernels::math::sqrt;
use crate::kernels::vectorize;

/// Steps sized by the first and second moment of the gradient (Kingma and Ba, 2015): Keras's `Adam`.
///
/// ```text
/// m += (g − m) · (1 − beta_1)
/// v += (g² − v) · (1 − beta_2)
/// w −= learning_rate · √(1 − beta_2^t) / (1 − beta_1^t) · m / (√v + epsilon)      at step t = 1, 2, …
/// ```
///
/// `Adam::default()` has the learning rate 0.001, beta_1 0.9, beta_2 0.999 and epsilon 10⁻⁷.
///
/// ```
/// use fusion_core::optimizers::{Adam, Optimizer};
///
/// let optimizer = Adam::new(0.01).beta_2(0.99);
/// assert_eq!(optimizer.moments(), 2);
/// ```
#[derive(Debug)]
pub struct Adam {
    learning_rate: LearningRate,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    weight_decay: Option<f64>,
}

impl Default for Adam {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adam {
    /// With a learning rate, a number or a schedule.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let learning_rate = learning_rate.into();
        Self { learning_rate, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, weight_decay: None }
    }

    /// Another learning rate, a number or a schedule.
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: impl Into<LearningRate>) -> Self {
        self.learning_rate = learning_rate.into();
        self
    }

    /// The decay of the first moment.
    #[must_use]
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.beta_1 = beta_1;
        self
    }

    /// The decay of the second moment.
    #[must_use]
    pub fn beta_2(mut self, beta_2: f64) -> Self {
        self.beta_2 = beta_2;
        self
    }

    /// Keeps the division from zero; Kingma and Ba's "epsilon hat".
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Moves weights towards zero before each step: w −= w · weight_decay · learning_rate.
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = Some(weight_decay);
        self
    }

    fn step(&self, steps: u64) -> AdamStep {
        let (beta_1, beta_2) = (self.beta_1 as f32, self.beta_2 as f32);
        let t = (steps + 1) as f32;
        let (power_1, power_2) = (libm::powf(beta_1, t), libm::powf(beta_2, t));
        let alpha = self.learning_rate_at(steps) * sqrt(1.0 - power_2) / (1.0 - power_1);
        let rest = [1.0 - self.beta_1, 1.0 - self.beta_2].map(|rest| rest as f32);
        AdamStep { alpha, rest, epsilon: self.epsilon as f32 }
    }
}

/// The numbers of one step.
#[derive(Clone, Copy)]
struct AdamStep {
    /// The learning rate, corrected for moments that began at zero.
    alpha: f32,
    /// 1 − beta_1 and 1 − beta_2. They are rounded once, as Keras's are: 1 − 0.999 in `f32` is
    /// wrong by 1.3 · 10⁻⁵ of itself, and moves every weight by half as much.
    rest: [f32; 2],
    epsilon: f32,
}

/// One step, in the order in which Keras computes it.
fn descend(weights: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], step: AdamStep) {
    let AdamStep { alpha, rest: [rest_1, rest_2], epsilon } = step;
    vectorize(
        #[inline(always)]
        || {
            for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(first.iter_mut().zip(second)) {
                *m = faded(*m + (g - *m) * rest_1);
                *v = faded(*v + (g * g - *v) * rest_2);
                *w -= *m * alpha / (sqrt(*v) + epsilon);
            }
        },
    );
}

impl Optimizer for Adam {
    fn moments(&self) -> usize {
        2
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
        let [m, v] = moments else { wrong_moments("Adam", 2, moments.len()) };
        let squared = square_rows(squares, v, 1.0 - self.beta_2);
        let decay = Decay { weight_decay: self.weight_decay, learning_rate: self.learning_rate_at(steps) };
        let step = self.step(steps);
        // Where the second moment is moved already, nothing more comes to it.
        let without_second = AdamStep { rest: [step.rest[0], 0.0], ..step };
        walk([model, gradient, m, v], decay, squared, &mut |squared, [w, g, m, v]| {
            descend(w, g, m, v, if squared { without_second } else { step });
        });
    }
}
