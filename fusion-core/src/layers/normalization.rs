//! Inputs of mean 0 and variance 1.

#[cfg(feature = "alloc")]
use alloc::vec;
use core::fmt;

#[cfg(feature = "alloc")]
use super::adapting::{AdaptError, finite};
use super::rearranging::{aligned, stretched};
use super::unless_features;
use crate::kernels::{math::sqrt, vectorize};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text, numbers_of};
use crate::weights::{Initializer, OptionsOf};

#[cfg(test)]
mod tests;

/// y = (x − mean) / max(√variance, 10⁻⁷) for each of the features on the last axis, of any shape:
/// Keras's `layers.Normalization`.
///
/// No optimizer moves `mean` and `variance`; [`Normalization::adapt`] takes them from data before
/// training. With `invert = true` it is the way back, y = mean + x · max(√variance, 10⁻⁷).
///
/// `Statistics` says which places have a mean of their own, Keras's `axis`: it has the shape of a sample, or of its last
/// dimensions, with 1 where places share one. By default it is `[f32; FEATURES]`, Keras's `axis=-1`; of samples
/// `[steps, features]`, `Normalization<_, [[f32; 1]; 4]>` has one for each of 4 steps, `axis=1`,
/// `Normalization<_, [[f32; 3]; 4]>` one for each number, `axis=(1, 2)`, and `Normalization<_, f32>` one for all,
/// `axis=None`.
///
/// Where they are known they are options, `Normalization<_>(mean = &[0.5, 2.0], variance = &[1.0, 4.0])`, an array of the
/// shape of `Statistics` or one number for all, `mean = &0.5`. As in Keras the layer has no weights then, and nothing
/// adapts it.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Normalization;
/// let mut layer: Normalization<2> = Normalization { mean: [0.0; 2], variance: [1.0; 2] };
/// layer.adapt(&[[1.0, 10.0], [3.0, 10.0]])?;
/// assert_eq!((layer.mean, layer.variance), ([2.0, 10.0], [1.0, 0.0]));
/// # Ok::<(), fusion::layers::AdaptError>(())
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = NormalizationOptions, example = "Normalization<_>")]
pub struct Normalization<const FEATURES: usize, Statistics: Tensor<Element = f32> = [f32; FEATURES]> {
    /// What is taken off each feature; 0 at first.
    #[parameter(
        trainable = false,
        initializer = Initializer::Zeros,
        shape = *Self::KEPT.dimensions(),
        when = options.mean.is_none()
    )]
    pub mean: Statistics,
    /// What each feature is divided by the root of; 1 at first.
    #[parameter(
        trainable = false,
        adapted,
        initializer = Initializer::Ones,
        shape = *Self::KEPT.dimensions(),
        when = options.mean.is_none()
    )]
    pub variance: Statistics,
}

/// The options of [`Normalization`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct NormalizationOptions {
    /// Whether normalized values are turned back into those of the data.
    #[option(default = false)]
    invert: bool,
    #[option(by_hand)]
    mean: Option<Given>,
    #[option(by_hand)]
    variance: Option<Given>,
}

/// The numbers of an array that a user gave.
#[derive(Clone, Copy, PartialEq)]
struct Given {
    numbers: &'static [f32],
    shape: Shape,
}

// What a weight file's digest covers.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.numbers.fmt(f)
    }
}

impl Given {
    const fn of<T: Tensor<Element = f32>>(array: &'static T) -> Self {
        Self { numbers: numbers_of(array), shape: T::SHAPE }
    }

    /// What is wrong with it; a variance is not negative.
    const fn mistake(&self, option: &'static str, least: f32, statistics: &Shape) -> Option<Mistake> {
        let mut i = 0;
        while i < self.numbers.len() {
            if !self.numbers[i].is_finite() || self.numbers[i] < least {
                let must = if least == 0.0 { "` must be finite and not negative" } else { "` must be finite" };
                return Some(Mistake::option(option, Text::new("`").and(option).and(must)));
            }
            i += 1;
        }
        if self.shape.rank() == 0 || self.shape.equals(statistics) {
            return None;
        }
        let text = Text::new("`").and(option).and("` is ").shape(&self.shape).and(", but has to be ").shape(statistics);
        Some(Mistake::option(option, text.and(" or one number, `&0.5`")))
    }
}

impl NormalizationOptions {
    /// What is taken off: `mean = &[0.5, 2.0]`, or `&0.5` for all.
    #[must_use]
    pub const fn mean<T: Tensor<Element = f32>>(mut self, mean: &'static T) -> Self {
        self.mean = Some(Given::of(mean));
        self
    }

    /// What is divided by the root of, given together with the mean.
    #[must_use]
    pub const fn variance<T: Tensor<Element = f32>>(mut self, variance: &'static T) -> Self {
        self.variance = Some(Given::of(variance));
        self
    }

    const fn mistake(&self, statistics: &Shape) -> Option<Mistake> {
        match (&self.mean, &self.variance) {
            (Some(mean), Some(variance)) => match mean.mistake("mean", f32::MIN, statistics) {
                Some(mistake) => Some(mistake),
                None => variance.mistake("variance", 0.0, statistics),
            },
            (None, None) => None,
            (mean, _) => {
                let option = if mean.is_some() { "mean" } else { "variance" };
                Some(Mistake::option(option, Text::new("`mean` and `variance` are given together or not at all")))
            }
        }
    }
}

/// Keras's `backend.epsilon()`, the smallest deviation that counts.
const EPSILON: f32 = 1e-7;

/// The mistake of samples to whose shape the statistics are not stretched.
const fn unless_stretched(statistics: &Shape, input: &Shape) -> Option<Mistake> {
    let (ranks, mut axis) = ((statistics.rank(), input.rank()), 0);
    while ranks.0 <= ranks.1 && axis < ranks.0 {
        let (own, sample) = (statistics.dim(axis), input.dim(ranks.1 - ranks.0 + axis));
        if own != sample && own != 1 {
            break;
        }
        axis += 1;
    }
    if axis == ranks.0 {
        return None;
    }
    let takes = Text::new("has a mean for each place of ").shape(statistics).and(", where 1 is for all");
    let advice = Text::new("its second argument has the dimensions of a sample, or 1: `[[f32; 3]; 1]`");
    Some(Mistake::shape(takes).advice(advice))
}

impl<const FEATURES: usize, Statistics: Tensor<Element = f32>> Normalization<FEATURES, Statistics> {
    /// The shape in Keras's files: the dimensions that are shared are left out.
    const KEPT: Shape = {
        let (all, mut kept, mut axis) = (Statistics::SHAPE, Shape::SCALAR, 0);
        while axis < all.rank() {
            if all.rank() < 2 || all.dim(axis) != 1 {
                kept = kept.append(all.dim(axis)).expect("no more dimensions than there were");
            }
            axis += 1;
        }
        kept
    };

    /// Takes mean and variance (of the population, as Keras does) from all samples in `rows`.
    ///
    /// Samples of another shape than those of the layer are an error of compilation.
    ///
    /// # Errors
    /// Where there are no rows, or a number is NaN or infinite: it says in which row and column. The layer is then as it
    /// was.
    #[cfg(feature = "alloc")]
    pub fn adapt<In: Tensor<Element = f32>>(&mut self, rows: &[In]) -> Result<(), AdaptError> {
        const {
            assert!(
                In::SHAPE.rank() > 0 && In::SHAPE.last() == FEATURES,
                "the data have another number of features than `Normalization`"
            );
            assert!(
                unless_stretched(&Statistics::SHAPE, &In::SHAPE).is_none(),
                "the data have another shape than the samples of `Normalization`"
            );
        };
        let numbers = finite(rows)?;
        let [means, variances] = [&mut self.mean, &mut self.variance].map(core::slice::from_mut);
        let statistics = places(&Statistics::SHAPE, &In::SHAPE);
        adapt(numbers, &statistics, Statistics::numbers_mut(means), Statistics::numbers_mut(variances));
        Ok(())
    }

    /// The means and variances, and their shape.
    fn statistics<'a>(&'a self, options: &'a NormalizationOptions) -> [(&'a [f32], Shape); 2] {
        let own = [&self.mean, &self.variance].map(core::slice::from_ref).map(Statistics::numbers);
        match (&options.mean, &options.variance) {
            (Some(mean), Some(variance)) => [mean, variance].map(|given| (given.numbers, given.shape)),
            _ => own.map(|numbers| (numbers, Statistics::SHAPE)),
        }
    }
}

/// Which of the statistics each number of a sample belongs to.
#[cfg(feature = "alloc")]
fn places(statistics: &Shape, sample: &Shape) -> vec::Vec<usize> {
    let (shape, mut places) = (aligned(statistics, sample.rank()), vec![0; sample.length()]);
    for (index, place) in places.iter_mut().enumerate() {
        let (mut rest, mut stride) = (index, 1);
        for axis in (0..sample.rank()).rev() {
            let at = rest % sample.dim(axis);
            rest /= sample.dim(axis);
            *place += if shape.dim(axis) == 1 { 0 } else { at * stride };
            stride *= shape.dim(axis);
        }
    }
    places
}

#[cfg(feature = "alloc")]
fn adapt(rows: &[f32], statistics: &[usize], means: &mut [f32], variances: &mut [f32]) {
    let count = (rows.len() / means.len().max(1)) as f64;
    let mut sums = vec![0.0; means.len()];
    let each = || rows.iter().map(|x| f64::from(*x)).zip(statistics.iter().cycle());
    each().for_each(|(x, place)| sums[*place] += x);
    let centers: vec::Vec<f64> = sums.iter().map(|sum| sum / count).collect();
    sums.fill(0.0);
    each().for_each(|(x, place)| sums[*place] += (x - centers[*place]) * (x - centers[*place]));
    means.iter_mut().zip(&centers).for_each(|(mean, center)| *mean = *center as f32);
    variances.iter_mut().zip(&sums).for_each(|(variance, sum)| *variance = (sum / count) as f32);
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, Statistics: Tensor<Element = f32>> Layer<In, O>
    for Normalization<FEATURES, Statistics>
{
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(FEATURES, 0))
        .or(unless_stretched(&Statistics::SHAPE, &In::SHAPE))
        .or(O::VALUE.mistake(&Statistics::SHAPE));
    // Along other axes than the last, which no shape of an array says.
    const DETAILS: &'static str = if Statistics::SHAPE.rank() < 2 {
        ""
    } else {
        const { &Text::new("statistics ").shape(&Statistics::SHAPE) }.as_str()
    };
    /// The deviations.
    const NEEDS: Needs = Needs::NONE
        .scratch(Floats::once(Statistics::SHAPE.length()))
        .backward_scratch(Floats::once(Statistics::SHAPE.length()))
        .multiplications(In::SHAPE.length())
        .masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let options = const { O::VALUE };
        let [(mean, of_mean), (variance, of_variance)] = self.statistics(&options);
        let deviation = deviations(variance, cx.scratch);
        let (x, y) = (In::numbers(x), Out::numbers_mut(y));
        if follow(&of_mean, &In::SHAPE) && follow(&of_variance, &In::SHAPE) && mean.len() == variance.len() {
            return scale(x, y, mean, deviation, options.invert);
        }
        let samples = x.len() / In::SHAPE.length().max(1);
        let means = stretched(&aligned(&of_mean, In::SHAPE.rank()), &In::SHAPE, samples, 0);
        let deviations = stretched(&aligned(&of_variance, In::SHAPE.rank()), &In::SHAPE, samples, 0);
        y.copy_from_slice(x);
        if options.invert {
            deviations.join(deviation, y, (), |x, deviation, ()| x * deviation);
            means.join(mean, y, (), |x, mean, ()| mean + x);
        } else {
            means.join(mean, y, (), |x, mean, ()| x - mean);
            deviations.join(deviation, y, (), |x, deviation, ()| x / deviation);
        }
    }
}

/// Whether the statistics follow one another as the numbers of a sample do, again and again.
const fn follow(statistics: &Shape, input: &Shape) -> bool {
    let mut axis = 0;
    while axis < statistics.rank() {
        if statistics.dim(axis) != input.dim(input.rank() - statistics.rank() + axis) {
            return false;
        }
        axis += 1;
    }
    statistics.rank() > 0
}

/// All in one go.
fn scale(from: &[f32], to: &mut [f32], mean: &[f32], deviation: &[f32], invert: bool) {
    let length = mean.len().max(1);
    let rows = from.chunks_exact(length).zip(to.chunks_exact_mut(length));
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

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, Statistics: Tensor<Element = f32>> TrainLayer<In, O>
    for Normalization<FEATURES, Statistics>
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let options = const { O::VALUE };
        let [_, (variance, shape)] = self.statistics(&options);
        let deviation = deviations(variance, cx.scratch);
        let deviations = stretched(&aligned(&shape, In::SHAPE.rank()), &In::SHAPE, dx.len(), 0);
        let dx = In::numbers_mut(dx);
        dx.copy_from_slice(Out::numbers(dy));
        if options.invert {
            deviations.join(deviation, dx, (), |dy, deviation, ()| dy * deviation);
        } else {
            deviations.join(deviation, dx, (), |dy, deviation, ()| dy / deviation);
        }
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
