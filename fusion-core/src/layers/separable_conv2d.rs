//! The separable convolution of images.

use core::marker::PhantomData;

use super::convolution::{SeparableConvolutionOptions, separable};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// A [`DepthwiseConv2d`](super::DepthwiseConv2d) without a bias, then at each place
/// A(bias + z · `pointwise_kernel`): `[height, width, CHANNELS]` → `[…, …, FILTERS]`, Keras's `layers.SeparableConv2D` (Chollet, "Xception", 2017).
///
/// There is one channel between the two for each channel of the input, or as many as the last argument says, an option
/// in `model!`: `SeparableConv2d<_, 8, 3>(depth_multiplier = 2)`. The kernels begin Glorot-uniform and the bias at
/// 0. See [`SeparableConvolutionOptions`] for
/// `SeparableConv2d<_, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::SeparableConv2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[[f32; 6]; 28]; 28];
/// assert_eq!(<SeparableConv2d<6, 8, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
/// assert_eq!(<SeparableConv2d<6, 8, 3> as Parameters>::COUNT, 110);
///
/// use fusion::{activations::Linear, layers::UseBias};
/// type Doubled = SeparableConv2d<6, 8, 3, Linear, UseBias, 3, 2>;
/// assert_eq!(<Doubled as Layer<Input>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
/// assert_eq!(<Doubled as Parameters>::COUNT, 212);
/// ```
#[doc(alias("SeparableConv2D", "SeparableConvolution2D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "SeparableConv2D", options = SeparableConvolutionOptions<2>, example = "SeparableConv2d<_, 32, 3>", arguments(activation = 3, use_bias = 4, depth_multiplier = 6))]
pub struct SeparableConv2d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
    const DEPTH_MULTIPLIER: usize = 1,
> {
    /// `depthwise_kernel[k][l][c][m]` is how much channel c at place (k, l) of the window counts in the m-th channel that is made of it.
    #[parameter(given = options.depthwise)]
    pub depthwise_kernel: [[[[f32; DEPTH_MULTIPLIER]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// `pointwise_kernel[c][m][f]` is how much the m-th channel that is made of channel c counts in filter f.
    #[parameter(shape = [1, 1, CHANNELS * DEPTH_MULTIPLIER, FILTERS], given = options.pointwise)]
    pub pointwise_kernel: [[[f32; FILTERS]; DEPTH_MULTIPLIER]; CHANNELS],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

separable!(2, SeparableConv2d<C, F, H, A, B, W, M>, channels C, between C * M, filters F, window [H, W], sizes [C, F, H, W, M]);
