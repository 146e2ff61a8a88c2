//! A step of a gated recurrent unit.
//!
//! A sample's gates lie one after the other, z, r, n, each of so many units. What is kept has one more number of each
//! unit: where the reset gate comes after the product, the recurrent part of n; where it comes before, r · h.

use core::marker::PhantomData;
use core::ops::Range;

#[cfg(feature = "training")]
use super::super::recurrent::{Back, Kept, TrainCell, add_columns, add_columns_of_h, products_back};
use super::super::recurrent::{
    Cell, Step, Weights, activate_before, add_product, add_products, columns, sample_of_mut, start, within,
};
#[cfg(feature = "training")]
use super::super::recurrent::{sample_of, slope, slope_behind};
use super::ResetAfter;
use crate::activations::Activation;
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::kernels::{GruStep, MatrixMut, MatrixRef, gru_step, product, vectorize};
#[cfg(feature = "training")]
use crate::kernels::{Start, add_rows};

/// With the gate r behind the product, or in front of it; with the activation `A` and that of the gates `S`.
pub struct GruCell<R, A, S>(PhantomData<(R, A, S)>);

impl<R, A: Activation, S: Activation> GruCell<R, A, S> {
    /// Whether the activations stand within the loops; with the reset gate behind the product there is a kernel then.
    const PLAIN: bool = A::TANH && S::SIGMOID;
    /// Numbers of a unit that activations are applied to whose slopes need them.
    const LENGTH: usize = if S::NEEDS_INPUT { 2 } else { 0 } + if A::NEEDS_INPUT { 1 } else { 0 };

    /// Where each activation is applied of which the slope needs what it is applied to: z, r and n.
    fn places(length: usize) -> [Range<usize>; 3] {
        let (of_s, of_a) = (if S::NEEDS_INPUT { 1 } else { 0 }, if A::NEEDS_INPUT { 1 } else { 0 });
        let units = length / (2 * of_s + of_a).max(1);
        let (z, r) = (of_s * units, 2 * of_s * units);
        [0..z, z..r, r..r + of_a * units]
    }
}

impl<R: ResetAfter, A: Activation, S: Activation> Cell for GruCell<R, A, S> {
    const GATES: usize = 3;
    const KEPT: usize = 1;
    const KEPT_IN_INFERENCE: usize = 1;
    const INPUTS: usize = Self::LENGTH;
    const STATES: usize = 1;
    // The gradient of a product, and the gates.
    const WORK: usize = if R::USED { 0 } else { 1 } + if Self::PLAIN { 0 } else { 3 };

    fn forward(step: Step<'_>, weights: &Weights<'_>) {
        let Step { samples, units, first, keep, gates, kept, inputs, mut dropped, last_h, h, .. } = step;
        let (sizes, kernel) = ((samples, units), weights.recurrent_kernel);
        // The first output is 0, and so is its product.
        if !first {
            add_products::<Self>(gates, last_h, kernel, sizes, 0..2, &mut dropped);
        }
        let of_n = dropped.of(2, last_h);
        if R::USED {
            let bias = weights.recurrent_bias;
            let (of_gates, bias_of_n) = bias.split_at(bias.len() / 3 * 2);
            let (of_n, kernel) = (MatrixRef::new(of_n, samples, units), columns(kernel, units, units, 3, 2..3));
            product(of_n, kernel, &mut MatrixMut::new(kept, samples, units), start(bias_of_n), false);
            if Self::PLAIN {
                return gru_step(GruStep { units, gates, inner: kept, bias: of_gates, last_h, h, keep });
            }
            reset_after::<R, A, S>(units, gates, kept, of_gates, inputs);
        } else {
            reset_before::<R, A, S>(units, gates, kept, of_n, inputs);
            if !first {
                add_product::<Self>(gates, kept, kernel, sizes, 2..3);
            }
        }
        update::<R, A, S>(units, gates, last_h, h, inputs);
    }
}

/// z, r and n of one sample.
#[inline(always)]
fn each(units: usize, gates: &mut [f32]) -> [&mut [f32]; 3] {
    let (z, rest) = gates.split_at_mut(units);
    let (r, n) = rest.split_at_mut(units);
    [&mut z[..units], &mut r[..units], &mut n[..units]]
}

/// What the activation of a gate of a sample is applied to, if that is kept.
#[inline(always)]
fn input_of<R, A: Activation, S: Activation>(
    inputs: &mut [f32],
    sample: usize,
    units: usize,
    gate: usize,
) -> &mut [f32] {
    let inputs = sample_of_mut(inputs, sample, GruCell::<R, A, S>::LENGTH * units);
    let place = GruCell::<R, A, S>::places(inputs.len())[gate].clone();
    &mut inputs[place]
}

/// r becomes the gate, and to what A is applied to comes r · inner.
fn reset_after<R, A: Activation, S: Activation>(
    units: usize,
    gates: &mut [f32],
    inner: &[f32],
    bias: &[f32],
    inputs: &mut [f32],
) {
    vectorize(
        #[inline(always)]
        || {
            for (sample, (gates, inner)) in gates.chunks_exact_mut(3 * units).zip(inner.chunks_exact(units)).enumerate()
            {
                gates.iter_mut().zip(bias).for_each(|(gate, bias)| *gate += bias);
                let ([_, r, n], inner) = (each(units, gates), &inner[..units]);
                activate_before::<S>(r, input_of::<R, A, S>(inputs, sample, units, 1));
                r.iter_mut().for_each(|r| *r = within::<S>(*r));
                n.iter_mut().zip(r).zip(inner).for_each(|((n, r), inner)| *n += *r * inner);
            }
        },
    );
}

/// r becomes the gate, and r · h is kept.
fn reset_before<R, A: Activation, S: Activation>(
    units: usize,
    gates: &mut [f32],
    kept: &mut [f32],
    last_h: &[f32],
    inputs: &mut [f32],
) {
    vectorize(
        #[inline(always)]
        || {
            let states = kept.chunks_exact_mut(units).zip(last_h.chunks_exact(units));
            for (sample, (gates, (kept, last_h))) in gates.chunks_exact_mut(3 * units).zip(states).enumerate() {
                let ([_, r, _], kept, last_h) = (each(units, gates), &mut kept[..units], &last_h[..units]);
                activate_before::<S>(r, input_of::<R, A, S>(inputs, sample, units, 1));
                r.iter_mut().for_each(|r| *r = within::<S>(*r));
                kept.iter_mut().zip(r).zip(last_h).for_each(|((kept, r), last_h)| *kept = *r * last_h);
            }
        },
    );
}

/// z and n become the gates, of which the next output is made.
fn update<R, A: Activation, S: Activation>(
    units: usize,
    gates: &mut [f32],
    last_h: &[f32],
    h: &mut [f32],
    inputs: &mut [f32],
) {
    vectorize(
        #[inline(always)]
        || {
            let states = last_h.chunks_exact(units).zip(h.chunks_exact_mut(units));
            for (sample, (gates, (last_h, h))) in gates.chunks_exact_mut(3 * units).zip(states).enumerate() {
                let ([z, _, n], last_h, h) = (each(units, gates), &last_h[..units], &mut h[..units]);
                activate_before::<S>(z, input_of::<R, A, S>(inputs, sample, units, 0));
                activate_before::<A>(n, input_of::<R, A, S>(inputs, sample, units, 2));
                // Each in a loop of its own: in one loop they do not become vector instructions.
                z.iter_mut().for_each(|z| *z = within::<S>(*z));
                n.iter_mut().for_each(|n| *n = within::<A>(*n));
                let gates = z.iter().zip(&*n);
                let states = h.iter_mut().zip(last_h);
                states.zip(gates).for_each(|((h, last_h), (z, n))| *h = z * last_h + (1.0 - z) * n);
            }
        },
    );
}

#[cfg(feature = "training")]
impl<R: ResetAfter, A: TrainActivation, S: TrainActivation> TrainCell for GruCell<R, A, S> {
    fn backward(step: Back<'_>, transposed: &[f32]) {
        let Back { samples, units, first, gates, kept, inputs, mut dropped, last_h, dh, work, .. } = step;
        let (of_product, before) = work.split_at_mut(if R::USED { 0 } else { samples * units });
        if !Self::PLAIN {
            before.copy_from_slice(gates);
        }
        let sizes = (samples, units);
        let behind = |gates: &mut [f32], which: &[usize]| slopes_behind::<R, A, S>(units, gates, before, inputs, which);
        update_back::<A, S>(units, gates, last_h, dh);
        behind(gates, &[0, 2]);
        if R::USED {
            reset_after_back::<S>(units, gates, kept);
            behind(gates, &[1]);
            if !first {
                // Through the product of n alone, whose gradient is what is kept.
                dropped.through(kept, &transposed[2 * units * units..], 2, sizes, dh);
            }
        } else {
            let (dn, kernel) = (columns(gates, samples, units, 3, 2..3), &transposed[2 * units * units..]);
            let kernel = MatrixRef::new(kernel, units, units);
            product(dn, kernel, &mut MatrixMut::new(of_product, samples, units), Start::Zero, false);
            reset_before_back::<S>(units, gates, of_product, dropped.of(2, last_h));
            behind(gates, &[1]);
            dropped.add_gradient(2, of_product, dh);
        }
        if !first {
            products_back::<Self>(gates, transposed, dh, sizes, 0..2, &mut dropped, Start::Accumulate);
        }
    }

    fn add_recurrent(step: Kept<'_>, room: &mut [f32], gradient: &mut [f32]) {
        add_columns_of_h::<Self>(step.gates, step, 0..2, room, gradient);
        if R::USED {
            add_columns_of_h::<Self>(step.kept, step, 2..3, room, gradient);
        } else {
            add_columns::<Self>(step.kept, step.gates, step, 2..3, gradient);
        }
    }

    fn add_bias(step: Kept<'_>, bias: &mut [f32], recurrent_bias: &mut [f32], scratch: &mut [f32]) {
        if bias.is_empty() {
            return;
        }
        if recurrent_bias.is_empty() {
            return add_rows(step.gates, bias);
        }
        // That of z and r is the same in both.
        let sums = &mut scratch[..bias.len()];
        sums.fill(0.0);
        add_rows(step.gates, sums);
        let (of_gates, of_n) = recurrent_bias.split_at_mut(2 * step.units);
        bias.iter_mut().zip(&*sums).for_each(|(bias, sum)| *bias += sum);
        of_gates.iter_mut().zip(&*sums).for_each(|(bias, sum)| *bias += sum);
        add_rows(step.kept, of_n);
    }
}

/// The slopes of activations that do not stand within the loops, for some of the gates z, r and n.
#[cfg(feature = "training")]
fn slopes_behind<R, A: TrainActivation, S: TrainActivation>(
    units: usize,
    gates: &mut [f32],
    before: &[f32],
    inputs: &[f32],
    which: &[usize],
) {
    if GruCell::<R, A, S>::PLAIN {
        return;
    }
    for (sample, gates) in gates.chunks_exact_mut(3 * units).enumerate() {
        let before = sample_of(before, sample, 3 * units);
        let inputs = sample_of(inputs, sample, GruCell::<R, A, S>::LENGTH * units);
        let places = GruCell::<R, A, S>::places(inputs.len());
        for gate in which.iter().copied() {
            let of_gate = gate * units..(gate + 1) * units;
            let (input, before) = (&inputs[places[gate].clone()], &before[of_gate.clone()]);
            if gate == 2 {
                slope_behind::<A>(input, before, &mut gates[of_gate]);
            } else {
                slope_behind::<S>(input, before, &mut gates[of_gate]);
            }
        }
    }
}

/// The way back of [`update`]: z and n become gradients, and that of the output what goes on through z.
#[cfg(feature = "training")]
fn update_back<A: Activation, S: Activation>(units: usize, gates: &mut [f32], last_h: &[f32], dh: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            let states = last_h.chunks_exact(units).zip(dh.chunks_exact_mut(units));
            for (gates, (last_h, dh)) in gates.chunks_exact_mut(3 * units).zip(states) {
                let ([z, _, n], last_h, dh) = (each(units, gates), &last_h[..units], &mut dh[..units]);
                for u in 0..units {
                    let (update, new) = (z[u], n[u]);
                    z[u] = dh[u] * (last_h[u] - new) * slope::<S>(update);
                    n[u] = dh[u] * (1.0 - update) * slope::<A>(new);
                    dh[u] *= update;
                }
            }
        },
    );
}

/// The way back of [`reset_after`]: r and what is kept become gradients.
#[cfg(feature = "training")]
fn reset_after_back<S: Activation>(units: usize, gates: &mut [f32], inner: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            for (gates, inner) in gates.chunks_exact_mut(3 * units).zip(inner.chunks_exact_mut(units)) {
                let ([_, r, n], inner) = (each(units, gates), &mut inner[..units]);
                for u in 0..units {
                    let reset = r[u];
                    r[u] = n[u] * inner[u] * slope::<S>(reset);
                    inner[u] = n[u] * reset;
                }
            }
        },
    );
}

/// The way back of [`reset_before`], from the gradient of r · h: r becomes a gradient, and that of h is left.
#[cfg(feature = "training")]
fn reset_before_back<S: Activation>(units: usize, gates: &mut [f32], product: &mut [f32], last_h: &[f32]) {
    vectorize(
        #[inline(always)]
        || {
            let states = product.chunks_exact_mut(units).zip(last_h.chunks_exact(units));
            for (gates, (product, last_h)) in gates.chunks_exact_mut(3 * units).zip(states) {
                let ([_, r, _], product, last_h) = (each(units, gates), &mut product[..units], &last_h[..units]);
                for u in 0..units {
                    let reset = r[u];
                    r[u] = product[u] * last_h[u] * slope::<S>(reset);
                    product[u] *= reset;
                }
            }
        },
    );
}
