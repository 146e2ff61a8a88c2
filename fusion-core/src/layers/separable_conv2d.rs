//! The separable convolution of images.

use core::marker::PhantomData;

use super::convolution::{SeparableConvolutionOptions, separable};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// A [`DepthwiseConv2d`](super::DepthwiseConv2d) without a bias, then at each place
/// A(bias + z · `pointwise_kernel`): `[height, width, CHANNELS]` → `[…, …, FILTERS]`, Keras's `layers.SeparableConv2D` (Chollet, "Xception", 2017).
///
/// There is one channel between the two for each channel of the input unless `BETWEEN`, the last argument, is Keras's
/// `depth_multiplier` times as many: `SeparableConv2d<_, 8, 3, Linear, UseBias, 3, 12>`. The kernels begin
/// Glorot-uniform and the bias at 0. See [`SeparableConvolutionOptions`] for
/// `SeparableConv2d<_, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::SeparableConv2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[[f32; 6]; 28]; 28];
/// assert_eq!(<SeparableConv2d<6, 8, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
/// assert_eq!(<SeparableConv2d<6, 8, 3> as Parameters>::COUNT, 110);
/// ```
#[doc(alias("SeparableConv2D", "SeparableConvolution2D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "SeparableConv2D", options = SeparableConvolutionOptions<2>, example = "SeparableConv2d<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct SeparableConv2d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
    const BETWEEN: usize = CHANNELS,
> {
    /// The kernel that sees one channel for each filter.
    #[parameter(shape = [KERNEL_HEIGHT, KERNEL_WIDTH, CHANNELS, BETWEEN / if CHANNELS == 0 { 1 } else { CHANNELS }], given = options.depthwise)]
    pub depthwise_kernel: [[[f32; BETWEEN]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// `pointwise_kernel[m][f]` is how much channel m counts in filter f.
    #[parameter(shape = [1, 1, BETWEEN, FILTERS], given = options.pointwise)]
    pub pointwise_kernel: [[f32; FILTERS]; BETWEEN],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

separable!(2, SeparableConv2d<C, F, H, A, B, W, M>, channels C, between M, filters F, window [H, W], sizes [C, F, H, W, M]);
