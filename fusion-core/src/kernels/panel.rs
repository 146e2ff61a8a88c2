//! Products with a wide B, whose strips are copied side by side: rows that lie far apart share the few places that the
//! first cache has for their distance, and are fetched again and again.

use core::mem::MaybeUninit;

use super::simd::Simd;
use super::strips::{Task, widest};

/// Numbers in a panel, 16 KB: half of the first cache.
pub(super) const NUMBERS: usize = 4 * 1024;

/// Vectors in a strip.
pub(super) const VECTORS: usize = 2;

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

/// Whether there is anything to be gained: not by wider strips, which take several whole lines of each row.
pub(super) const fn gains<S: Simd>() -> bool {
    widest::<S>() == VECTORS
}

/// Whether a panel is worth it for this task, which may use one: multiplications that are not fused take longer than the
/// second cache.
#[inline(always)]
pub(super) fn is_worth<S: Simd, const ADDED: bool>(task: &Task<ADDED>) -> bool {
    S::FUSES || task.b_row_stride.saturating_mul(task.depth) >= 1 << 17
}

/// So many rows of a strip fill a panel.
pub(super) const fn most_rows<S: Simd>() -> usize {
    NUMBERS / (VECTORS * S::LANES)
}

/// Copies B of a task that is one strip into the task's panel, and lets the task read it there.
///
/// # Safety
/// B is valid for reads, the panel is a [`Panel`]'s, the strip has [`VECTORS`] whole vectors and is at most [`most_rows`]
/// deep.
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn pack<S: Simd, const ADDED: bool>(simd: S, task: &mut Task<ADDED>) {
    for row in 0..task.depth {
        let (from, to) =
            (task.b.wrapping_add(row * task.b_row_stride), task.panel.wrapping_add(row * VECTORS * S::LANES));
        // One by one: an array of them would go through memory.
        for column in (0..VECTORS * S::LANES).step_by(S::LANES) {
            // SAFETY: the caller's promise.
            unsafe { simd.store(to.wrapping_add(column), simd.load(from.wrapping_add(column))) };
        }
    }
    (task.b, task.b_row_stride) = (task.panel, VECTORS * S::LANES);
}
