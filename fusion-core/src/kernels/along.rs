//! A few rows times a wide matrix: along the matrix's rows, several at a time.
//!
//! A tile would go down a strip of columns and touch a line of 64 bytes in every row, far from the next. Here the weights
//! are read in the order in which they lie, as fast as memory gives them; the sums stay in the first cache.

use super::dispatch::Op;
use super::simd::{Scalar, Simd};
use super::strips::{First, Task, widest};

/// Rows of B that all of A go through before the next ones.
const BLOCK: usize = 16;
/// More rows of A never go along B, at no level.
pub(super) const MOST_ROWS: usize = 16;

/// Whether it is faster to go along the rows of B than down its strips: it does not lie in the first cache, strips leave
/// much of each row out, and A's rows are few.
pub(super) struct IsWorth<'a>(pub &'a Task);

impl Op for IsWorth<'_> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> bool {
        let Task { rows, columns, depth, .. } = *self.0;
        let far = match (S::FUSES, S::REGISTERS) {
            // Lines of a strip that are so far apart share few places of the first cache.
            (true, ..32) if columns.is_multiple_of(256) => 1 << 14,
            (true, _) => 1 << 15,
            (false, _) => 1 << 19,
        };
        let strip = widest::<S>() * S::LANES;
        let is_wide = columns >= 2 * strip && columns.saturating_mul(depth) >= far;
        is_wide && rows <= most_rows::<S>(columns, depth)
    }
}

/// So many rows of A go along B's. Measured on Zen 4, where one row is 1.1 to 10 times as fast from there on, and more are 1.1
/// to 6 times; least where strips take several lines of each row, and where the sums of the rows are short.
#[inline(always)]
const fn most_rows<S: Simd>(columns: usize, depth: usize) -> usize {
    match (columns, S::FUSES, S::REGISTERS) {
        (2048.., true, 32..) if depth >= 1024 => 8,
        (2048.., _, ..32) => MOST_ROWS,
        (1000.., true, ..32) => 5,
        (1000.., ..) | (256.., true, ..32) => 2,
        _ => 1,
    }
}

/// Whoever makes one promises what [`multiply_strips`](super::strips::multiply_strips) asks for.
pub(super) struct Along<'a>(pub &'a Task);

impl Op for Along<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let task = *self.0;
        // SAFETY: the maker's promise.
        unsafe { multiply_along(simd, &task) };
    }
}

/// Runs `task`.
///
/// # Safety
/// As [`multiply_strips`](super::strips::multiply_strips).
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn multiply_along<S: Simd>(simd: S, task: &Task) {
    // SAFETY: the caller's promise; the rows and the blocks' depths are the task's.
    unsafe {
        (0..task.rows).for_each(|row| begin(&task.rows(row..row + 1)));
        let most = if task.rows > 1 { BLOCK } else { task.depth };
        for depth in (0..task.depth).step_by(most) {
            let block = task.depth(depth..task.depth.min(depth + most));
            let mut row = 0;
            while row < task.rows {
                // As many factors as registers hold beside sums and products.
                row += match (task.rows - row, const { S::REGISTERS >= 32 && S::FUSES }, S::FUSES) {
                    (4.., true, _) => down::<S, 4, 4>(simd, &block, row),
                    (2.., true, _) => down::<S, 2, 8>(simd, &block, row),
                    (4.., _, true) => down::<S, 4, 2>(simd, &block, row),
                    (2.., _, true) => down::<S, 2, 4>(simd, &block, row),
                    (_, _, true) => down::<S, 1, 8>(simd, &block, row),
                    (2.., ..) => down::<S, 2, 2>(simd, &block, row),
                    _ => down::<S, 1, 4>(simd, &block, row),
                };
            }
        }
        if task.rectify {
            (0..task.rows).for_each(|row| rectify(&task.rows(row..row + 1)));
        }
    }
}

/// Writes what the sums of a row start from.
///
/// # Safety
/// As [`multiply_along`].
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn begin(task: &Task) {
    // SAFETY: the caller's promise: C's row and the first row have the task's columns, and C is no one else's.
    unsafe {
        match task.first {
            First::Zero => task.c.write_bytes(0, task.columns),
            First::Row(first) => task.c.copy_from_nonoverlapping(first, task.columns),
            First::Result => {}
        }
    }
}

/// Negative numbers of a row become zero; a NaN stays one.
///
/// # Safety
/// As [`multiply_along`].
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn rectify(task: &Task) {
    for column in 0..task.columns {
        // SAFETY: the caller's promise, as the column is the task's.
        unsafe {
            let sum = task.c.add(column);
            if sum.read() < 0.0 {
                sum.write(0.0);
            }
        }
    }
}

/// Adds all rows of B to some of the sums' rows, so many of both together: each time the sums are read and written once.
/// Gives the number of the sums' rows.
///
/// # Safety
/// As [`multiply_along`], and the rows from `first` on are the task's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn down<S: Simd, const ROWS: usize, const COUNT: usize>(simd: S, task: &Task, first: usize) -> usize {
    let task = &task.rows(first..first + ROWS);
    let few = task.depth % COUNT;
    // SAFETY: the caller's promise; the rows are B's.
    unsafe {
        for row in 0..few {
            add::<S, ROWS, 1>(simd, task, row);
        }
        for row in (few..task.depth).step_by(COUNT) {
            add::<S, ROWS, COUNT>(simd, task, row);
        }
    }
    ROWS
}

/// Adds so many rows of B, each times its elements of A.
///
/// # Safety
/// As [`multiply_along`], and the rows are B's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn add<S: Simd, const ROWS: usize, const COUNT: usize>(simd: S, task: &Task, row: usize) {
    // SAFETY: the caller's promise, as the vectors and what is left of them are within the task's columns.
    unsafe {
        let b = task.b.add(row * task.b_row_stride);
        let whole = task.columns - task.columns % S::LANES;
        let these = factors::<S, ROWS, COUNT>(simd, task, row);
        for column in (0..whole).step_by(S::LANES) {
            vector(simd, task, (&these, b), column);
        }
        if whole < task.columns {
            let these = factors::<Scalar, ROWS, COUNT>(Scalar, task, row);
            for column in whole..task.columns {
                vector(Scalar, task, (&these, b), column);
            }
        }
    }
}

/// What so many rows of B are multiplied with: A's elements, one by one, as arrays of them would go through memory.
///
/// # Safety
/// As [`multiply_along`], and the rows are B's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn factors<S: Simd, const ROWS: usize, const COUNT: usize>(
    simd: S,
    task: &Task,
    first: usize,
) -> [[S::Vector; COUNT]; ROWS] {
    let mut factors = [[simd.splat(0.0); COUNT]; ROWS];
    for (row, factors) in factors.iter_mut().enumerate() {
        for (index, factor) in factors.iter_mut().enumerate() {
            // SAFETY: the caller's promise, as A has an element for each row of B.
            *factor = simd.splat(unsafe { task.a.add(row * task.row_stride() + first + index).read() });
        }
    }
    factors
}

/// A vector of the sums of each row.
///
/// # Safety
/// As [`multiply_along`], and the vector's columns are the task's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn vector<S: Simd, const ROWS: usize, const COUNT: usize>(
    simd: S,
    task: &Task,
    (factors, b): (&[[S::Vector; COUNT]; ROWS], *const f32),
    column: usize,
) {
    let c = |row: usize| task.c.wrapping_add(row * task.c_row_stride + column);
    // SAFETY: the caller's promise.
    unsafe {
        let load = |index: usize| simd.load(b.add(index * task.b_row_stride + column));
        if ROWS == 1 {
            // In two chains of additions. Each vector of B is used once, and stays in no register.
            let mut sums = [simd.load(c(0)), simd.splat(0.0)];
            for (index, factor) in factors[0].iter().enumerate() {
                sums[index % 2] = simd.mul_add(load(index), *factor, sums[index % 2]);
            }
            return simd.store(c(0), simd.add(sums[0], sums[1]));
        }
        let mut vectors = [simd.splat(0.0); COUNT];
        for (index, vector) in vectors.iter_mut().enumerate() {
            *vector = load(index);
        }
        for (row, factors) in factors.iter().enumerate() {
            let mut sum = simd.load(c(row));
            for (factor, b) in factors.iter().zip(vectors) {
                sum = simd.mul_add(b, *factor, sum);
            }
            simd.store(c(row), sum);
        }
    }
}
