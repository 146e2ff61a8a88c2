//! The depthwise convolution of images.

use core::marker::PhantomData;

use super::convolution::{DepthwiseConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each filter sees one channel: y\[i\]\[j\]\[c·`DEPTH_MULTIPLIER` + m\] = A(bias\[c\]\[m\] + Σ x\[i·s + k·d − p\]\[j·s + l·d −
/// q\]\[c\] · kernel\[k\]\[l\]\[c\]\[m\]) over the window (k, l), with strides s, dilation d and padding: `[height, width,
/// CHANNELS]` → `[…, …, CHANNELS · DEPTH_MULTIPLIER]`, Keras's `layers.DepthwiseConv2D`.
///
/// There is one filter for each channel, or as many as the last argument says, an option in `model!`:
/// `DepthwiseConv2d<_, 3>(depth_multiplier = 2)`. The kernel begins Glorot-uniform and the bias at 0. See
/// [`DepthwiseConvolutionOptions`] for `DepthwiseConv2d<_, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::DepthwiseConv2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[[f32; 6]; 28]; 28];
/// assert_eq!(<DepthwiseConv2d<6, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[26, 26, 6]));
/// assert_eq!(<DepthwiseConv2d<6, 3> as Parameters>::COUNT, 60);
///
/// use fusion::{activations::Linear, layers::UseBias};
/// type Doubled = DepthwiseConv2d<6, 3, Linear, UseBias, 3, 2>;
/// assert_eq!(<Doubled as Layer<Input>>::OUTPUT.shape, Shape::new(&[26, 26, 12]));
/// ```
#[doc(alias = "DepthwiseConv2D")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "DepthwiseConv2D", options = DepthwiseConvolutionOptions<2>, example = "DepthwiseConv2d<_, 3>", arguments(activation = 2, use_bias = 3, depth_multiplier = 5))]
pub struct DepthwiseConv2d<
    const CHANNELS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
    const DEPTH_MULTIPLIER: usize = 1,
> {
    /// `kernel[k][l][c][m]` is how much channel c at place (k, l) of the window counts in its filter m.
    #[parameter(given = options.depthwise)]
    pub kernel: [[[[f32; DEPTH_MULTIPLIER]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// `bias[c][m]` is what filter m of channel c begins with.
    #[parameter(shape = [CHANNELS * DEPTH_MULTIPLIER], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: [B::Values<DEPTH_MULTIPLIER>; CHANNELS],
    activation: PhantomData<A>,
}

convolution!(depthwise, 2, DepthwiseConv2d<C, H, A, B, W, M>, channels C, filters C * M, window [H, W], sizes [C, H, W, M]);
