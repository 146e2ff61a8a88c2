//! The depthwise convolution of sequences.

use core::marker::PhantomData;

use super::convolution::{DepthwiseConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each filter sees one channel: y\[i\]\[c·`DEPTH_MULTIPLIER` + m\] = A(bias\[c\]\[m\] + Σ x\[i·s + k·d − p\]\[c\] ·
/// kernel\[k\]\[c\]\[m\]) over the window k, with strides s, dilation d and padding: `[steps, CHANNELS]` →
/// `[…, CHANNELS · DEPTH_MULTIPLIER]`, Keras's `layers.DepthwiseConv1D`.
///
/// There is one filter for each channel, or as many as the last argument says, an option in `model!`:
/// `DepthwiseConv1d<_, 3>(depth_multiplier = 2)`. The kernel begins Glorot-uniform and the bias at 0. See
/// [`DepthwiseConvolutionOptions`] for `DepthwiseConv1d<_, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::DepthwiseConv1d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[f32; 6]; 30];
/// assert_eq!(<DepthwiseConv1d<6, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[28, 6]));
/// assert_eq!(<DepthwiseConv1d<6, 3> as Parameters>::COUNT, 24);
///
/// use fusion::{activations::Linear, layers::UseBias};
/// type Doubled = DepthwiseConv1d<6, 3, Linear, UseBias, 2>;
/// assert_eq!(<Doubled as Layer<Input>>::OUTPUT.shape, Shape::new(&[28, 12]));
/// ```
#[doc(alias = "DepthwiseConv1D")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "DepthwiseConv1D", options = DepthwiseConvolutionOptions<1>, example = "DepthwiseConv1d<_, 3>", arguments(activation = 2, use_bias = 3, depth_multiplier = 4))]
pub struct DepthwiseConv1d<
    const CHANNELS: usize,
    const KERNEL: usize,
    A = Linear,
    B: Optional = UseBias,
    const DEPTH_MULTIPLIER: usize = 1,
> {
    /// `kernel[k][c][m]` is how much channel c at place k of the window counts in its filter m.
    #[parameter(given = options.depthwise)]
    pub kernel: [[[f32; DEPTH_MULTIPLIER]; CHANNELS]; KERNEL],
    /// `bias[c][m]` is what filter m of channel c begins with.
    #[parameter(shape = [CHANNELS * DEPTH_MULTIPLIER], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: [B::Values<DEPTH_MULTIPLIER>; CHANNELS],
    activation: PhantomData<A>,
}

convolution!(depthwise, 1, DepthwiseConv1d<C, K, A, B, M>, channels C, filters C * M, window [K], sizes [C, K, M]);
