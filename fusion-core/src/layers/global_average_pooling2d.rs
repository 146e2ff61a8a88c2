//! The mean of each channel.

use super::global_max_pooling2d::GlobalPooling2dOptions;
use crate::kernels::add_rows;
#[cfg(feature = "training")]
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// y\[c\] = Σ x\[i\]\[j\]\[c\] / (height · width): `[height, width, channels]` → `[channels]`, Keras's
/// `layers.GlobalAveragePooling2D`.
///
/// See [`GlobalPooling2dOptions`] for `GlobalAveragePooling2d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalAveragePooling2d;
/// use fusion::{Layer, Shape};
/// type Image = [[[f32; 8]; 5]; 6];
/// assert_eq!(<GlobalAveragePooling2d as Layer<Image>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalAveragePooling2D", "GlobalAvgPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalAveragePooling2D", options = GlobalPooling2dOptions)]
pub struct GlobalAveragePooling2d;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for GlobalAveragePooling2d {
    const OUTPUT: Output = O::VALUE.output::<In>();

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let y = Out::numbers_mut(y);
        y.fill(0.0);
        let images = In::numbers(x).chunks_exact(In::SHAPE.length().max(1));
        for (image, sum) in images.zip(y.chunks_exact_mut(In::SHAPE.last().max(1))) {
            add_rows(image, sum);
        }
        let places = In::SHAPE.positions() as f32;
        y.iter_mut().for_each(|y| *y /= places);
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for GlobalAveragePooling2d {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let channels = In::SHAPE.last().max(1);
        let dy = Out::numbers_mut(dy);
        let places = In::SHAPE.positions() as f32;
        dy.iter_mut().for_each(|dy| *dy /= places);
        let images = In::numbers_mut(dx).chunks_exact_mut(In::SHAPE.length().max(1));
        for (image, share) in images.zip(dy.chunks_exact(channels)) {
            vectorize(
                #[inline(always)]
                || image.chunks_exact_mut(channels).for_each(|place| place.copy_from_slice(share)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, says};
    use crate::layers::window::testing::{Image, numbers};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options};

    struct KeepDims;
    impl OptionsOf<GlobalAveragePooling2d> for KeepDims {
        const VALUE: GlobalPooling2dOptions = GlobalPooling2dOptions::DEFAULT.keepdims(true);
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
