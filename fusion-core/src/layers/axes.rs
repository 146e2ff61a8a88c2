//! Axes of a sample, as an option has them: one, or several.

use core::fmt;

use crate::kernels::{Loop, Moves};
use crate::layer::{Floats, Mistake};
use crate::layers::rearranging::stride;
use crate::shape::{MAXIMUM_RANK, Shape, Text};

/// Axes, and the option that gave them: `axis` for one, `axes` for several.
#[derive(Clone, Copy)]
pub(super) struct Axes {
    /// Those past the count mean nothing.
    given: [isize; MAXIMUM_RANK],
    count: usize,
    option: &'static str,
}

// Which option gave them does not count.
impl PartialEq for Axes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

// As Keras writes it: it is what a weight file's digest covers.
impl fmt::Debug for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_slice() {
            [axis] => axis.fmt(f),
            axes => axes.fmt(f),
        }
    }
}

impl Axes {
    /// The last one.
    pub(super) const LAST: Self = Self::one(-1);

    /// The option `axis`. As in Keras the batch is axis 0, and negative axes count from the end.
    pub(super) const fn one(axis: isize) -> Self {
        Self { option: "axis", ..Self::several([axis]) }
    }

    /// The option `axes`.
    pub(super) const fn several<const COUNT: usize>(axes: [isize; COUNT]) -> Self {
        let (mut given, mut i) = ([0; MAXIMUM_RANK], 0);
        while i < COUNT && i < Shape::MAXIMUM_RANK {
            given[i] = axes[i];
            i += 1;
        }
        Self { given, count: COUNT, option: "axes" }
    }

    /// Whether this is the last one alone, however many there are before it.
    pub(super) const fn is_last(&self) -> bool {
        self.count == 1 && self.given[0] == -1
    }

    fn as_slice(&self) -> &[isize] {
        &self.given[..self.count.min(Shape::MAXIMUM_RANK)]
    }

    /// Of each dimension of a sample of this rank, whether it is one of them; or what is wrong.
    const fn found(&self, rank: usize) -> Result<[bool; Shape::MAXIMUM_RANK], Wrong> {
        let (mut along, mut i) = ([false; Shape::MAXIMUM_RANK], 0);
        if self.count == 0 {
            return Err(Wrong::NoAxis);
        }
        while i < self.count {
            if i == Shape::MAXIMUM_RANK {
                return Err(Wrong::TooMany);
            }
            let given = self.given[i];
            let axis = if given < 0 { given + rank as isize + 1 } else { given };
            if axis == 0 {
                return Err(Wrong::Batch);
            }
            if axis < 0 || axis > rank as isize {
                return Err(Wrong::OutOfRange);
            }
            if along[axis as usize - 1] {
                return Err(Wrong::Twice(axis as usize));
            }
            along[axis as usize - 1] = true;
            i += 1;
        }
        Ok(along)
    }

    /// Of each dimension of a sample of this rank, whether it is one of them; none are where something is wrong.
    pub(super) const fn along(&self, rank: usize) -> [bool; Shape::MAXIMUM_RANK] {
        match self.found(rank) {
            Ok(along) => along,
            Err(_) => [false; Shape::MAXIMUM_RANK],
        }
    }

    /// The dimensions along them, in their order in a sample.
    pub(super) const fn dimensions(&self, shape: &Shape) -> Shape {
        let (along, mut dimensions, mut i) = (self.along(shape.rank()), Shape::SCALAR, 0);
        while i < shape.rank() {
            if along[i]
                && let Some(longer) = dimensions.append(shape.dim(i))
            {
                dimensions = longer;
            }
            i += 1;
        }
        dimensions
    }

    /// Puts them behind the other dimensions of a sample; none where they are there already.
    pub(super) const fn last(&self, shape: &Shape) -> Option<Moves> {
        let along = self.along(shape.rank());
        let (mut loops, mut count) = ([Loop { count: 1, from: 0, to: 0 }; Shape::MAXIMUM_RANK], 0);
        let (mut ordered, mut pass) = (true, 0);
        while pass < 2 {
            let mut i = 0;
            while i < shape.rank() {
                if along[i] == (pass == 1) {
                    ordered = ordered && i == count;
                    loops[count] = Loop { count: shape.dim(i), from: stride(shape, i), to: 0 };
                    count += 1;
                }
                i += 1;
            }
            pass += 1;
        }
        if ordered {
            return None;
        }
        let mut to = 1_usize;
        while count > 0 {
            count -= 1;
            loops[count].to = to;
            to = to.saturating_mul(loops[count].count);
        }
        Some(Moves::new([0, 0], &loops))
    }

    /// The mistake of axes along which there are not as many numbers as a layer has features, if they are wrong.
    pub(super) const fn unless_features(&self, features: usize, input: &Shape) -> Option<Mistake> {
        if let Some(mistake) = self.unless_axes(input) {
            return Some(mistake);
        }
        let along = self.dimensions(input);
        if along.length() == features {
            return None;
        }
        let takes = Text::new("takes ").number(features).and(if features == 1 { " feature" } else { " features" });
        let takes = takes.and(if self.count == 1 { " along its axis" } else { " along its axes" });
        let advice = Text::new("there it has ").shape(&along).and(": write ").number(along.length());
        Some(Mistake::shape(takes).advice(advice.and(" for the first argument")))
    }

    /// So many times the numbers of a sample, where they have to be moved.
    pub(super) const fn moved(&self, shape: &Shape, times: usize) -> Floats {
        match self.last(shape) {
            Some(_) => Floats::per_sample(shape.length().saturating_mul(times)),
            None => Floats::NONE,
        }
    }

    pub(super) const fn unless_axes(&self, shape: &Shape) -> Option<Mistake> {
        let rank = shape.rank();
        let message = match self.found(rank) {
            Ok(_) => return None,
            Err(Wrong::NoAxis) => Text::new("there must be at least one axis"),
            Err(Wrong::TooMany) => Text::new("a sample has at most six dimensions"),
            Err(Wrong::Batch) => Text::new("axis 0 is the batch; a sample's first dimension is axis 1"),
            Err(Wrong::OutOfRange) => {
                let text = Text::new("a sample is ").shape(shape).and(", so its axes are 1 to ").number(rank);
                text.and(", or -").number(rank).and(" to -1, with the batch as axis 0")
            }
            Err(Wrong::Twice(axis)) => Text::new("axis ").number(axis).and(" is given twice"),
        };
        Some(Mistake::option(self.option, message))
    }
}

/// What is wrong with axes.
enum Wrong {
    NoAxis,
    TooMany,
    Batch,
    OutOfRange,
    Twice(usize),
}

/// Moves the numbers of each sample of this length.
pub(super) fn each_sample(moves: &Moves, length: usize, from: &[f32], to: &mut [f32]) {
    let samples = from.chunks_exact(length.max(1)).zip(to.chunks_exact_mut(length.max(1)));
    samples.for_each(|(from, to)| moves.apply(from, to));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_come_last_in_their_order() {
        let shape = Shape::new(&[2, 3, 4]);
        let from: Vec<f32> = (0..24_u8).map(f32::from).collect();
        let moved = |axes: Axes| {
            axes.last(&shape).map(|moves| {
                let (mut to, mut back) = (vec![f32::NAN; 24], vec![f32::NAN; 24]);
                each_sample(&moves, 24, &from, &mut to);
                each_sample(&moves.back(), 24, &to, &mut back);
                assert_eq!(back, from);
                to
            })
        };
        assert_eq!(moved(Axes::LAST), None);
        assert_eq!(moved(Axes::several([3, -2])), None);
        assert_eq!(moved(Axes::several([1, 2, 3])), None);
        let of = |place: &dyn Fn(usize, usize, usize) -> usize, [a, b, c]: [usize; 3]| {
            let mut all = vec![];
            (0..a).for_each(|i| (0..b).for_each(|j| (0..c).for_each(|k| all.push(from[place(i, j, k)]))));
            Some(all)
        };
        assert_eq!(moved(Axes::one(1)), of(&|b, c, a| 12 * a + 4 * b + c, [3, 4, 2]));
        assert_eq!(moved(Axes::several([-1, 1])), of(&|b, a, c| 12 * a + 4 * b + c, [3, 2, 4]));
        assert_eq!(Axes::several([-1, 1]).dimensions(&shape), Shape::new(&[2, 4]));
    }
}
