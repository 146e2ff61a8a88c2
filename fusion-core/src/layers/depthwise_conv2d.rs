//! The depthwise convolution of images.

use core::marker::PhantomData;

use super::convolution::{DepthwiseConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each filter sees one channel: y\[i\]\[j\]\[f\] = A(bias\[f\] + Σ x\[i·s + k·d − p\]\[j·s + l·d − q\]\[c\] ·
/// kernel\[k\]\[l\]\[f\]) over the window (k, l), where
/// c = f / (FILTERS / CHANNELS), with strides s, dilation d and padding: `[height, width, CHANNELS]` → `[…, …, FILTERS]`, Keras's
/// `layers.DepthwiseConv2D`.
///
/// There is one filter for each channel unless `FILTERS`, the last argument, is Keras's `depth_multiplier` times as many:
/// `DepthwiseConv2d<_, 3, Linear, UseBias, 3, 12>`. The kernel begins Glorot-uniform and the bias at 0. See
/// [`DepthwiseConvolutionOptions`] for `DepthwiseConv2d<_, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::DepthwiseConv2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[[f32; 6]; 28]; 28];
/// assert_eq!(<DepthwiseConv2d<6, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[26, 26, 6]));
/// assert_eq!(<DepthwiseConv2d<6, 3> as Parameters>::COUNT, 60);
/// ```
#[doc(alias = "DepthwiseConv2D")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "DepthwiseConv2D", options = DepthwiseConvolutionOptions<2>, example = "DepthwiseConv2d<_, 3>", arguments(activation = 2, use_bias = 3))]
pub struct DepthwiseConv2d<
    const CHANNELS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
    const FILTERS: usize = CHANNELS,
> {
    /// `kernel[k][l][f]` is how much filter f's channel at place (k, l) of the window counts.
    #[parameter(shape = [KERNEL_HEIGHT, KERNEL_WIDTH, CHANNELS, FILTERS / if CHANNELS == 0 { 1 } else { CHANNELS }], given = options.depthwise)]
    pub kernel: [[[f32; FILTERS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

convolution!(depthwise, 2, DepthwiseConv2d<C, H, A, B, W, F>, channels C, filters F, window [H, W], sizes [C, H, W, F]);
