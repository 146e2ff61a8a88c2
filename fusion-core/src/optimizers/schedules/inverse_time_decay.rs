use super::{Checked, progress};
use crate::optimizers::{LearningRateSchedule, OptimizerError};

/// initial_learning_rate / (1 + decay_rate · step / decay_steps): Keras's `InverseTimeDecay`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{InverseTimeDecay, LearningRateSchedule};
///
/// let schedule = InverseTimeDecay::new(0.5, 10, 1.0);
/// assert_eq!((schedule.learning_rate(0), schedule.learning_rate(10)), (0.5, 0.25));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InverseTimeDecay {
    initial_learning_rate: f64,
    decay_steps: u64,
    decay_rate: f64,
    staircase: bool,
}

impl InverseTimeDecay {
    /// Adds `decay_rate` to what the learning rate is divided by, in the course of `decay_steps` steps.
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

impl LearningRateSchedule for InverseTimeDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let progress = progress(step, self.decay_steps, self.staircase);
        self.initial_learning_rate as f32 / (1.0 + self.decay_rate as f32 * progress)
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let checked = Checked("InverseTimeDecay");
        checked.learning_rate("initial_learning_rate", self.initial_learning_rate)?;
        checked.steps("decay_steps", self.decay_steps)?;
        checked.number("decay_rate", self.decay_rate, 0.0..)
    }
}
