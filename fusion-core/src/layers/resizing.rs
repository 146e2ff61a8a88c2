//! Images of another size.

use super::rearranging::each_sample;
use super::resampling::{Resampling, Side};
use super::spatial;
use super::up_sampling2d::Interpolation;
use super::window::{at_least_one, given_size};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Mistake, Output};
use crate::shape::{Tensor, Text};
use crate::weights::OptionsOf;

/// An image of another height and width: `[h, w, channels]` → `[height, width, channels]`, Keras's `layers.Resizing`.
///
/// Place (i, j) of what comes out lies at ((i + ½) · h / height − ½, (j + ½) · w / width − ½) of what goes in. With
/// [`Interpolation::Bilinear`], the default, it is the mean of the four places around, weighted by how near they are, and
/// with [`Interpolation::Nearest`] the place whose middle is the nearest. As in Keras no place is left out of account only
/// where the image does not become much smaller: there is no `antialias`.
///
/// With `crop_to_aspect_ratio = true` the image keeps its proportions: what is too high or too wide is cut off at both ends
/// before.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Resizing, ResizingOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Small; // `Resizing(height = 1, width = 2)` in `model!`
/// impl OptionsOf<Resizing> for Small {
///     const VALUE: ResizingOptions = ResizingOptions::DEFAULT.height(1).width(2);
/// }
/// let mut y = [[[[0.0]; 2]]];
/// let image = [[[1.0], [2.0]], [[3.0], [6.0]]];
/// Layer::<[[[f32; 1]; 2]; 2], Small>::forward(&Resizing, &mut Forward::new(&mut [], &mut []), &[image], &mut y);
/// assert_eq!(y, [[[[2.0], [4.0]]]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ResizingOptions)]
pub struct Resizing;

/// The options of [`Resizing`]: `Resizing(height = 28, width = 28)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct ResizingOptions {
    /// How high the image becomes.
    height: Option<usize>,
    /// How wide it becomes.
    width: Option<usize>,
    /// What stands between the places; [`Interpolation::Bilinear`] if not given.
    #[option(default = Interpolation::Bilinear)]
    interpolation: Interpolation,
    /// Whether the image is cut to the proportions of what comes out, and not distorted.
    #[option(default = false)]
    crop_to_aspect_ratio: bool,
}

/// What comes out of an image that becomes so high and so wide.
pub(super) const fn resized<In: Tensor>([height, width]: [Option<usize>; 2], layer: &str) -> Output {
    let (_, channels) = spatial::sides::<In, 2>();
    let output = spatial::output::<In, 2>([given_size(height), given_size(width)], channels);
    output.or(unless_size(height, width, layer))
}

/// What is wrong with the size of an image that comes out.
const fn unless_size(height: Option<usize>, width: Option<usize>, example: &str) -> Option<Mistake> {
    match (height, width) {
        (Some(0), _) => Some(Mistake::option("height", Text::new("`height` must be at least 1"))),
        (_, Some(0)) => Some(Mistake::option("width", Text::new("`width` must be at least 1"))),
        (Some(_), Some(_)) => None,
        _ => {
            let advice = Text::new("write `").and(example).and("(height = 28, width = 28)`");
            Some(Mistake::missing(Text::new("needs a height and a width")).advice(advice))
        }
    }
}

/// The middle of an image, of the proportions of what comes out of it, as Keras cuts it.
pub(super) const fn cropped([height, width]: [usize; 2], to: [usize; 2]) -> [Side; 2] {
    let (rows, columns) = (at_most(width * to[0] / to[1], height), at_most(height * to[1] / to[0], width));
    [
        Side { begin: (height - rows) / 2, from: rows, to: to[0] },
        Side { begin: (width - columns) / 2, from: columns, to: to[1] },
    ]
}

const fn at_most(places: usize, most: usize) -> usize {
    at_least_one(if places > most { most } else { places })
}

impl ResizingOptions {
    const fn resampling<In: Tensor>(&self) -> Resampling {
        let ([height, width], channels) = spatial::sides::<In, 2>();
        let to = [given_size(self.height), given_size(self.width)];
        let [rows, columns] = if self.crop_to_aspect_ratio {
            cropped([height, width], to)
        } else {
            [Side { begin: 0, from: height, to: to[0] }, Side { begin: 0, from: width, to: to[1] }]
        };
        Resampling::new(rows, columns, width, channels)
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Resizing {
    const OUTPUT: Output = resized::<In>([O::VALUE.height, O::VALUE.width], "Resizing");

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let resampling = const { O::VALUE.resampling::<In>() };
        each_sample::<In, Out>(In::numbers(x), Out::numbers_mut(y), |x, y| match O::VALUE.interpolation {
            Interpolation::Nearest => resampling.nearest(x, y),
            Interpolation::Bilinear => resampling.bilinear(x, y),
        });
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Resizing {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let resampling = const { O::VALUE.resampling::<In>() };
        each_sample::<Out, In>(Out::numbers(dy), In::numbers_mut(dx), |dy, dx| match O::VALUE.interpolation {
            Interpolation::Nearest => resampling.nearest_back(dy, dx),
            Interpolation::Bilinear => resampling.bilinear_back(dy, dx),
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

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl OptionsOf<Resizing> for $name {
                const VALUE: ResizingOptions = $options;
            })+
        };
    }
    const DEFAULT: ResizingOptions = ResizingOptions::DEFAULT;
    options! {
        Same: DEFAULT.height(2).width(3);
        Cut: DEFAULT.height(2).width(2).crop_to_aspect_ratio(true);
        HeightAlone: DEFAULT.height(2);
        NoWidth: DEFAULT.height(2).width(0);
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let x = [[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]];
        let run = run::<_, Same, Image<2, 3, 1>, Image<2, 3, 1>>(&Resizing, &x);
        assert_eq!((run.y, run.dx), (x.to_vec(), run.dy));
    }

    #[test]
    fn what_is_too_wide_is_cut_off_at_both_ends() {
        let x = [[[[1.0], [2.0], [3.0], [9.0]], [[4.0], [5.0], [6.0], [9.0]]]];
        let run = run::<_, Cut, Image<2, 4, 1>, Image<2, 2, 1>>(&Resizing, &x);
        assert_eq!(run.y, [[[[2.0], [3.0]], [[5.0], [6.0]]]]);
        assert_eq!(run.dx[0][0][0], [0.0]);
    }

    #[test]
    fn a_size_is_needed_and_an_image() {
        assert_eq!(<Resizing as Layer<Image<9, 8, 3>, Same>>::OUTPUT.shape, Shape::new(&[2, 3, 3]));
        assert_eq!(says::<Resizing, Defaults, Image<2, 2, 3>>().unwrap(), "needs a height and a width");
        assert_eq!(says::<Resizing, HeightAlone, Image<2, 2, 3>>().unwrap(), "needs a height and a width");
        assert_eq!(says::<Resizing, NoWidth, Image<2, 2, 3>>().unwrap(), "`width` must be at least 1");
        assert!(says::<Resizing, Same, [f32; 7]>().unwrap().starts_with("takes an image"));
    }
}
