//! Shapes, as constants that the compiler computes with.

/// The shape of one sample, without the batch dimension: at most four dimensions.
///
/// ```
/// use fusion_core::Shape;
/// const IMAGE: Shape = Shape::new(&[28, 28, 1]);
/// assert_eq!(IMAGE.length(), 784);
/// assert_eq!(IMAGE.last(), 1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// How many dimensions there are, 0 to 4.
    pub rank: usize,
    /// The dimensions; those past the rank are 1.
    pub dims: [usize; 4],
}

impl Shape {
    /// The most dimensions a sample may have.
    pub const MAXIMUM_RANK: usize = 4;

    /// A shape of these dimensions.
    ///
    /// # Panics
    /// When there are more than four.
    #[must_use]
    pub const fn new(dimensions: &[usize]) -> Self {
        assert!(dimensions.len() <= Self::MAXIMUM_RANK, "a sample has at most four dimensions");
        let mut dims = [1; 4];
        let mut i = 0;
        while i < dimensions.len() {
            dims[i] = dimensions[i];
            i += 1;
        }
        Self { rank: dimensions.len(), dims }
    }

    /// The last dimension: the number of features, or an image's channels.
    #[must_use]
    pub const fn last(&self) -> usize {
        if self.rank == 0 { 1 } else { self.dims[self.rank - 1] }
    }

    /// The same shape with another last dimension.
    #[must_use]
    pub const fn with_last(mut self, features: usize) -> Self {
        if self.rank == 0 {
            self.rank = 1;
        }
        self.dims[self.rank - 1] = features;
        self
    }

    /// How many numbers one sample has.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.dims[0] * self.dims[1] * self.dims[2] * self.dims[3]
    }

    /// How many vectors of [`Shape::last`] numbers one sample has.
    #[must_use]
    pub const fn positions(&self) -> usize {
        if self.last() == 0 { 0 } else { self.length() / self.last() }
    }

    /// This shape behind one more leading dimension.
    #[must_use]
    pub const fn prepend(&self, dimension: usize) -> Self {
        assert!(self.rank < Self::MAXIMUM_RANK, "a sample has at most four dimensions");
        Self { rank: self.rank + 1, dims: [dimension, self.dims[0], self.dims[1], self.dims[2]] }
    }

    /// Whether both have the same dimensions, in a constant.
    #[must_use]
    pub const fn equals(&self, other: &Self) -> bool {
        self.rank == other.rank
            && self.dims[0] == other.dims[0]
            && self.dims[1] == other.dims[1]
            && self.dims[2] == other.dims[2]
            && self.dims[3] == other.dims[3]
    }

    /// The dimensions that count.
    #[must_use]
    pub const fn dimensions(&self) -> &[usize] {
        self.dims.split_at(self.rank).0
    }
}

impl core::fmt::Display for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}", self.dimensions())
    }
}
