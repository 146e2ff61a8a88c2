//! Inference: one sample on the stack, many in tiles.

use core::fmt;

#[cfg(feature = "alloc")]
use super::slice;
use super::{CheckPass, ForwardPass, Layout, Logits, Network, Outputs, PassOptions, Way, multiplications, takes_ids};
#[cfg(feature = "alloc")]
use crate::kernels::memory::AlignedVec;
use crate::kernels::memory::round_up;
#[cfg(feature = "threads")]
use crate::kernels::{LEAST, Threads};
use crate::layer::{InputError, Operand};
use crate::shape::zeroed;

/// Why `predict_batch` gives no outputs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PredictError {
    /// Two inputs have different numbers of samples.
    SampleCounts {
        /// The first input's name and count.
        first: (&'static str, usize),
        /// The other input's name and count.
        other: (&'static str, usize),
    },
    /// There is not one place for the prediction of each sample.
    OutputCount {
        /// The output's name.
        name: &'static str,
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
            Self::OutputCount { name, samples, outputs } => {
                write!(f, "there are {samples} samples, but room for {outputs} of the output `{name}`")
            }
            Self::Input { name, error } => write!(f, "input `{name}`: {error}"),
        }
    }
}
crate::debug_is_display!(PredictError);
impl core::error::Error for PredictError {}

/// How many samples go through the network at once, a multiple of the kernels' 6, 8, 12 and 16 rows where possible: as many
/// as leave what they work with in the processor's second cache, at most 48, or as many as take a quarter of the weights that
/// each tile goes through, at most 192.
#[must_use]
pub const fn tile<N: Network>() -> usize {
    const CACHE: usize = 512 * 1024 / size_of::<f32>();
    // Of a table of embeddings a sample reads a few rows.
    let (weights, work) = (N::COUNT, multiplications(N::GRAPH));
    let weights = if weights < work { weights } else { work };
    let per_sample = N::MEMORY
        .per_sample(false)
        .saturating_add(N::MEMORY.saved_in_inference.per_sample)
        .saturating_add(N::MEMORY.scratch.per_sample);
    let sizes = [192, 96, 48, 24, 12, 6, 3, 2];
    let mut i = 0;
    while i < sizes.len() {
        let in_the_cache = sizes[i] <= 48 && per_sample <= CACHE / sizes[i];
        if in_the_cache || per_sample <= weights / 4 / sizes[i] {
            return sizes[i];
        }
        i += 1;
    }
    1
}

/// What wires, what layers keep and their scratch take on the way forward, of so many samples.
const fn floats<N: Network>(samples: usize) -> usize {
    N::MEMORY.wires(false, samples) + N::MEMORY.saved_in_inference.of(samples) + round_up(N::MEMORY.scratch.of(samples))
}

/// The same for one sample.
#[must_use]
pub const fn floats_of_one<N: Network>() -> usize {
    floats::<N>(1)
}

/// The number of samples that all inputs have.
///
/// # Errors
/// When they have different numbers.
pub fn samples<N: Network>(operands: &[Operand<'_>]) -> Result<usize, PredictError> {
    let mut inputs = N::GRAPH.inputs.iter().zip(operands).map(|(wire, operand)| (wire.name, operand.samples));
    let Some(first) = inputs.next() else { return Ok(0) };
    match inputs.find(|other| other.1 != first.1) {
        Some(other) => Err(PredictError::SampleCounts { first, other }),
        None => Ok(first.1),
    }
}

/// The outputs among the wires, after a pass with or without a way back.
#[inline]
pub fn output_slices<N: Network>(
    wires: &[f32],
    layout: impl Into<Layout>,
    samples: usize,
) -> <N::Outputs as Outputs>::Slices<'_> {
    let layout = layout.into();
    N::Outputs::slices(|output| &wires[N::PLACES[N::GRAPH.outputs[output].1].wire(layout, samples)])
}

/// One pass forward in inference, in memory as [`floats`] says; gives the wires.
#[inline]
fn forward<'m, N: Network>(
    way: &impl Way<N>,
    inputs: &[Operand<'_>],
    samples: usize,
    memory: &'m mut [f32],
) -> &'m [f32] {
    let (wires, rest) = memory.split_at_mut(N::MEMORY.wires(false, samples));
    let (saved, scratch) = rest.split_at_mut(N::MEMORY.saved_in_inference.of(samples));
    let options = PassOptions::inference(samples);
    way.forward(&mut ForwardPass { options, inputs, wires: &mut *wires, saved, scratch, logits: Logits::None });
    wires
}

/// Checks what no shape can in one tile of samples, in memory as for the way forward.
fn check_tile<N: Network>(
    way: &impl Way<N>,
    inputs: &[Operand<'_>],
    samples: usize,
    memory: &mut [f32],
) -> Result<(), InputError> {
    let (wires, rest) = memory.split_at_mut(N::MEMORY.wires(false, samples));
    let (saved, scratch) = rest.split_at_mut(N::MEMORY.saved_in_inference.of(samples));
    let mut pass = CheckPass { samples, inputs, wires, saved, scratch, result: Ok(()) };
    way.check(&mut pass);
    pass.result
}

/// Checks what no shape can: ids that are out of range. Gives the input's name too.
///
/// # Errors
/// Names the first id that is out of range.
#[cfg(feature = "alloc")]
pub fn check_inputs<N: Network>(
    way: &impl Way<N>,
    operands: N::Operands<'_>,
    samples: usize,
    workspace: &mut Workspace<N>,
) -> Result<(), (&'static str, InputError)> {
    if !const { takes_ids(N::GRAPH) } {
        return Ok(());
    }
    let tile = tile::<N>();
    for start in (0..samples).step_by(tile) {
        let end = samples.min(start + tile);
        let part = slice::<N>(operands, start..end);
        check_tile(way, part.as_ref(), end - start, workspace.memory.as_mut_slice()).map_err(|error| {
            (N::GRAPH.inputs[error.wire].name, InputError { sample: start + error.sample, ..error })
        })?;
    }
    Ok(())
}

/// The output of one sample.
///
/// # Panics
/// When an id is out of range.
#[inline]
pub(super) fn one<N: Network>(way: &impl Way<N>, operands: &N::Operands<'_>) -> N::Output {
    match try_one(way, operands) {
        Ok(output) => output,
        Err(error) => panic!("{error}"),
    }
}

/// The same.
///
/// # Errors
/// When an id is out of range.
#[inline]
pub(crate) fn try_one<N: Network>(way: &impl Way<N>, operands: &N::Operands<'_>) -> Result<N::Output, PredictError> {
    let (mut output, layout) = (zeroed(), way.layout(false));
    let read = |wires: &[f32]| N::read(output_slices::<N>(wires, layout, 1), 0, &mut output);
    with_wires_of_one(way, operands, read)?;
    Ok(output)
}

/// Calls back with the wires after a pass of one sample.
///
/// # Errors
/// When an id is out of range.
#[inline]
pub(crate) fn with_wires_of_one<N: Network>(
    way: &impl Way<N>,
    operands: &N::Operands<'_>,
    call: impl FnOnce(&[f32]),
) -> Result<(), PredictError> {
    let inputs = operands.as_ref();
    N::with_memory_of_one(|memory| {
        if const { takes_ids(N::GRAPH) }
            && let Err(error) = check_tile(way, inputs, 1, memory)
        {
            return Err(PredictError::Input { name: N::GRAPH.inputs[error.wire].name, error });
        }
        call(forward(way, inputs, 1, memory));
        Ok(())
    })
}

/// Memory for the wires of a tile of samples, made by [`Model::workspace`](super::Model::workspace).
#[cfg(feature = "alloc")]
pub struct Workspace<N> {
    memory: AlignedVec,
    network: core::marker::PhantomData<fn() -> N>,
}

#[cfg(feature = "alloc")]
impl<N: Network> Workspace<N> {
    /// Memory for a tile.
    pub(super) fn new() -> Self {
        Self { memory: AlignedVec::zeroed(floats::<N>(tile::<N>())), network: core::marker::PhantomData }
    }
}

#[cfg(feature = "alloc")]
impl<N: Network> Default for Workspace<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Fails where there is not room for the predictions of so many samples.
#[cfg(feature = "alloc")]
fn check_room<N: Network>(
    outputs: &<N::Outputs as Outputs>::SlicesMut<'_>,
    samples: usize,
) -> Result<(), PredictError> {
    let (mut names, mut result) = (N::GRAPH.outputs.iter(), Ok(()));
    N::Outputs::room(outputs, &mut |outputs| {
        if let Some((name, _)) = names.next()
            && outputs != samples
            && result.is_ok()
        {
            result = Err(PredictError::OutputCount { name, samples, outputs });
        }
    });
    result
}

/// The outputs of each sample, in memory of their own; on the machine's threads where that pays.
#[cfg(feature = "alloc")]
pub(super) fn rows<N: Network>(
    way: &impl Way<N>,
    operands: N::Operands<'_>,
) -> Result<<N::Outputs as Outputs>::Rows, PredictError> {
    let samples = samples::<N>(operands.as_ref())?;
    let mut rows = N::Outputs::rows(samples);
    let outputs = N::Outputs::rows_mut(&mut rows);
    #[cfg(feature = "threads")]
    many_on_threads(way, operands, samples, outputs, Threads::all)?;
    #[cfg(not(feature = "threads"))]
    many(way, operands, samples, outputs, &mut Workspace::new())?;
    Ok(rows)
}

/// Writes the outputs of each sample to where there has to be room for as many.
#[cfg(feature = "alloc")]
pub(super) fn into_room<N: Network>(
    way: &impl Way<N>,
    operands: N::Operands<'_>,
    outputs: N::PredictionsMut<'_>,
    workspace: &mut Workspace<N>,
) -> Result<(), PredictError> {
    let samples = samples::<N>(operands.as_ref())?;
    let outputs = N::slices_mut(outputs);
    check_room::<N>(&outputs, samples)?;
    many(way, operands, samples, outputs, workspace)
}

/// Writes the outputs of each sample.
#[cfg(feature = "alloc")]
pub(super) fn many<N: Network>(
    way: &impl Way<N>,
    operands: N::Operands<'_>,
    samples: usize,
    mut outputs: <N::Outputs as Outputs>::SlicesMut<'_>,
    workspace: &mut Workspace<N>,
) -> Result<(), PredictError> {
    check_inputs(way, operands, samples, workspace).map_err(|(name, error)| PredictError::Input { name, error })?;
    write_outputs(way, operands, samples, &mut outputs, workspace);
    Ok(())
}

/// The same on several threads, where there are samples enough; each takes whole tiles, so that outputs are the same bits.
#[cfg(feature = "threads")]
pub(super) fn many_on_threads<N: Network>(
    way: &impl Way<N>,
    operands: N::Operands<'_>,
    samples: usize,
    outputs: <N::Outputs as Outputs>::SlicesMut<'_>,
    threads: impl FnOnce() -> Threads,
) -> Result<(), PredictError> {
    let (tile, work) = (tile::<N>(), samples.saturating_mul(const { multiplications(N::GRAPH) }));
    let mut workspace = Workspace::new();
    if work < 2 * LEAST {
        return many(way, operands, samples, outputs, &mut workspace);
    }
    check_inputs(way, operands, samples, &mut workspace)
        .map_err(|(name, error)| PredictError::Input { name, error })?;
    // Each share has one of its own.
    drop(workspace);
    threads().share_out(work / LEAST, outputs, N::Outputs::split_at_mut, (samples, tile), &|range, mut outputs| {
        let (count, part) = (range.len(), slice::<N>(operands, range));
        write_outputs(way, part, count, &mut outputs, &mut Workspace::new());
    });
    Ok(())
}

/// Writes the outputs of samples with nothing wrong in them.
#[cfg(feature = "alloc")]
fn write_outputs<N: Network>(
    way: &impl Way<N>,
    operands: N::Operands<'_>,
    samples: usize,
    outputs: &mut <N::Outputs as Outputs>::SlicesMut<'_>,
    workspace: &mut Workspace<N>,
) {
    let tile = tile::<N>();
    for start in (0..samples).step_by(tile) {
        let end = samples.min(start + tile);
        let part = slice::<N>(operands, start..end);
        let wires = forward(way, part.as_ref(), end - start, workspace.memory.as_mut_slice());
        N::Outputs::copy(output_slices::<N>(wires, way.layout(false), end - start), outputs, start);
    }
}
