//! The forms of a prepared kernel: packed in strips, of numbers or of half of their bits, or integers.

use super::{Dense, LARGEST_PRODUCT_OF_ONE};
use crate::activations::Activation;
use crate::kernels::memory::with_floats;
use crate::kernels::{self, Half, Int8Kernel, MOST_INPUTS, Packable};
use crate::layer::{
    Kind, Packing, PreparedArray, PreparedBytes, PreparedWeights, VisitArrays, WeightKind, arrays_as_they_are, bits,
    bits_mut, floats_for,
};
use crate::layers::Optional;
use crate::shape::{Shape, value_in};
use crate::weights::OptionsOf;

/// How the weights lie.
#[derive(Clone, Copy)]
enum Form {
    /// The layer as it is: a small one, whose product is compiled for its sizes.
    AsItIs,
    /// Strips of numbers, then the bias.
    Numbers,
    /// The same of 16 bits.
    Halves,
    /// Integers, the steps and the sums of each output, then the bias.
    Integers,
}

impl<const IN: usize, const OUT: usize, A: Activation, B: Optional> Dense<IN, OUT, A, B> {
    /// What the weights take in a prepared model.
    pub(super) const PREPARED_BYTES: PreparedBytes =
        PreparedBytes { f32: Self::bytes(Kind::F32), f16: Self::bytes(Kind::F16), int8: Self::bytes(Kind::Int8) };
    const BIAS: usize = if B::USED { OUT } else { 0 };

    const fn form(kind: Kind) -> Form {
        match kind {
            Kind::F16 => Form::Halves,
            Kind::Int8 if IN <= MOST_INPUTS => Form::Integers,
            _ if Self::KERNEL <= LARGEST_PRODUCT_OF_ONE => Form::AsItIs,
            _ => Form::Numbers,
        }
    }

    const fn bytes(kind: Kind) -> usize {
        let floats = match Self::form(kind) {
            Form::AsItIs => return size_of::<Self>(),
            Form::Numbers => floats_for::<f32>(Self::KERNEL),
            Form::Halves => floats_for::<Half>(Self::KERNEL),
            Form::Integers => floats_for::<i8>(kernels::int8_bytes(IN, OUT)).saturating_add(2 * floats_for::<f32>(OUT)),
        };
        floats.saturating_add(floats_for::<f32>(Self::BIAS)).saturating_mul(size_of::<f32>())
    }

    /// Shows the arrays of the form.
    pub(super) fn show_prepared<O: OptionsOf<Self>>(kind: Kind, visit: &mut VisitArrays<'_>) {
        let (packing, kernel) = match Self::form(kind) {
            Form::AsItIs => return arrays_as_they_are::<Self, O>(visit),
            Form::Numbers => (Packing::Strips, floats_for::<f32>(Self::KERNEL)),
            Form::Halves => (Packing::Halves, floats_for::<Half>(Self::KERNEL)),
            Form::Integers => (Packing::Integers, PreparedArray::steps_behind(IN, OUT)),
        };
        visit(&"kernel", PreparedArray::matrix(IN, OUT, packing));
        let (of_outputs, mut bias) = (|start| PreparedArray::numbers(Shape::new(&[OUT]), start), kernel);
        if packing == Packing::Integers {
            visit(&"kernel_scale", PreparedArray { packing: Packing::Scales, ..of_outputs(kernel) });
            bias += 2 * floats_for::<f32>(OUT);
        }
        if B::USED {
            visit(&"bias", PreparedArray { is_bias: true, ..of_outputs(bias) });
        }
    }

    /// Writes the weights in their form.
    pub(super) fn write_prepared<K: WeightKind>(&self, strip_columns: usize, memory: &mut [f32]) {
        let bias = match Self::form(K::KIND) {
            Form::AsItIs => return crate::layer::copy_in::<Self, crate::weights::Defaults>(self, memory),
            Form::Numbers => self.write_strips::<f32>(strip_columns, memory),
            Form::Halves => self.write_strips::<Half>(strip_columns, memory),
            Form::Integers => {
                let (numbers, rest) = bits_mut(memory, kernels::int8_bytes(IN, OUT));
                let (steps, rest) = bits_mut(rest, OUT);
                let (sums, rest) = bits_mut(rest, OUT);
                Int8Kernel::write(self.kernel.as_flattened(), [IN, OUT], numbers, steps, sums);
                rest
            }
        };
        if let Some(values) = B::values::<OUT>(&self.bias) {
            bias[..OUT].copy_from_slice(values);
        }
    }

    /// Writes the kernel in strips, and gives the memory behind it.
    fn write_strips<'m, W: Packable + crate::layer::Bits>(
        &self,
        columns: usize,
        memory: &'m mut [f32],
    ) -> &'m mut [f32] {
        let (packed, rest) = bits_mut::<W>(memory, Self::KERNEL);
        kernels::pack(self.kernel.as_flattened(), [IN, OUT], columns, packed);
        rest
    }

    /// x · kernel + bias, with max(0, …) where that is the activation.
    pub(super) fn prepared_product<K: WeightKind>(
        PreparedWeights { memory, strip_columns, offset }: PreparedWeights<'_>,
        x: &[f32],
        y: &mut [f32],
        rows: usize,
    ) {
        match Self::form(K::KIND) {
            Form::AsItIs => {
                let layer = value_in::<Self>(memory);
                let offset = offset.and_then(|offset| offset.try_into().ok());
                layer.product_with(offset.or(B::values(&layer.bias)), x, y, rows);
            }
            Form::Numbers => Self::product_in_strips::<f32>((memory, strip_columns, offset), x, y, rows),
            Form::Halves => Self::product_in_strips::<Half>((memory, strip_columns, offset), x, y, rows),
            Form::Integers => {
                let (numbers, rest) = bits(memory, kernels::int8_bytes(IN, OUT));
                let (steps, rest) = bits(rest, OUT);
                let (sums, rest) = bits(rest, OUT);
                let (kernel, bias) = (Int8Kernel { numbers, steps, sums }, Self::bias(offset, rest));
                with_floats::<IN, _>(|scratch| {
                    kernels::dense_int8(x, kernel, bias, y, Self::sizes(rows), A::RECTIFIES, scratch);
                });
            }
        }
    }

    /// What is added to each output: what was folded in, or the bias, which lies behind the kernel.
    fn bias<'a>(offset: Option<&'a [f32]>, behind: &'a [f32]) -> Option<&'a [f32]> {
        offset.or(B::USED.then(|| &behind[..OUT]))
    }

    fn product_in_strips<W: Packable + crate::layer::Bits>(
        (memory, columns, offset): (&[f32], usize, Option<&[f32]>),
        x: &[f32],
        y: &mut [f32],
        rows: usize,
    ) {
        let (kernel, rest) = bits::<W>(memory, Self::KERNEL);
        let bias = Self::bias(offset, rest);
        kernels::dense_packed(x, (kernel, columns), bias, y, Self::sizes(rows), A::RECTIFIES);
    }
}
