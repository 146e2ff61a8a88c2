//! Features of mean 0 and variance 1 within the batch.

use super::layer_normalization::unless_epsilon;
use super::{Optional, Use, unless_features};
use crate::kernels::{math::sqrt, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output, State};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};

/// y = gamma · (x − mean) / √(variance + epsilon) + beta for each of the features on the last axis, of any shape:
/// Keras's `layers.BatchNormalization` (Ioffe and Szegedy, 2015). Without gamma it is
/// `BatchNormalization<_>(scale = false)`, without beta `BatchNormalization<_>(center = false)`.
///
/// While training, mean and variance (of the population) are those of all vectors of features in the batch, and the
/// gradient goes through them; the moving ones follow them: moving = momentum · moving + (1 − momentum) · batch.
/// Otherwise, and where the layer is frozen, the moving ones are taken. Steps that a mask leaves out are normalized with
/// the others, and count in no statistics; the mask goes on.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::BatchNormalization;
/// use fusion::{Layer, Parameters, Shape};
/// type Image = [[[f32; 16]; 28]; 28];
/// type Normalization = BatchNormalization<16>;
/// assert_eq!(<Normalization as Layer<Image>>::OUTPUT.shape, Shape::new(&[28, 28, 16]));
/// assert_eq!((<Normalization as Parameters>::COUNT, <Normalization as Parameters>::NON_TRAINABLE), (64, 32));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = BatchNormalizationOptions, example = "BatchNormalization<_>", arguments(center = 1, scale = 2))]
pub struct BatchNormalization<const FEATURES: usize, C: Optional = Use<true>, S: Optional = Use<true>> {
    /// The deviation of each feature after the layer; 1 at first.
    #[parameter(shape = [FEATURES], initializer = Initializer::Ones, when = S::USED, given = options.gamma)]
    pub gamma: S::Values<FEATURES>,
    /// The mean of each feature after the layer; 0 at first.
    #[parameter(shape = [FEATURES], initializer = Initializer::Zeros, when = C::USED, given = options.beta)]
    pub beta: C::Values<FEATURES>,
    /// The mean that inference takes off; 0 at first.
    #[parameter(trainable = false, given = options.moving_mean)]
    pub moving_mean: [f32; FEATURES],
    /// The variance that inference divides by; 1 at first.
    #[parameter(trainable = false, initializer = Initializer::Ones, given = options.moving_variance)]
    pub moving_variance: [f32; FEATURES],
}

/// The options of [`BatchNormalization`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct BatchNormalizationOptions {
    /// How much of the moving mean and variance each step keeps, from 0 to 1; 0.99 by default.
    #[option(default = 0.99)]
    momentum: f32,
    /// What is added to the variance, so that it is never 0; 0.001 by default.
    #[option(default = 1e-3)]
    epsilon: f32,
    /// `Ones` if not given.
    #[option(array)]
    gamma: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    beta: ArrayOptions,
    /// `Zeros` if not given.
    #[option(initializer)]
    moving_mean: ArrayOptions,
    /// `Ones` if not given.
    #[option(initializer)]
    moving_variance: ArrayOptions,
}

impl BatchNormalizationOptions {
    const fn mistake(&self) -> Option<Mistake> {
        if !(self.momentum >= 0.0 && self.momentum <= 1.0) {
            return Some(Mistake::option("momentum", Text::new("the momentum must be from 0 to 1")));
        }
        unless_epsilon(self.epsilon)
    }
}

impl<In, O, const FEATURES: usize, C: Optional, S: Optional> Layer<In, O> for BatchNormalization<FEATURES, C, S>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(FEATURES, 0))
        .or(O::VALUE.mistake());
    /// Kept: mean, variance and the inverse of the deviation. Scratch: two means of the gradient.
    const NEEDS: Needs = Needs::NONE
        .saved(Floats::once(FEATURES.saturating_mul(3)))
        .backward_scratch(Floats::once(FEATURES.saturating_mul(2)))
        .multiplications(In::SHAPE.length())
        .couples_samples(true)
        .masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let mask = cx.mask_of(In::numbers(x).len() / FEATURES.max(1));
        let statistics = Statistics::split(cx.saved, FEATURES);
        if cx.training && cx.trainable {
            match mask {
                None => moments(In::numbers(x), statistics.mean, statistics.variance),
                Some(mask) => masked::moments(In::numbers(x), mask, statistics.mean, statistics.variance),
            }
        } else {
            statistics.mean.copy_from_slice(&self.moving_mean);
            statistics.variance.copy_from_slice(&self.moving_variance);
        }
        for (inverse, variance) in statistics.inverse.iter_mut().zip(&*statistics.variance) {
            *inverse = 1.0 / sqrt(variance + O::VALUE.epsilon);
        }
        let (gamma, beta) = (S::or_ones::<FEATURES>(&self.gamma), C::or_zeros::<FEATURES>(&self.beta));
        normalize(In::numbers(x), Out::numbers_mut(y), &statistics, gamma, beta);
    }

    fn update_state(&mut self, cx: &mut State<'_>) {
        if cx.samples == 0 {
            return;
        }
        let Statistics { mean, variance, .. } = Statistics::split(cx.saved, FEATURES);
        follow(&mut self.moving_mean, mean, O::VALUE.momentum);
        follow(&mut self.moving_variance, variance, O::VALUE.momentum);
    }
}

#[cfg(feature = "training")]
impl<In, O, const FEATURES: usize, C: Optional, S: Optional> TrainLayer<In, O> for BatchNormalization<FEATURES, C, S>
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
        let statistics = Statistics::split(cx.saved, FEATURES);
        let (x, dy) = (In::numbers(x), Out::numbers(dy));
        let (mean_dy, rest) = cx.scratch.split_at_mut(FEATURES);
        let slope = &mut rest[..FEATURES];
        let through_statistics = cx.training && cx.trainable;
        if through_statistics || cx.gradient.is_some() {
            column_means([x, dy], mean_dy, |_, dy, _| dy);
            slope.copy_from_slice(statistics.mean);
            column_means([x, dy], slope, |x, dy, mean| (x - mean) * dy);
        }
        if let Some(gradient) = &mut cx.gradient {
            let count = (dy.len() / FEATURES.max(1)) as f32;
            if let Some(beta) = C::values_mut::<FEATURES>(&mut gradient.beta) {
                add_scaled(beta, mean_dy, |_| count);
            }
            if let Some(gamma) = S::values_mut::<FEATURES>(&mut gradient.gamma) {
                add_scaled(gamma, slope, |feature| count * statistics.inverse[feature]);
            }
        }
        let Some(dx) = dx else { return };
        if through_statistics {
            slope.iter_mut().zip(&*statistics.inverse).for_each(|(slope, inverse)| *slope *= inverse * inverse);
        } else {
            // Mean and variance are constants.
            mean_dy.fill(0.0);
            slope.fill(0.0);
        }
        let gamma = S::or_ones::<FEATURES>(&self.gamma);
        match cx.mask.filter(|mask| through_statistics && mask.len() * FEATURES == x.len()) {
            None => input_gradient([x, dy], In::numbers_mut(dx), &statistics, gamma, [mean_dy, slope]),
            Some(mask) => {
                masked::input_gradient([x, dy], mask, In::numbers_mut(dx), &statistics, gamma, [mean_dy, slope]);
            }
        }
    }
}

mod masked;

/// What each feature is normalized by.
struct Statistics<'a> {
    mean: &'a mut [f32],
    variance: &'a mut [f32],
    /// 1 / √(variance + epsilon).
    inverse: &'a mut [f32],
}

impl<'a> Statistics<'a> {
    fn split(saved: &'a mut [f32], features: usize) -> Self {
        let (mean, rest) = saved.split_at_mut(features);
        let (variance, rest) = rest.split_at_mut(features);
        Self { mean, variance, inverse: &mut rest[..features] }
    }
}

fn moments(x: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    column_means([x, x], mean, |x, _, _| x);
    variance.copy_from_slice(mean);
    column_means([x, x], variance, |x, _, mean| (x - mean) * (x - mean));
}

/// Features that are added up side by side.
const LANES: usize = 16;

/// Replaces each of `columns` by the mean over all rows of a term of two numbers in that column and of what `columns`
/// held. Sums are in `f64`, as those of large batches lose their digits in `f32`.
#[inline(always)]
fn column_means(rows: [&[f32]; 2], columns: &mut [f32], term: impl Fn(f64, f64, f64) -> f64) {
    let features = columns.len();
    if features == 0 {
        return;
    }
    let count = (rows[0].len() / features) as f64;
    let [a, b] = rows.map(|rows| rows.chunks_exact(features));
    for (block, columns) in columns.chunks_mut(LANES).enumerate() {
        let (start, width) = (block * LANES, columns.len());
        let (mut sums, mut old) = ([0.0; LANES], [0.0; LANES]);
        old.iter_mut().zip(&*columns).for_each(|(old, column)| *old = f64::from(*column));
        vectorize(
            #[inline(always)]
            || {
                for (a, b) in a.clone().zip(b.clone()) {
                    let (a, b) = (&a[start..start + width], &b[start..start + width]);
                    // Sixteen at a time become a few vector instructions.
                    if let (Some(a), Some(b)) = (a.first_chunk::<LANES>(), b.first_chunk::<LANES>()) {
                        add_terms(&mut sums, &old, a, b, &term);
                    } else {
                        add_terms(&mut sums, &old, a, b, &term);
                    }
                }
            },
        );
        columns.iter_mut().zip(sums).for_each(|(column, sum)| *column = (sum / count) as f32);
    }
}

#[inline(always)]
fn add_terms(sums: &mut [f64], old: &[f64], a: &[f32], b: &[f32], term: &impl Fn(f64, f64, f64) -> f64) {
    for (((sum, old), a), b) in sums.iter_mut().zip(old).zip(a).zip(b) {
        *sum += term(f64::from(*a), f64::from(*b), *old);
    }
}

fn normalize(x: &[f32], y: &mut [f32], statistics: &Statistics<'_>, gamma: &[f32], beta: &[f32]) {
    let features = gamma.len().max(1);
    let Statistics { mean, inverse, .. } = statistics;
    vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(features).zip(y.chunks_exact_mut(features)) {
                let columns = mean.iter().zip(&**inverse).zip(gamma.iter().zip(beta));
                for ((x, y), ((mean, inverse), (gamma, beta))) in x.iter().zip(y).zip(columns) {
                    *y = (x - mean) * (gamma * inverse) + beta;
                }
            }
        },
    );
}

/// dx = gamma · inverse · (dy − mean of dy − (x − mean) · slope), with the last two of each feature given.
#[cfg(feature = "training")]
fn input_gradient(
    [x, dy]: [&[f32]; 2],
    dx: &mut [f32],
    statistics: &Statistics<'_>,
    gamma: &[f32],
    [mean_dy, slope]: [&[f32]; 2],
) {
    let features = gamma.len().max(1);
    let Statistics { mean, inverse, .. } = statistics;
    vectorize(
        #[inline(always)]
        || {
            let rows = x.chunks_exact(features).zip(dy.chunks_exact(features));
            for ((x, dy), dx) in rows.zip(dx.chunks_exact_mut(features)) {
                let columns = mean.iter().zip(&**inverse).zip(gamma).zip(mean_dy.iter().zip(slope));
                let row = x.iter().zip(dy).zip(dx);
                for (((x, dy), dx), (((mean, inverse), gamma), (mean_dy, slope))) in row.zip(columns) {
                    *dx = gamma * inverse * (dy - mean_dy - (x - mean) * slope);
                }
            }
        },
    );
}

#[cfg(feature = "training")]
fn add_scaled(sum: &mut [f32], means: &[f32], factor: impl Fn(usize) -> f32) {
    for (feature, (sum, mean)) in sum.iter_mut().zip(means).enumerate() {
        *sum += mean * factor(feature);
    }
}

/// Moves a moving average towards what the batch had.
fn follow(moving: &mut [f32], batch: &[f32], momentum: f32) {
    for (moving, batch) in moving.iter_mut().zip(batch) {
        *moving = *moving * momentum + batch * (1.0 - momentum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{Run, differences, initialized, run, run_in, says};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, Parameters};

    type Two = BatchNormalization<2>;

    struct Half;
    impl OptionsOf<Two> for Half {
        const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.momentum(0.5).epsilon(0.0);
    }
    struct Beyond;
    impl OptionsOf<Two> for Beyond {
        const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.momentum(1.5);
    }
    struct Negative;
    impl OptionsOf<Two> for Negative {
        const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.epsilon(-1.0);
    }

    fn layer() -> Box<Two> {
        let mut layer = initialized::<Two>();
        layer.moving_variance = [0.25, 2.0];
        layer
    }

    #[test]
    fn the_features_must_be_those_of_the_type() {
        assert_eq!(<Two as Layer<[[f32; 2]; 3]>>::OUTPUT.shape, Shape::new(&[3, 2]));
        assert_eq!(says::<Two, Half, [[f32; 2]; 3]>(), None);
        assert_eq!(says::<Two, Defaults, [f32; 3]>().unwrap(), "takes 2 features");
        assert!(says::<Two, Defaults, [u32; 2]>().unwrap().starts_with("takes numbers"));
        assert_eq!(says::<Two, Beyond, [f32; 2]>().unwrap(), "the momentum must be from 0 to 1");
        assert_eq!(says::<Two, Negative, [f32; 2]>().unwrap(), "epsilon must be a number of at least 0");
        assert_eq!((<Two as Parameters>::COUNT, <Two as Parameters>::NON_TRAINABLE), (8, 4));
    }

    #[test]
    fn inference_takes_the_moving_statistics() {
        let deviation = |weights: &[f64], i: usize| libm::sqrt(weights[6 + i] + 1e-3);
        differences::<_, Defaults, [[f32; 2]; 2], [[f32; 2]; 2]>(
            &*layer(),
            &[[[0.3, 7.0], [-1.0, 0.5]], [[1.2, -0.4], [0.0, 2.0]]],
            |w, x| (0..4).map(|i| w[i % 2] * (x[i] - w[4 + i % 2]) / deviation(w, i % 2) + w[2 + i % 2]).collect(),
        );
    }

    /// What training makes of a batch, in `f64`.
    fn formula(gamma: &[f64], beta: &[f64], batch: &[f64]) -> Vec<f64> {
        let count = (batch.len() / 2) as f64;
        let column = |i: usize| batch.iter().skip(i % 2).step_by(2);
        let mean = |i: usize| column(i).sum::<f64>() / count;
        let variance = |i: usize| column(i).map(|x| (x - mean(i)) * (x - mean(i))).sum::<f64>() / count;
        let y = |(i, x): (usize, &f64)| gamma[i % 2] * (x - mean(i)) / libm::sqrt(variance(i) + 1e-3) + beta[i % 2];
        batch.iter().enumerate().map(y).collect()
    }

    #[test]
    fn training_goes_through_the_statistics_of_the_batch() {
        let (layer, x) = (layer(), [[[0.3_f32, 7.0], [-1.0, 0.5]], [[1.2, -0.4], [0.1, 2.0]]]);
        let Run { y, dy, dx, gradient } = run_in::<_, Defaults, _, [[f32; 2]; 2]>(&*layer, &x, true);
        let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let [x, y, dy, dx] = [&x[..], &y, &dy, &dx].map(|rows| wide(rows.as_flattened().as_flattened()));
        let all = [wide(&layer.gamma), wide(&layer.beta), x].concat();
        let of = |all: &[f64]| formula(&all[..2], &all[2..4], &all[4..]);
        let loss = |all: &[f64]| of(all).iter().zip(&dy).map(|(y, dy)| y * dy).sum::<f64>();
        let slope = |index: usize| {
            let (mut up, mut down) = (all.clone(), all.clone());
            (up[index], down[index]) = (all[index] + 1e-6, all[index] - 1e-6);
            (loss(&up) - loss(&down)) / 2e-6
        };
        let found = [wide(&gradient.gamma), wide(&gradient.beta), dx].concat();
        assert!(y.iter().zip(of(&all)).all(|(y, expected)| (y - expected).abs() < 1e-6), "{y:?}");
        for (index, found) in found.iter().enumerate() {
            assert!((found - slope(index)).abs() < 2e-6, "{index}: {found}, but the formula gives {}", slope(index));
        }
        assert_eq!((gradient.moving_mean, gradient.moving_variance), ([0.0; 2], [0.0; 2]));
    }

    #[test]
    fn a_frozen_layer_trains_as_in_inference() {
        let (layer, x) = (layer(), [[0.3, 7.0], [-1.0, 0.5]]);
        let inference = run::<_, Defaults, _, [f32; 2]>(&*layer, &x);
        let (mut saved, mut scratch, mut y, mut dx) = ([f32::NAN; 6], [f32::NAN; 4], [[0.0; 2]; 2], [[0.0; 2]; 2]);
        let random = crate::Random::new(0);
        let mut cx = Forward::new(&mut saved, &mut []).training(random).trainable(false);
        Layer::<[f32; 2]>::forward(&*layer, &mut cx, &x, &mut y);
        let mut cx = Backward::new(None, &mut saved, &mut scratch).training(random);
        TrainLayer::<[f32; 2]>::backward(&*layer, &mut cx, &x, &y, &mut inference.dy.clone(), Some(&mut dx));
        assert_eq!((&y[..], &dx[..]), (&inference.y[..], &inference.dx[..]));
    }

    #[test]
    fn moving_statistics_follow_the_batch() {
        let (mut layer, mut saved, mut y) = (layer(), [f32::NAN; 6], [[0.0; 2]; 2]);
        (layer.moving_mean, layer.moving_variance) = ([2.0, 0.0], [3.0, 1.0]);
        let mut cx = Forward::new(&mut saved, &mut []).training(crate::Random::new(0));
        Layer::<[f32; 2], Half>::forward(&*layer, &mut cx, &[[0.0, 4.0], [2.0, 8.0]], &mut y);
        Layer::<[f32; 2], Half>::update_state(&mut *layer, &mut State::new(0, &mut saved));
        assert_eq!((layer.moving_mean, layer.moving_variance), ([2.0, 0.0], [3.0, 1.0]));
        Layer::<[f32; 2], Half>::update_state(&mut *layer, &mut State::new(2, &mut saved));
        assert_eq!((layer.moving_mean, layer.moving_variance), ([1.5, 3.0], [2.0, 2.5]));
    }
}
