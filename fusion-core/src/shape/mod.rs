//! Shapes and tensors, as constants that the compiler computes with.

mod fnv;
mod plain;
mod tensor;
mod text;

#[doc(hidden)]
pub use fnv::Fnv;
pub use plain::{Plain, copy_plain, zeroed};
pub(crate) use plain::{floats_of, value_in, value_in_mut, zeroed_in};
#[cfg(feature = "alloc")]
pub use plain::{zeroed_box, zeroed_vec};
pub(crate) use tensor::numbers_of;
pub use tensor::{Element, ElementType, OfShape, Tensor};
pub use text::Text;
pub(crate) use text::same_bytes;

/// The shape of one sample or of one array of weights, without the batch: at most six dimensions.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::Shape;
/// const IMAGE: Shape = Shape::new(&[28, 28, 1]);
/// assert_eq!(IMAGE.length(), 784);
/// assert_eq!((IMAGE.rank(), IMAGE.dim(0), IMAGE.last()), (3, 28, 1));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    rank: usize,
    /// Those past the rank are 1.
    dims: [usize; MAXIMUM_RANK],
}

/// A field's length is an item of its own here: rust-analyzer computes no associated constant in a field's type, and
/// then no shape.
pub(crate) const MAXIMUM_RANK: usize = 6;

impl Shape {
    /// The most dimensions that a shape may have.
    pub const MAXIMUM_RANK: usize = MAXIMUM_RANK;

    /// The shape of a single number.
    pub const SCALAR: Self = Self { rank: 0, dims: [1; Self::MAXIMUM_RANK] };

    /// A shape of these dimensions.
    ///
    /// # Panics
    /// When there are more than six.
    #[must_use]
    pub const fn new(dimensions: &[usize]) -> Self {
        assert!(dimensions.len() <= Self::MAXIMUM_RANK, "a shape has at most six dimensions");
        let mut shape = Self::SCALAR;
        while shape.rank < dimensions.len() {
            shape.dims[shape.rank] = dimensions[shape.rank];
            shape.rank += 1;
        }
        shape
    }

    /// How many dimensions there are, 0 to 6.
    #[must_use]
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The dimension of this index, from 0; 1 for one past the rank.
    #[must_use]
    pub const fn dim(&self, index: usize) -> usize {
        if index < self.rank { self.dims[index] } else { 1 }
    }

    /// The dimensions.
    #[must_use]
    #[inline]
    pub const fn dimensions(&self) -> &[usize] {
        self.dims.split_at(self.rank).0
    }

    /// The last dimension: the number of features, or an image's channels.
    #[must_use]
    #[inline]
    pub const fn last(&self) -> usize {
        if self.rank == 0 { 1 } else { self.dims[self.rank - 1] }
    }

    /// The same shape with another dimension at this index.
    ///
    /// # Panics
    /// When the index is not below the rank.
    #[must_use]
    pub const fn with_dim(mut self, index: usize, dimension: usize) -> Self {
        assert!(index < self.rank, "a dimension past the rank");
        self.dims[index] = dimension;
        self
    }

    /// The same shape with another last dimension; of a single number, a vector.
    #[must_use]
    pub const fn with_last(mut self, features: usize) -> Self {
        if self.rank == 0 {
            self.rank = 1;
        }
        self.dims[self.rank - 1] = features;
        self
    }

    /// This shape with one more dimension at its end; none where there is no room.
    #[must_use]
    pub const fn append(mut self, dimension: usize) -> Option<Self> {
        if self.rank == Self::MAXIMUM_RANK {
            return None;
        }
        self.dims[self.rank] = dimension;
        self.rank += 1;
        Some(self)
    }

    /// This shape behind one more leading dimension; none where there is no room.
    #[must_use]
    pub const fn prepend(&self, dimension: usize) -> Option<Self> {
        if self.rank == Self::MAXIMUM_RANK {
            return None;
        }
        let mut shape = Self { rank: self.rank + 1, dims: [1; Self::MAXIMUM_RANK] };
        shape.dims[0] = dimension;
        let mut i = 0;
        while i < self.rank {
            shape.dims[i + 1] = self.dims[i];
            i += 1;
        }
        Some(shape)
    }

    /// How many numbers one sample has; none where memory cannot hold so many.
    #[must_use]
    #[inline]
    pub const fn checked_length(&self) -> Option<usize> {
        let (mut length, mut i) = (1_usize, 0);
        while i < self.rank {
            length = match length.checked_mul(self.dims[i]) {
                Some(length) => length,
                None => return None,
            };
            i += 1;
        }
        if length <= isize::MAX as usize / size_of::<f32>() { Some(length) } else { None }
    }

    /// How many numbers one sample has; 0 where memory cannot hold so many, which the compiler reports
    /// at the input or the layer that has this shape.
    #[must_use]
    #[inline]
    pub const fn length(&self) -> usize {
        match self.checked_length() {
            Some(length) => length,
            None => 0,
        }
    }

    /// How many vectors of [`Shape::last`] numbers one sample has.
    #[must_use]
    #[inline]
    pub const fn positions(&self) -> usize {
        if self.last() == 0 { 0 } else { self.length() / self.last() }
    }

    /// Whether both have the same dimensions, in a constant.
    #[must_use]
    pub const fn equals(&self, other: &Self) -> bool {
        let mut i = 0;
        while i < Self::MAXIMUM_RANK {
            if self.dims[i] != other.dims[i] {
                return false;
            }
            i += 1;
        }
        self.rank == other.rank
    }
}

impl core::fmt::Display for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}", self.dimensions())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_come_at_both_ends() {
        let shape = Shape::new(&[3, 4]);
        assert_eq!(shape.append(5), Some(Shape::new(&[3, 4, 5])));
        assert_eq!(shape.prepend(5), Some(Shape::new(&[5, 3, 4])));
        let full = Shape::new(&[1, 2, 3, 4, 5, 6]);
        assert_eq!((full.append(1), full.prepend(1)), (None, None));
        assert_eq!((full.length(), full.positions(), full.dim(6)), (720, 120, 1));
    }

    #[test]
    fn what_memory_cannot_hold_has_no_length() {
        let shape = Shape::new(&[usize::MAX / 2, 3]);
        assert_eq!((shape.checked_length(), shape.length()), (None, 0));
        assert_eq!(Shape::new(&[usize::MAX / 4]).checked_length(), None);
        assert_eq!(Shape::new(&[usize::MAX, 0]).checked_length(), Some(0));
    }
}
