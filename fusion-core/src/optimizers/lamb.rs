use super::adam::AdamStep;
use super::base::optimizer;
use super::clip::squared_norm;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};
use crate::kernels::math::sqrt;
use crate::kernels::vectorize;

optimizer! {
    /// Adam with steps as long as an array's weights, for large batches (You and others, 2020): Keras's `Lamb`.
    ///
    /// ```text
    /// m += (g − m) · (1 − beta_1)
    /// v += (g² − v) · (1 − beta_2)
    /// u = m / (1 − beta_1^t) / (√(v / (1 − beta_2^t)) + epsilon)      at step t = 1, 2, …
    /// w −= learning_rate · |w| / |u| · u                              |w| and |u| over one array
    /// ```
    ///
    /// Where |w| or |u| is 0, their ratio is 1. `Lamb::default()` has the learning rate 0.001, beta_1 0.9, beta_2 0.999
    /// and epsilon 10⁻⁷.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Lamb, Optimizer};
    ///
    /// let optimizer = Lamb::new(0.002).weight_decay(0.01);
    /// assert!(optimizer.slots().eq(["momentum", "velocity"]));
    /// ```
    pub struct Lamb(learning_rate = 0.001) {
        /// The decay of the first moment, at least 0 and below 1.
        beta_1: f64 = 0.9,
        /// The decay of the second moment, at least 0 and below 1.
        beta_2: f64 = 0.999,
        /// Keeps the division from zero.
        epsilon: f64 = 1e-7,
    }
}

impl Rule for Lamb {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum"), Slot::new("velocity")];
    type Constants = LambStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        AdamStep::check(["beta_1", "beta_2"], [self.beta_1, self.beta_2], self.epsilon)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> LambStep {
        let t = (step.iterations + 1) as f32;
        let corrections = [self.beta_1, self.beta_2].map(|beta| 1.0 - libm::powf(beta as f32, t));
        LambStep { learning_rate: step.learning_rate, corrections }
    }

    fn update(&self, step: LambStep, array: &mut Update<'_, Self>) {
        let LambStep { learning_rate, corrections: [of_m, of_v] } = step;
        let [rest_1, rest_2, epsilon] = [1.0 - self.beta_1, 1.0 - self.beta_2, self.epsilon].map(|x| x as f32);
        array.each(
            #[inline(always)]
            |_w, g, square, [m, v]| {
                *m = faded(*m + (g - *m) * rest_1);
                *v = faded(*v + (square - *v) * rest_2);
            },
        );
        let (weights, updates, [m, v]) = array.parts();
        vectorize(
            #[inline(always)]
            || {
                for ((u, m), v) in updates.iter_mut().zip(&*m).zip(&*v) {
                    *u = *m / of_m / (sqrt(*v / of_v) + epsilon);
                }
            },
        );
        let [w_norm, u_norm] = [&*weights, &*updates].map(|array| libm::sqrt(squared_norm(array, None)));
        let ratio = if w_norm > 0.0 && u_norm > 0.0 { w_norm / u_norm } else { 1.0 };
        let factor = ratio as f32 * learning_rate;
        vectorize(
            #[inline(always)]
            || {
                for (w, u) in weights.iter_mut().zip(updates) {
                    *w -= factor * core::mem::take(u);
                }
            },
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct LambStep {
    learning_rate: f32,
    /// Of the moments, which began at zero.
    corrections: [f32; 2],
}
