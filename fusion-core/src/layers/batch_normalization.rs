//! Features of mean 0 and variance 1 within the batch.

use super::axes::{Axes, each_sample};
use super::layer_normalization::unless_epsilon;
use super::{Optional, Use, unless_features};
use crate::kernels::math::sqrt;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{
    Floats, Folding, Forward, InputError, Kind, Layer, Masking, Mistake, Needs, Output, PreparedBytes, PreparedWeights,
    State, VisitArrays, WeightKind, scale_and_offset_arrays, scale_and_offset_mut,
};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};
use columns::{Statistics, moments};
#[cfg(feature = "training")]
use columns::{add_scaled, column_means, input_gradient};

mod columns;
mod masked;

/// y = gamma · (x − mean) / √(variance + epsilon) + beta for each of the features on the last axis, of any shape:
/// Keras's `layers.BatchNormalization` (Ioffe and Szegedy, 2015). Without gamma it is
/// `BatchNormalization<_>(scale = false)`, without beta `BatchNormalization<_>(center = false)`.
///
/// While training, mean and variance (of the population) are those of all vectors of features in the batch, and the
/// gradient goes through them; the moving ones follow them: moving = momentum · moving + (1 − momentum) · batch.
/// Otherwise, and where the layer is frozen, the moving ones are taken. Steps that a mask leaves out are normalized with
/// the others, and count in no statistics; the mask goes on.
///
/// A [`Prepared`](crate::Prepared) model multiplies by gamma / √(variance + epsilon) and adds beta − mean · that, or has both in
/// the weights of the layer before: the same but for rounding.
///
/// The features of another axis are those of `BatchNormalization<4>(axis = 1)`, as many as the argument says; a mask ends
/// there.
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
    #[option(default = Axes::LAST, by_hand)]
    axis: Axes,
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
    /// The axis on which the features lie. As in Keras the batch is axis 0, so a sample's first dimension is 1, and negative
    /// axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axis(mut self, axis: isize) -> Self {
        self.axis = Axes::one(axis);
        self
    }

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
    const OUTPUT: Output = Output::new(if O::VALUE.axis.is_last() { In::SHAPE.with_last(FEATURES) } else { In::SHAPE })
        .or(Mistake::unless_numbers::<In>())
        .or(if O::VALUE.axis.is_last() { unless_features::<In>(FEATURES, 0) } else { None })
        .or(O::VALUE.axis.unless_features(FEATURES, &In::SHAPE))
        .or(O::VALUE.mistake());
    /// Kept: mean, variance and the inverse of the deviation. Scratch: two means of the gradient, and what is moved so that
    /// the features are on the last axis.
    const NEEDS: Needs = Needs::NONE
        .saved(Floats::once(FEATURES.saturating_mul(3)))
        .scratch(O::VALUE.axis.moved(&In::SHAPE, 2))
        .backward_scratch(Floats::once(FEATURES.saturating_mul(2)).and(O::VALUE.axis.moved(&In::SHAPE, 3)))
        .multiplications(In::SHAPE.length())
        .couples_samples(true)
        .masking(if O::VALUE.axis.last(&In::SHAPE).is_none() { Masking::PassesOn } else { Masking::Ignores });

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (x, y, length) = (In::numbers(x), Out::numbers_mut(y), In::SHAPE.length());
        let batch = cx.training && cx.trainable;
        let Some(moves) = (const { O::VALUE.axis.last(&In::SHAPE) }) else {
            let mask = cx.mask_of(x.len() / FEATURES.max(1));
            self.normalize(x, y, cx.saved, mask, batch, O::VALUE.epsilon);
            return;
        };
        let (moved, normalized) = cx.scratch.split_at_mut(x.len());
        let normalized = &mut normalized[..x.len()];
        each_sample(&moves, length, x, moved);
        self.normalize(moved, normalized, cx.saved, None, batch, O::VALUE.epsilon);
        each_sample(&moves.back(), length, normalized, y);
    }

    const FOLDING: Folding = if O::VALUE.axis.is_last() { Folding::Scales } else { Folding::Nothing };
    const PREPARED: PreparedBytes = PreparedBytes::of_scale_and_offset(FEATURES);
    fn prepare<K: WeightKind>(&self, _strip_columns: usize, memory: &mut [f32]) {
        self.write_scale_and_offset(scale_and_offset_mut(memory, FEATURES), O::VALUE.epsilon);
    }
    fn prepared_arrays(_kind: Kind, visit: &mut VisitArrays<'_>) {
        scale_and_offset_arrays(FEATURES, visit);
    }
    fn check_prepared<K: WeightKind>(_: PreparedWeights<'_>, _: &mut Forward<'_>, _: &[In]) -> Result<(), InputError> {
        Ok(())
    }
    fn forward_prepared<K: WeightKind, Out: Tensor>(
        weights: PreparedWeights<'_>,
        cx: &mut Forward<'_>,
        x: &[In],
        y: &mut [Out],
    ) {
        let (x, y, length) = (In::numbers(x), Out::numbers_mut(y), In::SHAPE.length());
        let weights = weights.scale_and_offset(FEATURES);
        let Some(moves) = (const { O::VALUE.axis.last(&In::SHAPE) }) else {
            columns::scale(x, y, weights);
            return;
        };
        let (moved, scaled) = cx.scratch.split_at_mut(x.len());
        let scaled = &mut scaled[..x.len()];
        each_sample(&moves, length, x, moved);
        columns::scale(moved, scaled, weights);
        each_sample(&moves.back(), length, scaled, y);
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
        let (x, dy, dx, length) = (In::numbers(x), Out::numbers(dy), dx.map(In::numbers_mut), In::SHAPE.length());
        let scratch = core::mem::take(&mut cx.scratch);
        let Some(moves) = (const { O::VALUE.axis.last(&In::SHAPE) }) else {
            let mask = cx.mask_of(x.len() / FEATURES.max(1));
            self.gradients(cx, [x, dy], dx, mask, scratch);
            return;
        };
        let (moved, rest) = scratch.split_at_mut(x.len());
        let (moved_dy, rest) = rest.split_at_mut(x.len());
        let (moved_dx, rest) = rest.split_at_mut(x.len());
        each_sample(&moves, length, x, moved);
        each_sample(&moves, length, dy, moved_dy);
        self.gradients(cx, [moved, moved_dy], dx.is_some().then_some(&mut *moved_dx), None, rest);
        if let Some(dx) = dx {
            each_sample(&moves.back(), length, moved_dx, dx);
        }
    }
}

/// Of features that lie on the last axis.
impl<const FEATURES: usize, C: Optional, S: Optional> BatchNormalization<FEATURES, C, S> {
    /// By the statistics of the batch, or by the moving ones.
    fn normalize(&self, x: &[f32], y: &mut [f32], saved: &mut [f32], mask: Option<&[f32]>, batch: bool, epsilon: f32) {
        let statistics = Statistics::split(saved, FEATURES);
        match mask {
            _ if !batch => {
                statistics.mean.copy_from_slice(&self.moving_mean);
                statistics.variance.copy_from_slice(&self.moving_variance);
            }
            None => moments(x, statistics.mean, statistics.variance),
            Some(mask) => masked::moments(x, mask, statistics.mean, statistics.variance),
        }
        for (inverse, variance) in statistics.inverse.iter_mut().zip(&*statistics.variance) {
            *inverse = 1.0 / sqrt(variance + epsilon);
        }
        let (gamma, beta) = (S::or_ones::<FEATURES>(&self.gamma), C::or_zeros::<FEATURES>(&self.beta));
        columns::normalize(x, y, &statistics, gamma, beta);
    }

    /// y = x · scale + offset in inference.
    fn write_scale_and_offset(&self, [scale, offset]: [&mut [f32]; 2], epsilon: f32) {
        let (gamma, beta) = (S::or_ones::<FEATURES>(&self.gamma), C::or_zeros::<FEATURES>(&self.beta));
        let statistics = self.moving_mean.iter().zip(&self.moving_variance);
        let weights = gamma.iter().zip(beta).zip(statistics);
        for ((scale, offset), ((gamma, beta), (mean, variance))) in scale.iter_mut().zip(offset).zip(weights) {
            *scale = gamma * (1.0 / sqrt(variance + epsilon));
            // The two may be nearly the same, and so the difference is of more digits.
            *offset = (f64::from(*beta) - f64::from(*mean) * f64::from(*scale)) as f32;
        }
    }

    #[cfg(feature = "training")]
    fn gradients(
        &self,
        cx: &mut Backward<'_, Self>,
        [x, dy]: [&[f32]; 2],
        dx: Option<&mut [f32]>,
        mask: Option<&[f32]>,
        scratch: &mut [f32],
    ) {
        let statistics = Statistics::split(cx.saved, FEATURES);
        let (mean_dy, rest) = scratch.split_at_mut(FEATURES);
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
        match mask.filter(|_| through_statistics) {
            None => input_gradient([x, dy], dx, &statistics, gamma, [mean_dy, slope]),
            Some(mask) => masked::input_gradient([x, dy], mask, dx, &statistics, gamma, [mean_dy, slope]),
        }
    }
}

/// Moves a moving average towards what the batch had.
fn follow(moving: &mut [f32], batch: &[f32], momentum: f32) {
    for (moving, batch) in moving.iter_mut().zip(batch) {
        *moving = *moving * momentum + batch * (1.0 - momentum);
    }
}

#[cfg(test)]
mod tests;
