//! The middle of an image.

use super::rearranging::{each_sample, into_larger};
use super::resampling::Resampling;
use super::resizing::{cropped, resized};
use super::spatial;
use super::window::given_size;
use crate::kernels::Moves;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// The middle of an image, `[h, w, channels]` → `[height, width, channels]`: Keras's `layers.CenterCrop`.
///
/// As in Keras an image that is lower or narrower than that is cut to the proportions of what comes out and resized, as
/// [`Resizing`](super::Resizing) does with `crop_to_aspect_ratio = true`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{CenterCrop, CenterCropOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Middle; // `CenterCrop(height = 1, width = 1)` in `model!`
/// impl OptionsOf<CenterCrop> for Middle {
///     const VALUE: CenterCropOptions = CenterCropOptions::DEFAULT.height(1).width(1);
/// }
/// let mut y = [[[[0.0]]]];
/// let image = [[[1.0], [2.0], [3.0]]];
/// Layer::<[[[f32; 1]; 3]; 1], Middle>::forward(&CenterCrop, &mut Forward::new(&mut [], &mut []), &[image], &mut y);
/// assert_eq!(y, [[[[2.0]]]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = CenterCropOptions)]
pub struct CenterCrop;

/// The options of [`CenterCrop`]: `CenterCrop(height = 24, width = 24)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct CenterCropOptions {
    /// How high the image becomes.
    height: Option<usize>,
    /// How wide it becomes.
    width: Option<usize>,
}

/// How the image comes out.
enum Way {
    /// A part of it, as it is.
    Cut(Moves),
    Resized(Resampling),
}

impl CenterCropOptions {
    const fn way<In: Tensor>(&self) -> Way {
        let ([height, width], channels) = spatial::sides::<In, 2>();
        let to = [given_size(self.height), given_size(self.width)];
        if height >= to[0] && width >= to[1] {
            let begin = [(height - to[0]) / 2, (width - to[1]) / 2];
            return Way::Cut(into_larger(&spatial::shape(to, channels), &In::SHAPE, &begin));
        }
        let [rows, columns] = cropped([height, width], to);
        Way::Resized(Resampling::new(rows, columns, width, channels))
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for CenterCrop {
    const OUTPUT: Output = resized::<In>([O::VALUE.height, O::VALUE.width], "CenterCrop");

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let way = const { O::VALUE.way::<In>() };
        each_sample::<In, Out>(In::numbers(x), Out::numbers_mut(y), |x, y| match &way {
            Way::Cut(moves) => moves.back().apply(x, y),
            Way::Resized(resampling) => resampling.bilinear(x, y),
        });
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for CenterCrop {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let way = const { O::VALUE.way::<In>() };
        each_sample::<Out, In>(Out::numbers(dy), In::numbers_mut(dx), |dy, dx| match &way {
            Way::Cut(moves) => moves.apply(dy, dx),
            Way::Resized(resampling) => resampling.bilinear_back(dy, dx),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{run, says};
    use crate::layers::window::testing::Image;
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options};

    struct Two;
    impl OptionsOf<CenterCrop> for Two {
        const VALUE: CenterCropOptions = CenterCropOptions::DEFAULT.height(2).width(2);
    }

    #[test]
    fn the_middle_is_nearer_to_the_beginning() {
        let x = [[[[1.0], [2.0], [f32::INFINITY]], [[4.0], [5.0], [6.0]]]];
        let run = run::<_, Two, Image<2, 3, 1>, Image<2, 2, 1>>(&CenterCrop, &x);
        assert_eq!(run.y, [[[[1.0], [2.0]], [[4.0], [5.0]]]]);
        assert_eq!((run.dx[0][1][1], run.dx[0][1][2]), (run.dy[0][1][1], [0.0]));
    }

    #[test]
    fn a_smaller_image_is_resized() {
        let run = run::<_, Two, Image<1, 2, 1>, Image<2, 2, 1>>(&CenterCrop, &[[[[3.0], [5.0]]]]);
        // A square of it: its first place.
        assert_eq!(run.y, [[[[3.0]; 2]; 2]]);
        assert_eq!(run.dx[0][0][1], [0.0]);
    }

    #[test]
    fn a_size_is_needed_and_an_image() {
        assert_eq!(<CenterCrop as Layer<Image<9, 8, 3>, Two>>::OUTPUT.shape, Shape::new(&[2, 2, 3]));
        assert_eq!(says::<CenterCrop, Defaults, Image<2, 2, 3>>().unwrap(), "needs a height and a width");
        assert!(says::<CenterCrop, Two, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
