//! The largest number of each window of an image.

use core::fmt;

use super::parameterless;
use super::window::{self, Extent, Padding};
use crate::kernels::{self, Pooling};
use crate::{Backward, Configured, Fit, Forward, Layer, OptionsOf, Tensor};

/// y\[i\]\[j\]\[c\] = max x\[i·s + k − p\]\[j·s + l − q\]\[c\] over the window (k, l), with strides s
/// and padding (p, q), which itself does not count: `[height, width, channels]` → `[…, …, channels]`,
/// Keras's `layers.MaxPooling2D`.
///
/// The gradient goes to the largest number, to the first of equal ones (row by row), as in
/// TensorFlow. `MaxPooling2d` has windows of 2 × 2 that do not overlap; see [`MaxPooling2dOptions`].
///
/// ```
/// use fusion_core::layers::{MaxPooling2d, MaxPooling2dOptions};
/// use fusion_core::{Configured, Layer, OptionsOf, Shape};
/// struct Of3; // `MaxPooling2d(3)` in `model!`
/// impl OptionsOf<MaxPooling2d> for Of3 {
///     const VALUE: MaxPooling2dOptions = MaxPooling2d::DEFAULT.positional(3);
/// }
/// type Image = [[[f32; 8]; 27]; 26];
/// assert_eq!(<MaxPooling2d as Layer<Image>>::FIT.output, Shape::new(&[13, 13, 8]));
/// assert_eq!(<MaxPooling2d as Layer<Image, Of3>>::FIT.output, Shape::new(&[8, 9, 8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct MaxPooling2d;

/// The options of [`MaxPooling2d`]: `MaxPooling2d(3)` or
/// `MaxPooling2d(pool_size = 3, strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MaxPooling2dOptions {
    pool_size: Extent,
    strides: Option<Extent>,
    padding: Padding,
}

impl MaxPooling2dOptions {
    /// The size of the windows, written without its name.
    #[must_use]
    pub const fn positional(self, pool_size: usize) -> Self {
        self.pool_size(pool_size)
    }

    /// The height and the width of the windows; 2 if not given.
    #[must_use]
    pub const fn pool_size(mut self, pool_size: usize) -> Self {
        self.pool_size = Extent::square(pool_size, "pool_size");
        self
    }

    /// Height and width of the windows: Keras's `pool_size=(2, 1)`.
    #[must_use]
    pub const fn pool_size_hw(mut self, pool_size: (usize, usize)) -> Self {
        self.pool_size = Extent::pair(pool_size, "pool_size_hw");
        self
    }

    /// How far a window is from the next, in both directions; the size of the windows if not given.
    #[must_use]
    pub const fn strides(mut self, strides: usize) -> Self {
        self.strides = Some(Extent::square(strides, "strides"));
        self
    }

    /// The strides along height and width: Keras's `strides=(2, 1)`.
    #[must_use]
    pub const fn strides_hw(mut self, strides: (usize, usize)) -> Self {
        self.strides = Some(Extent::pair(strides, "strides_hw"));
        self
    }

    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[must_use]
    pub const fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    const fn all_strides(&self) -> Extent {
        match self.strides {
            Some(strides) => strides,
            None => self.pool_size,
        }
    }

    const fn sizes<In: Tensor>(&self) -> Pooling {
        let (strides, pool) = (self.all_strides(), self.pool_size);
        let (height, width, channels) = window::image::<In>();
        Pooling {
            height: window::axis(height, pool.height, strides.height, 1, self.padding),
            width: window::axis(width, pool.width, strides.width, 1, self.padding),
            channels,
        }
    }
}

// What is not given counts as its default: a saved model's options compare by what they mean.
impl fmt::Debug for MaxPooling2dOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaxPooling2dOptions")
            .field("pool_size", &self.pool_size)
            .field("strides", &self.all_strides())
            .field("padding", &self.padding)
            .finish()
    }
}

parameterless!(MaxPooling2d);

impl Configured for MaxPooling2d {
    type Options = MaxPooling2dOptions;
    const DEFAULT: MaxPooling2dOptions =
        MaxPooling2dOptions { pool_size: Extent::square(2, "pool_size"), strides: None, padding: Padding::Valid };
    const CLASS: &'static str = "MaxPooling2D";
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for MaxPooling2d {
    const FIT: Fit = {
        let Pooling { height, width, channels } = O::VALUE.sizes::<In>();
        window::image_fit::<In>(height.output, width.output, channels)
            .or(O::VALUE.pool_size.unless_positive())
            .or(O::VALUE.all_strides().unless_positive())
            .or(window::unless_inside(&height, &width, O::VALUE.padding))
    };

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        kernels::max_pooling(&const { O::VALUE.sizes::<In>() }, In::numbers(x), Out::numbers_mut(y));
    }

    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        _gradient: &mut Self,
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
    use crate::layers::window::testing::{Image, numbers};
    use crate::{Defaults, Shape};

    struct With<const POOL: usize, const STRIDES: usize, const SAME: bool>;
    impl<const POOL: usize, const STRIDES: usize, const SAME: bool> OptionsOf<MaxPooling2d> for With<POOL, STRIDES, SAME> {
        const VALUE: MaxPooling2dOptions = MaxPooling2d::DEFAULT
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
        let ([height, width, channels, _], [rows, columns, _, _]) = (In::SHAPE.dims, Out::SHAPE.dims);
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
        assert_eq!(<MaxPooling2d as Layer<Image<2, 2, 1>, With<2, 1, false>>>::FIT.output, Shape::new(&[1, 1, 1]));
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
    fn options_that_mean_the_same_are_shown_alike() {
        let shown = |options: MaxPooling2dOptions| format!("{options:?}");
        assert_eq!(shown(MaxPooling2d::DEFAULT), shown(MaxPooling2d::DEFAULT.pool_size_hw((2, 2)).strides(2)));
    }
}
