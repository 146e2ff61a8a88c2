//! Features of mean 0 and variance 1 within each sample.

use super::axes::{Axes, each_sample};
use super::{Optional, Use, unless_features};
#[cfg(feature = "training")]
use crate::kernels::{PART, add_rows, in_parts};
use crate::kernels::{math::sqrt, parts_scratch, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};

/// y = gamma · (x − mean) / √(variance + epsilon) + beta, with mean and variance (of the population) of the features of
/// each vector on the last axis, of any shape: Keras's `layers.LayerNormalization` (Ba, Kiros and Hinton, 2016).
///
/// It knows no other sample and no other position, and is the same in training as after it. Without gamma it is
/// `LayerNormalization<_>(scale = false)`, without beta `LayerNormalization<_>(center = false)`.
///
/// Along another axis it is `LayerNormalization<4>(axis = 1)`, of which there are then as many features as the argument
/// says. Along several, Keras's `axis=[1, 2]`, all numbers along them are one vector: of samples of `[4, 6]` that is
/// `LayerNormalization<24>(axes = [1, 2], shape = [4, 6])`, where the shape is that of gamma and beta in a weight file.
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
    #[parameter(shape = *options.weights(&[FEATURES]).dimensions(), initializer = Initializer::Ones, when = S::USED, given = options.gamma)]
    pub gamma: S::Values<FEATURES>,
    /// What is then added to each feature; 0 at first.
    #[parameter(shape = *options.weights(&[FEATURES]).dimensions(), initializer = Initializer::Zeros, when = C::USED, given = options.beta)]
    pub beta: C::Values<FEATURES>,
}

/// The options of [`LayerNormalization`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct LayerNormalizationOptions {
    #[option(default = Axes::LAST, by_hand)]
    axis: Axes,
    // It follows from the axes, and changes nothing of what is computed.
    #[option(by_hand, training)]
    shape: Option<Shape>,
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

impl LayerNormalizationOptions {
    /// The axis along which the features of a vector lie. As in Keras the batch is axis 0, so a sample's first dimension is
    /// 1, and negative axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axis(mut self, axis: isize) -> Self {
        self.axis = Axes::one(axis);
        self
    }

    /// Several axes, Keras's `axis=[1, 2]`: all that lies along them is one vector.
    #[must_use]
    pub const fn axes<const COUNT: usize>(mut self, axes: [isize; COUNT]) -> Self {
        self.axis = Axes::several(axes);
        self
    }

    /// The dimensions along several axes, in the order of the sample's: the shape of the weights.
    ///
    /// # Panics
    /// When there are more than six.
    #[must_use]
    pub const fn shape<const COUNT: usize>(mut self, shape: [usize; COUNT]) -> Self {
        self.shape = Some(Shape::new(&shape));
        self
    }

    /// The shape of the weights, of which there are so many.
    const fn weights(&self, features: &[usize; 1]) -> Shape {
        match self.shape {
            Some(shape) if shape.length() == features[0] => shape,
            _ => Shape::new(features),
        }
    }

    /// The mistake of axes along which there are not as many numbers as the layer has features, or not in this shape.
    const fn mistake(&self, features: usize, input: &Shape) -> Option<Mistake> {
        if let Some(mistake) = self.axis.unless_features(features, input) {
            return Some(mistake);
        }
        let along = self.axis.dimensions(input);
        match self.shape {
            Some(shape) if shape.equals(&along) => None,
            Some(_) => {
                let text = Text::new("along the axes a sample has ").shape(&along);
                Some(Mistake::option("shape", text.and("; write `shape = ").shape(&along).and("`")))
            }
            None if along.rank() == 1 => None,
            None => {
                let advice = Text::new("write `shape = ").shape(&along).and("` behind the axes");
                Some(Mistake::missing(Text::new("needs the shape of its weights")).advice(advice))
            }
        }
    }
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
    const OUTPUT: Output = Output::new(if O::VALUE.axis.is_last() { In::SHAPE.with_last(FEATURES) } else { In::SHAPE })
        .or(Mistake::unless_numbers::<In>())
        .or(if O::VALUE.axis.is_last() { unless_features::<In>(FEATURES, 0) } else { None })
        .or(O::VALUE.mistake(FEATURES, &In::SHAPE))
        .or(unless_epsilon(O::VALUE.epsilon));
    /// Scratch: what is moved so that its axes are the last ones.
    const NEEDS: Needs = Needs::NONE
        .saved(Self::statistics(In::SHAPE.length()))
        .saved_in_inference(Floats::NONE)
        .scratch(O::VALUE.axis.moved(&In::SHAPE, 2))
        .backward_scratch(Floats::once(parts_scratch(FEATURES)).and(O::VALUE.axis.moved(&In::SHAPE, 3)))
        .multiplications(In::SHAPE.length())
        .masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (x, y, length) = (In::numbers(x), Out::numbers_mut(y), In::SHAPE.length());
        let saved = if cx.keep { &mut *cx.saved } else { &mut [] };
        let Some(moves) = (const { O::VALUE.axis.last(&In::SHAPE) }) else {
            self.normalize(x, y, saved, O::VALUE.epsilon);
            return;
        };
        let (moved, rest) = cx.scratch.split_at_mut(x.len());
        let normalized = &mut rest[..x.len()];
        each_sample(&moves, length, x, moved);
        self.normalize(moved, normalized, saved, O::VALUE.epsilon);
        each_sample(&moves.back(), length, normalized, y);
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
        let (x, dy, dx, length) = (In::numbers(x), Out::numbers_mut(dy), dx.map(In::numbers_mut), In::SHAPE.length());
        let scratch = core::mem::take(&mut cx.scratch);
        let Some(moves) = (const { O::VALUE.axis.last(&In::SHAPE) }) else {
            self.gradients(cx, x, dy, dx, scratch);
            return;
        };
        let (moved, rest) = scratch.split_at_mut(x.len());
        let (moved_dy, rest) = rest.split_at_mut(x.len());
        let (moved_dx, rest) = rest.split_at_mut(x.len());
        each_sample(&moves, length, x, moved);
        each_sample(&moves, length, dy, moved_dy);
        self.gradients(cx, moved, moved_dy, dx.is_some().then_some(&mut *moved_dx), rest);
        if let Some(dx) = dx {
            each_sample(&moves.back(), length, moved_dx, dx);
        }
    }
}

/// Of vectors that lie one after the other.
impl<const FEATURES: usize, C: Optional, S: Optional> LayerNormalization<FEATURES, C, S> {
    fn normalize(&self, x: &[f32], y: &mut [f32], saved: &mut [f32], epsilon: f32) {
        let features = const { if FEATURES == 0 { 1 } else { FEATURES } };
        let rows = x.chunks_exact(features).zip(y.chunks_exact_mut(features));
        let (gamma, beta) = (S::or_ones::<FEATURES>(&self.gamma), C::or_zeros::<FEATURES>(&self.beta));
        let mut saved = saved.chunks_exact_mut(2);
        vectorize(
            #[inline(always)]
            || {
                for (x, y) in rows {
                    let (mean, inverse) = statistics(x, epsilon);
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

    #[cfg(feature = "training")]
    fn gradients(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[f32],
        dy: &mut [f32],
        dx: Option<&mut [f32]>,
        scratch: &mut [f32],
    ) {
        let saved = &*cx.saved;
        if let Some(gradient) = &mut cx.gradient {
            if let Some(gamma) = S::values_mut::<FEATURES>(&mut gradient.gamma) {
                add_gamma_gradient([x, dy], saved, gamma, scratch);
            }
            if let Some(beta) = C::values_mut::<FEATURES>(&mut gradient.beta) {
                add_rows(dy, beta);
            }
        }
        if let Some(dx) = dx {
            input_gradient(x, dy, dx, saved, S::or_ones::<FEATURES>(&self.gamma));
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
mod tests;
