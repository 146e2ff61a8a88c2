//! What the layers share that are adapted to data before training.

use core::fmt;

#[cfg(feature = "alloc")]
use crate::kernels::first_not_finite;
use crate::shape::Shape;
#[cfg(feature = "alloc")]
use crate::shape::Tensor;

/// Why a layer could not be adapted to data; it is then as it was.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Normalization;
/// let mut layer: Normalization<2> = Normalization { mean: [0.0; 2], variance: [1.0; 2] };
/// let error = layer.adapt(&[[1.0, 2.0], [3.0, f32::NAN]]).unwrap_err();
/// assert_eq!(error.to_string(), "row 1, column 1 of the data is NaN; fill the gap or leave the row out before `adapt`");
/// ```
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum AdaptError {
    /// There are no rows.
    NoRows,
    /// A number is NaN or infinite.
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The place within the row, from 0, as if it were flat.
        position: usize,
        /// The shape of a row.
        shape: Shape,
        /// What stands there.
        value: f32,
    },
}

impl fmt::Display for AdaptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::NotFinite { row, mut position, shape, value } = *self else {
            return f.write_str("there are no rows to adapt to");
        };
        write!(f, "row {row}")?;
        if shape.rank() == 1 {
            write!(f, ", column {position}")?;
        } else if shape.rank() > 1 {
            let mut places = [0; Shape::MAXIMUM_RANK];
            for axis in (0..shape.rank()).rev() {
                places[axis] = position % shape.dim(axis);
                position /= shape.dim(axis);
            }
            write!(f, ", place {:?}", &places[..shape.rank()])?;
        }
        write!(f, " of the data is {value}; fill the gap or leave the row out before `adapt`")
    }
}

crate::debug_is_display!(AdaptError);
impl core::error::Error for AdaptError {}

/// The numbers of rows, if there are any and all are finite.
#[cfg(feature = "alloc")]
pub(super) fn finite<In: Tensor>(rows: &[In]) -> Result<&[f32], AdaptError> {
    let numbers = In::numbers(rows);
    if rows.is_empty() {
        return Err(AdaptError::NoRows);
    }
    let Some(index) = first_not_finite(numbers) else { return Ok(numbers) };
    let (length, shape) = (In::SHAPE.length().max(1), In::SHAPE);
    Err(AdaptError::NotFinite { row: index / length, position: index % length, shape, value: numbers[index] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_told_in_every_shape() {
        assert_eq!(finite(&[[1.0, 2.0]]), Ok(&[1.0, 2.0][..]));
        let text = |error: Result<&[f32], AdaptError>| error.unwrap_err().to_string();
        assert_eq!(text(finite::<f32>(&[])), "there are no rows to adapt to");
        let rest = "of the data is inf; fill the gap or leave the row out before `adapt`";
        assert_eq!(text(finite(&[0.0, f32::INFINITY])), format!("row 1 {rest}"));
        assert_eq!(text(finite(&[[0.0; 3], [0.0, 0.0, f32::INFINITY]])), format!("row 1, column 2 {rest}"));
        let last = [[[0.0; 2]; 3], [[0.0; 2], [0.0; 2], [f32::INFINITY, 0.0]]];
        assert_eq!(text(finite(&last)), format!("row 1, place [2, 0] {rest}"));
    }
}
