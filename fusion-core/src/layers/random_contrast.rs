//! Images of another contrast at random.

use super::factor::{Factor, factors, needed};
use super::noise::noise;
use super::random_brightness::unless_range;
use super::warp;
use crate::layer::Output;
use crate::shape::{Shape, Tensor};
use crate::weights::Random;

/// While training, y = (x − mean) · f + mean with the mean of each channel of an image and one random f for all of it, and
/// what leaves `value_range` is cut off; otherwise y = x: Keras's `layers.RandomContrast`. `[height, width, channels]`.
///
/// f is uniform from 1 to 1 + `factor`, for a factor from 0 to 1, as Keras 3 computes it; with `factor_range = (a, b)` it
/// is from 1 − a to 1 + b. `value_range` is (0, 255) if not given, as in Keras: images of other numbers need theirs.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RandomContrast, RandomContrastOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Given; // `RandomContrast(factor_range = (0.2, 0.3), value_range = (0.0, 1.0))` in `model!`
/// impl OptionsOf<RandomContrast> for Given {
///     const VALUE: RandomContrastOptions =
///         RandomContrastOptions::DEFAULT.factor_range((0.2, 0.3)).value_range((0.0, 1.0));
/// }
/// type Image = [[[f32; 3]; 32]; 24];
/// assert_eq!(<RandomContrast as Layer<Image, Given>>::OUTPUT.shape, Shape::new(&[24, 32, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RandomContrastOptions)]
pub struct RandomContrast;

/// The options of [`RandomContrast`]: `RandomContrast(0.2)` or `RandomContrast(factor_range = (0.2, 0.3))`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RandomContrastOptions {
    #[option(by_hand)]
    factor: Option<Factor>,
    /// The least and the greatest number of an image; (0, 255) by default.
    #[option(default = (0.0, 255.0))]
    value_range: (f32, f32),
}

factors! {
    RandomContrastOptions, 0.0;
    /// By how much the contrast grows at most.
    factor,
    /// By how much it falls at most, and grows at most: Keras's `factor=(0.2, 0.3)`.
    factor_range;
}

impl RandomContrastOptions {
    /// By how much the contrast grows at most, written without its name.
    #[must_use]
    pub const fn positional(self, factor: f32) -> Self {
        self.factor(factor)
    }

    fn contrast(&self, stream: Random) -> f32 {
        self.factor.map_or(1.0, |factor| factor.drawn_from(stream, 0, |lower, upper| (1.0 - lower, 1.0 + upper)))
    }
}

const fn output<In: Tensor>(options: &RandomContrastOptions) -> Output {
    warp::output::<In>(unless_range(options.value_range)).or(needed(options.factor, false, "RandomContrast(0.2)"))
}

noise!(RandomContrast, output, forward, (back));

/// The mean of a channel.
fn mean(image: &[f32], channel: usize, channels: usize) -> f32 {
    let values = image[channel..].iter().step_by(channels);
    (values.map(|x| f64::from(*x)).sum::<f64>() / (image.len() / channels) as f64) as f32
}

fn forward(options: &RandomContrastOptions, shape: &Shape, stream: Random, x: &[f32], y: &mut [f32]) {
    let (contrast, (least, most), channels) = (options.contrast(stream), options.value_range, shape.last());
    for channel in 0..channels {
        let mean = mean(x, channel, channels);
        for (x, y) in x[channel..].iter().step_by(channels).zip(y[channel..].iter_mut().step_by(channels)) {
            *y = ((x - mean) * contrast + mean).clamp(least, most);
        }
    }
}

/// Of what is not cut off, f · dy + (1 − f) · the mean of dy.
#[cfg(feature = "training")]
fn back(options: &RandomContrastOptions, shape: &Shape, stream: Random, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let (contrast, (least, most), channels) = (options.contrast(stream), options.value_range, shape.last());
    for channel in 0..channels {
        let mean_of_x = mean(x, channel, channels);
        let places = || (channel..x.len()).step_by(channels);
        for place in places() {
            let y = (x[place] - mean_of_x) * contrast + mean_of_x;
            dx[place] = if y >= least && y <= most { dy[place] } else { 0.0 };
        }
        let rest = (1.0 - contrast) * mean(dx, channel, channels);
        places().for_each(|place| dx[place] = contrast * dx[place] + rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::factor::spread;
    use crate::layers::testing::{run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    const DEFAULT: RandomContrastOptions = RandomContrastOptions::DEFAULT;
    struct Given;
    impl OptionsOf<RandomContrast> for Given {
        const VALUE: RandomContrastOptions = DEFAULT.factor_range((0.25, 0.5)).value_range((-10.0, 10.0));
    }
    struct Growing;
    impl OptionsOf<RandomContrast> for Growing {
        const VALUE: RandomContrastOptions = DEFAULT.positional(0.5);
    }
    struct Endless;
    impl OptionsOf<RandomContrast> for Endless {
        const VALUE: RandomContrastOptions = DEFAULT.factor(0.25).value_range((f32::NEG_INFINITY, 0.0));
    }

    #[test]
    fn the_contrast_falls_and_grows_as_the_factor_says() {
        let [least, most, mean] = spread(|stream| Given::VALUE.contrast(stream));
        assert!((0.75..0.76).contains(&least) && (1.49..1.5).contains(&most) && (mean - 1.125).abs() < 0.03);
        let [least, most, mean] = spread(|stream| Growing::VALUE.contrast(stream));
        assert!((1.0..1.01).contains(&least) && (1.49..1.5).contains(&most) && (mean - 1.25).abs() < 0.02);
    }

    #[test]
    fn the_mean_of_each_channel_stays() {
        let image = [[[0.0, 5.0], [1.0, 3.0]], [[2.0, -1.0], [-1.0, 3.0]]];
        let run = run_in::<_, Given, _, Image<2, 2, 2>>(&RandomContrast, &[image; 20], true);
        for y in &run.y {
            let flat = y.as_flattened().as_flattened();
            assert!((mean(flat, 0, 2) - 0.5).abs() < 1e-6 && (mean(flat, 1, 2) - 2.5).abs() < 1e-6);
            let contrast = (y[0][0][0] - 0.5) / -0.5;
            assert!((y[1][0][1] - (2.5 - 3.5 * contrast)).abs() < 1e-5, "one factor for all channels");
        }
        assert_ne!(run.y[0], run.y[1]);
    }

    #[test]
    fn nothing_changes_in_inference() {
        let x = [[[[1e9], [f32::INFINITY]]]];
        let run = run::<_, Given, _, Image<1, 2, 1>>(&RandomContrast, &x);
        assert_eq!((run.y, run.dx), (x.to_vec(), run.dy));
    }

    #[test]
    fn a_factor_is_needed_and_a_range() {
        assert_eq!(says::<RandomContrast, Given, Image<2, 2, 3>>(), None);
        assert_eq!(says::<RandomContrast, Defaults, Image<2, 2, 3>>().unwrap(), "needs a factor");
        let range = "`value_range` must be finite, the least number first";
        assert_eq!(says::<RandomContrast, Endless, Image<2, 2, 3>>().unwrap(), range);
        assert!(says::<RandomContrast, Given, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
