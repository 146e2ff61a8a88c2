//! The separable convolution of sequences.

use core::marker::PhantomData;

use super::convolution::{SeparableConvolutionOptions, separable};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// A [`DepthwiseConv1d`](super::DepthwiseConv1d) without a bias, then at each place
/// A(bias + z · `pointwise_kernel`): `[steps, CHANNELS]` → `[…, FILTERS]`, Keras's `layers.SeparableConv1D` (Chollet, "Xception", 2017).
///
/// There is one channel between the two for each channel of the input, or as many as the last argument says, an option
/// in `model!`: `SeparableConv1d<_, 8, 3>(depth_multiplier = 2)`. The kernels begin Glorot-uniform and the bias at
/// 0. See [`SeparableConvolutionOptions`] for
/// `SeparableConv1d<_, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::SeparableConv1d;
/// use fusion::{Layer, Parameters, Shape};
/// type Input = [[f32; 6]; 30];
/// assert_eq!(<SeparableConv1d<6, 8, 3> as Layer<Input>>::OUTPUT.shape, Shape::new(&[28, 8]));
/// assert_eq!(<SeparableConv1d<6, 8, 3> as Parameters>::COUNT, 74);
///
/// use fusion::{activations::Linear, layers::UseBias};
/// type Doubled = SeparableConv1d<6, 8, 3, Linear, UseBias, 2>;
/// assert_eq!(<Doubled as Layer<Input>>::OUTPUT.shape, Shape::new(&[28, 8]));
/// assert_eq!(<Doubled as Parameters>::COUNT, 140);
/// ```
#[doc(alias("SeparableConv1D", "SeparableConvolution1D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "SeparableConv1D", options = SeparableConvolutionOptions<1>, example = "SeparableConv1d<_, 32, 3>", arguments(activation = 3, use_bias = 4, depth_multiplier = 5))]
pub struct SeparableConv1d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL: usize,
    A = Linear,
    B: Optional = UseBias,
    const DEPTH_MULTIPLIER: usize = 1,
> {
    /// `depthwise_kernel[k][c][m]` is how much channel c at place k of the window counts in the m-th channel that is made of it.
    #[parameter(given = options.depthwise)]
    pub depthwise_kernel: [[[f32; DEPTH_MULTIPLIER]; CHANNELS]; KERNEL],
    /// `pointwise_kernel[c][m][f]` is how much the m-th channel that is made of channel c counts in filter f.
    #[parameter(shape = [1, CHANNELS * DEPTH_MULTIPLIER, FILTERS], given = options.pointwise)]
    pub pointwise_kernel: [[[f32; FILTERS]; DEPTH_MULTIPLIER]; CHANNELS],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

separable!(1, SeparableConv1d<C, F, K, A, B, M>, channels C, between C * M, filters F, window [K], sizes [C, F, K, M]);
