//! A product whose A is gathered from an image and whose C is scattered over one: what a
//! convolution is made of, without a copy of its windows.
//!
//! The tile is that of [`tile`](super::tile), but each row of A and C stands at an offset of its
//! own, and the depth goes through up to three nested loops. A product of one column has no use for tiles:
//! [`mod@column`].

mod column;

use core::ptr::null_mut;

#[cfg(feature = "training")]
use super::blocks::Held;
use super::blocks::{Block, Blocks};
use super::dispatch::{Op, dispatch};
use super::grid::{Gathered, Grid, Scattered};
use super::matrix::MatrixRef;
use super::parts::SAMPLES;
use super::product::Start;
use super::simd::Simd;
use super::strips::{First, Strips, masked_alone, multiply_strips, widest};
use super::tile::{Sums, Tile};

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
    let columns = c.columns();
    let first = match start {
        Start::Zero => First::Zero,
        Start::Bias(bias) => {
            assert!(bias.len() == columns, "the bias has {} numbers, C has {columns} columns", bias.len());
            First::Row(bias.as_ptr())
        }
        Start::Accumulate => First::Result,
    };
    // The maker's promise, see `checked`.
    if c.rows().length() > 0 {
        dispatch(Multiply(&checked::<false>(a, b, c, first, rectify)));
    }
}

/// C += A · B, where the depth goes through samples: it is added up in blocks, as [`super::add_gradient`] does.
///
/// # Panics
/// If the sizes do not fit together.
#[cfg(feature = "training")]
pub(super) fn add_gathered_gradient(a: Gathered<'_>, b: MatrixRef<'_>, c: &mut Scattered<'_>) {
    // The maker's promise, see `checked`; without depth there would be no block.
    if c.rows().length() > 0 && b.rows() > 0 {
        let mut held = Held::new();
        dispatch(Multiply(&Task { held: held.as_mut_ptr(), ..checked::<true>(a, b, c, First::Result, false) }));
    }
}

/// The product of matrices that fit together: their constructors checked that all their elements are inside their
/// slices, and this checks that the sizes agree.
fn checked<const ADDED: bool>(
    a: Gathered<'_>,
    b: MatrixRef<'_>,
    c: &mut Scattered<'_>,
    first: First,
    rectify: bool,
) -> Task<ADDED> {
    let (rows, depths, columns) = (c.rows(), a.depths(), c.columns());
    assert!(a.rows().counts == rows.counts, "A's rows are {:?}, C's {:?}", a.rows().counts, rows.counts);
    assert!(b.columns() == columns, "B has {} columns, C has {columns}", b.columns());
    assert!(b.rows() == depths.length(), "A has {} columns, B has {} rows", depths.length(), b.rows());
    assert!(b.column_stride() == 1 || columns <= 1, "B's columns are not next to each other");
    Task {
        places: rows.counts,
        a: a.as_ptr(),
        a_strides: a.rows().strides,
        depths: if ADDED { depths.merged() } else { depths.merged_or_near() },
        b: b.as_ptr(),
        b_row_stride: b.row_stride(),
        first,
        rectify,
        c: c.as_mut_ptr(),
        c_strides: rows.strides,
        columns,
        held: null_mut(),
    }
}

/// The product, with everything that is needed of the matrices. Whoever makes one promises that
/// all elements are valid, A's and B's and the first row's for reads, C's for reads and writes,
/// that C's are no one else's, and that there are rows.
///
/// If it is `ADDED`, a sum over samples, it begins at zero after each block of the depth, and the sum of the blocks is
/// added to the result.
#[derive(Clone, Copy)]
struct Task<const ADDED: bool> {
    /// The rows of A and of C, in three nested loops.
    places: [usize; 3],
    a: *const f32,
    a_strides: [usize; 3],
    /// The innermost stride is 1, unless it is `ADDED`.
    depths: Grid,
    b: *const f32,
    b_row_stride: usize,
    first: First,
    rectify: bool,
    c: *mut f32,
    c_strides: [usize; 3],
    columns: usize,
    /// That of a [`Held`], if it is `ADDED`.
    held: *mut f32,
}

struct Multiply<'a, const ADDED: bool>(&'a Task<ADDED>);

impl<const ADDED: bool> Op for Multiply<'_, ADDED> {
    type Output = ();
    #[cfg_attr(not(unoptimized), inline(always))]
    fn run<S: Simd>(self, simd: S) {
        // A copy, because the compiler cannot know that the product does not write to it.
        let mut task = *self.0;
        if !ADDED {
            // Known when this is compiled, it makes addresses cheap.
            task.depths.strides[2] = 1;
        }
        let in_runs = task.depths.strides[2] == 1 && task.b_row_stride == 1;
        // SAFETY: the promise of the task's maker.
        unsafe {
            if task.columns == 1 && in_runs && task.depths.counts[2] >= S::LANES {
                return if ADDED { task.add_column(simd) } else { task.multiply_column(simd) };
            }
            multiply_strips(simd, &task);
        }
    }
}

impl<const ADDED: bool> Strips for Task<ADDED> {
    #[inline(always)]
    fn columns(&self) -> usize {
        self.columns
    }

    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn strip<S: Simd, const WHOLE: bool>(&self, simd: S, column: usize, vectors: usize, last: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            // Constant, so that tiles of other instruction sets are not even compiled.
            match const { widest::<S>() } {
                4 => match vectors {
                    4 => self.run_down::<S, 6, 3, 4, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                    _ if const { WHOLE && masked_alone::<S>() } => {}
                    3 => self.run_down::<S, 8, 4, 3, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                    2 => self.run_down::<S, 12, 6, 2, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                    _ => self.run_down::<S, 14, 7, 1, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                },
                2 => match vectors {
                    // As in the product's; only here such a tile of six rows does go through memory.
                    2 if const { ADDED && !S::FUSES } => {
                        self.run_down::<S, 5, 4, 2, WHOLE>(Tile { simd, last }, Tile { simd, last }, column);
                    }
                    2 => self.run_down::<S, 6, 3, 2, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                    _ => self.run_down::<S, 12, 6, 1, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
                },
                _ => self.run_down::<S, 4, 2, 1, WHOLE>(Tile { simd, last }, Tile { simd, last }, column),
            }
        }
    }
}

impl<const ADDED: bool> Task<ADDED> {
    /// Goes down the rows; the last tile repeats the last row where it has rows to spare.
    ///
    /// # Safety
    /// As [`Strips::strip`].
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn run_down<S: Simd, const ROWS: usize, const HALF: usize, const VECTORS: usize, const WHOLE: bool>(
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
    #[cfg_attr(not(unoptimized), inline(always))]
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
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn run<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        offsets: [(usize, usize); ROWS],
        column: usize,
    ) {
        let rows = offsets.map(|(a, _)| a);
        // SAFETY: the caller's promise.
        unsafe {
            let mut sums = if ADDED {
                self.sums_of_blocks(tile, rows, column)
            } else {
                self.sums(tile, rows, column, self.first(tile, &offsets, column))
            };
            if ADDED {
                // All of it before anything is written, as a row may come twice.
                for (sums, (_, c)) in sums.iter_mut().zip(offsets) {
                    for (sum, result) in sums.iter_mut().zip(tile.load(self.c.wrapping_add(c + column))) {
                        *sum = tile.simd.add(*sum, result);
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

    /// `sums` and those of the depth.
    ///
    /// # Safety
    /// As [`Task::run`].
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn sums<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        rows: [usize; ROWS],
        column: usize,
        mut sums: Sums<S, ROWS, VECTORS>,
    ) -> Sums<S, ROWS, VECTORS> {
        let [outer, middle, inner] = self.depths.counts;
        let mut b = self.b.wrapping_add(column);
        for i in 0..outer {
            let a = self.a.wrapping_add(i * self.depths.strides[0]);
            // SAFETY: the caller's promise; `a` and `b` are at the same depth.
            b = unsafe { self.add_steps(tile, rows, a, b, [middle, inner], &mut sums) };
        }
        sums
    }

    /// The sums of the depth, where each block of it begins at zero.
    ///
    /// # Safety
    /// As [`Task::run`], and there is depth.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn sums_of_blocks<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        rows: [usize; ROWS],
        column: usize,
    ) -> Sums<S, ROWS, VECTORS> {
        let [far, near, next] = self.depths.strides;
        let mut blocks = Blocks::new(self.depths.counts, SAMPLES);
        let mut b = self.b.wrapping_add(column);
        let mut holds = false;
        loop {
            let Block { begin: [i, j, k], counts } = blocks.next();
            let a = self.a.wrapping_add(i * far + j * near + k * next);
            let mut sums = [[tile.simd.splat(0.0); VECTORS]; ROWS];
            // SAFETY: the caller's promise, and the maker's; `a` and `b` are at the same depth, as blocks follow it.
            unsafe {
                b = self.add_steps(tile, rows, a, b, counts, &mut sums);
                if holds {
                    tile.add_held(&mut sums, self.held);
                }
                if blocks.ended() {
                    return sums;
                }
                tile.hold(&sums, self.held);
            }
            holds = true;
        }
    }

    /// Adds the products of some runs of the depth and some steps of each; gives B's next row.
    ///
    /// # Safety
    /// As [`Task::run`]; `a` and `b` are at the same depth, and with a row's offset `a` is an element of the task's.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn add_steps<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
        &self,
        tile: Tile<S, ROWS, VECTORS, WHOLE>,
        rows: [usize; ROWS],
        a: *const f32,
        mut b: *const f32,
        [runs, steps]: [usize; 2],
        sums: &mut Sums<S, ROWS, VECTORS>,
    ) -> *const f32 {
        for j in 0..runs {
            let mut a = a.wrapping_add(j * self.depths.strides[1]);
            for _ in 0..steps {
                // SAFETY: the caller's promise.
                unsafe {
                    let vectors = tile.load(b);
                    for (sums, row) in sums.iter_mut().zip(rows) {
                        let a = tile.simd.splat(a.wrapping_add(row).read());
                        for (sum, b) in sums.iter_mut().zip(vectors) {
                            *sum = tile.simd.mul_add(b, a, *sum);
                        }
                    }
                }
                a = a.wrapping_add(self.depths.strides[2]);
                b = b.wrapping_add(self.b_row_stride);
            }
        }
        b
    }

    /// What the sums start from.
    ///
    /// # Safety
    /// As [`Task::run`].
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn first<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
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
