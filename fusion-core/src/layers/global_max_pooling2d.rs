//! The largest number of each channel.

use super::window;
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::OptionsOf;

/// y\[c\] = max x\[i\]\[j\]\[c\] over all places: `[height, width, channels]` → `[channels]`, Keras's
/// `layers.GlobalMaxPooling2D`.
///
/// Equal largest numbers share the gradient, as in TensorFlow's `reduce_max`. See
/// [`GlobalPooling2dOptions`] for `GlobalMaxPooling2d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalMaxPooling2d;
/// use fusion::{Layer, Shape};
/// type Image = [[[f32; 8]; 5]; 6];
/// assert_eq!(<GlobalMaxPooling2d as Layer<Image>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalMaxPooling2D", "GlobalMaxPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalMaxPooling2D", options = GlobalPooling2dOptions)]
pub struct GlobalMaxPooling2d;

/// The options of [`GlobalMaxPooling2d`] and of [`GlobalAveragePooling2d`](super::GlobalAveragePooling2d).
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct GlobalPooling2dOptions {
    /// Whether the result stays an image of one place, `[1, 1, channels]`; `false` if not given.
    #[option(default = false)]
    keepdims: bool,
}

impl GlobalPooling2dOptions {
    pub(super) const fn output<In: Tensor>(&self) -> Output {
        let (height, width, channels) = window::image::<In>();
        let shape = if self.keepdims { Shape::new(&[1, 1, channels]) } else { Shape::new(&[channels]) };
        window::of_image::<In>(shape).or(window::unless_places(height, width))
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for GlobalMaxPooling2d {
    const OUTPUT: Output = O::VALUE.output::<In>();

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let channels = In::SHAPE.last().max(1);
        let y = Out::numbers_mut(y);
        y.fill(f32::NEG_INFINITY);
        let images = In::numbers(x).chunks_exact(In::SHAPE.length().max(1));
        for (image, largest) in images.zip(y.chunks_exact_mut(channels)) {
            vectorize(
                #[inline(always)]
                || {
                    for place in image.chunks_exact(channels) {
                        for (largest, x) in largest.iter_mut().zip(place) {
                            *largest = if *x > *largest || x.is_nan() { *x } else { *largest };
                        }
                    }
                },
            );
        }
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for GlobalMaxPooling2d {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let (channels, length) = (In::SHAPE.last().max(1), In::SHAPE.length().max(1));
        let images = In::numbers(x).chunks_exact(length).zip(In::numbers_mut(dx).chunks_exact_mut(length));
        let outputs = Out::numbers(y).chunks_exact(channels).zip(Out::numbers_mut(dy).chunks_exact_mut(channels));
        for ((image, dx), (largest, share)) in images.zip(outputs) {
            for (channel, (largest, share)) in largest.iter().zip(&mut *share).enumerate() {
                let equals = image.iter().skip(channel).step_by(channels).filter(|x| *x == largest).count();
                *share /= equals as f32;
            }
            vectorize(
                #[inline(always)]
                || {
                    for (place, dx) in image.chunks_exact(channels).zip(dx.chunks_exact_mut(channels)) {
                        for ((x, dx), (largest, share)) in place.iter().zip(dx).zip(largest.iter().zip(&*share)) {
                            *dx = if x == largest { *share } else { 0.0 };
                        }
                    }
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{Run, differences, run, says};
    use crate::layers::window::testing::{Image, numbers};
    use crate::weights::{Defaults, Options};

    struct KeepDims;
    impl OptionsOf<GlobalMaxPooling2d> for KeepDims {
        const VALUE: GlobalPooling2dOptions = GlobalPooling2dOptions::DEFAULT.keepdims(true);
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
