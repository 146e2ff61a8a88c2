//! Larger images, without weights.

use super::rearranging::{apply_to_each, each_sample, repeated};
use super::resampling::{Resampling, Side};
use super::spatial::{self, Extent, extents};
use super::window;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Needs, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// Each place of an image becomes `size` · `size` places: `[height, width, channels]` →
/// `[height · size, width · size, channels]`, Keras's `layers.UpSampling2D`.
///
/// With [`Interpolation::Nearest`], y\[i\]\[j\] = x\[i / size\]\[j / size\], rounded down; with
/// [`Interpolation::Bilinear`] it is the mean of the four places around
/// ((i + ½) / size − ½, (j + ½) / size − ½), weighted by how near they are.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Interpolation, UpSampling2d, UpSampling2dOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `UpSampling2d(3, interpolation = Interpolation::Bilinear)` in `model!`
/// impl OptionsOf<UpSampling2d> for Of3 {
///     const VALUE: UpSampling2dOptions =
///         UpSampling2dOptions::DEFAULT.positional(3).interpolation(Interpolation::Bilinear);
/// }
/// type Image = [[[f32; 8]; 5]; 4];
/// assert_eq!(<UpSampling2d as Layer<Image>>::OUTPUT.shape, Shape::new(&[8, 10, 8]));
/// assert_eq!(<UpSampling2d as Layer<Image, Of3>>::OUTPUT.shape, Shape::new(&[12, 15, 8]));
/// ```
#[doc(alias = "UpSampling2D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "UpSampling2D", options = UpSampling2dOptions)]
pub struct UpSampling2d;

/// What stands between the places of an image: Keras's `interpolation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// The nearest place.
    #[default]
    Nearest,
    /// A straight line between neighbours, along both directions.
    Bilinear,
    /// A cubic function of the two neighbours on each side (Keys, 1981).
    Bicubic,
    /// A sinc within a window, of the three neighbours on each side.
    Lanczos3,
    /// The same of five.
    Lanczos5,
}

/// The options of [`UpSampling2d`]: `UpSampling2d(2)` or
/// `UpSampling2d(size = 2, interpolation = Interpolation::Bilinear)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct UpSampling2dOptions {
    #[option(by_hand, default = Extent::square(2, "size"))]
    size: Extent,
    /// What stands between the places; [`Interpolation::Nearest`] if not given.
    #[option(default = Interpolation::Nearest)]
    interpolation: Interpolation,
}

extents! {
    UpSampling2dOptions:
    /// How many times as large the image becomes, in both directions; 2 if not given.
    size,
    /// How many times as high and as wide it becomes: Keras's `size=(2, 1)`.
    size_hw;
}

impl UpSampling2dOptions {
    /// How many times as large the image becomes, written without its name.
    #[must_use]
    pub const fn positional(self, size: usize) -> Self {
        self.size(size)
    }
}

/// How the larger image comes of the smaller one.
const fn resampling<In: Tensor>(options: &UpSampling2dOptions) -> Resampling {
    let ([height, width], channels) = spatial::sides::<In, 2>();
    let [rows, columns] = options.size.sides;
    let rows = Side { begin: 0, from: height, to: height * rows };
    let columns = Side { begin: 0, from: width, to: width * columns };
    Resampling::new(rows, columns, width, channels).by(options.interpolation, false)
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for UpSampling2d {
    const OUTPUT: Output = {
        let ([height, width], channels) = spatial::sides::<In, 2>();
        let (rows, columns) =
            (window::at_least_one(O::VALUE.size.sides[0]), window::at_least_one(O::VALUE.size.sides[1]));
        spatial::output::<In, 2>([height.saturating_mul(rows), width.saturating_mul(columns)], channels)
            .or(O::VALUE.size.unless_positive())
    };

    const NEEDS: Needs = {
        let scratch = Floats::once(resampling::<In>(&O::VALUE).scratch());
        Needs::NONE.scratch(scratch).backward_scratch(scratch)
    };

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        if matches!(O::VALUE.interpolation, Interpolation::Nearest) {
            let moves = const { repeated(&In::SHAPE, &O::VALUE.size.sides) };
            return apply_to_each::<In, Out>(&moves, In::numbers(x), Out::numbers_mut(y));
        }
        let resampling = const { resampling::<In>(&O::VALUE) };
        each_sample::<In, Out>(In::numbers(x), Out::numbers_mut(y), |x, y| resampling.resample(x, y, cx.scratch));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for UpSampling2d {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let dx = In::numbers_mut(dx);
        if matches!(O::VALUE.interpolation, Interpolation::Nearest) {
            let moves = const { repeated(&In::SHAPE, &O::VALUE.size.sides).back() };
            return apply_to_each::<Out, In>(&moves, Out::numbers(dy), dx);
        }
        let resampling = const { resampling::<In>(&O::VALUE) };
        each_sample::<Out, In>(Out::numbers(dy), dx, |dy, dx| resampling.resample_back(dy, dx, cx.scratch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, says};
    use crate::layers::window::testing::{Image, numbers, sides};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options};

    struct With<const HEIGHT: usize, const WIDTH: usize, const BILINEAR: bool>;
    impl<const H: usize, const W: usize, const BILINEAR: bool> OptionsOf<UpSampling2d> for With<H, W, BILINEAR> {
        const VALUE: UpSampling2dOptions = UpSampling2dOptions::DEFAULT.size_hw((H, W)).interpolation(if BILINEAR {
            Interpolation::Bilinear
        } else {
            Interpolation::Nearest
        });
    }

    /// Compares with the formula: a weight for each pair of a large and a small place.
    #[track_caller]
    fn check<O: OptionsOf<UpSampling2d>, In, Out>(weight: fn(usize, usize, usize) -> f64)
    where
        In: Tensor<Element = f32>,
        Out: Tensor<Element = f32>,
    {
        let ([height, width, channels], [rows, columns, _]) = (sides::<In>(), sides::<Out>());
        let formula = |_: &[f64], x: &[f64]| -> Vec<f64> {
            let place = |at: usize| -> f64 {
                let (c, j, i) = (at % channels, at / channels % columns, at / channels / columns);
                // Beyond the borders the image goes on as it ends.
                let value = |k: usize, l: usize| {
                    let row = k.saturating_sub(1).min(height - 1);
                    x[(row * width + l.saturating_sub(1).min(width - 1)) * channels + c]
                };
                let rows = (0..height + 2).map(|k| (k, weight(i, rows / height, k)));
                rows.flat_map(|(k, by)| (0..width + 2).map(move |l| (k, l, by)))
                    .map(|(k, l, by)| by * weight(j, columns / width, l) * value(k, l))
                    .sum()
            };
            (0..rows * columns * channels).map(place).collect()
        };
        differences::<_, O, In, Out>(&UpSampling2d, &numbers::<In>(2), formula);
    }

    /// How much place k − 1 counts in the larger place `at`.
    fn bilinear(at: usize, size: usize, k: usize) -> f64 {
        let place = (at as f64 + 0.5) / size as f64 - 0.5;
        (1.0 - (place - (k as f64 - 1.0)).abs()).max(0.0)
    }

    fn nearest(at: usize, size: usize, k: usize) -> f64 {
        if at / size + 1 == k { 1.0 } else { 0.0 }
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_formula() {
        check::<Defaults, Image<1, 1, 1>, Image<2, 2, 1>>(nearest);
        check::<With<3, 2, false>, Image<2, 5, 3>, Image<6, 10, 3>>(nearest);
        check::<With<1, 1, true>, Image<2, 2, 1>, Image<2, 2, 1>>(bilinear);
        check::<With<2, 2, true>, Image<1, 1, 4>, Image<2, 2, 4>>(bilinear);
        check::<With<3, 4, true>, Image<3, 2, 2>, Image<9, 8, 2>>(bilinear);
    }

    #[test]
    fn the_input_must_be_an_image_and_the_size_positive() {
        assert_eq!(says::<UpSampling2d, Defaults, Image<2, 2, 3>>(), None);
        assert!(says::<UpSampling2d, Defaults, [f32; 3]>().unwrap().starts_with("takes an image"));
        assert_eq!(<UpSampling2d as Layer<[f32; 3]>>::OUTPUT.shape, Shape::new(&[2, 2, 3]));
        assert_eq!(says::<UpSampling2d, With<0, 1, true>, Image<2, 2, 3>>().unwrap(), "`size_hw` must be at least 1");
    }
}
