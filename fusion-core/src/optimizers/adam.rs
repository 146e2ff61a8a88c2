use super::{OptimizerError, Rule, Step, Update, faded};
use crate::kernels::math::sqrt;

/// The numbers of one step of Adam and of what is Adam but for its defaults.
#[derive(Clone, Copy)]
pub struct AdamStep {
    /// The learning rate, corrected for moments that began at zero.
    alpha: f32,
    /// 1 − beta_1 and 1 − beta_2. They are rounded once, as Keras's are: 1 − 0.999 in `f32` is
    /// wrong by 1.3 · 10⁻⁵ of itself, and moves every weight by half as much.
    rest: [f32; 2],
    epsilon: f32,
}

impl AdamStep {
    pub fn new(betas: [f64; 2], epsilon: f64, step: Step) -> Self {
        let t = (step.iterations + 1) as f32;
        let [power_1, power_2] = betas.map(|beta| libm::powf(beta as f32, t));
        let alpha = step.learning_rate * sqrt(1.0 - power_2) / (1.0 - power_1);
        Self { alpha, rest: betas.map(|beta| (1.0 - beta) as f32), epsilon: epsilon as f32 }
    }

    /// One step, in the order in which Keras computes it.
    pub fn update<R: Rule>(self, amsgrad: bool, array: &mut Update<'_, R>) {
        if amsgrad {
            return array.each(
                #[inline(always)]
                |w, g, square, [m, v, v_hat]| {
                    self.moments(g, square, m, v);
                    *v_hat = v_hat.max(*v);
                    self.move_weight(w, *m, *v_hat);
                },
            );
        }
        array.each(
            #[inline(always)]
            |w, g, square, [m, v, _]| self.update_weight(w, g, square, m, v),
        );
    }

    /// The step of one weight.
    #[inline(always)]
    pub fn update_weight(self, w: &mut f32, g: f32, square: f32, m: &mut f32, v: &mut f32) {
        self.moments(g, square, m, v);
        self.move_weight(w, *m, *v);
    }

    #[inline(always)]
    fn moments(self, g: f32, square: f32, m: &mut f32, v: &mut f32) {
        let [rest_1, rest_2] = self.rest;
        *m = faded(*m + (g - *m) * rest_1);
        *v = faded(*v + (square - *v) * rest_2);
    }

    #[inline(always)]
    fn move_weight(self, w: &mut f32, m: f32, v: f32) {
        *w -= m * self.alpha / (sqrt(v) + self.epsilon);
    }

    pub fn check(names: [&'static str; 2], betas: [f64; 2], epsilon: f64) -> Result<(), OptimizerError> {
        for (name, beta) in names.into_iter().zip(betas) {
            OptimizerError::unless_within(name, beta, 0.0..1.0)?;
        }
        OptimizerError::unless_within("epsilon", epsilon, 0.0..)
    }
}

/// Writes an optimizer that is Adam with other defaults.
macro_rules! adam {
    ($(#[$about:meta])* pub struct $Name:ident($($defaults:tt)*);) => {
        $crate::optimizers::base::optimizer! {
            $(#[$about])*
            pub struct $Name($($defaults)*) {
                /// The decay of the first moment, at least 0 and below 1.
                beta_1: f64 = 0.9,
                /// The decay of the second moment, at least 0 and below 1.
                beta_2: f64 = 0.999,
                /// Keeps the division from zero; Kingma and Ba's "epsilon hat".
                epsilon: f64 = 1e-7,
                /// Whether to divide by the largest second moment so far (Reddi, Kale and Kumar, 2018).
                amsgrad: bool = false,
            }
        }

        impl $crate::optimizers::Rule for $Name {
            const SLOTS: &'static [$crate::optimizers::Slot<Self>] = &[
                $crate::optimizers::Slot::new("momentum"),
                $crate::optimizers::Slot::new("velocity"),
                $crate::optimizers::Slot::new("velocity_hat").when(|rule: &Self| rule.amsgrad),
            ];
            type Constants = $crate::optimizers::adam::AdamStep;

            fn check_options(&self) -> Result<(), $crate::optimizers::OptimizerError> {
                Self::Constants::check(["beta_1", "beta_2"], [self.beta_1, self.beta_2], self.epsilon)
            }

            fn constants(&self, step: $crate::optimizers::Step, _shared: &mut [f32]) -> Self::Constants {
                Self::Constants::new([self.beta_1, self.beta_2], self.epsilon, step)
            }

            fn update(&self, step: Self::Constants, array: &mut $crate::optimizers::Update<'_, Self>) {
                step.update(self.amsgrad, array);
            }
        }
    };
}
pub(super) use adam;

adam! {
    /// Steps sized by the first and second moment of the gradient (Kingma and Ba, 2015): Keras's `Adam`.
    ///
    /// ```text
    /// m += (g − m) · (1 − beta_1)
    /// v += (g² − v) · (1 − beta_2)
    /// w −= learning_rate · √(1 − beta_2^t) / (1 − beta_1^t) · m / (√v + epsilon)      at step t = 1, 2, …
    /// ```
    ///
    /// With `amsgrad` the largest v so far stands in place of v.
    ///
    /// `Adam::default()` has the learning rate 0.001, beta_1 0.9, beta_2 0.999 and epsilon 10⁻⁷.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Adam, Optimizer};
    ///
    /// let optimizer = Adam::new(0.01).beta_2(0.99).clipnorm(1.0);
    /// assert!(optimizer.slots().eq(["momentum", "velocity"]));
    /// ```
    pub struct Adam(learning_rate = 0.001);
}
