//! What the layers share that give the numbers of their input elsewhere, as they are.

use crate::kernels::{Loop, Moves};
use crate::layer::Mistake;
use crate::shape::{Shape, Tensor, Text};

/// Makes a struct the layer that moves numbers or ids; its options say what comes out of an input, and how.
macro_rules! rearranging {
    ($layer:ident) => {
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $layer {
            const OUTPUT: $crate::layer::Output = O::VALUE.output::<In>();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let moves = const { O::VALUE.moves(&In::SHAPE) };
                $crate::layers::rearranging::apply_to_each::<In, Out>(&moves, In::memory(x), Out::memory_mut(y));
            }
        }

        #[cfg(feature = "training")]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<In, O>
            for $layer
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Backward<'_, Self>,
                _x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let Some(dx) = dx else { return };
                let moves = const { O::VALUE.moves(&In::SHAPE).back() };
                $crate::layers::rearranging::apply_to_each::<Out, In>(&moves, Out::numbers(dy), In::numbers_mut(dx));
            }
        }
    };
}
pub(super) use rearranging;

/// Shows each sample, what it comes from and what it becomes.
pub(super) fn each_sample<From: Tensor, To: Tensor>(
    from: &[f32],
    to: &mut [f32],
    mut show: impl FnMut(&[f32], &mut [f32]),
) {
    let samples = from.chunks_exact(From::SHAPE.length().max(1));
    samples.zip(to.chunks_exact_mut(To::SHAPE.length().max(1))).for_each(|(from, to)| show(from, to));
}

/// Applies the moves to each sample.
pub(super) fn apply_to_each<From: Tensor, To: Tensor>(moves: &Moves, from: &[f32], to: &mut [f32]) {
    each_sample::<From, To>(from, to, |from, to| moves.apply(from, to));
}

/// How far the places of a dimension are apart.
pub(super) const fn stride(shape: &Shape, dimension: usize) -> usize {
    let (mut stride, mut i) = (1_usize, dimension + 1);
    while i < shape.rank() {
        stride = stride.saturating_mul(shape.dim(i));
        i += 1;
    }
    stride
}

/// All numbers of a box go to a larger one, in which it begins at these places.
pub(super) const fn into_larger(small: &Shape, large: &Shape, begin: &[usize]) -> Moves {
    let (mut loops, mut start, mut i) = ([Loop { count: 1, from: 0, to: 0 }; Shape::MAXIMUM_RANK], 0, 0);
    while i < small.rank() {
        loops[i] = Loop { count: small.dim(i), from: stride(small, i), to: stride(large, i) };
        if i < begin.len() {
            start += begin[i] * loops[i].to;
        }
        i += 1;
    }
    Moves::new([0, start], &loops)
}

/// The dimension at an axis of so many dimensions, of a shape that has 1s in front of its own.
pub(super) const fn behind_ones(shape: &Shape, axis: usize, rank: usize) -> usize {
    let ones = rank - shape.rank();
    if axis < ones { 1 } else { shape.dim(axis - ones) }
}

/// Dimensions of 1, and those that are missing in front, are stretched to those of a larger shape, in so many samples that
/// are so far apart; 0 where all have the same.
pub(super) fn stretched(small: &Shape, large: &Shape, samples: usize, apart: usize) -> Moves {
    let mut loops = [Loop { count: 1, from: 0, to: 0 }; Shape::MAXIMUM_RANK + 1];
    let (mut from, mut to) = (1, 1);
    for (axis, each) in loops[1..=large.rank()].iter_mut().enumerate().rev() {
        let (places, count) = (behind_ones(small, axis, large.rank()), large.dim(axis));
        *each = Loop { count, from: if places == count { from } else { 0 }, to };
        (from, to) = (from * places, to * count);
    }
    loops[0] = Loop { count: samples, from: apart, to };
    Moves::new([0, 0], &loops)
}

/// The same shape with so many dimensions, those in front of it of 1.
pub(super) fn aligned(small: &Shape, rank: usize) -> Shape {
    let mut dimensions = [1; Shape::MAXIMUM_RANK];
    dimensions[rank - small.rank()..rank].copy_from_slice(small.dimensions());
    Shape::new(&dimensions[..rank])
}

/// Each place along the first dimensions is there so many times.
pub(super) const fn repeated(shape: &Shape, times: &[usize]) -> Moves {
    let mut loops = [Loop { count: 1, from: 0, to: 0 }; Moves::MOST];
    let (mut to, mut i) = (stride(shape, times.len() - 1), times.len());
    let last = if shape.rank() > times.len() { to } else { 1 };
    while i > 0 {
        i -= 1;
        loops[2 * i + 1] = Loop { count: times[i], from: 0, to };
        to = to.saturating_mul(times[i]);
        loops[2 * i] = Loop { count: shape.dim(i), from: stride(shape, i), to };
        to = to.saturating_mul(shape.dim(i));
    }
    loops[2 * times.len()] = Loop { count: last, from: 1, to: 1 };
    Moves::new([0, 0], &loops)
}

/// A part of a dimension goes to all of another shape's: `count` places of `shape`, from `begin` on, as if they were all.
pub(super) const fn part_of(shape: &Shape, dimension: usize, begin: usize, count: usize) -> Moves {
    let within = stride(shape, dimension);
    let outer = stride(shape, 0).saturating_mul(shape.dim(0)) / (within * shape.dim(dimension));
    let (run, whole) = (within.saturating_mul(count), within.saturating_mul(shape.dim(dimension)));
    let loops = [Loop { count: outer, from: whole, to: run }, Loop { count: run, from: 1, to: 1 }];
    Moves::new([within.saturating_mul(begin), 0], &loops)
}

/// The dimension of a sample of this rank that an axis means, from 0: the batch is axis 0, and negative axes count from
/// the end. None if it is the batch or out of range.
pub(super) const fn dimension(axis: isize, rank: usize) -> Option<usize> {
    let axes = rank as isize + 1;
    let axis = if axis < 0 { axis + axes } else { axis };
    if axis >= 1 && axis < axes { Some(axis as usize - 1) } else { None }
}

/// What is wrong with an axis that means no dimension of `what`, such as "a sample", of this shape.
pub(super) const fn no_dimension(option: &'static str, axis: isize, what: &str, shape: &Shape) -> Mistake {
    let rank = shape.rank();
    if axis == 0 || axis == -(rank as isize) - 1 {
        return Mistake::option(option, Text::new("axis 0 is the batch; a sample's first dimension is axis 1"));
    }
    let text = Text::new(what).and(" is ").shape(shape);
    if rank == 0 {
        return Mistake::option(option, text.and(", which has no axis but the batch"));
    }
    let text = text.and(", so its axes are 1 to ").number(rank);
    Mistake::option(option, text.and(", or -").number(rank).and(" to -1, with the batch as axis 0"))
}

/// The mistake of a layer whose axis is not given, with an example of how it is.
pub(super) const fn needs_axis(example: &str) -> Mistake {
    let advice = Text::new("write `").and(example).and("`: the batch is axis 0, a sample's first dimension axis 1");
    Mistake::missing(Text::new("needs an axis")).advice(advice)
}
