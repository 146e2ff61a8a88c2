//! Images nearer or farther at random.

use super::factor::{Factor, factors, needed};
use super::up_sampling2d::Interpolation;
use super::warp::{FillMode, warped};
use crate::layer::Mistake;
use crate::shape::Shape;
use crate::weights::Random;

/// While training, each image is shown smaller or larger around its middle, by random factors; otherwise y = x: Keras's
/// `layers.RandomZoom`. `[height, width, channels]`.
///
/// The height that is seen becomes 1 + z times what it was, with z uniform in ±`height_factor`, or in
/// `height_factor_range = (-0.1, 0.3)`, from above −1 to 1: what is below 0 zooms in. Of the width it is the same z, unless
/// there is a `width_factor`. `fill_mode` says what comes in from beyond the borders.
///
/// The gradient goes the same way, by the same random numbers; TensorFlow's is that of the inverse map, which is another
/// where places lie between others.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RandomZoom, RandomZoomOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Given; // `RandomZoom(0.1)` in `model!`
/// impl OptionsOf<RandomZoom> for Given {
///     const VALUE: RandomZoomOptions = RandomZoomOptions::DEFAULT.positional(0.1);
/// }
/// type Image = [[[f32; 3]; 32]; 24];
/// assert_eq!(<RandomZoom as Layer<Image, Given>>::OUTPUT.shape, Shape::new(&[24, 32, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RandomZoomOptions)]
pub struct RandomZoom;

/// The options of [`RandomZoom`]: `RandomZoom(0.1)` or `RandomZoom(height_factor_range = (-0.2, 0.0), fill_mode = FillMode::Nearest)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RandomZoomOptions {
    #[option(by_hand)]
    height_factor: Option<Factor>,
    #[option(by_hand)]
    width_factor: Option<Factor>,
    /// What stands beyond the borders; [`FillMode::Reflect`] if not given.
    #[option(default = FillMode::Reflect)]
    fill_mode: FillMode,
    /// What stands between the places; [`Interpolation::Bilinear`] if not given.
    #[option(default = Interpolation::Bilinear)]
    interpolation: Interpolation,
    /// What stands beyond the borders with [`FillMode::Constant`]; 0 by default.
    #[option(default = 0.0)]
    fill_value: f32,
}

factors! {
    RandomZoomOptions, -1.0;
    /// By how much the height that is seen changes at most.
    height_factor,
    /// From where to where the height that is seen changes: Keras's `height_factor=(-0.1, 0.3)`.
    height_factor_range;
    /// By how much the width that is seen changes at most; as the height does if not given.
    width_factor,
    /// From where to where the width that is seen changes: Keras's `width_factor=(-0.1, 0.3)`.
    width_factor_range;
}

impl RandomZoomOptions {
    /// By how much the height that is seen changes at most, written without its name.
    #[must_use]
    pub const fn positional(self, height_factor: f32) -> Self {
        self.height_factor(height_factor)
    }

    const fn unless_factors(&self) -> Option<Mistake> {
        match (needed(self.height_factor, true, "RandomZoom(0.1)"), self.width_factor) {
            (None, Some(factor)) => factor.mistake(true),
            (mistake, _) => mistake,
        }
    }

    fn matrix(&self, shape: &Shape, stream: Random) -> [f32; 6] {
        let height = 1.0 + self.height_factor.map_or(0.0, |factor| factor.draw(stream, 0));
        let width = self.width_factor.map_or(height, |factor| 1.0 + factor.draw(stream, 1));
        let begin = |side: usize, zoom: f32| (side as f32 - 1.0) / 2.0 * (1.0 - zoom);
        [width, 0.0, begin(shape.dim(1), width), 0.0, height, begin(shape.dim(0), height)]
    }
}

warped!(RandomZoom, RandomZoomOptions);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::factor::spread;
    use crate::layers::testing::{run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Given;
    impl OptionsOf<RandomZoom> for Given {
        const VALUE: RandomZoomOptions = RandomZoomOptions::DEFAULT.positional(0.25);
    }
    struct Apart;
    impl OptionsOf<RandomZoom> for Apart {
        const VALUE: RandomZoomOptions = Given::VALUE.width_factor_range((0.5, -0.5));
    }
    struct ToNothing;
    impl OptionsOf<RandomZoom> for ToNothing {
        const VALUE: RandomZoomOptions = Given::VALUE.width_factor(1.0);
    }

    #[test]
    fn images_zoom_as_far_as_the_factors_say() {
        let shape = Shape::new(&[3, 5, 1]);
        let [least, most, mean] = spread(|stream| Apart::VALUE.matrix(&shape, stream)[4]);
        assert!((0.75..0.76).contains(&least) && (1.24..1.25).contains(&most) && (mean - 1.0).abs() < 0.02);
        let [least, most, mean] = spread(|stream| Apart::VALUE.matrix(&shape, stream)[0]);
        assert!((0.5..0.51).contains(&least) && (1.49..1.5).contains(&most) && (mean - 1.0).abs() < 0.04);
        let [width, .., height, _] = Given::VALUE.matrix(&shape, Random::new(1));
        assert_eq!(width, height, "without a factor of its own the width goes with the height");
    }

    #[test]
    fn nothing_moves_in_inference() {
        let x = [[[[1.0], [f32::INFINITY]], [[3.0], [4.0]]]];
        let run = run::<_, Given, _, Image<2, 2, 1>>(&RandomZoom, &x);
        assert_eq!((run.y, run.dx), (x.to_vec(), run.dy));
    }

    #[test]
    fn samples_move_by_numbers_of_their_own() {
        let image = [[[1.0], [2.0], [5.0]], [[3.0], [4.0], [9.0]], [[2.0], [7.0], [1.0]]];
        let run = run_in::<_, Given, _, Image<3, 3, 1>>(&RandomZoom, &[image; 2], true);
        assert!(run.y[0] != image && run.y[0] != run.y[1], "{:?}", run.y);
    }

    #[test]
    fn a_factor_is_needed() {
        assert_eq!(says::<RandomZoom, Given, Image<2, 2, 3>>(), None);
        assert_eq!(says::<RandomZoom, Defaults, Image<2, 2, 3>>().unwrap(), "needs a factor");
        let range = "`width_factor` must be from -1 to 1, and above -1";
        assert_eq!(says::<RandomZoom, ToNothing, Image<2, 2, 3>>().unwrap(), range);
        assert!(says::<RandomZoom, Given, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
