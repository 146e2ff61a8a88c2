//! Zeros at random, so that a model relies on no single number.

use super::noise::noise;
use super::noise_shape::NoiseShape;
use crate::kernels::vectorize;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::Random;

/// While training, each number becomes 0 with probability `rate`, and the others are divided by
/// 1 − `rate` to keep the mean; otherwise y = x: Keras's `layers.Dropout`. Any shape.
///
/// The gradient goes the same way, by the same random numbers. With a `noise_shape` the places along a dimension share one,
/// where it is 1: of an image, `Dropout(0.2, noise_shape = [1, 1, 1])` drops it as a whole or not at all, Keras's
/// `noise_shape=(None, 1, 1, 1)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Dropout, DropoutOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Half; // `Dropout(0.5)` in `model!`
/// impl OptionsOf<Dropout> for Half {
///     const VALUE: DropoutOptions = DropoutOptions::DEFAULT.positional(0.5);
/// }
/// assert_eq!(<Dropout as Layer<[f32; 8], Half>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = DropoutOptions)]
pub struct Dropout;

/// The options of [`Dropout`], `Dropout(0.5)` or `Dropout(rate = 0.5)`, and of [`AlphaDropout`](super::AlphaDropout).
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct DropoutOptions {
    /// The probability of a 0, from 0 to below 1.
    #[option(positional)]
    rate: Option<f32>,
    #[option(default = NoiseShape::NONE, by_hand)]
    noise_shape: NoiseShape,
}

impl DropoutOptions {
    /// The dimensions of a sample, or 1 where the places along one share their random number; every place has its own if not
    /// given.
    #[must_use]
    pub const fn noise_shape<const RANK: usize>(mut self, noise_shape: [usize; RANK]) -> Self {
        self.noise_shape = NoiseShape::of(noise_shape);
        self
    }

    pub(super) const fn mistake(&self, input: &Shape, example: &str) -> Option<Mistake> {
        match mistake_of_rate(self.rate, example) {
            None => self.noise_shape.mistake(input),
            mistake => mistake,
        }
    }

    /// The rate; 0 is no change.
    #[inline(always)]
    pub(super) fn probability(&self) -> f32 {
        self.rate.unwrap_or(0.0)
    }

    pub(super) const fn noise(&self) -> &NoiseShape {
        &self.noise_shape
    }
}

/// The options of the layers that are like [`Dropout`] in that they have a rate: `SpatialDropout2d(0.5)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RateOptions {
    /// How much is dropped, from 0 to below 1.
    #[option(positional)]
    rate: Option<f32>,
}

impl RateOptions {
    pub(super) const fn mistake(&self, example: &str) -> Option<Mistake> {
        mistake_of_rate(self.rate, example)
    }

    /// The rate; 0 is no change.
    #[inline(always)]
    pub(super) fn probability(&self) -> f32 {
        self.rate.unwrap_or(0.0)
    }
}

const fn mistake_of_rate(rate: Option<f32>, example: &str) -> Option<Mistake> {
    match rate {
        None => {
            let advice = Text::new("write `").and(example).and("`");
            Some(Mistake::missing(Text::new("needs a rate")).advice(advice))
        }
        Some(rate) => unless_below_one("rate", "rate", rate),
    }
}

/// The mistake of an option, `called` in words, that says how many are dropped and leaves none or is below 0.
pub(super) const fn unless_below_one(option: &'static str, called: &str, rate: f32) -> Option<Mistake> {
    if rate >= 0.0 && rate < 1.0 {
        return None;
    }
    Some(Mistake::option(option, Text::new("the ").and(called).and(" must be at least 0 and below 1")))
}

const fn output<In: Tensor>(options: &DropoutOptions) -> Output {
    Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(options.mistake(&In::SHAPE, "Dropout(0.5)"))
}

noise!(Dropout, output, drop_some, drop_some);

/// The mask is a function of the sample's stream, so it need not be kept for the way back.
fn drop_some(options: &DropoutOptions, shape: &Shape, stream: Random, from: &[f32], to: &mut [f32]) {
    let (rate, scale) = (options.probability(), 1.0 / (1.0 - options.probability()));
    options.noise().each(rate, shape, stream, (from, to), |kept, x| if kept { x * scale } else { 0.0 });
}

/// The same of some numbers of one sample, `first` being the place of the first of them in its stream.
pub(super) fn drop_some_of(from: &[f32], to: &mut [f32], first: u64, rate: f32, stream: Random) {
    let scale = 1.0 / (1.0 - rate);
    vectorize(
        #[inline(always)]
        || {
            for ((from, to), index) in from.iter().zip(to).zip(first..) {
                *to = if stream.uniform(index) >= rate { from * scale } else { 0.0 };
            }
        },
    );
}

/// What so many numbers of one sample are multiplied by: 0 or 1 / (1 − `rate`).
pub(super) fn draw_mask(mask: &mut [f32], first: u64, rate: f32, stream: Random) {
    let scale = 1.0 / (1.0 - rate);
    for (mask, index) in mask.iter_mut().zip(first..) {
        *mask = if stream.uniform(index) >= rate { scale } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layer::messages::{check, written};
    use crate::layers::testing::{Run, run, run_in, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Rate<const PERCENT: usize>;
    impl<const PERCENT: usize> OptionsOf<Dropout> for Rate<PERCENT> {
        const VALUE: DropoutOptions = DropoutOptions::DEFAULT.positional(PERCENT as f32 / 100.0);
    }

    #[test]
    fn any_shape_of_numbers_fits() {
        type Rows = [[f32; 3]; 2];
        assert_eq!(<Dropout as Layer<Rows, Rate<50>>>::OUTPUT.shape, Shape::new(&[2, 3]));
        assert_eq!(says::<Dropout, Rate<50>, Rows>(), None);
        assert_eq!(says::<Dropout, Rate<0>, Rows>(), None);
        assert!(says::<Dropout, Rate<50>, [u32; 3]>().unwrap().starts_with("takes numbers"));
    }

    #[test]
    fn the_rate_is_needed_and_checked() {
        let output = <Dropout as Layer<[f32; 8]>>::OUTPUT;
        let sentence = says::<Dropout, Defaults, [f32; 8]>().unwrap();
        assert_eq!((sentence.as_str(), output.mistake.unwrap().option), ("needs a rate", None));
        let output = <Dropout as Layer<[f32; 8], Rate<100>>>::OUTPUT;
        assert_eq!(output.mistake.unwrap().option, Some("rate"));
        assert_eq!(says::<Dropout, Rate<100>, [f32; 8]>().unwrap(), "the rate must be at least 0 and below 1");
    }

    #[test]
    #[should_panic(expected = "`Dropout` needs a rate; write `Dropout(0.5)`")]
    fn the_compiler_says_that_a_rate_is_needed() {
        let written = written("Dropout", "`x`");
        check::<[f32; 8]>(&<Dropout as Layer<[f32; 8]>>::OUTPUT, &written, true);
    }

    #[test]
    fn training_drops_the_rate_and_keeps_the_mean() {
        let Run { y, .. } = run_in::<_, Rate<25>, _, [f32; 1000]>(&Dropout, &[[1.0; 1000]; 4], true);
        let y = y.as_flattened();
        let dropped = y.iter().filter(|y| **y == 0.0).count();
        assert!((850..1150).contains(&dropped), "{dropped} of 4000");
        assert!(y.iter().all(|y| *y == 0.0 || *y == 1.0 / 0.75));
    }

    #[test]
    fn samples_have_masks_of_their_own_and_gradients_have_those_of_their_samples() {
        let run = run_in::<_, Rate<50>, _, [f32; 64]>(&Dropout, &[[1.0; 64]; 2], true);
        assert_ne!(run.y[0], run.y[1]);
        let (y, dy, dx) = (run.y.as_flattened(), run.dy.as_flattened(), run.dx.as_flattened());
        assert!(dx.iter().zip(dy).zip(y).all(|((dx, dy), y)| *dx == dy * y));
    }

    #[test]
    fn nothing_is_dropped_in_inference() {
        let run = run::<_, Rate<50>, _, [f32; 3]>(&Dropout, &[[1.0, 2.0, f32::INFINITY]]);
        assert_eq!((run.y, run.dx), (vec![[1.0, 2.0, f32::INFINITY]], run.dy));
    }
}
