use alloc::boxed::Box;
use core::fmt;

use super::OptimizerError;

/// A learning rate that depends on the step: Keras's `LearningRateSchedule`.
///
/// A function of the step is one, `Sgd::new(|step: u64| 0.5 / (step + 1) as f32)`, and so is a type of your own:
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{LearningRateSchedule, Optimizer, Sgd};
///
/// struct Harmonic(f32);
/// impl LearningRateSchedule for Harmonic {
///     fn learning_rate(&self, step: u64) -> f32 {
///         self.0 / (step + 1) as f32
///     }
/// }
/// assert_eq!(Sgd::new(Harmonic(0.5)).learning_rate_at(4), 0.1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no learning rate",
    label = "expected a number with a point, such as `0.001`, or a schedule"
)]
pub trait LearningRateSchedule: Send + Sync {
    /// The learning rate of a step, which is 0 for the first.
    fn learning_rate(&self, step: u64) -> f32;

    /// What is wrong with its options.
    ///
    /// # Errors
    /// If there is something.
    fn check(&self) -> Result<(), OptimizerError> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<F: Fn(u64) -> f32 + Send + Sync> LearningRateSchedule for F {
    fn learning_rate(&self, step: u64) -> f32 {
        self(step)
    }
}

/// What an optimizer takes as its learning rate: a number, or a schedule.
pub enum LearningRate {
    /// The same at every step.
    Constant(f32),
    /// One that depends on the step.
    Schedule(Box<dyn LearningRateSchedule>),
}

impl LearningRate {
    /// The learning rate of a step, which is 0 for the first.
    #[must_use]
    pub fn at(&self, step: u64) -> f32 {
        match self {
            Self::Constant(learning_rate) => *learning_rate,
            Self::Schedule(schedule) => schedule.learning_rate(step),
        }
    }

    /// What is wrong with a schedule.
    ///
    /// # Errors
    /// If there is something.
    pub fn check(&self) -> Result<(), OptimizerError> {
        match self {
            Self::Constant(_) => Ok(()),
            Self::Schedule(schedule) => schedule.check(),
        }
    }
}

impl fmt::Debug for LearningRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(learning_rate) => write!(f, "{learning_rate:?}"),
            Self::Schedule(_) => f.write_str("a schedule"),
        }
    }
}

impl From<f32> for LearningRate {
    fn from(learning_rate: f32) -> Self {
        Self::Constant(learning_rate)
    }
}

impl From<f64> for LearningRate {
    fn from(learning_rate: f64) -> Self {
        Self::Constant(learning_rate as f32)
    }
}

impl From<i32> for LearningRate {
    fn from(learning_rate: i32) -> Self {
        Self::Constant(learning_rate as f32)
    }
}

impl<S: LearningRateSchedule + 'static> From<S> for LearningRate {
    fn from(schedule: S) -> Self {
        Self::Schedule(Box::new(schedule))
    }
}
