//! Products in strips of columns, and which tile goes down each.

use core::ops::Range;

use super::panel;
use super::parts::SAMPLES;
use super::simd::{Scalar, Simd};
use super::tile::Tile;

/// What the sums of a product start from.
#[derive(Clone, Copy)]
pub(super) enum First {
    /// From zero.
    Zero,
    /// From this row.
    Row(*const f32),
    /// From what the result holds.
    Result,
}

/// A product: C\[r\]\[c\] = first + Σ_d A\[r\]\[d\] · B\[d\]\[c\].
///
/// If it is `ADDED`, a sum over samples, it begins at zero after every [`SAMPLES`] steps, and the sum of such blocks is
/// added to the result.
///
/// The elements of A's rows are next to each other, or if it is `ADDED`, those of its columns: strides that are known when
/// this is compiled make addresses cheap, and others would be compiled for few.
#[derive(Clone, Copy)]
pub(super) struct Task<const ADDED: bool = false> {
    pub rows: usize,
    pub columns: usize,
    pub depth: usize,
    pub a: *const f32,
    /// From a row of A to the next, or if it is `ADDED`, from a column.
    pub a_stride: usize,
    pub b: *const f32,
    pub b_row_stride: usize,
    pub first: First,
    /// Negative results become zero.
    pub rectify: bool,
    pub c: *mut f32,
    pub c_row_stride: usize,
    /// That of a [`Held`](super::blocks::Held), if it is `ADDED`.
    pub held: *mut f32,
    /// That of a [`Panel`](super::panel::Panel), or null.
    pub panel: *mut f32,
}

/// A product that is computed in strips of columns.
pub(super) trait Strips {
    /// Columns of the result.
    fn columns(&self) -> usize;

    /// Computes `vectors` vectors of columns; `last` lanes of the last one are used, all of them
    /// if the strip is `WHOLE`.
    ///
    /// # Safety
    /// As [`multiply_strips`], and the columns from `column` on that the strip covers are the
    /// result's.
    unsafe fn strip<S: Simd, const WHOLE: bool>(&self, simd: S, column: usize, vectors: usize, last: usize);
}

/// Runs `task`, whose sizes are known at run time.
///
/// # Safety
/// All elements of the task's matrices and of its first row are valid: A's and B's for reads,
/// C's for reads and writes, and C's are no one else's.
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn multiply_strips<S: Simd>(simd: S, task: &impl Strips) {
    let mut column = 0;
    while column < task.columns() {
        let rest = task.columns() - column;
        let vectors = if S::MASKS { rest.div_ceil(S::LANES) } else { rest / S::LANES };
        let vectors = vectors.min(widest::<S>());
        // SAFETY: the caller's promise, and the strip's columns are among the rest.
        unsafe {
            if vectors == 0 {
                task.strip::<Scalar, true>(Scalar, column, 1, 1);
                column += 1;
            } else if const { !S::MASKS }
                || (vectors * S::LANES <= rest && (const { !masked_alone::<S>() } || vectors == widest::<S>()))
            {
                task.strip::<S, true>(simd, column, vectors, S::LANES);
                column += vectors * S::LANES;
            } else if const { S::MASKS } {
                let columns = rest.min(vectors * S::LANES);
                task.strip::<S, false>(simd, column, vectors, columns - (vectors - 1) * S::LANES);
                column += columns;
            }
        }
    }
}

/// Runs `task`, which has one row and sizes that are known at compile time.
///
/// # Safety
/// As [`multiply_strips`].
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn multiply_row<S: Simd>(simd: S, task: &Task) {
    let mut column = 0;
    // SAFETY: the caller's promise, and every tile's columns are among the rest.
    unsafe {
        while task.columns - column >= widest::<S>() * S::LANES {
            match const { widest::<S>() } {
                4 => Tile::<S, 1, 4, true>::whole(simd).run::<2, false>(task, 0, column),
                2 => Tile::<S, 1, 2, true>::whole(simd).run::<4, false>(task, 0, column),
                _ => Tile::<S, 1, 1, true>::whole(simd).run::<4, false>(task, 0, column),
            }
            column += widest::<S>() * S::LANES;
        }
        while task.columns - column >= S::LANES {
            Tile::<S, 1, 1, true>::whole(simd).run::<4, false>(task, 0, column);
            column += S::LANES;
        }
        if const { S::MASKS } {
            if column < task.columns {
                let last = task.columns - column;
                Tile::<S, 1, 1, false> { simd, last }.run::<4, false>(task, 0, column);
            }
            return;
        }
        while column < task.columns {
            Tile::<Scalar, 1, 1, true>::whole(Scalar).run::<4, false>(task, 0, column);
            column += 1;
        }
    }
}

/// Whether strips that are not the widest are compiled with a mask only, which then may have all lanes: there are many
/// kinds of them, and masks cost next to nothing.
pub(super) const fn masked_alone<S: Simd>() -> bool {
    S::MASKS && widest::<S>() == 4
}

/// Vectors in the widest tile.
#[inline(always)]
pub(super) const fn widest<S: Simd>() -> usize {
    match S::REGISTERS {
        32.. => 4,
        16.. => 2,
        _ => 1,
    }
}

impl<const ADDED: bool> Strips for Task<ADDED> {
    #[inline(always)]
    fn columns(&self) -> usize {
        self.columns
    }

    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn strip<S: Simd, const WHOLE: bool>(&self, simd: S, column: usize, vectors: usize, last: usize) {
        let strip = self.columns(column..self.columns.min(column + vectors * S::LANES));
        let packs = const { WHOLE && panel::gains::<S>() } && vectors == widest::<S>() && !self.panel.is_null();
        let most = if packs { panel::ROWS } else { strip.depth_of_part(vectors, S::LANES) };
        let mut done = 0;
        loop {
            let mut part = strip.depth(done..self.depth.min(done.saturating_add(most)));
            done += part.depth;
            // SAFETY: the caller's promise, as the part's columns and depth are the task's.
            unsafe {
                if packs {
                    panel::pack(simd, &mut part);
                }
                part.tiles::<S, WHOLE>(simd, vectors, last);
            }
            if done == self.depth {
                return;
            }
        }
    }
}

impl<const ADDED: bool> Task<ADDED> {
    /// Goes down a strip.
    ///
    /// # Safety
    /// As [`Strips::strip`]; the strip is all of the task's columns.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn tiles<S: Simd, const WHOLE: bool>(&self, simd: S, vectors: usize, last: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            // Constant, so that tiles of other instruction sets are not even compiled.
            match const { widest::<S>() } {
                4 => match vectors {
                    4 => Tile::<S, 6, 4, WHOLE> { simd, last }.run_down::<3, 2, ADDED>(self),
                    _ if const { WHOLE && masked_alone::<S>() } => {}
                    3 => Tile::<S, 8, 3, WHOLE> { simd, last }.run_down::<4, 2, ADDED>(self),
                    2 => Tile::<S, 12, 2, WHOLE> { simd, last }.run_down::<6, 4, ADDED>(self),
                    _ => Tile::<S, 16, 1, WHOLE> { simd, last }.run_down::<8, 4, ADDED>(self),
                },
                2 => match vectors {
                    // Beside the sums there are products, each in a register until it is added, and the compiler
                    // keeps A's numbers for the second vector: with more rows sums would go through memory.
                    2 if const { !S::FUSES } => Tile::<S, 4, 2, WHOLE> { simd, last }.run_down::<2, 4, ADDED>(self),
                    2 => Tile::<S, 6, 2, WHOLE> { simd, last }.run_down::<3, 4, ADDED>(self),
                    _ => Tile::<S, 12, 1, WHOLE> { simd, last }.run_down::<6, 4, ADDED>(self),
                },
                _ => Tile::<S, 4, 1, WHOLE> { simd, last }.run_down::<2, 2, ADDED>(self),
            }
        }
    }

    /// From an element of A to the one below it.
    #[inline(always)]
    pub fn row_stride(&self) -> usize {
        if ADDED { 1 } else { self.a_stride }
    }

    /// From an element of A to the one at its right.
    #[inline(always)]
    pub fn column_stride(&self) -> usize {
        if ADDED { self.a_stride } else { 1 }
    }

    pub fn multiplications(&self) -> usize {
        self.rows.saturating_mul(self.columns).saturating_mul(self.depth)
    }

    /// Some columns of the result.
    #[inline(always)]
    pub fn columns(&self, columns: Range<usize>) -> Self {
        let first = match self.first {
            First::Row(row) => First::Row(row.wrapping_add(columns.start)),
            first => first,
        };
        let (b, c) = (self.b.wrapping_add(columns.start), self.c.wrapping_add(columns.start));
        Self { columns: columns.len(), b, c, first, ..*self }
    }

    /// Some rows of the result.
    pub fn rows(&self, rows: Range<usize>) -> Self {
        let a = self.a.wrapping_add(rows.start * self.row_stride());
        let c = self.c.wrapping_add(rows.start * self.c_row_stride);
        Self { rows: rows.len(), a, c, ..*self }
    }

    /// Some of the depth: what the sums of earlier parts are is in the result.
    #[inline(always)]
    pub fn depth(&self, depth: Range<usize>) -> Self {
        let (a, b) = (
            self.a.wrapping_add(depth.start * self.column_stride()),
            self.b.wrapping_add(depth.start * self.b_row_stride),
        );
        let first = if depth.start == 0 { self.first } else { First::Result };
        let rectify = self.rectify && depth.end == self.depth;
        Self { depth: depth.len(), a, b, first, rectify, ..*self }
    }

    /// How deep the tiles of a strip go at most before all of them go on: they read the same part of
    /// B, which then is still in the cache, and so are A's columns where they lie apart, as each step
    /// takes a line of 64 bytes for a few of its numbers.
    #[inline(always)]
    fn depth_of_part(&self, vectors: usize, lanes: usize) -> usize {
        const FIRST_CACHE: usize = 20 * 1024;
        const SECOND_CACHE: usize = 160 * 1024;
        let step = (vectors * lanes).min(self.columns) * size_of::<f32>();
        let most = if self.column_stride() == 1 { SECOND_CACHE / step } else { FIRST_CACHE / (step + 64) };
        // Each part walks over the result, which has to pay: not for a tile or two, nor for little depth.
        if self.rows * vectors <= 24 || self.depth <= 3 * most { self.depth } else { most.next_multiple_of(SAMPLES) }
    }
}
