use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Bound, RangeBounds};

/// What is wrong with an optimizer's options.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{Adam, Optimizer};
///
/// let error = Adam::default().clipnorm(-1.0).check().unwrap_err();
/// assert_eq!(error.to_string(), "the optimizer's `clipnorm` is -1; it must be a number above 0");
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum OptimizerError {
    /// An option is NaN, infinite or out of its range.
    Value {
        /// The schedule whose option it is; none for the optimizer's own.
        schedule: Option<&'static str>,
        /// The option's name.
        option: &'static str,
        /// What it is.
        value: f64,
        /// What it must be at least, or above.
        from: Bound<f64>,
        /// What it must be at most, or below.
        to: Bound<f64>,
    },
    /// Two options are given, and only one of them can be.
    Both {
        /// The names of both.
        options: [&'static str; 2],
    },
    /// An option names what the model does not have.
    UnknownName {
        /// The option's name.
        option: &'static str,
        /// What it names.
        name: String,
        /// The layers and the names of arrays that there are.
        known: Vec<String>,
        /// The one of them that may be meant.
        similar: Option<String>,
    },
    /// The boundaries of a `PiecewiseConstantDecay` do not rise, or are not one less than its values.
    Boundaries {
        /// The boundaries.
        boundaries: Vec<u64>,
        /// How many values there are.
        values: usize,
    },
}

impl OptimizerError {
    /// An error unless an option is a finite number of this range.
    ///
    /// # Errors
    /// [`OptimizerError::Value`], if it is not.
    pub fn unless_within(option: &'static str, value: f64, range: impl RangeBounds<f64>) -> Result<(), Self> {
        // What counts is the number that the arithmetic has: one too small for an `f32` is zero in it.
        let seen = f64::from(value as f32);
        if seen.is_finite() && range.contains(&seen) {
            return Ok(());
        }
        let [from, to] = [range.start_bound(), range.end_bound()].map(|bound| bound.cloned());
        Err(Self::Value { schedule: None, option, value, from, to })
    }

    /// The same of a schedule's option.
    pub(super) fn of_schedule(mut self, name: &'static str) -> Self {
        if let Self::Value { schedule, .. } = &mut self {
            *schedule = Some(name);
        }
        self
    }
}

impl fmt::Display for OptimizerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { schedule, option, value, from, to } => {
                match schedule {
                    None => write!(f, "the optimizer's `{option}`")?,
                    Some(schedule) => write!(f, "the `{option}` of `{schedule}`")?,
                }
                write!(f, " is {value}; it must be a number")?;
                match from {
                    Bound::Included(least) => write!(f, " of at least {least}")?,
                    Bound::Excluded(below) => write!(f, " above {below}")?,
                    Bound::Unbounded => {}
                }
                match to {
                    Bound::Included(most) => write!(f, " and at most {most}"),
                    Bound::Excluded(above) => write!(f, " and below {above}"),
                    Bound::Unbounded => Ok(()),
                }
            }
            Self::Both { options: [first, second] } => {
                write!(f, "the optimizer has both `{first}` and `{second}`; it can have one of them")
            }
            Self::UnknownName { option, name, known, similar } => {
                write!(f, "the optimizer's `{option}` names `{name}`, which is no layer and no weight of the model; ")?;
                match similar {
                    Some(similar) => write!(f, "did you mean `{similar}`?"),
                    None => write!(f, "there are: {}", known.join(", ")),
                }
            }
            Self::Boundaries { boundaries, values } if *values != boundaries.len() + 1 => write!(
                f,
                "`PiecewiseConstantDecay` has {} boundaries and {values} values; there must be one value more than \
                 boundaries",
                boundaries.len()
            ),
            Self::Boundaries { boundaries, .. } => {
                write!(f, "the boundaries of `PiecewiseConstantDecay` are {boundaries:?}; each must be above the last")
            }
        }
    }
}

crate::debug_is_display!(OptimizerError);
impl core::error::Error for OptimizerError {}
