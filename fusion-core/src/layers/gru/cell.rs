//! A step of a gated recurrent unit.
//!
//! A sample's gates lie one after the other, z, r, n, each of so many units. What is kept has one more number of each
//! unit: where the reset gate comes after the product, the recurrent part of n; where it comes before, r · h.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::super::recurrent::{Back, Kept, TrainCell, add_columns};
use super::super::recurrent::{Cell, Step, Weights, add_product, columns, start};
use super::ResetAfter;
use crate::kernels::{MatrixMut, MatrixRef, math, product, vectorize};
#[cfg(feature = "training")]
use crate::kernels::{Start, add_rows};

/// With the gate r behind the product, or in front of it.
pub struct GruCell<R>(PhantomData<R>);

impl<R: ResetAfter> Cell for GruCell<R> {
    const GATES: usize = 3;
    const KEPT: usize = 1;
    const KEPT_IN_INFERENCE: usize = 1;
    const STATES: usize = 1;
    const WORK: usize = if R::USED { 0 } else { 1 };

    fn forward(step: Step<'_>, weights: &Weights<'_>) {
        let Step { samples, units, first, gates, kept, last_h, h, .. } = step;
        let (sizes, kernel) = ((samples, units), weights.recurrent_kernel);
        // The first output is 0, and so is its product.
        if !first {
            add_product::<Self>(gates, last_h, kernel, sizes, 0..2);
        }
        if R::USED {
            let bias = weights.recurrent_bias;
            let (of_gates, of_n) = bias.split_at(bias.len() / 3 * 2);
            let (h, kernel) = (MatrixRef::new(last_h, samples, units), columns(kernel, units, units, 3, 2..3));
            product(h, kernel, &mut MatrixMut::new(kept, samples, units), start(of_n), false);
            reset_after(units, gates, kept, of_gates);
        } else {
            reset_before(units, gates, kept, last_h);
            if !first {
                add_product::<Self>(gates, kept, kernel, sizes, 2..3);
            }
        }
        update(units, gates, last_h, h);
    }
}

/// z, r and n of one sample.
#[inline(always)]
fn each(units: usize, gates: &mut [f32]) -> [&mut [f32]; 3] {
    let (z, rest) = gates.split_at_mut(units);
    let (r, n) = rest.split_at_mut(units);
    [&mut z[..units], &mut r[..units], &mut n[..units]]
}

/// r becomes the gate, and to what tanh is applied to comes r · inner.
fn reset_after(units: usize, gates: &mut [f32], inner: &[f32], bias: &[f32]) {
    vectorize(
        #[inline(always)]
        || {
            for (gates, inner) in gates.chunks_exact_mut(3 * units).zip(inner.chunks_exact(units)) {
                gates.iter_mut().zip(bias).for_each(|(gate, bias)| *gate += bias);
                let ([_, r, n], inner) = (each(units, gates), &inner[..units]);
                for u in 0..units {
                    r[u] = math::sigmoid(r[u]);
                    n[u] += r[u] * inner[u];
                }
            }
        },
    );
}

/// r becomes the gate, and r · h is kept.
fn reset_before(units: usize, gates: &mut [f32], kept: &mut [f32], last_h: &[f32]) {
    vectorize(
        #[inline(always)]
        || {
            let states = kept.chunks_exact_mut(units).zip(last_h.chunks_exact(units));
            for (gates, (kept, last_h)) in gates.chunks_exact_mut(3 * units).zip(states) {
                let ([_, r, _], kept, last_h) = (each(units, gates), &mut kept[..units], &last_h[..units]);
                for u in 0..units {
                    r[u] = math::sigmoid(r[u]);
                    kept[u] = r[u] * last_h[u];
                }
            }
        },
    );
}

/// z and n become the gates, of which the next output is made.
fn update(units: usize, gates: &mut [f32], last_h: &[f32], h: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            let states = last_h.chunks_exact(units).zip(h.chunks_exact_mut(units));
            for (gates, (last_h, h)) in gates.chunks_exact_mut(3 * units).zip(states) {
                let ([z, _, n], last_h, h) = (each(units, gates), &last_h[..units], &mut h[..units]);
                for u in 0..units {
                    z[u] = math::sigmoid(z[u]);
                    n[u] = math::tanh(n[u]);
                    h[u] = z[u] * last_h[u] + (1.0 - z[u]) * n[u];
                }
            }
        },
    );
}

#[cfg(feature = "training")]
impl<R: ResetAfter> TrainCell for GruCell<R> {
    fn backward(step: Back<'_>, transposed: &[f32]) {
        let Back { samples, units, first, gates, kept, last_h, dh, work, .. } = step;
        let (of_gates, of_n) = transposed.split_at(2 * units * units);
        let through = |dy: MatrixRef<'_>, kernel: &[f32], dx: &mut [f32], start: Start<'_>| {
            let kernel = MatrixRef::new(kernel, dy.columns(), units);
            product(dy, kernel, &mut MatrixMut::new(dx, samples, units), start, false);
        };
        update_back(units, gates, last_h, dh);
        if R::USED {
            reset_after_back(units, gates, kept);
            if !first {
                through(MatrixRef::new(kept, samples, units), of_n, dh, Start::Accumulate);
            }
        } else {
            through(columns(gates, samples, units, 3, 2..3), of_n, work, Start::Zero);
            reset_before_back(units, gates, work, last_h, dh);
        }
        if !first {
            through(columns(gates, samples, units, 3, 0..2), of_gates, dh, Start::Accumulate);
        }
    }

    fn add_recurrent(step: Kept<'_>, gradient: &mut [f32]) {
        add_columns::<Self>(step.last_h, step.gates, step, 0..2, gradient);
        let (x, dy) = if R::USED { (step.last_h, step.kept) } else { (step.kept, step.gates) };
        add_columns::<Self>(x, dy, step, 2..3, gradient);
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

/// The way back of [`update`]: z and n become gradients, and that of the output what goes on through z.
#[cfg(feature = "training")]
fn update_back(units: usize, gates: &mut [f32], last_h: &[f32], dh: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            let states = last_h.chunks_exact(units).zip(dh.chunks_exact_mut(units));
            for (gates, (last_h, dh)) in gates.chunks_exact_mut(3 * units).zip(states) {
                let ([z, _, n], last_h, dh) = (each(units, gates), &last_h[..units], &mut dh[..units]);
                for u in 0..units {
                    let (update, new) = (z[u], n[u]);
                    z[u] = dh[u] * (last_h[u] - new) * update * (1.0 - update);
                    n[u] = dh[u] * (1.0 - update) * (1.0 - new * new);
                    dh[u] *= update;
                }
            }
        },
    );
}

/// The way back of [`reset_after`]: r and what is kept become gradients.
#[cfg(feature = "training")]
fn reset_after_back(units: usize, gates: &mut [f32], inner: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            for (gates, inner) in gates.chunks_exact_mut(3 * units).zip(inner.chunks_exact_mut(units)) {
                let ([_, r, n], inner) = (each(units, gates), &mut inner[..units]);
                for u in 0..units {
                    let reset = r[u];
                    r[u] = n[u] * inner[u] * reset * (1.0 - reset);
                    inner[u] = n[u] * reset;
                }
            }
        },
    );
}

/// The way back of [`reset_before`], from the gradient of r · h: r becomes a gradient, and to that of h comes what goes
/// through r.
#[cfg(feature = "training")]
fn reset_before_back(units: usize, gates: &mut [f32], product: &[f32], last_h: &[f32], dh: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            let states = last_h.chunks_exact(units).zip(dh.chunks_exact_mut(units));
            let samples = gates.chunks_exact_mut(3 * units).zip(product.chunks_exact(units));
            for ((gates, product), (last_h, dh)) in samples.zip(states) {
                let ([_, r, _], product) = (each(units, gates), &product[..units]);
                let (last_h, dh) = (&last_h[..units], &mut dh[..units]);
                for u in 0..units {
                    let reset = r[u];
                    r[u] = product[u] * last_h[u] * reset * (1.0 - reset);
                    dh[u] += product[u] * reset;
                }
            }
        },
    );
}
