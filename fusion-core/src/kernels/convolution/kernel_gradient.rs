//! The gradient of a convolution's kernel.

use core::ops::Range;

use super::super::gather::add_gathered_gradient;
use super::super::parts::{PART, in_parts};
use super::{Convolution, Gathered, Grid, MatrixRef, Scattered, piece};

impl Convolution {
    /// The same places in the kernel.
    const fn kernel_rows(&self) -> Grid {
        let place = self.channels * self.filters;
        let row = self.width.window * place;
        Grid { strides: [row, place, self.filters], ..self.taps() }
    }

    /// Rows of windows whose gradients are added up before their sum is moved on.
    const fn rows_of_part(&self) -> usize {
        let row = if self.width.output == 0 { 1 } else { self.width.output };
        if row < PART { PART / row } else { 1 }
    }
}

/// The gradient of a convolution's kernel, added to `gradient`. It is added up in blocks, so that its error hardly
/// grows with the number of windows.
///
/// # Panics
/// If a slice's length does not fit the sizes, or the scratch is too small.
pub fn add_convolution_kernel_gradient(
    sizes: &Convolution,
    x: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    scratch: &mut [f32],
) {
    let (input, output) = (sizes.input().max(1), sizes.output().max(1));
    assert_eq!((x.len() / input) * sizes.output(), dy.len(), "a gradient for each output");
    let (framing, rows_of_plane, planes) = (sizes.image_frame(), sizes.height.output, sizes.depth.output);
    let (frame, scratch) = piece(scratch, sizes.scratch());
    let frame = framing.clear(frame);
    let mut in_frame = None;
    let rows = x.len() / input * planes * rows_of_plane;
    in_parts(rows, sizes.rows_of_part(), gradient, scratch, |rows, gradient| {
        let mut row = rows.start;
        while row < rows.end {
            let (plane, first) = (row / rows_of_plane, row % rows_of_plane);
            let count = (rows_of_plane - first).min(rows.end - row);
            let sample = plane / planes;
            let x = &x[sample * input..][..input];
            if in_frame.replace(sample) != Some(sample) {
                framing.put(x, frame);
            }
            let dy = &dy[sample * output..][..output];
            add_gradient_of_rows(sizes, framing.inside(x, frame), dy, gradient, plane % planes, first..first + count);
            row += count;
        }
    });
}

/// Adds the gradient of some rows of the windows of a volume, those of one plane.
fn add_gradient_of_rows(
    sizes: &Convolution,
    volume: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    plane: usize,
    rows: Range<usize>,
) {
    let (filters, all) = (sizes.group_filters(), sizes.windows());
    let windows = Grid { counts: [1, rows.len(), all.counts[2]], ..all };
    let from = plane * all.strides[0] + rows.start * all.strides[1];
    let place = (plane * all.counts[1] + rows.start) * all.counts[2] * sizes.filters;
    for group in 0..sizes.groups {
        let first = group * filters;
        let dy = MatrixRef::with_strides(&dy[place + first..], (windows.length(), filters), (sizes.filters, 1));
        for depth in 0..sizes.depth.window {
            let from = from + depth * sizes.deeper() + group * sizes.channels;
            let windows_of_taps = Gathered::new(&volume[from..], sizes.taps(), windows);
            let slice = &mut gradient[depth * sizes.slice() + first..];
            let mut gradient = Scattered::new(slice, sizes.kernel_rows(), filters);
            add_gathered_gradient(windows_of_taps, dy, &mut gradient);
        }
    }
}
