//! Which instruction set the kernels use.

use core::sync::atomic::{AtomicU8, Ordering};

/// An instruction set for which the kernels are compiled, from the narrowest to the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What the target has at compile time; there on every machine.
    Portable,
    /// 64-bit ARM with NEON: four `f32` to a vector.
    Neon,
    /// x86-64 with AVX: as [`Level::Portable`], but products with enough work are by the crate `matrixmultiply`. There
    /// only with the feature of that name.
    Avx,
    /// x86-64 with AVX2, FMA, F16C, BMI1 and BMI2: eight `f32` to a vector.
    Avx2,
    /// All of [`Level::Avx2`] and AVX-512 F, VL, DQ and BW: sixteen `f32` to a vector.
    Avx512,
}

impl Level {
    /// Every level, from the narrowest to the widest.
    pub const ALL: [Self; 5] = [Self::Portable, Self::Neon, Self::Avx, Self::Avx2, Self::Avx512];

    /// As it is written in [`VARIABLE`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx => "avx",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

/// The environment variable that asks for a level by its name: `FUSION_SIMD=avx2`.
///
/// It is read once, where the level is found, and only with the feature `std`. It is meant for tests and
/// measurements, so nothing breaks by it: a level that the machine does not have gives the best one below it, a word
/// that is no level gives the machine's best one, as without the variable. Where it is set, reading it is one
/// allocation.
pub const VARIABLE: &str = "FUSION_SIMD";

/// A word that is no level's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UnknownLevel;

impl core::fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [names @ .., last] = Level::ALL.map(Level::name);
        f.write_str("a level of the kernels is ")?;
        for (index, name) in names.iter().enumerate() {
            write!(f, "{}`{name}`", if index == 0 { "" } else { ", " })?;
        }
        write!(f, " or `{last}`")
    }
}

crate::debug_is_display!(UnknownLevel);
impl core::error::Error for UnknownLevel {}

impl core::str::FromStr for Level {
    type Err = UnknownLevel;
    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        Self::ALL.into_iter().find(|level| level.name() == name).ok_or(UnknownLevel)
    }
}

/// The level in use, as `Level as u8`, or [`UNKNOWN`] before the first question.
static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = u8::MAX;
const PORTABLE: u8 = Level::Portable as u8;
const NEON: u8 = Level::Neon as u8;
const AVX: u8 = Level::Avx as u8;
const AVX2: u8 = Level::Avx2 as u8;
const AVX512: u8 = Level::Avx512 as u8;

/// The level that the kernels use: the best one of this machine, or the one that [`VARIABLE`] asks for.
///
/// It is found at the first call and costs one relaxed load after that.
#[inline]
pub fn level() -> Level {
    // Elsewhere there is nothing to choose, and the compiler may know it.
    if cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))) {
        return Level::Portable;
    }
    match LEVEL.load(Ordering::Relaxed) {
        PORTABLE => Level::Portable,
        NEON => Level::Neon,
        AVX => Level::Avx,
        AVX2 => Level::Avx2,
        AVX512 => Level::Avx512,
        _ => detect(),
    }
}

#[cold]
#[inline(never)]
fn detect() -> Level {
    let found = asked().map_or_else(available, best_up_to);
    // Threads that come here together store the same value.
    LEVEL.store(found as u8, Ordering::Relaxed);
    found
}

/// The levels of this machine, the best one last.
///
/// Without the feature `std` those that the whole program was compiled for.
pub fn levels() -> impl Iterator<Item = Level> {
    Level::ALL.into_iter().filter(|level| match level {
        Level::Portable => true,
        Level::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
        Level::Avx => cfg!(feature = "matrixmultiply") && has_avx(),
        Level::Avx2 => has_avx2(),
        Level::Avx512 => has_avx2() && has_avx512(),
    })
}

/// The best level of this machine.
pub fn available() -> Level {
    levels().last().unwrap_or(Level::Portable)
}

/// The best level of this machine that is not above `wanted`.
fn best_up_to(wanted: Level) -> Level {
    levels().filter(|level| *level <= wanted).last().unwrap_or(Level::Portable)
}

/// What [`VARIABLE`] asks for, if it is a level.
#[cfg(feature = "std")]
fn asked() -> Option<Level> {
    std::env::var(VARIABLE).ok()?.parse().ok()
}

#[cfg(not(feature = "std"))]
fn asked() -> Option<Level> {
    None
}

/// Makes the kernels use `level`, or the best one below it if the machine does not have it; `None` returns to what
/// [`level`] found. For tests: it holds for the whole process.
#[doc(hidden)]
pub fn force(level: Option<Level>) {
    match level {
        Some(level) => LEVEL.store(best_up_to(level) as u8, Ordering::Relaxed),
        None => _ = detect(),
    }
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
fn has_avx() -> bool {
    std::arch::is_x86_feature_detected!("avx")
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
fn has_avx2() -> bool {
    use std::arch::is_x86_feature_detected as detected;
    detected!("avx2") && detected!("fma") && detected!("f16c") && detected!("bmi1") && detected!("bmi2")
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
fn has_avx512() -> bool {
    use std::arch::is_x86_feature_detected as detected;
    detected!("avx512f") && detected!("avx512vl") && detected!("avx512dq") && detected!("avx512bw")
}

#[cfg(not(all(target_arch = "x86_64", feature = "std")))]
fn has_avx() -> bool {
    cfg!(all(target_arch = "x86_64", target_feature = "avx"))
}

#[cfg(not(all(target_arch = "x86_64", feature = "std")))]
fn has_avx2() -> bool {
    cfg!(all(
        target_arch = "x86_64",
        target_feature = "avx2",
        target_feature = "fma",
        target_feature = "f16c",
        target_feature = "bmi1",
        target_feature = "bmi2"
    ))
}

#[cfg(not(all(target_arch = "x86_64", feature = "std")))]
fn has_avx512() -> bool {
    cfg!(all(
        target_arch = "x86_64",
        target_feature = "avx512f",
        target_feature = "avx512vl",
        target_feature = "avx512dq",
        target_feature = "avx512bw"
    ))
}
