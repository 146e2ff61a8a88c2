//! The same numbers in another shape.

use core::fmt;

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Mistake, Output};
use crate::shape::{MAXIMUM_RANK, Shape, Tensor, Text};
use crate::weights::OptionsOf;

/// The same numbers, or ids, row by row, in the target shape: Keras's `layers.Reshape`.
///
/// `Reshape([6, 4])` makes `[6, 4]` of any shape of 24 numbers. One dimension may be [`Reshape::REST`], Keras's −1:
/// what is left of the input.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Reshape, ReshapeOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Pairs; // `Reshape([Reshape::REST, 2])` in `model!`
/// impl OptionsOf<Reshape> for Pairs {
///     const VALUE: ReshapeOptions = ReshapeOptions::DEFAULT.positional([Reshape::REST, 2]);
/// }
/// assert_eq!(<Reshape as Layer<[f32; 8], Pairs>>::OUTPUT.shape, Shape::new(&[4, 2]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ReshapeOptions)]
pub struct Reshape;

impl Reshape {
    /// The dimension that takes what the others leave: Keras's −1.
    pub const REST: usize = usize::MAX;
}

/// The options of [`Reshape`]: `Reshape([6, 4])` or `Reshape(target_shape = [6, 4])`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ReshapeOptions {
    #[option(default = Target::NONE, by_hand)]
    target_shape: Target,
}

/// The target shape as it was written: of any rank, and with a dimension left open.
#[derive(Clone, Copy, PartialEq)]
struct Target {
    rank: usize,
    /// Those past the rank are 1.
    dims: [usize; MAXIMUM_RANK],
}

// As Keras writes it: a weight file's digest reads the same wherever a `usize` has other bits, and whatever the most
// dimensions are.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for dimension in self.dims.iter().take(self.rank) {
            if *dimension == Reshape::REST {
                list.entry(&-1)
            } else {
                list.entry(dimension)
            };
        }
        list.finish()
    }
}

impl Target {
    /// No dimension yet.
    const NONE: Self = Self { rank: 0, dims: [1; Shape::MAXIMUM_RANK] };

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
            _ => "a sample has at most six dimensions",
        };
        Some(Mistake::option("target_shape", Text::new(message)))
    }

    /// The output of an input of so many numbers.
    const fn output(&self, length: usize) -> Shape {
        let (product, _) = self.known();
        let mut dims = self.dims;
        let mut i = 0;
        while i < Shape::MAXIMUM_RANK {
            if dims[i] == Reshape::REST {
                dims[i] = match length.checked_div(product) {
                    Some(rest) => rest,
                    None => 1,
                };
            }
            i += 1;
        }
        let rank = if self.rank < Shape::MAXIMUM_RANK { self.rank } else { Shape::MAXIMUM_RANK };
        Shape::new(dims.split_at(rank).0)
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

impl ReshapeOptions {
    /// The target shape, written without its name.
    #[must_use]
    pub const fn positional<const RANK: usize>(self, target_shape: [usize; RANK]) -> Self {
        self.target_shape(target_shape)
    }

    /// The dimensions of a sample of the output, without the batch.
    #[must_use]
    pub const fn target_shape<const RANK: usize>(mut self, target_shape: [usize; RANK]) -> Self {
        self.target_shape.rank = RANK;
        let mut i = 0;
        while i < RANK && i < Shape::MAXIMUM_RANK {
            self.target_shape.dims[i] = target_shape[i];
            i += 1;
        }
        self
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Reshape {
    const OUTPUT: Output = Output::same_as::<In>(O::VALUE.target_shape.output(In::SHAPE.length()))
        .or(O::VALUE.target_shape.mistake())
        .or(O::VALUE.target_shape.unless_length(In::SHAPE.length()));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::memory_mut(y).copy_from_slice(In::memory(x));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Reshape {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        if let Some(dx) = dx {
            In::numbers_mut(dx).copy_from_slice(Out::numbers(dy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{run, says};
    use crate::shape::ElementType;
    use crate::weights::{Defaults, Options};

    const REST: usize = Reshape::REST;

    macro_rules! target {
        ($name:ident, $shape:expr) => {
            struct $name;
            impl OptionsOf<Reshape> for $name {
                const VALUE: ReshapeOptions = ReshapeOptions::DEFAULT.positional($shape);
            }
        };
    }
    target!(Pairs, [REST, 2]);
    target!(TwoOpen, [REST, REST]);
    target!(Nothing, [0, REST]);
    target!(Deep, [1, 1, 1, 1, 1, 1, 6]);
    target!(Six, [1, 1, 2, 1, 3, 1]);

    #[test]
    fn numbers_and_ids_keep_their_order() {
        let run = run::<_, Pairs, _, [[f32; 2]; 3]>(&Reshape, &[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
        assert_eq!(run.y, [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]);
        assert_eq!(run.dx.as_flattened(), run.dy.as_flattened().as_flattened());

        let mut y = [[[0; 2]; 2]];
        let cx = &mut Forward::new(&mut [], &mut []);
        Layer::<[u32; 4], Pairs>::forward(&Reshape, cx, &[[1, 2, 3, u32::MAX]], &mut y);
        assert_eq!(y, [[[1, 2], [3, u32::MAX]]]);
        assert_eq!(<Reshape as Layer<[u32; 4], Pairs>>::OUTPUT.element, ElementType::U32);
    }

    #[test]
    fn the_target_must_hold_all_numbers() {
        assert_eq!(<Reshape as Layer<[f32; 6], Six>>::OUTPUT.shape, Shape::new(&[1, 1, 2, 1, 3, 1]));
        assert_eq!(says::<Reshape, Pairs, [f32; 5]>().unwrap(), "takes a multiple of 2 numbers");
        assert_eq!(says::<Reshape, Six, [f32; 5]>().unwrap(), "takes 6 numbers");
    }

    #[test]
    fn a_target_that_is_none_is_said() {
        assert_eq!(says::<Reshape, Defaults, [f32; 6]>().unwrap(), "needs a target shape");
        assert_eq!(says::<Reshape, TwoOpen, [f32; 6]>().unwrap(), "only one dimension can be `Reshape::REST`");
        assert_eq!(says::<Reshape, Nothing, [f32; 6]>().unwrap(), "a dimension must be at least 1");
        assert_eq!(says::<Reshape, Deep, [f32; 6]>().unwrap(), "a sample has at most six dimensions");
    }

    #[test]
    fn the_digest_reads_as_keras_writes_it() {
        let mut text = String::new();
        Pairs::VALUE.write_changes(&mut text).unwrap();
        ReshapeOptions::DEFAULT.write_changes(&mut text).unwrap();
        assert_eq!(text, "target_shape=[-1, 2] ");
    }
}
