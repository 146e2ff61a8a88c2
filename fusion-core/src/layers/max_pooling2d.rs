//! The largest number of each window of an image.

use super::window::{self, Extent, Padding, extents};
use crate::kernels::{self, Pooling};
use crate::layer::messages::same;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// y\[i\]\[j\]\[c\] = max x\[i·s + k − p\]\[j·s + l − q\]\[c\] over the window (k, l), with strides s
/// and padding (p, q), which itself does not count: `[height, width, channels]` → `[…, …, channels]`,
/// Keras's `layers.MaxPooling2D`.
///
/// The gradient goes to the largest number, to the first of equal ones (row by row), as in
/// TensorFlow. `MaxPooling2d` has windows of 2 × 2 that do not overlap; see [`MaxPooling2dOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{MaxPooling2d, MaxPooling2dOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `MaxPooling2d(3)` in `model!`
/// impl OptionsOf<MaxPooling2d> for Of3 {
///     const VALUE: MaxPooling2dOptions = MaxPooling2dOptions::DEFAULT.positional(3);
/// }
/// type Image = [[[f32; 8]; 27]; 26];
/// assert_eq!(<MaxPooling2d as Layer<Image>>::OUTPUT.shape, Shape::new(&[13, 13, 8]));
/// assert_eq!(<MaxPooling2d as Layer<Image, Of3>>::OUTPUT.shape, Shape::new(&[8, 9, 8]));
/// ```
#[doc(alias("MaxPooling2D", "MaxPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "MaxPooling2D", options = MaxPooling2dOptions)]
pub struct MaxPooling2d;

/// The options of [`MaxPooling2d`]: `MaxPooling2d(3)` or
/// `MaxPooling2d(pool_size = 3, strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct MaxPooling2dOptions {
    #[option(by_hand, default = Extent::square(2, "pool_size"))]
    pool_size: Extent,
    // Where they are not given, that of the windows, under its name.
    #[option(by_hand, default = Extent::square(2, "pool_size"))]
    strides: Extent,
    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[option(default = Padding::Valid)]
    padding: Padding,
}

extents! {
    MaxPooling2dOptions:
    /// How far a window is from the next, in both directions; the size of the windows if not given.
    strides,
    /// The strides along height and width: Keras's `strides=(2, 1)`.
    strides_hw;
}

impl MaxPooling2dOptions {
    /// The size of the windows, written without its name.
    #[must_use]
    pub const fn positional(self, pool_size: usize) -> Self {
        self.pool_size(pool_size)
    }

    /// The height and the width of the windows; 2 if not given.
    #[must_use]
    pub const fn pool_size(self, pool_size: usize) -> Self {
        self.with_windows(Extent::square(pool_size, "pool_size"))
    }

    /// Height and width of the windows: Keras's `pool_size=(2, 1)`.
    #[must_use]
    pub const fn pool_size_hw(self, pool_size: (usize, usize)) -> Self {
        self.with_windows(Extent::pair(pool_size, "pool_size_hw"))
    }

    const fn with_windows(mut self, pool_size: Extent) -> Self {
        if same(self.strides.option, self.pool_size.option) {
            self.strides = pool_size;
        }
        self.pool_size = pool_size;
        self
    }

    const fn sizes<In: Tensor>(&self) -> Pooling {
        let Self { pool_size: pool, strides, padding } = *self;
        let (height, width, channels) = window::image::<In>();
        Pooling {
            height: window::axis(height, pool.height, strides.height, 1, padding),
            width: window::axis(width, pool.width, strides.width, 1, padding),
            channels,
        }
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for MaxPooling2d {
    const OUTPUT: Output = {
        let Pooling { height, width, channels } = O::VALUE.sizes::<In>();
        window::image_output::<In>(height.output, width.output, channels)
            .or(O::VALUE.pool_size.unless_positive())
            .or(O::VALUE.strides.unless_positive())
            .or(window::unless_inside(&height, &width, O::VALUE.padding))
    };

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        kernels::max_pooling(&const { O::VALUE.sizes::<In>() }, In::numbers(x), Out::numbers_mut(y));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for MaxPooling2d {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let (x, y, dy) = (In::numbers(x), Out::numbers(y), Out::numbers(dy));
        kernels::max_pooling_gradient(&const { O::VALUE.sizes::<In>() }, x, y, dy, In::numbers_mut(dx));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{Run, differences, run, says};
    use crate::layers::window::testing::{Image, changes, numbers, sides};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options};

    struct With<const POOL: usize, const STRIDES: usize, const SAME: bool>;
    impl<const POOL: usize, const STRIDES: usize, const SAME: bool> OptionsOf<MaxPooling2d> for With<POOL, STRIDES, SAME> {
        const VALUE: MaxPooling2dOptions = MaxPooling2dOptions::DEFAULT
            .pool_size_hw((POOL, POOL + 1))
            .strides(STRIDES)
            .padding(if SAME { Padding::Same } else { Padding::Valid });
    }

    /// Compares with the formula, windows of `pool` by `pool + 1` places.
    #[track_caller]
    fn check<O: OptionsOf<MaxPooling2d>, In, Out>(pool: usize, strides: usize, (above, left): (usize, usize))
    where
        In: Tensor<Element = f32>,
        Out: Tensor<Element = f32>,
    {
        let ([height, width, channels], [rows, columns, _]) = (sides::<In>(), sides::<Out>());
        let formula = |_: &[f64], x: &[f64]| -> Vec<f64> {
            let inside = |begin: usize, before: usize, length: usize, limit: usize| {
                (begin..begin + length).filter_map(move |at| at.checked_sub(before).filter(|at| *at < limit))
            };
            let largest = |at: usize| {
                let (c, j, i) = (at % channels, at / channels % columns, at / channels / columns);
                inside(i * strides, above, pool, height)
                    .flat_map(|row| inside(j * strides, left, pool + 1, width).map(move |column| row * width + column))
                    .fold(f64::MIN, |most, place| most.max(x[place * channels + c]))
            };
            (0..rows * columns * channels).map(largest).collect()
        };
        differences::<_, O, In, Out>(&MaxPooling2d, &numbers::<In>(3), formula);
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_formula() {
        check::<With<1, 1, false>, Image<1, 2, 1>, Image<1, 1, 1>>(1, 1, (0, 0));
        check::<With<2, 3, false>, Image<6, 17, 5>, Image<2, 5, 5>>(2, 3, (0, 0));
        check::<With<3, 2, true>, Image<5, 6, 22>, Image<3, 3, 22>>(3, 2, (1, 1));
        check::<With<2, 1, true>, Image<1, 1, 3>, Image<1, 1, 3>>(2, 1, (0, 1));
    }

    #[test]
    fn of_equal_numbers_the_first_has_the_gradient_and_a_nan_comes_through() {
        let Run { dy, dx, .. } =
            run::<_, Defaults, _, Image<1, 1, 1>>(&MaxPooling2d, &[[[[0.0], [7.0]], [[7.0], [7.0]]]]);
        assert_eq!(dx, [[[[0.0], dy[0][0][0]], [[0.0], [0.0]]]]);
        let Run { y, .. } =
            run::<_, Defaults, _, Image<1, 1, 1>>(&MaxPooling2d, &[[[[0.0], [f32::NAN]], [[7.0], [1.0]]]]);
        assert!(y[0][0][0][0].is_nan());
    }

    #[test]
    fn the_windows_must_lie_in_the_image() {
        assert_eq!(says::<MaxPooling2d, With<2, 1, false>, Image<2, 3, 1>>(), None);
        let sentence = says::<MaxPooling2d, With<2, 1, false>, Image<2, 2, 1>>().unwrap();
        assert_eq!(sentence, "takes an image of at least 2 × 3");
        assert_eq!(<MaxPooling2d as Layer<Image<2, 2, 1>, With<2, 1, false>>>::OUTPUT.shape, Shape::new(&[1, 1, 1]));
        assert_eq!(says::<MaxPooling2d, With<2, 1, true>, Image<2, 2, 1>>(), None);
        assert!(says::<MaxPooling2d, Defaults, [[f32; 4]; 4]>().unwrap().starts_with("takes an image"));
    }

    #[test]
    fn options_of_0_are_mistakes() {
        assert_eq!(
            says::<MaxPooling2d, With<0, 1, true>, Image<2, 2, 1>>().unwrap(),
            "`pool_size_hw` must be at least 1"
        );
        assert_eq!(says::<MaxPooling2d, With<1, 0, true>, Image<2, 2, 1>>().unwrap(), "`strides` must be at least 1");
    }

    #[test]
    fn options_that_mean_the_same_are_written_alike() {
        const DEFAULT: MaxPooling2dOptions = MaxPooling2dOptions::DEFAULT;
        assert_eq!(changes(DEFAULT.pool_size_hw((2, 2)).strides(2)), "");
        assert_eq!(changes(DEFAULT.strides(2)), "");
        assert_eq!(changes(DEFAULT.strides(3)), "strides=3x3 ");
        // The windows' size are the strides too, unless these are given, before or after.
        let windows = [DEFAULT.positional(3), DEFAULT.strides(3).pool_size(3), DEFAULT.pool_size_hw((3, 3)).strides(3)];
        assert_eq!(windows.map(changes), ["pool_size=3x3 strides=3x3 "; 3]);
        let strides = [DEFAULT.strides_hw((2, 2)).pool_size(3).pool_size_hw((3, 3)), DEFAULT.pool_size(3).strides(2)];
        assert_eq!(strides.map(changes), ["pool_size=3x3 "; 2]);
    }
}
