//! One more dimension, of one place.

use super::rearranging::{dimension, needs_axis, no_dimension, rearranging};
use crate::kernels::{Loop, Moves};
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// The same numbers, or ids, with one more dimension of one place: what Keras makes of `ops.expand_dims(x, 1)`.
///
/// The axis is where the new dimension stands, with the batch as axis 0: `ExpandDims(1)` makes `[1, 4, 3]` of `[4, 3]`,
/// `ExpandDims(-1)` makes `[4, 3, 1]`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{ExpandDims, ExpandDimsOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Last; // `ExpandDims(-1)` in `model!`
/// impl OptionsOf<ExpandDims> for Last {
///     const VALUE: ExpandDimsOptions = ExpandDimsOptions::DEFAULT.positional(-1);
/// }
/// assert_eq!(<ExpandDims as Layer<[f32; 8], Last>>::OUTPUT.shape, Shape::new(&[8, 1]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ExpandDimsOptions)]
pub struct ExpandDims;

/// The options of [`ExpandDims`]: `ExpandDims(1)` or `ExpandDims(axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct ExpandDimsOptions {
    /// Which axis of the output the new dimension is. As in Keras the batch is axis 0, and negative axes count from
    /// the end.
    #[option(positional)]
    axis: Option<isize>,
}

impl ExpandDimsOptions {
    const fn output<In: Tensor>(&self) -> Output {
        let Some(larger) = In::SHAPE.append(1) else {
            return Output::same_as::<In>(In::SHAPE)
                .or(Some(Mistake::shape(Text::new("takes at most five dimensions, as six are the most"))));
        };
        let Some(axis) = self.axis else { return Output::same_as::<In>(larger).or(Some(needs_axis("ExpandDims(1)"))) };
        let Some(at) = dimension(axis, larger.rank()) else {
            return Output::same_as::<In>(larger).or(Some(no_dimension("axis", axis, "the output", &larger)));
        };
        let (mut shape, mut i) = (larger.with_dim(at, 1), 0);
        while i < In::SHAPE.rank() {
            shape = shape.with_dim(if i < at { i } else { i + 1 }, In::SHAPE.dim(i));
            i += 1;
        }
        Output::same_as::<In>(shape)
    }

    const fn moves(&self, input: &Shape) -> Moves {
        Moves::new([0, 0], &[Loop { count: input.length(), from: 1, to: 1 }])
    }
}

rearranging!(ExpandDims);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct At<const AXIS: isize>;
    impl<const AXIS: isize> OptionsOf<ExpandDims> for At<AXIS> {
        const VALUE: ExpandDimsOptions = ExpandDimsOptions::DEFAULT.axis(AXIS);
    }

    #[test]
    fn the_axis_is_one_of_the_output() {
        type Rows = [[u32; 3]; 2];
        let shapes = [
            <ExpandDims as Layer<Rows, At<1>>>::OUTPUT.shape,
            <ExpandDims as Layer<Rows, At<-2>>>::OUTPUT.shape,
            <ExpandDims as Layer<Rows, At<3>>>::OUTPUT.shape,
        ];
        assert_eq!(shapes, [Shape::new(&[1, 2, 3]), Shape::new(&[2, 1, 3]), Shape::new(&[2, 3, 1])]);
        assert_eq!(<ExpandDims as Layer<f32, At<1>>>::OUTPUT.shape, Shape::new(&[1]));
        let batch = "axis 0 is the batch; a sample's first dimension is axis 1";
        assert_eq!(says::<ExpandDims, At<0>, Rows>().unwrap(), batch);
        assert_eq!(says::<ExpandDims, At<-4>, Rows>().unwrap(), batch);
        let beyond = "the output is [2, 3, 1], so its axes are 1 to 3, or -3 to -1, with the batch as axis 0";
        assert_eq!(says::<ExpandDims, At<4>, Rows>().unwrap(), beyond);
        assert_eq!(says::<ExpandDims, Defaults, Rows>().unwrap(), "needs an axis");
        let six = says::<ExpandDims, At<1>, [[[[[[f32; 1]; 1]; 1]; 1]; 1]; 1]>();
        assert_eq!(six.unwrap(), "takes at most five dimensions, as six are the most");
    }
}
