//! Flat data as samples.

use core::fmt;

use crate::shape::{Shape, Tensor};

/// Flat data as a batch of samples, without copying: `rows::<[[[f32; 1]; 28]; 28]>(&flat)?`.
///
/// # Errors
/// When the data does not fill whole samples.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::model::rows;
/// let flat = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// assert_eq!(rows::<[f32; 3]>(&flat)?, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(rows::<[f32; 4]>(&flat).unwrap_err().to_string(), "6 numbers do not fill whole samples of [4], 4 numbers each: 2 are left over");
/// # Ok::<(), fusion::model::RowsError>(())
/// ```
pub fn rows<T: Tensor>(flat: &[T::Element]) -> Result<&[T], RowsError> {
    let length = T::SHAPE.length();
    if length == 0 || !flat.len().is_multiple_of(length) {
        return Err(RowsError { found: flat.len(), shape: T::SHAPE });
    }
    Ok(T::rows(flat))
}

/// Flat data that does not fill whole samples.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RowsError {
    found: usize,
    shape: Shape,
}

impl fmt::Display for RowsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (found, shape, length) = (self.found, self.shape, self.shape.length());
        write!(f, "{found} numbers do not fill whole samples of {shape}, {length} numbers each")?;
        if length > 0 {
            write!(f, ": {} are left over", found % length)?;
        }
        Ok(())
    }
}
crate::debug_is_display!(RowsError);
impl core::error::Error for RowsError {}
