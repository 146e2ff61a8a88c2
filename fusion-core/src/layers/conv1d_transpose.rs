//! The transposed convolution of sequences.

use core::marker::PhantomData;

use super::convolution::{TransposedConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// Each step of the sequence adds its window to a longer sequence:
/// y\[i·s + k − p\]\[f\] += Σ x\[i\]\[c\] · kernel\[k\]\[f\]\[c\], to the bias, and then the activation; with
/// stride s and padding p: `[steps, CHANNELS]` → `[…, FILTERS]`, Keras's `layers.Conv1DTranspose`. It is the gradient of
/// a [`Conv1d`](super::Conv1d).
///
/// n steps become n · s + max(window − s, 0), and n · s with [`Padding::Same`](super::Padding). Arguments are those of
/// `Conv1d`; see [`TransposedConvolutionOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Conv1dTranspose;
/// use fusion::{Layer, Parameters, Shape};
/// type Code = [[f32; 4]; 7];
/// assert_eq!(<Conv1dTranspose<4, 8, 3> as Layer<Code>>::OUTPUT.shape, Shape::new(&[9, 8]));
/// assert_eq!(<Conv1dTranspose<4, 8, 3> as Parameters>::COUNT, 104);
/// ```
#[doc(alias("Conv1DTranspose", "Convolution1DTranspose"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv1DTranspose", options = TransposedConvolutionOptions<1>, example = "Conv1dTranspose<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv1dTranspose<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL: usize,
    A = Linear,
    B: Optional = UseBias,
> {
    /// `kernel[k][f][c]` is how much channel c counts in filter f at place k of the window.
    #[parameter(given = options.kernel)]
    pub kernel: [[[f32; CHANNELS]; FILTERS]; KERNEL],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

convolution!(transposed, 1, Conv1dTranspose<C, F, K, A, B>, channels C, filters F, window [K], sizes [C, F, K]);
