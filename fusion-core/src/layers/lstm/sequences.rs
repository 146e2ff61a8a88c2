//! A batch of sequences. Sizes come at run time, so that it is compiled once.
//!
//! `x` lies sample by sample, as the caller's arrays do. What is kept lies step by step (in the order of `x`, also
//! where that is read from its end), so that all samples of a step are one matrix.

use core::ops::Range;

use crate::kernels::{LstmStep, MatrixMut, MatrixRef, Start, lstm_step, parts_scratch, product};
use crate::layer::{Floats, Needs, larger};
#[cfg(feature = "training")]
pub(super) use gradients::Gradients;

#[cfg(feature = "training")]
mod gradients;

#[derive(Clone, Copy)]
pub(super) struct Sequences<'a> {
    pub(super) samples: usize,
    pub(super) steps: usize,
    pub(super) features: usize,
    pub(super) units: usize,
    pub(super) return_sequences: bool,
    pub(super) return_state: bool,
    pub(super) go_backwards: bool,
    /// Which steps of `x` count: those of the first sample, then those of the next.
    pub(super) mask: Option<&'a [f32]>,
    pub(super) zero_output_for_mask: bool,
}

/// The weights, flat.
pub(super) struct Weights<'a> {
    pub(super) kernel: &'a [f32],
    pub(super) recurrent_kernel: &'a [f32],
    pub(super) bias: &'a [f32],
}

/// What the way back needs: for each step the gates and tanh of the cell; the cell and the output one time more, as
/// they begin at 0.
struct Saved<'a> {
    gates: &'a mut [f32],
    tanh_of_cell: &'a mut [f32],
    cell: &'a mut [f32],
    h: &'a mut [f32],
}

/// Some of the pairs of a vector of `x` and its gates, so that both are matrices: all samples of a step, or all steps
/// of a sample.
struct Block {
    rows: usize,
    /// The first vector of `x`, and from one to the next.
    x: (usize, usize),
    /// The same of the gates.
    gates: (usize, usize),
}

/// So many steps of few samples go through a product together.
const STEPS_AT_ONCE: usize = 16;

/// With fewer samples than this, products go over all steps of a sample, not over all samples of a step.
const FEW_SAMPLES: usize = 8;

impl Sequences<'_> {
    /// What the layer needs, where there is one sample.
    pub(super) const fn needs(&self) -> Needs {
        let Self { steps, features, units, .. } = *self;
        let gates = units.saturating_mul(4);
        // Gates and tanh of the cell of each step, the cell and the output of one more.
        let kept = units.saturating_mul(steps).saturating_mul(7).saturating_add(units.saturating_mul(2));
        let in_inference = gates.saturating_mul(steps_at_once(steps)).saturating_add(gates);
        // The transposed kernels, or sums of the gradient of one of them.
        let kernel = gates.saturating_mul(larger(features, units));
        Needs::NONE
            .saved(Floats::per_sample(kept))
            .saved_in_inference(Floats::per_sample(in_inference))
            .backward_scratch(Floats::per_sample(units.saturating_mul(2)).and(Floats::once(parts_scratch(kernel))))
    }

    fn split<'s>(&self, saved: &'s mut [f32], keep: bool) -> Saved<'s> {
        let step = self.step();
        let (gates, tanhs, cells) =
            if keep { (self.steps, self.steps, self.steps + 1) } else { (steps_at_once(self.steps), 0, 2) };
        let (gates, rest) = saved.split_at_mut(4 * step * gates);
        let (tanh_of_cell, rest) = rest.split_at_mut(step * tanhs);
        let (cell, h) = rest.split_at_mut(step * cells);
        Saved { gates, tanh_of_cell, cell, h: &mut h[..step * cells] }
    }

    /// How many numbers a step of all samples has.
    fn step(&self) -> usize {
        self.samples * self.units
    }

    /// Where in `x` the step is that is read as the `count`-th.
    fn time(&self, count: usize) -> usize {
        if self.go_backwards { self.steps - 1 - count } else { count }
    }

    /// Where among the kept cells and outputs those before a step lie, and those after it.
    fn around(&self, time: usize) -> (usize, usize) {
        if self.go_backwards { (time + 1, time) } else { (time, time + 1) }
    }

    fn by_step(&self) -> bool {
        self.samples >= FEW_SAMPLES
    }

    /// A block of these steps, one of them with all samples or all of them of a sample, where `first` is the step
    /// whose gates come first.
    fn block_of(&self, index: usize, times: Range<usize>, first: usize) -> Block {
        let Self { samples, steps, .. } = *self;
        if self.by_step() {
            Block { rows: samples, x: (index, steps), gates: ((index - first) * samples, 1) }
        } else {
            let gates = ((times.start - first) * samples + index, samples);
            Block { rows: times.len(), x: (index * steps + times.start, 1), gates }
        }
    }

    /// What the way back needs is left in `saved` only if it is to `keep` it; otherwise steps take the places of
    /// earlier ones, which stay in the cache.
    pub(super) fn forward(&self, weights: &Weights<'_>, x: &[f32], y: &mut [f32], saved: &mut [f32], keep: bool) {
        let step = self.step();
        if step == 0 {
            return;
        }
        let mut saved = self.split(saved, keep);
        let start = if keep { self.around(self.time(0)).0 } else { 0 };
        saved.cell[start * step..][..step].fill(0.0);
        saved.h[start * step..][..step].fill(0.0);
        let at_once = if self.by_step() { 1 } else { STEPS_AT_ONCE };
        for first in (0..self.steps).step_by(at_once) {
            self.some_steps(first..self.steps.min(first + at_once), weights, x, y, &mut saved, keep);
        }
        if self.steps == 0 {
            y.fill(0.0);
        }
    }

    /// The steps of these counts, which have their gates at the same time.
    fn some_steps(
        &self,
        counts: Range<usize>,
        weights: &Weights<'_>,
        x: &[f32],
        y: &mut [f32],
        saved: &mut Saved<'_>,
        keep: bool,
    ) {
        let step = self.step();
        let Saved { gates, tanh_of_cell, cell, h } = saved;
        let ends = [self.time(counts.start), self.time(counts.end - 1)];
        let times = if self.go_backwards { ends[1]..ends[0] + 1 } else { ends[0]..ends[1] + 1 };
        let first = if keep { 0 } else { times.start };
        let blocks = if self.by_step() { times.clone() } else { 0..self.samples };
        blocks.for_each(|index| self.input_product(self.block_of(index, times.clone(), first), weights, x, gates));
        for count in counts {
            let time = self.time(count);
            let (before, after) = if keep { self.around(time) } else { (count % 2, 1 - count % 2) };
            let gates = &mut gates[4 * step * (time - first)..][..4 * step];
            let (last_cell, cell) = two_steps(cell, step, before, after);
            let (last_h, h) = two_steps(h, step, before, after);
            // The first output is 0, and so is its product.
            if count > 0 {
                self.recurrent_product(last_h, weights, gates);
            }
            let tanh_of_cell = keep.then(|| &mut tanh_of_cell[step * time..][..step]);
            lstm_step(LstmStep { units: self.units, gates, last_cell, cell: &mut *cell, h: &mut *h, tanh_of_cell });
            self.carry_on(time, last_cell, cell);
            self.carry_on(time, last_h, h);
            let last = count + 1 == self.steps;
            if self.return_sequences || last {
                self.write(h, self.output_of(count), y);
                self.leave_out(time, self.output_of(count), y);
            }
            if last && self.return_state {
                let states = self.states();
                self.write(h, states, y);
                self.write(cell, states + self.units, y);
            }
        }
    }

    /// Whether the mask leaves a step of a sample out.
    fn is_left_out(&self, sample: usize, time: usize) -> bool {
        self.mask.is_some_and(|mask| mask[sample * self.steps + time] == 0.0)
    }

    /// The samples of which the mask leaves this step out.
    fn left_out(&self, time: usize) -> impl Iterator<Item = usize> {
        let samples = if self.mask.is_some() { self.samples } else { 0 };
        (0..samples).filter(move |sample| self.is_left_out(*sample, time))
    }

    /// Where a step is left out, what was before it is there after it.
    fn carry_on(&self, time: usize, before: &[f32], after: &mut [f32]) {
        for sample in self.left_out(time) {
            let range = sample * self.units..(sample + 1) * self.units;
            after[range.clone()].copy_from_slice(&before[range]);
        }
    }

    /// Writes zeros where a step is left out, if these are asked for.
    fn leave_out(&self, time: usize, start: usize, y: &mut [f32]) {
        if self.zero_output_for_mask {
            for sample in self.left_out(time) {
                y[sample * self.given() + start..][..self.units].fill(0.0);
            }
        }
    }

    /// Adds h · `recurrent_kernel` of a step.
    fn recurrent_product(&self, h: &[f32], weights: &Weights<'_>, gates: &mut [f32]) {
        let Self { samples, units, .. } = *self;
        let h = MatrixRef::new(h, samples, units);
        let kernel = MatrixRef::new(weights.recurrent_kernel, units, 4 * units);
        product(h, kernel, &mut MatrixMut::new(gates, samples, 4 * units), Start::Accumulate, false);
    }

    /// Where in what is given of a sample the output of the `count`-th step begins.
    fn output_of(&self, count: usize) -> usize {
        if self.return_sequences { count * self.units } else { 0 }
    }

    /// Where the last output and cell begin, which come behind all outputs.
    fn states(&self) -> usize {
        if self.return_sequences { self.steps * self.units } else { self.units }
    }

    /// How many numbers are given of a sample.
    fn given(&self) -> usize {
        self.states() + if self.return_state { 2 * self.units } else { 0 }
    }

    /// Copies what a step has of each sample to where it begins in what is given of it.
    fn write(&self, values: &[f32], start: usize, y: &mut [f32]) {
        let units = self.units;
        let samples = y.chunks_exact_mut(self.given());
        samples.zip(values.chunks_exact(units)).for_each(|(y, values)| y[start..start + units].copy_from_slice(values));
    }

    /// x · kernel + bias of a block.
    fn input_product(&self, block: Block, weights: &Weights<'_>, x: &[f32], gates: &mut [f32]) {
        let (features, columns) = (self.features, 4 * self.units);
        product(
            block.x(x, features),
            MatrixRef::new(weights.kernel, features, columns),
            &mut MatrixMut::with_stride(
                &mut gates[block.gates.0 * columns..],
                (block.rows, columns),
                block.gates.1 * columns,
            ),
            Start::Bias(weights.bias),
            false,
        );
    }
}

const fn steps_at_once(steps: usize) -> usize {
    if steps < STEPS_AT_ONCE { steps } else { STEPS_AT_ONCE }
}

/// Of what is kept step by step, one to read and another to write.
fn two_steps(values: &mut [f32], step: usize, read: usize, write: usize) -> (&[f32], &mut [f32]) {
    let (first, rest) = values.split_at_mut(read.max(write) * step);
    if read < write {
        (&first[read * step..][..step], &mut rest[..step])
    } else {
        (&rest[..step], &mut first[write * step..][..step])
    }
}

impl Block {
    fn x<'a>(&self, x: &'a [f32], features: usize) -> MatrixRef<'a> {
        MatrixRef::with_strides(&x[self.x.0 * features..], (self.rows, features), (self.x.1 * features, 1))
    }
}
