//! The way through one sequence, step by step. Steps are counted in the order in which they are read.

#[cfg(feature = "training")]
use super::StepBack;
use super::{Cell, RnnOptions};
use crate::weights::OptionsOf;

/// The sizes, the options, and which steps count.
pub(super) struct Sequence<'a> {
    pub(super) steps: usize,
    pub(super) features: usize,
    pub(super) units: usize,
    pub(super) state: usize,
    pub(super) kept: usize,
    pub(super) options: RnnOptions,
    /// Of this sample alone.
    pub(super) mask: Option<&'a [f32]>,
}

impl Sequence<'_> {
    pub(super) const fn new<C: Cell<O>, O: OptionsOf<C>>(steps: usize, options: RnnOptions) -> Self {
        Self { steps, features: C::FEATURES, units: C::UNITS, state: C::STATE, kept: C::KEPT, options, mask: None }
    }

    /// The same of the sample of this index, where the mask is that of all.
    pub(super) fn with_mask<'m>(&self, mask: Option<&'m [f32]>, sample: usize) -> Sequence<'m> {
        let Self { steps, features, units, state, kept, options, .. } = *self;
        let mask = mask.map(|mask| &mask[sample * steps..(sample + 1) * steps]);
        Sequence { steps, features, units, state, kept, options, mask }
    }

    /// How many steps are remembered: for a way back all, otherwise one at a time.
    const fn remembered(&self, keep: bool) -> usize {
        if keep { self.steps } else { 1 }
    }

    /// How many numbers their states have, with the first one.
    const fn states(&self, keep: bool) -> usize {
        self.remembered(keep).saturating_add(1).saturating_mul(self.state)
    }

    /// How many numbers `forward` needs.
    pub(super) const fn saved(&self, keep: bool) -> usize {
        self.states(keep).saturating_add(self.remembered(keep).saturating_mul(self.kept))
    }

    /// How many numbers `backward` works with: the gradients of two states and of a step.
    pub(super) const fn scratch(&self) -> usize {
        self.state.saturating_mul(2).saturating_add(self.features)
    }

    /// Where the last state begins in what is given of a sample.
    const fn outputs(&self) -> usize {
        if self.options.return_sequences { self.steps * self.units } else { self.units }
    }

    /// How many numbers are given of a sample.
    pub(super) const fn given(&self) -> usize {
        self.outputs() + if self.options.return_state { self.state } else { 0 }
    }

    /// Where in the sequence the step is that is read as the `count`-th.
    fn time(&self, count: usize) -> usize {
        if self.options.go_backwards { self.steps - 1 - count } else { count }
    }

    fn is_left_out(&self, count: usize) -> bool {
        self.mask.is_some_and(|mask| mask[self.time(count)] == 0.0)
    }

    /// Where the output of this step begins, if it is given and not zeros.
    fn output_of(&self, count: usize) -> Option<usize> {
        let RnnOptions { return_sequences, zero_output_for_mask, .. } = self.options;
        let given = return_sequences || count + 1 == self.steps;
        let zeros = zero_output_for_mask && self.is_left_out(count);
        (given && !zeros).then_some(if return_sequences { count * self.units } else { 0 })
    }

    /// What is kept lies in `saved`: the states, and behind them what the steps keep.
    pub(super) fn forward<C, O>(&self, cell: &C, x: &[f32], y: &mut [f32], saved: &mut [f32], keep: bool)
    where
        C: Cell<O>,
        O: OptionsOf<C>,
    {
        let Self { features, units, state: size, .. } = *self;
        let stride = |size: usize| if keep { size } else { 0 };
        let (states, kept) = saved.split_at_mut(self.states(keep));
        states[..size].fill(0.0);
        y.fill(0.0);
        for count in 0..self.steps {
            let (state, next) = states[count * stride(size)..][..2 * size].split_at_mut(size);
            if self.is_left_out(count) {
                next.copy_from_slice(state);
            } else {
                let kept = &mut kept[count * stride(self.kept)..][..self.kept];
                cell.step(&x[self.time(count) * features..][..features], state, next, kept);
            }
            if let Some(start) = self.output_of(count) {
                y[start..start + units].copy_from_slice(&next[..units]);
            }
            if !keep {
                state.copy_from_slice(next);
            }
        }
        if self.options.return_state {
            y[self.outputs()..].copy_from_slice(&states[self.steps * stride(size)..][..size]);
        }
    }

    #[cfg(feature = "training")]
    pub(super) fn backward<C, O>(
        &self,
        cell: &C,
        [x, dy, saved]: [&[f32]; 3],
        scratch: &mut [f32],
        mut dx: Option<&mut [f32]>,
        mut gradient: Option<&mut C>,
    ) where
        C: Cell<O>,
        O: OptionsOf<C>,
    {
        let Self { steps, features, units, state: size, .. } = *self;
        let (states, kept) = saved.split_at((steps + 1) * size);
        let (mut dnext, rest) = scratch.split_at_mut(size);
        let (mut dstate, room) = rest.split_at_mut(size);
        dnext.fill(0.0);
        if self.options.return_state {
            dnext.copy_from_slice(&dy[self.outputs()..]);
        }
        for count in (0..steps).rev() {
            let of_x = self.time(count) * features..(self.time(count) + 1) * features;
            if let Some(start) = self.output_of(count) {
                dnext.iter_mut().zip(&dy[start..start + units]).for_each(|(sum, dy)| *sum += dy);
            }
            let dx = match &mut dx {
                Some(dx) => &mut dx[of_x.clone()],
                None => &mut room[..features],
            };
            dx.fill(0.0);
            // The state before a step that is left out is that after it, and so is its gradient.
            if self.is_left_out(count) {
                continue;
            }
            dstate.fill(0.0);
            cell.step_back(StepBack {
                x: &x[of_x],
                state: &states[count * size..][..size],
                next: &states[(count + 1) * size..][..size],
                kept: &kept[count * self.kept..][..self.kept],
                dnext: &*dnext,
                dx,
                dstate: &mut *dstate,
                gradient: gradient.as_deref_mut(),
            });
            core::mem::swap(&mut dnext, &mut dstate);
        }
    }
}
