//! Features of mean 0 and variance 1 within each sample.

use super::{Optional, Use, unless_features};
#[cfg(feature = "training")]
use crate::kernels::{PART, add_rows, in_parts};
use crate::kernels::{math::sqrt, parts_scratch, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};

/// y = gamma · (x − mean) / √(variance + epsilon) + beta, with mean and variance (of the population) of the features of
/// each vector on the last axis, of any shape: Keras's `layers.LayerNormalization` (Ba, Kiros and Hinton, 2016).
///
/// It knows no other sample and no other position, and is the same in training as after it. Without gamma it is
/// `LayerNormalization<_>(scale = false)`, without beta `LayerNormalization<_>(center = false)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::LayerNormalization;
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 16]; 28];
/// type Normalization = LayerNormalization<16>;
/// assert_eq!(<Normalization as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[28, 16]));
/// assert_eq!(<Normalization as Parameters>::COUNT, 32);
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = LayerNormalizationOptions, example = "LayerNormalization<_>", arguments(center = 1, scale = 2))]
pub struct LayerNormalization<const FEATURES: usize, C: Optional = Use<true>, S: Optional = Use<true>> {
    /// What each feature is multiplied by; 1 at first.
    #[parameter(shape = [FEATURES], initializer = Initializer::Ones, when = S::USED, given = options.gamma)]
    pub gamma: S::Values<FEATURES>,
    /// What is then added to each feature; 0 at first.
    #[parameter(shape = [FEATURES], initializer = Initializer::Zeros, when = C::USED, given = options.beta)]
    pub beta: C::Values<FEATURES>,
}

/// The options of [`LayerNormalization`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct LayerNormalizationOptions {
    /// What is added to the variance, so that it is never 0; 0.001 by default.
    #[option(default = 1e-3)]
    epsilon: f32,
    /// `Ones` if not given.
    #[option(array)]
    gamma: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    beta: ArrayOptions,
}

/// The mistake of what is added to a variance, if it cannot be.
pub(super) const fn unless_epsilon(epsilon: f32) -> Option<Mistake> {
    if epsilon >= 0.0 && epsilon < f32::INFINITY {
        return None;
    }
    Some(Mistake::option("epsilon", Text::new("epsilon must be a number of at least 0")))
}

impl<const FEATURES: usize, C: Optional, S: Optional> LayerNormalization<FEATURES, C, S> {
    /// Mean and inverse of the deviation of each vector of a sample.
    const fn statistics(length: usize) -> Floats {
        match length.checked_div(FEATURES) {
            Some(vectors) => Floats::per_sample(vectors.saturating_mul(2)),
            None => Floats::NONE,
        }
    }
}

impl<In, O, const FEATURES: usize, C: Optional, S: Optional> Layer<In, O> for LayerNormalization<FEATURES, C, S>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(FEATURES, 0))
        .or(unless_epsilon(O::VALUE.epsilon));
    const NEEDS: Needs = Needs::NONE
        .saved(Self::statistics(In::SHAPE.length()))
        .saved_in_inference(Floats::NONE)
        .backward_scratch(Floats::once(parts_scratch(FEATURES)))
        .multiplications(In::SHAPE.length())
        .masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let features = const { if FEATURES == 0 { 1 } else { FEATURES } };
        let rows = In::numbers(x).chunks_exact(features).zip(Out::numbers_mut(y).chunks_exact_mut(features));
        let (gamma, beta) = (S::or_ones::<FEATURES>(&self.gamma), C::or_zeros::<FEATURES>(&self.beta));
        let mut saved = if cx.keep { &mut *cx.saved } else { &mut [] }.chunks_exact_mut(2);
        vectorize(
            #[inline(always)]
            || {
                for (x, y) in rows {
                    let (mean, inverse) = statistics(x, O::VALUE.epsilon);
                    for (((x, y), gamma), beta) in x.iter().zip(y).zip(gamma).zip(beta) {
                        *y = (x - mean) * (gamma * inverse) + beta;
                    }
                    if let Some(saved) = saved.next() {
                        saved.copy_from_slice(&[mean, inverse]);
                    }
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In, O, const FEATURES: usize, C: Optional, S: Optional> TrainLayer<In, O> for LayerNormalization<FEATURES, C, S>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
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
            if let Some(gamma) = S::values_mut::<FEATURES>(&mut gradient.gamma) {
                add_gamma_gradient([x, dy], saved, gamma, cx.scratch);
            }
            if let Some(beta) = C::values_mut::<FEATURES>(&mut gradient.beta) {
                add_rows(dy, beta);
            }
        }
        if let Some(dx) = dx {
            input_gradient(x, dy, In::numbers_mut(dx), saved, S::or_ones::<FEATURES>(&self.gamma));
        }
    }
}

/// The mean of a vector, and 1 / √(variance + epsilon).
#[inline(always)]
fn statistics(x: &[f32], epsilon: f32) -> (f32, f32) {
    let center = mean([x, x], |x, _| x);
    let variance = mean([x, x], |x, _| (x - center) * (x - center));
    (center as f32, 1.0 / sqrt(variance as f32 + epsilon))
}

/// Features that are added up side by side, in a few vector instructions.
const LANES: usize = 16;

/// The mean of a term of two numbers at one place. Sums are in `f64`, as those of long vectors lose their digits in
/// `f32`.
#[inline(always)]
pub(super) fn mean(vectors: [&[f32]; 2], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let mut add = |a: &[f32], b: &[f32]| {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += term(f64::from(*a), f64::from(*b));
        }
    };
    let [(a, rest_of_a), (b, rest_of_b)] = vectors.map(<[f32]>::as_chunks::<LANES>);
    a.iter().zip(b).for_each(|(a, b)| add(a, b));
    add(rest_of_a, rest_of_b);
    sums.iter().sum::<f64>() / vectors[0].len() as f64
}

/// gamma += dy · x̂ of all vectors, where x̂ = (x − mean) · inverse, in blocks.
#[cfg(feature = "training")]
fn add_gamma_gradient([x, dy]: [&[f32]; 2], saved: &[f32], gamma: &mut [f32], scratch: &mut [f32]) {
    let features = gamma.len().max(1);
    in_parts(x.len() / features, PART, gamma, scratch, |rows, gamma| {
        let [x, dy] = [x, dy].map(|numbers| numbers[rows.start * features..rows.end * features].chunks_exact(features));
        let saved = &saved.as_chunks().0[rows];
        vectorize(
            #[inline(always)]
            || {
                for ((x, dy), [mean, inverse]) in x.zip(dy).zip(saved) {
                    for ((x, dy), gamma) in x.iter().zip(dy).zip(&mut *gamma) {
                        *gamma += dy * ((x - mean) * inverse);
                    }
                }
            },
        );
    });
}

/// dx = inverse · (g − mean of g − x̂ · mean of g · x̂), where g = gamma · dy takes the place of `dy`.
#[cfg(feature = "training")]
fn input_gradient(x: &[f32], dy: &mut [f32], dx: &mut [f32], saved: &[f32], gamma: &[f32]) {
    let features = gamma.len().max(1);
    vectorize(
        #[inline(always)]
        || {
            let rows = x.chunks_exact(features).zip(dy.chunks_exact_mut(features)).zip(dx.chunks_exact_mut(features));
            for (((x, g), dx), [center, inverse]) in rows.zip(saved.as_chunks().0) {
                g.iter_mut().zip(gamma).for_each(|(g, gamma)| *g *= gamma);
                let mean_g = mean([x, g], |_, g| g) as f32;
                let slope = mean([x, g], |x, g| (x - f64::from(*center)) * g) as f32 * inverse * inverse;
                for ((x, g), dx) in x.iter().zip(&*g).zip(dx) {
                    *dx = inverse * (g - mean_g - (x - center) * slope);
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, initialized, says};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, Parameters};

    type Three = LayerNormalization<3>;

    struct Half;
    impl OptionsOf<Three> for Half {
        const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.epsilon(0.5);
    }
    struct Negative;
    impl OptionsOf<Three> for Negative {
        const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.epsilon(-1.0);
    }

    #[test]
    fn the_features_must_be_those_of_the_type() {
        assert_eq!(<Three as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 3]));
        assert_eq!(says::<Three, Half, [[f32; 3]; 2]>(), None);
        assert_eq!(says::<Three, Defaults, [f32; 4]>().unwrap(), "takes 3 features");
        assert!(says::<Three, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
        assert_eq!(says::<Three, Negative, [f32; 3]>().unwrap(), "epsilon must be a number of at least 0");
        assert_eq!((<Three as Parameters>::COUNT, <Three as Parameters>::NON_TRAINABLE), (6, 0));
    }

    /// The formula in `f64`, of flat weights and one flat sample.
    fn formula(features: usize, epsilon: f64) -> impl Fn(&[f64], &[f64]) -> Vec<f64> {
        move |weights, x| {
            let of_row = |x: &[f64]| {
                let mean = x.iter().sum::<f64>() / features as f64;
                let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / features as f64;
                let y = |i: usize| weights[i] * (x[i] - mean) / libm::sqrt(variance + epsilon) + weights[features + i];
                (0..features).map(y).collect::<Vec<_>>()
            };
            x.chunks(features).flat_map(of_row).collect()
        }
    }

    #[test]
    fn each_vector_is_normalized_by_itself() {
        let x = [[[0.3, 7.0, -1.0], [-1.0, 0.5, 0.25]], [[1.2, -0.4, 0.1], [0.0, 2.0, 2.0]]];
        differences::<_, Defaults, [[f32; 3]; 2], [[f32; 3]; 2]>(&*initialized::<Three>(), &x, formula(3, 1e-3));
        differences::<_, Half, [[f32; 3]; 2], [[f32; 3]; 2]>(&*initialized::<Three>(), &x, formula(3, 0.5));
    }

    #[test]
    fn vectors_longer_than_the_lanes_are_whole() {
        type Long = LayerNormalization<37>;
        let x = [core::array::from_fn(|i| (i * i % 11) as f32 - 4.0), core::array::from_fn(|i| 0.1 * i as f32)];
        differences::<_, Defaults, [f32; 37], [f32; 37]>(&*initialized::<Long>(), &x, formula(37, 1e-3));
    }

    #[test]
    fn a_vector_far_from_zero_keeps_its_digits() {
        let (x, mut y) = ([[1e4_f32 + 1.0, 1e4 + 2.0, 1e4 + 3.0]], [[0.0_f32; 3]]);
        let layer: Three = LayerNormalization { gamma: [1.0; 3], beta: [0.0; 3] };
        <Three as Layer<[f32; 3]>>::forward(&layer, &mut Forward::new(&mut [], &mut []), &x, &mut y);
        let expected = 1.0 / libm::sqrt(2.0 / 3.0 + 1e-3) as f32;
        for (y, expected) in y[0].iter().zip([-expected, 0.0, expected]) {
            assert!((y - expected).abs() < 1e-5, "{y}");
        }
    }
}
