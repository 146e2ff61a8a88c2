//! Images moved at random.

use super::factor::{Factor, factors, needed};
use super::up_sampling2d::Interpolation;
use super::warp::{FillMode, warped};
use crate::layer::Mistake;
use crate::shape::Shape;
use crate::weights::Random;

/// While training, each image is moved down by a random part of its height and right by one of its width; otherwise
/// y = x: Keras's `layers.RandomTranslation`. `[height, width, channels]`.
///
/// The parts are uniform in `±height_factor` and `±width_factor`, or in `height_factor_range = (-0.1, 0.3)`, from −1 to 1,
/// where 0.1 is a tenth of the image. `fill_mode` says what comes in from beyond the borders.
///
/// The gradient goes the same way, by the same random numbers; TensorFlow's is that of the inverse map, which is another
/// where places lie between others.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RandomTranslation, RandomTranslationOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Given; // `RandomTranslation(height_factor = 0.1, width_factor = 0.2)` in `model!`
/// impl OptionsOf<RandomTranslation> for Given {
///     const VALUE: RandomTranslationOptions = RandomTranslationOptions::DEFAULT.height_factor(0.1).width_factor(0.2);
/// }
/// type Image = [[[f32; 3]; 32]; 24];
/// assert_eq!(<RandomTranslation as Layer<Image, Given>>::OUTPUT.shape, Shape::new(&[24, 32, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RandomTranslationOptions)]
pub struct RandomTranslation;

/// The options of [`RandomTranslation`]: `RandomTranslation(height_factor = 0.1, width_factor = 0.1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RandomTranslationOptions {
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
    RandomTranslationOptions, -1.0;
    /// How far an image is moved down or up at most, as a part of its height.
    height_factor,
    /// From where to where an image is moved down: Keras's `height_factor=(-0.1, 0.3)`.
    height_factor_range;
    /// How far an image is moved right or left at most, as a part of its width.
    width_factor,
    /// From where to where an image is moved right: Keras's `width_factor=(-0.1, 0.3)`.
    width_factor_range;
}

impl RandomTranslationOptions {
    const fn unless_factors(&self) -> Option<Mistake> {
        const EXAMPLE: &str = "RandomTranslation(height_factor = 0.1, width_factor = 0.1)";
        match needed(self.height_factor, false, EXAMPLE) {
            None => needed(self.width_factor, false, EXAMPLE),
            mistake => mistake,
        }
    }

    fn matrix(&self, shape: &Shape, stream: Random) -> [f32; 6] {
        let by = |factor: Option<Factor>, index| factor.map_or(0.0, |factor| factor.draw(stream, index));
        let (down, right) = (by(self.height_factor, 0), by(self.width_factor, 1));
        [1.0, 0.0, -right * shape.dim(1) as f32, 0.0, 1.0, -down * shape.dim(0) as f32]
    }
}

warped!(RandomTranslation, RandomTranslationOptions);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::factor::spread;
    use crate::layers::testing::{run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    const DEFAULT: RandomTranslationOptions = RandomTranslationOptions::DEFAULT;
    struct Given;
    impl OptionsOf<RandomTranslation> for Given {
        const VALUE: RandomTranslationOptions = DEFAULT.height_factor_range((0.25, -0.5)).width_factor(0.2);
    }
    struct HeightAlone;
    impl OptionsOf<RandomTranslation> for HeightAlone {
        const VALUE: RandomTranslationOptions = DEFAULT.height_factor(0.2);
    }
    struct TooFar;
    impl OptionsOf<RandomTranslation> for TooFar {
        const VALUE: RandomTranslationOptions = DEFAULT.height_factor(0.2).width_factor_range((0.0, 1.5));
    }

    #[test]
    fn images_move_as_far_as_the_factors_say() {
        let shape = Shape::new(&[40, 10, 1]);
        let [least, most, mean] = spread(|stream| -Given::VALUE.matrix(&shape, stream)[5]);
        assert!((-20.0..-19.8).contains(&least) && (9.8..10.0).contains(&most) && (mean + 5.0).abs() < 1.0);
        let [least, most, mean] = spread(|stream| -Given::VALUE.matrix(&shape, stream)[2]);
        assert!((-2.0..-1.98).contains(&least) && (1.98..2.0).contains(&most) && mean.abs() < 0.1);
    }

    #[test]
    fn nothing_moves_in_inference() {
        let x = [[[[1.0], [f32::INFINITY]], [[3.0], [4.0]]]];
        let run = run::<_, Given, _, Image<2, 2, 1>>(&RandomTranslation, &x);
        assert_eq!((run.y, run.dx), (x.to_vec(), run.dy));
    }

    #[test]
    fn samples_move_by_numbers_of_their_own() {
        let image = [[[1.0], [2.0], [5.0]], [[3.0], [4.0], [9.0]], [[2.0], [7.0], [1.0]]];
        let run = run_in::<_, Given, _, Image<3, 3, 1>>(&RandomTranslation, &[image; 2], true);
        assert!(run.y[0] != image && run.y[0] != run.y[1], "{:?}", run.y);
    }

    #[test]
    fn both_factors_are_needed() {
        assert_eq!(says::<RandomTranslation, Given, Image<2, 2, 3>>(), None);
        assert_eq!(says::<RandomTranslation, Defaults, Image<2, 2, 3>>().unwrap(), "needs a factor");
        assert_eq!(says::<RandomTranslation, HeightAlone, Image<2, 2, 3>>().unwrap(), "needs a factor");
        let range = "`width_factor_range` must be from -1 to 1";
        assert_eq!(says::<RandomTranslation, TooFar, Image<2, 2, 3>>().unwrap(), range);
        assert!(says::<RandomTranslation, Given, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
