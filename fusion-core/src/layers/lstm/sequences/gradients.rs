//! The way back through a batch of sequences.

use super::super::cell::{self, Kept};
use super::{Block, Saved, Sequences, Weights};
use crate::kernels::{self, MatrixMut, MatrixRef, PART, Start, add_gradient, in_parts, product};

/// Where the gradients of the weights are added.
pub(in super::super) struct Gradients<'a> {
    pub(in super::super) kernel: &'a mut [f32],
    pub(in super::super) recurrent_kernel: &'a mut [f32],
    pub(in super::super) bias: &'a mut [f32],
}

impl Sequences<'_> {
    fn blocks(&self) -> usize {
        if self.by_step() { self.steps } else { self.samples }
    }

    fn block(&self, index: usize) -> Block {
        self.block_of(index, 0..self.steps, 0)
    }

    pub(in super::super) fn backward(
        &self,
        weights: &Weights<'_>,
        x: &[f32],
        dy: &[f32],
        [saved, scratch]: [&mut [f32]; 2],
        dx: Option<&mut [f32]>,
        gradients: Option<Gradients<'_>>,
    ) {
        if self.step() == 0 || self.steps == 0 {
            if let Some(dx) = dx {
                dx.fill(0.0);
            }
            return;
        }
        let mut saved = self.split(saved, true);
        let (recurrent, rest) = scratch.split_at_mut(4 * self.units * self.units);
        self.through_time(weights, dy, &mut saved, recurrent, rest);
        if let Some(gradients) = gradients {
            self.add_gradients(x, &saved, gradients, scratch);
        }
        if let Some(dx) = dx {
            self.input_gradient(weights, &*saved.gates, &mut scratch[..4 * self.units * self.features], dx);
        }
    }

    /// Step by step back: the gates become the gradients of what their activations are applied to.
    fn through_time(
        &self,
        weights: &Weights<'_>,
        dy: &[f32],
        saved: &mut Saved<'_>,
        transposed: &mut [f32],
        scratch: &mut [f32],
    ) {
        let (units, step) = (self.units, self.step());
        kernels::transpose(units, 4 * units, weights.recurrent_kernel, transposed);
        let (dh, scratch) = scratch.split_at_mut(step);
        let dcell = &mut scratch[..step];
        dcell.fill(0.0);
        dh.fill(0.0);
        if self.return_state {
            let states = self.states();
            self.add(dy, states, dh);
            self.add(dy, states + units, dcell);
        }
        for count in (0..self.steps).rev() {
            let time = self.time(count);
            if self.return_sequences || count + 1 == self.steps {
                self.add_output(dy, count, dh);
            }
            let (before, _) = self.around(time);
            let gates = &mut saved.gates[4 * step * time..][..4 * step];
            let last_cell = &saved.cell[before * step..][..step];
            let tanh_of_cell = &saved.tanh_of_cell[step * time..][..step];
            let kept = Kept { gates: &mut *gates, last_cell, tanh_of_cell };
            let start = match self.mask {
                None => {
                    cell::backward(units, kept, dh, dcell);
                    Start::Zero
                }
                Some(_) => self.each_sample_back(time, kept, dh, dcell),
            };
            if count > 0 {
                let gates = MatrixRef::new(gates, self.samples, 4 * units);
                let kernel = MatrixRef::new(transposed, 4 * units, units);
                product(gates, kernel, &mut MatrixMut::new(dh, self.samples, units), start, false);
            }
        }
    }

    /// Back through a step that the mask leaves out in some samples, whose gradients of cell and output go on as they
    /// are; the others' gradients of the output are used up, and those of the output before are to be added.
    fn each_sample_back(&self, time: usize, kept: Kept<'_>, dh: &mut [f32], dcell: &mut [f32]) -> Start<'static> {
        let units = self.units;
        let cells = kept.last_cell.chunks_exact(units).zip(kept.tanh_of_cell.chunks_exact(units));
        let gradients = dh.chunks_exact_mut(units).zip(dcell.chunks_exact_mut(units));
        let samples = kept.gates.chunks_exact_mut(4 * units).zip(cells).zip(gradients);
        for (sample, ((gates, (last_cell, tanh_of_cell)), (dh, dcell))) in samples.enumerate() {
            if self.is_left_out(sample, time) {
                gates.fill(0.0);
            } else {
                cell::backward(units, Kept { gates, last_cell, tanh_of_cell }, dh, dcell);
                dh.fill(0.0);
            }
        }
        Start::Accumulate
    }

    /// Adds the gradient of the output of the `count`-th step, where that is not 0 for the mask.
    fn add_output(&self, dy: &[f32], count: usize, dh: &mut [f32]) {
        let (start, time) = (self.output_of(count), self.time(count));
        for (sample, (dh, dy)) in dh.chunks_exact_mut(self.units).zip(dy.chunks_exact(self.given())).enumerate() {
            if !(self.zero_output_for_mask && self.is_left_out(sample, time)) {
                dh.iter_mut().zip(&dy[start..]).for_each(|(sum, dy)| *sum += dy);
            }
        }
    }

    /// Adds the gradient of what begins there in what is given of each sample.
    fn add(&self, dy: &[f32], start: usize, gradient: &mut [f32]) {
        for (gradient, dy) in gradient.chunks_exact_mut(self.units).zip(dy.chunks_exact(self.given())) {
            gradient.iter_mut().zip(&dy[start..]).for_each(|(sum, dy)| *sum += dy);
        }
    }

    fn add_gradients(&self, x: &[f32], saved: &Saved<'_>, gradients: Gradients<'_>, scratch: &mut [f32]) {
        let (features, units, columns) = (self.features, self.units, 4 * self.units);
        let gates: &[f32] = saved.gates;
        kernels::add_rows(gates, gradients.bias);

        // Each step with the output before it.
        let (rows, before) = (self.steps * self.samples, self.around(0).0);
        let h = MatrixRef::new(&saved.h[before * self.step()..][..rows * units], rows, units);
        let gates_by_row = MatrixRef::new(gates, rows, columns);
        in_parts(rows, PART, gradients.recurrent_kernel, scratch, |rows, sum| {
            let sum = &mut MatrixMut::new(sum, units, columns);
            add_gradient(h.only(rows.clone()), gates_by_row.only(rows), sum);
        });

        in_parts(rows, PART, gradients.kernel, scratch, |rows, sum| {
            let sum = &mut MatrixMut::new(sum, features, columns);
            let (mut row, rows_of_block) = (rows.start, self.block(0).rows);
            while row < rows.end {
                let (block, first) = (self.block(row / rows_of_block), row % rows_of_block);
                let rows = first..rows_of_block.min(first + rows.end - row);
                row += rows.len();
                add_gradient(block.x(x, features).only(rows.clone()), block.gates(gates, columns).only(rows), sum);
            }
        });
    }

    fn input_gradient(&self, weights: &Weights<'_>, gates: &[f32], transposed: &mut [f32], dx: &mut [f32]) {
        let (features, columns) = (self.features, 4 * self.units);
        kernels::transpose(features, columns, weights.kernel, transposed);
        let kernel = MatrixRef::new(transposed, columns, features);
        for index in 0..self.blocks() {
            let block = self.block(index);
            let (start, stride) = (block.x.0 * features, block.x.1 * features);
            let dx = &mut MatrixMut::with_stride(&mut dx[start..], (block.rows, features), stride);
            product(block.gates(gates, columns), kernel, dx, Start::Zero, false);
        }
    }
}

impl Block {
    fn gates<'a>(&self, gates: &'a [f32], columns: usize) -> MatrixRef<'a> {
        let (first, stride) = self.gates;
        MatrixRef::with_strides(&gates[first * columns..], (self.rows, columns), (stride * columns, 1))
    }
}
