use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};

optimizer! {
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
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Optimizer, Sgd};
    ///
    /// let optimizer = Sgd::new(0.1).momentum(0.9).nesterov(true);
    /// assert!(optimizer.slots().eq(["momentum"]));
    /// ```
    #[doc(alias = "SGD")]
    pub struct Sgd(learning_rate = 0.01) {
        /// How much of the last step goes into the next one, 0 to 1.
        momentum: f64 = 0.0,
        /// Whether the momentum is Nesterov's, which looks one step ahead.
        nesterov: bool = false,
    }
}

impl Rule for Sgd {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum").when(|rule| rule.momentum != 0.0)];
    type Constants = f32;

    fn check_options(&self) -> Result<(), OptimizerError> {
        OptimizerError::unless_within("momentum", self.momentum, 0.0..=1.0)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> f32 {
        step.learning_rate
    }

    fn update(&self, learning_rate: f32, array: &mut Update<'_, Self>) {
        if self.momentum == 0.0 {
            return array.each(
                #[inline(always)]
                |w, g, _square, [_]| *w -= g * learning_rate,
            );
        }
        let (momentum, nesterov) = (self.momentum as f32, self.nesterov);
        array.each(
            #[inline(always)]
            |w, g, _square, [m]| {
                let step = g * learning_rate;
                *m = faded(*m * momentum - step);
                *w += if nesterov { *m * momentum - step } else { *m };
            },
        );
    }
}
