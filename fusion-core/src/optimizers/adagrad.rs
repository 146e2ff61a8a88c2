use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update};
use crate::kernels::math::sqrt;

optimizer! {
    /// Steps divided by the root of all squares so far (Duchi, Hazan and Singer, 2011): Keras's `Adagrad`.
    ///
    /// ```text
    /// v += g²
    /// w −= learning_rate · g / √(v + epsilon)
    /// ```
    ///
    /// `Adagrad::default()` has the learning rate 0.001, v = 0.1 before the first step and epsilon 10⁻⁷.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Adagrad, Optimizer};
    ///
    /// let optimizer = Adagrad::new(0.1).initial_accumulator_value(0.0);
    /// assert!(optimizer.slots().eq(["accumulator"]));
    /// ```
    pub struct Adagrad(learning_rate = 0.001) {
        /// What the sums of squares begin with, at least 0.
        initial_accumulator_value: f64 = 0.1,
        /// Keeps the division from zero; it is added under the root.
        epsilon: f64 = 1e-7,
    }
}

impl Rule for Adagrad {
    const SLOTS: &'static [Slot<Self>] =
        &[Slot::new("accumulator").initial(|rule: &Self| rule.initial_accumulator_value as f32)];
    type Constants = f32;

    fn check_options(&self) -> Result<(), OptimizerError> {
        OptimizerError::unless_within("initial_accumulator_value", self.initial_accumulator_value, 0.0..)?;
        OptimizerError::unless_within("epsilon", self.epsilon, 0.0..)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> f32 {
        step.learning_rate
    }

    fn update(&self, learning_rate: f32, array: &mut Update<'_, Self>) {
        let epsilon = self.epsilon as f32;
        array.each(
            #[inline(always)]
            |w, g, square, [v]| {
                *v += square;
                *w -= learning_rate * g / sqrt(*v + epsilon);
            },
        );
    }
}
