use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};
use crate::kernels::math::sqrt;

optimizer! {
    /// Steps as large as those before, by the gradient's size (Zeiler, 2012): Keras's `Adadelta`.
    ///
    /// ```text
    /// v = rho · v + (1 − rho) · g²
    /// s = g · √(d + epsilon) / √(v + epsilon)
    /// d = rho · d + (1 − rho) · s²
    /// w −= learning_rate · s
    /// ```
    ///
    /// `Adadelta::default()` has Keras's learning rate 0.001; the paper has none, which is 1. rho is 0.95 and epsilon
    /// 10⁻⁷.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Adadelta, Optimizer};
    ///
    /// let optimizer = Adadelta::new(1.0).rho(0.9);
    /// assert!(optimizer.slots().eq(["accumulated_grad", "accumulated_delta_var"]));
    /// ```
    pub struct Adadelta(learning_rate = 0.001) {
        /// The decay of both mean squares, 0 to 1.
        rho: f64 = 0.95,
        /// Keeps the division from zero, and the first step from being none; it is added under the roots.
        epsilon: f64 = 1e-7,
    }
}

impl Rule for Adadelta {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("accumulated_grad"), Slot::new("accumulated_delta_var")];
    type Constants = f32;

    fn check_options(&self) -> Result<(), OptimizerError> {
        OptimizerError::unless_within("rho", self.rho, 0.0..=1.0)?;
        OptimizerError::unless_within("epsilon", self.epsilon, 0.0..)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> f32 {
        step.learning_rate
    }

    fn update(&self, learning_rate: f32, array: &mut Update<'_, Self>) {
        let [rho, rest, epsilon] = [self.rho, 1.0 - self.rho, self.epsilon].map(|x| x as f32);
        array.each(
            #[inline(always)]
            |w, g, square, [v, d]| {
                *v = faded(rho * *v + rest * square);
                let ratio = sqrt(*d + epsilon) / sqrt(*v + epsilon);
                *d = faded(rho * *d + rest * (ratio * ratio * square));
                *w -= learning_rate * (ratio * g);
            },
        );
    }
}
