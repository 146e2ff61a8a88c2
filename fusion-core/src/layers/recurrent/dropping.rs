//! Dropout along a sequence: a number that drops out does so at all steps of a sample.

use super::{Cell, Sequences, Ways};
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::kernels::{MatrixMut, MatrixRef, Start, product};
use crate::layers::dropout::draw_mask;

/// What of the output before drops out of a step.
pub struct Dropped<'a> {
    /// What it is multiplied with: those of all samples for the first gate, then for the next. Nothing where none drops out.
    pub(super) masks: &'a [f32],
    /// Room for the output of all samples.
    pub(super) room: &'a mut [f32],
}

impl Dropped<'_> {
    /// Nothing drops out.
    pub(in super::super) fn nothing() -> Self {
        Self { masks: &[], room: &mut [] }
    }

    /// What is left of the output for this gate.
    pub(in super::super) fn of<'s>(&'s mut self, gate: usize, h: &'s [f32]) -> &'s [f32] {
        if self.masks.is_empty() {
            return h;
        }
        let (mask, room) = (&self.masks[gate * h.len()..][..h.len()], &mut self.room[..h.len()]);
        multiply(h, mask, room);
        room
    }

    /// Adds the gradient of what was left of the output for this gate, which is in the room.
    #[cfg(feature = "training")]
    pub(super) fn add_room(&self, gate: usize, dh: &mut [f32]) {
        add_products(self.room, &self.masks[gate * dh.len()..], dh);
    }

    /// The same of a gradient that is elsewhere, also where nothing drops out.
    #[cfg(feature = "training")]
    pub(in super::super) fn add_gradient(&self, gate: usize, gradient: &[f32], dh: &mut [f32]) {
        if self.masks.is_empty() {
            dh.iter_mut().zip(gradient).for_each(|(dh, gradient)| *dh += gradient);
        } else {
            add_products(gradient, &self.masks[gate * dh.len()..], dh);
        }
    }

    /// Adds the gradient of the output, from that of the product of what was left of it for this gate.
    #[cfg(feature = "training")]
    pub(in super::super) fn through(
        &mut self,
        dy: &[f32],
        transposed: &[f32],
        gate: usize,
        (samples, units): (usize, usize),
        dh: &mut [f32],
    ) {
        let (dy, kernel) = (MatrixRef::new(dy, samples, units), MatrixRef::new(transposed, units, units));
        if self.masks.is_empty() {
            return product(dy, kernel, &mut MatrixMut::new(dh, samples, units), Start::Accumulate, false);
        }
        let room = &mut self.room[..samples * units];
        product(dy, kernel, &mut MatrixMut::new(room, samples, units), Start::Zero, false);
        self.add_room(gate, dh);
    }
}

fn multiply(values: &[f32], mask: &[f32], products: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || products.iter_mut().zip(values.iter().zip(mask)).for_each(|(product, (x, mask))| *product = x * mask),
    );
}

#[cfg(feature = "training")]
fn add_products(values: &[f32], mask: &[f32], sums: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || sums.iter_mut().zip(values.iter().zip(mask)).for_each(|(sum, (x, mask))| *sum += x * mask),
    );
}

/// What drops out in a pass.
pub(super) struct Dropping<'a> {
    /// How many groups of gates have masks of their own for what goes in: one, or each gate.
    pub(super) groups: usize,
    given: &'a [f32],
    /// What is left of what goes in, for each group; nothing where none drops out.
    dropped: &'a mut [f32],
    #[cfg(feature = "training")]
    input_masks: &'a [f32],
    pub(super) state_masks: &'a [f32],
    /// Room for outputs.
    pub(super) room: &'a mut [f32],
}

impl Dropping<'_> {
    /// What goes in, as a group of gates has it.
    pub(super) fn x(&self, group: usize) -> &[f32] {
        if self.dropped.is_empty() { self.given } else { &self.dropped[group * self.given.len()..][..self.given.len()] }
    }

    /// What is multiplied with the output before.
    pub(super) fn of_step(&mut self) -> Dropped<'_> {
        Dropped { masks: self.state_masks, room: self.room }
    }

    /// Has `write` write the gradient of what goes into each group, and adds it up where some drops out.
    #[cfg(feature = "training")]
    pub(super) fn input_gradient(
        &mut self,
        (samples, features): (usize, usize),
        dx: &mut [f32],
        mut write: impl FnMut(usize, &mut [f32]),
    ) {
        if self.dropped.is_empty() {
            return write(0, dx);
        }
        dx.fill(0.0);
        // What was left is not needed any more.
        for (group, gradient) in self.dropped.chunks_exact_mut(self.given.len()).enumerate() {
            write(group, gradient);
            for (step, (dx, gradient)) in dx.chunks_exact_mut(features).zip(gradient.chunks_exact(features)).enumerate()
            {
                let sample = step / (self.given.len() / features / samples);
                add_products(gradient, &self.input_masks[(group * samples + sample) * features..], dx);
            }
        }
    }
}

impl<C: Cell> Sequences<'_, C> {
    /// Numbers of a sample that this works with, where there is room for so many outputs.
    pub(super) const fn dropping_needs(&self, outputs: usize) -> usize {
        let Ways { dropout, recurrent_dropout, .. } = self.ways;
        let input = if dropout > 0.0 {
            self.groups().saturating_mul(self.features).saturating_mul(self.steps.saturating_add(1))
        } else {
            0
        };
        let state =
            if recurrent_dropout > 0.0 { self.units.saturating_mul(outputs.saturating_add(C::GATES)) } else { 0 };
        input.saturating_add(state)
    }

    /// In Keras gates have masks of their own only where the output before drops out too.
    const fn groups(&self) -> usize {
        if self.ways.recurrent_dropout > 0.0 { C::GATES } else { 1 }
    }

    /// Draws what drops out of a pass of training, and nothing in others; the rest of the memory is left.
    pub(super) fn dropping<'s>(
        &self,
        x: &'s [f32],
        scratch: &'s mut [f32],
        outputs: usize,
    ) -> (Dropping<'s>, &'s mut [f32]) {
        let Ways { dropout, recurrent_dropout, .. } = self.ways;
        let nothing = |rest| {
            let (dropped, room): (&mut [f32], &mut [f32]) = (&mut [], &mut []);
            let dropping = Dropping {
                groups: 1,
                given: x,
                dropped,
                #[cfg(feature = "training")]
                input_masks: &[],
                state_masks: &[],
                room,
            };
            (dropping, rest)
        };
        let Some(random) = self.random.filter(|_| dropout > 0.0 || recurrent_dropout > 0.0) else {
            return nothing(scratch);
        };
        let Self { samples, features, units, .. } = *self;
        let groups = if dropout > 0.0 { self.groups() } else { 1 };
        let (of_input, of_state) = (dropout > 0.0, recurrent_dropout > 0.0);
        let length = |used, length| if used { length } else { 0 };
        let (input_masks, rest) = scratch.split_at_mut(length(of_input, groups * samples * features));
        let (dropped, rest) = rest.split_at_mut(length(of_input, groups * x.len()));
        let (state_masks, rest) = rest.split_at_mut(length(of_state, C::GATES * samples * units));
        let (room, rest) = rest.split_at_mut(length(of_state, outputs * samples * units));
        let drawn = [(&mut *input_masks, features, dropout), (&mut *state_masks, units, recurrent_dropout)];
        for (kind, (masks, width, rate)) in (0..).zip(drawn) {
            for (index, mask) in masks.chunks_exact_mut(width.max(1)).enumerate() {
                let stream = random.in_layer(kind).of_sample((index % samples) as u64);
                draw_mask(mask, (index / samples * width) as u64, rate, stream);
            }
        }
        for (group, dropped) in dropped.chunks_exact_mut(x.len().max(1)).enumerate() {
            let steps = dropped.chunks_exact_mut(features.max(1)).zip(x.chunks_exact(features.max(1))).enumerate();
            for (step, (dropped, x)) in steps {
                let sample = step / self.steps;
                multiply(x, &input_masks[(group * samples + sample) * features..], dropped);
            }
        }
        let dropping = Dropping {
            groups,
            given: x,
            dropped,
            #[cfg(feature = "training")]
            input_masks,
            state_masks,
            room,
        };
        (dropping, rest)
    }
}
