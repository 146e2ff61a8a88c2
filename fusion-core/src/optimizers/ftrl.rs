use super::base::optimizer;
use super::{OptimizerError, Rule, Slot, Step, Update};
use crate::kernels::math::sqrt;

optimizer! {
    /// Follow the regularized leader (McMahan and others, 2013), for wide models of which few weights are to be other
    /// than zero: Keras's `Ftrl`.
    ///
    /// ```text
    /// p = −learning_rate_power
    /// n' = n + g²
    /// z += g + 2 · l2_shrinkage · w − (n'^p − n^p) / learning_rate · w
    /// w = (clip(z, −l1, l1) − z) / (n'^p / learning_rate + 2 · l2 + beta / learning_rate)
    /// n = n'
    /// ```
    ///
    /// `Ftrl::default()` has the learning rate 0.001, the learning rate power −0.5, n = 0.1 before the first step, and no
    /// regularization. l1, l2 and l2_shrinkage are [`Ftrl::l1_regularization_strength`],
    /// [`Ftrl::l2_regularization_strength`] and [`Ftrl::l2_shrinkage_regularization_strength`].
    ///
    /// What the weights begin with counts only where it has a gradient: the first step makes all others zero. A learning
    /// rate of 0 makes no step.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Ftrl, Optimizer};
    ///
    /// let optimizer = Ftrl::new(0.05).l1_regularization_strength(0.001);
    /// assert!(optimizer.slots().eq(["accumulator", "linear"]));
    /// ```
    pub struct Ftrl(learning_rate = 0.001) {
        /// How the learning rate falls with the sum of squares, at most 0; 0 is a learning rate that stays.
        learning_rate_power: f64 = -0.5,
        /// What the sums of squares begin with, at least 0.
        initial_accumulator_value: f64 = 0.1,
        /// What holds weights at zero, at least 0.
        l1_regularization_strength: f64 = 0.0,
        /// What keeps weights small, at least 0.
        l2_regularization_strength: f64 = 0.0,
        /// A penalty of the weights' squares that is added to the loss, at least 0.
        l2_shrinkage_regularization_strength: f64 = 0.0,
        /// The paper's beta, which makes the first steps smaller, at least 0.
        beta: f64 = 0.0,
    }
}

impl Rule for Ftrl {
    const SLOTS: &'static [Slot<Self>] =
        &[Slot::new("accumulator").initial(|rule: &Self| rule.initial_accumulator_value as f32), Slot::new("linear")];
    type Constants = FtrlStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        OptimizerError::unless_within("learning_rate_power", self.learning_rate_power, ..=0.0)?;
        for (option, value) in [
            ("initial_accumulator_value", self.initial_accumulator_value),
            ("l1_regularization_strength", self.l1_regularization_strength),
            ("l2_regularization_strength", self.l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", self.l2_shrinkage_regularization_strength),
            ("beta", self.beta),
        ] {
            OptimizerError::unless_within(option, value, 0.0..)?;
        }
        Ok(())
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> FtrlStep {
        let learning_rate = step.learning_rate;
        let l2 = self.l2_regularization_strength as f32 + self.beta as f32 / (2.0 * learning_rate);
        FtrlStep {
            learning_rate,
            l1: self.l1_regularization_strength as f32,
            twice_l2: 2.0 * l2,
            twice_shrinkage: (2.0 * self.l2_shrinkage_regularization_strength) as f32,
        }
    }

    fn update(&self, step: FtrlStep, array: &mut Update<'_, Self>) {
        if step.learning_rate == 0.0 {
            return;
        }
        let power = -self.learning_rate_power as f32;
        if power == 0.5 {
            return array.each(
                #[inline(always)]
                |w, g, square, [n, z]| step.update(w, g, square, [n, z], sqrt),
            );
        }
        array.each(|w, g, square, [n, z]| step.update(w, g, square, [n, z], |x| libm::powf(x, power)));
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct FtrlStep {
    learning_rate: f32,
    l1: f32,
    twice_l2: f32,
    twice_shrinkage: f32,
}

impl FtrlStep {
    /// Moves one weight, where sums of squares count by this power.
    #[inline(always)]
    fn update(self, w: &mut f32, g: f32, square: f32, [n, z]: [&mut f32; 2], power: impl Fn(f32) -> f32) {
        let Self { learning_rate, l1, twice_l2, twice_shrinkage } = self;
        let before = power(*n);
        *n += square;
        let after = power(*n);
        *z += g + twice_shrinkage * *w - (after - before) / learning_rate * *w;
        let beyond = z.min(l1).max(-l1) - *z;
        // What is held at zero is so also where nothing has been summed up yet.
        *w = if beyond == 0.0 { 0.0 } else { beyond / (after / learning_rate + twice_l2) };
    }
}
