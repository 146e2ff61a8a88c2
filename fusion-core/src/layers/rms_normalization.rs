//! Features whose squares have the mean 1 within each sample.

use super::layer_normalization::{mean, unless_epsilon};
use super::unless_features;
#[cfg(feature = "training")]
use crate::kernels::{PART, in_parts};
use crate::kernels::{math::sqrt, parts_scratch, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Mistake, Needs, Output};
use crate::shape::Tensor;
use crate::weights::{Initializer, OptionsOf};

/// y = scale · x / √(mean of x² + epsilon), the mean being that of the features of each vector on the last axis, of any
/// shape: Keras's `layers.RMSNormalization` (Zhang and Sennrich, 2019).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::RmsNormalization;
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 16]; 28];
/// assert_eq!(<RmsNormalization<16> as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[28, 16]));
/// assert_eq!(<RmsNormalization<16> as Parameters>::COUNT, 16);
/// ```
#[doc(alias = "RMSNormalization")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "RMSNormalization", options = RmsNormalizationOptions, example = "RmsNormalization<_>")]
pub struct RmsNormalization<const FEATURES: usize> {
    /// What each feature is multiplied by; 1 at first.
    #[parameter(initializer = Initializer::Ones)]
    pub scale: [f32; FEATURES],
}

/// The options of [`RmsNormalization`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RmsNormalizationOptions {
    /// What is added to the mean, so that it is never 0; 0.000001 by default.
    #[option(default = 1e-6)]
    epsilon: f32,
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize> Layer<In, O> for RmsNormalization<FEATURES> {
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(FEATURES, 0))
        .or(unless_epsilon(O::VALUE.epsilon));
    /// Kept: what each vector is multiplied by.
    const NEEDS: Needs = Needs::NONE
        .saved(Floats::per_sample(In::SHAPE.positions()))
        .saved_in_inference(Floats::NONE)
        .backward_scratch(Floats::once(parts_scratch(FEATURES)))
        .multiplications(In::SHAPE.length());

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let features = const { if FEATURES == 0 { 1 } else { FEATURES } };
        let rows = In::numbers(x).chunks_exact(features).zip(Out::numbers_mut(y).chunks_exact_mut(features));
        let mut saved = if cx.keep { &mut *cx.saved } else { &mut [] }.iter_mut();
        vectorize(
            #[inline(always)]
            || {
                for (x, y) in rows {
                    let inverse = 1.0 / sqrt(mean([x, x], |x, _| x * x) as f32 + O::VALUE.epsilon);
                    for ((x, y), scale) in x.iter().zip(y).zip(&self.scale) {
                        *y = x * inverse * scale;
                    }
                    if let Some(saved) = saved.next() {
                        *saved = inverse;
                    }
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize> TrainLayer<In, O> for RmsNormalization<FEATURES> {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let (x, dy, saved) = (In::numbers(x), Out::numbers_mut(dy), &*cx.saved);
        if let Some(gradient) = &mut cx.gradient {
            add_scale_gradient([x, dy], saved, &mut gradient.scale, cx.scratch);
        }
        if let Some(dx) = dx {
            input_gradient(x, dy, In::numbers_mut(dx), saved, &self.scale);
        }
    }
}

/// scale += dy · x · inverse of all vectors, in blocks.
#[cfg(feature = "training")]
fn add_scale_gradient([x, dy]: [&[f32]; 2], saved: &[f32], scale: &mut [f32], scratch: &mut [f32]) {
    let features = scale.len().max(1);
    in_parts(x.len() / features, PART, scale, scratch, |rows, scale| {
        let [x, dy] = [x, dy].map(|numbers| numbers[rows.start * features..rows.end * features].chunks_exact(features));
        let saved = &saved[rows];
        vectorize(
            #[inline(always)]
            || {
                for ((x, dy), inverse) in x.zip(dy).zip(saved) {
                    for ((x, dy), scale) in x.iter().zip(dy).zip(&mut *scale) {
                        *scale += dy * x * inverse;
                    }
                }
            },
        );
    });
}

/// dx = inverse · (g − x · inverse² · mean of g · x), where g = scale · dy takes the place of `dy`.
#[cfg(feature = "training")]
fn input_gradient(x: &[f32], dy: &mut [f32], dx: &mut [f32], saved: &[f32], scale: &[f32]) {
    let features = scale.len().max(1);
    vectorize(
        #[inline(always)]
        || {
            let rows = x.chunks_exact(features).zip(dy.chunks_exact_mut(features)).zip(dx.chunks_exact_mut(features));
            for (((x, g), dx), inverse) in rows.zip(saved) {
                g.iter_mut().zip(scale).for_each(|(g, scale)| *g *= scale);
                let slope = mean([x, g], |x, g| x * g) as f32 * inverse * inverse;
                for ((x, g), dx) in x.iter().zip(&*g).zip(dx) {
                    *dx = inverse * (g - x * slope);
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, initialized, says};
    use crate::weights::{Defaults, Options};

    struct Negative;
    impl OptionsOf<RmsNormalization<3>> for Negative {
        const VALUE: RmsNormalizationOptions = RmsNormalizationOptions::DEFAULT.epsilon(-1.0);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        type Three = RmsNormalization<3>;
        assert_eq!(says::<Three, Defaults, [[f32; 3]; 2]>(), None);
        assert_eq!(says::<Three, Defaults, [f32; 4]>().unwrap(), "takes 3 features");
        assert_eq!(says::<Three, Negative, [f32; 3]>().unwrap(), "epsilon must be a number of at least 0");
    }

    #[test]
    fn each_vector_is_scaled_by_itself() {
        let x = [[[0.3, 7.0, -1.0], [-1.0, 0.5, 0.25]], [[1.2, -0.4, 0.1], [0.0, 2.0, 2.0]]];
        let layer = initialized::<RmsNormalization<3>>();
        differences::<_, Defaults, [[f32; 3]; 2], [[f32; 3]; 2]>(&*layer, &x, |scale, x| {
            let of_row = |x: &[f64]| {
                let square = x.iter().map(|x| x * x).sum::<f64>() / 3.0;
                let y = |i: usize| scale[i] * x[i] / libm::sqrt(square + 1e-6);
                (0..3).map(y).collect::<Vec<_>>()
            };
            x.chunks(3).flat_map(of_row).collect()
        });
    }
}
