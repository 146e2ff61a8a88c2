//! What every model can do.

use core::fmt;

use crate::layer::InputError;
use crate::memory::round_up;
use crate::network::{Logits, Network, Pass};
use crate::parameters::copy_plain;
use crate::{Graph, Random};

#[cfg(feature = "alloc")]
use {
    crate::inputs::IntoInputs,
    crate::memory::AlignedVec,
    crate::parameters::{Path, zeroed_box, zeroed_vec},
    alloc::{boxed::Box, vec::Vec},
};

/// A model made by `model!`, or a box of one.
///
/// All of it is provided; `model!` writes what it stands on, [`Network`].
#[diagnostic::on_unimplemented(message = "`{Self}` is not a model", label = "models are made by `model!`")]
pub trait Model: Send + Sync {
    /// The model itself, without a box around it.
    type Network: Network;

    /// How many weights there are, trainable or not.
    const PARAMETERS: usize = <Self::Network as crate::Parameters>::COUNT;
    /// Multiplications with a weight for one sample.
    const MULTIPLY_ACCUMULATES: usize = Self::Network::MULTIPLICATIONS;
    /// What the weights take, in bytes.
    const WEIGHT_BYTES: usize = Self::PARAMETERS * size_of::<f32>();
    /// What `predict` works with beside the weights, for one sample, in bytes.
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
        crate::Parameters::walk([&mut *network], &Path::ROOT, &mut |parameter, [values]| {
            parameter.initializer.fill(random.in_layer(index), &parameter.shape, values);
            index += 1;
        });
        network
    }

    /// A copy, made on the heap.
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

    /// The output for one sample whose inputs are given by name. Allocates nothing for models of
    /// up to 16,384 numbers on their wires.
    ///
    /// # Panics
    /// When an id is out of range; `predict_batch` gives an error instead.
    #[inline]
    fn predict_named(&self, input: <Self::Network as Network>::Input<'_>) -> <Self::Network as Network>::Output {
        let inputs = Self::Network::one(input);
        let mut output = [Self::Network::ZERO_OUTPUT];
        Self::Network::with_memory_of_one(|memory| {
            if let Err((name, error)) = Self::Network::check(inputs) {
                panic!("input `{name}`: {error}");
            }
            run(self.network(), inputs, memory.split_at_mut(Self::Network::WIRES_OF_ONE), &mut output);
        });
        let [output] = output;
        output
    }

    /// Memory for [`Model::predict_batch_into`].
    #[cfg(feature = "alloc")]
    #[must_use]
    fn workspace() -> Workspace<Self::Network> {
        let memory = AlignedVec::zeroed(floats::<Self::Network>(tile::<Self::Network>()));
        Workspace { memory, network: core::marker::PhantomData }
    }

    /// The outputs for many samples.
    ///
    /// # Errors
    /// When the inputs have different numbers of samples, or an id is out of range.
    #[cfg(feature = "alloc")]
    fn predict_batch<'a>(
        &self,
        inputs: impl IntoInputs<'a, Self::Network>,
    ) -> Result<Vec<<Self::Network as Network>::Output>, PredictError> {
        let inputs = inputs.into_inputs();
        let mut outputs = zeroed_vec(samples::<Self::Network>(&inputs)?);
        predict_into(self.network(), inputs, &mut outputs, &mut Self::workspace())?;
        Ok(outputs)
    }

    /// Writes the outputs for many samples, and allocates nothing.
    ///
    /// # Errors
    /// When the inputs or the outputs have different numbers of samples, or an id is out of range.
    #[cfg(feature = "alloc")]
    fn predict_batch_into<'a>(
        &self,
        inputs: impl IntoInputs<'a, Self::Network>,
        outputs: &mut [<Self::Network as Network>::Output],
        workspace: &mut Workspace<Self::Network>,
    ) -> Result<(), PredictError> {
        predict_into(self.network(), inputs.into_inputs(), outputs, workspace)
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

/// Memory for the wires of a tile of samples, made by [`Model::workspace`].
#[cfg(feature = "alloc")]
pub struct Workspace<N> {
    memory: AlignedVec,
    network: core::marker::PhantomData<fn() -> N>,
}

/// Why `predict_batch` gives no outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PredictError {
    /// Two inputs have different numbers of samples.
    SampleCounts {
        /// The first input's name and count.
        first: (&'static str, usize),
        /// The other input's name and count.
        other: (&'static str, usize),
    },
    /// There is not one place for each output.
    OutputCount {
        /// How many samples there are.
        samples: usize,
        /// How many places there are.
        outputs: usize,
    },
    /// A value that the model cannot take.
    Input {
        /// The input's name.
        name: &'static str,
        /// Which value, and why.
        error: InputError,
    },
}

impl fmt::Display for PredictError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SampleCounts { first: (a, n), other: (b, m) } => {
                write!(f, "the inputs have different numbers of samples: `{a}` has {n}, `{b}` has {m}")
            }
            Self::OutputCount { samples, outputs } => {
                write!(f, "there are {samples} samples, but room for {outputs} outputs")
            }
            Self::Input { name, error } => write!(f, "input `{name}`: {error}"),
        }
    }
}
impl core::error::Error for PredictError {}

/// How many samples go through the network at once: as many as leave its wires in the processor's
/// second cache, at most 48, a multiple of the kernels' 6, 8, 12 and 16 rows where possible.
#[must_use]
pub const fn tile<N: Network>() -> usize {
    const CACHE: usize = 512 * 1024 / size_of::<f32>();
    let sizes = [48, 24, 12, 6, 3, 2];
    let mut i = 0;
    while i < sizes.len() {
        if sizes[i] * (N::INFERENCE_WIRES.per_sample + N::SCRATCH.per_sample) <= CACHE {
            return sizes[i];
        }
        i += 1;
    }
    1
}

/// What the wires and the scratch of a pass forward take for so many samples.
#[must_use]
pub const fn floats<N: Network>(samples: usize) -> usize {
    round_up(N::INFERENCE_WIRES.of(samples)) + round_up(N::SCRATCH.of(samples))
}

/// What the wires and the scratch of one sample take.
#[must_use]
pub const fn floats_of_one<N: Network>() -> usize {
    N::WIRES_OF_ONE + round_up(N::SCRATCH.of(1))
}

/// The number of samples that all inputs have.
///
/// # Errors
/// When they have different numbers.
pub fn samples<N: Network>(inputs: &N::Inputs<'_>) -> Result<usize, PredictError> {
    let (mut index, mut first, mut error) = (0, None, None);
    N::counts(inputs, &mut |count| {
        let this = (N::INPUT_NAMES[index], count);
        index += 1;
        match first {
            None => first = Some(this),
            Some(first) if first.1 != count => {
                error.get_or_insert(PredictError::SampleCounts { first, other: this });
            }
            Some(_) => {}
        }
    });
    match (error, first) {
        (Some(error), _) => Err(error),
        (None, first) => Ok(first.map_or(0, |(_, count)| count)),
    }
}

/// One pass forward in inference, of as many samples as `outputs` has room for.
#[inline]
fn run<N: Network>(
    network: &N,
    inputs: N::Inputs<'_>,
    (wires, scratch): (&mut [f32], &mut [f32]),
    outputs: &mut [N::Output],
) {
    let samples = outputs.len();
    let mut pass = Pass {
        samples,
        training: false,
        trainable: false,
        keep: false,
        random: Random::new(0),
        logits: Logits::None,
        scratch,
    };
    network.forward(&mut pass, inputs, wires);
    N::read_outputs(wires, outputs);
}

#[cfg(feature = "alloc")]
fn predict_into<N: Network>(
    network: &N,
    inputs: N::Inputs<'_>,
    outputs: &mut [N::Output],
    workspace: &mut Workspace<N>,
) -> Result<(), PredictError> {
    let samples = samples::<N>(&inputs)?;
    if outputs.len() != samples {
        return Err(PredictError::OutputCount { samples, outputs: outputs.len() });
    }
    N::check(inputs).map_err(|(name, error)| PredictError::Input { name, error })?;
    let tile = tile::<N>();
    for (outputs, start) in outputs.chunks_mut(tile).zip((0..).step_by(tile)) {
        let inputs = N::slice(inputs, start..start + outputs.len());
        let memory = workspace.memory.as_mut_slice().split_at_mut(round_up(N::INFERENCE_WIRES.of(outputs.len())));
        run(network, inputs, memory, outputs);
    }
    Ok(())
}

/// Flat data as a batch of samples, without copying: `rows::<[[[f32; 1]; 28]; 28]>(&flat)?`.
///
/// # Errors
/// When the data does not fill whole samples.
///
/// ```
/// use fusion_core::model::rows;
/// let flat = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// assert_eq!(rows::<[f32; 3]>(&flat)?, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(rows::<[f32; 4]>(&flat).unwrap_err().to_string(), "6 numbers do not fill whole samples of [4], 4 numbers each: 2 are left over");
/// # Ok::<(), fusion_core::model::RowsError>(())
/// ```
pub fn rows<T: crate::Tensor>(flat: &[T::Element]) -> Result<&[T], RowsError> {
    let length = T::SHAPE.length();
    if length == 0 || !flat.len().is_multiple_of(length) {
        return Err(RowsError { found: flat.len(), shape: T::SHAPE });
    }
    Ok(T::rows(flat))
}

/// Flat data that does not fill whole samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowsError {
    found: usize,
    shape: crate::Shape,
}

impl fmt::Display for RowsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (found, shape, length) = (self.found, self.shape, self.shape.length());
        write!(f, "{found} numbers do not fill whole samples of {shape}, {length} numbers each")?;
        if length > 0 {
            write!(f, ": {} are left over", found % length)?;
        }
        Ok(())
    }
}
impl core::error::Error for RowsError {}
