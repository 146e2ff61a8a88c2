//! The levels of x86-64.

use super::dispatch::Op;
use super::simd::Simd;
use core::arch::x86_64::*;

/// Sixteen numbers to a vector. Only [`run_avx512`] makes one.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

/// Eight numbers to a vector. Only [`run_avx2`] makes one.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

/// Runs `op` with AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,f16c,bmi1,bmi2")]
pub(super) fn run_avx512<O: Op>(op: O) -> O::Output {
    op.run(Avx512(()))
}

/// Runs `op` with AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c,bmi1,bmi2")]
pub(super) fn run_avx2<O: Op>(op: O) -> O::Output {
    op.run(Avx2(()))
}

impl Avx512 {
    /// A mask with the first `count` lanes set.
    #[inline(always)]
    fn first(self, count: usize) -> __mmask16 {
        ((1_u32 << count) - 1) as __mmask16
    }
}

impl Simd for Avx512 {
    type Vector = __m512;
    const LANES: usize = 16;
    const REGISTERS: usize = 32;
    const FUSES: bool = true;
    const MASKS: bool = true;

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn load_first(self, from: *const f32, count: usize) -> __m512 {
        // SAFETY: the caller's promise, as lanes outside the mask are not read; `self` proves
        // the instruction set.
        unsafe { _mm512_maskz_loadu_ps(self.first(count), from) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: __m512) {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm512_storeu_ps(to, vector) }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, vector: __m512, count: usize) {
        // SAFETY: the caller's promise, as lanes outside the mask are not written; `self` proves
        // the instruction set.
        unsafe { _mm512_mask_storeu_ps(to, self.first(count), vector) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm512_set1_ps(value) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm512_div_ps(a, b) }
    }
    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the instruction set. The instruction gives `b` for a NaN.
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the instruction set. The instruction gives `b` for a NaN.
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn load_16_bits(self, from: *const u16) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())) }
    }
    #[inline(always)]
    unsafe fn load_first_16_bits(self, from: *const u16, count: usize) -> __m512 {
        // SAFETY: the caller's promise, as lanes outside the mask are not read; `self` proves the instruction set.
        unsafe { _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(self.first(count), from.cast())) }
    }
    #[inline(always)]
    unsafe fn load_halves(self, [first, second]: [*const f32; 2]) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm512_insertf32x8::<1>(_mm512_castps256_ps512(_mm256_loadu_ps(first)), _mm256_loadu_ps(second)) }
    }
    #[inline(always)]
    unsafe fn store_halves(self, [first, second]: [*mut f32; 2], vector: __m512) {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe {
            _mm256_storeu_ps(first, _mm512_castps512_ps256(vector));
            _mm256_storeu_ps(second, _mm512_extractf32x8_ps::<1>(vector));
        }
    }
}

/// Eight numbers from `8 - count` on are a mask with the first `count` lanes set.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

impl Avx2 {
    /// A mask with the first `count` lanes set.
    ///
    /// # Safety
    /// `count` is at most 8.
    #[inline(always)]
    unsafe fn first(self, count: usize) -> __m256i {
        // SAFETY: eight numbers from `8 - count <= 8` on are inside the table; `self` proves the
        // instruction set.
        unsafe { _mm256_loadu_si256(MASKS.as_ptr().add(8 - count).cast()) }
    }
}

impl Simd for Avx2 {
    type Vector = __m256;
    const LANES: usize = 8;
    const REGISTERS: usize = 16;
    const FUSES: bool = true;
    const MASKS: bool = true;

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm256_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn load_first(self, from: *const f32, count: usize) -> __m256 {
        // SAFETY: the caller's promise, as lanes outside the mask are not read; `self` proves
        // the instruction set.
        unsafe { _mm256_maskload_ps(from, self.first(count)) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: __m256) {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm256_storeu_ps(to, vector) }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, vector: __m256, count: usize) {
        // SAFETY: the caller's promise, as lanes outside the mask are not written; `self` proves
        // the instruction set.
        unsafe { _mm256_maskstore_ps(to, self.first(count), vector) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm256_set1_ps(value) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the instruction set.
        unsafe { _mm256_div_ps(a, b) }
    }
    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the instruction set. The instruction gives `b` for a NaN.
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the instruction set. The instruction gives `b` for a NaN.
        unsafe { _mm256_min_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn load_16_bits(self, from: *const u16) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(from.cast())) }
    }
    #[inline(always)]
    unsafe fn load_halves(self, [first, second]: [*const f32; 2]) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe { _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(_mm_loadu_ps(first)), _mm_loadu_ps(second)) }
    }
    #[inline(always)]
    unsafe fn store_halves(self, [first, second]: [*mut f32; 2], vector: __m256) {
        // SAFETY: the caller's promise; `self` proves the instruction set.
        unsafe {
            _mm_storeu_ps(first, _mm256_castps256_ps128(vector));
            _mm_storeu_ps(second, _mm256_extractf128_ps::<1>(vector));
        }
    }
}
