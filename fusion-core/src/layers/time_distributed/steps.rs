//! A batch of sequences as a batch of steps.

use crate::layer::InputError;
use crate::{Backward, Forward, Layer, OptionsOf, Tensor, tensor::Element};

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
    let steps = In::SHAPE.dims[0].max(1);
    let step = error.sample % steps;
    let position = step * <In::Step as Tensor>::SHAPE.length() + error.position;
    InputError { sample: error.sample / steps, position, ..*error }
}

/// What each step keeps: pieces of one length, which may be 0.
pub(super) fn pieces(mut saved: &mut [f32], length: usize) -> impl Iterator<Item = &mut [f32]> {
    core::iter::from_fn(move || {
        let (piece, rest) = core::mem::take(&mut saved).split_at_mut_checked(length)?;
        saved = rest;
        Some(piece)
    })
}

/// Copies step `step` of each of a batch of sequences to a batch of steps.
fn gather<T: Tensor>(sequences: &[T], step: usize, to: &mut [f32]) {
    let length = <T::Step as Tensor>::SHAPE.length();
    let numbers = T::numbers(sequences).chunks_exact(length.max(1)).skip(step).step_by(T::SHAPE.dims[0]);
    for (from, to) in numbers.zip(to.chunks_exact_mut(length.max(1))) {
        to.copy_from_slice(from);
    }
}

/// The way back of [`gather`].
fn scatter<T: Tensor>(from: &[f32], step: usize, sequences: &mut [T]) {
    let length = <T::Step as Tensor>::SHAPE.length();
    let numbers = T::numbers_mut(sequences).chunks_exact_mut(length.max(1)).skip(step).step_by(T::SHAPE.dims[0]);
    for (from, to) in from.chunks_exact(length.max(1)).zip(numbers) {
        to.copy_from_slice(from);
    }
}

/// Numbers as samples to write.
fn rows<T: Tensor>(numbers: &mut [f32]) -> &mut [T] {
    T::rows_mut(T::Element::of_numbers_mut(numbers))
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
    let (x_step, scratch) = cx.scratch.split_at_mut(samples * <In::Step as Tensor>::SHAPE.length());
    let (y_step, scratch) = scratch.split_at_mut(samples * <Out::Step as Tensor>::SHAPE.length());
    let saved = pieces(cx.saved, L::MEMORY.saved_if(cx.keep, samples)).take(In::SHAPE.dims[0]);
    for (step, saved) in saved.enumerate() {
        gather(x, step, x_step);
        let random = cx.random.at_step(step as u64);
        let (training, trainable, keep) = (cx.training, cx.trainable, cx.keep);
        let cx = &mut Forward { training, trainable, keep, random, logits: None, saved, scratch };
        layer.forward(cx, rows::<In::Step>(x_step), rows::<Out::Step>(y_step));
        scatter(y_step, step, y);
    }
}

/// The way back of [`forward_one_by_one`].
pub(super) fn backward_one_by_one<L, O, In, Out>(
    layer: &L,
    cx: &mut Backward<'_>,
    x: &[In],
    y: &[Out],
    dy: &mut [Out],
    mut dx: Option<&mut [In]>,
    gradient: &mut L,
) where
    L: Layer<In::Step, O>,
    O: OptionsOf<L>,
    In: Tensor,
    Out: Tensor,
{
    let samples = x.len();
    let lengths = [<In::Step as Tensor>::SHAPE.length(), <Out::Step as Tensor>::SHAPE.length()];
    let [x_length, y_length] = lengths.map(|length| samples * length);
    let (x_step, scratch) = cx.scratch.split_at_mut(x_length);
    let (dx_step, scratch) = scratch.split_at_mut(x_length);
    let (y_step, scratch) = scratch.split_at_mut(y_length);
    let (dy_step, scratch) = scratch.split_at_mut(y_length);
    let saved = pieces(cx.saved, L::MEMORY.saved(samples)).take(In::SHAPE.dims[0]);
    for (step, saved) in saved.enumerate() {
        gather(x, step, x_step);
        gather(y, step, y_step);
        gather(dy, step, dy_step);
        let random = cx.random.at_step(step as u64);
        let (training, trainable) = (cx.training, cx.trainable);
        let cx = &mut Backward { training, trainable, random, logits_gradient: None, saved, scratch };
        let (x, y, dy) = (rows::<In::Step>(x_step), rows::<Out::Step>(y_step), rows::<Out::Step>(dy_step));
        let dx_rows = dx.is_some().then(|| rows::<In::Step>(dx_step));
        layer.backward(cx, x, y, dy, dx_rows, gradient);
        if let Some(dx) = dx.as_deref_mut() {
            scatter(dx_step, step, dx);
        }
    }
}
