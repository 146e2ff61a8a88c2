//! The few vector operations that the kernels need, and the instruction sets that every machine has.

use super::half::half_to_f32;

/// The most lanes that a vector has.
pub(super) const MOST_LANES: usize = 16;

/// An instruction set. A value of the type is the proof that the machine has it.
pub(super) trait Simd: Copy {
    /// A vector of [`Simd::LANES`] numbers.
    type Vector: Copy;
    /// Numbers in a vector.
    const LANES: usize;
    /// Vectors that registers can hold at one time: it decides how large the tiles are.
    const REGISTERS: usize;
    /// Whether [`Simd::mul_add`] is one instruction; if not, each product takes a register before it is added.
    const FUSES: bool;
    /// Whether `load_first` and `store_first` are worth using; if not, what is left of a row is
    /// done number by number with [`Scalar`].
    const MASKS: bool;

    /// # Safety
    /// `from` is valid for reads of [`Simd::LANES`] numbers.
    unsafe fn load(self, from: *const f32) -> Self::Vector;
    /// Loads `count` numbers; the lanes after them are zero and are not read.
    ///
    /// # Safety
    /// `from` is valid for reads of `count` numbers, and `count` is at most [`Simd::LANES`].
    #[inline(always)]
    unsafe fn load_first(self, from: *const f32, count: usize) -> Self::Vector {
        let mut lanes = [0.0; MOST_LANES];
        // A condition in a loop of constant length, as a copy of so few numbers would be a call.
        for (lane, value) in lanes.iter_mut().enumerate().take(Self::LANES) {
            if lane < count {
                // SAFETY: the caller's promise, as `lane < count`.
                *value = unsafe { from.add(lane).read() };
            }
        }
        // SAFETY: no vector has more lanes.
        unsafe { self.load(lanes.as_ptr()) }
    }
    /// # Safety
    /// `to` is valid for writes of [`Simd::LANES`] numbers.
    unsafe fn store(self, to: *mut f32, vector: Self::Vector);
    /// Stores the first `count` lanes and nothing else.
    ///
    /// # Safety
    /// `to` is valid for writes of `count` numbers, and `count` is at most [`Simd::LANES`].
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, vector: Self::Vector, count: usize) {
        let mut lanes = [0.0; MOST_LANES];
        // SAFETY: no vector has more lanes.
        unsafe { self.store(lanes.as_mut_ptr(), vector) };
        for (lane, value) in lanes.into_iter().enumerate().take(Self::LANES) {
            if lane < count {
                // SAFETY: the caller's promise, as `lane < count`.
                unsafe { to.add(lane).write(value) };
            }
        }
    }
    /// `value` in every lane.
    fn splat(self, value: f32) -> Self::Vector;
    /// `a · b + c`, rounded once where the instruction set can.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `a + b`.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a · b`.
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a / b`.
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a` where `a > b`, and `b` elsewhere: a NaN in `b` comes through.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a` where `a < b`, and `b` elsewhere: a NaN in `b` comes through.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// A vector of numbers of 16 bits.
    ///
    /// # Safety
    /// `from` is valid for reads of [`Simd::LANES`] of them.
    #[inline(always)]
    unsafe fn load_16_bits(self, from: *const u16) -> Self::Vector {
        let mut lanes = [0.0; MOST_LANES];
        for (lane, value) in lanes.iter_mut().enumerate().take(Self::LANES) {
            // SAFETY: the caller's promise, as `lane < LANES`.
            *value = half_to_f32(unsafe { from.add(lane).read() });
        }
        // SAFETY: no vector has more lanes.
        unsafe { self.load(lanes.as_ptr()) }
    }

    /// So many numbers of 16 bits; the lanes after them are zero and are not read.
    ///
    /// # Safety
    /// `from` is valid for reads of `count` of them, and `count` is at most [`Simd::LANES`].
    #[inline(always)]
    unsafe fn load_first_16_bits(self, from: *const u16, count: usize) -> Self::Vector {
        let mut lanes = [0; MOST_LANES];
        // As in `load_first`.
        for (lane, value) in lanes.iter_mut().enumerate().take(Self::LANES) {
            if lane < count {
                // SAFETY: the caller's promise, as `lane < count`.
                *value = unsafe { from.add(lane).read() };
            }
        }
        // SAFETY: no vector has more lanes.
        unsafe { self.load_16_bits(lanes.as_ptr()) }
    }

    /// The two halves of a vector, each from its place; only where [`Simd::LANES`] is even.
    ///
    /// # Safety
    /// Both places are valid for reads of half of [`Simd::LANES`] numbers.
    #[inline(always)]
    unsafe fn load_halves(self, [first, second]: [*const f32; 2]) -> Self::Vector {
        let (mut lanes, half) = ([0.0; MOST_LANES], Self::LANES / 2);
        // SAFETY: the caller's promise, and no vector has more lanes.
        unsafe {
            lanes.as_mut_ptr().copy_from_nonoverlapping(first, half);
            lanes.as_mut_ptr().add(half).copy_from_nonoverlapping(second, half);
            self.load(lanes.as_ptr())
        }
    }
    /// Stores the two halves of a vector, each to its place; only where [`Simd::LANES`] is even.
    ///
    /// # Safety
    /// Both places are valid for writes of half of [`Simd::LANES`] numbers.
    #[inline(always)]
    unsafe fn store_halves(self, [first, second]: [*mut f32; 2], vector: Self::Vector) {
        let (mut lanes, half) = ([0.0; MOST_LANES], Self::LANES / 2);
        // SAFETY: the caller's promise, and no vector has more lanes.
        unsafe {
            self.store(lanes.as_mut_ptr(), vector);
            first.copy_from_nonoverlapping(lanes.as_ptr(), half);
            second.copy_from_nonoverlapping(lanes.as_ptr().add(half), half);
        }
    }
}

/// Four numbers in plain Rust, which compilers turn into vector instructions where the target
/// has them.
#[derive(Clone, Copy)]
pub(super) struct Portable;

/// The vector of [`Portable`].
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(super) struct Four([f32; 4]);

impl Four {
    #[inline(always)]
    fn of(value: impl Fn(usize) -> f32) -> Self {
        Four([value(0), value(1), value(2), value(3)])
    }
}

impl Simd for Portable {
    type Vector = Four;
    const LANES: usize = 4;
    // Microcontrollers hold single numbers in their 32 registers, not vectors of four.
    const REGISTERS: usize = if cfg!(any(target_arch = "arm", target_arch = "riscv32")) { 8 } else { 16 };
    const FUSES: bool = false;
    const MASKS: bool = false;

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> Four {
        // SAFETY: the caller's promise; arrays are aligned as their elements are.
        Four(unsafe { from.cast::<[f32; 4]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: Four) {
        // SAFETY: the caller's promise; arrays are aligned as their elements are.
        unsafe { to.cast::<[f32; 4]>().write(vector.0) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Four {
        Four([value; 4])
    }
    #[inline(always)]
    fn mul_add(self, a: Four, b: Four, c: Four) -> Four {
        // Not `f32::mul_add`: without the instruction it is a slow call.
        Four::of(|lane| a.0[lane] * b.0[lane] + c.0[lane])
    }
    #[inline(always)]
    fn add(self, a: Four, b: Four) -> Four {
        Four::of(|lane| a.0[lane] + b.0[lane])
    }
    #[inline(always)]
    fn mul(self, a: Four, b: Four) -> Four {
        Four::of(|lane| a.0[lane] * b.0[lane])
    }
    #[inline(always)]
    fn div(self, a: Four, b: Four) -> Four {
        Four::of(|lane| a.0[lane] / b.0[lane])
    }
    #[inline(always)]
    fn max(self, a: Four, b: Four) -> Four {
        Four::of(|lane| Scalar.max(a.0[lane], b.0[lane]))
    }
    #[inline(always)]
    fn min(self, a: Four, b: Four) -> Four {
        Four::of(|lane| Scalar.min(a.0[lane], b.0[lane]))
    }
}

/// One number at a time: what is left of a row where there are no masks.
#[derive(Clone, Copy)]
pub(super) struct Scalar;

impl Simd for Scalar {
    type Vector = f32;
    const LANES: usize = 1;
    const REGISTERS: usize = 16;
    const FUSES: bool = false;
    const MASKS: bool = false;

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { from.read() }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: f32) {
        // SAFETY: the caller's promise.
        unsafe { to.write(vector) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> f32 {
        value
    }
    #[inline(always)]
    fn mul_add(self, a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
    #[inline(always)]
    fn add(self, a: f32, b: f32) -> f32 {
        a + b
    }
    #[inline(always)]
    fn mul(self, a: f32, b: f32) -> f32 {
        a * b
    }
    #[inline(always)]
    fn div(self, a: f32, b: f32) -> f32 {
        a / b
    }
    #[inline(always)]
    fn max(self, a: f32, b: f32) -> f32 {
        if a > b { a } else { b }
    }
    #[inline(always)]
    fn min(self, a: f32, b: f32) -> f32 {
        if a < b { a } else { b }
    }
}
