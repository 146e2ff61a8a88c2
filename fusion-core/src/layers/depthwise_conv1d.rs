//! The depthwise convolution of sequences.

use core::marker::PhantomData;

use super::convolution::{DepthwiseConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each filter sees one channel: y\[i\]\[f\] = A(bias\[f\] + Σ x\[i·s + k·d − p\]\[c\] · kernel\[k\]\[f\]) over the window k, where
/// c = f / (FILTERS / CHANNELS), with strides s, dilation d and padding: `[steps, CHANNELS]` → `[…, FILTERS]`, Keras's
/// `layers.DepthwiseConv1D`.
///
/// There is one filter for each channel unless `FILTERS`, the last argument, is Keras's `depth_multiplier` times as many:
/// `DepthwiseConv1d<_, 3, Linear, UseBias, 12>`. The kernel begins Glorot-uniform and the bias at 0. See
/// [`DepthwiseConvolutionOptions`] for `DepthwiseConv1d<_, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::DepthwiseConv1d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[f32; 6]; 30];
/// assert_eq!(<DepthwiseConv1d<6, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[28, 6]));
/// assert_eq!(<DepthwiseConv1d<6, 3> as Parameters>::COUNT, 24);
/// ```
#[doc(alias = "DepthwiseConv1D")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "DepthwiseConv1D", options = DepthwiseConvolutionOptions<1>, example = "DepthwiseConv1d<_, 3>", arguments(activation = 2, use_bias = 3))]
pub struct DepthwiseConv1d<
    const CHANNELS: usize,
    const KERNEL: usize,
    A = Linear,
    B: Optional = UseBias,
    const FILTERS: usize = CHANNELS,
> {
    /// `kernel[k][f]` is how much filter f's channel at place k of the window counts.
    #[parameter(shape = [KERNEL, CHANNELS, FILTERS / if CHANNELS == 0 { 1 } else { CHANNELS }], given = options.depthwise)]
    pub kernel: [[f32; FILTERS]; KERNEL],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

convolution!(depthwise, 1, DepthwiseConv1d<C, K, A, B, F>, channels C, filters F, window [K], sizes [C, K, F]);
