//! The largest number of each window of an image.

use super::pooling::{PoolingOptions, pooling};

/// y\[i\]\[j\]\[c\] = max x\[i·s + k − p\]\[j·s + l − q\]\[c\] over the window (k, l), with strides s
/// and padding (p, q), which itself does not count: `[height, width, channels]` → `[…, …, channels]`,
/// Keras's `layers.MaxPooling2D`.
///
/// The gradient goes to the largest number, to the first of equal ones (row by row), as in
/// TensorFlow. `MaxPooling2d` has windows of 2 × 2 that do not overlap; see [`PoolingOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{MaxPooling2d, PoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `MaxPooling2d(3)` in `model!`
/// impl OptionsOf<MaxPooling2d> for Of3 {
///     const VALUE: PoolingOptions<2> = PoolingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<MaxPooling2d as Layer<Input>>::OUTPUT.shape, Shape::new(&[13, 13, 8]));
/// assert_eq!(<MaxPooling2d as Layer<Input, Of3>>::OUTPUT.shape, Shape::new(&[9, 8, 8]));
/// ```
#[doc(alias("MaxPooling2D", "MaxPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "MaxPooling2D", options = PoolingOptions<2>)]
pub struct MaxPooling2d;

pooling!(MaxPooling2d, Max);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::Padding;
    use crate::layers::testing::{Run, differences, run, says};
    use crate::layers::window::testing::{Image, numbers, sides};
    use crate::shape::{Shape, Tensor};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct With<const POOL: usize, const STRIDES: usize, const SAME: bool>;
    impl<const POOL: usize, const STRIDES: usize, const SAME: bool> OptionsOf<MaxPooling2d> for With<POOL, STRIDES, SAME> {
        const VALUE: PoolingOptions<2> = PoolingOptions::DEFAULT
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
}
