//! The arrays of prepared weights as files have them: in Keras's layout, in whatever order they lie in memory.

use core::fmt;

use super::Kind;
use super::prepared::floats_for;
#[cfg(feature = "alloc")]
use super::prepared::{bits, bits_mut};
use crate::kernels::int8_bytes;
#[cfg(feature = "alloc")]
use crate::kernels::{Half, Int8Kernel, Packable, half_to_f32, int8_scale, int8_step, pack, unpack};
use crate::shape::Shape;
use crate::weights::{OptionsOf, Parameters, walk_places};
#[cfg(feature = "alloc")]
use alloc::{vec, vec::Vec};

/// An array of a layer's prepared weights.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct PreparedArray {
    /// Its shape in Keras's layout.
    pub shape: Shape,
    /// Where it begins, in numbers of 32 bits.
    pub(crate) start: usize,
    /// How it lies there.
    pub(crate) packing: Packing,
    /// Whether it is the layer's bias, instead of which an offset is added where another layer is folded in.
    pub(crate) is_bias: bool,
}

/// How an array lies in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Packing {
    /// As its layer has it.
    Numbers,
    /// A matrix in strips.
    Strips,
    /// The same of 16 bits.
    Halves,
    /// A matrix of integers, followed by the step and the sum of each output.
    Integers,
    /// These steps; a file has what numbers were multiplied by to become integers, as Keras has it.
    Scales,
}

/// What is called for each array, with its name.
#[doc(hidden)]
pub type VisitArrays<'v> = dyn FnMut(&dyn fmt::Display, PreparedArray) + 'v;

/// The arrays of a layer that lies in memory as it is.
pub(crate) fn arrays_as_they_are<L: Parameters<O>, O: OptionsOf<L>>(visit: &mut VisitArrays<'_>) {
    walk_places::<L, O>(&mut |parameter, offset| {
        let array = PreparedArray::numbers(parameter.array.shape, offset / size_of::<f32>());
        visit(parameter, PreparedArray { is_bias: parameter.is_own("bias"), ..array });
    });
}

/// A scale and an offset of each feature.
pub(crate) fn scale_and_offset_arrays(features: usize, visit: &mut VisitArrays<'_>) {
    visit(&"scale", PreparedArray::numbers(Shape::new(&[features]), 0));
    visit(&"offset", PreparedArray::numbers(Shape::new(&[features]), floats_for::<f32>(features)));
}

impl PreparedArray {
    /// Numbers in a row.
    pub(crate) const fn numbers(shape: Shape, start: usize) -> Self {
        Self { shape, start, packing: Packing::Numbers, is_bias: false }
    }

    /// A matrix at the beginning of a layer's memory.
    pub(crate) const fn matrix(inputs: usize, outputs: usize, packing: Packing) -> Self {
        Self { shape: Shape::new(&[inputs, outputs]), start: 0, packing, is_bias: false }
    }

    /// The same array of a layer whose memory begins there.
    pub(crate) const fn behind(mut self, start: usize) -> Self {
        self.start += start;
        self
    }

    /// Of which numbers it is in a file.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.packing {
            Packing::Numbers | Packing::Strips | Packing::Scales => Kind::F32,
            Packing::Halves => Kind::F16,
            Packing::Integers => Kind::Int8,
        }
    }

    /// Where the steps of a matrix of integers begin, from its own beginning.
    pub(crate) const fn steps_behind(inputs: usize, outputs: usize) -> usize {
        floats_for::<i8>(int8_bytes(inputs, outputs))
    }
}

#[cfg(feature = "alloc")]
impl PreparedArray {
    /// Inputs and outputs of a matrix.
    const fn sizes(&self) -> [usize; 2] {
        [self.shape.dim(0), self.shape.dim(1)]
    }

    /// Its bytes as a file has them.
    pub(crate) fn read(&self, memory: &[f32], strip_columns: usize) -> Vec<u8> {
        let (memory, length) = (&memory[self.start..], self.shape.length());
        let mut matrix = vec![0.0; length];
        match self.packing {
            Packing::Numbers => matrix.copy_from_slice(&memory[..length]),
            Packing::Strips => unpack(bits::<f32>(memory, length).0, self.sizes(), strip_columns, &mut matrix),
            Packing::Scales => {
                matrix.iter_mut().zip(memory).for_each(|(scale, step)| *scale = int8_scale(*step));
            }
            Packing::Halves => {
                unpack(bits::<Half>(memory, length).0, self.sizes(), strip_columns, &mut matrix);
                return matrix.iter().flat_map(|number| Half::of(*number).0.to_le_bytes()).collect();
            }
            Packing::Integers => {
                let [inputs, outputs] = self.sizes();
                let numbers = bits(memory, int8_bytes(inputs, outputs)).0;
                return Int8Kernel::integers(numbers, [inputs, outputs]).map(i8::cast_unsigned).collect();
            }
        }
        matrix.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Takes it from the bytes of a file, of which there are as many as numbers.
    pub(crate) fn write(&self, bytes: &[u8], memory: &mut [f32], strip_columns: usize) {
        let (memory, length) = (&mut memory[self.start..], self.shape.length());
        let numbers = || bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        match self.packing {
            Packing::Numbers => memory.iter_mut().zip(numbers()).for_each(|(to, number)| *to = number),
            Packing::Scales => memory.iter_mut().zip(numbers()).for_each(|(to, scale)| *to = int8_step(scale)),
            Packing::Strips => {
                let matrix: Vec<f32> = numbers().collect();
                pack::<f32>(&matrix, self.sizes(), strip_columns, bits_mut(memory, length).0);
            }
            Packing::Halves => {
                let halves = bytes.as_chunks().0.iter().map(|bytes| half_to_f32(u16::from_le_bytes(*bytes)));
                let matrix: Vec<f32> = halves.collect();
                pack::<Half>(&matrix, self.sizes(), strip_columns, bits_mut(memory, length).0);
            }
            Packing::Integers => {
                let [inputs, outputs] = self.sizes();
                let (numbers, rest) = bits_mut(memory, int8_bytes(inputs, outputs));
                let (_, rest) = bits_mut::<f32>(rest, outputs);
                let (sums, _) = bits_mut(rest, outputs);
                let integers = bytes.iter().copied().map(u8::cast_signed);
                Int8Kernel::write_integers(integers, [inputs, outputs], numbers, sums);
            }
        }
    }

    /// The first of a file's numbers that it cannot take, and what it is: NaN, infinite, or no scale.
    #[must_use]
    pub fn first_mistake(&self, bytes: &[u8]) -> Option<(usize, f32)> {
        let numbers = || bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let mistake = |number: &f32| !number.is_finite();
        match self.packing {
            Packing::Numbers | Packing::Strips => first(numbers(), mistake),
            Packing::Scales => first(numbers(), |scale| mistake(scale) || *scale <= 0.0 || mistake(&int8_step(*scale))),
            Packing::Halves => {
                let halves = bytes.as_chunks().0.iter().map(|bytes| half_to_f32(u16::from_le_bytes(*bytes)));
                first(halves, mistake)
            }
            // Keras's are from −127 on, and kernels rely on it.
            Packing::Integers => {
                let integers = bytes.iter().map(|byte| f32::from(byte.cast_signed()));
                first(integers, |integer| *integer < -127.0)
            }
        }
    }
}

/// The first number that is one of those, and its index.
#[cfg(feature = "alloc")]
fn first(mut numbers: impl Iterator<Item = f32>, is: impl Fn(&f32) -> bool) -> Option<(usize, f32)> {
    let mut index = 0;
    numbers.find_map(|number| {
        index += 1;
        is(&number).then_some((index - 1, number))
    })
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
