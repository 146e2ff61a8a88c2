//! The way back of one step of all samples, apart from the products.
//!
//! A sample's gates lie one after the other, i, f, g, o, each of so many units.

use crate::kernels::vectorize;

/// What a step kept.
pub(super) struct Kept<'a> {
    /// The gates, which leave as the gradients of what their activations are applied to.
    pub(super) gates: &'a mut [f32],
    /// The cell before the step.
    pub(super) last_cell: &'a [f32],
    /// tanh of the cell after it.
    pub(super) tanh_of_cell: &'a [f32],
}

/// The way back of [`lstm_step`](crate::kernels::lstm_step), from the gradients of the output and of the next step's
/// cell; the latter leaves as that of the last step's cell.
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
