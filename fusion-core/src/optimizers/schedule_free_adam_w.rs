use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};
use crate::kernels::math::sqrt;

optimizer! {
    /// Adam that averages its weights in place of a schedule (Defazio and others, 2024): Keras's `ScheduleFreeAdamW`.
    ///
    /// ```text
    /// v += (g² − v) · (1 − beta_2)
    /// x = (w − (1 − beta_1) · z) / beta_1                           the average so far; z = w before the first step
    /// z −= learning_rate · min(t / warmup_steps, 1) · g / (√(v / (1 − beta_2^t)) + epsilon)
    /// x = (1 − 1/t) · x + 1/t · z                                   at step t = 1, 2, …
    /// w = (1 − beta_1) · z + beta_1 · x
    /// ```
    ///
    /// Keras 3.15 computes this with JAX. With TensorFlow it takes z after it has moved to find x, and where
    /// `fit` makes the optimizer's variables, z begins at 0, so that the first step loses the weights.
    ///
    /// `ScheduleFreeAdamW::default()` has the learning rate 0.0025, beta_1 0.9, beta_2 0.999, epsilon 10⁻⁸, no warm-up
    /// and, as in Keras, no weight decay.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Optimizer, ScheduleFreeAdamW};
    ///
    /// let optimizer = ScheduleFreeAdamW::new(0.0025).warmup_steps(100).weight_decay(0.01);
    /// assert!(optimizer.slots().eq(["momentum", "velocity"]));
    /// ```
    pub struct ScheduleFreeAdamW(learning_rate = 0.0025) {
        /// How much of the average is in the weights, above 0 and at most 1.
        beta_1: f64 = 0.9,
        /// The decay of the second moment, at least 0 and below 1.
        beta_2: f64 = 0.999,
        /// Keeps the division from zero.
        epsilon: f64 = 1e-8,
        /// In how many steps the learning rate comes up to its size.
        warmup_steps: u32 = 0,
    }
}

impl Rule for ScheduleFreeAdamW {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum").initially_weights(), Slot::new("velocity")];
    type Constants = ScheduleFreeStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        use core::ops::Bound::{Excluded, Included};
        OptimizerError::unless_within("beta_1", self.beta_1, (Excluded(0.0), Included(1.0)))?;
        OptimizerError::unless_within("beta_2", self.beta_2, 0.0..1.0)?;
        OptimizerError::unless_within("epsilon", self.epsilon, 0.0..)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> ScheduleFreeStep {
        let t = (step.iterations + 1) as f32;
        let warm = if self.warmup_steps > 0 { (t / self.warmup_steps as f32).min(1.0) } else { 1.0 };
        ScheduleFreeStep {
            learning_rate: step.learning_rate * warm,
            correction: 1.0 - libm::powf(self.beta_2 as f32, t),
            share: 1.0 / t,
        }
    }

    fn update(&self, step: ScheduleFreeStep, array: &mut Update<'_, Self>) {
        let ScheduleFreeStep { learning_rate, correction, share } = step;
        let [beta_1, beta_2, epsilon] = [self.beta_1, self.beta_2, self.epsilon].map(|x| x as f32);
        // As in Keras, which rounds the betas of this one before it takes them from 1.
        let (rest_1, rest_2) = (1.0 - beta_1, 1.0 - beta_2);
        array.each(
            #[inline(always)]
            |w, g, square, [z, v]| {
                *v = faded(*v + (square - *v) * rest_2);
                let average = (*w - rest_1 * *z) / beta_1;
                *z -= learning_rate * g / (sqrt(*v / correction) + epsilon);
                let average = (1.0 - share) * average + share * *z;
                *w = rest_1 * *z + beta_1 * average;
            },
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct ScheduleFreeStep {
    learning_rate: f32,
    /// Of a second moment that began at zero.
    correction: f32,
    /// What the new z counts in the average.
    share: f32,
}
