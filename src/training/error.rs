//! Why training stops.

use std::fmt;

use fusion_core::InputError;
use fusion_core::losses::TargetError;
use fusion_core::model::PredictError;
use fusion_core::optimizers::OptimizerError;

use super::history::History;
use crate::similar::nearest;

/// Why `fit`, `evaluate` or `train_on_batch` did not do what it was asked for.
///
/// All but [`TrainError::LossNotFinite`], [`TrainError::GradientNotFinite`], [`TrainError::WeightsWereNotFinite`],
/// [`TrainError::WeightsNotFinite`] and [`TrainError::Batch`] are found before any weight changes. Where one of these ends
/// a `fit`, callbacks have finished as they do otherwise, so that the best weights are restored where that was asked for,
/// and [`TrainError::history`] has the epochs before it.
///
/// ```
/// use fusion::prelude::*;
///
/// model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// let mut tiny = Tiny::new(1);
/// let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).verbose(false);
/// let error = trainer.fit(&[[1.0, f32::NAN]], &[[3.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "input `input` is NaN or infinite at position 1 of sample 0");
/// // `fn main() -> Result<(), Box<dyn Error>>` shows an error by its `Debug`, which is the same text.
/// assert_eq!(format!("{error:?}"), error.to_string());
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum TrainError {
    /// There are no samples.
    NoSamples,
    /// Two inputs have different numbers of samples.
    SampleCounts {
        /// The first input's name and count.
        first: (&'static str, usize),
        /// The other input's name and count.
        other: (&'static str, usize),
    },
    /// There is not one target for each sample.
    TargetCount {
        /// The output's name.
        output: &'static str,
        /// How many targets there are for it.
        targets: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// There is not one sample weight for each sample.
    SampleWeightCount {
        /// The output that they are for; none where they are for all outputs alike.
        output: Option<&'static str>,
        /// How many weights there are.
        weights: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// The batch size is 0.
    BatchSize,
    /// There are to be no epochs, or an epoch no steps.
    Zero {
        /// The method that was given 0, as `epochs`.
        option: &'static str,
    },
    /// The learning rate is NaN, infinite or below 0.
    LearningRate {
        /// What it is.
        learning_rate: f32,
    },
    /// The optimizer has an option that cannot be.
    OptimizerOptions(OptimizerError),
    /// A metric has a name that the logs of validation data have.
    MetricName {
        /// The name.
        name: String,
    },
    /// The validation split is not between 0 and 1, or leaves no sample to train or to validate on.
    ValidationSplit {
        /// The split that was asked for.
        split: f64,
        /// How many samples there are.
        samples: usize,
    },
    /// An input has an id that is out of range.
    Input {
        /// The input's name.
        name: &'static str,
        /// Which id, and where.
        error: InputError,
    },
    /// An input is NaN or infinite.
    InputNotFinite {
        /// The input's name.
        name: &'static str,
        /// The sample, from 0.
        sample: usize,
        /// The position within the sample, from 0.
        position: usize,
    },
    /// A target is NaN, infinite, out of range, or else none that the loss can take.
    Target {
        /// The output's name.
        output: &'static str,
        /// Which target, and why.
        error: TargetError,
    },
    /// An output has a mask, and its loss cannot leave steps out.
    LossOfMask {
        /// The output's name.
        output: &'static str,
    },
    /// A sample weight is NaN or infinite.
    SampleWeightNotFinite {
        /// The output that it is for; none where it is for all outputs alike.
        output: Option<&'static str>,
        /// The sample, from 0.
        sample: usize,
    },
    /// What a class counts is NaN or infinite.
    ClassWeightNotFinite {
        /// The output.
        output: &'static str,
        /// The class, from 0.
        class: usize,
    },
    /// Classes are to count differently, and a target is no class.
    NoClass {
        /// The output.
        output: &'static str,
        /// The sample, from 0.
        sample: usize,
    },
    /// Something is wrong with a batch of `fit_batches`. The steps before it were made.
    Batch {
        /// The epoch of this `fit`, from 1; none in a validation.
        epoch: Option<usize>,
        /// Which batch of the epoch it is, from 1.
        batch: usize,
        /// What is wrong.
        error: Box<TrainError>,
        /// The epochs before.
        history: Option<Box<History>>,
    },
    /// What gives the batches could not give one.
    Reader {
        /// Its words.
        message: String,
    },
    /// Something is wrong with the data given to `validation_data`.
    Validation(Box<TrainError>),
    /// A callback watches what is not logged.
    UnknownMonitor {
        /// What it watches.
        monitor: String,
        /// What is logged.
        known: Vec<String>,
    },
    /// Whether the smaller or the larger value is the better one cannot be told by the name.
    UnknownDirection {
        /// What the callback watches.
        monitor: String,
    },
    /// What a callback of the user's found wrong before training.
    Callback {
        /// Its words.
        message: String,
    },
    /// The loss became NaN or infinite. The weights are as they were before that step, or, after `fit`, as callbacks
    /// left them in the end.
    LossNotFinite {
        /// The epoch of this `fit`, from 1; none in `train_on_batch`.
        epoch: Option<usize>,
        /// The step, from 1: of the epoch, or of all steps so far in `train_on_batch`.
        step: u64,
        /// The loss of the samples that went through together.
        loss: f64,
        /// The first sample whose loss is no number, from 0: among all that were given, in `train_on_batch` in the
        /// batch. None where only their sum is none.
        sample: Option<usize>,
        /// The first layer whose output is NaN or infinite; none where the outputs are finite and the loss is not.
        layer: Option<&'static str>,
        /// Which weights a callback gave the model in the end, if one did.
        restored: Option<String>,
        /// The epochs before.
        history: Option<Box<History>>,
    },
    /// The loss is NaN or infinite, and weights were so before that step.
    WeightsWereNotFinite {
        /// The first parameter that has such a number, as in `scale/mean`.
        parameter: String,
        /// The loss of the samples that went through together, or in `evaluate` of all.
        loss: f64,
        /// The epochs before.
        history: Option<Box<History>>,
    },
    /// A panic ended an earlier step while it moved the weights, as one in an optimizer of the user's. Some weights are
    /// those from before it and some those from after it.
    Panicked,
    /// A gradient is NaN or infinite, although the loss is finite, or it is one that was to be applied. The weights are as
    /// they were before that step, or, after `fit`, as callbacks left them in the end.
    GradientNotFinite {
        /// The epoch of this `fit`, from 1; none in `train_on_batch` and `apply`.
        epoch: Option<usize>,
        /// The step, from 1: of the epoch, or of all steps so far in `train_on_batch` and `apply`.
        step: u64,
        /// The first parameter whose gradient has such a number.
        parameter: String,
        /// Which weights a callback gave the model in the end, if one did.
        restored: Option<String>,
        /// The epochs before.
        history: Option<Box<History>>,
    },
    /// Training ended with weights that are NaN or infinite.
    WeightsNotFinite {
        /// The first parameter that has such a number, as in `dense/kernel`.
        parameter: String,
        /// The epochs that there were.
        history: Option<Box<History>>,
    },
}

impl TrainError {
    /// An optimizer's mistake, and which name may be meant where it is one of a name.
    pub(super) fn of_optimizer(mut error: OptimizerError) -> Self {
        if let OptimizerError::UnknownName { name, known, similar, .. } = &mut error {
            *similar = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        }
        Self::OptimizerOptions(error)
    }

    /// The losses and metrics of the epochs before the error, where it ended a `fit` that had begun.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
    /// let mut tiny = Tiny::new(1);
    /// let mut trainer = Trainer::new(&mut tiny, Sgd::new(1e4), MeanSquaredError).epochs(100).verbose(false);
    /// let error = trainer.fit(&[[1.0], [2.0]], &[[3.0], [4.0]]).unwrap_err();
    /// let history = error.history().unwrap();
    /// assert!(history.epochs() > 2);
    /// assert!(history["loss"][1] > history["loss"][0]);
    /// ```
    #[must_use]
    pub fn history(&self) -> Option<&History> {
        match self {
            Self::Batch { history, .. }
            | Self::LossNotFinite { history, .. }
            | Self::GradientNotFinite { history, .. }
            | Self::WeightsWereNotFinite { history, .. }
            | Self::WeightsNotFinite { history, .. } => history.as_deref(),
            _ => None,
        }
    }

    /// The same with the epochs before, and with what callbacks did in the end, where it has a place for them.
    pub(super) fn after(mut self, epochs: History, ended: Option<String>) -> Self {
        if let Self::LossNotFinite { restored, .. } | Self::GradientNotFinite { restored, .. } = &mut self {
            *restored = ended;
        }
        if let Self::Batch { history, .. }
        | Self::LossNotFinite { history, .. }
        | Self::GradientNotFinite { history, .. }
        | Self::WeightsWereNotFinite { history, .. }
        | Self::WeightsNotFinite { history, .. } = &mut self
        {
            *history = Some(Box::new(epochs));
        }
        self
    }
}

fusion_core::debug_is_display!(TrainError);

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSamples => f.write_str("there are no samples"),
            Self::SampleCounts { first, other } => {
                write!(f, "{}", PredictError::SampleCounts { first: *first, other: *other })
            }
            Self::TargetCount { output, targets, samples } => {
                let targets = counted(*targets, "target");
                write!(f, "there are {}, but {targets} for the output `{output}`", counted(*samples, "sample"))
            }
            Self::SampleWeightCount { output, weights, samples } => {
                let (samples, weights) = (counted(*samples, "sample"), counted(*weights, "sample weight"));
                write!(f, "there are {samples}, but {weights}{}", for_output(*output))
            }
            Self::BatchSize => f.write_str("the batch size is 0; it must be at least 1"),
            Self::Zero { option } => write!(f, "`{option}` is 0; it must be at least 1"),
            Self::LearningRate { learning_rate } => {
                write!(f, "the learning rate is {learning_rate}; it must be a number of at least 0")
            }
            Self::OptimizerOptions(error) => write!(f, "{error}"),
            Self::MetricName { name } => write!(
                f,
                "a metric cannot be called `{name}`: `val_…` are the logs of validation data; `.named(…)` gives it another name"
            ),
            Self::ValidationSplit { split, samples } => fmt_split(f, *split, *samples),
            Self::Input { name, error } => write!(f, "input `{name}`: {error}"),
            Self::InputNotFinite { name, sample, position } => {
                write!(f, "input `{name}` is NaN or infinite at position {position} of sample {sample}")
            }
            Self::Target { output, error } => write!(f, "output `{output}`: {error}"),
            Self::LossOfMask { output } => write!(
                f,
                "the output `{output}` has a mask, and its loss takes whole samples, so that it cannot leave steps out; \
                 let the loss take steps (`Loss::by_step`), or end the mask before the output, as `Flatten` does"
            ),
            Self::SampleWeightNotFinite { output, sample } => {
                write!(f, "the weight of sample {sample}{} is NaN or infinite", for_output(*output))
            }
            Self::ClassWeightNotFinite { output, class } => {
                write!(f, "output `{output}`: the weight of class {class} is NaN or infinite")
            }
            Self::NoClass { output, sample } => write!(
                f,
                "output `{output}`: the target of sample {sample} is no class that `class_weight` could weigh: \
                 classes are ids, whole numbers from 0, or one-hot rows"
            ),
            Self::Batch { epoch, batch, error, .. } => {
                epoch.map_or(Ok(()), |epoch| write!(f, "epoch {epoch}, "))?;
                write!(f, "batch {batch}: {error}")
            }
            Self::Reader { message } => f.write_str(message),
            Self::Validation(error) => write!(f, "validation data: {error}"),
            Self::UnknownMonitor { monitor, known } => {
                write!(f, "a callback watches `{monitor}`, which is not logged; there are: {}", known.join(", "))?;
                if monitor.starts_with("val_") && !known.iter().any(|known| known.starts_with("val_")) {
                    f.write_str(" (there is no validation: add `.validation_split(0.2)` or `.validation_data(..)`)")?;
                }
                Ok(())
            }
            Self::UnknownDirection { monitor } => {
                write!(
                    f,
                    "whether `{monitor}` is better when it is smaller or larger cannot be told by its name; add `.mode(Mode::Min)` or `.mode(Mode::Max)` to the callback"
                )
            }
            Self::Callback { message } => f.write_str(message),
            Self::LossNotFinite { epoch, step, loss, sample, layer, restored, .. } => {
                write!(f, "the loss became {loss}")?;
                fmt_step(f, *epoch, *step)?;
                sample.map_or(Ok(()), |sample| write!(f, ", at sample {sample}"))?;
                layer
                    .map_or(Ok(()), |layer| write!(f, ", where `{layer}` is the first layer to give such a number"))?;
                write!(f, "; {} ({HELP})", restored.as_deref().unwrap_or(UNCHANGED))
            }
            Self::WeightsWereNotFinite { parameter, loss, .. } if loss.is_finite() => {
                write!(f, "`{parameter}` has NaN or infinite numbers, although the loss is {loss}")
            }
            Self::WeightsWereNotFinite { parameter, loss, .. } => {
                write!(f, "the loss is {loss} because `{parameter}` already had NaN or infinite numbers")
            }
            Self::Panicked => f.write_str(
                "a panic ended an earlier step while it moved the weights, so that the model is half of one step and half of \
                 another; load what `Trainer::save` has kept, or train a model anew",
            ),
            Self::GradientNotFinite { epoch, step, parameter, restored, .. } => {
                write!(f, "the gradient of `{parameter}` became NaN or infinite")?;
                fmt_step(f, *epoch, *step)?;
                write!(f, "; {} ({HELP})", restored.as_deref().unwrap_or(UNCHANGED))
            }
            Self::WeightsNotFinite { parameter, .. } => {
                write!(f, "the last step made `{parameter}` NaN or infinite, and the model cannot be used ({HELP})")
            }
        }
    }
}

const UNCHANGED: &str = "the weights are as they were before that step";
const HELP: &str = "a smaller learning rate or the optimizer's `clipnorm` often helps";

/// Of which output something is, where it is not of all.
fn for_output(output: Option<&str>) -> String {
    output.map_or_else(String::new, |output| format!(" for the output `{output}`"))
}

fn fmt_step(f: &mut fmt::Formatter<'_>, epoch: Option<usize>, step: u64) -> fmt::Result {
    match epoch {
        Some(epoch) => write!(f, " in epoch {epoch}, step {step}"),
        None => write!(f, " in step {step}"),
    }
}

/// `1 target`, `2 targets`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn fmt_split(f: &mut fmt::Formatter<'_>, split: f64, samples: usize) -> fmt::Result {
    if split > 0.0 && split < 1.0 {
        write!(
            f,
            "a validation split of {split} leaves nothing to train or to validate on: there are {}",
            counted(samples, "sample")
        )
    } else {
        write!(f, "the validation split is {split}; it must be above 0 and below 1")
    }
}

impl std::error::Error for TrainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Input { error, .. } => Some(error),
            Self::Target { error, .. } => Some(error),
            Self::Batch { error, .. } => Some(error),
            Self::Validation(error) => Some(error),
            Self::OptimizerOptions(error) => Some(error),
            _ => None,
        }
    }
}
