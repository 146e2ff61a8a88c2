//! Inputs of mean 0 and variance 1.

use super::unless_features;
use crate::kernels::{math::sqrt, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::Tensor;
use crate::weights::{Initializer, OptionsOf};

/// y = (x − mean) / max(√variance, 10⁻⁷) for each of the features on the last axis, of any shape:
/// Keras's `layers.Normalization`.
///
/// No optimizer moves `mean` and `variance`; [`Normalization::adapt`] takes them from data before
/// training. With `invert = true` it is the way back, y = mean + x · max(√variance, 10⁻⁷).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Normalization;
/// let mut layer = Normalization { mean: [0.0; 2], variance: [1.0; 2] };
/// layer.adapt(&[[1.0, 10.0], [3.0, 10.0]]);
/// assert_eq!((layer.mean, layer.variance), ([2.0, 10.0], [1.0, 0.0]));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = NormalizationOptions, example = "Normalization<_>")]
pub struct Normalization<const FEATURES: usize> {
    /// What is taken off each feature; 0 at first.
    #[parameter(trainable = false)]
    pub mean: [f32; FEATURES],
    /// What each feature is divided by the root of; 1 at first.
    #[parameter(trainable = false, initializer = Initializer::Ones)]
    pub variance: [f32; FEATURES],
}

/// The options of [`Normalization`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct NormalizationOptions {
    /// Whether normalized values are turned back into those of the data.
    #[option(default = false)]
    invert: bool,
}

/// Keras's `backend.epsilon()`, the smallest deviation that counts.
const EPSILON: f32 = 1e-7;

impl<const FEATURES: usize> Normalization<FEATURES> {
    /// Takes mean and variance (of the population, as Keras does) from all vectors of features in
    /// `rows`.
    ///
    /// A tensor with another number of features is an error of compilation.
    ///
    /// # Panics
    /// When there are no rows.
    pub fn adapt<In: Tensor<Element = f32>>(&mut self, rows: &[In]) {
        const { assert!(In::SHAPE.last() == FEATURES, "the data have another number of features than `Normalization`") };
        assert!(!rows.is_empty(), "`Normalization` cannot adapt to no data");
        adapt(In::numbers(rows), &mut self.mean, &mut self.variance);
    }
}

fn adapt(rows: &[f32], means: &mut [f32], variances: &mut [f32]) {
    let features = means.len();
    for (feature, (mean, variance)) in means.iter_mut().zip(variances).enumerate() {
        let values = || rows[feature..].iter().step_by(features).map(|x| f64::from(*x));
        let count = (rows.len() / features) as f64;
        let center = values().sum::<f64>() / count;
        *mean = center as f32;
        *variance = (values().map(|x| (x - center) * (x - center)).sum::<f64>() / count) as f32;
    }
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize> Layer<In, O> for Normalization<FEATURES> {
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(FEATURES, 0));
    /// The deviations.
    const NEEDS: Needs = Needs::NONE
        .scratch(Floats::once(FEATURES))
        .backward_scratch(Floats::once(FEATURES))
        .multiplications(In::SHAPE.length())
        .masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let deviation = deviations(&self.variance, cx.scratch);
        scale(In::numbers(x), Out::numbers_mut(y), &self.mean, deviation, O::VALUE.invert);
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize> TrainLayer<In, O> for Normalization<FEATURES> {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let deviation = deviations(&self.variance, cx.scratch);
        // The slope is that of the same line through 0.
        scale(Out::numbers(dy), In::numbers_mut(dx), &[0.0; FEATURES], deviation, O::VALUE.invert);
    }
}

/// max(√variance, ε) of each feature, in `scratch`.
fn deviations<'a>(variance: &[f32], scratch: &'a mut [f32]) -> &'a [f32] {
    let deviations = &mut scratch[..variance.len()];
    for (deviation, variance) in deviations.iter_mut().zip(variance) {
        let root = sqrt(*variance);
        *deviation = if root < EPSILON { EPSILON } else { root };
    }
    deviations
}

fn scale(from: &[f32], to: &mut [f32], mean: &[f32], deviation: &[f32], invert: bool) {
    let features = mean.len().max(1);
    let rows = from.chunks_exact(features).zip(to.chunks_exact_mut(features));
    vectorize(
        #[inline(always)]
        || {
            for (from, to) in rows {
                for (((from, to), mean), deviation) in from.iter().zip(to).zip(mean).zip(deviation) {
                    *to = if invert { mean + from * deviation } else { (from - mean) / deviation };
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, run, says};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, Parameters, walk_ref};

    struct Invert;
    impl OptionsOf<Normalization<2>> for Invert {
        const VALUE: NormalizationOptions = NormalizationOptions::DEFAULT.invert(true);
    }

    const LAYER: Normalization<2> = Normalization { mean: [1.0, -2.0], variance: [4.0, 0.0] };

    #[test]
    fn the_features_must_be_those_of_the_type() {
        assert_eq!(<Normalization<3> as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 3]));
        assert_eq!(says::<Normalization<3>, Defaults, [[f32; 3]; 2]>(), None);
        assert_eq!(says::<Normalization<3>, Defaults, [f32; 4]>().unwrap(), "takes 3 features");
        assert!(says::<Normalization<3>, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
    }

    #[test]
    fn a_constant_feature_is_divided_by_epsilon() {
        let run = run::<_, Defaults, _, [f32; 2]>(&LAYER, &[[2.0, -2.0], [-1.0, -1.0]]);
        assert_eq!(run.y, [[0.5, 0.0], [-1.0, 1e7]]);
        assert_eq!(run.dx, run.dy.iter().map(|dy| [dy[0] / 2.0, dy[1] / EPSILON]).collect::<Vec<_>>());
    }

    #[test]
    fn invert_is_the_way_back() {
        let normal = run::<_, Defaults, _, [[f32; 2]; 2]>(&LAYER, &[[[2.0, -2.0], [-1.5, -2.0]]]);
        let back = run::<_, Invert, _, [[f32; 2]; 2]>(&LAYER, &normal.y);
        assert_eq!(back.y, [[[2.0, -2.0], [-1.5, -2.0]]]);
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        let layer = Normalization { mean: [1.0, -2.0], variance: [4.0, 0.3] };
        let deviation = |weights: &[f64], i: usize| libm::sqrt(weights[2 + i]);
        differences::<_, Defaults, [f32; 2], [f32; 2]>(&layer, &[[0.3, 7.0]], |weights, x| {
            (0..2).map(|i| (x[i] - weights[i]) / deviation(weights, i)).collect()
        });
        differences::<_, Invert, [f32; 2], [f32; 2]>(&layer, &[[0.3, 7.0]], |weights, x| {
            (0..2).map(|i| weights[i] + x[i] * deviation(weights, i)).collect()
        });
    }

    #[test]
    fn adapt_takes_the_moments_of_all_positions() {
        let mut layer = Normalization { mean: [0.0; 2], variance: [1.0; 2] };
        layer.adapt(&[[[1e4, 1.0], [1e4 + 1.0, 2.0]], [[1e4, 3.0], [1e4 + 1.0, 6.0]]]);
        assert_eq!((layer.mean, layer.variance), ([1e4 + 0.5, 3.0], [0.25, 3.5]));
    }

    #[test]
    fn no_optimizer_moves_it() {
        let mut names = vec![];
        walk_ref(&LAYER, &mut |parameter, values| {
            names.push((parameter.name(), parameter.trainable, values.to_vec()));
        });
        assert_eq!(names, [("mean", false, vec![1.0, -2.0]), ("variance", false, vec![4.0, 0.0])]);
        assert_eq!(<Normalization<2> as Parameters>::NON_TRAINABLE, 4);
    }
}
