//! The convolutional LSTM of sequences of images.

use core::marker::PhantomData;

use super::convolution::ConvLstmOptions;
use super::convolution::lstm::conv_lstm;
use super::{Optional, UseBias};
use crate::activations::{Sigmoid, Tanh};
use crate::weights::{Initializer, OptionsOf};

/// An [`Lstm`](super::Lstm) whose products are convolutions over the image of each step, `[steps, height, width,
/// CHANNELS]` → `[height, width, FILTERS]`, or `[steps, height, width, FILTERS]` with `return_sequences = true`: Keras's
/// `layers.ConvLSTM2D` (Shi et al., "Convolutional LSTM Network", 2015).
///
/// With ∗ for the convolution each step computes i, f, o = R(x ∗ kernel + h ∗ `recurrent_kernel` + bias), g = A(…) in the
/// same way, c ← f · c + i · g and h ← o · A(c). A is tanh and R the sigmoid unless others are given. The convolution of x
/// has the strides, the padding and the dilation of the options, that of h keeps its size. The states, the options and what
/// a mask does are as those of an `Lstm`; see [`ConvLstmOptions`]. With `dropout = 0.2` the same numbers of x drop out at all
/// steps of a sample, with `recurrent_dropout = 0.2` the same of h; as in Keras each gate has masks of its own.
///
/// The kernel begins Glorot-uniform, the recurrent kernel orthogonal and the bias at 0, but at 1 for the forget gate.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::ConvLstm2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Film = [[[[f32; 2]; 9]; 6]; 4];
/// assert_eq!(<ConvLstm2d<2, 8, 3> as Layer<Film>>::OUTPUT.shape, Shape::new(&[4, 7, 8]));
/// assert_eq!(<ConvLstm2d<2, 8, 3> as Parameters>::COUNT, 4 * 8 * (3 * 3 * (2 + 8) + 1));
/// ```
#[doc(alias = "ConvLSTM2D")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "ConvLSTM2D", options = ConvLstmOptions<2>, within = "conv_lstm_cell", example = "ConvLstm2d<_, 32, 3>", arguments(activation = 3, recurrent_activation = 4, use_bias = 5))]
pub struct ConvLstm2d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Tanh,
    R = Sigmoid,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
> {
    /// `kernel[k][l][c][gate][f]` is how much channel c at place (k, l) of the window counts in a gate of filter f; the gates are
    /// i, f, g, o.
    #[parameter(shape = [KERNEL_HEIGHT, KERNEL_WIDTH, CHANNELS, FILTERS.saturating_mul(4)], given = options.kernel)]
    pub kernel: [[[[[f32; FILTERS]; 4]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// The same of the last output.
    #[parameter(shape = [KERNEL_HEIGHT, KERNEL_WIDTH, FILTERS, FILTERS.saturating_mul(4)], initializer = Initializer::Orthogonal(1.0), given = options.recurrent)]
    pub recurrent_kernel: [[[[[f32; FILTERS]; 4]; FILTERS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// What each gate begins with.
    #[parameter(
        shape = [FILTERS.saturating_mul(4)],
        initializer = if options.unit_forget_bias {
            Initializer::UnitForgetBias(const { &<__O as OptionsOf<Self>>::VALUE.bias.initializer_or(Initializer::Zeros) })
        } else {
            options.bias.initializer_or(Initializer::Zeros)
        },
        when = B::USED,
        given = options.bias.without_initializer()
    )]
    pub bias: [B::Values<FILTERS>; 4],
    activations: PhantomData<(A, R)>,
}

conv_lstm!(2, ConvLstm2d<C, F, H, A, R, B, W>, channels C, filters F, window [H, W], sizes [C, F, H, W]);
