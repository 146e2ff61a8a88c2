//! Optimizers and learning-rate schedules, under Keras's names, with Keras's formulas and defaults.
//!
//! `T::new` takes the learning rate, a number or a schedule; methods take the rest. Options are
//! `f64`, as Python's numbers are, because formulas such as 1 − beta_2 need the digits; the
//! arithmetic on weights is `f32`, as Keras's is.
//!
//! ```
//! use fusion_core::optimizers::{Adam, CosineDecay, Sgd};
//!
//! let constant = Sgd::new(0.01).momentum(0.9).nesterov(true);
//! let decaying = Adam::new(CosineDecay::new(0.001, 10_000));
//! ```
// A model has to be in boxes to be trained.
#![cfg(feature = "alloc")]

mod adam;
mod adam_w;
mod learning_rate;
mod rms_prop;
mod schedules;
mod sgd;
mod walk;

pub use adam::Adam;
pub use adam_w::AdamW;
pub use learning_rate::{LearningRate, LearningRateSchedule};
pub use rms_prop::RmsProp;
pub use schedules::{CosineDecay, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay};
pub use sgd::Sgd;

use alloc::boxed::Box;

use crate::Parameters;

/// Moves a model's weights along its gradient.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no optimizer",
    label = "expected an optimizer, such as `Adam::default()`",
    note = "optimizers are `Adam`, `AdamW`, `RmsProp` and `Sgd`: `Adam::default()`, or `Sgd::new(0.01)` with a learning rate"
)]
pub trait Optimizer: Send {
    /// How many moments it keeps for each weight.
    fn moments(&self) -> usize;

    /// The learning rate of the step that comes after `steps` steps.
    fn learning_rate_at(&self, steps: u64) -> f32;

    /// Sets a constant learning rate from now on.
    fn set_learning_rate(&mut self, learning_rate: f32);

    /// Makes the step that comes after `steps` steps, and sets the gradient to zero.
    ///
    /// `squares` is given where a gradient comes in rows ([`crate::Parameter::sparse`]), and is set to
    /// zero too. `moments` are [`Optimizer::moments`] boxes, zero before the first step. What is not
    /// trainable stays as it is.
    fn apply<P: Parameters>(
        &self,
        steps: u64,
        model: &mut P,
        gradient: &mut P,
        squares: Option<&mut P>,
        moments: &mut [Box<P>],
    );
}
