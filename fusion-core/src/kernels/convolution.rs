//! The three products of a convolution.
//!
//! None of them copies windows. An image that needs padding is copied once into a frame of
//! zeros; then every window lies in it at a constant distance from its neighbours, and the
//! register tile reads it where it is (the idea of the indirect convolution: Dukhan, "The
//! Indirect Convolution Algorithm", 2019).

use super::axis::{Axis, Phase};
use super::gather::gathered_product;
use super::grid::{Gathered, Grid, Scattered};
use super::matrix::MatrixRef;
use super::memory::{piece, product_of, round_up};
use super::parts::parts_scratch;
use super::product::Start;
use super::transpose::transpose;
#[cfg(feature = "training")]
pub use kernel_gradient::add_convolution_kernel_gradient;

#[cfg(feature = "training")]
mod kernel_gradient;

/// The sizes of a convolution of images `[height, width, channels]` with a kernel
/// `[window height, window width, channels of a group, filters]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Along the height.
    pub height: Axis,
    /// Along the width.
    pub width: Axis,
    /// Channels of the image that one group of filters sees.
    pub channels: usize,
    /// Filters, of all groups.
    pub filters: usize,
    /// Groups, each with its own channels and filters.
    pub groups: usize,
}

impl Convolution {
    /// Numbers of one image.
    #[must_use]
    pub const fn image(&self) -> usize {
        product_of(&[self.height.input, self.width.input, self.all_channels()])
    }

    /// Numbers of one output.
    #[must_use]
    pub const fn output(&self) -> usize {
        product_of(&[self.height.output, self.width.output, self.filters])
    }

    /// Numbers of the kernel.
    #[must_use]
    pub const fn kernel(&self) -> usize {
        product_of(&[self.height.window, self.width.window, self.channels, self.filters])
    }

    /// Multiplications of one image.
    #[must_use]
    pub const fn multiply_accumulates(&self) -> usize {
        product_of(&[self.height.output, self.width.output, self.kernel()])
    }

    /// Numbers of scratch that [`convolve`] needs.
    #[must_use]
    pub const fn scratch(&self) -> usize {
        if self.image_frame().is_used() { self.image_frame().length() } else { 0 }
    }

    /// Numbers of scratch that [`add_convolution_kernel_gradient`] needs.
    #[must_use]
    pub const fn kernel_gradient_scratch(&self) -> usize {
        round_up(self.scratch()).saturating_add(parts_scratch(self.kernel()))
    }

    /// Numbers of scratch that [`convolution_input_gradient`] needs.
    #[must_use]
    pub const fn gradient_scratch(&self) -> usize {
        let frame = if self.gradient_frame().is_used() { self.gradient_frame().length() } else { 0 };
        round_up(self.kernel()).saturating_add(frame)
    }

    const fn all_channels(&self) -> usize {
        self.channels.saturating_mul(self.groups)
    }

    const fn group_filters(&self) -> usize {
        self.filters / self.groups
    }

    const fn image_frame(&self) -> Frame {
        let Self { height, width, .. } = self;
        Frame {
            content: (height.input, width.input),
            before: (height.before, width.before),
            padded: (height.padded(), width.padded()),
            features: self.all_channels(),
        }
    }

    const fn gradient_frame(&self) -> Frame {
        let Self { height, width, .. } = self;
        Frame {
            content: (height.output, width.output),
            before: (height.gradient_before(), width.gradient_before()),
            padded: (height.gradient_padded(), width.gradient_padded()),
            features: self.filters,
        }
    }

    /// Where windows begin in an image with its padding.
    const fn windows(&self) -> Grid {
        let step = self.all_channels();
        let row = self.image_frame().padded.1 * step;
        Grid {
            counts: [1, self.height.output, self.width.output],
            strides: [0, self.height.stride * row, self.width.stride * step],
        }
    }

    /// The places of a window, from its begin.
    const fn taps(&self) -> Grid {
        let step = self.all_channels();
        let row = self.image_frame().padded.1 * step;
        Grid {
            counts: [self.height.window, self.width.window, self.channels],
            strides: [self.height.dilation * row, self.width.dilation * step, 1],
        }
    }

    const fn output_rows(&self) -> Grid {
        let Grid { counts, .. } = self.windows();
        Grid { counts, strides: [0, self.width.output * self.filters, self.filters] }
    }
}

/// An image in a frame of zeros.
#[derive(Clone, Copy)]
struct Frame {
    content: (usize, usize),
    before: (usize, usize),
    padded: (usize, usize),
    features: usize,
}

impl Frame {
    /// Whether there is any padding.
    const fn is_used(&self) -> bool {
        self.padded.0 != self.content.0 || self.padded.1 != self.content.1
    }

    const fn length(&self) -> usize {
        product_of(&[self.padded.0, self.padded.1, self.features])
    }

    /// The memory for one framed image, cleared.
    fn clear<'s>(&self, scratch: &'s mut [f32]) -> &'s mut [f32] {
        let frame = if self.is_used() { &mut scratch[..self.length()] } else { &mut [] };
        frame.fill(0.0);
        frame
    }

    /// The image with its frame: itself if there is no padding, otherwise copied.
    fn put<'s>(&self, image: &'s [f32], frame: &'s mut [f32]) -> &'s [f32] {
        if !self.is_used() {
            return image;
        }
        let (row, padded_row) = (self.content.1 * self.features, self.padded.1 * self.features);
        let below = &mut frame[self.before.0 * padded_row..];
        for (from, to) in image.chunks_exact(row.max(1)).zip(below.chunks_exact_mut(padded_row.max(1))) {
            to[self.before.1 * self.features..][..row].copy_from_slice(from);
        }
        frame
    }
}

/// The convolution of a batch of images:
/// y\[i\]\[j\]\[f\] = bias\[f\] + Σ over the window at (i, j) and its channels of x · kernel, and
/// then max(0, y) if `rectify`.
///
/// # Panics
/// If a slice's length does not fit the sizes, or the scratch is too small.
pub fn convolve(
    sizes: &Convolution,
    x: &[f32],
    kernel: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
    scratch: &mut [f32],
    rectify: bool,
) {
    let (filters, taps) = (sizes.group_filters(), sizes.taps());
    let framing = sizes.image_frame();
    let frame = framing.clear(scratch);
    for (x, y) in samples(x, y, sizes) {
        let image = framing.put(x, frame);
        for group in 0..sizes.groups {
            let first = group * filters;
            let windows = Gathered::new(&image[group * sizes.channels..], sizes.windows(), taps);
            let kernel = MatrixRef::with_strides(&kernel[first..], (taps.length(), filters), (sizes.filters, 1));
            let start = bias.map_or(Start::Zero, |bias| Start::Bias(&bias[first..][..filters]));
            let mut y = Scattered::new(&mut y[first..], sizes.output_rows(), filters);
            gathered_product(windows, kernel, &mut y, start, rectify);
        }
    }
}

/// The gradient of a convolution's input, and with a bias a transposed convolution:
/// dx = bias + Σ over all windows that take the place, and the filters, of dy · kernel, and then
/// max(0, dx) if `rectify`.
///
/// With a stride s, the places of the image fall into s · s phases; those of one phase are taken
/// by the same places of windows, so that each phase is a convolution of `dy` with a part of
/// the kernel.
///
/// # Panics
/// If a slice's length does not fit the sizes, or the scratch is too small.
pub fn convolution_input_gradient(
    sizes: &Convolution,
    dy: &[f32],
    kernel: &[f32],
    bias: Option<&[f32]>,
    dx: &mut [f32],
    scratch: &mut [f32],
    rectify: bool,
) {
    let (packed, rest) = piece(scratch, sizes.kernel());
    pack_kernel(sizes, kernel, packed);
    let framing = sizes.gradient_frame();
    let frame = framing.clear(rest);
    for (dx, dy) in samples_of_gradient(dx, dy, sizes) {
        let dy = framing.put(dy, frame);
        let mut packed = &*packed;
        for_each_phase(sizes, |group, below, right, offset| {
            let filters = sizes.group_filters();
            let (kernel, after) = packed.split_at(below.taps * right.taps * filters * sizes.channels);
            packed = after;
            let row = framing.padded.1 * sizes.filters;
            let places = Grid { counts: [1, below.places, right.places], strides: [0, row, sizes.filters] };
            let taps = Grid {
                counts: [below.taps, right.taps, filters],
                strides: [below.step * row, right.step * sizes.filters, 1],
            };
            let from = (below.begin * row + right.begin * sizes.filters + group * filters).min(dy.len());
            let windows = Gathered::new(&dy[from..], places, taps);
            let kernel = MatrixRef::new(kernel, taps.length(), sizes.channels);
            let step = sizes.all_channels();
            let strides = [0, sizes.height.stride * sizes.width.input * step, sizes.width.stride * step];
            let rows = Grid { strides, ..places };
            let first = group * sizes.channels;
            let mut dx = Scattered::new(&mut dx[(offset + first).min(sizes.image())..], rows, sizes.channels);
            let start = bias.map_or(Start::Zero, |bias| Start::Bias(&bias[first..][..sizes.channels]));
            gathered_product(windows, kernel, &mut dx, start, rectify);
        });
    }
}

/// Calls back with each group and phase, and where the phase begins in the image.
fn for_each_phase(sizes: &Convolution, mut call: impl FnMut(usize, Phase, Phase, usize)) {
    for group in 0..sizes.groups {
        for below in 0..sizes.height.stride {
            for right in 0..sizes.width.stride {
                let offset = (below * sizes.width.input + right) * sizes.all_channels();
                call(group, sizes.height.phase(below), sizes.width.phase(right), offset);
            }
        }
    }
}

/// The kernel in the order in which the phases take it, each place of a window transposed.
fn pack_kernel(sizes: &Convolution, kernel: &[f32], packed: &mut [f32]) {
    let Convolution { channels, filters, .. } = *sizes;
    let group_filters = sizes.group_filters();
    let mut rest = packed.chunks_exact_mut((channels * group_filters).max(1));
    for_each_phase(sizes, |group, below, right, _| {
        for i in 0..below.taps {
            for j in 0..right.taps {
                let row = below.last_tap - i * below.tap_step;
                let tap = row * sizes.width.window + right.last_tap - j * right.tap_step;
                let from = &kernel[tap * channels * filters..][..channels * filters];
                let to = rest.next().expect("each place of a window belongs to one phase");
                if sizes.groups == 1 {
                    transpose(channels, filters, from, to);
                } else {
                    for (f, to) in to.chunks_exact_mut(channels).enumerate() {
                        let column = from.iter().skip(group * group_filters + f).step_by(filters);
                        to.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
                    }
                }
            }
        }
    });
}

/// Images and outputs, one by one.
fn samples<'a>(
    x: &'a [f32],
    y: &'a mut [f32],
    sizes: &Convolution,
) -> impl Iterator<Item = (&'a [f32], &'a mut [f32])> {
    let (image, output) = (sizes.image().max(1), sizes.output().max(1));
    assert!(x.len() / image == y.len() / output, "{} images and {} outputs", x.len() / image, y.len() / output);
    x.chunks_exact(image).zip(y.chunks_exact_mut(output))
}

/// As [`samples`], the other way round.
fn samples_of_gradient<'a>(
    dx: &'a mut [f32],
    dy: &'a [f32],
    sizes: &Convolution,
) -> impl Iterator<Item = (&'a mut [f32], &'a [f32])> {
    let (image, output) = (sizes.image().max(1), sizes.output().max(1));
    assert!(dx.len() / image == dy.len() / output, "{} images and {} outputs", dx.len() / image, dy.len() / output);
    dx.chunks_exact_mut(image).zip(dy.chunks_exact(output))
}
