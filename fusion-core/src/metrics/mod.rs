//! Metrics, under Keras's names and with Keras's formulas.
//!
//! Every [loss](crate::losses) of this crate is a metric too, under its own name: the mean over
//! the samples, with sample weights Σ w · loss / Σ w. [`Mean::add_losses`] makes one of any loss,
//! and [`MeanMetricWrapper`] one of a function.
//!
//! Keras's string `"accuracy"` chooses by the target; here the choice is written:
//!
//! | the target is | `metrics=["accuracy"]` is |
//! |---|---|
//! | 0 or 1 | `BinaryAccuracy.named("accuracy")` |
//! | one-hot | `CategoricalAccuracy.named("accuracy")` |
//! | a class id | `SparseCategoricalAccuracy.named("accuracy")` |

mod accuracy;
mod auc;
mod best_under_constraint;
mod confusion;
mod correlation;
mod f1_score;
mod f_beta_score;
mod iou;
mod log_cosh_error;
mod mean;
mod mean_metric_wrapper;
mod precision_and_recall;
mod r2_score;
mod root_mean_squared_error;
mod state;
mod thresholds;
mod top_k_categorical_accuracy;

pub use auc::{AucState, Curve, SummationMethod};
pub use best_under_constraint::ThresholdState;
pub use confusion::{Confusion, Confusions, IntoThresholds};
pub use f_beta_score::{Average, FBetaState};
pub use f1_score::F1State;
pub use iou::IouState;
pub use mean::Mean;
pub use prelude::*;
pub use r2_score::{ClassAggregation, R2State};
pub use state::MetricState;

/// What programs that train have in scope.
#[doc(hidden)]
pub mod prelude {
    pub use super::accuracy::{Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy};
    pub use super::auc::Auc;
    pub use super::best_under_constraint::{PrecisionAtRecall, RecallAtPrecision};
    pub use super::best_under_constraint::{SensitivityAtSpecificity, SpecificityAtSensitivity};
    pub use super::correlation::{ConcordanceCorrelation, PearsonCorrelation};
    pub use super::f_beta_score::FBetaScore;
    pub use super::f1_score::F1Score;
    pub use super::iou::{BinaryIou, Iou, MeanIou, OneHotIou, OneHotMeanIou};
    pub use super::log_cosh_error::LogCoshError;
    pub use super::mean_metric_wrapper::MeanMetricWrapper;
    pub use super::precision_and_recall::{FalseNegatives, FalsePositives, TrueNegatives, TruePositives};
    pub use super::precision_and_recall::{Precision, Recall};
    pub use super::r2_score::R2Score;
    pub use super::root_mean_squared_error::RootMeanSquaredError;
    pub use super::top_k_categorical_accuracy::{SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy};
    pub use super::{MetricName, MetricState};
}

use core::fmt;

use crate::shape::Tensor;

/// A metric on one output: what it computes, without the numbers it has seen, which are its state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no metric for an output of `{Out}`",
    label = "this metric cannot be used here",
    note = "a model with several outputs takes a metric for each by its name, in the struct of the model's name and `Metrics`; `()` for none"
)]
pub trait Metric<Out: Tensor<Element = f32>>: Send + Sync {
    /// What it compares an output with.
    type Target: Copy + Send + Sync + 'static;
    /// What it remembers of the batches it has seen.
    type State: MetricState;

    /// The name in logs and history, Keras's `mean_absolute_error`.
    fn name(&self) -> &'static str;

    /// The same metric of logits instead of probabilities, for a crossentropy: see
    /// [`Loss::of_logits`](crate::losses::Loss::of_logits).
    fn of_logits(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Whether what a sample gives depends on the others of its batch: see [`Loss::by_batch`](crate::losses::Loss::by_batch).
    fn by_batch(&self) -> bool {
        false
    }

    /// Takes in a batch; `weights` are sample weights.
    fn update(&self, state: &mut Self::State, targets: &[Self::Target], predictions: &[Out], weights: Option<&[f32]>);

    /// Takes in a batch of an output with a mask, which has as many numbers for each sample as the output has steps.
    ///
    /// The means leave out the steps that do not count, as Keras's do: losses, and how often predictions match. All
    /// others take in every step.
    fn update_masked(
        &self,
        state: &mut Self::State,
        targets: &[Self::Target],
        predictions: &[Out],
        weights: Option<&[f32]>,
        _mask: Option<&[f32]>,
    ) {
        self.update(state, targets, predictions, weights);
    }

    /// The metric over all batches so far.
    fn result(&self, state: &Self::State) -> f64;

    /// Shows what is added to the name for each of the numbers that the metric gives, in order, where it gives several, as
    /// at several thresholds: `_at_0.3`. By default it gives one, of its own name.
    fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        part(format_args!(""));
    }

    /// Shows as many numbers as there are [parts](Self::parts): by default the [result](Self::result).
    fn results(&self, state: &Self::State, result: &mut dyn FnMut(f64)) {
        result(self.result(state));
    }
}

/// Renames metrics.
///
/// The method stands apart from [`Metric`] because a name does not depend on the output:
/// `MeanAbsoluteError.named("mae")` needs no types. It is there for every type, but only a named
/// metric is a metric.
pub trait MetricName: Sized {
    /// The same metric under another name in logs and history.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::losses::MeanAbsoluteError;
    /// use fusion::metrics::{Metric, MetricName};
    ///
    /// let metric = MeanAbsoluteError.named("mae");
    /// assert_eq!(Metric::<[f32; 1]>::name(&metric), "mae");
    /// ```
    fn named(self, name: &'static str) -> Named<Self> {
        Named { metric: self, name }
    }
}
impl<M> MetricName for M {}

/// A metric under a name of the user's, made by [`MetricName::named`].
#[derive(Clone, Copy, Debug)]
pub struct Named<M> {
    metric: M,
    name: &'static str,
}

impl<Out: Tensor<Element = f32>, M: Metric<Out>> Metric<Out> for Named<M> {
    type Target = M::Target;
    type State = M::State;
    fn name(&self) -> &'static str {
        self.name
    }
    fn of_logits(&self) -> Option<Self> {
        self.metric.of_logits().map(|metric| Self { metric, name: self.name })
    }
    fn by_batch(&self) -> bool {
        self.metric.by_batch()
    }
    fn update(&self, state: &mut Self::State, targets: &[Self::Target], predictions: &[Out], weights: Option<&[f32]>) {
        self.metric.update(state, targets, predictions, weights);
    }
    fn update_masked(
        &self,
        state: &mut Self::State,
        targets: &[Self::Target],
        predictions: &[Out],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        self.metric.update_masked(state, targets, predictions, weights, mask);
    }
    fn result(&self, state: &Self::State) -> f64 {
        self.metric.result(state)
    }
    fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        self.metric.parts(part);
    }
    fn results(&self, state: &Self::State, result: &mut dyn FnMut(f64)) {
        self.metric.results(state, result);
    }
}
