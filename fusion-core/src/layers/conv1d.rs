//! The convolution of sequences.

use core::marker::PhantomData;

use super::convolution::{ConvolutionOptions, convolution};
use super::{Optional, UseBias};
use crate::activations::Linear;
use crate::weights::Initializer;

/// y\[i\]\[f\] = A(bias\[f\] + Σ x\[i·s + k·d − p\]\[c\] · kernel\[k\]\[c\]\[f\]) over the window k and the
/// channels c, with stride s, dilation d and padding p: `[steps, CHANNELS]` → `[…, FILTERS]`, Keras's `layers.Conv1D`.
///
/// The kernel begins Glorot-uniform and the bias at 0. With `padding = Padding::Causal` no step sees a later one. See
/// [`ConvolutionOptions`] for `Conv1d<1, 8, 3>(dilation_rate = 2, padding = Padding::Causal)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Relu;
/// use fusion::layers::{Conv1d, ConvolutionOptions, Padding};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Parameters, Shape};
/// type Sequence = [[f32; 2]; 30];
/// assert_eq!(<Conv1d<2, 8, 3, Relu> as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[28, 8]));
/// assert_eq!(<Conv1d<2, 8, 3, Relu> as Parameters>::COUNT, 56);
///
/// struct Causal; // `Conv1d<2, 8, 3>(padding = Causal)` in `model!`
/// impl OptionsOf<Conv1d<2, 8, 3>> for Causal {
///     const VALUE: ConvolutionOptions<1> = ConvolutionOptions::DEFAULT.padding(Padding::Causal);
/// }
/// assert_eq!(<Conv1d<2, 8, 3> as Layer<Sequence, Causal>>::OUTPUT.shape, Shape::new(&[30, 8]));
/// ```
#[doc(alias("Conv1D", "Convolution1D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv1D", options = ConvolutionOptions<1>, example = "Conv1d<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv1d<const CHANNELS: usize, const FILTERS: usize, const KERNEL: usize, A = Linear, B: Optional = UseBias> {
    /// `kernel[k][c][f]` is how much channel c at place k of the window counts in filter f.
    /// With groups, c counts the channels of the filter's own group.
    #[parameter(given = options.kernel)]
    pub kernel: [[[f32; FILTERS]; CHANNELS]; KERNEL],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

impl<const CHANNELS: usize, const FILTERS: usize, const KERNEL: usize, A, B: Optional>
    Conv1d<CHANNELS, FILTERS, KERNEL, A, B>
{
    /// A layer of these weights.
    #[must_use]
    pub const fn new(kernel: [[[f32; FILTERS]; CHANNELS]; KERNEL], bias: B::Values<FILTERS>) -> Self {
        Self { kernel, bias, activation: PhantomData }
    }
}

convolution!(straight, 1, Conv1d<C, F, K, A, B>, channels C, filters F, window [K], sizes [C, F, K]);
