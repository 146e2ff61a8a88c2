//! What a step of a recurrent layer computes, of all samples at once.

use core::ops::Range;

use super::dropping::Dropped;
use crate::kernels::{MatrixMut, MatrixRef, Start, product};
#[cfg(feature = "training")]
use crate::kernels::{add_gradient, add_rows};

/// The weights, flat; a bias that is not there has no numbers.
pub struct Weights<'a> {
    pub(in super::super) kernel: &'a [f32],
    pub(in super::super) recurrent_kernel: &'a [f32],
    pub(in super::super) bias: &'a [f32],
    /// What is added to the product with the output of the step before.
    pub(in super::super) recurrent_bias: &'a [f32],
}

/// One step. All numbers lie sample by sample.
pub struct Step<'a> {
    pub(in super::super) samples: usize,
    pub(in super::super) units: usize,
    /// Whether there is none before, so that its output was 0.
    pub(in super::super) first: bool,
    /// Whether a way back follows.
    pub(in super::super) keep: bool,
    /// What the kernel gives of x, with the bias: a sample's gates one after the other.
    pub(in super::super) gates: &'a mut [f32],
    /// Room for what [`Cell::KEPT`] counts, or in inference for [`Cell::KEPT_IN_INFERENCE`].
    pub(in super::super) kept: &'a mut [f32],
    /// Room for what [`Cell::INPUTS`] counts; none in inference.
    pub(in super::super) inputs: &'a mut [f32],
    /// What of the output before drops out.
    pub(in super::super) dropped: Dropped<'a>,
    pub(in super::super) last_h: &'a [f32],
    pub(in super::super) h: &'a mut [f32],
    /// Of the state that is no output; empty where there is none.
    pub(in super::super) last_cell: &'a [f32],
    pub(in super::super) cell: &'a mut [f32],
}

/// What a recurrent layer computes at a step.
pub trait Cell: Sized {
    /// How many gates there are: numbers of a unit that the kernel gives.
    const GATES: usize;
    /// Numbers of a unit that a step keeps for the way back, beside its gates and its states.
    const KEPT: usize;
    /// How many of these it needs all the same where no way back follows.
    const KEPT_IN_INFERENCE: usize;
    /// Numbers of a unit that activations are applied to whose slopes need them.
    const INPUTS: usize;
    /// How many states go from step to step: the output, and a cell where there is one.
    const STATES: usize;
    /// Numbers of a unit that the way back works with.
    const WORK: usize;

    /// Writes the next states, and in `gates` and `kept` what the way back needs.
    fn forward(step: Step<'_>, weights: &Weights<'_>);
}

/// One step on the way back.
#[cfg(feature = "training")]
pub struct Back<'a> {
    pub(in super::super) samples: usize,
    pub(in super::super) units: usize,
    pub(in super::super) first: bool,
    /// As [`Cell::forward`] left them.
    pub(in super::super) gates: &'a mut [f32],
    pub(in super::super) kept: &'a mut [f32],
    pub(in super::super) inputs: &'a [f32],
    pub(in super::super) dropped: Dropped<'a>,
    pub(in super::super) last_h: &'a [f32],
    pub(in super::super) last_cell: &'a [f32],
    /// The gradient of the output; it leaves as that of the step before.
    pub(in super::super) dh: &'a mut [f32],
    /// The same of the cell.
    pub(in super::super) dcell: &'a mut [f32],
    /// Room for what [`Cell::WORK`] counts.
    pub(in super::super) work: &'a mut [f32],
}

/// So many steps of samples, as the way back left them, each with the output before it.
#[cfg(feature = "training")]
#[derive(Clone, Copy)]
pub struct Kept<'a> {
    /// The first of them, and how many there are.
    pub(in super::super) first: usize,
    pub(in super::super) rows: usize,
    pub(in super::super) samples: usize,
    /// What the output before was multiplied with, as in [`Dropped`].
    pub(in super::super) masks: &'a [f32],
    pub(in super::super) units: usize,
    pub(in super::super) last_h: &'a [f32],
    pub(in super::super) gates: &'a [f32],
    pub(in super::super) kept: &'a [f32],
}

/// The way back of a [`Cell`].
#[cfg(feature = "training")]
pub trait TrainCell: Cell {
    /// The gates become the gradients of what the kernel gave. The gradient of the output before, not needed at the first
    /// step, goes through the transposed recurrent kernel.
    fn backward(step: Back<'_>, transposed: &[f32]);

    /// Adds the gradient of the recurrent kernel; where the output before drops out, `room` has room for that of all rows.
    fn add_recurrent(kept: Kept<'_>, room: &mut [f32], gradient: &mut [f32]) {
        add_columns_of_h::<Self>(kept.gates, kept, 0..Self::GATES, room, gradient);
    }

    /// Adds the gradients of the biases, those that there are; `scratch` has room for the recurrent kernel.
    fn add_bias(kept: Kept<'_>, bias: &mut [f32], _recurrent_bias: &mut [f32], _scratch: &mut [f32]) {
        if !bias.is_empty() {
            add_rows(kept.gates, bias);
        }
    }
}

/// What a product starts from, where there may be no bias.
pub(in super::super) fn start(bias: &[f32]) -> Start<'_> {
    if bias.is_empty() { Start::Zero } else { Start::Bias(bias) }
}

/// Of rows of `all` gates of so many units, some gates.
pub(in super::super) fn columns(
    values: &[f32],
    rows: usize,
    units: usize,
    all: usize,
    gates: Range<usize>,
) -> MatrixRef<'_> {
    MatrixRef::with_strides(&values[gates.start * units..], (rows, gates.len() * units), (all * units, 1))
}

/// Adds `h` · `recurrent_kernel` to these gates, each with what does not drop out for it.
pub(in super::super) fn add_products<C: Cell>(
    gates: &mut [f32],
    h: &[f32],
    kernel: &[f32],
    sizes: (usize, usize),
    which: Range<usize>,
    dropped: &mut Dropped<'_>,
) {
    if dropped.masks.is_empty() {
        return add_product::<C>(gates, h, kernel, sizes, which);
    }
    for gate in which {
        add_product::<C>(gates, dropped.of(gate, h), kernel, sizes, gate..gate + 1);
    }
}

/// Adds `h` · `recurrent_kernel` to these gates.
pub(in super::super) fn add_product<C: Cell>(
    gates: &mut [f32],
    h: &[f32],
    kernel: &[f32],
    (samples, units): (usize, usize),
    which: Range<usize>,
) {
    let kernel = columns(kernel, units, units, C::GATES, which.clone());
    let gates = &mut gates[which.start * units..];
    let gates = &mut MatrixMut::with_stride(gates, (samples, which.len() * units), C::GATES * units);
    product(MatrixRef::new(h, samples, units), kernel, gates, Start::Accumulate, false);
}

/// The gradient of the output before, from that of these gates through their rows of the transposed recurrent kernel.
#[cfg(feature = "training")]
pub(in super::super) fn products_back<C: Cell>(
    gates: &[f32],
    transposed: &[f32],
    dh: &mut [f32],
    (samples, units): (usize, usize),
    which: Range<usize>,
    dropped: &mut Dropped<'_>,
    start: Start<'_>,
) {
    let back = |which: Range<usize>, dh: &mut [f32], start: Start<'_>| {
        let (rows, kernel) = (which.len() * units, &transposed[which.start * units * units..]);
        let kernel = MatrixRef::new(&kernel[..rows * units], rows, units);
        let dy = columns(gates, samples, units, C::GATES, which);
        product(dy, kernel, &mut MatrixMut::new(dh, samples, units), start, false);
    };
    if dropped.masks.is_empty() {
        return back(which, dh, start);
    }
    if matches!(start, Start::Zero) {
        dh.fill(0.0);
    }
    for gate in which {
        back(gate..gate + 1, &mut dropped.room[..samples * units], Start::Zero);
        dropped.add_room(gate, dh);
    }
}

/// [`add_columns`] of the output before, each gate with what did not drop out for it.
#[cfg(feature = "training")]
pub(in super::super) fn add_columns_of_h<C: Cell>(
    dy: &[f32],
    kept: Kept<'_>,
    gates: Range<usize>,
    room: &mut [f32],
    gradient: &mut [f32],
) {
    if kept.masks.is_empty() {
        return add_columns::<C>(kept.last_h, dy, kept, gates, gradient);
    }
    for gate in gates {
        let room = &mut room[..kept.last_h.len()];
        let rows = room.chunks_exact_mut(kept.units).zip(kept.last_h.chunks_exact(kept.units));
        for (row, (room, h)) in (kept.first..).zip(rows) {
            let mask = &kept.masks[(gate * kept.samples + row % kept.samples) * kept.units..];
            room.iter_mut().zip(h.iter().zip(mask)).for_each(|(room, (h, mask))| *room = h * mask);
        }
        add_columns::<C>(room, dy, kept, gate..gate + 1, gradient);
    }
}

/// Adds xᵀ · (the gates of `dy`) to the columns of the recurrent kernel that are these gates'.
#[cfg(feature = "training")]
pub(in super::super) fn add_columns<C: Cell>(
    x: &[f32],
    dy: &[f32],
    Kept { rows, units, .. }: Kept<'_>,
    gates: Range<usize>,
    gradient: &mut [f32],
) {
    let (width, all) = (gates.len() * units, C::GATES * units);
    // Its rows have these gates alone, or all.
    let dy = if dy.len() == rows * width {
        MatrixRef::new(dy, rows, width)
    } else {
        columns(dy, rows, units, C::GATES, gates.clone())
    };
    let gradient = &mut MatrixMut::with_stride(&mut gradient[gates.start * units..], (units, width), all);
    add_gradient(MatrixRef::new(x, rows, units), dy, gradient);
}
