//! The transposed convolution of volumes.

use core::marker::PhantomData;

use super::convolution::{TransposedConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each place of the volume adds its window to a larger volume:
/// y\[h·s + m − o\]\[i·s + k − p\]\[j·s + l − q\]\[f\] += Σ x\[h\]\[i\]\[j\]\[c\] ·
/// kernel\[m\]\[k\]\[l\]\[f\]\[c\], to the bias, and then the activation; with strides s and padding (o, p, q):
/// `[depth, height, width, CHANNELS]` → `[…, …, …, FILTERS]`, Keras's `layers.Conv3DTranspose`. It is the gradient of a
/// [`Conv3d`](super::Conv3d).
///
/// A side of n places becomes n · s + max(window − s, 0) places, and n · s with [`Padding::Same`](super::Padding).
/// Arguments are those of `Conv3d`; see [`TransposedConvolutionOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Conv3dTranspose;
/// use fusion::{Layer, Parameters, Shape};
/// type Code = [[[[f32; 4]; 7]; 7]; 2];
/// assert_eq!(<Conv3dTranspose<4, 8, 3> as Layer<Code>>::OUTPUT.shape, Shape::new(&[4, 9, 9, 8]));
/// assert_eq!(<Conv3dTranspose<4, 8, 3> as Parameters>::COUNT, 872);
/// ```
#[doc(alias("Conv3DTranspose", "Convolution3DTranspose"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv3DTranspose", options = TransposedConvolutionOptions<3>, example = "Conv3dTranspose<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv3dTranspose<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_DEPTH: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_HEIGHT: usize = KERNEL_DEPTH,
    const KERNEL_WIDTH: usize = KERNEL_DEPTH,
> {
    /// `kernel[m][k][l][f][c]` is how much channel c counts in filter f at place (m, k, l) of the window.
    #[parameter(given = options.kernel)]
    pub kernel: [[[[[f32; CHANNELS]; FILTERS]; KERNEL_WIDTH]; KERNEL_HEIGHT]; KERNEL_DEPTH],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

convolution!(
    transposed, 3, Conv3dTranspose<C, F, D, A, B, H, W>,
    channels C, filters F, window [D, H, W], sizes [C, F, D, H, W]
);
