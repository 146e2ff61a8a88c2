//! One step of a recurrent layer, apart from its matrix products: its activations, and what makes the next state of
//! them.
//!
//! A sample's gates lie one after the other, each of so many units.

use super::dispatch::Op;
use super::simd::{Scalar, Simd};

mod gru;
mod lstm;
mod ratio;

pub use gru::{GruStep, gru_step};
pub use lstm::{LstmStep, lstm_step};

/// What a step does with a vector of units.
trait Units: Copy {
    /// How many gates a unit has.
    const GATES: usize;

    /// The units of the lanes, in the gates and in what has one number a unit.
    ///
    /// # Safety
    /// They are units of the samples that the step was made for.
    unsafe fn block<S: Simd, G: Lanes<S>, C: Lanes<S>>(self, simd: S, lanes: (G, C), at: At);
}

/// Where the first unit of a vector lies.
#[derive(Clone, Copy)]
struct At {
    /// Which of its sample it is.
    unit: usize,
    /// In the gates.
    gates: usize,
    /// In what has one number a unit.
    states: usize,
}

/// A step of all samples. Whoever makes one promises that the step is one of so many samples.
struct Each<U> {
    units: usize,
    samples: usize,
    step: U,
}

impl<U: Units> Op for Each<U> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { units, samples, step } = self;
        let at = |sample: usize, unit: usize| At {
            unit,
            gates: U::GATES * units * sample + unit,
            states: units * sample + unit,
        };
        let mut sample = 0;
        // SAFETY: the maker's promise, and every block's units are those of the samples.
        unsafe {
            // The units of two samples fill a vector; their cells lie side by side.
            while 2 * units == S::LANES && sample + 2 <= samples {
                step.block(simd, (Halves { apart: U::GATES * units }, Whole), at(sample, 0));
                sample += 2;
            }
            while sample < samples {
                let mut unit = 0;
                while unit + S::LANES <= units {
                    step.block(simd, (Whole, Whole), at(sample, unit));
                    unit += S::LANES;
                }
                if S::MASKS && unit < units {
                    step.block(simd, (First(units - unit), First(units - unit)), at(sample, unit));
                    unit = units;
                }
                while unit < units {
                    step.block(Scalar, (Whole, Whole), at(sample, unit));
                    unit += 1;
                }
                sample += 1;
            }
        }
    }
}

/// How a vector lies in memory.
trait Lanes<S: Simd>: Copy {
    /// The same where a sample's numbers serve all samples, as those of a bias do.
    fn of_all(self) -> Self;
    /// # Safety
    /// The numbers of the lanes are valid for reads.
    unsafe fn load(self, simd: S, from: *const f32) -> S::Vector;
    /// # Safety
    /// The numbers of the lanes are valid for writes.
    unsafe fn store(self, simd: S, to: *mut f32, vector: S::Vector);
}

/// All lanes side by side.
#[derive(Clone, Copy)]
struct Whole;

/// The first so many lanes only.
#[derive(Clone, Copy)]
struct First(usize);

/// Two halves.
#[derive(Clone, Copy)]
struct Halves {
    /// From one to the other.
    apart: usize,
}

impl<S: Simd> Lanes<S> for Whole {
    #[inline(always)]
    fn of_all(self) -> Self {
        self
    }
    #[inline(always)]
    unsafe fn load(self, simd: S, from: *const f32) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe { simd.load(from) }
    }
    #[inline(always)]
    unsafe fn store(self, simd: S, to: *mut f32, vector: S::Vector) {
        // SAFETY: the caller's promise.
        unsafe { simd.store(to, vector) }
    }
}

impl<S: Simd> Lanes<S> for First {
    #[inline(always)]
    fn of_all(self) -> Self {
        self
    }
    #[inline(always)]
    unsafe fn load(self, simd: S, from: *const f32) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe { simd.load_first(from, self.0) }
    }
    #[inline(always)]
    unsafe fn store(self, simd: S, to: *mut f32, vector: S::Vector) {
        // SAFETY: the caller's promise.
        unsafe { simd.store_first(to, vector, self.0) }
    }
}

impl<S: Simd> Lanes<S> for Halves {
    #[inline(always)]
    fn of_all(self) -> Self {
        Self { apart: 0 }
    }
    #[inline(always)]
    unsafe fn load(self, simd: S, from: *const f32) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe { simd.load_halves([from, from.wrapping_add(self.apart)]) }
    }
    #[inline(always)]
    unsafe fn store(self, simd: S, to: *mut f32, vector: S::Vector) {
        // SAFETY: the caller's promise.
        unsafe { simd.store_halves([to, to.wrapping_add(self.apart)], vector) }
    }
}
