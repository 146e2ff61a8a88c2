//! One step of all samples, apart from the products.
//!
//! A sample's gates lie one after the other, i, f, g, o, each of so many units.

use crate::kernels::{math::tanh, vectorize};

/// From what is in the gates, through their activations, to the next cell and output. `cell` comes with the last
/// step's.
pub(super) fn forward(units: usize, gates: &mut [f32], cell: &mut [f32], tanh_of_cell: &mut [f32], h: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            // One long loop of tanh, as vectors do not fit loops over a few units:
            // sigmoid(z) = ½ + ½ tanh(½ z).
            for gates in gates.chunks_exact_mut(4 * units) {
                gates[..2 * units].iter_mut().for_each(|z| *z *= 0.5);
                gates[3 * units..].iter_mut().for_each(|z| *z *= 0.5);
            }
            gates.iter_mut().for_each(|z| *z = tanh(*z));
            for (gates, cell) in gates.chunks_exact_mut(4 * units).zip(cell.chunks_exact_mut(units)) {
                next_cell(units, gates, cell);
            }
            tanh_of_cell.iter_mut().zip(&*cell).for_each(|(tanh_of_cell, cell)| *tanh_of_cell = tanh(*cell));
            let samples = gates.chunks_exact(4 * units).zip(tanh_of_cell.chunks_exact(units));
            for ((gates, tanh_of_cell), h) in samples.zip(h.chunks_exact_mut(units)) {
                let o = &gates[3 * units..];
                h.iter_mut().zip(o).zip(tanh_of_cell).for_each(|((h, o), tanh_of_cell)| *h = o * tanh_of_cell);
            }
        },
    );
}

/// c ← f · c + i · g; the gates come as tanh(½ z) and leave as sigmoid(z).
#[inline(always)]
fn next_cell(units: usize, gates: &mut [f32], cell: &mut [f32]) {
    let (i, rest) = gates.split_at_mut(units);
    let (f, rest) = rest.split_at_mut(units);
    let (g, o) = rest.split_at_mut(units);
    for ((((i, f), g), o), cell) in i.iter_mut().zip(f).zip(g).zip(o).zip(cell) {
        *i = 0.5 + 0.5 * *i;
        *f = 0.5 + 0.5 * *f;
        *o = 0.5 + 0.5 * *o;
        *cell = *f * *cell + *i * *g;
    }
}

/// What a step kept.
pub(super) struct Kept<'a> {
    /// The gates, which leave as the gradients of what their activations are applied to.
    pub(super) gates: &'a mut [f32],
    /// The cell before the step.
    pub(super) last_cell: &'a [f32],
    /// tanh of the cell after it.
    pub(super) tanh_of_cell: &'a [f32],
}

/// The way back of [`forward`], from the gradients of the output and of the next step's cell; the latter leaves as
/// that of the last step's cell.
pub(super) fn backward(units: usize, kept: Kept<'_>, dh: &[f32], dcell: &mut [f32]) {
    let Kept { gates, last_cell, tanh_of_cell } = kept;
    vectorize(
        #[inline(always)]
        || {
            let cells = last_cell.chunks_exact(units).zip(tanh_of_cell.chunks_exact(units));
            let gradients = dh.chunks_exact(units).zip(dcell.chunks_exact_mut(units));
            for ((gates, cells), gradients) in gates.chunks_exact_mut(4 * units).zip(cells).zip(gradients) {
                sample_backward(units, gates, cells, gradients);
            }
        },
    );
}

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
