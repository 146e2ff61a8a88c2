//! Products by the crate `matrixmultiply`, which knows AVX: for processors that have it but not AVX2.

use super::level::{Level, level};
use super::parts::SAMPLES;
use super::strips::{First, Task};

/// Whether a task is by `matrixmultiply`: at the level that asks for it, where it measures faster than the portable tile. It
/// copies A and B first, which has to pay, and its tile is 8 × 8.
#[inline]
pub(super) fn is_worth<const ADDED: bool>(task: &Task<ADDED>) -> bool {
    level() == Level::Avx
        && task.rows >= 8
        && task.columns >= 16
        && task.depth >= 16
        && task.multiplications() >= 1 << 15
}

/// Runs `task`.
///
/// # Safety
/// As [`multiply_strips`](super::strips::multiply_strips).
pub(super) unsafe fn multiply<const ADDED: bool>(task: &Task<ADDED>) {
    let Task { rows, columns, depth, .. } = *task;
    // SAFETY: the caller's promise, as the rows are C's.
    let row = |row: usize| unsafe { core::slice::from_raw_parts_mut(task.c.add(row * task.c_row_stride), columns) };
    let beta = match task.first {
        First::Zero => 0.0,
        First::Row(first) => {
            // SAFETY: the caller's promise: the first row has as many numbers as C's.
            let first = unsafe { core::slice::from_raw_parts(first, columns) };
            (0..rows).for_each(|index| row(index).copy_from_slice(first));
            1.0
        }
        First::Result => 1.0,
    };
    let [down, right] = [task.row_stride(), task.column_stride()].map(|stride| stride as isize);
    let [b_down, c_down] = [task.b_row_stride, task.c_row_stride].map(|stride| stride as isize);
    // A sum over samples is added up in blocks here too.
    let most = if ADDED { SAMPLES } else { depth };
    for start in (0..depth).step_by(most) {
        let steps = most.min(depth - start);
        let (a, b) = (task.a.wrapping_offset(start as isize * right), task.b.wrapping_offset(start as isize * b_down));
        // SAFETY: the caller's promise, as the steps are the task's depth.
        unsafe {
            matrixmultiply::sgemm(rows, steps, columns, 1.0, a, down, right, b, b_down, 1, beta, task.c, c_down, 1);
        }
    }
    if task.rectify {
        // A NaN stays one.
        (0..rows).flat_map(row).for_each(|y| *y = if *y < 0.0 { 0.0 } else { *y });
    }
}
