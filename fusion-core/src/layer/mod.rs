//! The contract of a layer.

mod arrays;
mod context;
mod graph;
mod inputs;
pub mod messages;
mod needs;
mod output;
mod parts;
mod prepared;

pub(crate) use arrays::{Packing, arrays_as_they_are, scale_and_offset_arrays};
pub use arrays::{PreparedArray, VisitArrays};
#[cfg(feature = "training")]
pub use context::Backward;
pub use context::{Forward, State};
pub use graph::{From, Graph, LayerNode, Source, StepNode};
pub use inputs::{Inputs, Operand, Several, Wire, Wires, position};
pub(crate) use needs::larger;
pub use needs::{Floats, Masking, Needs};
pub(crate) use output::{Found, Remedy};
pub use output::{Mistake, Output};
pub use parts::{Part, PartPlace};
pub(crate) use prepared::{Bits, bits, bits_mut, copy_in, floats_for, scale_and_offset_mut};
pub use prepared::{F16, F32, Folding, Int8, Kind, PreparedBytes, PreparedOfKind, PreparedWeights, WeightKind};

use crate::shape::{Tensor, value_in};
use crate::weights::{Defaults, OptionsOf, Parameters};

/// Why a batch cannot go through a model: a value that no shape can rule out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InputError {
    /// Which of a step's wires, from 0; of a model, which of its inputs.
    pub wire: usize,
    /// The sample of the batch, from 0.
    pub sample: usize,
    /// The position within the sample, from 0.
    pub position: usize,
    /// The id found there.
    pub id: u32,
    /// Ids must be below this; 0 where they must be in a vocabulary.
    pub bound: usize,
}

impl core::fmt::Display for InputError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { sample, position, id, bound, .. } = self;
        write!(f, "the id {id} at position {position} of sample {sample} is ")?;
        if *bound == 0 {
            return f.write_str("not in the vocabulary");
        }
        write!(f, "out of range: ids are below {bound}")
    }
}
crate::debug_is_display!(InputError);
impl core::error::Error for InputError {}

/// One step of a model: maps a batch of its inputs to a batch of what [`Layer::OUTPUT`] says.
///
/// A layer is implemented for *every* input tensor, or for wires by name ([`Several`]), and says in `OUTPUT`
/// what is wrong with those that do not fit: that is what the compiler prints. `forward` is only called where
/// the inputs fit, and `Out` is then what `OUTPUT` says.
///
/// How to write one is [a page](https://github.com/fusion-rs/fusion/blob/main/docs/writing-a-layer.md) of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "this type is no layer",
    note = "layers are `Dense`, `Dropout`, `Flatten`, ...; your own type becomes one by `impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O>`",
    note = "a layer of `Several<W, K>` takes its wires by name, `(a = x, b = y) => Layer`"
)]
pub trait Layer<I: Inputs, O: OptionsOf<Self> = Defaults>: Parameters<O> {
    /// What comes out, and what is wrong if the inputs do not fit.
    const OUTPUT: Output;
    /// What it needs beside its parameters.
    const NEEDS: Needs = Needs::NONE;
    /// What the type says beside its sizes, such as the activation; it tells layers of the same shapes apart.
    const DETAILS: &'static str = "";
    /// The graph of a model that is used as a layer.
    #[doc(hidden)]
    const NESTED: Option<&'static Graph> = None;

    /// Checks what no shape can, ids that are out of range, before a batch goes forward; `cx` is as in inference.
    ///
    /// # Errors
    /// Names the first value that the layer cannot take.
    fn check(&self, _cx: &mut Forward<'_>, _x: I::Batch<'_>) -> Result<(), InputError> {
        Ok(())
    }

    /// Writes the whole of `y` from `x`.
    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: I::Batch<'_>, y: &mut [Out]);

    /// What its weights take in a [`Prepared`](crate::Prepared) model: the layer as it is, unless it has a form of its own.
    ///
    /// It is the same for every input that the layer takes.
    #[doc(hidden)]
    const PREPARED: PreparedBytes = PreparedBytes::as_it_is::<Self>();

    /// Writes its weights in that form to memory of zeros.
    #[doc(hidden)]
    fn prepare<K: WeightKind>(&self, _strip_columns: usize, memory: &mut [f32]) {
        copy_in::<Self, O>(self, memory);
    }

    /// Shows the arrays of its weights in that form.
    #[doc(hidden)]
    fn prepared_arrays(_kind: Kind, visit: &mut VisitArrays<'_>) {
        arrays_as_they_are::<Self, O>(visit);
    }

    /// Whether it may become one with another layer in a prepared model.
    #[doc(hidden)]
    const FOLDING: Folding = Folding::Nothing;

    /// Takes a scale and an offset of each feature that come behind it into its weights: the kernel is scaled, and to the
    /// offset, which is added instead of its bias from then on, comes what the bias was.
    #[doc(hidden)]
    fn fold(&mut self, _scale: &[f32], _offset: &mut [f32]) {}

    /// [`Layer::check`] with weights in that form.
    #[doc(hidden)]
    fn check_prepared<K: WeightKind>(
        weights: PreparedWeights<'_>,
        cx: &mut Forward<'_>,
        x: I::Batch<'_>,
    ) -> Result<(), InputError> {
        value_in::<Self>(weights.memory).check(cx, x)
    }

    /// [`Layer::forward`] with weights in that form.
    #[doc(hidden)]
    fn forward_prepared<K: WeightKind, Out: Tensor>(
        weights: PreparedWeights<'_>,
        cx: &mut Forward<'_>,
        x: I::Batch<'_>,
        y: &mut [Out],
    ) {
        value_in::<Self>(weights.memory).forward(cx, x, y);
    }

    /// Moves the state that training keeps, such as moving averages, once after each batch.
    ///
    /// It sees what `forward` kept of the whole batch where the layer [couples samples](Needs#structfield.couples_samples),
    /// and of its last tile otherwise.
    fn update_state(&mut self, _cx: &mut State<'_>) {}

    /// What the outputs of layers within this one add to the loss, of a batch of so many samples of which `forward` kept
    /// this.
    #[doc(hidden)]
    fn penalty_within(&self, _samples: usize, _keep: bool, _saved: &[f32]) -> f64 {
        0.0
    }
}

/// A layer's way back; models can only be trained where all their layers have one.
#[cfg(feature = "training")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no way back",
    label = "this layer cannot be trained",
    note = "your own layer can be part of a model that trains by `impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O>`"
)]
pub trait TrainLayer<I: Inputs, O: OptionsOf<Self> = Defaults>: Layer<I, O> {
    /// Given the gradient `dy` of the loss with respect to `y`, writes the whole of `dx`, where it
    /// is asked for, and **adds** to `cx.gradient`, where there is one. `dy` may be overwritten.
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: I::Batch<'_>,
        y: &[Out],
        dy: &mut [Out],
        dx: I::Gradients<'_>,
    );
}
