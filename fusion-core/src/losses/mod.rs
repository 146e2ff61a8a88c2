//! Losses, under Keras's names and with Keras's formulas.
//!
//! A loss is a value: `MeanSquaredError`, `Huber::new(0.5)`,
//! `CategoricalCrossentropy::from_logits().label_smoothing(0.1)`. All of them are taken over the
//! last dimension of an output and averaged over the positions before it. Every loss is a
//! [metric](crate::metrics) too.

mod batch;
mod binary_crossentropy;
mod categorical_crossentropy;
mod huber;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_squared_error;
mod softmax;
mod sparse_categorical_crossentropy;

/// Every loss, for whoever has to name all of them: `every_loss!(call)` is `call!(file::Loss, …)`.
macro_rules! every_loss {
    ($call:ident) => {
        $call! {
            binary_crossentropy::BinaryCrossentropy,
            categorical_crossentropy::CategoricalCrossentropy,
            huber::Huber,
            mean_absolute_error::MeanAbsoluteError,
            mean_absolute_percentage_error::MeanAbsolutePercentageError,
            mean_squared_error::MeanSquaredError,
            sparse_categorical_crossentropy::SparseCategoricalCrossentropy,
        }
    };
}
pub(crate) use every_loss;

macro_rules! export {
    ($($file:ident::$Loss:ident),+ $(,)?) => {
        $(pub use $file::$Loss;)+

        /// What programs that train have in scope.
        #[doc(hidden)]
        pub mod prelude {
            pub use super::{Loss, $($Loss),+};
        }
    };
}
every_loss!(export);

use crate::shape::Tensor;

/// Keras's `keras.config.epsilon()`, which keeps logarithms and divisions from zero.
const EPSILON: f32 = 1e-7;

/// A probability, or the nearest one whose logarithm Keras takes.
#[inline(always)]
fn clip(probability: f32) -> f32 {
    probability.clamp(EPSILON, 1.0 - EPSILON)
}

/// Whether [`clip`] moves a probability, so that it has no slope. NaN it leaves, for all to see.
#[inline(always)]
#[expect(clippy::manual_range_contains, reason = "NaN is in no range")]
fn is_clipped(probability: f32) -> bool {
    probability < EPSILON || probability > 1.0 - EPSILON
}

/// A loss on one output.
///
/// A sample's loss is the mean over the positions of its output, as Keras's
/// `sum_over_batch_size` takes it; the batch's loss is the mean over its samples, each times its
/// sample weight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss for an output of `{Out}`",
    label = "this loss cannot be used here",
    note = "a model with several outputs takes a loss for each by its name, in the struct of the model's name and `Losses`"
)]
pub trait Loss<Out: Tensor<Element = f32>>: Send + Sync {
    /// What the loss compares an output with: the output's own type, or class ids.
    type Target: Copy + Send + Sync + 'static;

    /// Keras's name of the function, `mean_squared_error`.
    fn name(&self) -> &'static str;

    /// The same loss of logits instead of probabilities, for a loss that is taken of the logits where a model ends with
    /// a sigmoid or softmax of some: see [`Forward::keep_logits`](crate::layer::Forward::keep_logits).
    fn of_logits(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Whether [`losses`](Loss::losses) and [`gradient`](Loss::gradient) take steps too, as an output with a mask needs it;
    /// the losses of this crate do.
    ///
    /// Where `losses` has, or `weights`, as many numbers for each sample as the output has steps (its first dimension, or
    /// its first dimensions together), each is the loss of one step: the mean over the positions of it. The loss of the
    /// batch is then that of the steps that count, Σ loss / their number, each times its sample's weight.
    fn by_step(&self) -> bool {
        false
    }

    /// Writes each sample's loss, or each step's: see [`by_step`](Loss::by_step).
    fn losses(&self, targets: &[Self::Target], predictions: &[Out], losses: &mut [f32]);

    /// Writes the gradient of the sum of `weights[i]` · loss of sample i with respect to the predictions; or of step i.
    fn gradient(&self, targets: &[Self::Target], predictions: &[Out], weights: &[f32], gradient: &mut [Out]);

    /// Checks targets that no type can check: class ids out of range, values that are not finite.
    ///
    /// # Errors
    /// Names the first target that the loss cannot take.
    fn check(&self, targets: &[Self::Target]) -> Result<(), TargetError>;
}

/// A target that a loss or a metric cannot take.
#[derive(Clone, Copy, PartialEq)]
pub enum TargetError {
    /// A class id is not below the number of classes.
    ClassOutOfRange {
        /// The sample, from 0.
        sample: usize,
        /// The class id found.
        class: u32,
        /// How many classes the output has.
        classes: usize,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// The sample, from 0.
        sample: usize,
        /// The position within the sample's target, from 0.
        position: usize,
    },
}

impl core::fmt::Display for TargetError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::ClassOutOfRange { sample, class, classes } => {
                write!(
                    f,
                    "the class id {class} of sample {sample} is out of range: the output has {classes} classes, so ids are below {classes}"
                )
            }
            Self::NotFinite { sample, position } => {
                write!(f, "the target of sample {sample} is NaN or infinite at position {position}")
            }
        }
    }
}
crate::debug_is_display!(TargetError);
impl core::error::Error for TargetError {}
