//! The largest number of each channel of an image.

use super::pooling::{GlobalPoolingOptions, global_pooling};

/// y\[c\] = max x\[i\]\[j\]\[c\] over all places: `[height, width, channels]` → `[channels]`, Keras's
/// `layers.GlobalMaxPooling2D`.
///
/// Equal largest numbers share the gradient, as in TensorFlow's `reduce_max`. See
/// [`GlobalPoolingOptions`] for `GlobalMaxPooling2d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalMaxPooling2d;
/// use fusion::{Layer, Shape};
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<GlobalMaxPooling2d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalMaxPooling2D", "GlobalMaxPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalMaxPooling2D", options = GlobalPoolingOptions)]
pub struct GlobalMaxPooling2d;

global_pooling!(GlobalMaxPooling2d, 2, Largest);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::{Run, differences, run, says};
    use crate::layers::window::testing::{Image, numbers};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct KeepDims;
    impl OptionsOf<GlobalMaxPooling2d> for KeepDims {
        const VALUE: GlobalPoolingOptions = GlobalPoolingOptions::DEFAULT.keepdims(true);
    }

    fn formula<const C: usize>(_: &[f64], x: &[f64]) -> Vec<f64> {
        (0..C).map(|c| x.iter().skip(c).step_by(C).fold(f64::MIN, |most, x| most.max(*x))).collect()
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_formula() {
        differences::<_, Defaults, Image<1, 1, 1>, [f32; 1]>(&GlobalMaxPooling2d, &numbers(3), formula::<1>);
        differences::<_, Defaults, Image<3, 17, 5>, [f32; 5]>(&GlobalMaxPooling2d, &numbers(3), formula::<5>);
        differences::<_, KeepDims, Image<3, 2, 4>, Image<1, 1, 4>>(&GlobalMaxPooling2d, &numbers(2), formula::<4>);
    }

    #[test]
    fn equal_numbers_share_the_gradient_and_a_nan_comes_through() {
        let Run { dy, dx, .. } =
            run::<_, Defaults, Image<1, 4, 1>, [f32; 1]>(&GlobalMaxPooling2d, &[[[[3.0], [1.0], [3.0], [0.0]]]]);
        let half = dy[0][0] / 2.0;
        assert_eq!(dx, [[[[half], [0.0], [half], [0.0]]]]);
        let Run { y, .. } =
            run::<_, Defaults, Image<1, 2, 2>, [f32; 2]>(&GlobalMaxPooling2d, &[[[[f32::NAN, 1.0], [1.0, 2.0]]]]);
        assert!(y[0][0].is_nan() && y[0][1] == 2.0);
    }

    #[test]
    fn the_input_must_be_an_image() {
        assert_eq!(says::<GlobalMaxPooling2d, Defaults, Image<2, 2, 3>>(), None);
        assert!(says::<GlobalMaxPooling2d, Defaults, [f32; 3]>().unwrap().starts_with("takes an image"));
        assert_eq!(<GlobalMaxPooling2d as Layer<[f32; 3]>>::OUTPUT.shape, Shape::new(&[3]));
        assert_eq!(says::<GlobalMaxPooling2d, Defaults, Image<0, 2, 3>>().unwrap(), "takes an image of at least 1 × 1");
    }
}
