//! What every model can do, and what `model!` stands on.

mod activity;
#[cfg(feature = "training")]
mod backward_pass;
mod batches;
mod clone;
mod folding;
mod masks;
#[doc(hidden)]
pub mod nested;
mod network;
mod outputs;
mod pass;
mod pieces;
mod places;
mod predict;
mod prepared;
mod rows;
mod step;
mod wires;

#[doc(hidden)]
pub use crate::{clone_of_box, model_as_layer, options, pass, passes, step, weights};
pub use activity::{ActivityPass, activity_penalty, regularizes_activity};
#[cfg(feature = "training")]
pub use backward_pass::{BackwardPass, GradientPlaces, Sums};
pub use batches::{ByPosition, Holds, InputsDiffer, IntoInput, IntoInputs, SampleOf, Samples, SingleInput, all_differ};
pub use clone::{CloneOf, MOST_ON_THE_STACK};
pub use masks::{MaskOfInput, MaskPlace, has_masked_output, loses_mask, output_mask, steps_of_output};
#[cfg(feature = "training")]
pub use network::TrainNetwork;
pub use network::{Network, OperandArray, Passes, couples_samples, multiplications, takes_ids};
pub use outputs::{Broken, MOST_OUTPUTS, Outputs, OutputsDiffer, Rows, shapes_differ};
pub use pass::{CheckPass, ForwardPass, Logits, Pass, PassOptions, StatePass, logits_floats, logits_range};
pub use places::{Layout, PassMemory, Place, places};
pub use predict::{PredictError, floats_of_one, output_slices, samples, tile};
#[cfg(feature = "alloc")]
pub use predict::{Workspace, check_inputs};
pub(crate) use predict::{try_one, with_wires_of_one};
#[cfg(feature = "alloc")]
pub use prepared::{Difference, Prepared};
pub use prepared::{PreparedCheck, PreparedForward, PreparedPass, Preparing, Way, prepared_arrays, prepared_bytes};
pub use rows::{RowsError, rows};
pub use step::{NoLayer, SeveralInputs, Step};

#[cfg(feature = "alloc")]
use crate::layer::WeightKind;
use crate::layer::{Graph, Operand};
use crate::shape::copy_plain;
use crate::weights::Parameters;
#[cfg(feature = "alloc")]
use crate::{
    shape::zeroed_box,
    weights::{Random, walk},
};
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub use alloc::boxed::Box;

/// A model made by `model!`, or a box of one.
///
/// All of it is provided; `model!` writes what it stands on, [`Network`].
#[diagnostic::on_unimplemented(message = "`{Self}` is not a model", label = "models are made by `model!`")]
pub trait Model: Send + Sync {
    /// The model itself, without a box around it.
    type Network: Network;

    /// How many weights there are, trainable or not.
    const PARAMETERS: usize = <Self::Network as Parameters>::COUNT;
    /// Multiplications with a weight for one sample.
    const MULTIPLY_ACCUMULATES: usize = multiplications(Self::Network::GRAPH);
    /// What the weights take, in bytes.
    const WEIGHT_BYTES: usize = Self::PARAMETERS * size_of::<f32>();
    /// What `predict` works with beside the weights, for one sample, in bytes: the wires that are needed at one time, and
    /// what the layer with the largest memory of its own works with. Up to 64 KB it takes that from the stack.
    const WORKSPACE_BYTES: usize = floats_of_one::<Self::Network>() * size_of::<f32>();

    /// The model itself.
    fn network(&self) -> &Self::Network;
    /// The model itself, to change.
    fn network_mut(&mut self) -> &mut Self::Network;

    /// A fresh model: Keras's initial weights (Glorot-uniform kernels, zero biases), the same for the same seed.
    ///
    /// It is made on the heap and never is on the stack.
    #[cfg(feature = "alloc")]
    #[must_use]
    fn new(seed: u64) -> Box<Self::Network> {
        let mut network = zeroed_box::<Self::Network>();
        let random = Random::new(seed);
        let mut index = 0;
        walk([&mut *network], &mut |parameter, [values]| {
            parameter.array.initializer.fill(random.in_layer(index), &parameter.array.shape, values);
            index += 1;
        });
        network
    }

    /// A copy, made on the heap. It never is on the stack, however large the model is.
    ///
    /// `clone()` of a boxed model is this too, unless the model was declared with `#[derive(Clone)]`: then it is the
    /// standard library's, which puts the whole model on the stack. The compiler warns where that is too much.
    #[doc(alias = "clone", alias = "clone_model")]
    #[cfg(feature = "alloc")]
    #[must_use]
    fn duplicate(&self) -> Box<Self::Network> {
        let mut copy = zeroed_box::<Self::Network>();
        copy_plain(self.network(), &mut *copy);
        copy
    }

    /// Takes over the weights of another model of the same type.
    fn copy_from(&mut self, other: &Self::Network) {
        copy_plain(other, self.network_mut());
    }

    /// The output for one sample whose inputs are given by name. Allocates nothing for models
    /// that work with up to 64 KB, [`Model::WORKSPACE_BYTES`].
    ///
    /// # Panics
    /// When an id is out of range; `predict_batch` gives an error instead.
    #[inline]
    fn predict_named(&self, input: <Self::Network as Network>::Input<'_>) -> <Self::Network as Network>::Output {
        predict::one(self.network(), &Self::Network::one(input))
    }

    /// Memory for [`Model::predict_batch_into`].
    #[cfg(feature = "alloc")]
    #[must_use]
    fn workspace() -> Workspace<Self::Network> {
        Workspace::new()
    }

    /// The outputs for many samples: a `Vec` of the output, or a `Vec` for each output by its name. With the feature
    /// `threads`, many samples are shared among as many threads as the machine has; the outputs are the same bits on any
    /// number of them.
    ///
    /// # Errors
    /// When the inputs have different numbers of samples, or an id is out of range.
    #[cfg(feature = "alloc")]
    fn predict_batch<'a>(
        &self,
        inputs: impl IntoInputs<'a, Self::Network>,
    ) -> Result<<Self::Network as Network>::Predictions, PredictError> {
        let operands = Self::Network::many(inputs.into_inputs());
        Ok(Self::Network::predictions(predict::rows(self.network(), operands)?))
    }

    /// Writes the outputs for many samples, and allocates nothing: into a slice, or into a slice for each output by its
    /// name.
    ///
    /// # Errors
    /// When the inputs or the outputs have different numbers of samples, or an id is out of range.
    #[cfg(feature = "alloc")]
    fn predict_batch_into<'a>(
        &self,
        inputs: impl IntoInputs<'a, Self::Network>,
        outputs: <Self::Network as Network>::PredictionsMut<'_>,
        workspace: &mut Workspace<Self::Network>,
    ) -> Result<(), PredictError> {
        predict::into_room(self.network(), Self::Network::many(inputs.into_inputs()), outputs, workspace)
    }

    /// The model as it predicts fastest: its weights packed once, in the order in which they are read.
    #[cfg(feature = "alloc")]
    #[must_use]
    fn prepare(&self) -> Prepared<Self::Network> {
        Prepared::of(self)
    }

    /// The same with weights of another kind, such as [`F16`](crate::layer::F16) or [`Int8`](crate::layer::Int8).
    #[cfg(feature = "alloc")]
    #[must_use]
    fn prepare_as<K: WeightKind>(&self) -> Prepared<Self::Network, K> {
        Prepared::of(self)
    }

    /// The layers and how they are wired.
    #[must_use]
    fn graph() -> &'static Graph {
        Self::Network::GRAPH
    }
}

#[cfg(feature = "alloc")]
impl<M: Model + ?Sized> Model for Box<M> {
    type Network = M::Network;
    fn network(&self) -> &M::Network {
        (**self).network()
    }
    fn network_mut(&mut self) -> &mut M::Network {
        (**self).network_mut()
    }
}

/// The operands of a batch that hold some of its samples.
pub fn slice<N: Network>(operands: N::Operands<'_>, samples: core::ops::Range<usize>) -> N::Operands<'_> {
    let mut part = operands;
    part.as_mut().iter_mut().for_each(|operand: &mut Operand<'_>| *operand = operand.slice(samples.clone()));
    part
}
