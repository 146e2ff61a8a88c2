use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};

optimizer! {
    /// Adam with the largest gradient in place of the second moment (Kingma and Ba, 2015): Keras's `Adamax`.
    ///
    /// ```text
    /// m += (g − m) · (1 − beta_1)
    /// u = max(beta_2 · u, |g|)
    /// w −= learning_rate · m / ((1 − beta_1^t) · (u + epsilon))      at step t = 1, 2, …
    /// ```
    ///
    /// `Adamax::default()` has the learning rate 0.001, beta_1 0.9, beta_2 0.999 and epsilon 10⁻⁷.
    ///
    /// Where a gradient comes in rows, one for each use of an id, Keras's |g| is the sum of the rows' sizes; here it is
    /// the size of their sum, as it is of a gradient that does not come in rows.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Adamax, Optimizer};
    ///
    /// let optimizer = Adamax::new(0.01).beta_2(0.99);
    /// assert!(optimizer.slots().eq(["momentum", "norm"]));
    /// ```
    pub struct Adamax(learning_rate = 0.001) {
        /// The decay of the first moment, at least 0 and below 1.
        beta_1: f64 = 0.9,
        /// The decay of the largest gradient, 0 to 1.
        beta_2: f64 = 0.999,
        /// Keeps the division from zero.
        epsilon: f64 = 1e-7,
    }
}

impl Rule for Adamax {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum"), Slot::new("norm")];
    type Constants = AdamaxStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        OptimizerError::unless_within("beta_1", self.beta_1, 0.0..1.0)?;
        OptimizerError::unless_within("beta_2", self.beta_2, 0.0..=1.0)?;
        OptimizerError::unless_within("epsilon", self.epsilon, 0.0..)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> AdamaxStep {
        let power = libm::powf(self.beta_1 as f32, (step.iterations + 1) as f32);
        AdamaxStep { learning_rate: step.learning_rate, correction: 1.0 - power }
    }

    fn update(&self, step: AdamaxStep, array: &mut Update<'_, Self>) {
        let AdamaxStep { learning_rate, correction } = step;
        let [rest, beta_2, epsilon] = [1.0 - self.beta_1, self.beta_2, self.epsilon].map(|x| x as f32);
        array.each(
            #[inline(always)]
            |w, g, _square, [m, u]| {
                *m = faded(*m + (g - *m) * rest);
                *u = faded((beta_2 * *u).max(g.abs()));
                *w -= learning_rate * *m / (correction * (*u + epsilon));
            },
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct AdamaxStep {
    learning_rate: f32,
    /// Of a moment that began at zero.
    correction: f32,
}
