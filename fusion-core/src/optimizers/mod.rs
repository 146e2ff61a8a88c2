//! Optimizers and learning-rate schedules, under Keras's names, with Keras's formulas and defaults.
//!
//! `T::new` takes the learning rate, a number or a schedule; methods take the rest. Options are
//! `f64`, as Python's numbers are, because formulas such as 1 − beta_2 need the digits; the
//! arithmetic on weights is `f32`, as Keras's is.
//!
//! ```
//! # extern crate fusion_core as fusion;
//! use fusion::optimizers::{Adam, CosineDecay, Sgd};
//!
//! let constant = Sgd::new(0.01).momentum(0.9).nesterov(true);
//! let decaying = Adam::new(CosineDecay::new(0.001, 10_000));
//! ```

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adam_w;
mod adamax;
mod averages;
mod base;
mod clip;
mod error;
mod ftrl;
mod lamb;
#[cfg(test)]
mod layer_tests;
mod learning_rate;
mod lion;
mod muon;
mod nadam;
mod names;
#[cfg(test)]
mod option_tests;
mod rms_prop;
mod rule;
mod schedule_free_adam_w;
mod schedules;
mod sgd;
mod state;
#[cfg(test)]
mod tests;
mod update;

pub use base::Base;
pub use error::OptimizerError;
pub use learning_rate::{LearningRate, LearningRateSchedule};
pub use prelude::*;
pub use rule::{Rule, Slot, Step, faded};
pub use state::OptimizerState;
pub use update::Update;

/// What programs that train have in scope.
#[doc(hidden)]
pub mod prelude {
    pub use super::Optimizer;
    pub use super::adadelta::Adadelta;
    pub use super::adafactor::Adafactor;
    pub use super::adagrad::Adagrad;
    pub use super::adam::Adam;
    pub use super::adam_w::AdamW;
    pub use super::adamax::Adamax;
    pub use super::ftrl::Ftrl;
    pub use super::lamb::Lamb;
    pub use super::lion::Lion;
    pub use super::muon::Muon;
    pub use super::nadam::Nadam;
    pub use super::rms_prop::RmsProp;
    pub use super::schedule_free_adam_w::ScheduleFreeAdamW;
    pub use super::schedules::*;
    pub use super::sgd::Sgd;
}

use crate::weights::Parameters;

/// Moves a model's weights along its gradient.
///
/// Every [`Rule`] is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no optimizer",
    label = "expected an optimizer, such as `Adam::default()`",
    note = "optimizers are `Adadelta`, `Adafactor`, `Adagrad`, `Adam`, `AdamW`, `Adamax`, `Ftrl`, `Lamb`, `Lion`, `Muon`, `Nadam`, `RmsProp`, `ScheduleFreeAdamW` and `Sgd`: `Adam::default()`, or `Sgd::new(0.01)` with a learning rate",
    note = "what Keras knows by a text is a type: `\"adam\"` is `Adam::default()`, `\"rmsprop\"` `RmsProp::default()`, `\"sgd\"` `Sgd::new(0.01)`"
)]
pub trait Optimizer: Send + Sync {
    /// The names of what it keeps of each array of weights, Keras's.
    fn slots(&self) -> impl Iterator<Item = &'static str>;

    /// The learning rate of the step that comes after `steps` steps.
    fn learning_rate_at(&self, steps: u64) -> f32;

    /// Sets a constant learning rate from now on.
    fn set_learning_rate(&mut self, learning_rate: f32);

    /// Whether the learning rate follows a schedule.
    fn has_schedule(&self) -> bool {
        false
    }

    /// Whether it keeps moving averages of the weights.
    fn has_averages(&self) -> bool {
        false
    }

    /// What it keeps of a model, from the numbers of [`OptimizerState::numbers`]; nothing where these are not as many as
    /// it keeps.
    fn restored<P: Parameters>(&self, model: &mut P, numbers: Option<&[f32]>) -> Option<OptimizerState>;

    /// What is wrong with its options, but for the learning rate.
    ///
    /// # Errors
    /// If there is something.
    fn check(&self) -> Result<(), OptimizerError>;

    /// The same, and whether a model of this type has the layers and the weights that options name.
    ///
    /// # Errors
    /// If there is something wrong.
    fn check_for<P: Parameters>(&self) -> Result<(), OptimizerError> {
        self.check()
    }

    /// Of how many batches the gradients make one step.
    fn gradient_accumulation_steps(&self) -> u64 {
        1
    }

    /// Makes the step that comes after `steps` steps, and sets the gradient to zero; or, where a step takes the
    /// gradients of several batches and more are to come, leaves it as it is and moves no weight along it.
    ///
    /// `squares` is given where a gradient comes in rows
    /// ([`Array::sparse`](crate::weights::Array#structfield.sparse)), and is set to zero too. What is not trainable
    /// stays as it is.
    ///
    /// # Panics
    /// If the state is that of another optimizer or of another model.
    fn apply<P: Parameters>(
        &self,
        steps: u64,
        model: &mut P,
        gradient: &mut P,
        squares: Option<&mut P>,
        state: &mut OptimizerState,
    );

    /// Makes the weights what they are to be after the last step: their moving averages, with `use_ema`.
    ///
    /// # Panics
    /// If the state is that of another optimizer or of another model.
    fn finalize_variable_values<P: Parameters>(&self, _model: &mut P, _state: &mut OptimizerState) {}

    /// Lets the weights and their moving averages change places. Whether there are any, as there are from the first step
    /// on where it keeps them.
    ///
    /// # Panics
    /// If the state is that of another optimizer or of another model.
    fn swap_averages<P: Parameters>(&self, _model: &mut P, _state: &mut OptimizerState) -> bool {
        false
    }
}
