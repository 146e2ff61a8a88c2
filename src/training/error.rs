//! Why training stops.

use std::fmt;

use fusion_core::InputError;
use fusion_core::losses::TargetError;
use fusion_core::model::PredictError;
use fusion_core::optimizers::OptimizerError;

use crate::similar::nearest;

/// Why `fit`, `evaluate` or `train_on_batch` did not do what it was asked for.
///
/// All but [`TrainError::LossNotFinite`], [`TrainError::WeightsWereNotFinite`] and [`TrainError::WeightsNotFinite`] are found before any weight changes.
///
/// ```
/// use fusion::prelude::*;
///
/// model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// let mut tiny = Tiny::new(1);
/// let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).verbose(false);
/// let error = trainer.fit(&[[1.0, f32::NAN]], &[[3.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "input `input` is NaN or infinite at position 1 of sample 0");
/// ```
#[derive(Clone, PartialEq, Debug)]
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
    /// A target is NaN, infinite or out of range.
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
    /// The loss became NaN or infinite. The weights are as they were before that step.
    LossNotFinite {
        /// The epoch of this `fit`, from 1; none in `train_on_batch`.
        epoch: Option<usize>,
        /// The step, from 1: of the epoch, or of all steps so far in `train_on_batch`.
        step: u64,
        /// The batch's loss.
        loss: f64,
    },
    /// The loss became NaN or infinite, and weights were so before that step.
    WeightsWereNotFinite {
        /// The first parameter that has such a number, as in `scale/mean`.
        parameter: String,
        /// The batch's loss.
        loss: f64,
    },
    /// Training ended with weights that are NaN or infinite.
    WeightsNotFinite {
        /// The first parameter that has such a number, as in `dense/kernel`.
        parameter: String,
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
}

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
            Self::LossNotFinite { epoch, step, loss } => {
                write!(f, "the loss became {loss} ")?;
                match epoch {
                    Some(epoch) => write!(f, "in epoch {epoch}, step {step}")?,
                    None => write!(f, "in step {step}")?,
                }
                f.write_str("; the weights are as they were before that step (a smaller learning rate often helps)")
            }
            Self::WeightsWereNotFinite { parameter, loss } => {
                write!(
                    f,
                    "the loss is {loss} because `{parameter}` has NaN or infinite numbers already, before the step"
                )
            }
            Self::WeightsNotFinite { parameter } => write!(
                f,
                "the last step made `{parameter}` NaN or infinite, and the model cannot be used (a smaller learning rate often helps)"
            ),
        }
    }
}

/// Of which output something is, where it is not of all.
fn for_output(output: Option<&str>) -> String {
    output.map_or_else(String::new, |output| format!(" for the output `{output}`"))
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
            Self::Validation(error) => Some(error),
            Self::OptimizerOptions(error) => Some(error),
            _ => None,
        }
    }
}
