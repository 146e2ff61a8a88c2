//! The separable convolution of sequences.

use core::marker::PhantomData;

use super::convolution::{SeparableConvolutionOptions, separable};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// A [`DepthwiseConv1d`](super::DepthwiseConv1d) without a bias, then at each place
/// A(bias + z · `pointwise_kernel`): `[steps, CHANNELS]` → `[…, FILTERS]`, Keras's `layers.SeparableConv1D` (Chollet, "Xception", 2017).
///
/// There is one channel between the two for each channel of the input unless `BETWEEN`, the last argument, is Keras's
/// `depth_multiplier` times as many: `SeparableConv1d<_, 8, 3, Linear, UseBias, 12>`. The kernels begin
/// Glorot-uniform and the bias at 0. See [`SeparableConvolutionOptions`] for
/// `SeparableConv1d<_, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::SeparableConv1d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[f32; 6]; 30];
/// assert_eq!(<SeparableConv1d<6, 8, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[28, 8]));
/// assert_eq!(<SeparableConv1d<6, 8, 3> as Parameters>::COUNT, 74);
/// ```
#[doc(alias("SeparableConv1D", "SeparableConvolution1D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "SeparableConv1D", options = SeparableConvolutionOptions<1>, example = "SeparableConv1d<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct SeparableConv1d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL: usize,
    A = Linear,
    B: Optional = UseBias,
    const BETWEEN: usize = CHANNELS,
> {
    /// The kernel that sees one channel for each filter.
    #[parameter(shape = [KERNEL, CHANNELS, BETWEEN / if CHANNELS == 0 { 1 } else { CHANNELS }], given = options.depthwise)]
    pub depthwise_kernel: [[f32; BETWEEN]; KERNEL],
    /// `pointwise_kernel[m][f]` is how much channel m counts in filter f.
    #[parameter(shape = [1, BETWEEN, FILTERS], given = options.pointwise)]
    pub pointwise_kernel: [[f32; FILTERS]; BETWEEN],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

separable!(1, SeparableConv1d<C, F, K, A, B, M>, channels C, between M, filters F, window [K], sizes [C, F, K, M]);
