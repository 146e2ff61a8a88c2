//! The gated recurrent unit.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::recurrent::Gradients;
use super::recurrent::{Recurrent, RecurrentOptions, Ways, Weights, recurrent};
use super::{Optional, Use, UseBias};
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Sigmoid, Tanh};
use crate::shape::{Tensor, Text};
use crate::weights::{Initializer, OptionsOf};
use cell::GruCell;

mod cell;

/// A memory with two gates that goes along a sequence, `[steps, FEATURES]` → `[UNITS]`, or `[steps, UNITS]` with
/// `return_sequences = true`; with `return_state = true` also the last output, `[UNITS]`: Keras's `layers.GRU` (Cho et al.,
/// 2014).
///
/// From an output h of zeros on, each step computes, with a column of `kernel`, `recurrent_kernel` and `bias` for each of
/// z, r and n,
///
/// - z, r = S(x · kernel + h · `recurrent_kernel` + bias), the update and the reset gate,
/// - n = A(x · kernel + bias + r · (h · `recurrent_kernel` + bias′)), where bias′ is the second row of the bias, the one
///   of the recurrent product, which z and r have too,
/// - h ← z · h + (1 − z) · n, the step's output.
///
/// With `reset_after = false`, as in the first version of the paper, the reset gate comes before the product: n = A(x ·
/// kernel + (r · h) · `recurrent_kernel` + bias), and the bias has one row, `[3 · UNITS]` instead of `[2, 3 · UNITS]`. In
/// `model!` that is an option, as is whether there is a bias: `Gru<_, 8>(reset_after = false, use_bias = false)` is
/// `Gru<3, 8, Use<false>, NoBias>`. A is tanh and S the sigmoid unless others are given, `Gru<_, 8>(activation = Relu,
/// recurrent_activation = HardSigmoid)`. An output to begin with is a wire of its own, `(sequence = x, h = a) => Gru<_, 8>`,
/// Keras's `initial_state=a`.
///
/// At a step that a mask leaves out the output stays as it is: the step before is repeated, or zeros where all before are
/// left out too. With `return_sequences = true` the mask goes on with the output.
///
/// The kernel begins Glorot-uniform, the recurrent kernel orthogonal and the bias at 0. See [`RecurrentOptions`] for the
/// other options.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Gru, RecurrentOptions, Use};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 10];
/// assert_eq!(<Gru<3, 8> as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[8]));
/// assert_eq!(<Gru<3, 8> as Parameters>::COUNT, 3 * 8 * (3 + 8 + 2));
/// assert_eq!(<Gru<3, 8, Use<false>> as Parameters>::COUNT, 3 * 8 * (3 + 8 + 1));
///
/// struct All; // `Gru<3, 8>(return_sequences = true)` in `model!`
/// impl OptionsOf<Gru<3, 8>> for All {
///     const VALUE: RecurrentOptions = RecurrentOptions::DEFAULT.return_sequences(true);
/// }
/// assert_eq!(<Gru<3, 8> as Layer<Sequence, All>>::OUTPUT.shape, Shape::new(&[10, 8]));
/// ```
#[doc(alias = "GRU")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "GRU", options = RecurrentOptions, within = "gru_cell", example = "Gru<_, 32>", arguments(reset_after = 2, use_bias = 3, activation = 4, recurrent_activation = 5))]
pub struct Gru<
    const FEATURES: usize,
    const UNITS: usize,
    R: Optional + ResetAfter = Use<true>,
    B: Optional = UseBias,
    A = Tanh,
    S = Sigmoid,
> {
    /// `kernel[i][gate][u]` is how much feature i counts in a gate of unit u; the gates are z, r, n.
    #[parameter(shape = [FEATURES, UNITS.saturating_mul(3)], given = options.kernel)]
    pub kernel: [[[f32; UNITS]; 3]; FEATURES],
    /// `recurrent_kernel[v][gate][u]` is how much the last output of unit v counts in a gate of unit u.
    #[parameter(shape = [UNITS, UNITS.saturating_mul(3)], initializer = Initializer::Orthogonal(1.0), given = options.recurrent)]
    pub recurrent_kernel: [[[f32; UNITS]; 3]; UNITS],
    /// What each gate begins with, in `bias[0]`, and with `reset_after` the recurrent product, in `bias[1]`.
    #[parameter(
        shape = *[2, UNITS.saturating_mul(3)].split_at(if R::USED { 0 } else { 1 }).1,
        initializer = Initializer::Zeros,
        when = B::USED,
        given = options.bias
    )]
    pub bias: R::Rows<[B::Values<UNITS>; 3]>,
    activations: PhantomData<(A, S)>,
}

/// Whether the reset gate of a [`Gru`] comes after the product with its output, [`Use<true>`](Use), or before it,
/// [`Use<false>`](Use).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither `Use<true>` nor `Use<false>`",
    label = "this does not say whether the reset gate comes after the product"
)]
pub trait ResetAfter: Optional {
    /// The rows of the bias.
    type Rows<T: Tensor<Element = f32>>: Tensor<Element = f32>;
}

impl ResetAfter for Use<true> {
    type Rows<T: Tensor<Element = f32>> = [T; 2];
}

impl ResetAfter for Use<false> {
    type Rows<T: Tensor<Element = f32>> = [T; 1];
}

impl<O, const FEATURES: usize, const UNITS: usize, R, B, A, S> Recurrent<O> for Gru<FEATURES, UNITS, R, B, A, S>
where
    O: OptionsOf<Self>,
    R: ResetAfter,
    B: Optional,
    A: Activation,
    S: Activation,
{
    type Cell = GruCell<R, A, S>;
    const FEATURES: usize = FEATURES;
    const UNITS: usize = UNITS;
    const WORDS: &'static str = "a `Gru`";
    const WAYS: Ways = O::VALUE.ways();
    const DETAILS: &'static str = const {
        let text = Text::new(if A::TANH && S::SIGMOID { "" } else { A::NAME });
        let text = if A::TANH && S::SIGMOID { text } else { text.and(", ").and(S::NAME) };
        // A bias has two rows or one, and says so itself.
        &if B::USED || R::USED { text } else { text.and(", resets before") }
    }
    .as_str();

    fn weights(&self) -> Weights<'_> {
        let Self { kernel, recurrent_kernel, bias, .. } = self;
        let bias = Tensor::numbers(core::slice::from_ref(bias));
        let (bias, recurrent_bias) = bias.split_at(bias.len().min(3 * UNITS));
        Weights {
            kernel: Tensor::numbers(kernel),
            recurrent_kernel: Tensor::numbers(recurrent_kernel),
            bias,
            recurrent_bias,
        }
    }

    #[cfg(feature = "training")]
    fn gradients(&mut self) -> Gradients<'_> {
        let Self { kernel, recurrent_kernel, bias, .. } = self;
        let bias = Tensor::numbers_mut(core::slice::from_mut(bias));
        let (bias, recurrent_bias) = bias.split_at_mut(bias.len().min(3 * UNITS));
        Gradients {
            kernel: Tensor::numbers_mut(kernel),
            recurrent_kernel: Tensor::numbers_mut(recurrent_kernel),
            bias,
            recurrent_bias,
        }
    }
}

recurrent!(
    impl[const FEATURES: usize, const UNITS: usize, R: ResetAfter, B: Optional, A: Activation, S: Activation]
    Gru<FEATURES, UNITS, R, B, A, S>, where A: TrainActivation, S: TrainActivation
);

#[cfg(test)]
mod tests;
