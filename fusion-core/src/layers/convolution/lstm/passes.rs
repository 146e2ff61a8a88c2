//! The ways through a batch of sequences, sample by sample: all places of a step are one matrix.

use core::marker::PhantomData;

use super::gates::{self, Gates};
use super::*;
use crate::Random;

pub(super) struct Sequences<'a, C> {
    input: Convolution,
    recurrent: Convolution,
    steps: usize,
    filters: usize,
    /// Whether every step is given, and the states, whether the steps are read from the end, and whether zeros are given
    /// where the mask leaves a step out.
    ways: [bool; 4],
    mask: Option<&'a [f32]>,
    /// How much of what goes in and of the output before drops out.
    rates: [f32; 2],
    /// The random numbers of training.
    random: Option<Random>,
    cell: PhantomData<C>,
}

/// What is kept of a sample: for each step, in the order of `x`, what the cell keeps, and in the order in which they are
/// read the cells and the outputs, with those before the first.
struct Saved<'a> {
    kept: &'a mut [f32],
    inputs: &'a mut [f32],
    cells: &'a mut [f32],
    outputs: &'a mut [f32],
}

impl<'a, C: Cell> Sequences<'a, C> {
    pub(super) const fn new([input, recurrent]: [Convolution; 2], steps: usize, filters: usize) -> Self {
        let (ways, mask, random) = ([false; 4], None, None);
        Self { input, recurrent, steps, filters, ways, mask, rates: [0.0; 2], random, cell: PhantomData }
    }

    pub(super) const fn at_rates(mut self, rates: [f32; 2]) -> Self {
        self.rates = rates;
        self
    }

    pub(super) const fn dropping_by(mut self, random: Option<Random>) -> Self {
        self.random = random;
        self
    }

    pub(super) const fn in_ways(mut self, ways: [bool; 4]) -> Self {
        self.ways = ways;
        self
    }

    pub(super) const fn with_mask(mut self, mask: Option<&'a [f32]>) -> Self {
        self.mask = mask;
        self
    }

    /// Numbers of the state of a sample.
    const fn state(&self) -> usize {
        self.recurrent.input()
    }

    /// How many steps have memory of their own, and how many states.
    const fn steps_kept(&self, keep: bool) -> [usize; 2] {
        if keep { [self.steps, self.steps + 1] } else { [0, 2] }
    }

    /// Numbers that are kept of a sample; without a way back, for all of them.
    pub(super) const fn kept(&self, keep: bool) -> usize {
        let [steps, states] = self.steps_kept(keep);
        let gates = if keep { steps } else { 1 };
        let of_steps = steps.saturating_mul(C::KEPT + C::INPUTS).saturating_add(states.saturating_mul(2));
        self.input.output().saturating_mul(gates).saturating_add(self.state().saturating_mul(of_steps))
    }

    /// Numbers that dropout works with.
    pub(super) const fn dropping(&self) -> usize {
        let [input, state] = self.rates;
        let masks = gates::masks(&self.input, input).saturating_add(gates::masks(&self.recurrent, state));
        masks.saturating_add(larger(gates::scratch(&self.input, input), gates::scratch(&self.recurrent, state)))
    }

    /// What of a sample's input and state drops out of each gate; nothing where no training is.
    fn masks<'s>(&self, sample: usize, scratch: &'s mut [f32]) -> ([&'s [f32]; 2], &'s mut [f32]) {
        let Some(random) = self.random else { return ([&[]; 2], scratch) };
        let stream = |kind| random.in_layer(kind).of_sample(sample as u64);
        let (of_input, rest) = gates::draw(&self.input, self.rates[0], stream(0), scratch);
        let (of_state, rest) = gates::draw(&self.recurrent, self.rates[1], stream(1), rest);
        ([of_input, of_state], rest)
    }

    /// Numbers that the way back through a sample works with.
    pub(super) const fn back(&self) -> usize {
        self.state().saturating_mul(2 + C::WORK)
    }

    fn split<'s>(&self, saved: &'s mut [f32], keep: bool) -> Saved<'s> {
        let ([steps, states], state) = (self.steps_kept(keep), self.state());
        let (kept, rest) = saved.split_at_mut(steps * C::KEPT * state);
        let (inputs, rest) = rest.split_at_mut(steps * C::INPUTS * state);
        let (cells, rest) = rest.split_at_mut(states * state);
        Saved { kept, inputs, cells, outputs: &mut rest[..states * state] }
    }

    /// The step that is read as the `count`-th.
    fn time(&self, count: usize) -> usize {
        if self.ways[2] { self.steps - 1 - count } else { count }
    }

    fn counts(&self, sample: usize, time: usize) -> bool {
        self.mask.is_none_or(|mask| mask[sample * self.steps + time] != 0.0)
    }

    /// Where the output of a step begins in what is given of a sample, if it is given.
    fn output_of(&self, count: usize) -> Option<usize> {
        if self.ways[0] { Some(count * self.state()) } else { (count + 1 == self.steps).then_some(0) }
    }

    /// Where the states begin, and how many numbers are given.
    fn given(&self) -> (usize, usize) {
        let outputs = if self.ways[0] { self.steps * self.state() } else { self.state() };
        (outputs, outputs + if self.ways[1] { 2 * self.state() } else { 0 })
    }

    pub(super) fn forward(
        &self,
        [kernel, recurrent_kernel, bias]: [&[f32]; 3],
        x: &[f32],
        y: &mut [f32],
        [saved, scratch]: [&mut [f32]; 2],
        keep: bool,
    ) {
        let (given, state) = (self.given().1, self.state());
        if state == 0 {
            return;
        }
        let samples = y.len() / given;
        let (all_gates, one) = (self.input.output() * if keep { self.steps } else { 1 }, self.kept(keep));
        let (gates, saved) = saved.split_at_mut(all_gates * if keep { samples } else { 1 });
        let memory = one - all_gates;
        for (sample, y) in y.chunks_exact_mut(given).enumerate() {
            let place = if keep { sample } else { 0 };
            let gates = &mut gates[place * all_gates..][..all_gates];
            let mut saved = self.split(&mut saved[place * memory..][..memory], keep);
            saved.cells[..state].fill(0.0);
            saved.outputs[..state].fill(0.0);
            let x = &x[sample * self.steps * self.input.input()..][..self.steps * self.input.input()];
            let ([of_input, of_state], scratch) = self.masks(sample, scratch);
            let products =
                [Gates::new(&self.input, kernel, of_input), Gates::new(&self.recurrent, recurrent_kernel, of_state)];
            for count in 0..self.steps {
                let memory = (&mut *gates, &mut saved);
                self.one_step([sample, count], (products, bias), x, memory, [&mut *y, &mut *scratch], keep);
            }
            if self.steps == 0 {
                y.fill(0.0);
            }
        }
    }

    fn one_step(
        &self,
        [sample, count]: [usize; 2],
        ([input, recurrent], bias): ([Gates<'_>; 2], &[f32]),
        x: &[f32],
        (gates, saved): (&mut [f32], &mut Saved<'_>),
        [y, scratch]: [&mut [f32]; 2],
        keep: bool,
    ) {
        let (state, time, width) = (self.state(), self.time(count), self.input.output());
        let gates = &mut gates[if keep { time } else { 0 } * width..][..width];
        let (last_cell, cell) = two(saved.cells, state, count, keep);
        let (last_h, h) = two(saved.outputs, state, count, keep);
        if self.counts(sample, time) {
            let bias = (!bias.is_empty()).then_some(bias);
            let x = &x[time * self.input.input()..][..self.input.input()];
            input.write(x, bias, gates, scratch);
            // The first output is 0, and so is its convolution.
            if count > 0 {
                let (product, scratch) = scratch.split_at_mut(width);
                recurrent.write(last_h, None, product, scratch);
                gates.iter_mut().zip(&*product).for_each(|(gate, product)| *gate += product);
            }
            let of = |all: &mut [f32], numbers: usize| -> core::ops::Range<usize> {
                if all.is_empty() { 0..0 } else { time * numbers * state..(time + 1) * numbers * state }
            };
            let (kept, inputs) = (of(saved.kept, C::KEPT), of(saved.inputs, C::INPUTS));
            let step = Step {
                samples: state / self.filters,
                units: self.filters,
                first: true,
                keep: !kept.is_empty(),
                gates,
                kept: &mut saved.kept[kept],
                inputs: &mut saved.inputs[inputs],
                dropped: Dropped::nothing(),
                last_h,
                h: &mut *h,
                last_cell,
                cell: &mut *cell,
            };
            C::forward(step, &Weights { kernel: &[], recurrent_kernel: &[], bias: &[], recurrent_bias: &[] });
        } else {
            h.copy_from_slice(last_h);
            cell.copy_from_slice(last_cell);
        }
        if let Some(output) = self.output_of(count) {
            let y = &mut y[output..][..state];
            y.copy_from_slice(h);
            if self.ways[3] && !self.counts(sample, time) {
                y.fill(0.0);
            }
        }
        if count + 1 == self.steps && self.ways[1] {
            let (of_h, of_cell) = y[self.given().0..].split_at_mut(state);
            of_h.copy_from_slice(h);
            of_cell.copy_from_slice(cell);
        }
    }
}

/// The state before a step, and the place of that after it: all are kept, or two take turns.
fn two(states: &mut [f32], state: usize, count: usize, keep: bool) -> (&[f32], &mut [f32]) {
    if keep {
        let (before, after) = states[count * state..].split_at_mut(state);
        return (before, &mut after[..state]);
    }
    let (first, second) = states.split_at_mut(state);
    if count.is_multiple_of(2) { (first, &mut second[..state]) } else { (&second[..state], first) }
}

#[cfg(feature = "training")]
impl<C: TrainCell> Sequences<'_, C> {
    pub(super) fn backward(
        &self,
        [kernel, recurrent_kernel, _]: [&[f32]; 3],
        x: &[f32],
        dy: &[f32],
        [saved, scratch]: [&mut [f32]; 2],
        mut dx: Option<&mut [f32]>,
        mut gradients: Option<[&mut [f32]; 3]>,
    ) {
        let (given, state) = (self.given().1, self.state());
        if state == 0 || self.steps == 0 {
            dx.into_iter().for_each(|dx| dx.fill(0.0));
            return;
        }
        let (samples, all_gates, sequence) =
            (dy.len() / given, self.input.output() * self.steps, self.input.input() * self.steps);
        let (gates, saved) = saved.split_at_mut(all_gates * samples);
        let memory = self.kept(true) - all_gates;
        let samples = gates.chunks_exact_mut(all_gates).zip(saved.chunks_exact_mut(memory)).zip(dy.chunks_exact(given));
        for (sample, ((gates, saved), dy)) in samples.enumerate() {
            let mut saved = self.split(saved, true);
            let recurrent = gradients.as_mut().map(|[_, recurrent, _]| &mut **recurrent);
            let ([of_input, of_state], scratch) = self.masks(sample, scratch);
            let product = Gates::new(&self.recurrent, recurrent_kernel, of_state);
            self.through_time(sample, product, (&mut *gates, &mut saved), dy, recurrent, scratch);
            if !of_input.is_empty() {
                let kernel = Gates::new(&self.input, kernel, of_input);
                let x = &x[sample * sequence..][..sequence];
                let dx = dx.as_deref_mut().map(|dx| &mut dx[sample * sequence..][..sequence]);
                let gradient = gradients.as_mut().map(|[kernel, ..]| &mut **kernel);
                self.input_back(kernel, x, gates, (dx, gradient), scratch);
            }
        }
        let drops = self.random.is_some() && self.rates[0] > 0.0;
        if let Some([of_kernel, _, of_bias]) = gradients {
            if !drops {
                kernels::add_convolution_kernel_gradient(&self.input, x, gates, of_kernel, scratch);
            }
            if !of_bias.is_empty() {
                kernels::add_rows(gates, of_bias);
            }
        }
        if let Some(dx) = dx.filter(|_| !drops) {
            kernels::convolution_input_gradient(&self.input, gates, kernel, None, dx, scratch, false);
        }
    }

    /// Back to what went into a sample, step by step, as each gate has it with masks of its own.
    fn input_back(
        &self,
        kernel: Gates<'_>,
        x: &[f32],
        gates: &[f32],
        (mut dx, mut gradient): (Option<&mut [f32]>, Option<&mut [f32]>),
        scratch: &mut [f32],
    ) {
        let input = self.input.input();
        for (time, (x, gates)) in x.chunks_exact(input).zip(gates.chunks_exact(self.input.output())).enumerate() {
            if let Some(gradient) = &mut gradient {
                kernel.add_kernel_gradient(x, gates, gradient, scratch);
            }
            if let Some(dx) = &mut dx {
                kernel.input_gradient(gates, &mut dx[time * input..][..input], scratch);
            }
        }
    }

    /// Back through a sample: the gates become the gradients of what their activations are applied to.
    fn through_time(
        &self,
        sample: usize,
        recurrent: Gates<'_>,
        (gates, saved): (&mut [f32], &mut Saved<'_>),
        dy: &[f32],
        mut gradient: Option<&mut [f32]>,
        scratch: &mut [f32],
    ) {
        let (state, width) = (self.state(), self.input.output());
        let (dh, rest) = scratch.split_at_mut(state);
        let (dcell, rest) = rest.split_at_mut(state);
        let (work, scratch) = rest.split_at_mut(C::WORK * state);
        dh.fill(0.0);
        dcell.fill(0.0);
        if self.ways[1] {
            let (of_h, of_cell) = dy[self.given().0..].split_at(state);
            dh.copy_from_slice(of_h);
            dcell.copy_from_slice(&of_cell[..state]);
        }
        for count in (0..self.steps).rev() {
            let time = self.time(count);
            let (counts, gates) = (self.counts(sample, time), &mut gates[time * width..][..width]);
            if let Some(output) = self.output_of(count).filter(|_| counts || !self.ways[3]) {
                dh.iter_mut().zip(&dy[output..]).for_each(|(sum, dy)| *sum += dy);
            }
            if !counts {
                gates.fill(0.0);
                continue;
            }
            let last_h = &saved.outputs[count * state..][..state];
            let back = Back {
                samples: state / self.filters,
                units: self.filters,
                first: true,
                gates: &mut *gates,
                kept: &mut saved.kept[time * C::KEPT * state..][..C::KEPT * state],
                inputs: &saved.inputs[time * C::INPUTS * state..][..C::INPUTS * state],
                dropped: Dropped::nothing(),
                last_h,
                last_cell: &saved.cells[count * state..][..state],
                dh,
                dcell,
                work,
            };
            C::backward(back, &[]);
            if count > 0 {
                if let Some(gradient) = &mut gradient {
                    recurrent.add_kernel_gradient(last_h, gates, gradient, scratch);
                }
                recurrent.input_gradient(gates, dh, scratch);
            }
        }
    }
}
