//! A dimension of one place less.

use super::rearranging::{dimension, no_dimension, rearranging};
use crate::kernels::{Loop, Moves};
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// The same numbers, or ids, without a dimension of one place: what Keras makes of `ops.squeeze(x, 2)`.
///
/// `Squeeze(2)` makes `[4, 3]` of `[4, 1, 3]`; without an axis all dimensions of one place are left out.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Squeeze, SqueezeOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Last; // `Squeeze(-1)` in `model!`
/// impl OptionsOf<Squeeze> for Last {
///     const VALUE: SqueezeOptions = SqueezeOptions::DEFAULT.positional(-1);
/// }
/// assert_eq!(<Squeeze as Layer<[[[f32; 1]; 8]; 1], Last>>::OUTPUT.shape, Shape::new(&[1, 8]));
/// assert_eq!(<Squeeze as Layer<[[[f32; 1]; 8]; 1]>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = SqueezeOptions)]
pub struct Squeeze;

/// The options of [`Squeeze`]: `Squeeze(2)` or `Squeeze(axis = 2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct SqueezeOptions {
    /// Which dimension is left out; all of one place if not given. As in Keras the batch is axis 0, and negative axes
    /// count from the end.
    #[option(positional)]
    axis: Option<isize>,
}

impl SqueezeOptions {
    /// Whether this dimension is left out.
    const fn leaves_out(&self, input: &Shape, at: usize) -> bool {
        let meant = match self.axis {
            Some(axis) => matches!(dimension(axis, input.rank()), Some(meant) if meant == at),
            None => true,
        };
        meant && input.dim(at) == 1
    }

    const fn mistake(&self, input: &Shape) -> Option<Mistake> {
        let Some(axis) = self.axis else { return None };
        let Some(at) = dimension(axis, input.rank()) else {
            return Some(no_dimension("axis", axis, "a sample", input));
        };
        if input.dim(at) == 1 {
            return None;
        }
        let text = Text::new("a sample is ").shape(input).and(", whose axis ").number(at + 1).and(" has ");
        Some(Mistake::option("axis", text.number(input.dim(at)).and(" places; only one of 1 can be left out")))
    }

    const fn output<In: Tensor>(&self) -> Output {
        let (mut shape, mut i) = (Shape::SCALAR, 0);
        while i < In::SHAPE.rank() {
            if !self.leaves_out(&In::SHAPE, i) {
                shape = match shape.append(In::SHAPE.dim(i)) {
                    Some(shape) => shape,
                    None => shape,
                };
            }
            i += 1;
        }
        Output::same_as::<In>(shape).or(self.mistake(&In::SHAPE))
    }

    const fn moves(&self, input: &Shape) -> Moves {
        Moves::new([0, 0], &[Loop { count: input.length(), from: 1, to: 1 }])
    }
}

rearranging!(Squeeze);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::weights::{Options, OptionsOf};

    struct At<const AXIS: isize>;
    impl<const AXIS: isize> OptionsOf<Squeeze> for At<AXIS> {
        const VALUE: SqueezeOptions = SqueezeOptions::DEFAULT.axis(AXIS);
    }

    #[test]
    fn only_a_dimension_of_one_place_is_left_out() {
        type Rows = [[u32; 1]; 2];
        assert_eq!(<Squeeze as Layer<Rows, At<2>>>::OUTPUT.shape, Shape::new(&[2]));
        assert_eq!(<Squeeze as Layer<[f32; 1]>>::OUTPUT.shape, Shape::SCALAR);
        assert_eq!(
            says::<Squeeze, At<1>, Rows>().unwrap(),
            "a sample is [2, 1], whose axis 1 has 2 places; only one of 1 can be left out"
        );
        assert_eq!(
            says::<Squeeze, At<0>, Rows>().unwrap(),
            "axis 0 is the batch; a sample's first dimension is axis 1"
        );
        assert!(says::<Squeeze, At<3>, Rows>().unwrap().starts_with("a sample is [2, 1], so its axes are 1 to 2"));
        let single = "a sample is a single number, which has no axis but the batch";
        assert_eq!(says::<Squeeze, At<1>, f32>().unwrap(), single);
    }
}
