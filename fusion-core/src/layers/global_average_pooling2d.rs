//! The mean of each channel of an image.

use super::pooling::{GlobalPoolingOptions, global_pooling};

/// y\[c\] = Σ x\[i\]\[j\]\[c\] / (height · width): `[height, width, channels]` → `[channels]`, Keras's
/// `layers.GlobalAveragePooling2D`.
///
/// See [`GlobalPoolingOptions`] for `GlobalAveragePooling2d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalAveragePooling2d;
/// use fusion::{Layer, Shape};
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<GlobalAveragePooling2d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalAveragePooling2D", "GlobalAvgPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalAveragePooling2D", options = GlobalPoolingOptions)]
pub struct GlobalAveragePooling2d;

global_pooling!(GlobalAveragePooling2d, 2, Average);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::{differences, says};
    use crate::layers::window::testing::{Image, numbers};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct KeepDims;
    impl OptionsOf<GlobalAveragePooling2d> for KeepDims {
        const VALUE: GlobalPoolingOptions = GlobalPoolingOptions::DEFAULT.keepdims(true);
    }

    fn formula<const C: usize>(_: &[f64], x: &[f64]) -> Vec<f64> {
        (0..C).map(|c| x.iter().skip(c).step_by(C).sum::<f64>() / (x.len() / C) as f64).collect()
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_formula() {
        differences::<_, Defaults, Image<1, 1, 1>, [f32; 1]>(&GlobalAveragePooling2d, &numbers(3), formula::<1>);
        differences::<_, Defaults, Image<3, 17, 5>, [f32; 5]>(&GlobalAveragePooling2d, &numbers(3), formula::<5>);
        differences::<_, KeepDims, Image<3, 2, 4>, Image<1, 1, 4>>(&GlobalAveragePooling2d, &numbers(2), formula::<4>);
    }

    #[test]
    fn the_input_must_be_an_image() {
        assert_eq!(says::<GlobalAveragePooling2d, Defaults, Image<2, 2, 3>>(), None);
        assert!(says::<GlobalAveragePooling2d, Defaults, [[f32; 3]; 2]>().unwrap().starts_with("takes an image"));
        assert_eq!(<GlobalAveragePooling2d as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[1]));
    }
}
