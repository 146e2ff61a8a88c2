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
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum OptimizerError {
    /// An option is NaN, infinite or out of its range.
    Value {
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
        Err(Self::Value { option, value, from, to })
    }
}

impl fmt::Display for OptimizerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { option, value, from, to } => {
                write!(f, "the optimizer's `{option}` is {value}; it must be a number")?;
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
        }
    }
}

crate::debug_is_display!(OptimizerError);
impl core::error::Error for OptimizerError {}
