//! What a step computes, as a user writes it.

use crate::weights::{OptionsOf, Parameters};

/// What each step of a sequence computes, for [`Rnn`](super::Rnn): Keras's cell of one's own.
///
/// A step makes the next state of the one before and of the step's numbers; the first state is 0. The state's first
/// [`UNITS`](Self::UNITS) numbers are the output. A cell with several states has them one behind the other; one whose
/// output is none of them begins its state with the output all the same, and does not read it.
///
/// The weights are the struct's arrays, by `#[derive(Parameters)]`, and have initializers, regularizers and constraints as
/// a layer's. Options stand behind the cell, `Rnn<MyCell<_, 8>(kernel_regularizer = L2(0.01))>(return_sequences = true)`;
/// `O::VALUE` has them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cell",
    label = "`Rnn` takes a cell, which computes a step",
    note = "a cell is a struct with `#[derive(Parameters)]` and `impl<O: OptionsOf<Self>> Cell<O>`; `Lstm`, `Gru` and `SimpleRnn` go along a sequence themselves"
)]
pub trait Cell<O: OptionsOf<Self>>: Parameters<O> {
    /// Numbers of a step of the sequence.
    const FEATURES: usize;
    /// Numbers of a step of the output.
    const UNITS: usize;
    /// Numbers of the state, at least those of the output; these alone if nothing is said.
    const STATE: usize = Self::UNITS;
    /// Numbers that a step keeps for its way back, beside its states; none if nothing is said.
    const KEPT: usize = 0;

    /// Writes the whole of the `next` state, and what [`step_back`](Self::step_back) needs again to `kept`, which it may
    /// work in: that has room for [`KEPT`](Self::KEPT) numbers, where there is no way back too.
    fn step(&self, x: &[f32], state: &[f32], next: &mut [f32], kept: &mut [f32]);

    /// Adds the gradients of the step's numbers, of the state before it, and of the weights.
    fn step_back(&self, back: StepBack<'_, Self>);
}

/// A step on the way back. What is there of a [`Cell::step`], and the gradients, of which all but `dnext` are added to.
pub struct StepBack<'a, C: ?Sized> {
    /// The step's numbers.
    pub x: &'a [f32],
    /// The state before it.
    pub state: &'a [f32],
    /// The state after it.
    pub next: &'a [f32],
    /// What `step` wrote to it.
    pub kept: &'a [f32],
    /// The gradient of the loss with respect to `next`: through the output and all later steps.
    pub dnext: &'a [f32],
    /// That of `x`.
    pub dx: &'a mut [f32],
    /// That of `state`.
    pub dstate: &'a mut [f32],
    /// That of the weights; not there where the layer is frozen.
    pub gradient: Option<&'a mut C>,
}
