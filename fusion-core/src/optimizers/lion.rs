use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};

optimizer! {
    /// Steps of one size, of which the momentum gives the sign (Chen and others, 2023): Keras's `Lion`.
    ///
    /// ```text
    /// w −= learning_rate · sign(beta_1 · m + (1 − beta_1) · g)
    /// m = beta_2 · m + (1 − beta_2) · g
    /// ```
    ///
    /// `Lion::default()` has the learning rate 0.001, beta_1 0.9 and beta_2 0.99. Its learning rate is to be 3 to 10
    /// times smaller than that of [`AdamW`](super::AdamW), and its weight decay as many times larger.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Lion, Optimizer};
    ///
    /// let optimizer = Lion::new(0.0001).weight_decay(0.04);
    /// assert!(optimizer.slots().eq(["momentum"]));
    /// ```
    pub struct Lion(learning_rate = 0.001) {
        /// How much of the momentum is in a step, above 0 and at most 1.
        beta_1: f64 = 0.9,
        /// The decay of the momentum, 0 to 1.
        beta_2: f64 = 0.99,
    }
}

impl Rule for Lion {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum")];
    type Constants = f32;

    fn check_options(&self) -> Result<(), OptimizerError> {
        use core::ops::Bound::{Excluded, Included};
        OptimizerError::unless_within("beta_1", self.beta_1, (Excluded(0.0), Included(1.0)))?;
        OptimizerError::unless_within("beta_2", self.beta_2, 0.0..=1.0)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> f32 {
        step.learning_rate
    }

    fn update(&self, learning_rate: f32, array: &mut Update<'_, Self>) {
        let [beta_1, beta_2] = [self.beta_1, self.beta_2].map(|x| x as f32);
        array.each(
            #[inline(always)]
            |w, g, _square, [m]| {
                *w -= learning_rate * sign(*m * beta_1 + g * (1.0 - beta_1));
                *m = faded(*m * beta_2 + g * (1.0 - beta_2));
            },
        );
    }
}

/// −1, 0 or 1; a NaN stays a NaN.
#[inline(always)]
fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}
