//! One step of an LSTM, apart from its matrix products.

use super::super::dispatch::dispatch;
use super::super::simd::Simd;
use super::ratio::{sigmoid, tanh};
use super::{At, Each, Lanes, Units};

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
    let (gates, last_cell) = (gates.as_mut_ptr(), last_cell.as_ptr());
    let step = Step { units, gates, last_cell, cell: cell.as_mut_ptr(), h: h.as_mut_ptr(), tanh_of_cell };
    let samples = length / units;
    if kept {
        dispatch(Each { units, samples, step: Kept::<true>(step) });
    } else {
        dispatch(Each { units, samples, step: Kept::<false>(step) });
    }
}

/// Whoever makes one promises that these are the first numbers of all samples, valid for reads and, those behind
/// mutable pointers, for writes; `tanh_of_cell` only if it is `KEPT`.
#[derive(Clone, Copy)]
struct Step {
    units: usize,
    gates: *mut f32,
    last_cell: *const f32,
    cell: *mut f32,
    h: *mut f32,
    tanh_of_cell: *mut f32,
}

/// A step that leaves what the way back needs, or not.
#[derive(Clone, Copy)]
struct Kept<const KEPT: bool>(Step);

impl<const KEPT: bool> Units for Kept<KEPT> {
    const GATES: usize = 4;

    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn block<S: Simd, G: Lanes<S>, C: Lanes<S>>(self, simd: S, (of_gates, of_cells): (G, C), at: At) {
        let step = self.0;
        let gate = |index: usize| step.gates.wrapping_add(at.gates + index * step.units);
        // SAFETY: the caller's promise.
        unsafe {
            let [i, f, g, o] = [
                sigmoid(simd, of_gates.load(simd, gate(0))),
                sigmoid(simd, of_gates.load(simd, gate(1))),
                tanh(simd, of_gates.load(simd, gate(2))),
                sigmoid(simd, of_gates.load(simd, gate(3))),
            ];
            let last_cell = of_cells.load(simd, step.last_cell.wrapping_add(at.states));
            let cell = simd.mul_add(f, last_cell, simd.mul(i, g));
            let tanh_of_cell = tanh(simd, cell);
            of_cells.store(simd, step.cell.wrapping_add(at.states), cell);
            of_cells.store(simd, step.h.wrapping_add(at.states), simd.mul(o, tanh_of_cell));
            if KEPT {
                of_gates.store(simd, gate(0), i);
                of_gates.store(simd, gate(1), f);
                of_gates.store(simd, gate(2), g);
                of_gates.store(simd, gate(3), o);
                of_cells.store(simd, step.tanh_of_cell.wrapping_add(at.states), tanh_of_cell);
            }
        }
    }
}
