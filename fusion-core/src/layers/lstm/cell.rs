//! A step of an LSTM.
//!
//! A sample's gates lie one after the other, i, f, g, o, each of so many units.

#[cfg(feature = "training")]
use super::super::recurrent::{Back, TrainCell};
use super::super::recurrent::{Cell, Step, Weights, add_product};
use crate::kernels::{LstmStep, lstm_step};
#[cfg(feature = "training")]
use crate::kernels::{MatrixMut, MatrixRef, Start, product, vectorize};

/// It keeps tanh of the cell.
pub struct LstmCell;

impl Cell for LstmCell {
    const GATES: usize = 4;
    const KEPT: usize = 1;
    const KEPT_IN_INFERENCE: usize = 0;
    const STATES: usize = 2;
    const WORK: usize = 0;

    fn forward(step: Step<'_>, weights: &Weights<'_>) {
        let Step { samples, units, first, gates, kept, last_h, h, last_cell, cell } = step;
        // The first output is 0, and so is its product.
        if !first {
            add_product::<Self>(gates, last_h, weights.recurrent_kernel, (samples, units), 0..4);
        }
        let tanh_of_cell = (!kept.is_empty()).then_some(kept);
        lstm_step(LstmStep { units, gates, last_cell, cell, h, tanh_of_cell });
    }
}

#[cfg(feature = "training")]
impl TrainCell for LstmCell {
    fn backward(step: Back<'_>, transposed: &[f32]) {
        let Back { samples, units, first, gates, kept, last_cell, dh, dcell, .. } = step;
        vectorize(
            #[inline(always)]
            || {
                let cells = last_cell.chunks_exact(units).zip(kept.chunks_exact(units));
                let gradients = dh.chunks_exact(units).zip(dcell.chunks_exact_mut(units));
                for ((gates, cells), gradients) in gates.chunks_exact_mut(4 * units).zip(cells).zip(gradients) {
                    sample_backward(units, gates, cells, gradients);
                }
            },
        );
        if !first {
            let (gates, kernel) =
                (MatrixRef::new(gates, samples, 4 * units), MatrixRef::new(transposed, 4 * units, units));
            product(gates, kernel, &mut MatrixMut::new(dh, samples, units), Start::Zero, false);
        }
    }
}

/// The way back of [`lstm_step`] in a sample, from the gradients of the output and of the cell; the latter leaves as that
/// of the cell before.
#[cfg(feature = "training")]
#[inline(always)]
fn sample_backward(
    units: usize,
    gates: &mut [f32],
    (last_cell, tanh_of_cell): (&[f32], &[f32]),
    (dh, dcell): (&[f32], &mut [f32]),
) {
    let (i, rest) = gates.split_at_mut(units);
    let (f, rest) = rest.split_at_mut(units);
    let (g, o) = rest.split_at_mut(units);
    let (i, f, g, o) = (&mut i[..units], &mut f[..units], &mut g[..units], &mut o[..units]);
    let (last_cell, tanh_of_cell) = (&last_cell[..units], &tanh_of_cell[..units]);
    let (dh, dcell) = (&dh[..units], &mut dcell[..units]);
    for u in 0..units {
        let (input, forget, new, output) = (i[u], f[u], g[u], o[u]);
        let dc = dcell[u] + dh[u] * output * (1.0 - tanh_of_cell[u] * tanh_of_cell[u]);
        i[u] = dc * new * input * (1.0 - input);
        f[u] = dc * last_cell[u] * forget * (1.0 - forget);
        g[u] = dc * input * (1.0 - new * new);
        o[u] = dh[u] * tanh_of_cell[u] * output * (1.0 - output);
        dcell[u] = dc * forget;
    }
}
