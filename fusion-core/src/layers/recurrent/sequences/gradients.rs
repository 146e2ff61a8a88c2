//! The way back through a batch of sequences.

use core::ops::Range;

use super::super::dropping::Dropping;
use super::super::{Back, Kept, TrainCell};
use super::{Block, Saved, Sequences, Weights, groups};
use crate::kernels::{self, MatrixMut, MatrixRef, PART, Start, add_gradient, in_parts, product};

/// Where the gradients of the weights are added.
pub struct Gradients<'a> {
    pub(in super::super::super) kernel: &'a mut [f32],
    pub(in super::super::super) recurrent_kernel: &'a mut [f32],
    pub(in super::super::super) bias: &'a mut [f32],
    pub(in super::super::super) recurrent_bias: &'a mut [f32],
}

/// The gradients on their way from step to step.
struct Flow<'a> {
    dh: &'a mut [f32],
    dcell: &'a mut [f32],
    /// Those that a mask lets pass.
    passing: [&'a mut [f32]; 2],
    work: &'a mut [f32],
}

impl<C: TrainCell> Sequences<'_, C> {
    fn blocks(&self) -> usize {
        if self.by_step() { self.steps } else { self.samples }
    }

    fn block(&self, index: usize) -> Block {
        self.block_of(index, 0..self.steps, 0)
    }

    /// `dx` is the place for the gradient of what goes in, with those of the states before the first step.
    pub(in super::super) fn backward(
        &self,
        weights: &Weights<'_>,
        x: &[f32],
        dy: &[f32],
        [saved, scratch]: [&mut [f32]; 2],
        (dx, initial): (Option<&mut [f32]>, [Option<&mut [f32]>; 2]),
        gradients: Option<Gradients<'_>>,
    ) {
        if self.step() == 0 || self.steps == 0 {
            dx.into_iter().chain(initial.into_iter().flatten()).for_each(|dx| dx.fill(0.0));
            return;
        }
        let mut saved = self.split(saved, true);
        let (mut dropping, scratch) = self.dropping(x, scratch, self.steps);
        let (recurrent, rest) = scratch.split_at_mut(C::GATES * self.units * self.units);
        kernels::transpose(self.units, C::GATES * self.units, weights.recurrent_kernel, recurrent);
        let flow = self.through_time(recurrent, dy, &mut saved, &mut dropping, rest);
        for (to, from) in initial.into_iter().zip([flow.dh, flow.dcell]) {
            if let Some(to) = to {
                to.copy_from_slice(from);
            }
        }
        if let Some(gradients) = gradients {
            self.add_gradients(&mut dropping, &saved, gradients, scratch);
        }
        if let Some(dx) = dx {
            let transposed = &mut scratch[..C::GATES * self.units * self.features];
            self.input_gradient(weights, &*saved.gates, &mut dropping, transposed, dx);
        }
    }

    /// Step by step back: the gates become the gradients of what their activations are applied to.
    fn through_time<'s>(
        &self,
        transposed: &[f32],
        dy: &[f32],
        saved: &mut Saved<'_>,
        dropping: &mut Dropping<'_>,
        scratch: &'s mut [f32],
    ) -> Flow<'s> {
        let mut flow = self.flow(scratch);
        if self.ways.return_state {
            self.add(dy, self.states(), flow.dh);
            self.add(dy, self.states() + self.units, flow.dcell);
        }
        for count in (0..self.steps).rev() {
            if self.ways.return_sequences || count + 1 == self.steps {
                self.add_output(dy, count, flow.dh);
            }
            self.step_back(count, transposed, saved, dropping, &mut flow);
        }
        flow
    }

    /// No gradients yet.
    fn flow<'s>(&self, scratch: &'s mut [f32]) -> Flow<'s> {
        let (step, cells) = (self.step(), self.cells());
        let (dh, rest) = scratch.split_at_mut(step);
        let (dcell, rest) = rest.split_at_mut(cells);
        let (of_h, rest) = rest.split_at_mut(step);
        let (of_cell, rest) = rest.split_at_mut(cells);
        dh.fill(0.0);
        dcell.fill(0.0);
        Flow { dh, dcell, passing: [of_h, of_cell], work: &mut rest[..C::WORK * step] }
    }

    /// Back through a step. Where the mask leaves it out, the gradients of its states go on as they are.
    fn step_back(
        &self,
        count: usize,
        transposed: &[f32],
        saved: &mut Saved<'_>,
        dropping: &mut Dropping<'_>,
        flow: &mut Flow<'_>,
    ) {
        let (step, cells, time) = (self.step(), self.cells(), self.time(count));
        let (before, _) = self.around(time);
        let gates = &mut saved.gates[C::GATES * step * time..][..C::GATES * step];
        let kept = &mut saved.kept[C::KEPT * step * time..][..C::KEPT * step];
        let Flow { dh, dcell, passing: [of_h, of_cell], work } = flow;
        if self.mask.is_some() {
            of_h.copy_from_slice(dh);
            of_cell.copy_from_slice(dcell);
        }
        let back = Back {
            samples: self.samples,
            units: self.units,
            first: self.is_first(count),
            gates: &mut *gates,
            kept: &mut *kept,
            inputs: &saved.inputs[C::INPUTS * step * time..][..C::INPUTS * step],
            dropped: dropping.of_step(),
            last_h: &saved.h[before * step..][..step],
            last_cell: &saved.cell[before * cells..][..cells],
            dh,
            dcell,
            work,
        };
        C::backward(back, transposed);
        for sample in self.left_out(time) {
            self.of_sample(gates, sample).fill(0.0);
            self.of_sample(kept, sample).fill(0.0);
            self.of_sample(dh, sample).copy_from_slice(self.of_sample(of_h, sample));
            self.of_sample(dcell, sample).copy_from_slice(self.of_sample(of_cell, sample));
        }
    }

    /// The numbers of a sample among those of all.
    fn of_sample<'s>(&self, values: &'s mut [f32], sample: usize) -> &'s mut [f32] {
        let length = values.len() / self.samples;
        &mut values[sample * length..][..length]
    }

    /// Adds the gradient of the output of the `count`-th step, where that is not 0 for the mask.
    fn add_output(&self, dy: &[f32], count: usize, dh: &mut [f32]) {
        let (start, time) = (self.output_of(count), self.time(count));
        for (sample, (dh, dy)) in dh.chunks_exact_mut(self.units).zip(dy.chunks_exact(self.given())).enumerate() {
            if !(self.ways.zero_output_for_mask && self.is_left_out(sample, time)) {
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

    /// So many steps of samples, one after the other, as the way back left them.
    fn kept<'s>(&self, saved: &'s Saved<'_>, masks: &'s [f32], rows: Range<usize>) -> Kept<'s> {
        let (units, before) = (self.units, self.around(0).0 * self.step());
        let of = |values: &'s [f32], width: usize| &values[rows.start * width..rows.end * width];
        Kept {
            first: rows.start,
            rows: rows.len(),
            samples: self.samples,
            masks,
            units,
            last_h: of(&saved.h[before..], units),
            gates: of(saved.gates, C::GATES * units),
            kept: of(saved.kept, C::KEPT * units),
        }
    }

    fn add_gradients(
        &self,
        dropping: &mut Dropping<'_>,
        saved: &Saved<'_>,
        gradients: Gradients<'_>,
        scratch: &mut [f32],
    ) {
        let (features, rows) = (self.features, self.steps * self.samples);
        let masks = dropping.state_masks;
        C::add_bias(self.kept(saved, masks, 0..rows), gradients.bias, gradients.recurrent_bias, scratch);
        in_parts(rows, PART, gradients.recurrent_kernel, scratch, |rows, sum| {
            C::add_recurrent(self.kept(saved, masks, rows), dropping.room, sum);
        });

        in_parts(rows, PART, gradients.kernel, scratch, |rows, sum| {
            for (group, which) in groups::<C>(dropping).enumerate() {
                let of_group = which.start * self.units..which.end * self.units;
                let size = (features, of_group.len());
                let sum = &mut MatrixMut::with_stride(&mut sum[of_group.start..], size, C::GATES * self.units);
                let (mut row, rows_of_block) = (rows.start, self.block(0).rows);
                while row < rows.end {
                    let (block, first) = (self.block(row / rows_of_block), row % rows_of_block);
                    let rows = first..rows_of_block.min(first + rows.end - row);
                    row += rows.len();
                    let gates = self.gates_of(&block, saved.gates, of_group.clone());
                    add_gradient(block.x(dropping.x(group), features).only(rows.clone()), gates.only(rows), sum);
                }
            }
        });
    }

    fn input_gradient(
        &self,
        weights: &Weights<'_>,
        gates: &[f32],
        dropping: &mut Dropping<'_>,
        transposed: &mut [f32],
        dx: &mut [f32],
    ) {
        let Self { samples, features, units, .. } = *self;
        kernels::transpose(features, C::GATES * units, weights.kernel, transposed);
        let gates_of_group = C::GATES / dropping.groups;
        dropping.input_gradient((samples, features), dx, |group, dx| {
            let of_group = group * gates_of_group * units..(group + 1) * gates_of_group * units;
            let kernel = &transposed[of_group.start * features..of_group.end * features];
            let kernel = MatrixRef::new(kernel, of_group.len(), features);
            for index in 0..self.blocks() {
                let block = self.block(index);
                let (start, stride) = (block.x.0 * features, block.x.1 * features);
                let dx = &mut MatrixMut::with_stride(&mut dx[start..], (block.rows, features), stride);
                product(self.gates_of(&block, gates, of_group.clone()), kernel, dx, Start::Zero, false);
            }
        });
    }

    /// Some columns of the gates of a block.
    fn gates_of<'s>(&self, block: &Block, gates: &'s [f32], which: Range<usize>) -> MatrixRef<'s> {
        let ((first, stride), all) = (block.gates, C::GATES * self.units);
        MatrixRef::with_strides(&gates[first * all + which.start..], (block.rows, which.len()), (stride * all, 1))
    }
}
