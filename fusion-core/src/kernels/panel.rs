//! Products with a wide B, whose strips are copied side by side: rows that lie far apart share the few places that the
//! first cache has for their distance, and are fetched again and again.

use core::mem::MaybeUninit;

use super::simd::Simd;
use super::strips::{Task, multiply_strips, widest};
use super::tile::Tile;

/// Numbers in a panel, 16 KB: half of the first cache.
const NUMBERS: usize = 4 * 1024;

/// Vectors in a strip.
const VECTORS: usize = 2;

/// Memory for a part of a strip. It belongs to whoever dispatches, as [`Held`](super::blocks::Held) does.
#[repr(align(64))]
pub(super) struct Panel(MaybeUninit<[f32; NUMBERS]>);

impl Panel {
    pub fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// Valid for writes of all of it.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }
}

/// Whether there is anything to be gained: not by wider strips, which take several whole lines of each row, and not where
/// multiplications, which are not fused, take longer than the cache.
pub(super) const fn gains<S: Simd>() -> bool {
    widest::<S>() == VECTORS && S::FUSES
}

/// Runs `task` with the help of a panel.
///
/// # Safety
/// As [`multiply_strips`]; the panel is a [`Panel`]'s.
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn multiply_panels<S: Simd, const ADDED: bool>(simd: S, task: &Task<ADDED>, panel: *mut f32) {
    let strip = VECTORS * S::LANES;
    let whole = task.columns - task.columns % strip;
    // SAFETY: the caller's promise; the strips are the task's columns.
    unsafe {
        for column in (0..whole).step_by(strip) {
            down(simd, &task.columns(column..column + strip), panel);
        }
        if whole < task.columns {
            multiply_strips(simd, &task.columns(whole..task.columns));
        }
    }
}

/// Goes down a task of one strip, part by part of its depth.
///
/// # Safety
/// As [`multiply_panels`].
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn down<S: Simd, const ADDED: bool>(simd: S, task: &Task<ADDED>, panel: *mut f32) {
    let strip = VECTORS * S::LANES;
    let most = NUMBERS / strip;
    for depth in (0..task.depth).step_by(most) {
        let depth = depth..task.depth.min(depth + most);
        // SAFETY: the caller's promise; the panel has room for so many rows of a strip.
        unsafe {
            pack(simd, task.b.wrapping_add(depth.start * task.b_row_stride), task.b_row_stride, depth.len(), panel);
            let part = Task { b: panel, b_row_stride: strip, ..task.depth(depth) };
            Tile::<S, 6, VECTORS, true>::whole(simd).run_down::<3, 4, ADDED>(&part, 0);
        }
    }
}

/// Copies so many rows of a strip of B, which begins at `b`.
///
/// # Safety
/// The rows are valid for reads of the strip's columns, and the panel for writes of as many.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn pack<S: Simd>(simd: S, b: *const f32, stride: usize, rows: usize, panel: *mut f32) {
    for row in 0..rows {
        let (from, to) = (b.wrapping_add(row * stride), panel.wrapping_add(row * VECTORS * S::LANES));
        // One by one: an array of them would go through memory.
        for column in (0..VECTORS * S::LANES).step_by(S::LANES) {
            // SAFETY: the caller's promise.
            unsafe { simd.store(to.wrapping_add(column), simd.load(from.wrapping_add(column))) };
        }
    }
}
