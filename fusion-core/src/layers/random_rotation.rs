//! Images turned at random.

use super::factor::{Factor, factors, needed};
use super::up_sampling2d::Interpolation;
use super::warp::{FillMode, warped};
use crate::layer::Mistake;
use crate::shape::Shape;
use crate::weights::Random;

/// While training, each image is turned around its middle by a random angle; otherwise y = x: Keras's
/// `layers.RandomRotation`. `[height, width, channels]`.
///
/// The angle is uniform in ±`factor` · 2π, or in that of `factor_range = (-0.1, 0.3)`, from −1 to 1; what is above 0 turns
/// against the clock. `fill_mode` says what comes in from beyond the borders.
///
/// The gradient goes the same way, by the same random numbers; TensorFlow's is that of the inverse map, which is another
/// where places lie between others.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RandomRotation, RandomRotationOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Given; // `RandomRotation(0.1)` in `model!`
/// impl OptionsOf<RandomRotation> for Given {
///     const VALUE: RandomRotationOptions = RandomRotationOptions::DEFAULT.positional(0.1);
/// }
/// type Image = [[[f32; 3]; 32]; 24];
/// assert_eq!(<RandomRotation as Layer<Image, Given>>::OUTPUT.shape, Shape::new(&[24, 32, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RandomRotationOptions)]
pub struct RandomRotation;

/// The options of [`RandomRotation`]: `RandomRotation(0.1)` or `RandomRotation(factor_range = (-0.1, 0.3))`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RandomRotationOptions {
    #[option(by_hand)]
    factor: Option<Factor>,
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
    RandomRotationOptions, -1.0;
    /// How far an image is turned at most, as a part of a whole turn.
    factor,
    /// From where to where an image is turned: Keras's `factor=(-0.1, 0.3)`.
    factor_range;
}

impl RandomRotationOptions {
    /// How far an image is turned at most, written without its name.
    #[must_use]
    pub const fn positional(self, factor: f32) -> Self {
        self.factor(factor)
    }

    const fn unless_factors(&self) -> Option<Mistake> {
        needed(self.factor, false, "RandomRotation(0.1)")
    }

    fn matrix(&self, shape: &Shape, stream: Random) -> [f32; 6] {
        let turn = self.factor.map_or(0.0, |factor| factor.draw(stream, 0));
        let angle = turn * 360.0 * (core::f32::consts::PI / 180.0);
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        let (x, y) = ((shape.dim(1) as f32 - 1.0) / 2.0, (shape.dim(0) as f32 - 1.0) / 2.0);
        [cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos]
    }
}

warped!(RandomRotation, RandomRotationOptions);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::factor::spread;
    use crate::layers::testing::{run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Given;
    impl OptionsOf<RandomRotation> for Given {
        const VALUE: RandomRotationOptions = RandomRotationOptions::DEFAULT.positional(0.125);
    }
    struct Quarter;
    impl OptionsOf<RandomRotation> for Quarter {
        const VALUE: RandomRotationOptions = RandomRotationOptions::DEFAULT.factor_range((0.25, 0.25));
    }

    #[test]
    fn images_turn_as_far_as_the_factor_says() {
        let [least, most, mean] = spread(|stream| Given::VALUE.matrix(&Shape::new(&[3, 3, 1]), stream)[3]);
        let root = 0.5_f32.sqrt();
        assert!((-root..-0.99 * root).contains(&least) && (0.99 * root..root).contains(&most) && mean.abs() < 0.05);
    }

    #[test]
    fn a_quarter_of_a_turn_is_against_the_clock() {
        let run = run_in::<_, Quarter, _, Image<2, 2, 1>>(&RandomRotation, &[[[[1.0], [2.0]], [[3.0], [4.0]]]], true);
        let expected = [[2.0, 4.0], [1.0, 3.0]];
        for (row, expected) in run.y[0].iter().zip(expected) {
            assert!(row.iter().zip(expected).all(|([y], expected)| (y - expected).abs() < 1e-5), "{:?}", run.y);
        }
    }

    #[test]
    fn nothing_moves_in_inference() {
        let x = [[[[1.0], [f32::INFINITY]], [[3.0], [4.0]]]];
        let run = run::<_, Given, _, Image<2, 2, 1>>(&RandomRotation, &x);
        assert_eq!((run.y, run.dx), (x.to_vec(), run.dy));
    }

    #[test]
    fn samples_move_by_numbers_of_their_own() {
        let image = [[[1.0], [2.0], [5.0]], [[3.0], [4.0], [9.0]], [[2.0], [7.0], [1.0]]];
        let run = run_in::<_, Given, _, Image<3, 3, 1>>(&RandomRotation, &[image; 2], true);
        assert!(run.y[0] != image && run.y[0] != run.y[1], "{:?}", run.y);
    }

    #[test]
    fn a_factor_is_needed() {
        assert_eq!(says::<RandomRotation, Given, Image<2, 2, 3>>(), None);
        assert_eq!(says::<RandomRotation, Defaults, Image<2, 2, 3>>().unwrap(), "needs a factor");
        assert!(says::<RandomRotation, Given, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
