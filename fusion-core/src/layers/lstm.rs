//! Long short-term memory.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::recurrent::Gradients;
use super::recurrent::{Recurrent, Ways, Weights, recurrent, ways};
use super::{Optional, UseBias};
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Sigmoid, Tanh};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf, Regularizer};
pub(super) use cell::LstmCell;

mod cell;

/// A memory that goes along a sequence, `[steps, FEATURES]` → `[UNITS]`, or `[steps, UNITS]` with
/// `return_sequences = true`; with `return_state = true` also the last output and the last cell, `[UNITS]` each: Keras's
/// `layers.LSTM` (Hochreiter and Schmidhuber, 1997).
///
/// From a cell c and an output h of zeros on, each step computes
///
/// - i, f, o = R(x · kernel + h · `recurrent_kernel` + bias), the input, forget and output gates,
/// - g = A(…) in the same way,
/// - c ← f · c + i · g and h ← o · A(c), the step's output.
///
/// A is tanh and R the sigmoid unless others are given: `Lstm<_, 8>(activation = Relu, recurrent_activation = HardSigmoid,
/// use_bias = false)` is `Lstm<3, 8, Relu, HardSigmoid, NoBias>`. States to begin with are wires of their own, `(sequence =
/// x, h = a, c = b) => Lstm<_, 8>`, Keras's `initial_state=[a, b]`.
///
/// At a step that a mask leaves out, cell and output stay as they are: the step before is repeated, or zeros where all
/// before are left out too. With `return_sequences = true` the mask goes on with the output.
///
/// With `dropout = 0.2` the same features of x drop out at all steps of a sample, with `recurrent_dropout = 0.2` the same
/// units of h as it goes into the gates: see [`LstmOptions`].
///
/// The gates lie in Keras's order i, f, g, o. The kernel begins Glorot-uniform, the recurrent kernel orthogonal and
/// the bias at 0, but at 1 for the forget gate.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Lstm, LstmOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 10];
/// assert_eq!(<Lstm<3, 8> as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[8]));
/// assert_eq!(<Lstm<3, 8> as Parameters>::COUNT, 4 * 8 * (3 + 8 + 1));
///
/// struct All; // `Lstm<3, 8>(return_sequences = true)` in `model!`
/// impl OptionsOf<Lstm<3, 8>> for All {
///     const VALUE: LstmOptions = LstmOptions::DEFAULT.return_sequences(true);
/// }
/// assert_eq!(<Lstm<3, 8> as Layer<Sequence, All>>::OUTPUT.shape, Shape::new(&[10, 8]));
/// ```
#[doc(alias = "LSTM")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "LSTM", options = LstmOptions, within = "lstm_cell", example = "Lstm<_, 32>", arguments(activation = 2, recurrent_activation = 3, use_bias = 4))]
pub struct Lstm<const FEATURES: usize, const UNITS: usize, A = Tanh, R = Sigmoid, B: Optional = UseBias> {
    /// `kernel[i][gate][u]` is how much feature i counts in a gate of unit u; the gates are i, f, g, o.
    #[parameter(shape = [FEATURES, UNITS.saturating_mul(4)], given = options.kernel)]
    pub kernel: [[[f32; UNITS]; 4]; FEATURES],
    /// `recurrent_kernel[v][gate][u]` is how much the last output of unit v counts in a gate of unit u.
    #[parameter(shape = [UNITS, UNITS.saturating_mul(4)], initializer = Initializer::Orthogonal(1.0), given = options.recurrent)]
    pub recurrent_kernel: [[[f32; UNITS]; 4]; UNITS],
    /// What each gate begins with.
    #[parameter(
        shape = [UNITS.saturating_mul(4)],
        initializer = if options.unit_forget_bias {
            Initializer::UnitForgetBias(const { &<__O as OptionsOf<Self>>::VALUE.bias.initializer_or(Initializer::Zeros) })
        } else {
            options.bias.initializer_or(Initializer::Zeros)
        },
        when = B::USED,
        given = options.bias.without_initializer()
    )]
    pub bias: [B::Values<UNITS>; 4],
    activations: PhantomData<(A, R)>,
}

/// The options of [`Lstm`]: `Lstm<3, 8>(return_sequences = true)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct LstmOptions {
    /// Whether the output has every step, not only the last; `false` by default.
    #[option(default = false)]
    return_sequences: bool,
    /// Whether the last output and the last cell are outputs too, behind the output: `branch (output, h, c) = …`;
    /// `false` by default.
    #[option(default = false)]
    return_state: bool,
    /// Whether the sequence is read from its end; an output of every step is then in that order too, as in Keras.
    /// `false` by default.
    #[option(default = false)]
    go_backwards: bool,
    /// Whether the output of a step that a mask leaves out is 0, and not that of the step before; the state is carried
    /// on all the same. `false` by default.
    #[option(default = false)]
    zero_output_for_mask: bool,
    /// Whether the bias of the forget gate begins at 1 (Jozefowicz, Zaremba, Sutskever, 2015); `true` by default.
    #[option(default = true)]
    unit_forget_bias: bool,
    /// While training, a number of a step's input becomes 0 with this probability, at all steps of a sample alike, and the
    /// others are divided by what is left of 1; 0 by default.
    #[option(default = 0.0)]
    dropout: f32,
    /// The same of the output before as it goes into the gates, which then have masks of their own, also of the input; 0 by
    /// default.
    #[option(default = 0.0)]
    recurrent_dropout: f32,
    /// `GlorotUniform` if not given.
    #[option(array)]
    kernel: ArrayOptions,
    /// `Orthogonal(1.0)` if not given.
    #[option(array)]
    recurrent: ArrayOptions,
    /// `Zeros` if not given; the forget gate's at 1 all the same, unless `unit_forget_bias = false`.
    #[option(array)]
    bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

impl LstmOptions {
    const fn ways(&self) -> Ways {
        ways!(*self)
    }
}

impl<O, const FEATURES: usize, const UNITS: usize, A: Activation, R: Activation, B: Optional> Recurrent<O>
    for Lstm<FEATURES, UNITS, A, R, B>
where
    O: OptionsOf<Self>,
{
    type Cell = LstmCell<A, R>;
    const FEATURES: usize = FEATURES;
    const UNITS: usize = UNITS;
    const WORDS: &'static str = "an `Lstm`";
    const WAYS: Ways = O::VALUE.ways();
    const DETAILS: &'static str =
        if A::TANH && R::SIGMOID { "" } else { const { &Text::new(A::NAME).and(", ").and(R::NAME) }.as_str() };

    fn weights(&self) -> Weights<'_> {
        let Self { kernel, recurrent_kernel, bias, .. } = self;
        let (kernel, recurrent_kernel) = (Tensor::numbers(kernel), Tensor::numbers(recurrent_kernel));
        Weights { kernel, recurrent_kernel, bias: Tensor::numbers(bias), recurrent_bias: &[] }
    }

    #[cfg(feature = "training")]
    fn gradients(&mut self) -> Gradients<'_> {
        let Self { kernel, recurrent_kernel, bias, .. } = self;
        let (kernel, recurrent_kernel) = (Tensor::numbers_mut(kernel), Tensor::numbers_mut(recurrent_kernel));
        Gradients { kernel, recurrent_kernel, bias: Tensor::numbers_mut(bias), recurrent_bias: &mut [] }
    }
}

recurrent!(
    impl[const FEATURES: usize, const UNITS: usize, A: Activation, R: Activation, B: Optional]
    Lstm<FEATURES, UNITS, A, R, B>, where A: TrainActivation, R: TrainActivation
);

#[cfg(test)]
mod tests;
