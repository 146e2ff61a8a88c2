//! The convolution of images.

use core::marker::PhantomData;

use super::convolution::{ConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// y\[i\]\[j\]\[f\] = A(bias\[f\] + Σ x\[i·s + k·d − p\]\[j·s + l·d − q\]\[c\] · kernel\[k\]\[l\]\[c\]\[f\])
/// over the window (k, l) and the channels c, with strides s, dilation d and padding (p, q):
/// `[height, width, CHANNELS]` → `[…, …, FILTERS]`, Keras's `layers.Conv2D`.
///
/// The kernel begins Glorot-uniform and the bias at 0. `Conv2d<1, 8, 3, Relu>` has a window of
/// 3 × 3, `Conv2d<1, 8, 3, Relu, NoBias>` no bias, and `Conv2d<1, 8, 3, Relu, UseBias, 5>` a window
/// of 3 × 5. See [`ConvolutionOptions`] for `Conv2d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Relu;
/// use fusion::layers::Conv2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Conv2d<1, 8, 3, Relu> as Layer<Image>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
/// assert_eq!(<Conv2d<1, 8, 3, Relu> as Parameters>::COUNT, 80);
///
/// let edges: Conv2d<1, 1, 1> = Conv2d::new([[[[2.0]]]], [0.5]);
/// assert_eq!(edges.kernel[0][0][0][0], 2.0);
/// ```
#[doc(alias("Conv2D", "Convolution2D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv2D", options = ConvolutionOptions<2>, example = "Conv2d<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv2d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
> {
    /// `kernel[k][l][c][f]` is how much channel c at place (k, l) of the window counts in filter f.
    /// With groups, c counts the channels of the filter's own group.
    #[parameter(given = options.kernel)]
    pub kernel: [[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

impl<const CHANNELS: usize, const FILTERS: usize, const KERNEL_HEIGHT: usize, A, B: Optional, const KERNEL_WIDTH: usize>
    Conv2d<CHANNELS, FILTERS, KERNEL_HEIGHT, A, B, KERNEL_WIDTH>
{
    /// A layer of these weights.
    #[must_use]
    pub const fn new(
        kernel: [[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
        bias: B::Values<FILTERS>,
    ) -> Self {
        Self { kernel, bias, activation: PhantomData }
    }
}

convolution!(straight, 2, Conv2d<C, F, H, A, B, W>, channels C, filters F, window [H, W], sizes [C, F, H, W]);

#[cfg(test)]
mod tests;
