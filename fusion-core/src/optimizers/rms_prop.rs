use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};
use crate::kernels::math::sqrt;

optimizer! {
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
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Optimizer, RmsProp};
    ///
    /// let optimizer = RmsProp::new(0.01).momentum(0.5).centered(true);
    /// assert!(optimizer.slots().eq(["velocity", "momentum", "average_gradient"]));
    /// ```
    #[doc(alias = "RMSprop")]
    pub struct RmsProp(learning_rate = 0.001) {
        /// The decay of the mean square, 0 to 1.
        rho: f64 = 0.9,
        /// How much of the last step goes into the next one, 0 to 1.
        momentum: f64 = 0.0,
        /// Keeps the division from zero; it is added under the root.
        epsilon: f64 = 1e-7,
        /// Whether to divide by the gradient's standard deviation instead of its mean square's root.
        centered: bool = false,
    }
}

impl Rule for RmsProp {
    const SLOTS: &'static [Slot<Self>] = &[
        Slot::new("velocity"),
        Slot::new("momentum").when(|rule| rule.momentum > 0.0),
        Slot::new("average_gradient").when(|rule| rule.centered),
    ];
    type Constants = RmsPropStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        OptimizerError::unless_within("rho", self.rho, 0.0..=1.0)?;
        OptimizerError::unless_within("momentum", self.momentum, 0.0..=1.0)?;
        OptimizerError::unless_within("epsilon", self.epsilon, 0.0..)
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> RmsPropStep {
        let [rho, rest, epsilon] = [self.rho, 1.0 - self.rho, self.epsilon].map(|x| x as f32);
        let of_average = if self.centered { [rho, rest] } else { [0.0; 2] };
        RmsPropStep { learning_rate: step.learning_rate, of_velocity: [rho, rest], of_average, epsilon }
    }

    fn update(&self, step: RmsPropStep, array: &mut Update<'_, Self>) {
        let momentum = self.momentum as f32;
        if self.momentum == 0.0 {
            return array.each(
                #[inline(always)]
                |w, g, square, [v, _, a]| *w -= step.of(g, square, v, a),
            );
        }
        array.each(
            #[inline(always)]
            |w, g, square, [v, m, a]| {
                *m = faded(momentum * *m + step.of(g, square, v, a));
                *w -= *m;
            },
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct RmsPropStep {
    learning_rate: f32,
    of_velocity: [f32; 2],
    /// Zeros where the variance is not centered: with a condition, compilers find no vectors.
    of_average: [f32; 2],
    epsilon: f32,
}

impl RmsPropStep {
    /// The step of one weight, before the momentum.
    #[inline(always)]
    fn of(self, g: f32, square: f32, v: &mut f32, a: &mut f32) -> f32 {
        *v = faded(self.of_velocity[0] * *v + self.of_velocity[1] * square);
        *a = faded(self.of_average[0] * *a + self.of_average[1] * g);
        self.learning_rate * g / sqrt(*v - *a * *a + self.epsilon)
    }
}
