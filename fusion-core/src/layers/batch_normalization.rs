//! Features of mean 0 and variance 1 within the batch.

use super::unless_features;
use crate::initializers::Initializer;
use crate::kernels::{math::sqrt, vectorize};
use crate::parameters::{ParameterArray, Visit};
use crate::{
    Backward, Configured, Fit, Forward, Layer, Memory, Mistake, OptionsOf, Parameter, Parameters, Path, Shape, Tensor,
    Text,
};

/// y = gamma · (x − mean) / √(variance + epsilon) + beta for each of the features on the last axis, of any shape:
/// Keras's `layers.BatchNormalization` (Ioffe and Szegedy, 2015).
///
/// While training, mean and variance (of the population) are those of all vectors of features in the batch, and the
/// gradient goes through them; the moving ones follow them: moving = momentum · moving + (1 − momentum) · batch.
/// Otherwise, and where the layer is frozen, the moving ones are taken.
///
/// ```
/// use fusion_core::layers::BatchNormalization;
/// use fusion_core::{Layer, Parameters, Shape};
/// type Image = [[[f32; 16]; 28]; 28];
/// assert_eq!(<BatchNormalization<16> as Layer<Image>>::FIT.output, Shape::new(&[28, 28, 16]));
/// assert_eq!((BatchNormalization::<16>::COUNT, BatchNormalization::<16>::NON_TRAINABLE), (64, 32));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct BatchNormalization<const FEATURES: usize> {
    /// The deviation of each feature after the layer; 1 at first.
    pub gamma: [f32; FEATURES],
    /// The mean of each feature after the layer; 0 at first.
    pub beta: [f32; FEATURES],
    /// The mean that inference takes off; 0 at first.
    pub moving_mean: [f32; FEATURES],
    /// The variance that inference divides by; 1 at first.
    pub moving_variance: [f32; FEATURES],
}

/// The options of [`BatchNormalization`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormalizationOptions {
    momentum: f32,
    epsilon: f32,
}

impl BatchNormalizationOptions {
    /// How much of the moving mean and variance each step keeps, from 0 to 1; 0.99 by default.
    #[must_use]
    pub const fn momentum(mut self, momentum: f32) -> Self {
        self.momentum = momentum;
        self
    }

    /// What is added to the variance, so that it is never 0; 0.001 by default.
    #[must_use]
    pub const fn epsilon(mut self, epsilon: f32) -> Self {
        self.epsilon = epsilon;
        self
    }

    const fn mistake(&self) -> Option<Mistake> {
        if !(self.momentum >= 0.0 && self.momentum <= 1.0) {
            return Some(Mistake::option("momentum", Text::new("the momentum must be from 0 to 1")));
        }
        if !(self.epsilon >= 0.0 && self.epsilon < f32::INFINITY) {
            return Some(Mistake::option("epsilon", Text::new("epsilon must be a number of at least 0")));
        }
        None
    }
}

impl<const FEATURES: usize> Parameters for BatchNormalization<FEATURES> {
    const COUNT: usize = 4 * FEATURES;
    const NON_TRAINABLE: usize = 2 * FEATURES;

    fn walk<const K: usize>(mut these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        let [gamma, beta, mean, variance] = parameters(path, FEATURES);
        ParameterArray::visit(these.each_mut().map(|layer| &mut layer.gamma), &gamma, visit);
        ParameterArray::visit(these.each_mut().map(|layer| &mut layer.beta), &beta, visit);
        ParameterArray::visit(these.each_mut().map(|layer| &mut layer.moving_mean), &mean, visit);
        ParameterArray::visit(these.map(|layer| &mut layer.moving_variance), &variance, visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        let [gamma, beta, mean, variance] = parameters(path, FEATURES);
        self.gamma.visit_ref(&gamma, visit);
        self.beta.visit_ref(&beta, visit);
        self.moving_mean.visit_ref(&mean, visit);
        self.moving_variance.visit_ref(&variance, visit);
    }
}

const fn parameters<'a>(path: &'a Path<'a>, features: usize) -> [Parameter<'a>; 4] {
    let shape = Shape::new(&[features]);
    [
        Parameter::new(path, "gamma", shape, Initializer::Ones),
        Parameter::new(path, "beta", shape, Initializer::Zeros),
        Parameter::state(path, "moving_mean", shape, Initializer::Zeros),
        Parameter::state(path, "moving_variance", shape, Initializer::Ones),
    ]
}

impl<const FEATURES: usize> Configured for BatchNormalization<FEATURES> {
    type Options = BatchNormalizationOptions;
    const DEFAULT: BatchNormalizationOptions = BatchNormalizationOptions { momentum: 0.99, epsilon: 1e-3 };
    const CLASS: &'static str = "BatchNormalization";
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize> Layer<In, O> for BatchNormalization<FEATURES> {
    const FIT: Fit = Fit::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(FEATURES, 0))
        .or(O::VALUE.mistake());
    /// Kept: mean, variance and the inverse of the deviation. Scratch: two means of the gradient.
    const MEMORY: Memory = Memory { saved: 3 * FEATURES, backward_scratch: 2 * FEATURES, ..Memory::NONE };
    const MULTIPLICATIONS: usize = In::SHAPE.length();
    const COUPLES_SAMPLES: bool = true;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let statistics = Statistics::split(cx.saved, FEATURES);
        if cx.training && cx.trainable {
            moments(In::numbers(x), statistics.mean, statistics.variance);
        } else {
            statistics.mean.copy_from_slice(&self.moving_mean);
            statistics.variance.copy_from_slice(&self.moving_variance);
        }
        for (inverse, variance) in statistics.inverse.iter_mut().zip(&*statistics.variance) {
            *inverse = 1.0 / sqrt(variance + O::VALUE.epsilon);
        }
        normalize(In::numbers(x), Out::numbers_mut(y), &statistics, &self.gamma, &self.beta);
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
    ) {
        let statistics = Statistics::split(cx.saved, FEATURES);
        let (x, dy) = (In::numbers(x), Out::numbers(dy));
        let (mean_dy, rest) = cx.scratch.split_at_mut(FEATURES);
        let slope = &mut rest[..FEATURES];
        if cx.trainable {
            column_means([x, dy], mean_dy, |_, dy, _| dy);
            slope.copy_from_slice(statistics.mean);
            column_means([x, dy], slope, |x, dy, mean| (x - mean) * dy);
            let count = (dy.len() / FEATURES.max(1)) as f32;
            add_scaled(&mut gradient.beta, mean_dy, |_| count);
            add_scaled(&mut gradient.gamma, slope, |feature| count * statistics.inverse[feature]);
        }
        let Some(dx) = dx else { return };
        if cx.training && cx.trainable {
            slope.iter_mut().zip(&*statistics.inverse).for_each(|(slope, inverse)| *slope *= inverse * inverse);
        } else {
            // Mean and variance are constants.
            mean_dy.fill(0.0);
            slope.fill(0.0);
        }
        input_gradient([x, dy], In::numbers_mut(dx), &statistics, &self.gamma, [mean_dy, slope]);
    }

    fn update_state(&mut self, samples: usize, saved: &mut [f32]) {
        if samples == 0 {
            return;
        }
        let Statistics { mean, variance, .. } = Statistics::split(saved, FEATURES);
        follow(&mut self.moving_mean, mean, O::VALUE.momentum);
        follow(&mut self.moving_variance, variance, O::VALUE.momentum);
    }
}

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

/// dx = gamma · inverse · (dy − mean of dy − (x − mean) · slope), with the last two of each feature in `means`.
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
