//! A model with its weights, in the program.

use core::fmt;
use core::ops::Deref;

use super::error::WeightsError;
use super::golden::{SelfTestError, extras_fit, self_test};
use super::header::Header;
use super::load::{assign, checked};
use crate::model::{IntoInput, Network, PredictError, try_one};
use crate::shape::{Text, same_bytes as same, zeroed};

/// A model whose weights are in the program's read-only memory, as `include_weights!` makes it: it does all that a model
/// does that is not changed.
pub struct Included<N> {
    model: N,
    golden: &'static [f32],
    ranges: &'static [f32],
}

impl<N> Deref for Included<N> {
    type Target = N;
    #[inline]
    fn deref(&self) -> &N {
        &self.model
    }
}

impl<N: Network> Included<N> {
    /// Predicts the golden samples of the file and compares; gives the largest difference. It takes what `predict`
    /// takes, and nothing else: a program calls it once, when it starts.
    ///
    /// A difference is that of two numbers, as a part of the expected one where that is greater than 1. Other processors
    /// add in another order: `1e-5` is what models of a few layers keep to.
    ///
    /// # Errors
    /// [`SelfTestError::Differs`] names the first number that differs by more than `tolerance`;
    /// [`SelfTestError::NoSamples`] if the file has none.
    pub fn self_test(&self, tolerance: f32) -> Result<f32, SelfTestError> {
        self_test(&self.model, self.golden, tolerance)
    }

    /// The output for one sample, `&x`, `(&a, &b)` or the inputs by name, if the model was made for it: each number lies between the smallest and the largest of
    /// its place that the file knows, or at most `margin` times their distance outside. A `margin` of 0.1 is a tenth.
    ///
    /// A file without ranges refuses NaN and infinities alone.
    ///
    /// # Errors
    /// [`CheckedError`] names the input, the position in it, the value and what it may be.
    pub fn predict_checked<'a>(&self, sample: impl IntoInput<'a, N>, margin: f32) -> Result<N::Output, CheckedError> {
        let operands = N::one(sample.into_input());
        let mut ranges = self.ranges;
        for (wire, operand) in N::GRAPH.inputs.iter().zip(operands.as_ref()) {
            let (lows, rest) = ranges.split_at_checked(wire.shape.length()).unwrap_or_default();
            let (highs, rest) = rest.split_at_checked(wire.shape.length()).unwrap_or_default();
            ranges = rest;
            for (position, value) in operand.numbers.iter().copied().enumerate() {
                if !value.is_finite() {
                    return Err(CheckedError::NotFinite { input: wire.name, position, value });
                }
                let (Some(low), Some(high)) = (lows.get(position).copied(), highs.get(position).copied()) else {
                    continue;
                };
                let more = margin * (high - low);
                if value < low - more || value > high + more {
                    return Err(CheckedError::OutOfRange { input: wire.name, position, value, low, high });
                }
            }
            let ids = operand.ids.iter().copied().zip(lows.iter().zip(highs));
            for (position, (id, (low, high))) in ids.enumerate() {
                let (low, high) = (low.to_bits(), high.to_bits());
                if id < low || id > high {
                    return Err(CheckedError::IdOutOfRange { input: wire.name, position, id, low, high });
                }
            }
        }
        try_one(&self.model, &operands).map_err(CheckedError::Predict)
    }
}

/// Why a sample was refused.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum CheckedError {
    /// A value is NaN or infinite.
    NotFinite {
        /// The input's name.
        input: &'static str,
        /// The place among its numbers, from 0.
        position: usize,
        /// The value.
        value: f32,
    },
    /// A value is outside of what the model was made for.
    OutOfRange {
        /// The input's name.
        input: &'static str,
        /// The place among its numbers, from 0.
        position: usize,
        /// The value.
        value: f32,
        /// The smallest value seen there.
        low: f32,
        /// The largest value seen there.
        high: f32,
    },
    /// An id is outside of what the model was made for; for ids there is no margin.
    IdOutOfRange {
        /// The input's name.
        input: &'static str,
        /// The place among its ids, from 0.
        position: usize,
        /// The id.
        id: u32,
        /// The smallest id seen there.
        low: u32,
        /// The largest id seen there.
        high: u32,
    },
    /// Another thing that the model cannot take, such as an id that is out of range.
    Predict(PredictError),
}

impl fmt::Display for CheckedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { input, position, value } => write!(f, "input `{input}`: {value} at position {position}"),
            Self::OutOfRange { input, position, value, low, high } => {
                write!(f, "input `{input}`: {value} at position {position} is not what the model was made for, ")?;
                write!(f, "which is {low} to {high} there")
            }
            Self::IdOutOfRange { input, position, id, low, high } => {
                write!(f, "input `{input}`: the id {id} at position {position} is not what the model was made for, ")?;
                write!(f, "which is {low} to {high} there")
            }
            Self::Predict(error) => error.fmt(f),
        }
    }
}
crate::debug_is_display!(CheckedError);
impl core::error::Error for CheckedError {}

/// The model with the weights of a file, computed by the compiler: what is wrong is an error of compilation where this is
/// called.
///
/// `not_finite` are the numbers behind the header that are none, or would be if they were no ids.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn included<N: Network>(
    bytes: &[u8],
    path: &str,
    not_finite: &[usize],
    golden: &'static [f32],
    ranges: &'static [f32],
) -> Included<N> {
    match fitting::<N>(bytes, not_finite) {
        Ok(file) => {
            let mut model: N = zeroed();
            assign(&mut model, &file);
            Included { model, golden, ranges }
        }
        Err(error) => {
            let text = error.text(Text::new("`").and(path).and("` "));
            panic!("{}", error.advice(text, N::GRAPH.name).as_str())
        }
    }
}

/// A file that the model can be made of.
const fn fitting<'b, N: Network>(bytes: &'b [u8], not_finite: &[usize]) -> Result<Header<'b>, WeightsError> {
    let file = match checked::<N>(bytes) {
        Ok(file) => file,
        Err(error) => return Err(error),
    };
    if let Err(error) = extras_fit::<N>(&file) {
        return Err(error);
    }
    let mut index = 0;
    while index < not_finite.len() {
        let (number, mut tensors) = (not_finite[index], file.tensors());
        while let Some(stored) = tensors.next() {
            let (begin, end) = (stored.begin / size_of::<f32>(), stored.end / size_of::<f32>());
            if begin <= number && number < end && same(stored.dtype.bytes(), b"F32") {
                return Err(WeightsError::NotFinite { tensor: stored.name.shown(), position: number - begin });
            }
        }
        index += 1;
    }
    Ok(file)
}
