//! The gradient of a convolution's kernel.

use core::ops::Range;

use super::super::gather::add_gathered_gradient;
use super::super::parts::{PART, in_parts};
use super::{Convolution, Frame, Gathered, Grid, MatrixRef, Scattered, piece};

impl Convolution {
    /// The same places in the kernel.
    const fn kernel_rows(&self) -> Grid {
        let (row, place) = (self.width.window * self.channels * self.filters, self.channels * self.filters);
        Grid { strides: [row, place, self.filters], ..self.taps() }
    }

    /// Rows of windows whose gradients are added up before their sum is moved on.
    const fn rows_of_part(&self) -> usize {
        let row = if self.width.output == 0 { 1 } else { self.width.output };
        if row < PART { PART / row } else { 1 }
    }
}

impl Frame {
    /// The image that is in the frame; itself if there is no padding.
    fn inside<'s>(&self, image: &'s [f32], frame: &'s [f32]) -> &'s [f32] {
        if self.is_used() { frame } else { image }
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
    let (image, output) = (sizes.image().max(1), sizes.output().max(1));
    assert_eq!((x.len() / image) * sizes.output(), dy.len(), "a gradient for each output");
    let (framing, rows_of_image) = (sizes.image_frame(), sizes.height.output);
    let (frame, scratch) = piece(scratch, sizes.scratch());
    let frame = framing.clear(frame);
    let mut in_frame = None;
    in_parts(x.len() / image * rows_of_image, sizes.rows_of_part(), gradient, scratch, |rows, gradient| {
        let mut row = rows.start;
        while row < rows.end {
            let (sample, first) = (row / rows_of_image, row % rows_of_image);
            let count = (rows_of_image - first).min(rows.end - row);
            let x = &x[sample * image..][..image];
            if in_frame.replace(sample) != Some(sample) {
                framing.put(x, frame);
            }
            let dy = &dy[sample * output..][..output];
            add_gradient_of_rows(sizes, framing.inside(x, frame), dy, gradient, first..first + count);
            row += count;
        }
    });
}

/// Adds the gradient of some rows of the windows of an image.
fn add_gradient_of_rows(sizes: &Convolution, image: &[f32], dy: &[f32], gradient: &mut [f32], rows: Range<usize>) {
    let (filters, all) = (sizes.group_filters(), sizes.windows());
    let windows = Grid { counts: [1, rows.len(), all.counts[2]], ..all };
    let (from, place) = (rows.start * all.strides[1], rows.start * all.counts[2] * sizes.filters);
    for group in 0..sizes.groups {
        let first = group * filters;
        let windows_of_taps = Gathered::new(&image[from + group * sizes.channels..], sizes.taps(), windows);
        let dy = MatrixRef::with_strides(&dy[place + first..], (windows.length(), filters), (sizes.filters, 1));
        let mut gradient = Scattered::new(&mut gradient[first..], sizes.kernel_rows(), filters);
        add_gathered_gradient(windows_of_taps, dy, &mut gradient);
    }
}
