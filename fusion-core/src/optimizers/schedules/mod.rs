//! Learning rates that depend on the step, with Keras's formulas in Keras's `f32` arithmetic.

use core::ops::RangeBounds;

use super::OptimizerError;

mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod piecewise_constant_decay;
mod polynomial_decay;
mod warm_up;

pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;
pub use warm_up::WarmUp;

/// The options of a schedule of this name, to be checked.
struct Checked(&'static str);

impl Checked {
    /// An error unless an option is a finite number of this range.
    fn number(&self, option: &'static str, value: f64, range: impl RangeBounds<f64>) -> Result<(), OptimizerError> {
        OptimizerError::unless_within(option, value, range).map_err(|error| error.of_schedule(self.0))
    }

    /// An error unless a learning rate is one.
    fn learning_rate(&self, option: &'static str, value: f64) -> Result<(), OptimizerError> {
        self.number(option, value, 0.0..)
    }

    /// An error for a decay that takes no steps at all.
    fn steps(&self, option: &'static str, steps: u64) -> Result<(), OptimizerError> {
        self.number(option, steps as f64, 1.0..)
    }
}

/// step / decay_steps, or the whole part of it for a staircase.
fn progress(step: u64, decay_steps: u64, staircase: bool) -> f32 {
    if staircase { (step / decay_steps.max(1)) as f32 } else { step as f32 / decay_steps as f32 }
}
