//! A batch of sequences as a batch of steps.

use core::mem::take;

#[cfg(feature = "training")]
use super::TimeDistributed;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, InputError, Layer};
use crate::shape::Tensor;
use crate::weights::{OptionsOf, Random};

/// The steps of all samples, one after the other.
pub(super) fn of<T: Tensor>(rows: &[T]) -> &[T::Step] {
    T::Step::rows(T::flat(rows))
}

/// [`of`] to write.
pub(super) fn of_mut<T: Tensor>(rows: &mut [T]) -> &mut [T::Step] {
    T::Step::rows_mut(T::flat_mut(rows))
}

/// The error of a step as one of its sample.
pub(super) fn error<In: Tensor>(error: &InputError) -> InputError {
    let steps = In::SHAPE.dim(0).max(1);
    let step = error.sample % steps;
    let position = step * <In::Step as Tensor>::SHAPE.length() + error.position;
    InputError { sample: error.sample / steps, position, ..*error }
}

/// Calls back with what the layer within is given: all that this one is, but its own random numbers.
pub(super) fn within<R>(cx: &mut Forward<'_>, random: Random, call: impl FnOnce(&mut Forward<'_>) -> R) -> R {
    let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
    let result = call(&mut cx.within(random, saved, scratch));
    (cx.saved, cx.scratch) = (saved, scratch);
    result
}

/// What each step keeps: pieces of one length, which may be 0.
pub(super) fn pieces(mut saved: &mut [f32], length: usize) -> impl Iterator<Item = &mut [f32]> {
    core::iter::from_fn(move || {
        let (piece, rest) = take(&mut saved).split_at_mut_checked(length)?;
        saved = rest;
        Some(piece)
    })
}

/// How many numbers one step of so many samples has.
fn floats<T: Tensor>(samples: usize) -> usize {
    samples * <T::Step as Tensor>::SHAPE.length()
}

/// Copies step `step` of each of a batch of sequences to a batch of steps.
fn gather<T: Tensor>(sequences: &[T], step: usize, to: &mut [f32]) {
    let length = floats::<T>(1).max(1);
    let steps = T::memory(sequences).chunks_exact(length).skip(step).step_by(T::SHAPE.dim(0));
    for (from, to) in steps.zip(to.chunks_exact_mut(length)) {
        to.copy_from_slice(from);
    }
}

/// The way back of [`gather`].
fn scatter<T: Tensor>(from: &[f32], step: usize, sequences: &mut [T]) {
    let length = floats::<T>(1).max(1);
    let steps = T::memory_mut(sequences).chunks_exact_mut(length).skip(step).step_by(T::SHAPE.dim(0));
    for (from, to) in from.chunks_exact(length).zip(steps) {
        to.copy_from_slice(from);
    }
}

/// Checks one step of all samples at a time, for layers that look at the whole batch.
pub(super) fn check_one_by_one<L, O, In>(layer: &L, cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError>
where
    L: Layer<In::Step, O>,
    O: OptionsOf<L>,
    In: Tensor,
{
    let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
    let (x_step, free) = scratch.split_at_mut(floats::<In>(x.len()));
    let mut check = |step| {
        gather(x, step, x_step);
        let mut cx = cx.within(cx.random, saved, free);
        let result = layer.check(&mut cx, <In::Step as Tensor>::of_memory(x_step));
        // As if the steps of all samples came one after the other.
        result.map_err(|error| InputError { sample: error.sample * In::SHAPE.dim(0) + step, ..error })
    };
    let result = (0..In::SHAPE.dim(0)).try_for_each(&mut check).map_err(|found| error::<In>(&found));
    (cx.saved, cx.scratch) = (saved, scratch);
    result
}

/// One step of all samples at a time, for layers that look at the whole batch.
pub(super) fn forward_one_by_one<L, O, In, Out>(layer: &L, cx: &mut Forward<'_>, x: &[In], y: &mut [Out])
where
    L: Layer<In::Step, O>,
    O: OptionsOf<L>,
    In: Tensor,
    Out: Tensor,
{
    let samples = x.len();
    let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
    let (x_step, scratch) = scratch.split_at_mut(floats::<In>(samples));
    let (y_step, scratch) = scratch.split_at_mut(floats::<Out>(samples));
    let saved = pieces(saved, L::NEEDS.kept(cx.keep).of(samples)).take(In::SHAPE.dim(0));
    for (step, saved) in saved.enumerate() {
        gather(x, step, x_step);
        let mut cx = cx.within(cx.random.at_step(step as u64), saved, scratch).with_mask(None);
        layer.forward(&mut cx, <In::Step as Tensor>::of_memory(x_step), <Out::Step as Tensor>::of_memory_mut(y_step));
        scatter(y_step, step, y);
    }
}

/// The way back of [`forward_one_by_one`].
#[cfg(feature = "training")]
pub(super) fn backward_one_by_one<L, O, In, Out>(
    layer: &L,
    cx: &mut Backward<'_, TimeDistributed<L>>,
    x: &[In],
    y: &[Out],
    dy: &mut [Out],
    mut dx: Option<&mut [In]>,
) where
    L: TrainLayer<In::Step, O>,
    O: OptionsOf<L>,
    In: Tensor,
    Out: Tensor,
{
    let samples = x.len();
    let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
    let (x_step, scratch) = scratch.split_at_mut(floats::<In>(samples));
    let (dx_step, scratch) = scratch.split_at_mut(floats::<In>(samples));
    let (y_step, scratch) = scratch.split_at_mut(floats::<Out>(samples));
    let (dy_step, scratch) = scratch.split_at_mut(floats::<Out>(samples));
    let saved = pieces(saved, L::NEEDS.saved.of(samples)).take(In::SHAPE.dim(0));
    for (step, saved) in saved.enumerate() {
        gather(x, step, x_step);
        gather(y, step, y_step);
        gather(dy, step, dy_step);
        let random = cx.random.at_step(step as u64);
        let mut cx = cx.within(|this| &mut this.layer, random, saved, scratch).with_mask(None);
        let (x, y) = (<In::Step as Tensor>::of_memory(x_step), <Out::Step as Tensor>::of_memory(y_step));
        let dy = <Out::Step as Tensor>::of_memory_mut(dy_step);
        let dx_rows = dx.is_some().then(|| <In::Step as Tensor>::of_memory_mut(dx_step));
        layer.backward(&mut cx, x, y, dy, dx_rows);
        if let Some(dx) = dx.as_deref_mut() {
            scatter(dx_step, step, dx);
        }
    }
}
