//! One step of a gated recurrent unit whose reset gate comes after the product.

use super::super::dispatch::dispatch;
use super::super::simd::Simd;
use super::ratio::{sigmoid, tanh};
use super::{At, Each, Lanes, Units};

/// One step of all samples: what [`gru_step`] reads and writes.
///
/// A sample's gates lie one after the other, z, r, n, each of so many units.
pub struct GruStep<'a> {
    /// Numbers in a sample's output and in each of its gates.
    pub units: usize,
    /// What the gates' activations are applied to, but of n without what comes of the state: `3 · units` numbers for
    /// each sample.
    pub gates: &'a mut [f32],
    /// What comes of the state for n: `units` numbers for each sample.
    pub inner: &'a [f32],
    /// Is added to z and r of each sample: `2 · units` numbers, or none.
    pub bias: &'a [f32],
    /// The outputs before the step, `units` numbers for each sample.
    pub last_h: &'a [f32],
    /// Where the outputs go.
    pub h: &'a mut [f32],
    /// Whether `gates` leave as the gates themselves, for the way back, or as they are.
    pub keep: bool,
}

/// From what the gates' activations are applied to, to the next outputs:
///
/// - z, r = sigmoid(gates + bias) and n = tanh(gate + r · inner),
/// - h = z · `last_h` + (1 − z) · n.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::kernels::{GruStep, gru_step};
///
/// let (mut gates, mut h) = ([0.0; 3], [0.0]);
/// gru_step(GruStep { units: 1, gates: &mut gates, inner: &[0.0], bias: &[], last_h: &[3.0], h: &mut h, keep: false });
/// assert_eq!(h, [0.5 * 3.0]);
/// ```
///
/// # Panics
/// If the slices are not those of so many samples.
pub fn gru_step(step: GruStep<'_>) {
    let GruStep { units, gates, inner, bias, last_h, h, keep } = step;
    let length = h.len();
    assert!(length.checked_mul(3) == Some(gates.len()), "{} numbers in the gates of {length} units", gates.len());
    assert!(inner.len() == length && last_h.len() == length, "{} and {} numbers", inner.len(), last_h.len());
    if length == 0 {
        return;
    }
    assert!(length.is_multiple_of(units), "{length} numbers in outputs of {units}");
    let biased = !bias.is_empty();
    assert!(!biased || bias.len() == 2 * units, "{} numbers in the bias of z and r of {units} units", bias.len());
    let (inner, bias, last_h) = (inner.as_ptr(), bias.as_ptr(), last_h.as_ptr());
    let step = Step { units, gates: gates.as_mut_ptr(), inner, bias, last_h, h: h.as_mut_ptr() };
    let samples = length / units;
    match (keep, biased) {
        (true, true) => dispatch(Each { units, samples, step: Which::<true, true>(step) }),
        (true, false) => dispatch(Each { units, samples, step: Which::<true, false>(step) }),
        (false, true) => dispatch(Each { units, samples, step: Which::<false, true>(step) }),
        (false, false) => dispatch(Each { units, samples, step: Which::<false, false>(step) }),
    }
}

/// Whoever makes one promises that these are the first numbers of all samples, valid for reads and, those behind
/// mutable pointers, for writes; `bias` only if the step is `BIASED`.
#[derive(Clone, Copy)]
struct Step {
    units: usize,
    gates: *mut f32,
    inner: *const f32,
    bias: *const f32,
    last_h: *const f32,
    h: *mut f32,
}

/// A step that leaves what the way back needs, or not; with a bias, or not.
#[derive(Clone, Copy)]
struct Which<const KEPT: bool, const BIASED: bool>(Step);

impl<const KEPT: bool, const BIASED: bool> Units for Which<KEPT, BIASED> {
    const GATES: usize = 3;

    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn block<S: Simd, G: Lanes<S>, C: Lanes<S>>(self, simd: S, (of_gates, of_states): (G, C), at: At) {
        let step = self.0;
        let gate = |index: usize| step.gates.wrapping_add(at.gates + index * step.units);
        // SAFETY: the caller's promise; the bias has a number for each unit of z, then of r.
        unsafe {
            let [mut z, mut r, n] = [0, 1, 2].map(|index| of_gates.load(simd, gate(index)));
            if BIASED {
                let bias = step.bias.wrapping_add(at.unit);
                z = simd.add(z, of_gates.of_all().load(simd, bias));
                r = simd.add(r, of_gates.of_all().load(simd, bias.wrapping_add(step.units)));
            }
            let (z, r) = (sigmoid(simd, z), sigmoid(simd, r));
            let inner = of_states.load(simd, step.inner.wrapping_add(at.states));
            let n = tanh(simd, simd.mul_add(r, inner, n));
            let last_h = of_states.load(simd, step.last_h.wrapping_add(at.states));
            // n + z · (h − n), which is z · h + (1 − z) · n.
            let minus_n = simd.mul(simd.splat(-1.0), n);
            let h = simd.mul_add(z, simd.add(last_h, minus_n), n);
            of_states.store(simd, step.h.wrapping_add(at.states), h);
            if KEPT {
                of_gates.store(simd, gate(0), z);
                of_gates.store(simd, gate(1), r);
                of_gates.store(simd, gate(2), n);
            }
        }
    }
}
