use super::{Checked, progress};
use crate::optimizers::{LearningRateSchedule, OptimizerError};

/// initial_learning_rate · decay_rate^(step / decay_steps): Keras's `ExponentialDecay`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{ExponentialDecay, LearningRateSchedule};
///
/// let schedule = ExponentialDecay::new(0.1, 10, 0.5);
/// assert_eq!((schedule.learning_rate(0), schedule.learning_rate(20)), (0.1, 0.025));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ExponentialDecay {
    initial_learning_rate: f64,
    decay_steps: u64,
    decay_rate: f64,
    staircase: bool,
}

impl ExponentialDecay {
    /// Multiplies the learning rate by `decay_rate` in the course of `decay_steps` steps.
    #[must_use]
    pub fn new(initial_learning_rate: f64, decay_steps: u64, decay_rate: f64) -> Self {
        Self { initial_learning_rate, decay_steps, decay_rate, staircase: false }
    }

    /// Whether the learning rate stays the same for `decay_steps` steps and then falls at once.
    #[must_use]
    pub fn staircase(mut self, staircase: bool) -> Self {
        self.staircase = staircase;
        self
    }
}

impl LearningRateSchedule for ExponentialDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let progress = progress(step, self.decay_steps, self.staircase);
        self.initial_learning_rate as f32 * libm::powf(self.decay_rate as f32, progress)
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let checked = Checked("ExponentialDecay");
        checked.learning_rate("initial_learning_rate", self.initial_learning_rate)?;
        checked.steps("decay_steps", self.decay_steps)?;
        checked.number("decay_rate", self.decay_rate, 0.0..)
    }
}
