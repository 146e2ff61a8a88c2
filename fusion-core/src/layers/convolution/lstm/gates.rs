//! The convolutions that the gates are made of, each gate with what does not drop out for it.
//!
//! Where nothing drops out all gates are one convolution. Otherwise each is one of its own, with its columns of the kernel.

use crate::Random;
use crate::kernels::{self, Convolution, vectorize};
use crate::layers::dropout::draw_mask;

/// How many gates there are.
pub(super) const GATES: usize = 4;

/// A convolution that gives all gates of each place.
#[derive(Clone, Copy)]
pub(super) struct Gates<'a> {
    sizes: &'a Convolution,
    kernel: &'a [f32],
    /// What goes in is multiplied with for each gate; nothing where none of it drops out.
    masks: &'a [f32],
}

/// Numbers that the masks of a sample are.
pub(super) const fn masks(sizes: &Convolution, rate: f32) -> usize {
    if rate > 0.0 { sizes.input().saturating_mul(GATES) } else { 0 }
}

/// Numbers of scratch for what a gate alone has: its input, its columns of the kernel and its output.
pub(super) const fn scratch(sizes: &Convolution, rate: f32) -> usize {
    if rate > 0.0 {
        sizes.input().saturating_add(sizes.kernel() / GATES).saturating_add(sizes.output() / GATES)
    } else {
        0
    }
}

/// Draws the masks of a sample, whose stream this is; where nothing drops out there are none.
pub(super) fn draw<'s>(
    sizes: &Convolution,
    rate: f32,
    stream: Random,
    scratch: &'s mut [f32],
) -> (&'s [f32], &'s mut [f32]) {
    let (drawn, rest) = scratch.split_at_mut(masks(sizes, rate));
    draw_mask(drawn, 0, rate, stream);
    (drawn, rest)
}

impl<'a> Gates<'a> {
    pub(super) const fn new(sizes: &'a Convolution, kernel: &'a [f32], masks: &'a [f32]) -> Self {
        Self { sizes, kernel, masks }
    }

    /// Writes all gates.
    pub(super) fn write(&self, x: &[f32], bias: Option<&[f32]>, gates: &mut [f32], scratch: &mut [f32]) {
        if self.masks.is_empty() {
            return kernels::convolve(self.sizes, x, self.kernel, bias, gates, scratch, false);
        }
        let one = &self.one();
        let ([input, kernel, output], scratch) = self.rooms(scratch);
        for gate in 0..GATES {
            self.drop(gate, x, input);
            take(self.kernel, gate, one.filters, kernel);
            let bias = bias.map(|bias| &bias[gate * one.filters..][..one.filters]);
            kernels::convolve(one, input, kernel, bias, output, scratch, false);
            for (gates, output) in rows_of(gates, gate, one.filters).zip(output.chunks_exact(one.filters)) {
                gates.copy_from_slice(output);
            }
        }
    }

    /// Adds the gradient of the kernel.
    #[cfg(feature = "training")]
    pub(super) fn add_kernel_gradient(&self, x: &[f32], dy: &[f32], gradient: &mut [f32], scratch: &mut [f32]) {
        if self.masks.is_empty() {
            return kernels::add_convolution_kernel_gradient(self.sizes, x, dy, gradient, scratch);
        }
        let one = &self.one();
        let ([input, kernel, output], scratch) = self.rooms(scratch);
        for gate in 0..GATES {
            self.drop(gate, x, input);
            take(dy, gate, one.filters, output);
            kernel.fill(0.0);
            kernels::add_convolution_kernel_gradient(one, input, output, kernel, scratch);
            for (gradient, kernel) in rows_of(gradient, gate, one.filters).zip(kernel.chunks_exact(one.filters)) {
                gradient.iter_mut().zip(kernel).for_each(|(sum, gradient)| *sum += gradient);
            }
        }
    }

    /// Writes the gradient of what goes in.
    #[cfg(feature = "training")]
    pub(super) fn input_gradient(&self, dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
        if self.masks.is_empty() {
            return kernels::convolution_input_gradient(self.sizes, dy, self.kernel, None, dx, scratch, false);
        }
        let one = &self.one();
        let ([input, kernel, output], scratch) = self.rooms(scratch);
        dx.fill(0.0);
        for gate in 0..GATES {
            take(dy, gate, one.filters, output);
            take(self.kernel, gate, one.filters, kernel);
            kernels::convolution_input_gradient(one, output, kernel, None, input, scratch, false);
            let mask = &self.masks[gate * input.len()..][..input.len()];
            vectorize(
                #[inline(always)]
                || dx.iter_mut().zip(input.iter().zip(mask)).for_each(|(dx, (gradient, mask))| *dx += gradient * mask),
            );
        }
    }

    /// The convolution that gives one gate.
    const fn one(&self) -> Convolution {
        Convolution { filters: self.sizes.filters / GATES, ..*self.sizes }
    }

    /// The room for a gate's input, its columns of the kernel and its output, and what is left.
    fn rooms<'s>(&self, scratch: &'s mut [f32]) -> ([&'s mut [f32]; 3], &'s mut [f32]) {
        let one = self.one();
        let (input, rest) = scratch.split_at_mut(one.input());
        let (kernel, rest) = rest.split_at_mut(one.kernel());
        let (output, rest) = rest.split_at_mut(one.output());
        ([input, kernel, output], rest)
    }

    /// Writes what is left of what goes into a gate.
    fn drop(&self, gate: usize, x: &[f32], input: &mut [f32]) {
        let mask = &self.masks[gate * input.len()..][..input.len()];
        vectorize(
            #[inline(always)]
            || input.iter_mut().zip(x.iter().zip(mask)).for_each(|(input, (x, mask))| *input = x * mask),
        );
    }
}

/// The columns of a gate in each row of all gates.
fn rows_of(values: &mut [f32], gate: usize, filters: usize) -> impl Iterator<Item = &mut [f32]> {
    values.chunks_exact_mut(GATES * filters).map(move |row| &mut row[gate * filters..][..filters])
}

/// Copies the columns of a gate.
fn take(values: &[f32], gate: usize, filters: usize, to: &mut [f32]) {
    let rows = values.chunks_exact(GATES * filters).map(|row| &row[gate * filters..][..filters]);
    to.chunks_exact_mut(filters).zip(rows).for_each(|(to, row)| to.copy_from_slice(row));
}
