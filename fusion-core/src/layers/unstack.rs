//! A wire taken apart along a dimension.

use super::splitting::{Cuts, cut_along, splitting};
use crate::layer::Mistake;
use crate::shape::Shape;

/// Each place along an axis as an output of its own, without that dimension: what Keras makes of
/// `ops.unstack(x, axis=1)`.
///
/// `branch (a, b) = x => Unstack(axis = 1);` makes `[3]` twice of `[2, 3]`. One place alone is a slice, `x[0]`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Unstack, UnstackOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Rows; // `Unstack(axis = 1)` in `model!`
/// impl OptionsOf<Unstack> for Rows {
///     const VALUE: UnstackOptions = UnstackOptions::DEFAULT.axis(1);
/// }
/// let output = <Unstack as Layer<[[f32; 3]; 2], Rows>>::OUTPUT;
/// assert_eq!((output.parts.len(), output.parts[1].shape), (2, Shape::new(&[3])));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = UnstackOptions)]
pub struct Unstack;

/// The options of [`Unstack`]: `Unstack(axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct UnstackOptions {
    /// The axis that is taken apart. As in Keras the batch is axis 0, and negative axes count from the end.
    axis: Option<isize>,
}

impl UnstackOptions {
    #[expect(clippy::result_large_err, reason = "constants have no heap to box a mistake in")]
    const fn cuts(&self, input: &Shape) -> Result<Cuts, Mistake> {
        match cut_along(self.axis, input, "Unstack(axis = 1)") {
            Ok(dimension) => Ok(Cuts::even(dimension, input.dim(dimension), 1)),
            Err(mistake) => Err(mistake),
        }
    }
}

splitting!(Unstack, false);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Along<const AXIS: isize>;
    impl<const AXIS: isize> OptionsOf<Unstack> for Along<AXIS> {
        const VALUE: UnstackOptions = UnstackOptions::DEFAULT.axis(AXIS);
    }

    #[test]
    fn each_place_is_an_output() {
        let parts = <Unstack as Layer<[[[f32; 4]; 3]; 2], Along<-2>>>::OUTPUT.parts;
        assert!(parts.len() == 3 && parts.iter().all(|part| part.shape == Shape::new(&[2, 4])));
        assert_eq!(<Unstack as Layer<[f32; 2], Along<1>>>::OUTPUT.parts[1].shape, Shape::SCALAR);
        assert_eq!(says::<Unstack, Defaults, [f32; 2]>().unwrap(), "needs an axis");
        assert_eq!(says::<Unstack, Along<1>, [[f32; 2]; 1]>().unwrap(), "has one output, which is its input");
        assert_eq!(says::<Unstack, Along<1>, [f32; 65]>().unwrap(), "would have 65 outputs; 64 are the most");
    }
}
