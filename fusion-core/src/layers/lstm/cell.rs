//! A step of an LSTM.
//!
//! A sample's gates lie one after the other, i, f, g, o, each of so many units.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::super::recurrent::{Back, TrainCell, products_back};
use super::super::recurrent::{Cell, Step, Weights, activate, add_products, sample_of_mut};
#[cfg(feature = "training")]
use super::super::recurrent::{activate_back, sample_of, slope, slope_behind};
use crate::activations::Activation;
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::kernels::{LstmStep, lstm_step};
#[cfg(feature = "training")]
use crate::kernels::{Start, vectorize};

/// With the activation `A` and that of the gates `R`. It keeps A of the cell.
pub struct LstmCell<A, R>(PhantomData<(A, R)>);

impl<A: Activation, R: Activation> LstmCell<A, R> {
    /// Whether there is a kernel for its steps.
    const HAS_KERNEL: bool = A::TANH && R::SIGMOID;
}

impl<A: Activation, R: Activation> Cell for LstmCell<A, R> {
    const GATES: usize = 4;
    const KEPT: usize = 1;
    const KEPT_IN_INFERENCE: usize = 0;
    const INPUTS: usize = if R::NEEDS_INPUT { 3 } else { 0 } + if A::NEEDS_INPUT { 2 } else { 0 };
    const STATES: usize = 2;
    // The gates and the gradient of A of the cell.
    const WORK: usize = if Self::HAS_KERNEL { 0 } else { 5 };

    fn forward(step: Step<'_>, weights: &Weights<'_>) {
        let Step { samples, units, first, keep, gates, kept, inputs, mut dropped, last_h, h, last_cell, cell } = step;
        // The first output is 0, and so is its product.
        if !first {
            let (kernel, sizes) = (weights.recurrent_kernel, (samples, units));
            add_products::<Self>(gates, last_h, kernel, sizes, 0..4, &mut dropped);
        }
        if Self::HAS_KERNEL {
            let tanh_of_cell = keep.then_some(kept);
            return lstm_step(LstmStep { units, gates, last_cell, cell, h, tanh_of_cell });
        }
        for sample in 0..samples {
            let range = sample * units..(sample + 1) * units;
            let gates = &mut gates[4 * range.start..4 * range.end];
            let kept = sample_of_mut(&mut *kept, sample, units);
            let inputs = sample_of_mut(&mut *inputs, sample, Self::INPUTS * units);
            let states = [&mut cell[range.clone()], &mut h[range.clone()]];
            sample_forward::<A, R>(gates, &last_cell[range], states, kept, inputs);
        }
    }
}

/// Four parts of so many units.
#[inline(always)]
fn each(units: usize, gates: &mut [f32]) -> [&mut [f32]; 4] {
    let (i, rest) = gates.split_at_mut(units);
    let (f, rest) = rest.split_at_mut(units);
    let (g, o) = rest.split_at_mut(units);
    [&mut i[..units], &mut f[..units], &mut g[..units], &mut o[..units]]
}

/// Where each activation is applied of which the slope needs what it is applied to: i, f, o, g and the cell.
#[inline(always)]
fn places<A: Activation, R: Activation>(length: usize) -> [core::ops::Range<usize>; 5] {
    let (of_r, of_a) = (if R::NEEDS_INPUT { 1 } else { 0 }, if A::NEEDS_INPUT { 1 } else { 0 });
    let units = length / (3 * of_r + 2 * of_a).max(1);
    let (of_r, of_a) = (of_r * units, of_a * units);
    let g = 3 * of_r;
    [0..of_r, of_r..2 * of_r, 2 * of_r..g, g..g + of_a, g + of_a..g + 2 * of_a]
}

/// A step of a sample, as [`lstm_step`] with other activations.
fn sample_forward<A: Activation, R: Activation>(
    gates: &mut [f32],
    last_cell: &[f32],
    [cell, h]: [&mut [f32]; 2],
    kept: &mut [f32],
    inputs: &mut [f32],
) {
    let units = h.len();
    let [of_i, of_f, of_o, of_g, of_cell] = places::<A, R>(inputs.len());
    let [i, f, g, o] = each(units, gates);
    activate::<R>(i, &mut inputs[of_i]);
    activate::<R>(f, &mut inputs[of_f]);
    activate::<A>(g, &mut inputs[of_g]);
    activate::<R>(o, &mut inputs[of_o]);
    for u in 0..units {
        cell[u] = f[u] * last_cell[u] + i[u] * g[u];
    }
    h.copy_from_slice(cell);
    activate::<A>(h, &mut inputs[of_cell]);
    if !kept.is_empty() {
        kept.copy_from_slice(h);
    }
    h.iter_mut().zip(&*o).for_each(|(h, o)| *h *= o);
}

#[cfg(feature = "training")]
impl<A: TrainActivation, R: TrainActivation> TrainCell for LstmCell<A, R> {
    fn backward(step: Back<'_>, transposed: &[f32]) {
        let Back { samples, units, first, gates, kept, inputs, mut dropped, last_cell, dh, dcell, work, .. } = step;
        vectorize(
            #[inline(always)]
            || {
                let cells = last_cell.chunks_exact(units).zip(kept.chunks_exact(units));
                let gradients = dh.chunks_exact(units).zip(dcell.chunks_exact_mut(units));
                let each = gates.chunks_exact_mut(4 * units).zip(cells).zip(gradients).enumerate();
                for (sample, ((gates, cells), gradients)) in each {
                    let inputs = sample_of(inputs, sample, Self::INPUTS * units);
                    let work = sample_of_mut(&mut *work, sample, Self::WORK * units);
                    sample_backward::<A, R>(units, gates, cells, gradients, inputs, work);
                }
            },
        );
        if !first {
            products_back::<Self>(gates, transposed, dh, (samples, units), 0..4, &mut dropped, Start::Zero);
        }
    }
}

/// The way back of a step in a sample, from the gradients of the output and of the cell; the latter leaves as that of the
/// cell before. The slopes of activations other than tanh and the sigmoid come behind.
#[cfg(feature = "training")]
#[inline(always)]
fn sample_backward<A: TrainActivation, R: TrainActivation>(
    units: usize,
    gates: &mut [f32],
    (last_cell, of_cell): (&[f32], &[f32]),
    (dh, dcell): (&[f32], &mut [f32]),
    inputs: &[f32],
    work: &mut [f32],
) {
    let places = places::<A, R>(inputs.len());
    let (through, before) = work.split_at_mut(if work.is_empty() { 0 } else { units });
    if !LstmCell::<A, R>::HAS_KERNEL {
        before.copy_from_slice(gates);
        let o = &gates[3 * units..];
        through.iter_mut().zip(dh.iter().zip(o)).for_each(|(through, (dh, o))| *through = dh * o);
        activate_back::<A>(&inputs[places[4].clone()], of_cell, through);
    }
    let [i, f, g, o] = each(units, gates);
    let (last_cell, of_cell) = (&last_cell[..units], &of_cell[..units]);
    let (dh, dcell) = (&dh[..units], &mut dcell[..units]);
    for u in 0..units {
        let (input, forget, new, output) = (i[u], f[u], g[u], o[u]);
        let through =
            if LstmCell::<A, R>::HAS_KERNEL { dh[u] * output * (1.0 - of_cell[u] * of_cell[u]) } else { through[u] };
        let dc = dcell[u] + through;
        i[u] = dc * new * slope::<R>(input);
        f[u] = dc * last_cell[u] * slope::<R>(forget);
        g[u] = dc * input * slope::<A>(new);
        o[u] = dh[u] * of_cell[u] * slope::<R>(output);
        dcell[u] = dc * forget;
    }
    if !LstmCell::<A, R>::HAS_KERNEL {
        let [of_i, of_f, of_o, of_g, _] = places;
        let before = each(units, before);
        slope_behind::<R>(&inputs[of_i], before[0], i);
        slope_behind::<R>(&inputs[of_f], before[1], f);
        slope_behind::<A>(&inputs[of_g], before[2], g);
        slope_behind::<R>(&inputs[of_o], before[3], o);
    }
}
