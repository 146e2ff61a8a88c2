//! Golden samples: a few inputs in a weight file, and what the model must make of them.

use core::fmt;

use super::error::WeightsError;
use super::header::{Header, Stored};
use crate::layer::Operand;
use crate::model::{Network, OperandArray, PredictError, with_wires_of_one};
use crate::shape::{ElementType, Shape, same_bytes as same};

/// Begins the names of the tensors of golden samples: `fusion.golden/input/a`, `fusion.golden/output/z`.
pub const GOLDEN: &str = "fusion.golden/";
/// The most golden samples that a file may have.
pub const MOST_GOLDEN: usize = 64;
/// Begins the names of the tensors with the smallest and the largest value of each input.
pub const RANGE: &str = "fusion.range/";

/// Why a model does not pass its self-test.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum SelfTestError {
    /// The file has no golden samples, or they are not of this model's inputs and outputs.
    NoSamples,
    /// A golden sample is none that the model can take.
    Input {
        /// The sample, from 0.
        sample: usize,
        /// What is wrong with it.
        error: PredictError,
    },
    /// An output is another one than the file says.
    Differs {
        /// The sample, from 0.
        sample: usize,
        /// The output's name.
        output: &'static str,
        /// The place among its numbers, from 0.
        position: usize,
        /// What the file says.
        expected: f32,
        /// What the model gives.
        found: f32,
    },
}

impl fmt::Display for SelfTestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSamples => f.write_str("the weight file has no golden samples of this model"),
            Self::Input { sample, error } => write!(f, "golden sample {sample}: {error}"),
            Self::Differs { sample, output, position, expected, found } => {
                write!(f, "golden sample {sample}: the output `{output}` is {found} at position {position}, ")?;
                write!(f, "but must be {expected}, a difference of {:e}", (found - expected).abs())
            }
        }
    }
}
crate::debug_is_display!(SelfTestError);
impl core::error::Error for SelfTestError {}

/// How many numbers the tensors have whose names begin so; 0 in what is no file.
#[must_use]
pub const fn count_numbers(bytes: &[u8], start: &str) -> usize {
    let Ok(file) = Header::read(bytes) else { return 0 };
    let (mut tensors, mut count) = (file.tensors(), 0);
    while let Some(stored) = tensors.next() {
        if stored.name.begins_with(start) {
            count += file.bytes(&stored).len() / size_of::<f32>();
        }
    }
    count
}

/// Copies the numbers of the tensors whose names begin so, one tensor behind the other; ids keep their bits.
///
/// # Panics
/// If there are more than there is room for.
pub const fn copy_numbers(bytes: &[u8], start: &str, to: &mut [f32]) {
    let Ok(file) = Header::read(bytes) else { return };
    let (mut tensors, mut next) = (file.tensors(), 0);
    while let Some(stored) = tensors.next() {
        if !stored.name.begins_with(start) {
            continue;
        }
        let mut rest = file.bytes(&stored);
        while let Some((number, behind)) = rest.split_first_chunk() {
            to[next] = f32::from_bits(u32::from_le_bytes(*number));
            (rest, next) = (behind, next + 1);
        }
    }
}

/// What a sample has one behind the other: each input and each output.
const fn wire<N: Network>(index: usize) -> Option<(&'static Shape, ElementType)> {
    let inputs = N::GRAPH.inputs;
    if index < inputs.len() {
        return Some((&inputs[index].shape, inputs[index].element));
    }
    let outputs = N::GRAPH.outputs;
    if index - inputs.len() < outputs.len() {
        let output = &N::GRAPH.steps[outputs[index - inputs.len()].1].output;
        return Some((&output.shape, output.element));
    }
    None
}

/// Whether a file's golden samples and ranges, if it has some, are of this model: inputs and outputs by position.
pub(super) const fn extras_fit<N: Network>(file: &Header<'_>) -> Result<(), WeightsError> {
    let (mut tensors, mut golden, mut ranges, mut samples) = (file.tensors(), 0, 0, None);
    while let Some(stored) = tensors.next() {
        let (of, rows) = if stored.name.begins_with(GOLDEN) {
            golden += 1;
            (wire::<N>(golden - 1), samples)
        } else if stored.name.begins_with(RANGE) {
            ranges += 1;
            (wire::<N>(ranges - 1), Some(2))
        } else {
            continue;
        };
        match (of, rows_of(&stored, of)) {
            (Some(_), Some(found)) if rows.is_none() || matches!(rows, Some(rows) if rows == found) => {
                if stored.name.begins_with(GOLDEN) {
                    samples = Some(found);
                }
            }
            _ => return Err(WeightsError::Golden { tensor: stored.name.shown() }),
        }
    }
    let (inputs, all) = (N::GRAPH.inputs.len(), N::GRAPH.inputs.len() + N::GRAPH.outputs.len());
    if (golden != 0 && golden != all) || (ranges != 0 && ranges != inputs) {
        return Err(WeightsError::GoldenCount);
    }
    Ok(())
}

/// How many rows of this shape and type a tensor has.
const fn rows_of(stored: &Stored, of: Option<(&Shape, ElementType)>) -> Option<usize> {
    let (Some((shape, element)), Some(found)) = (of, &stored.shape) else { return None };
    let dtype = if element.is_number() { b"F32" } else { b"U32" };
    // A file has no shape of more dimensions than six, and so samples of six have their last two as one.
    if !same(stored.dtype.bytes(), dtype) || found.rank() == 0 || shape.length() == 0 {
        return None;
    }
    let rows = found.dim(0);
    match rows.checked_mul(shape.length()) {
        Some(all) if rows > 0 && all == found.length() => Some(rows),
        _ => None,
    }
}

/// How many numbers a sample has with its outputs.
const fn numbers_of_one<N: Network>() -> usize {
    let (mut count, mut index) = (0, 0);
    while let Some((shape, _)) = wire::<N>(index) {
        count += shape.length();
        index += 1;
    }
    count
}

/// The golden samples of a model, as [`copy_numbers`] copied them out of a file that fits it.
pub(super) struct Golden<'a> {
    pub numbers: &'a [f32],
    pub samples: usize,
}

impl<'a> Golden<'a> {
    pub fn new<N: Network>(numbers: &'a [f32]) -> Self {
        Self { numbers, samples: numbers.len() / const { numbers_of_one::<N>() } }
    }

    /// The numbers of one sample on one wire.
    fn row<N: Network>(&self, index: usize, sample: usize) -> &'a [f32] {
        let (mut start, mut of) = (0, 0);
        let length = |of| wire::<N>(of).map_or(0, |(shape, _)| shape.length());
        while of < index {
            start += self.samples * length(of);
            of += 1;
        }
        &self.numbers[start + sample * length(index)..][..length(index)]
    }
}

/// Goes through golden samples as they lie behind each other; gives the largest difference.
///
/// # Errors
/// When a number of an output differs by more than `tolerance`, as a part of it where it is greater than 1.
pub fn self_test<N: Network>(model: &N, numbers: &[f32], tolerance: f32) -> Result<f32, SelfTestError> {
    let golden = Golden::new::<N>(numbers);
    if golden.samples == 0 {
        return Err(SelfTestError::NoSamples);
    }
    let mut largest = 0.0_f32;
    for sample in 0..golden.samples {
        let mut operands = N::Operands::EMPTY;
        for (index, operand) in operands.as_mut().iter_mut().enumerate() {
            let wire = &N::GRAPH.inputs[index];
            *operand = Operand::of_memory(golden.row::<N>(index, sample), &wire.shape, wire.element, 1);
        }
        let mut result = Ok(());
        let compare = |wires: &[f32]| {
            result = differences::<N>(&golden, sample, wires, tolerance, &mut largest);
        };
        with_wires_of_one(model, &operands, compare).map_err(|error| SelfTestError::Input { sample, error })?;
        result?;
    }
    Ok(largest)
}

/// [`self_test`] with the golden samples in the bytes of a file.
///
/// # Errors
/// As there; also when the bytes are no file of this model.
#[cfg(feature = "alloc")]
pub fn self_test_of_file<N: Network>(model: &N, bytes: &[u8], tolerance: f32) -> Result<f32, SelfTestError> {
    let file = Header::read(bytes).map_err(|_| SelfTestError::NoSamples)?;
    extras_fit::<N>(&file).map_err(|_| SelfTestError::NoSamples)?;
    let mut numbers = alloc::vec![0.0; count_numbers(bytes, GOLDEN)];
    copy_numbers(bytes, GOLDEN, &mut numbers);
    self_test(model, &numbers, tolerance)
}

/// Compares the outputs of one sample.
fn differences<N: Network>(
    golden: &Golden<'_>,
    sample: usize,
    wires: &[f32],
    tolerance: f32,
    largest: &mut f32,
) -> Result<(), SelfTestError> {
    for (index, (output, step)) in N::GRAPH.outputs.iter().enumerate() {
        let expected = golden.row::<N>(N::GRAPH.inputs.len() + index, sample);
        let found = &wires[N::PLACES[*step].wire(false, 1)];
        for (position, (expected, found)) in expected.iter().copied().zip(found.iter().copied()).enumerate() {
            let difference = (found - expected).abs() / expected.abs().max(1.0);
            // NaN is no number within a tolerance.
            if difference.is_nan() || difference > tolerance {
                return Err(SelfTestError::Differs { sample, output, position, expected, found });
            }
            *largest = largest.max(difference);
        }
    }
    Ok(())
}
