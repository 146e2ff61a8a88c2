//! Images mirrored at random.

use super::noise::noise;
use super::warp;
use crate::layer::Output;
use crate::shape::{Shape, Tensor};
use crate::weights::Random;

/// While training, every other image, by chance, is mirrored; otherwise y = x: Keras's `layers.RandomFlip`.
/// `[height, width, channels]`.
///
/// [`FlipMode`] says along which side. As in Keras [`FlipMode::HorizontalAndVertical`], the default, mirrors an image along
/// both sides or along none.
///
/// The gradient goes the same way, by the same random numbers.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{FlipMode, RandomFlip, RandomFlipOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Sideways; // `RandomFlip(Horizontal)` in `model!`
/// impl OptionsOf<RandomFlip> for Sideways {
///     const VALUE: RandomFlipOptions = RandomFlipOptions::DEFAULT.positional(FlipMode::Horizontal);
/// }
/// type Image = [[[f32; 3]; 32]; 24];
/// assert_eq!(<RandomFlip as Layer<Image, Sideways>>::OUTPUT.shape, Shape::new(&[24, 32, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RandomFlipOptions)]
pub struct RandomFlip;

/// Along which sides [`RandomFlip`] mirrors: Keras's `mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlipMode {
    /// Left becomes right, and up down.
    HorizontalAndVertical,
    /// Left becomes right.
    Horizontal,
    /// Up becomes down.
    Vertical,
}

/// The options of [`RandomFlip`]: `RandomFlip(Horizontal)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct RandomFlipOptions {
    /// Along which sides; [`FlipMode::HorizontalAndVertical`] if not given.
    #[option(positional, default = FlipMode::HorizontalAndVertical)]
    mode: FlipMode,
}

const fn output<In: Tensor>(_options: &RandomFlipOptions) -> Output {
    warp::output::<In>(None)
}

noise!(RandomFlip, output, flip, flip);

/// A mirrored image mirrored again is the image.
fn flip(options: &RandomFlipOptions, shape: &Shape, stream: Random, from: &[f32], to: &mut [f32]) {
    if stream.uniform(0) > 0.5 {
        return to.copy_from_slice(from);
    }
    let (height, width, channels) = (shape.dim(0), shape.dim(1), shape.last());
    for (place, to) in to.chunks_exact_mut(channels.max(1)).enumerate() {
        let (row, column) = (place / width, place % width);
        let row = if matches!(options.mode, FlipMode::Horizontal) { row } else { height - 1 - row };
        let column = if matches!(options.mode, FlipMode::Vertical) { column } else { width - 1 - column };
        to.copy_from_slice(&from[(row * width + column) * channels..][..channels]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Sideways;
    impl OptionsOf<RandomFlip> for Sideways {
        const VALUE: RandomFlipOptions = RandomFlipOptions::DEFAULT.positional(FlipMode::Horizontal);
    }
    struct Upside;
    impl OptionsOf<RandomFlip> for Upside {
        const VALUE: RandomFlipOptions = RandomFlipOptions::DEFAULT.mode(FlipMode::Vertical);
    }

    const IMAGE: Image<2, 2, 2> = [[[1.0, -1.0], [2.0, -2.0]], [[3.0, -3.0], [4.0, -4.0]]];

    /// How many of a thousand images are mirrored to this one, where all others stay as they are.
    fn mirrored<O: OptionsOf<RandomFlip>>(to: Image<2, 2, 2>) -> usize {
        let run = run_in::<_, O, _, Image<2, 2, 2>>(&RandomFlip, &vec![IMAGE; 1000], true);
        assert!(run.y.iter().all(|y| *y == to || *y == IMAGE));
        for ((y, dy), dx) in run.y.iter().zip(&run.dy).zip(&run.dx) {
            assert_eq!(dx == dy, *y == IMAGE, "the gradient goes the same way");
        }
        run.y.iter().filter(|y| **y == to).count()
    }

    #[test]
    fn half_of_the_images_are_mirrored() {
        let [[a, b], [c, d]] = IMAGE;
        let counts = [
            mirrored::<Sideways>([[b, a], [d, c]]),
            mirrored::<Upside>([[c, d], [a, b]]),
            mirrored::<Defaults>([[d, c], [b, a]]),
        ];
        assert!(counts.iter().all(|count| (450..550).contains(count)), "{counts:?}");
    }

    #[test]
    fn nothing_is_mirrored_in_inference() {
        let run = run::<_, Sideways, _, Image<2, 2, 2>>(&RandomFlip, &[IMAGE; 9]);
        assert_eq!((run.y, run.dx), (vec![IMAGE; 9], run.dy));
    }

    #[test]
    fn it_takes_images() {
        assert_eq!(says::<RandomFlip, Defaults, Image<2, 2, 3>>(), None);
        assert!(says::<RandomFlip, Defaults, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
