//! Both layers on their way through a batch.

use core::mem::take;

#[cfg(feature = "training")]
use super::Bidirectional;
use super::merging::Merging;
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::Forward;

/// Two layers that go through so many samples.
pub(super) struct Both {
    pub(super) merging: Merging,
    /// Numbers that one of them keeps for the way back.
    pub(super) kept: usize,
    pub(super) samples: usize,
}

impl Both {
    /// Has each of them write what it gives, `one` and `other`, and merges it.
    pub(super) fn forward(
        &self,
        cx: &mut Forward<'_>,
        y: &mut [f32],
        one: impl FnOnce(&mut Forward<'_>, &mut [f32]),
        other: impl FnOnce(&mut Forward<'_>, &mut [f32]),
    ) {
        let length = self.merging.length(self.samples);
        let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
        let (outputs, saved) = saved.split_at_mut(2 * length);
        let (forwards, backwards) = outputs.split_at_mut(length);
        let kept = if cx.keep { self.kept } else { 0 };
        let [random, other_random] = in_directions(cx.random);
        one(&mut cx.within(random, &mut *saved, &mut *scratch), forwards);
        // In inference nothing is kept, and both have the same memory.
        other(&mut cx.within(other_random, &mut saved[kept..], scratch), backwards);
        self.merging.merge(forwards, backwards, y);
    }

    /// What each of them kept.
    pub(super) fn kept<'s>(&self, saved: &'s mut [f32]) -> [&'s mut [f32]; 2] {
        let (_, saved) = saved.split_at_mut(2 * self.merging.length(self.samples));
        let (one, other) = saved.split_at_mut(self.kept);
        [one, other]
    }

    /// Has each of them go back with what it gave and the gradient of it; the second one has a place for the gradient of a
    /// sequence of so many numbers, which is given back.
    #[cfg(feature = "training")]
    pub(super) fn backward<'a, L>(
        &self,
        cx: &mut Backward<'a, Bidirectional<L>>,
        dy: &[f32],
        sequence: usize,
        one: impl FnOnce(&mut Backward<'_, L>, &[f32], &mut [f32]),
        other: impl FnOnce(&mut Backward<'_, L>, &[f32], &mut [f32], &mut [f32]),
    ) -> &'a mut [f32] {
        let length = self.merging.length(self.samples);
        let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
        let (outputs, saved) = saved.split_at_mut(2 * length);
        let (forwards, backwards) = outputs.split_at(length);
        let (saved, other_saved) = saved.split_at_mut(self.kept);
        let (gradient, scratch) = scratch.split_at_mut(length);
        let (other_dx, scratch) = scratch.split_at_mut(sequence * self.samples);
        let [random, other_random] = in_directions(cx.random);

        self.merging.forwards_gradient(dy, backwards, gradient);
        one(&mut cx.within(|this| &mut this.forward, random, saved, &mut *scratch), forwards, gradient);
        self.merging.backwards_gradient(dy, forwards, gradient);
        let inner = &mut cx.within(|this| &mut this.backward, other_random, other_saved, scratch);
        other(inner, backwards, gradient, other_dx);
        other_dx
    }
}

/// The random numbers of each of the two layers.
const fn in_directions(random: crate::Random) -> [crate::Random; 2] {
    [random.in_layer(0), random.in_layer(1)]
}
