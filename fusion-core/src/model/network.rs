//! What `model!` writes: a model's inputs, its steps and its outputs.

#[cfg(feature = "training")]
use super::{BackwardPass, Sums};
use super::{IntoInputs, Outputs, Pass, PassMemory, Place, PreparedPass, StatePass};
use crate::layer::{Graph, Operand};
use crate::shape::Plain;
use crate::weights::Parameters;

/// A model as `model!` writes it. Its users call the methods of [`Model`](super::Model).
pub trait Network: Parameters + Passes + Send + Sync {
    /// One sample, by name: `FusionInput { a: &a, b: &b }`.
    type Input<'a>: Copy;
    /// Many samples, by name: `FusionInputs { a: &a_rows, b: &b_rows }`.
    type Inputs<'a>: Copy + IntoInputs<'a, Self>;
    /// The batch on each input: `[Operand; 2]`.
    type Operands<'a>: OperandArray<'a>;
    /// One sample's output: the tensor, or a struct with the outputs' names.
    type Output: Plain + Copy;
    /// The outputs' tensors as a tuple.
    type Outputs: Outputs;
    /// Whether no two outputs have the same shape, so that what is given for them may go in order.
    type OutputsDiffer;
    /// A batch of predictions: a `Vec` of the output, or a struct of `Vec`s with the outputs' names.
    type Predictions;
    /// The same to write: a slice, or a struct of slices.
    type PredictionsMut<'a>;

    /// The layers and how they are wired.
    const GRAPH: &'static Graph;
    /// Where what each step gives lies in memory, with a way back and without one.
    const PLACES: &'static [Place];
    /// What a pass takes.
    const MEMORY: PassMemory = PassMemory::of(Self::GRAPH, Self::PLACES);

    /// One sample as a batch of one.
    fn one(input: Self::Input<'_>) -> Self::Operands<'_>;
    /// Many samples, each input in its place.
    fn many(inputs: Self::Inputs<'_>) -> Self::Operands<'_>;
    /// Writes one sample's output out of those of a batch; it may be too large for the stack.
    fn read(outputs: <Self::Outputs as Outputs>::Slices<'_>, sample: usize, output: &mut Self::Output);
    /// A batch of predictions of what there is for each output.
    fn predictions(rows: <Self::Outputs as Outputs>::Rows) -> Self::Predictions;
    /// What there is to write for each output.
    fn slices_mut(predictions: Self::PredictionsMut<'_>) -> <Self::Outputs as Outputs>::SlicesMut<'_>;
    /// The same with the outputs' names.
    fn named_mut(slices: <Self::Outputs as Outputs>::SlicesMut<'_>) -> Self::PredictionsMut<'_>;
}

/// The way through a model.
pub trait Passes: Sized {
    /// Goes through all steps, each after those it takes its input from.
    fn pass(&self, pass: &mut impl Pass<Self>);
    /// Goes through all steps in the same order, without the model: what is known is where each layer's weights lie.
    fn prepared(pass: &mut impl PreparedPass<Self>);
    /// Moves the state that training keeps, after a batch.
    fn update_state(&mut self, pass: &mut StatePass<'_, Self>);
    /// Calls back with memory for one sample, on the stack where it is small.
    fn with_memory_of_one<R>(call: impl FnOnce(&mut [f32]) -> R) -> R;
}

/// An array of batches, one for each input of a model.
pub trait OperandArray<'a>: Copy + Send + Sync + AsRef<[Operand<'a>]> + AsMut<[Operand<'a>]> {
    /// Batches without samples, to be put in place one by one.
    const EMPTY: Self;
}
impl<'a, const INPUTS: usize> OperandArray<'a> for [Operand<'a>; INPUTS] {
    const EMPTY: Self = [Operand::EMPTY; INPUTS];
}

/// The way back through a model.
#[cfg(feature = "training")]
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be trained", label = "a layer of it has no way back")]
pub trait TrainNetwork: Network {
    /// From the gradients of the outputs, computes those of every wire and adds up those of the weights.
    fn back(&self, sums: Sums<'_, Self>, pass: &mut BackwardPass<'_, Self>);
}

/// Whether training cannot cut a batch into tiles.
#[must_use]
pub const fn couples_samples(graph: &Graph) -> bool {
    let mut i = 0;
    while i < graph.steps.len() {
        if graph.steps[i].needs.couples_samples {
            return true;
        }
        i += 1;
    }
    false
}

/// Multiplications with a weight for one sample.
#[must_use]
pub const fn multiplications(graph: &Graph) -> usize {
    let (mut total, mut i) = (0_usize, 0);
    while i < graph.steps.len() {
        total = total.saturating_add(graph.steps[i].needs.multiplications);
        i += 1;
    }
    total
}

/// Whether anything takes ids, which only values can show to be out of range.
#[must_use]
pub const fn takes_ids(graph: &Graph) -> bool {
    let mut i = 0;
    while i < graph.inputs.len() {
        if !graph.inputs[i].element.is_number() {
            return true;
        }
        i += 1;
    }
    i = 0;
    while i < graph.steps.len() {
        if !graph.steps[i].output.element.is_number() {
            return true;
        }
        i += 1;
    }
    false
}
