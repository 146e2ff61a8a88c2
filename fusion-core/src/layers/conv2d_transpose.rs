//! The transposed convolution of images.

use core::marker::PhantomData;

use super::convolution::{TransposedConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each place of the image adds its window to a larger image:
/// y\[i·s + k − p\]\[j·s + l − q\]\[f\] += Σ x\[i\]\[j\]\[c\] · kernel\[k\]\[l\]\[f\]\[c\], to the bias,
/// and then the activation; with strides s and padding (p, q): `[height, width, CHANNELS]` →
/// `[…, …, FILTERS]`, Keras's `layers.Conv2DTranspose`. It is the gradient of a
/// [`Conv2d`](super::Conv2d) (Zeiler and others, "Deconvolutional Networks", 2010).
///
/// A side of n places becomes n · s + max(window − s, 0) places, and n · s with
/// [`Padding::Same`](super::Padding). Arguments are those of `Conv2d`; see
/// [`TransposedConvolutionOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Relu;
/// use fusion::layers::Conv2dTranspose;
/// use fusion::{Layer, Parameters, Shape};
/// type Code = [[[f32; 4]; 7]; 7];
/// assert_eq!(<Conv2dTranspose<4, 8, 3, Relu> as Layer<Code>>::OUTPUT.shape, Shape::new(&[9, 9, 8]));
/// assert_eq!(<Conv2dTranspose<4, 8, 3, Relu> as Parameters>::COUNT, 296);
/// ```
#[doc(alias("Conv2DTranspose", "Convolution2DTranspose"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv2DTranspose", options = TransposedConvolutionOptions<2>, example = "Conv2dTranspose<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv2dTranspose<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
> {
    /// `kernel[k][l][f][c]` is how much channel c counts in filter f at place (k, l) of the window.
    #[parameter(given = options.kernel)]
    pub kernel: [[[[f32; CHANNELS]; FILTERS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

impl<const CHANNELS: usize, const FILTERS: usize, const KERNEL_HEIGHT: usize, A, B: Optional, const KERNEL_WIDTH: usize>
    Conv2dTranspose<CHANNELS, FILTERS, KERNEL_HEIGHT, A, B, KERNEL_WIDTH>
{
    /// A layer of these weights.
    #[must_use]
    pub const fn new(
        kernel: [[[[f32; CHANNELS]; FILTERS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
        bias: B::Values<FILTERS>,
    ) -> Self {
        Self { kernel, bias, activation: PhantomData }
    }
}

convolution!(
    transposed, 2, Conv2dTranspose<C, F, H, A, B, W>,
    channels C, filters F, window [H, W], sizes [C, F, H, W]
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::{Activation, Relu, Silu, reference};
    use crate::layer::{Layer, TrainLayer};
    use crate::layers::testing::{differences, initialized, says};
    use crate::layers::window::testing::{Image, numbers, sides};
    use crate::layers::{NoBias, Padding};
    use crate::shape::{Shape, Tensor};
    use crate::weights::{Defaults, Options, OptionsOf, Parameters};

    struct With<const HEIGHT: usize, const WIDTH: usize, const SAME: bool>;
    impl<
        const C: usize,
        const F: usize,
        const H: usize,
        A,
        B,
        const W: usize,
        const S: usize,
        const T: usize,
        const SAME: bool,
    > OptionsOf<Conv2dTranspose<C, F, H, A, B, W>> for With<S, T, SAME>
    where
        A: Activation,
        B: Optional,
    {
        const VALUE: TransposedConvolutionOptions<2> = TransposedConvolutionOptions::DEFAULT
            .strides_hw((S, T))
            .padding(if SAME { Padding::Same } else { Padding::Valid });
    }

    /// Compares with the formula, on three images, where the output is `Out`.
    #[track_caller]
    fn check<L, O, In, Out, const C: usize, const F: usize, const H: usize, const W: usize>(
        strides: (usize, usize),
        activation: fn(f64) -> f64,
    ) where
        L: TrainLayer<In, O> + Parameters,
        O: OptionsOf<L>,
        In: Tensor<Element = f32>,
        Out: Tensor<Element = f32>,
    {
        let ([height, width, _], [out_height, out_width, _]) = (sides::<In>(), sides::<Out>());
        let before = |input: usize, stride, window, output: usize| {
            ((input - 1) * stride + window - output.min((input - 1) * stride + window)) / 2
        };
        let (above, left) = (before(height, strides.0, H, out_height), before(width, strides.1, W, out_width));
        let formula = |weights: &[f64], x: &[f64]| -> Vec<f64> {
            let (kernel, bias) = weights.split_at(H * W * F * C);
            let mut y: Vec<f64> = (0..out_height * out_width * F).map(|at| *bias.get(at % F).unwrap_or(&0.0)).collect();
            for at in 0..height * width * H * W * F * C {
                let (c, f, l, k) = (at % C, at / C % F, at / C / F % W, at / C / F / W % H);
                let (j, i) = (at / C / F / W / H % width, at / C / F / W / H / width);
                let row = (i * strides.0 + k).checked_sub(above).filter(|row| *row < out_height);
                let column = (j * strides.1 + l).checked_sub(left).filter(|column| *column < out_width);
                if let (Some(row), Some(column)) = (row, column) {
                    y[(row * out_width + column) * F + f] +=
                        x[(i * width + j) * C + c] * kernel[((k * W + l) * F + f) * C + c];
                }
            }
            y.into_iter().map(activation).collect()
        };
        differences::<L, O, In, Out>(&*initialized::<L>(), &numbers::<In>(3), formula);
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_formula() {
        check::<Conv2dTranspose<2, 3, 3>, Defaults, Image<1, 1, 2>, Image<3, 3, 3>, 2, 3, 3, 3>((1, 1), |x| x);
        check::<Conv2dTranspose<1, 2, 3, Relu, NoBias, 2>, With<2, 1, true>, Image<3, 4, 1>, Image<6, 4, 2>, 1, 2, 3, 2>(
            (2, 1),
            |x| x.max(0.0),
        );
        check::<Conv2dTranspose<2, 1, 2, Silu>, With<3, 3, false>, Image<2, 3, 2>, Image<6, 9, 1>, 2, 1, 2, 2>(
            (3, 3),
            reference::silu,
        );
        check::<Conv2dTranspose<3, 5, 4>, With<2, 3, true>, Image<3, 2, 3>, Image<6, 6, 5>, 3, 5, 4, 4>((2, 3), |x| x);
    }

    #[test]
    fn the_input_must_be_an_image_of_these_channels() {
        type Layer3 = Conv2dTranspose<3, 8, 3>;
        assert_eq!(says::<Layer3, Defaults, Image<5, 5, 3>>(), None);
        assert_eq!(says::<Layer3, Defaults, Image<5, 5, 2>>().unwrap(), "takes 3 channels");
        assert_eq!(says::<Layer3, Defaults, [f32; 3]>().unwrap(), "takes an image [height, width, channels]");
        assert!(says::<Layer3, Defaults, [[[u32; 3]; 5]; 5]>().unwrap().starts_with("takes numbers"));
        assert_eq!(<Layer3 as Layer<[f32; 3]>>::OUTPUT.shape, Shape::new(&[3, 3, 8]));
        let sentence = says::<Layer3, With<0, 1, true>, Image<5, 5, 3>>().unwrap();
        assert_eq!(sentence, "`strides_hw` must be at least 1");
    }

    #[test]
    fn what_is_counted() {
        assert_eq!(
            (
                <Conv2dTranspose<3, 8, 2> as Parameters>::COUNT,
                <Conv2dTranspose<3, 8, 2, Relu, NoBias> as Parameters>::COUNT
            ),
            (104, 96)
        );
        assert_eq!(<Conv2dTranspose<3, 8, 2> as Layer<Image<5, 4, 3>>>::NEEDS.multiplications, 5 * 4 * 96);
        assert_eq!(
            <Conv2dTranspose<3, 8, 2, Relu, NoBias> as Layer<[[[f32; 3]; 4]; 4]>>::DETAILS,
            "kernel 2 × 2, relu, no bias"
        );
    }
}
