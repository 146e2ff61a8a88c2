//! The level of 64-bit ARM. All targets that have it have it at compile time, so that nothing needs to be found out.

use super::dispatch::Op;
use super::simd::Simd;
use core::arch::aarch64::*;

/// Four numbers to a vector.
#[derive(Clone, Copy)]
pub(super) struct Neon;

/// Runs `op` with NEON.
#[inline(never)]
pub(super) fn run_neon<O: Op>(op: O) -> O::Output {
    op.run(Neon)
}

impl Simd for Neon {
    type Vector = float32x4_t;
    const LANES: usize = 4;
    const REGISTERS: usize = 32;
    const FUSES: bool = true;
    const MASKS: bool = false;

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vld1q_f32(from) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { vst1q_f32(to, vector) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> float32x4_t {
        // SAFETY: this file is only compiled where the target has NEON.
        unsafe { vdupq_n_f32(value) }
    }
    #[inline(always)]
    fn mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vfmaq_f32(c, a, b) }
    }
    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vaddq_f32(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vmulq_f32(a, b) }
    }
    #[inline(always)]
    fn div(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vdivq_f32(a, b) }
    }
    #[inline(always)]
    fn max(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // Not `vmaxq_f32`, which would let a NaN in `a` through too. SAFETY: as above.
        unsafe { vbslq_f32(vcgtq_f32(a, b), a, b) }
    }
    #[inline(always)]
    fn min(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vbslq_f32(vcltq_f32(a, b), a, b) }
    }
}
