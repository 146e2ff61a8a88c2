//! A batch of sequences. Sizes come at run time, so that it is compiled once.
//!
//! `x` lies sample by sample, as the caller's arrays do. What is kept lies step by step (in the order of `x`, also
//! where that is read from its end), so that all samples of a step are one matrix.

use core::marker::PhantomData;
use core::ops::Range;

use super::dropping::Dropping;
use super::{Cell, Step, Ways, Weights, columns, start};
use crate::Random;
use crate::kernels::{MatrixMut, MatrixRef, parts_scratch, product};
use crate::layer::{Floats, Needs, larger};
use crate::shape::Tensor;
#[cfg(feature = "training")]
pub use gradients::Gradients;

#[cfg(feature = "training")]
mod gradients;

pub(super) struct Sequences<'a, C> {
    pub(super) samples: usize,
    pub(super) steps: usize,
    pub(super) features: usize,
    pub(super) units: usize,
    pub(super) ways: Ways,
    /// Which steps of `x` count: those of the first sample, then those of the next.
    mask: Option<&'a [f32]>,
    /// The states before the first step, those that there are; they are 0 otherwise.
    initial: Option<[&'a [f32]; 2]>,
    /// The random numbers of training, by which some numbers drop out.
    pub(super) random: Option<Random>,
    cell: PhantomData<C>,
}

/// What goes in.
pub struct Given<'a> {
    pub(super) samples: usize,
    pub(super) steps: usize,
    pub(super) x: &'a [f32],
    pub(super) mask: Option<&'a [f32]>,
    pub(super) initial: Option<[&'a [f32]; 2]>,
}

impl<'a> Given<'a> {
    pub(in super::super) fn of<In: Tensor>(x: &'a [In], mask: Option<&'a [f32]>) -> Self {
        let (samples, steps) = (x.len(), In::SHAPE.dim(0));
        let mask = mask.filter(|mask| mask.len() == samples * steps);
        Self { samples, steps, x: In::numbers(x), mask, initial: None }
    }
}

/// What the way back needs: for each step the gates and what the cell keeps; the cell and the output one time more, as
/// they begin at 0.
struct Saved<'a> {
    gates: &'a mut [f32],
    kept: &'a mut [f32],
    inputs: &'a mut [f32],
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

impl<'a, C> Sequences<'a, C> {
    /// So many sequences without a mask, from states of 0.
    pub(super) const fn new(samples: usize, steps: usize, [features, units]: [usize; 2], ways: Ways) -> Self {
        let (mask, initial, random) = (None, None, None);
        Self { samples, steps, features, units, ways, mask, initial, random, cell: PhantomData }
    }

    pub(super) const fn of(given: &Given<'a>, sizes: [usize; 2], ways: Ways) -> Self {
        let mut sequences = Self::new(given.samples, given.steps, sizes, ways);
        (sequences.mask, sequences.initial) = (given.mask, given.initial);
        sequences
    }

    pub(super) const fn dropping_by(mut self, random: Option<Random>) -> Self {
        self.random = random;
        self
    }
}

impl<C: Cell> Sequences<'_, C> {
    /// What the layer needs, where there is one sample.
    pub(super) const fn needs(&self) -> Needs {
        let Self { steps, features, units, .. } = *self;
        let gates = units.saturating_mul(C::GATES);
        let states = units.saturating_mul(C::STATES);
        let beside = units.saturating_mul(C::KEPT + C::INPUTS);
        let kept = gates.saturating_add(beside).saturating_add(states).saturating_mul(steps);
        let in_inference = gates
            .saturating_mul(steps_at_once(steps))
            .saturating_add(units.saturating_mul(C::KEPT_IN_INFERENCE))
            .saturating_add(states.saturating_mul(2));
        // The transposed kernels, or sums of the gradient of one of them.
        let kernel = gates.saturating_mul(larger(features, units));
        // The states' gradients, and those that a mask lets pass.
        let gradients = units.saturating_mul(2 * C::STATES + C::WORK);
        Needs::NONE
            .saved(Floats::per_sample(kept.saturating_add(states)))
            .saved_in_inference(Floats::per_sample(in_inference))
            .scratch(Floats::per_sample(self.dropping_needs(1)))
            .backward_scratch(
                Floats::per_sample(gradients.saturating_add(self.dropping_needs(larger(steps, 1))))
                    .and(Floats::once(parts_scratch(kernel))),
            )
    }

    fn split<'s>(&self, saved: &'s mut [f32], keep: bool) -> Saved<'s> {
        let step = self.step();
        let (gates, kept, inputs, states) = if keep {
            (self.steps, C::KEPT * self.steps, C::INPUTS * self.steps, self.steps + 1)
        } else {
            (steps_at_once(self.steps), C::KEPT_IN_INFERENCE, 0, 2)
        };
        let (gates, rest) = saved.split_at_mut(C::GATES * step * gates);
        let (kept, rest) = rest.split_at_mut(step * kept);
        let (inputs, rest) = rest.split_at_mut(step * inputs);
        let (h, rest) = rest.split_at_mut(step * states);
        Saved { gates, kept, inputs, cell: &mut rest[..self.cells() * states], h }
    }

    /// How many numbers the cells of all samples have; none where the output is the only state.
    fn cells(&self) -> usize {
        self.step() * (C::STATES - 1)
    }

    /// How many numbers a step of all samples has.
    fn step(&self) -> usize {
        self.samples * self.units
    }

    /// Where in `x` the step is that is read as the `count`-th.
    fn time(&self, count: usize) -> usize {
        if self.ways.go_backwards { self.steps - 1 - count } else { count }
    }

    /// Where among the kept cells and outputs those before a step lie, and those after it.
    fn around(&self, time: usize) -> (usize, usize) {
        if self.ways.go_backwards { (time + 1, time) } else { (time, time + 1) }
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
    pub(super) fn forward(
        &self,
        weights: &Weights<'_>,
        x: &[f32],
        y: &mut [f32],
        [saved, scratch]: [&mut [f32]; 2],
        keep: bool,
    ) {
        let step = self.step();
        if step == 0 {
            return;
        }
        let mut saved = self.split(saved, keep);
        let (mut dropping, _) = self.dropping(x, scratch, 1);
        let (start, cells) = (if keep { self.around(self.time(0)).0 } else { 0 }, self.cells());
        let (cell, h) = (&mut saved.cell[start * cells..][..cells], &mut saved.h[start * step..][..step]);
        match self.initial {
            Some([initial_h, initial_cell]) => {
                h.copy_from_slice(initial_h);
                cell.copy_from_slice(initial_cell);
            }
            None => {
                h.fill(0.0);
                cell.fill(0.0);
            }
        }
        let at_once = if self.by_step() { 1 } else { STEPS_AT_ONCE };
        for first in (0..self.steps).step_by(at_once) {
            self.some_steps(first..self.steps.min(first + at_once), weights, &mut dropping, y, &mut saved, keep);
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
        dropping: &mut Dropping<'_>,
        y: &mut [f32],
        saved: &mut Saved<'_>,
        keep: bool,
    ) {
        let ends = [self.time(counts.start), self.time(counts.end - 1)];
        let times = if self.ways.go_backwards { ends[1]..ends[0] + 1 } else { ends[0]..ends[1] + 1 };
        let first = if keep { 0 } else { times.start };
        let blocks = if self.by_step() { times.clone() } else { 0..self.samples };
        for index in blocks {
            self.input_product(self.block_of(index, times.clone(), first), weights, dropping, saved.gates);
        }
        for count in counts {
            self.one_step((count, first), weights, dropping, y, saved, keep);
        }
    }

    /// The step of this count, where the gates are those from the step `first` on.
    fn one_step(
        &self,
        (count, first): (usize, usize),
        weights: &Weights<'_>,
        dropping: &mut Dropping<'_>,
        y: &mut [f32],
        saved: &mut Saved<'_>,
        keep: bool,
    ) {
        let (step, cells, time) = (self.step(), self.cells(), self.time(count));
        let (before, after) = if keep { self.around(time) } else { (count % 2, 1 - count % 2) };
        let gates = &mut saved.gates[C::GATES * step * (time - first)..][..C::GATES * step];
        let (last_cell, cell) = two_steps(saved.cell, cells, before, after);
        let (last_h, h) = two_steps(saved.h, step, before, after);
        let kept = if keep {
            &mut saved.kept[C::KEPT * step * time..][..C::KEPT * step]
        } else {
            &mut saved.kept[..C::KEPT_IN_INFERENCE * step]
        };
        let inputs = if keep { C::INPUTS * step } else { 0 };
        let step = Step {
            samples: self.samples,
            units: self.units,
            first: self.is_first(count),
            keep,
            gates,
            kept,
            inputs: &mut saved.inputs[inputs * time..][..inputs],
            dropped: dropping.of_step(),
            last_h,
            h: &mut *h,
            last_cell,
            cell: &mut *cell,
        };
        C::forward(step, weights);
        self.carry_on(time, last_cell, cell);
        self.carry_on(time, last_h, h);
        let last = count + 1 == self.steps;
        if self.ways.return_sequences || last {
            self.write(h, self.output_of(count), y);
            self.leave_out(time, self.output_of(count), y);
        }
        if last && self.ways.return_state {
            let states = self.states();
            self.write(h, states, y);
            if C::STATES > 1 {
                self.write(cell, states + self.units, y);
            }
        }
    }

    /// Whether the states before a step are 0.
    fn is_first(&self, count: usize) -> bool {
        count == 0 && self.initial.is_none()
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
        if after.is_empty() {
            return;
        }
        for sample in self.left_out(time) {
            let range = sample * self.units..(sample + 1) * self.units;
            after[range.clone()].copy_from_slice(&before[range]);
        }
    }

    /// Writes zeros where a step is left out, if these are asked for.
    fn leave_out(&self, time: usize, start: usize, y: &mut [f32]) {
        if self.ways.zero_output_for_mask {
            for sample in self.left_out(time) {
                y[sample * self.given() + start..][..self.units].fill(0.0);
            }
        }
    }

    /// Where in what is given of a sample the output of the `count`-th step begins.
    fn output_of(&self, count: usize) -> usize {
        if self.ways.return_sequences { count * self.units } else { 0 }
    }

    /// Where the last states begin, which come behind all outputs.
    fn states(&self) -> usize {
        if self.ways.return_sequences { self.steps * self.units } else { self.units }
    }

    /// How many numbers are given of a sample.
    fn given(&self) -> usize {
        self.states() + if self.ways.return_state { C::STATES * self.units } else { 0 }
    }

    /// Copies what a step has of each sample to where it begins in what is given of it.
    fn write(&self, values: &[f32], start: usize, y: &mut [f32]) {
        let units = self.units;
        let samples = y.chunks_exact_mut(self.given());
        samples.zip(values.chunks_exact(units)).for_each(|(y, values)| y[start..start + units].copy_from_slice(values));
    }

    /// x · kernel + bias of a block.
    fn input_product(&self, block: Block, weights: &Weights<'_>, dropping: &Dropping<'_>, gates: &mut [f32]) {
        let Self { features, units, .. } = *self;
        for (group, which) in groups::<C>(dropping).enumerate() {
            let of_group = which.start * units..which.end * units;
            let (all, start_of_gates) = (C::GATES * units, block.gates.0 * C::GATES * units + of_group.start);
            let bias = if weights.bias.is_empty() { &[] } else { &weights.bias[of_group.clone()] };
            let gates = &mut gates[start_of_gates..];
            product(
                block.x(dropping.x(group), features),
                columns(weights.kernel, features, units, C::GATES, which),
                &mut MatrixMut::with_stride(gates, (block.rows, of_group.len()), block.gates.1 * all),
                start(bias),
                false,
            );
        }
    }
}

/// The gates that have what goes in with one mask.
fn groups<C: Cell>(dropping: &Dropping<'_>) -> impl Iterator<Item = Range<usize>> {
    let gates = C::GATES / dropping.groups;
    (0..dropping.groups).map(move |group| group * gates..(group + 1) * gates)
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
