//! Losses, under Keras's names and with Keras's formulas.
//!
//! A loss is a value: `MeanSquaredError`, `Huber::new(0.5)`,
//! `CategoricalCrossentropy::from_logits().label_smoothing(0.1)`. All of them but `Dice`, `Tversky`, `Circle`
//! and `Ctc` are taken over the last dimension of an output and averaged over the positions before it. Every loss is a
//! [metric](crate::metrics) too, but for one with another [`Reduction`]. Targets that cannot be right are an error
//! ([`TargetError`]) before any weight changes. [`LossFunctionWrapper`] makes a loss of two functions of one's own.

mod batch;
mod binary_crossentropy;
mod binary_focal_crossentropy;
mod categorical_crossentropy;
mod categorical_focal_crossentropy;
mod categorical_generalized_cross_entropy;
mod categorical_hinge;
mod circle;
mod class_ids;
mod cosine_similarity;
mod ctc;
mod dice;
pub(crate) mod groups;
mod hinge;
mod huber;
mod kl_divergence;
mod log_cosh;
mod loss_function_wrapper;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_squared_error;
mod mean_squared_logarithmic_error;
mod poisson;
mod reduction;
mod softmax;
mod sparse_categorical_crossentropy;
mod squared_hinge;
mod targets;
mod tversky;

pub use ctc::{Ctc, ctc_decode};
pub use loss_function_wrapper::LossFunctionWrapper;
pub use reduction::{LossReduction, Reduced, Reduction};
pub use targets::TargetError;

/// Every loss, for whoever has to name all of them: `every_loss!(call)` is `call!(file::Loss, …; file::Loss)`. Behind the
/// semicolon is the one that is another number as a metric.
macro_rules! every_loss {
    ($call:ident) => {
        $call! {
            binary_crossentropy::BinaryCrossentropy,
            binary_focal_crossentropy::BinaryFocalCrossentropy,
            categorical_crossentropy::CategoricalCrossentropy,
            categorical_focal_crossentropy::CategoricalFocalCrossentropy,
            categorical_generalized_cross_entropy::CategoricalGeneralizedCrossEntropy,
            categorical_hinge::CategoricalHinge,
            circle::Circle,
            dice::Dice,
            hinge::Hinge,
            huber::Huber,
            kl_divergence::KlDivergence,
            log_cosh::LogCosh,
            mean_absolute_error::MeanAbsoluteError,
            mean_absolute_percentage_error::MeanAbsolutePercentageError,
            mean_squared_error::MeanSquaredError,
            mean_squared_logarithmic_error::MeanSquaredLogarithmicError,
            poisson::Poisson,
            sparse_categorical_crossentropy::SparseCategoricalCrossentropy,
            squared_hinge::SquaredHinge,
            tversky::Tversky;
            cosine_similarity::CosineSimilarity
        }
    };
}
pub(crate) use every_loss;

macro_rules! export {
    ($($file:ident::$Loss:ident),+ $(,)?; $other:ident::$Other:ident) => {
        $(pub use $file::$Loss;)+
        pub use $other::$Other;

        /// What programs that train have in scope.
        #[doc(hidden)]
        pub mod prelude {
            pub use super::ctc::Ctc;
            pub use super::loss_function_wrapper::LossFunctionWrapper;
            pub use super::{LossReduction, Reduction};
            pub use super::{Loss, $Other, $($Loss),+};
        }
    };
}
every_loss!(export);

use alloc::vec;
use alloc::vec::Vec;

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

/// Leaves out of the positions that count those that a mask of the same output leaves out, of its steps or its positions.
#[doc(hidden)]
pub fn join_masks(counts: &mut [f32], mask: &[f32]) {
    let each = counts.len().checked_div(mask.len()).unwrap_or(0).max(1);
    for (counts, step) in counts.chunks_mut(each).zip(mask) {
        counts.iter_mut().for_each(|counts| *counts *= step);
    }
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

    /// Whether the loss of a sample depends on the others of its batch, so that a batch cannot be cut into parts.
    fn by_batch(&self) -> bool {
        false
    }

    /// Whether all samples of a batch have one loss.
    #[doc(hidden)]
    fn is_shared(&self) -> bool {
        false
    }

    /// Appends 1 or 0 for each position of the output, whether it counts, where the targets say that some do not; nothing
    /// where all do. These positions are left out as those of a mask are, for which the loss
    /// [takes steps](Loss::by_step), and [whole batches](Loss::by_batch). A loss that takes no steps leaves out samples.
    fn counts(&self, _targets: &[Self::Target], _counts: &mut Vec<f32>) {}

    /// Writes each sample's loss, or each step's: see [`by_step`](Loss::by_step).
    fn losses(&self, targets: &[Self::Target], predictions: &[Out], losses: &mut [f32]);

    /// Writes the gradient of the sum of `weights[i]` · loss of sample i with respect to the predictions; or of step i.
    fn gradient(&self, targets: &[Self::Target], predictions: &[Out], weights: &[f32], gradient: &mut [Out]);

    /// The loss of a batch, as training takes it: the mean over its samples, or over what [counts](Loss::counts), each times
    /// its sample weight.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::losses::{Loss, MeanAbsoluteError};
    ///
    /// let (y, z) = ([[1.0_f32], [2.0]], [[1.5], [1.0]]);
    /// assert_eq!(MeanAbsoluteError.batch_loss(&y, &z, None), 0.75);
    /// assert_eq!(MeanAbsoluteError.batch_loss(&y, &z, Some(&[1.0, 0.5])), 0.5);
    /// ```
    ///
    /// # Panics
    /// If there are not as many weights as targets, where there are weights.
    fn batch_loss(&self, targets: &[Self::Target], predictions: &[Out], weights: Option<&[f32]>) -> f64 {
        let given = weights.map_or(targets.len(), <[f32]>::len);
        assert!(given == targets.len(), "there are {} targets, but {given} weights", targets.len());
        let mut counts = Vec::new();
        self.counts(targets, &mut counts);
        if counts.is_empty() {
            counts.resize(targets.len(), 1.0);
        }
        let mut losses = vec![0.0; counts.len()];
        self.losses(targets, predictions, &mut losses);
        let steps = (counts.len() / targets.len().max(1)).max(1);
        let weight = |place: usize| weights.map_or(1.0, |weights| f64::from(weights[place / steps]));
        let terms = losses.iter().zip(&counts).enumerate();
        let sum: f64 = terms.map(|(place, (loss, counts))| f64::from(loss * counts) * weight(place)).sum();
        let count: f64 = counts.iter().map(|counts| f64::from(*counts)).sum();
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// Checks targets that no type can check: class ids out of range, values that are not finite.
    ///
    /// # Errors
    /// Names the first target that the loss cannot take.
    fn check(&self, targets: &[Self::Target]) -> Result<(), TargetError>;
}
