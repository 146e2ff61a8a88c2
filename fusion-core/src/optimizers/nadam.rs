use super::adam::AdamStep;
use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};
use crate::kernels::math::sqrt;

optimizer! {
    /// Adam with Nesterov's momentum (Dozat, 2015): Keras's `Nadam`.
    ///
    /// ```text
    /// μ(t) = beta_1 · (1 − ½ · 0.96^t)                        at step t = 1, 2, …
    /// m += (g − m) · (1 − beta_1)
    /// v += (g² − v) · (1 − beta_2)
    /// m̂ = μ(t + 1) · m / (1 − μ(1) ⋯ μ(t + 1)) + (1 − μ(t)) · g / (1 − μ(1) ⋯ μ(t))
    /// w −= learning_rate · m̂ / (√(v / (1 − beta_2^t)) + epsilon)
    /// ```
    ///
    /// `Nadam::default()` has the learning rate 0.001, beta_1 0.9, beta_2 0.999 and epsilon 10⁻⁷.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Nadam, Optimizer};
    ///
    /// let optimizer = Nadam::new(0.01).weight_decay(0.001);
    /// assert!(optimizer.slots().eq(["momentum", "velocity"]));
    /// ```
    pub struct Nadam(learning_rate = 0.001) {
        /// The decay of the first moment, at least 0 and below 1.
        beta_1: f64 = 0.9,
        /// The decay of the second moment, at least 0 and below 1.
        beta_2: f64 = 0.999,
        /// Keeps the division from zero.
        epsilon: f64 = 1e-7,
    }
}

impl Nadam {
    /// The momentum of a step, which is 1 for the first.
    fn momentum(&self, t: f32) -> f32 {
        self.beta_1 as f32 * (1.0 - 0.5 * libm::powf(0.96, t))
    }
}

impl Rule for Nadam {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum"), Slot::new("velocity")];
    const SHARED: &'static [Slot<Self>] = &[Slot::new("u_product").initial(|_| 1.0)];
    type Constants = NadamStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        AdamStep::check(["beta_1", "beta_2"], [self.beta_1, self.beta_2], self.epsilon)
    }

    fn constants(&self, step: Step, shared: &mut [f32]) -> NadamStep {
        let t = (step.iterations + 1) as f32;
        let (now, next) = (self.momentum(t), self.momentum(t + 1.0));
        shared[0] *= now;
        let product = shared[0];
        NadamStep {
            learning_rate: step.learning_rate,
            of_moment: next / (1.0 - product * next),
            of_gradient: (1.0 - now) / (1.0 - product),
            correction: 1.0 - libm::powf(self.beta_2 as f32, t),
        }
    }

    fn update(&self, step: NadamStep, array: &mut Update<'_, Self>) {
        let NadamStep { learning_rate, of_moment, of_gradient, correction } = step;
        let [beta_1, beta_2, epsilon] = [self.beta_1, self.beta_2, self.epsilon].map(|x| x as f32);
        // As in Keras, which rounds the betas of this one before it takes them from 1.
        let (rest_1, rest_2) = (1.0 - beta_1, 1.0 - beta_2);
        array.each(
            #[inline(always)]
            |w, g, square, [m, v]| {
                *m = faded(*m + (g - *m) * rest_1);
                *v = faded(*v + (square - *v) * rest_2);
                let ahead = of_moment * *m + of_gradient * g;
                *w -= ahead * learning_rate / (sqrt(*v / correction) + epsilon);
            },
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct NadamStep {
    learning_rate: f32,
    of_moment: f32,
    of_gradient: f32,
    /// Of a second moment that began at zero.
    correction: f32,
}
