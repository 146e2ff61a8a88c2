//! Products with a wide B, whose strips are copied side by side: rows that lie far apart share the few places that the
//! first cache has for their distance, and are fetched again and again.

use core::mem::MaybeUninit;

use super::simd::Simd;
use super::strips::{Task, widest};

/// So many rows of a strip are copied at once.
pub(super) const ROWS: usize = 256;

/// Columns of the widest strip.
const MOST_COLUMNS: usize = 64;

/// Memory for a part of a strip. It belongs to whoever dispatches, as [`Held`](super::blocks::Held) does.
#[repr(align(64))]
pub(super) struct Panel(MaybeUninit<[f32; ROWS * MOST_COLUMNS]>);

impl Panel {
    pub fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// Valid for writes of all of it.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }
}

/// Whether there is anything to be gained: not by strips of one vector.
pub(super) const fn gains<S: Simd>() -> bool {
    widest::<S>() > 1
}

/// How deep the blocks are that all strips go through one after the other, where panels are worth it for this task: of a B
/// that the second cache does not hold, so that A's part for a block stays there. Measured on Cascade Lake.
///
/// They are not worth it for a smaller B in wide strips, which take several whole lines of each row, nor where
/// multiplications are not fused and so take longer than the second cache.
#[inline(always)]
pub(super) fn block<S: Simd, const ADDED: bool>(task: &Task<ADDED>) -> Option<usize> {
    let numbers = task.b_row_stride.saturating_mul(task.depth);
    let (worth, large) = match (widest::<S>(), S::FUSES) {
        (4, _) => (1 << 18, 1 << 18),
        (2, true) => (0, 1 << 20),
        (2, false) => (1 << 17, usize::MAX),
        _ => return None,
    };
    let is_worth = !task.panel.is_null() && numbers >= worth;
    is_worth.then_some(if numbers >= large { ROWS } else { usize::MAX })
}

/// Copies B of a task that is one strip into the task's panel, and lets the task read it there.
///
/// # Safety
/// B is valid for reads, the panel is a [`Panel`]'s, the strip is the widest and at most [`ROWS`] deep.
#[cfg_attr(not(unoptimized), inline(always))]
pub(super) unsafe fn pack<S: Simd, const ADDED: bool>(simd: S, task: &mut Task<ADDED>) {
    let columns = const {
        assert!(widest::<S>() * S::LANES <= MOST_COLUMNS);
        widest::<S>() * S::LANES
    };
    for row in 0..task.depth {
        let (from, to) = (task.b.wrapping_add(row * task.b_row_stride), task.panel.wrapping_add(row * columns));
        // One by one: an array of them would go through memory.
        for column in (0..columns).step_by(S::LANES) {
            // SAFETY: the caller's promise.
            unsafe { simd.store(to.wrapping_add(column), simd.load(from.wrapping_add(column))) };
        }
    }
    (task.b, task.b_row_stride) = (task.panel, columns);
}
