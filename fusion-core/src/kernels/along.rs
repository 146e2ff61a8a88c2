//! One row times a wide matrix: along the matrix's rows, several at a time.
//!
//! A tile would go down a strip of columns and touch a line of 64 bytes in every row, far from the next. Here the weights
//! are read in the order in which they lie, as fast as memory gives them; the sums stay in the first cache.

use super::simd::{Scalar, Simd};
use super::strips::{First, Task};

/// Runs `task`, which has one row whose elements are next to each other.
///
/// # Safety
/// As [`multiply_strips`](super::strips::multiply_strips).
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn multiply_along<S: Simd>(simd: S, task: &Task) {
    // SAFETY: the caller's promise; the rows of every step are B's.
    unsafe {
        begin(task);
        // Without fused multiplications products need registers too.
        if const { S::FUSES } {
            rows::<S, 8>(simd, task);
        } else {
            rows::<S, 4>(simd, task);
        }
        if task.rectify {
            for column in 0..task.columns {
                let sum = task.c.add(column);
                // A NaN stays one.
                if sum.read() < 0.0 {
                    sum.write(0.0);
                }
            }
        }
    }
}

/// Writes what the sums start from.
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

/// Adds all rows of B, so many together: each time the sums are read and written once.
///
/// # Safety
/// As [`multiply_along`].
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn rows<S: Simd, const COUNT: usize>(simd: S, task: &Task) {
    let few = task.depth % COUNT;
    // SAFETY: the caller's promise; the rows are B's.
    unsafe {
        for row in 0..few {
            add::<S, 1>(simd, task, row);
        }
        for row in (few..task.depth).step_by(COUNT) {
            add::<S, COUNT>(simd, task, row);
        }
    }
}

/// Adds so many rows of B, each times its element of A.
///
/// # Safety
/// As [`multiply_along`], and the rows are B's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn add<S: Simd, const COUNT: usize>(simd: S, task: &Task, row: usize) {
    // SAFETY: the caller's promise, as the vectors and what is left of them are within the task's columns.
    unsafe {
        let a: [f32; COUNT] = task.a.add(row).cast::<[f32; COUNT]>().read_unaligned();
        let b = task.b.add(row * task.b_row_stride);
        let whole = task.columns - task.columns % S::LANES;
        let factors = a.map(|a| simd.splat(a));
        for column in (0..whole).step_by(S::LANES) {
            vector(simd, task, (&factors, b), column);
        }
        let factors = a.map(|a| Scalar.splat(a));
        for column in whole..task.columns {
            vector(Scalar, task, (&factors, b), column);
        }
    }
}

/// A vector of the sums, in two chains of additions.
///
/// # Safety
/// As [`multiply_along`], and the vector's columns are the task's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn vector<S: Simd, const COUNT: usize>(
    simd: S,
    task: &Task,
    (factors, b): (&[S::Vector; COUNT], *const f32),
    column: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [simd.load(task.c.add(column)), simd.splat(0.0)];
        for (index, factor) in factors.iter().enumerate() {
            let b = simd.load(b.add(index * task.b_row_stride + column));
            sums[index % 2] = simd.mul_add(b, *factor, sums[index % 2]);
        }
        simd.store(task.c.add(column), simd.add(sums[0], sums[1]));
    }
}
