//! The choice of the instruction set that work runs with.

use super::level;
use super::simd::{Portable, Simd};

/// Work that is compiled once for every instruction set.
///
/// `run` has to be `#[inline(always)]`: it must become part of the function that carries the
/// instruction set.
pub(super) trait Op {
    /// What the work results in.
    type Output;
    /// Does the work.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Runs `op` in a function compiled for the instruction set in use.
#[inline(always)]
pub(super) fn dispatch<O: Op>(op: O) -> O::Output {
    match level::level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: this level is only ever in use where the machine has it.
        level::Level::Avx512 => unsafe { super::x86_64::run_avx512(op) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        level::Level::Avx2 => unsafe { super::x86_64::run_avx2(op) },
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        level::Level::Neon => super::aarch64::run_neon(op),
        // The levels of other machines are never in use.
        _ => run_portable(op),
    }
}

#[inline(never)]
fn run_portable<O: Op>(op: O) -> O::Output {
    op.run(Portable)
}

/// Runs plain Rust code compiled for the widest instruction set of this machine.
///
/// Programs are compiled for the oldest processor of their target (on x86-64: four numbers to a
/// vector). Loops over slices inside `work` are compiled for the newer ones too, and the right
/// version runs. The result is the same in every bit.
///
/// The code has to be inlined to profit. Write `#[inline(always)]` in front of the closure, as
/// the compiler may decide otherwise for a long one, and on the functions that it calls.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::kernels::vectorize;
///
/// let (x, mut y) = ([1.0_f32; 100], [2.0_f32; 100]);
/// vectorize(
///     #[inline(always)]
///     || {
///         for (y, x) in y.iter_mut().zip(&x) {
///             *y += 0.5 * x;
///         }
///     },
/// );
/// assert_eq!(y, [2.5; 100]);
/// ```
#[inline(always)]
pub fn vectorize<R>(work: impl FnOnce() -> R) -> R {
    dispatch(Call(work))
}

struct Call<F>(F);

impl<R, F: FnOnce() -> R> Op for Call<F> {
    type Output = R;
    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> R {
        (self.0)()
    }
}
