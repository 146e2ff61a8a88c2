//! One step of an LSTM, apart from its matrix products.

use super::dispatch::{Op, dispatch};
use super::simd::{Scalar, Simd};

/// One step of all samples: what [`lstm_step`] reads and writes.
///
/// A sample's gates lie one after the other, i, f, g, o, each of so many units.
pub struct LstmStep<'a> {
    /// Numbers in a sample's cell and in each of its gates.
    pub units: usize,
    /// What the gates' activations are applied to: `4 · units` numbers for each sample.
    pub gates: &'a mut [f32],
    /// The cells before the step, `units` numbers for each sample.
    pub last_cell: &'a [f32],
    /// Where the cells after the step go.
    pub cell: &'a mut [f32],
    /// Where the outputs go.
    pub h: &'a mut [f32],
    /// Where tanh of the cells goes, for the way back; `gates` then leave as the gates themselves. Without it
    /// nothing is kept, and `gates` are left as they are.
    pub tanh_of_cell: Option<&'a mut [f32]>,
}

/// From what the gates' activations are applied to, to the next cells and outputs:
///
/// - i, f, o = sigmoid(gates) and g = tanh(gates),
/// - cell = f · `last_cell` + i · g and h = o · tanh(cell).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::kernels::{LstmStep, lstm_step};
///
/// let (mut gates, mut cell, mut h) = ([0.0; 4], [0.0], [0.0]);
/// let step = LstmStep {
///     units: 1,
///     gates: &mut gates,
///     last_cell: &[3.0],
///     cell: &mut cell,
///     h: &mut h,
///     tanh_of_cell: None,
/// };
/// lstm_step(step);
/// assert_eq!(cell, [0.5 * 3.0]);
/// ```
///
/// # Panics
/// If the slices are not those of so many samples.
pub fn lstm_step(step: LstmStep<'_>) {
    let LstmStep { units, gates, last_cell, cell, h, tanh_of_cell } = step;
    let length = cell.len();
    assert!(gates.len() == 4 * length, "{} numbers in the gates of {length} units", gates.len());
    assert!(last_cell.len() == length && h.len() == length, "{} and {} numbers", last_cell.len(), h.len());
    let kept = tanh_of_cell.is_some();
    let tanh_of_cell = tanh_of_cell.map_or(core::ptr::null_mut(), |tanh_of_cell| {
        assert!(tanh_of_cell.len() == length, "{} numbers for tanh of {length} cells", tanh_of_cell.len());
        tanh_of_cell.as_mut_ptr()
    });
    if length == 0 {
        return;
    }
    assert!(length.is_multiple_of(units), "{length} numbers in cells of {units}");
    let first = Place {
        gates: gates.as_mut_ptr(),
        last_cell: last_cell.as_ptr(),
        cell: cell.as_mut_ptr(),
        h: h.as_mut_ptr(),
        tanh_of_cell,
    };
    let samples = length / units;
    if kept {
        dispatch(Step::<true> { units, samples, first });
    } else {
        dispatch(Step::<false> { units, samples, first });
    }
}

/// Whoever makes one promises that `first` is the first unit of so many samples, whose numbers are valid for reads
/// and, those behind mutable pointers, for writes; `tanh_of_cell` only if it is `KEPT`.
struct Step<const KEPT: bool> {
    units: usize,
    samples: usize,
    first: Place,
}

/// Where the numbers of a unit are.
#[derive(Clone, Copy)]
struct Place {
    /// Its input gate.
    gates: *mut f32,
    last_cell: *const f32,
    cell: *mut f32,
    h: *mut f32,
    tanh_of_cell: *mut f32,
}

impl Place {
    /// The place so many units on, of which so many are in other samples.
    #[inline(always)]
    fn on(self, gates: usize, cells: usize) -> Self {
        Self {
            gates: self.gates.wrapping_add(gates),
            last_cell: self.last_cell.wrapping_add(cells),
            cell: self.cell.wrapping_add(cells),
            h: self.h.wrapping_add(cells),
            tanh_of_cell: self.tanh_of_cell.wrapping_add(cells),
        }
    }
}

impl<const KEPT: bool> Op for Step<KEPT> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { units, samples, first } = self;
        let place = |sample: usize, unit: usize| first.on(4 * units * sample + unit, units * sample + unit);
        let mut sample = 0;
        // SAFETY: the maker's promise, and every block's units are those of the samples.
        unsafe {
            // The units of two samples fill a vector; their cells lie side by side.
            while 2 * units == S::LANES && sample + 2 <= samples {
                block::<S, _, _, KEPT>(simd, (Halves { apart: 4 * units }, Whole), units, place(sample, 0));
                sample += 2;
            }
            while sample < samples {
                let mut unit = 0;
                while unit + S::LANES <= units {
                    block::<S, _, _, KEPT>(simd, (Whole, Whole), units, place(sample, unit));
                    unit += S::LANES;
                }
                if S::MASKS && unit < units {
                    let rest = First(units - unit);
                    block::<S, _, _, KEPT>(simd, (rest, rest), units, place(sample, unit));
                    unit = units;
                }
                while unit < units {
                    block::<Scalar, _, _, KEPT>(Scalar, (Whole, Whole), units, place(sample, unit));
                    unit += 1;
                }
                sample += 1;
            }
        }
    }
}

/// How a vector lies in memory.
trait Lanes<S: Simd>: Copy {
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

/// A vector of units, whose gates and cells lie so.
///
/// # Safety
/// The units of the lanes are valid as [`Step`] asks for.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn block<S: Simd, G: Lanes<S>, C: Lanes<S>, const KEPT: bool>(
    simd: S,
    (of_gates, of_cells): (G, C),
    units: usize,
    at: Place,
) {
    let gate = |index: usize| at.gates.wrapping_add(index * units);
    // SAFETY: the caller's promise.
    unsafe {
        let [i, f, g, o] = [
            sigmoid(simd, of_gates.load(simd, gate(0))),
            sigmoid(simd, of_gates.load(simd, gate(1))),
            tanh(simd, of_gates.load(simd, gate(2))),
            sigmoid(simd, of_gates.load(simd, gate(3))),
        ];
        let cell = simd.mul_add(f, of_cells.load(simd, at.last_cell), simd.mul(i, g));
        let tanh_of_cell = tanh(simd, cell);
        of_cells.store(simd, at.cell, cell);
        of_cells.store(simd, at.h, simd.mul(o, tanh_of_cell));
        if KEPT {
            of_gates.store(simd, gate(0), i);
            of_gates.store(simd, gate(1), f);
            of_gates.store(simd, gate(2), g);
            of_gates.store(simd, gate(3), o);
            of_cells.store(simd, at.tanh_of_cell, tanh_of_cell);
        }
    }
}

/// sigmoid(x) = ½ + ½ tanh(½ x)
#[inline(always)]
fn sigmoid<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    simd.add(simd.splat(0.5), ratio(simd, x, &HALF_TANH_OF_HALF))
}

#[inline(always)]
fn tanh<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    ratio(simd, x, &TANH)
}

/// x · p(x²) / q(x²), where |x| is at most `limit`. A NaN stays one.
#[inline(always)]
fn ratio<S: Simd>(simd: S, x: S::Vector, ratio: &Ratio) -> S::Vector {
    let x = simd.min(simd.splat(ratio.limit), x);
    let x = simd.max(simd.splat(-ratio.limit), x);
    let square = simd.mul(x, x);
    let [p, q] = [polynomial(simd, square, &ratio.p), polynomial(simd, square, &ratio.q)];
    simd.div(simd.mul(x, p), q)
}

/// With the highest power's coefficient first.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: S::Vector, coefficients: &[f32; N]) -> S::Vector {
    let mut sum = simd.splat(coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = simd.mul_add(sum, x, simd.splat(*coefficient));
    }
    sum
}

struct Ratio {
    limit: f32,
    p: [f32; 7],
    q: [f32; 4],
}

/// tanh x as a quotient of polynomials, which is what TensorFlow computes (`generic_fast_tanh_float` of Eigen): its
/// error is about 1e-7 of the result. Beyond the limit the result is 1.
#[expect(clippy::excessive_precision, reason = "the digits are the source's")]
const TANH: Ratio = Ratio {
    limit: 7.998_811_7,
    p: [
        -2.760_768_477_423_55e-16,
        2.000_187_904_824_77e-13,
        -8.604_671_522_137_35e-11,
        5.122_297_090_371_14e-8,
        1.485_722_357_179_79e-5,
        6.372_619_288_754_36e-4,
        4.893_524_558_917_86e-3,
    ],
    q: [1.198_258_394_667_02e-6, 1.185_347_056_866_54e-4, 2.268_434_632_439e-3, 4.893_525_185_543_85e-3],
};

/// ½ tanh(½ x). As the factors are powers of two, no digit is lost.
const HALF_TANH_OF_HALF: Ratio = Ratio { limit: 2.0 * TANH.limit, p: of_half(TANH.p, 0.25), q: of_half(TANH.q, 1.0) };

/// The coefficients of factor · p((½ x)²) as a polynomial in x².
const fn of_half<const N: usize>(mut coefficients: [f32; N], mut factor: f32) -> [f32; N] {
    let mut index = N;
    while index > 0 {
        index -= 1;
        coefficients[index] *= factor;
        factor *= 0.25;
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratios_are_the_functions() {
        for index in -80_000..=80_000 {
            let x = index as f32 / 5_000.0;
            let (found, exact) = (f64::from(tanh(Scalar, x)), libm::tanh(f64::from(x)));
            assert!((found - exact).abs() <= 6e-7 * exact.abs(), "tanh {x} is {exact}, not {found}");
            let (found, exact) = (f64::from(sigmoid(Scalar, x)), 1.0 / (1.0 + libm::exp(-f64::from(x))));
            assert!((found - exact).abs() <= 2e-7, "sigmoid {x} is {exact}, not {found}");
        }
    }
}
