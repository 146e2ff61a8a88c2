//! Groups of channels of mean 0 and variance 1 within each sample.

use super::layer_normalization::unless_epsilon;
use super::{Optional, Use, unless_features};
#[cfg(feature = "training")]
use crate::kernels::{PART, add_rows, in_parts};
use crate::kernels::{math::sqrt, parts_scratch, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};

/// y = gamma · (x − mean) / √(variance + epsilon) + beta, with mean and variance (of the population) of a group of
/// channels at all places of a sample, `[…, CHANNELS]` of any shape: Keras's `layers.GroupNormalization` (Wu and He,
/// 2018).
///
/// It knows no other sample, and is the same in training as after it. One group is a layer normalization over all places,
/// as many as channels an instance normalization. Without gamma it is `GroupNormalization<_>(scale = false)`, without
/// beta `GroupNormalization<_>(center = false)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GroupNormalization;
/// use fusion::{Layer, Parameters, Shape};
/// type Image = [[[f32; 64]; 28]; 28];
/// assert_eq!(<GroupNormalization<64> as Layer<Image>>::OUTPUT.shape, Shape::new(&[28, 28, 64]));
/// assert_eq!(<GroupNormalization<64> as Parameters>::COUNT, 128);
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = GroupNormalizationOptions, example = "GroupNormalization<_>", arguments(center = 1, scale = 2))]
pub struct GroupNormalization<const CHANNELS: usize, C: Optional = Use<true>, S: Optional = Use<true>> {
    /// What each channel is multiplied by; 1 at first.
    #[parameter(shape = [CHANNELS], initializer = Initializer::Ones, when = S::USED, given = options.gamma)]
    pub gamma: S::Values<CHANNELS>,
    /// What is then added to each channel; 0 at first.
    #[parameter(shape = [CHANNELS], initializer = Initializer::Zeros, when = C::USED, given = options.beta)]
    pub beta: C::Values<CHANNELS>,
}

/// The options of [`GroupNormalization`]: `GroupNormalization<_>(groups = 8)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct GroupNormalizationOptions {
    /// Into how many groups the channels are divided; −1 for as many as there are channels, 32 by default.
    #[option(positional, default = 32)]
    groups: isize,
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

impl GroupNormalizationOptions {
    /// How many groups there are, at least one.
    const fn groups_of(&self, channels: usize) -> usize {
        match self.groups {
            -1 if channels > 0 => channels,
            ..=0 => 1,
            groups => groups as usize,
        }
    }

    const fn unless_groups(&self, channels: usize) -> Option<Mistake> {
        if self.groups < -1 || self.groups == 0 {
            let text = Text::new("`groups` must be at least 1, or -1 for as many as there are channels");
            return Some(Mistake::option("groups", text));
        }
        let groups = self.groups_of(channels);
        if channels.is_multiple_of(groups) {
            return None;
        }
        let text = Text::new("").number(channels).and(" channels cannot be divided into ").number(groups);
        Some(Mistake::option(
            "groups",
            text.and(" groups; write `groups = `, of which there are 32 if it is not given"),
        ))
    }
}

impl<In, O, const CHANNELS: usize, C: Optional, S: Optional> Layer<In, O> for GroupNormalization<CHANNELS, C, S>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(CHANNELS))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(CHANNELS, 0))
        .or(O::VALUE.unless_groups(CHANNELS))
        .or(unless_epsilon(O::VALUE.epsilon));
    /// Kept: mean and inverse of the deviation of each group.
    const NEEDS: Needs = Needs::NONE
        .saved(Floats::per_sample(O::VALUE.groups_of(CHANNELS).saturating_mul(2)))
        .saved_in_inference(Floats::NONE)
        .backward_scratch(Floats::once(parts_scratch(CHANNELS)))
        .multiplications(In::SHAPE.length())
        .masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let groups = const { Groups::of(CHANNELS, O::VALUE.groups_of(CHANNELS)) };
        let (length, epsilon) = (In::SHAPE.length().max(1), O::VALUE.epsilon);
        let samples = In::numbers(x).chunks_exact(length).zip(Out::numbers_mut(y).chunks_exact_mut(length));
        let (gamma, beta) = (S::or_ones::<CHANNELS>(&self.gamma), C::or_zeros::<CHANNELS>(&self.beta));
        let mut saved = if cx.keep { &mut *cx.saved } else { &mut [] }.chunks_exact_mut(2);
        vectorize(
            #[inline(always)]
            || {
                for (x, y) in samples {
                    for group in 0..groups.count {
                        let (mean, inverse) = groups.statistics(x, group, epsilon);
                        groups.normalize([x, gamma, beta], y, group, mean, inverse);
                        if let Some(saved) = saved.next() {
                            saved.copy_from_slice(&[mean, inverse]);
                        }
                    }
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In, O, const CHANNELS: usize, C: Optional, S: Optional> TrainLayer<In, O> for GroupNormalization<CHANNELS, C, S>
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
        let groups = const { Groups::of(CHANNELS, O::VALUE.groups_of(CHANNELS)) };
        let (x, dy, length) = (In::numbers(x), Out::numbers(dy), In::SHAPE.length().max(1));
        if let Some(gradient) = &mut cx.gradient {
            if let Some(gamma) = S::values_mut::<CHANNELS>(&mut gradient.gamma) {
                groups.add_gamma_gradient([x, dy], cx.saved, gamma, cx.scratch, length);
            }
            if let Some(beta) = C::values_mut::<CHANNELS>(&mut gradient.beta) {
                add_rows(dy, beta);
            }
        }
        let Some(dx) = dx else { return };
        let samples = x.chunks_exact(length).zip(dy.chunks_exact(length));
        let samples = samples.zip(In::numbers_mut(dx).chunks_exact_mut(length));
        let (gamma, mut saved) = (S::or_ones::<CHANNELS>(&self.gamma), cx.saved.as_chunks().0.iter());
        vectorize(
            #[inline(always)]
            || {
                for ((x, dy), dx) in samples {
                    for (group, [mean, inverse]) in (0..groups.count).zip(&mut saved) {
                        groups.input_gradient([x, dy, gamma], dx, group, *mean, *inverse);
                    }
                }
            },
        );
    }
}

/// The groups of channels: so many, of so many channels each.
#[derive(Clone, Copy)]
struct Groups {
    count: usize,
    channels: usize,
}

impl Groups {
    const fn of(channels: usize, count: usize) -> Self {
        Self { count, channels: channels / count }
    }

    /// The numbers of a group at each place.
    #[inline(always)]
    fn places<'a>(&self, numbers: &'a [f32], group: usize) -> impl Iterator<Item = &'a [f32]> {
        let (first, channels) = (group * self.channels, self.channels);
        numbers.chunks_exact((self.count * self.channels).max(1)).map(move |place| &place[first..][..channels])
    }

    #[inline(always)]
    fn places_mut<'a>(&self, numbers: &'a mut [f32], group: usize) -> impl Iterator<Item = &'a mut [f32]> {
        let (first, channels) = (group * self.channels, self.channels);
        numbers.chunks_exact_mut((self.count * self.channels).max(1)).map(move |place| &mut place[first..][..channels])
    }

    /// The channels of a group.
    #[inline(always)]
    fn of_channels<'a>(&self, numbers: &'a [f32], group: usize) -> &'a [f32] {
        &numbers[group * self.channels..][..self.channels]
    }

    /// The mean of a term of two numbers of a group in `f64`, as sums over many places lose their digits in `f32`.
    #[inline(always)]
    fn mean(&self, [a, b]: [&[f32]; 2], group: usize, term: impl Fn(f64, f64, usize) -> f64) -> f64 {
        let (mut sum, mut count) = (0.0, 0_usize);
        for (a, b) in self.places(a, group).zip(self.places(b, group)) {
            let terms = a.iter().zip(b).enumerate();
            sum += terms.map(|(channel, (a, b))| term(f64::from(*a), f64::from(*b), channel)).sum::<f64>();
            count += a.len();
        }
        sum / count as f64
    }

    #[inline(always)]
    fn statistics(&self, x: &[f32], group: usize, epsilon: f32) -> (f32, f32) {
        let center = self.mean([x, x], group, |x, _, _| x);
        let variance = self.mean([x, x], group, |x, _, _| (x - center) * (x - center));
        (center as f32, 1.0 / sqrt(variance as f32 + epsilon))
    }

    #[inline(always)]
    fn normalize(&self, [x, gamma, beta]: [&[f32]; 3], y: &mut [f32], group: usize, mean: f32, inverse: f32) {
        let (gamma, beta) = (self.of_channels(gamma, group), self.of_channels(beta, group));
        for (x, y) in self.places(x, group).zip(self.places_mut(y, group)) {
            for (((x, y), gamma), beta) in x.iter().zip(y).zip(gamma).zip(beta) {
                *y = (x - mean) * (gamma * inverse) + beta;
            }
        }
    }

    /// dx = inverse · (g − mean of g − x̂ · mean of g · x̂), where g = gamma · dy and x̂ = (x − mean) · inverse.
    #[cfg(feature = "training")]
    #[inline(always)]
    fn input_gradient(&self, [x, dy, gamma]: [&[f32]; 3], dx: &mut [f32], group: usize, center: f32, inverse: f32) {
        let gamma = self.of_channels(gamma, group);
        let weight = |channel: usize| f64::from(gamma[channel]);
        let mean_g = self.mean([x, dy], group, |_, dy, channel| weight(channel) * dy) as f32;
        let slope = self.mean([x, dy], group, |x, dy, channel| (x - f64::from(center)) * dy * weight(channel));
        let slope = slope as f32 * inverse * inverse;
        let places = self.places(x, group).zip(self.places(dy, group)).zip(self.places_mut(dx, group));
        for ((x, dy), dx) in places {
            for (((x, dy), dx), gamma) in x.iter().zip(dy).zip(dx).zip(gamma) {
                *dx = inverse * (gamma * dy - mean_g - (x - center) * slope);
            }
        }
    }

    /// gamma += dy · x̂ of all places, in blocks of samples.
    #[cfg(feature = "training")]
    fn add_gamma_gradient(
        &self,
        [x, dy]: [&[f32]; 2],
        saved: &[f32],
        gamma: &mut [f32],
        scratch: &mut [f32],
        length: usize,
    ) {
        let places = length / gamma.len().max(1);
        let samples_of_part = (PART / places.max(1)).max(1);
        in_parts(x.len() / length, samples_of_part, gamma, scratch, |samples, gamma| {
            let [x, dy] =
                [x, dy].map(|numbers| numbers[samples.start * length..samples.end * length].chunks_exact(length));
            let mut saved = saved.as_chunks().0[samples.start * self.count..].iter();
            vectorize(
                #[inline(always)]
                || {
                    for (x, dy) in x.zip(dy) {
                        for (group, [mean, inverse]) in (0..self.count).zip(&mut saved) {
                            let gamma = &mut gamma[group * self.channels..][..self.channels];
                            for (x, dy) in self.places(x, group).zip(self.places(dy, group)) {
                                for ((x, dy), gamma) in x.iter().zip(dy).zip(&mut *gamma) {
                                    *gamma += dy * ((x - mean) * inverse);
                                }
                            }
                        }
                    }
                },
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, initialized, says};
    use crate::weights::{Configured, Defaults, Options};

    struct In<const GROUPS: isize>;
    impl<const GROUPS: isize, L: Configured<Options = GroupNormalizationOptions>> OptionsOf<L> for In<GROUPS> {
        const VALUE: GroupNormalizationOptions = GroupNormalizationOptions::DEFAULT.groups(GROUPS);
    }

    type Four = GroupNormalization<4>;
    type Places = [[f32; 4]; 3];

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(says::<Four, In<2>, Places>(), None);
        assert_eq!(says::<Four, In<-1>, Places>(), None);
        assert_eq!(says::<Four, In<2>, [f32; 6]>().unwrap(), "takes 4 features");
        assert!(says::<Four, Defaults, Places>().unwrap().starts_with("4 channels cannot be divided into 32 groups"));
        assert!(says::<Four, In<0>, Places>().unwrap().starts_with("`groups` must be at least 1"));
        assert!(says::<Four, In<2>, [u32; 4]>().unwrap().starts_with("takes numbers"));
    }

    /// The formula in `f64`: of groups of `channels` out of four.
    fn formula(channels: usize) -> impl Fn(&[f64], &[f64]) -> Vec<f64> {
        move |weights, x| {
            let of =
                |group: usize| x.iter().enumerate().filter(move |(i, _)| i % 4 / channels == group).map(|(_, x)| x);
            let count = (3 * channels) as f64;
            let mean = |group| of(group).sum::<f64>() / count;
            let variance = |group| of(group).map(|x| (x - mean(group)) * (x - mean(group))).sum::<f64>() / count;
            let y = |i: usize| {
                let group = i % 4 / channels;
                let x = (x[i] - mean(group)) / libm::sqrt(variance(group) + 1e-3);
                weights[i % 4] * x + weights.get(4 + i % 4).unwrap_or(&0.0)
            };
            (0..x.len()).map(y).collect()
        }
    }

    #[test]
    fn each_group_is_normalized_by_itself() {
        let x = [[[0.3, 7.0, -1.0, 0.2], [-1.0, 0.5, 0.25, 1.5], [0.7, -0.2, 0.1, 0.0]]; 2];
        differences::<_, In<2>, Places, Places>(&*initialized::<Four>(), &x, formula(2));
        differences::<_, In<1>, Places, Places>(&*initialized::<Four>(), &x, formula(4));
        differences::<_, In<-1>, Places, Places>(&*initialized::<Four>(), &x, formula(1));
        type Scaled = GroupNormalization<4, Use<false>>;
        differences::<_, In<2>, Places, Places>(&*initialized::<Scaled>(), &x, formula(2));
    }
}
