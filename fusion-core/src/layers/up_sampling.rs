//! What the up-samplings of sequences and volumes share.

use super::rearranging::repeated;
use super::spatial::{self, Extent};
use crate::kernels::Moves;
use crate::layer::Output;
use crate::shape::{Shape, Tensor};

/// The options of [`UpSampling1d`](super::UpSampling1d) and [`UpSampling3d`](super::UpSampling3d), such as
/// `UpSampling1d(3)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct UpSamplingOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(2, "size"))]
    size: Extent<RANK>,
}

impl<const RANK: usize> UpSamplingOptions<RANK> {
    /// How many times each place is there along each side, written without its name.
    #[must_use]
    pub const fn positional(self, size: usize) -> Self {
        self.size(size)
    }

    /// How many times each place is there along each side; 2 if not given.
    #[must_use]
    pub const fn size(mut self, size: usize) -> Self {
        self.size = Extent::square(size, "size");
        self
    }

    pub(super) const fn output<In: Tensor>(&self) -> Output {
        let (mut sides, channels) = spatial::sides::<In, RANK>();
        let mut i = 0;
        while i < RANK {
            sides[i] = sides[i].saturating_mul(super::window::at_least_one(self.size.sides[i]));
            i += 1;
        }
        let output = Output::same_as::<In>(spatial::shape(sides, channels));
        spatial::of_sides::<In, RANK>(output).or(self.size.unless_positive())
    }

    pub(super) const fn moves(&self, input: &Shape) -> Moves {
        repeated(input, &self.size.sides)
    }
}

impl UpSamplingOptions<3> {
    /// How many times along depth, height and width: Keras's `size=(1, 2, 2)`.
    #[must_use]
    pub const fn size_dhw(mut self, (depth, height, width): (usize, usize, usize)) -> Self {
        self.size = Extent::of_each([depth, height, width], "size_dhw");
        self
    }
}
