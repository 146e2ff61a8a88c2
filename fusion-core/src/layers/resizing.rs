//! Images of another size.

use core::ops::Range;

use super::rearranging::each_sample;
use super::resampling::{Resampling, Side};
use super::spatial;
use super::up_sampling2d::Interpolation;
use super::window::{at_least_one, given_size};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::OptionsOf;

/// An image of another height and width: `[h, w, channels]` → `[height, width, channels]`, Keras's `layers.Resizing`.
///
/// Place (i, j) of what comes out lies at ((i + ½) · h / height − ½, (j + ½) · w / width − ½) of what goes in. With
/// [`Interpolation::Bilinear`], the default, it is the mean of the four places around, weighted by how near they are, and
/// with [`Interpolation::Nearest`] the place whose middle is the nearest. [`Interpolation::Bicubic`],
/// [`Interpolation::Lanczos3`] and [`Interpolation::Lanczos5`] take in more places. Where the image becomes much smaller, all
/// of them leave places out of account, unless `antialias = true` makes the way from place to place longer, as in Keras.
///
/// With `crop_to_aspect_ratio = true` the image keeps its proportions: what is too high or too wide is cut off at both ends
/// before. With `pad_to_aspect_ratio = true` as much is put at both ends of the other side before, `fill_value`.
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
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
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
    /// Whether borders bring the image to the proportions of what comes out; `false` by default.
    #[option(default = false)]
    pad_to_aspect_ratio: bool,
    /// What these borders are; 0 by default.
    #[option(default = 0.0)]
    fill_value: f32,
    /// Whether each place counts also where the image becomes much smaller; nothing where it is the nearest place. `false`
    /// by default.
    #[option(default = false)]
    antialias: bool,
}

/// How much each of `from` places along a side counts in place `at` of the `to` that [`Resizing`] makes of them, where it
/// weighs several by a filter: the weights of all that count, in `weights`, which has room for `from`; the first of these
/// places and how many they are. None for the nearest place and for a straight line between two.
#[doc(hidden)]
pub fn resizing_weights(
    interpolation: Interpolation,
    antialias: bool,
    [from, to]: [usize; 2],
    at: usize,
    weights: &mut [f32],
) -> Option<(usize, usize)> {
    Resampling::weights(interpolation, antialias, Side { begin: 0, from, to }, at, weights)
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

/// How high and how wide the borders at each end of an image are that bring it to the proportions of what comes out of it,
/// as Keras puts them there.
const fn borders([height, width]: [usize; 2], to: [usize; 2]) -> [usize; 2] {
    let (rows, columns) = (width * to[0] / to[1], height * to[1] / to[0]);
    [rows.saturating_sub(height) / 2, columns.saturating_sub(width) / 2]
}

/// What becomes of an image: borders, and another size.
struct Plan {
    image: [usize; 2],
    borders: [usize; 2],
    channels: usize,
    resampling: Resampling,
}

impl ResizingOptions {
    const fn plan<In: Tensor>(&self) -> Plan {
        let ([height, width], channels) = spatial::sides::<In, 2>();
        let to = [given_size(self.height), given_size(self.width)];
        let borders = if self.pad_to_aspect_ratio { borders([height, width], to) } else { [0; 2] };
        let (rows, columns) = (height + 2 * borders[0], width + 2 * borders[1]);
        let sides = if self.crop_to_aspect_ratio {
            cropped([height, width], to)
        } else {
            [Side { begin: 0, from: rows, to: to[0] }, Side { begin: 0, from: columns, to: to[1] }]
        };
        let resampling = Resampling::new(sides[0], sides[1], columns, channels);
        Plan {
            image: [height, width],
            borders,
            channels,
            resampling: resampling.by(self.interpolation, self.antialias),
        }
    }

    const fn mistake(&self) -> Option<Mistake> {
        if self.crop_to_aspect_ratio && self.pad_to_aspect_ratio {
            let text =
                "an image keeps its proportions by `crop_to_aspect_ratio` or by `pad_to_aspect_ratio`, not by both";
            return Some(Mistake::option("pad_to_aspect_ratio", Text::new(text)));
        }
        if !self.fill_value.is_finite() {
            return Some(Mistake::option("fill_value", Text::new("`fill_value` must be finite")));
        }
        None
    }
}

impl Plan {
    /// Numbers of the image with its borders, if it has any.
    const fn bordered(&self) -> usize {
        let ([height, width], [above, left]) = (self.image, self.borders);
        if above + left == 0 { 0 } else { (height + 2 * above) * (width + 2 * left) * self.channels }
    }

    const fn needs(&self) -> Needs {
        let scratch = Floats::once(self.bordered().saturating_add(self.resampling.scratch()));
        Needs::NONE.scratch(scratch).backward_scratch(scratch)
    }

    /// Calls back with each row of the image within its borders, and where it is in the image without.
    fn each_row(&self, bordered: &mut [f32], mut call: impl FnMut(&mut [f32], Range<usize>)) {
        let ([height, width], [above, left]) = (self.image, self.borders);
        let (row, border) = (width * self.channels, left * self.channels);
        for at in 0..height {
            let begin = (above + at) * (row + 2 * border) + border;
            call(&mut bordered[begin..begin + row], at * row..(at + 1) * row);
        }
    }

    fn forward(&self, fill_value: f32, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        let (bordered, scratch) = scratch.split_at_mut(self.bordered());
        if bordered.is_empty() {
            return self.resampling.resample(x, y, scratch);
        }
        bordered.fill(fill_value);
        self.each_row(bordered, |row, place| row.copy_from_slice(&x[place]));
        self.resampling.resample(bordered, y, scratch);
    }

    #[cfg(feature = "training")]
    fn back(&self, dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
        let (bordered, scratch) = scratch.split_at_mut(self.bordered());
        if bordered.is_empty() {
            return self.resampling.resample_back(dy, dx, scratch);
        }
        self.resampling.resample_back(dy, bordered, scratch);
        self.each_row(bordered, |row, place| dx[place].copy_from_slice(row));
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Resizing {
    const OUTPUT: Output = resized::<In>([O::VALUE.height, O::VALUE.width], "Resizing").or(O::VALUE.mistake());
    const NEEDS: Needs = O::VALUE.plan::<In>().needs();

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let plan = const { O::VALUE.plan::<In>() };
        each_sample::<In, Out>(In::numbers(x), Out::numbers_mut(y), |x, y| {
            plan.forward(O::VALUE.fill_value, x, y, cx.scratch);
        });
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Resizing {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let plan = const { O::VALUE.plan::<In>() };
        each_sample::<Out, In>(Out::numbers(dy), In::numbers_mut(dx), |dy, dx| plan.back(dy, dx, cx.scratch));
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
        Bordered: DEFAULT.height(2).width(4).pad_to_aspect_ratio(true).fill_value(7.0);
        Both: DEFAULT.height(2).width(2).pad_to_aspect_ratio(true).crop_to_aspect_ratio(true);
        Filled: DEFAULT.height(2).width(2).fill_value(f32::NAN);
        Halved: DEFAULT.height(1).width(2).antialias(true);
        Cubic: DEFAULT.height(1).width(8).interpolation(Interpolation::Bicubic);
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
    fn borders_keep_the_proportions() {
        let x = [[[[1.0], [2.0]], [[4.0], [5.0]]]];
        let run = run::<_, Bordered, Image<2, 2, 1>, Image<2, 4, 1>>(&Resizing, &x);
        assert_eq!(run.y, [[[[7.0], [1.0], [2.0], [7.0]], [[7.0], [4.0], [5.0], [7.0]]]]);
        let inside = run.dy[0].map(|row| [row[1], row[2]]);
        assert_eq!(run.dx, [inside]);
    }

    #[test]
    fn filters_take_in_the_places_that_their_width_reaches() {
        let x = [[[[0.0], [8.0], [0.0], [0.0]]]];
        let wide = run::<_, Halved, Image<1, 4, 1>, Image<1, 2, 1>>(&Resizing, &x);
        // A quarter and three quarters of the width away; a fourth place would be beyond the border.
        let expected = [8.0 * 0.75 / 1.75, 8.0 * 0.25 / 1.75];
        assert!(wide.y[0][0].iter().zip(expected).all(|(y, at)| (y[0] - at).abs() < 1e-6), "{:?}", wide.y);
        let cubic = run::<_, Cubic, Image<1, 4, 1>, Image<1, 8, 1>>(&Resizing, &x).y;
        let at = |x: f32| if x < 1.0 { (1.5 * x - 2.5) * x * x + 1.0 } else { ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 };
        let near = 8.0 * at(0.25) / (at(0.25) + at(0.75) + at(1.25));
        assert!((cubic[0][0][2][0] - near).abs() < 1e-5, "{cubic:?}");
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let said = says::<Resizing, Both, Image<2, 2, 3>>().unwrap();
        assert!(said.ends_with("`crop_to_aspect_ratio` or by `pad_to_aspect_ratio`, not by both"), "{said}");
        assert_eq!(says::<Resizing, Filled, Image<2, 2, 3>>().unwrap(), "`fill_value` must be finite");
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
