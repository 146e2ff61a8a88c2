//! The vectors of a sample along some of its axes, wherever they lie.

use core::ops::Range;

use crate::layers::axes::Axes;
use crate::shape::{MAXIMUM_RANK, Shape};

/// 1 / Keras's smallest length.
const LARGEST_FACTOR: f64 = 1e12;
/// How many numbers that lie side by side are worked on together.
const LANES: usize = 16;

/// Dimensions of a sample: the length of each, and how far its places are apart.
struct Grid {
    dimensions: [(usize, usize); MAXIMUM_RANK],
    rank: usize,
}

impl Grid {
    fn places(&self) -> usize {
        self.dimensions[..self.rank].iter().map(|(length, _)| length).product()
    }

    #[inline(always)]
    fn place(&self, mut index: usize) -> usize {
        let mut place = 0;
        for (length, stride) in self.dimensions[..self.rank].iter().rev() {
            place += index % length * stride;
            index /= length;
        }
        place
    }

    fn push(&mut self, length: usize, stride: usize) {
        self.dimensions[self.rank] = (length, stride);
        self.rank += 1;
    }
}

/// The vectors of a sample. Numbers along the last dimension are a row, which is of one vector or of as many as it has
/// numbers.
pub(super) struct Vectors {
    /// The other dimensions along which the vectors lie.
    along: Grid,
    /// The other dimensions across which they lie.
    across: Grid,
    row: usize,
    of_one: bool,
}

impl Vectors {
    pub(super) fn of(axes: &Axes, shape: &Shape) -> Self {
        let along = axes.along(shape.rank());
        let last = shape.rank().saturating_sub(1);
        let empty = || Grid { dimensions: [(1, 0); Shape::MAXIMUM_RANK], rank: 0 };
        let mut vectors = Self { along: empty(), across: empty(), row: shape.last(), of_one: along[last] };
        for (dimension, along) in along.iter().enumerate().take(last) {
            let grid = if *along { &mut vectors.along } else { &mut vectors.across };
            grid.push(shape.dim(dimension), shape.dimensions()[dimension + 1..].iter().product());
        }
        vectors
    }

    /// Shows all of them: one, or a few side by side.
    #[inline(always)]
    pub(super) fn for_each(&self, mut show: impl FnMut(&Block<'_>)) {
        let width = if self.of_one { self.row } else { LANES };
        for place in (0..self.across.places()).map(|index| self.across.place(index)) {
            for column in (0..self.row).step_by(width.max(1)) {
                show(&Block { vectors: self, start: place + column, width: width.min(self.row - column) });
            }
        }
    }
}

/// One vector, or a few whose numbers lie side by side, each on a lane.
pub(super) struct Block<'a> {
    vectors: &'a Vectors,
    start: usize,
    /// How many numbers of each row belong to it.
    width: usize,
}

impl Block<'_> {
    fn rows(&self) -> impl Iterator<Item = Range<usize>> {
        let Self { vectors: Vectors { along, .. }, start, width } = self;
        (0..along.places()).map(move |index| along.place(index) + start).map(move |start| start..start + width)
    }

    /// Σ a · b of the vector on each lane.
    #[inline(always)]
    fn products(&self, a: &[f32], b: &[f32]) -> [f64; LANES] {
        let mut sums = [0.0; LANES];
        for row in self.rows() {
            for (a, b) in a[row.clone()].chunks(LANES).zip(b[row].chunks(LANES)) {
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += f64::from(*a) * f64::from(*b);
                }
            }
        }
        if self.vectors.of_one { [sums.iter().sum(); LANES] } else { sums }
    }

    /// What the vector on each lane is multiplied by.
    #[inline(always)]
    fn factors(&self, x: &[f32]) -> [f64; LANES] {
        self.products(x, x).map(|square| {
            let factor = 1.0 / libm::sqrt(square);
            if factor > LARGEST_FACTOR { LARGEST_FACTOR } else { factor }
        })
    }

    #[inline(always)]
    pub(super) fn normalize(&self, x: &[f32], y: &mut [f32]) {
        let factors = self.factors(x).map(|factor| factor as f32);
        for row in self.rows() {
            for (y, x) in y[row.clone()].chunks_mut(LANES).zip(x[row].chunks(LANES)) {
                for ((y, x), factor) in y.iter_mut().zip(x).zip(&factors) {
                    *y = x * factor;
                }
            }
        }
    }

    /// dx = factor · (dy − x · Σ x dy · factor²)
    #[cfg(feature = "training")]
    #[inline(always)]
    pub(super) fn gradient(&self, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let (factors, mut slopes) = (self.factors(x), self.products(x, dy));
        for (slope, factor) in slopes.iter_mut().zip(factors) {
            // The factor of a vector that is too short is a constant.
            *slope = if factor < LARGEST_FACTOR { *slope * factor * factor } else { 0.0 };
        }
        let (factors, slopes) = (factors.map(|factor| factor as f32), slopes.map(|slope| slope as f32));
        for row in self.rows() {
            let parts = dx[row.clone()].chunks_mut(LANES).zip(x[row.clone()].chunks(LANES)).zip(dy[row].chunks(LANES));
            for ((dx, x), dy) in parts {
                for ((((dx, x), dy), factor), slope) in dx.iter_mut().zip(x).zip(dy).zip(&factors).zip(&slopes) {
                    *dx = factor * (dy - x * slope);
                }
            }
        }
    }
}
