//! The convolution of volumes.

use core::marker::PhantomData;

use super::convolution::{ConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// y\[h\]\[i\]\[j\]\[f\] = A(bias\[f\] + Σ x\[h·s + m·d − o\]\[i·s + k·d − p\]\[j·s + l·d − q\]\[c\] ·
/// kernel\[m\]\[k\]\[l\]\[c\]\[f\]) over the window (m, k, l) and the channels c, with strides s, dilation d and
/// padding (o, p, q): `[depth, height, width, CHANNELS]` → `[…, …, …, FILTERS]`, Keras's `layers.Conv3D`.
///
/// The kernel begins Glorot-uniform and the bias at 0. `Conv3d<1, 8, 3>` has a window of 3 × 3 × 3, and
/// `Conv3d<1, 8, 3, Linear, UseBias, 5, 7>` one of 3 × 5 × 7. See [`ConvolutionOptions`] for
/// `Conv3d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Relu;
/// use fusion::layers::Conv3d;
/// use fusion::{Layer, Parameters, Shape};
/// type Volume = [[[[f32; 1]; 28]; 28]; 10];
/// assert_eq!(<Conv3d<1, 8, 3, Relu> as Layer<Volume>>::OUTPUT.shape, Shape::new(&[8, 26, 26, 8]));
/// assert_eq!(<Conv3d<1, 8, 3, Relu> as Parameters>::COUNT, 224);
/// ```
#[doc(alias("Conv3D", "Convolution3D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv3D", options = ConvolutionOptions<3>, example = "Conv3d<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv3d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_DEPTH: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_HEIGHT: usize = KERNEL_DEPTH,
    const KERNEL_WIDTH: usize = KERNEL_DEPTH,
> {
    /// `kernel[m][k][l][c][f]` is how much channel c at place (m, k, l) of the window counts in filter f.
    /// With groups, c counts the channels of the filter's own group.
    #[parameter(given = options.kernel)]
    pub kernel: [[[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT]; KERNEL_DEPTH],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

convolution!(straight, 3, Conv3d<C, F, D, A, B, H, W>, channels C, filters F, window [D, H, W], sizes [C, F, D, H, W]);
