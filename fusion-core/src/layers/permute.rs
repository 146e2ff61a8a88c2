//! Dimensions in another order.

use core::fmt;

use super::rearranging::{rearranging, stride};
use crate::kernels::{Loop, Moves};
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// The dimensions of a sample in another order: dimension i of the output is dimension dims\[i\] of the input, counted
/// from 1 as the batch is 0: Keras's `layers.Permute`.
///
/// `Permute([2, 1])` makes `[4, 3]` of `[3, 4]`, y\[j\]\[i\] = x\[i\]\[j\].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Permute, PermuteOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct LastFirst; // `Permute([3, 1, 2])` in `model!`
/// impl OptionsOf<Permute> for LastFirst {
///     const VALUE: PermuteOptions = PermuteOptions::DEFAULT.positional([3, 1, 2]);
/// }
/// assert_eq!(<Permute as Layer<[[[f32; 5]; 4]; 3], LastFirst>>::OUTPUT.shape, Shape::new(&[5, 3, 4]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = PermuteOptions)]
pub struct Permute;

/// The options of [`Permute`]: `Permute([2, 1])` or `Permute(dims = [2, 1])`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct PermuteOptions {
    #[option(default = Dims { count: 0, list: [0; Shape::MAXIMUM_RANK] }, by_hand)]
    dims: Dims,
}

/// The dimensions as they were written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Dims {
    /// How many were written, also where that is more than there can be.
    count: usize,
    list: [usize; Shape::MAXIMUM_RANK],
}

impl fmt::Debug for Dims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().take(self.count)).finish()
    }
}

impl PermuteOptions {
    /// The dimensions, written without their name.
    #[must_use]
    pub const fn positional<const RANK: usize>(self, dims: [usize; RANK]) -> Self {
        self.dims(dims)
    }

    /// The input's dimensions as the output has them, from 1.
    #[must_use]
    pub const fn dims<const RANK: usize>(mut self, dims: [usize; RANK]) -> Self {
        self.dims.count = RANK;
        let mut i = 0;
        while i < RANK && i < Shape::MAXIMUM_RANK {
            self.dims.list[i] = dims[i];
            i += 1;
        }
        self
    }

    /// Whether each dimension is there once.
    const fn fits(&self, rank: usize) -> bool {
        let (mut seen, mut i) = ([false; Shape::MAXIMUM_RANK], 0);
        while i < self.dims.count && i < Shape::MAXIMUM_RANK {
            let dimension = self.dims.list[i];
            if dimension == 0 || dimension > rank || seen[dimension - 1] {
                return false;
            }
            seen[dimension - 1] = true;
            i += 1;
        }
        self.dims.count == rank
    }

    const fn mistake(&self, input: &Shape) -> Option<Mistake> {
        if self.dims.count == 0 {
            let advice = Text::new("write the dimensions in their new order, as in `Permute([2, 1])`");
            return Some(Mistake::missing(Text::new("needs an order")).advice(advice));
        }
        if self.fits(input.rank()) {
            return None;
        }
        let text = Text::new("a sample is ").shape(input).and(", so the numbers 1 to ").number(input.rank());
        Some(Mistake::option("dims", text.and(" stand here, each once")))
    }

    const fn output<In: Tensor>(&self) -> Output {
        let (mut shape, mut i) = (In::SHAPE, 0);
        while i < shape.rank() && self.fits(In::SHAPE.rank()) {
            shape = shape.with_dim(i, In::SHAPE.dim(self.dims.list[i] - 1));
            i += 1;
        }
        Output::same_as::<In>(shape).or(Mistake::unless_dimensions::<In>()).or(self.mistake(&In::SHAPE))
    }

    const fn moves(&self, input: &Shape) -> Moves {
        let mut loops = [Loop { count: 1, from: 0, to: 0 }; Shape::MAXIMUM_RANK];
        let (mut to, mut i) = (1_usize, input.rank());
        while i > 0 && self.fits(input.rank()) {
            i -= 1;
            let dimension = self.dims.list[i] - 1;
            loops[i] = Loop { count: input.dim(dimension), from: stride(input, dimension), to };
            to = to.saturating_mul(input.dim(dimension));
        }
        Moves::new([0, 0], &loops)
    }
}

rearranging!(Permute);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::layers::window::testing::changes;
    use crate::weights::{Defaults, Options, OptionsOf};

    macro_rules! order {
        ($($name:ident: $dims:expr;)+) => {
            $(struct $name;
            impl OptionsOf<Permute> for $name {
                const VALUE: PermuteOptions = PermuteOptions::DEFAULT.positional($dims);
            })+
        };
    }
    order! {
        Turned: [2, 1];
        Short: [1];
        Zero: [0, 1];
        Twice: [1, 1];
        Seven: [1, 2, 3, 4, 5, 6, 7];
    }

    #[test]
    fn each_dimension_stands_there_once() {
        type Rows = [[f32; 3]; 2];
        assert_eq!(says::<Permute, Turned, Rows>(), None);
        assert_eq!(<Permute as Layer<Rows, Twice>>::OUTPUT.shape, Shape::new(&[2, 3]));
        let sentence = "a sample is [2, 3], so the numbers 1 to 2 stand here, each once";
        let said = [says::<Permute, Short, Rows>(), says::<Permute, Zero, Rows>(), says::<Permute, Twice, Rows>()];
        assert!(said.iter().all(|said| said.as_deref() == Some(sentence)), "{said:?}");
        assert_eq!(says::<Permute, Seven, Rows>().unwrap(), sentence);
        assert_eq!(says::<Permute, Defaults, Rows>().unwrap(), "needs an order");
        assert_eq!(says::<Permute, Turned, f32>().unwrap(), "takes at least one dimension");
        assert_eq!(changes(Turned::VALUE), "dims=[2, 1] ");
    }
}
