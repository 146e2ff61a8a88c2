//! Images brighter or darker at random.

use super::factor::{Factor, factors, needed};
use super::noise::noise;
use super::warp;
use crate::kernels::vectorize;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::Random;

/// While training, one random number is added to all of an image, and what leaves `value_range` is cut off; otherwise
/// y = x: Keras's `layers.RandomBrightness`. `[height, width, channels]`.
///
/// The number is uniform in ±`factor` times the width of `value_range`, or in that of `factor_range = (-0.1, 0.3)`, from −1
/// to 1. `value_range` is (0, 255) if not given, as in Keras: images of other numbers need theirs.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RandomBrightness, RandomBrightnessOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Given; // `RandomBrightness(0.2, value_range = (0.0, 1.0))` in `model!`
/// impl OptionsOf<RandomBrightness> for Given {
///     const VALUE: RandomBrightnessOptions =
///         RandomBrightnessOptions::DEFAULT.positional(0.2).value_range((0.0, 1.0));
/// }
/// type Image = [[[f32; 3]; 32]; 24];
/// assert_eq!(<RandomBrightness as Layer<Image, Given>>::OUTPUT.shape, Shape::new(&[24, 32, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RandomBrightnessOptions)]
pub struct RandomBrightness;

/// The options of [`RandomBrightness`]: `RandomBrightness(0.2)` or `RandomBrightness(factor_range = (0.0, 0.2))`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RandomBrightnessOptions {
    #[option(by_hand)]
    factor: Option<Factor>,
    /// The least and the greatest number of an image; (0, 255) by default.
    #[option(default = (0.0, 255.0))]
    value_range: (f32, f32),
}

factors! {
    RandomBrightnessOptions, -1.0;
    /// How much is added or taken off at most, as a part of `value_range`.
    factor,
    /// From where to where it is: Keras's `factor=(-0.1, 0.3)`.
    factor_range;
}

impl RandomBrightnessOptions {
    /// How much is added or taken off at most, written without its name.
    #[must_use]
    pub const fn positional(self, factor: f32) -> Self {
        self.factor(factor)
    }

    fn delta(&self, stream: Random) -> f32 {
        let (least, most) = self.value_range;
        self.factor.map_or(0.0, |factor| factor.draw(stream, 0)) * (most - least)
    }
}

/// What is wrong with the range of an image's numbers.
pub(super) const fn unless_range((least, most): (f32, f32)) -> Option<Mistake> {
    if least < most && least.is_finite() && most.is_finite() {
        return None;
    }
    Some(Mistake::option("value_range", Text::new("`value_range` must be finite, the least number first")))
}

const fn output<In: Tensor>(options: &RandomBrightnessOptions) -> Output {
    warp::output::<In>(unless_range(options.value_range)).or(needed(options.factor, false, "RandomBrightness(0.2)"))
}

noise!(RandomBrightness, output, forward, (back));

fn forward(options: &RandomBrightnessOptions, _shape: &Shape, stream: Random, x: &[f32], y: &mut [f32]) {
    let (delta, (least, most)) = (options.delta(stream), options.value_range);
    vectorize(
        #[inline(always)]
        || x.iter().zip(y).for_each(|(x, y)| *y = (x + delta).clamp(least, most)),
    );
}

#[cfg(feature = "training")]
fn back(options: &RandomBrightnessOptions, _shape: &Shape, stream: Random, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let (delta, (least, most)) = (options.delta(stream), options.value_range);
    let within = |x: f32| x + delta >= least && x + delta <= most;
    vectorize(
        #[inline(always)]
        || x.iter().zip(dy).zip(dx).for_each(|((x, dy), dx)| *dx = if within(*x) { *dy } else { 0.0 }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::factor::spread;
    use crate::layers::testing::{run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    const DEFAULT: RandomBrightnessOptions = RandomBrightnessOptions::DEFAULT;
    struct Given;
    impl OptionsOf<RandomBrightness> for Given {
        const VALUE: RandomBrightnessOptions = DEFAULT.positional(0.25).value_range((-1.0, 3.0));
    }
    struct Backwards;
    impl OptionsOf<RandomBrightness> for Backwards {
        const VALUE: RandomBrightnessOptions = DEFAULT.factor(0.25).value_range((1.0, 0.0));
    }
    struct TooMuch;
    impl OptionsOf<RandomBrightness> for TooMuch {
        const VALUE: RandomBrightnessOptions = DEFAULT.factor_range((0.25, 2.0));
    }

    #[test]
    fn what_is_added_is_a_part_of_the_range() {
        let [least, most, mean] = spread(|stream| Given::VALUE.delta(stream));
        assert!((-1.0..-0.98).contains(&least) && (0.98..1.0).contains(&most) && mean.abs() < 0.05);
    }

    #[test]
    fn all_of_an_image_changes_alike_and_stays_in_the_range() {
        let image = [[[0.0, 0.5], [1.0, 3.0]], [[2.0, -1.0], [-1.0, 3.0]]];
        let run = run_in::<_, Given, _, Image<2, 2, 2>>(&RandomBrightness, &[image; 20], true);
        for ((y, dy), dx) in run.y.iter().zip(&run.dy).zip(&run.dx) {
            let delta = y[0][0][0];
            let flat = |image: &Image<2, 2, 2>| image.as_flattened().as_flattened().to_vec();
            for (((x, y), dy), dx) in flat(&image).iter().zip(flat(y)).zip(flat(dy)).zip(flat(dx)) {
                assert!((y - (x + delta).clamp(-1.0, 3.0)).abs() < 1e-6);
                assert_eq!(dx, if (-1.0..=3.0).contains(&(x + delta)) { dy } else { 0.0 });
            }
        }
        assert_ne!(run.y[0], run.y[1]);
    }

    #[test]
    fn nothing_changes_in_inference() {
        let x = [[[[1e9], [f32::INFINITY]]]];
        let run = run::<_, Given, _, Image<1, 2, 1>>(&RandomBrightness, &x);
        assert_eq!((run.y, run.dx), (x.to_vec(), run.dy));
    }

    #[test]
    fn a_factor_is_needed_and_a_range() {
        assert_eq!(says::<RandomBrightness, Given, Image<2, 2, 3>>(), None);
        assert_eq!(says::<RandomBrightness, Defaults, Image<2, 2, 3>>().unwrap(), "needs a factor");
        let factor = "`factor_range` must be from -1 to 1";
        assert_eq!(says::<RandomBrightness, TooMuch, Image<2, 2, 3>>().unwrap(), factor);
        let range = "`value_range` must be finite, the least number first";
        assert_eq!(says::<RandomBrightness, Backwards, Image<2, 2, 3>>().unwrap(), range);
        assert!(says::<RandomBrightness, Given, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
