//! Where the elements that items take stand in a sample.

use core::ops::Range;

use super::{Item, Items};
use crate::shape::{MAXIMUM_RANK, Shape};

/// What is taken of a sample.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    output: Shape,
    /// Where the first element stands.
    start: usize,
    /// How many elements follow one another in the sample as in the output.
    run: usize,
    /// How many there are of each loop around the runs, and from one to the next; the innermost first.
    loops: [(usize, usize); MAXIMUM_RANK],
}

/// What is taken of one dimension.
#[derive(Clone, Copy)]
struct Taken {
    start: usize,
    step: usize,
    count: usize,
}

impl Selection {
    /// What items take that have no mistake; where they have one, what they are likely to mean.
    pub(super) const fn of(items: &Items, shape: &Shape) -> Self {
        let mut selection = Self { output: Shape::SCALAR, start: 0, run: 1, loops: [(1, 0); Shape::MAXIMUM_RANK] };
        let mut axis = 0;
        while axis < shape.rank() {
            let item = items.of_dimension(axis, shape.rank());
            if !matches!(item, Item::At(_)) {
                let taken = taken(item, shape.dim(axis));
                selection.output = match selection.output.append(taken.count) {
                    Some(output) => output,
                    None => selection.output,
                };
            }
            axis += 1;
        }
        selection.laid_out(items, shape)
    }

    /// From the last dimension on: what goes on where the dimension behind it ends is one run with it.
    const fn laid_out(mut self, items: &Items, shape: &Shape) -> Self {
        let (mut stride, mut loops, mut axis) = (1_usize, 0, shape.rank());
        while axis > 0 {
            axis -= 1;
            let Taken { start, step, count } = taken(items.of_dimension(axis, shape.rank()), shape.dim(axis));
            self.start = self.start.saturating_add(start.saturating_mul(stride));
            let to_next = step.saturating_mul(stride);
            if loops == 0 && to_next == self.run {
                self.run = self.run.saturating_mul(count);
            } else if count > 1 {
                self.loops[loops] = (count, to_next);
                loops += 1;
            }
            stride = stride.saturating_mul(shape.dim(axis));
        }
        self
    }

    pub(super) const fn shape(&self) -> Shape {
        self.output
    }

    /// How long each of the runs is.
    pub(super) const fn run(&self) -> usize {
        self.run
    }

    /// Where what is taken stands in a sample, run by run as the output has them.
    #[inline(always)]
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        let Self { start, run, loops, .. } = *self;
        let count = loops.iter().map(|(count, _)| count).product();
        (0..count).map(move |index: usize| {
            let (mut place, mut rest) = (start, index);
            for (count, to_next) in loops {
                place += rest % count * to_next;
                rest /= count;
            }
            place..place + run
        })
    }
}

/// What an item takes of a dimension of this length.
const fn taken(item: Item, length: usize) -> Taken {
    match item {
        Item::All | Item::Rest => Taken { start: 0, step: 1, count: length },
        Item::At(index) => Taken { start: before(index, length), step: 1, count: 1 },
        Item::Range { from, to, step } => {
            let (start, end) = ends(from, to, length);
            let step = if step < 1 { 1 } else { step.unsigned_abs() };
            Taken { start, step, count: if start < end { (end - start).div_ceil(step) } else { 1 } }
        }
    }
}

/// The ends of a range, cut to the dimension.
pub(super) const fn ends(from: Option<isize>, to: Option<isize>, length: usize) -> (usize, usize) {
    let start = match from {
        Some(from) => before(from, length),
        None => 0,
    };
    let end = match to {
        Some(to) => before(to, length),
        None => length,
    };
    (start, end)
}

/// How many elements are before an index.
const fn before(index: isize, length: usize) -> usize {
    let index = if index < 0 { index.saturating_add_unsigned(length) } else { index };
    if index < 0 {
        0
    } else if index.unsigned_abs() < length {
        index.unsigned_abs()
    } else {
        length
    }
}
