//! The same numbers in another shape.

use super::parameterless;
use crate::{Backward, Configured, Fit, Forward, Layer, Mistake, OptionsOf, Shape, Tensor, Text};

/// The same numbers, row by row, in the target shape: Keras's `layers.Reshape`.
///
/// `Reshape([6, 4])` makes `[6, 4]` of any shape of 24 numbers. One dimension may be [`Reshape::REST`], Keras's −1:
/// what is left of the input.
///
/// ```
/// use fusion_core::layers::{Reshape, ReshapeOptions};
/// use fusion_core::{Configured, Layer, OptionsOf, Shape};
/// struct Pairs; // `Reshape([Reshape::REST, 2])` in `model!`
/// impl OptionsOf<Reshape> for Pairs {
///     const VALUE: ReshapeOptions = Reshape::DEFAULT.positional([Reshape::REST, 2]);
/// }
/// assert_eq!(<Reshape as Layer<[f32; 8], Pairs>>::FIT.output, Shape::new(&[4, 2]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Reshape;

impl Reshape {
    /// The dimension that takes what the others leave: Keras's −1.
    pub const REST: usize = usize::MAX;
}

/// The options of [`Reshape`]: `Reshape([6, 4])` or `Reshape(target_shape = [6, 4])`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReshapeOptions {
    rank: usize,
    dims: [usize; Shape::MAXIMUM_RANK],
}

impl ReshapeOptions {
    /// The target shape, written without its name.
    #[must_use]
    pub const fn positional<const RANK: usize>(self, target_shape: [usize; RANK]) -> Self {
        self.target_shape(target_shape)
    }

    /// The dimensions of a sample of the output, without the batch.
    #[must_use]
    pub const fn target_shape<const RANK: usize>(mut self, target_shape: [usize; RANK]) -> Self {
        self.rank = RANK;
        let mut i = 0;
        while i < RANK && i < Shape::MAXIMUM_RANK {
            self.dims[i] = target_shape[i];
            i += 1;
        }
        self
    }

    /// The product of the dimensions that are given, and how many are left open.
    const fn known(&self) -> (usize, usize) {
        let (mut product, mut open, mut i) = (1_usize, 0, 0);
        while i < Shape::MAXIMUM_RANK {
            if self.dims[i] == Reshape::REST {
                open += 1;
            } else {
                product = product.saturating_mul(self.dims[i]);
            }
            i += 1;
        }
        (product, open)
    }

    /// What is wrong with the target shape itself.
    const fn mistake(&self) -> Option<Mistake> {
        let (product, open) = self.known();
        let message = match self.rank {
            0 => {
                let advice = Text::new("write the dimensions of a sample, as in `Reshape([6, 4])`");
                return Some(Mistake::missing(Text::new("needs a target shape")).advice(advice));
            }
            1..=Shape::MAXIMUM_RANK if product == 0 => "a dimension must be at least 1",
            1..=Shape::MAXIMUM_RANK if open > 1 => "only one dimension can be `Reshape::REST`",
            1..=Shape::MAXIMUM_RANK => return None,
            _ => "a sample has at most four dimensions",
        };
        Some(Mistake::option("target_shape", Text::new(message)))
    }

    /// The output of an input of so many numbers.
    const fn output(&self, length: usize) -> Shape {
        let (product, _) = self.known();
        let rank = if self.rank < Shape::MAXIMUM_RANK { self.rank } else { Shape::MAXIMUM_RANK };
        let mut output = Shape { rank, dims: self.dims };
        let mut i = 0;
        while i < Shape::MAXIMUM_RANK {
            if output.dims[i] == Reshape::REST {
                output.dims[i] = match length.checked_div(product) {
                    Some(rest) => rest,
                    None => 1,
                };
            }
            i += 1;
        }
        output
    }

    const fn unless_length(&self, length: usize) -> Option<Mistake> {
        let (product, open) = self.known();
        if product == length || product != 0 && open > 0 && length.is_multiple_of(product) {
            return None;
        }
        let takes =
            Text::new(if open == 0 { "takes " } else { "takes a multiple of " }).number(product).and(" numbers");
        let advice = Text::new("a sample of that shape has ").number(length).and(" numbers");
        Some(Mistake::shape(takes).advice(advice))
    }
}

parameterless!(Reshape);

impl Configured for Reshape {
    type Options = ReshapeOptions;
    const DEFAULT: ReshapeOptions = ReshapeOptions { rank: 0, dims: [1; Shape::MAXIMUM_RANK] };
    const CLASS: &'static str = "Reshape";
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Reshape {
    const FIT: Fit = Fit::new(O::VALUE.output(In::SHAPE.length()))
        .or(O::VALUE.mistake())
        .or(Mistake::unless_numbers::<In>())
        .or(O::VALUE.unless_length(In::SHAPE.length()));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::numbers_mut(y).copy_from_slice(In::numbers(x));
    }

    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        _gradient: &mut Self,
    ) {
        if let Some(dx) = dx {
            In::numbers_mut(dx).copy_from_slice(Out::numbers(dy));
        }
    }
}
