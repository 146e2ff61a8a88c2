//! A product whose A is gathered from an image and whose C is scattered over one: what a
//! convolution is made of, without a copy of its windows.
//!
//! The tile is that of [`tile`](super::tile), but each row of A and C stands at an offset of its
//! own, and the depth goes through up to three nested loops.

use super::matrix::MatrixRef;
use super::product::Start;
use super::simd::{Op, Simd, dispatch};
use super::tile::{First, Strips, Sums, Tile, multiply_strips};

/// Offsets in three nested loops: index (i, j, k) is at i · strides\[0\] + j · strides\[1\] +
/// k · strides\[2\].
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub counts: [usize; 3],
    pub strides: [usize; 3],
}

impl Grid {
    /// How many offsets there are.
    pub fn length(&self) -> usize {
        self.counts[0] * self.counts[1] * self.counts[2]
    }

    /// The largest offset, if there is any.
    fn largest(&self) -> Option<usize> {
        let mut largest = 0_usize;
        for (count, stride) in self.counts.iter().zip(&self.strides) {
            largest = largest.checked_add(count.checked_sub(1)?.checked_mul(*stride)?)?;
        }
        Some(largest)
    }

    /// The same offsets in longer inner loops: a loop of one is left out, and two that are one
    /// become one.
    fn merged(mut self) -> Self {
        for _ in 0..2 {
            let ([outer, middle, inner], [far, near, next]) = (self.counts, self.strides);
            if inner == 1 {
                self = Self { counts: [1, outer, middle], strides: [0, far, near] };
            } else if middle == 1 || near == inner * next {
                self = Self { counts: [1, outer, middle * inner], strides: [0, far, next] };
            }
        }
        self
    }
}

/// A matrix that is read: element (r, d) is `values[rows.at(r) + depths.at(d)]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered<'a> {
    values: &'a [f32],
    rows: Grid,
    depths: Grid,
}

impl<'a> Gathered<'a> {
    /// # Panics
    /// If an element lies outside `values`.
    pub fn new(values: &'a [f32], rows: Grid, depths: Grid) -> Self {
        if rows.length() > 0 && depths.length() > 0 {
            let last = rows.largest().zip(depths.largest()).and_then(|(row, depth)| row.checked_add(depth));
            assert!(last.is_some_and(|last| last < values.len()), "{rows:?} and {depths:?} leave {}", values.len());
        }
        Self { values, rows, depths }
    }
}

/// A matrix that is written: element (r, c) is `values[rows.at(r) + c]`.
#[derive(Debug)]
pub(super) struct Scattered<'a> {
    values: &'a mut [f32],
    rows: Grid,
    columns: usize,
}

impl<'a> Scattered<'a> {
    /// # Panics
    /// If an element lies outside `values`.
    pub fn new(values: &'a mut [f32], rows: Grid, columns: usize) -> Self {
        if rows.length() > 0 && columns > 0 {
            let end = rows.largest().and_then(|row| row.checked_add(columns));
            assert!(end.is_some_and(|end| end <= values.len()), "{rows:?} of {columns} leave {}", values.len());
        }
        Self { values, rows, columns }
    }
}

/// C = start + A · B, and then max(0, C) if `rectify`; a NaN stays a NaN.
///
/// # Panics
/// If the sizes do not fit together.
pub(super) fn gathered_product(
    a: Gathered<'_>,
    b: MatrixRef<'_>,
    c: &mut Scattered<'_>,
    start: Start<'_>,
    rectify: bool,
) {
    let columns = c.columns;
    assert!(a.rows.counts == c.rows.counts, "A's rows are {:?}, C's {:?}", a.rows.counts, c.rows.counts);
    assert!(b.columns() == columns, "B has {} columns, C has {columns}", b.columns());
    assert!(b.rows() == a.depths.length(), "A has {} columns, B has {} rows", a.depths.length(), b.rows());
    assert!(b.column_stride() == 1 || columns <= 1, "B's columns are not next to each other");
    if c.rows.length() == 0 {
        return;
    }
    let first = match start {
        Start::Zero => First::Zero,
        Start::Bias(bias) => {
            assert!(bias.len() == columns, "the bias has {} numbers, C has {columns} columns", bias.len());
            First::Row(bias.as_ptr())
        }
        Start::Accumulate => First::Result,
    };
    let task = Task {
        places: a.rows.counts,
        a: a.values.as_ptr(),
        a_strides: a.rows.strides,
        depths: a.depths.merged(),
        b: b.as_ptr(),
        b_row_stride: b.row_stride(),
        first,
        rectify,
        c: c.values.as_mut_ptr(),
        c_strides: c.rows.strides,
        columns,
    };
    dispatch(Multiply(&task));
}

/// The product, with everything that is needed of the matrices. Whoever makes one promises that
/// all elements are valid, A's and B's and the first row's for reads, C's for reads and writes,
/// that C's are no one else's, and that there are rows.
#[derive(Clone, Copy)]
struct Task {
    /// The rows of A and of C, in three nested loops.
    places: [usize; 3],
    a: *const f32,
    a_strides: [usize; 3],
    depths: Grid,
    b: *const f32,
    b_row_stride: usize,
    first: First,
    rectify: bool,
    c: *mut f32,
    c_strides: [usize; 3],
    columns: usize,
}

struct Multiply<'a>(&'a Task);

impl Op for Multiply<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // A copy, because the compiler cannot know that the product does not write to it.
        let task = *self.0;
        // SAFETY: the promise of the task's maker.
        unsafe {
            // A stride of 1 that is known when this is compiled makes addresses cheap.
            if task.depths.strides[2] == 1 {
                let [outer, middle, _] = task.depths.strides;
                let depths = Grid { strides: [outer, middle, 1], ..task.depths };
                multiply_strips(simd, &Task { depths, ..task });
            } else {
                multiply_strips(simd, &task);
            }
        }
    }
}

impl Strips for Task {
    #[inline(always)]
    fn columns(&self) -> usize {
        self.columns
    }

    #[inline(always)]
    unsafe fn strip<S: Simd, const WHOLE: bool>(&self, simd: S, column: usize, vectors: usize, last: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            match (S::REGISTERS, vectors) {
                (32.., 4) => self.run_down::<S, 6, 3, 4, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                (32.., 3) => self.run_down::<S, 8, 4, 3, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                (32.., 2) => self.run_down::<S, 12, 6, 2, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                (32.., _) => self.run_down::<S, 14, 7, 1, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                (16.., 2) => self.run_down::<S, 6, 3, 2, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                (16.., _) => self.run_down::<S, 12, 6, 1, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                _ => self.run_down::<S, 4, 2, 1, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
            }
        }
    }
}

impl Task {
    /// Goes down the rows; the last tile repeats the last row where it has rows to spare.
    ///
    /// # Safety
    /// As [`Strips::strip`].
    #[inline(always)]
    unsafe fn run_down<
        S: Simd,
        const ROWS: usize,
        const HALF: usize,
        const VECTORS: usize,
        const WHOLE: bool,
    >(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        half: Tile<S, HALF, VECTORS, WHOLE>,
        column: usize,
    ) {
        let mut place = Place::default();
        let mut rest = self.places[0] * self.places[1] * self.places[2];
        // SAFETY: the caller's promise; every place that is taken is the task's.
        unsafe {
            while rest > HALF {
                self.run(tile, self.take(&mut place), column);
                rest = rest.saturating_sub(ROWS);
            }
            if rest > 0 {
                self.run(half, self.take(&mut place), column);
            }
        }
    }

    /// The offsets of the next rows in A and in C.
    #[inline(always)]
    fn take<const ROWS: usize>(&self, place: &mut Place) -> [(usize, usize); ROWS] {
        let mut offsets = [(0, 0); ROWS];
        let (a_stride, c_stride) = (self.a_strides[2], self.c_strides[2]);
        if place.index[2] + ROWS < self.places[2] {
            for (row, offset) in offsets.iter_mut().enumerate() {
                *offset = (place.a + row * a_stride, place.c + row * c_stride);
            }
            place.index[2] += ROWS;
            place.a += ROWS * a_stride;
            place.c += ROWS * c_stride;
            return offsets;
        }
        for offset in &mut offsets {
            *offset = (place.a, place.c);
            self.step(place);
        }
        offsets
    }

    /// Goes on to the next row; stays at the last.
    #[inline(always)]
    fn step(&self, place: &mut Place) {
        let [i, j, k] = place.index;
        let next = if k + 1 < self.places[2] {
            place.a += self.a_strides[2];
            place.c += self.c_strides[2];
            place.index = [i, j, k + 1];
            return;
        } else if j + 1 < self.places[1] {
            [i, j + 1, 0]
        } else if i + 1 < self.places[0] {
            [i + 1, 0, 0]
        } else {
            return;
        };
        place.index = next;
        place.a = next[0] * self.a_strides[0] + next[1] * self.a_strides[1];
        place.c = next[0] * self.c_strides[0] + next[1] * self.c_strides[1];
    }

    /// Computes one tile.
    ///
    /// # Safety
    /// As [`Strips::strip`], and the offsets are those of rows of the task.
    #[inline(always)]
    unsafe fn run<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        offsets: [(usize, usize); ROWS],
        column: usize,
    ) {
        let rows = offsets.map(|(a, _)| a);
        let mut b = self.b.wrapping_add(column);
        // SAFETY: the caller's promise; `a` and `b` are at the same depth, and with a row's
        // offset `a` is an element of the task's.
        unsafe {
            let mut sums = self.start(tile, &offsets, column);
            let [outer, middle, inner] = self.depths.counts;
            for i in 0..outer {
                for j in 0..middle {
                    let mut a = self.a.wrapping_add(i * self.depths.strides[0] + j * self.depths.strides[1]);
                    for _ in 0..inner {
                        let vectors = tile.load(b);
                        for (sums, row) in sums.iter_mut().zip(rows) {
                            let a = tile.simd.splat(a.wrapping_add(row).read());
                            for (sum, b) in sums.iter_mut().zip(vectors) {
                                *sum = tile.simd.mul_add(b, a, *sum);
                            }
                        }
                        a = a.wrapping_add(self.depths.strides[2]);
                        b = b.wrapping_add(self.b_row_stride);
                    }
                }
            }
            // With this floor the maximum changes nothing, and there is no branch.
            let floor = tile.simd.splat(if self.rectify { 0.0 } else { f32::NEG_INFINITY });
            for (sums, (_, c)) in sums.into_iter().zip(offsets) {
                tile.store(self.c.wrapping_add(c + column), sums.map(|sum| tile.simd.max(floor, sum)));
            }
        }
    }

    /// The sums' first values.
    ///
    /// # Safety
    /// As [`Task::run`].
    #[inline(always)]
    unsafe fn start<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        offsets: &[(usize, usize); ROWS],
        column: usize,
    ) -> Sums<S, ROWS, VECTORS> {
        // SAFETY: the caller's promise.
        unsafe {
            match self.first {
                First::Zero => [[tile.simd.splat(0.0); VECTORS]; ROWS],
                First::Row(row) => [tile.load(row.wrapping_add(column)); ROWS],
                First::Result => offsets.map(|(_, c)| tile.load(self.c.wrapping_add(c + column))),
            }
        }
    }
}

/// A row on the way through the nested loops, and where it stands in A and in C.
#[derive(Clone, Copy, Default)]
struct Place {
    index: [usize; 3],
    a: usize,
    c: usize,
}
