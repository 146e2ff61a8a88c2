//! The three products of a convolution.
//!
//! None of them copies windows. A volume (an image, of one place in depth) that needs padding is copied once into a frame of
//! zeros; then every window lies in it at a constant distance from its neighbours, and the
//! register tile reads it where it is (the idea of the indirect convolution: Dukhan, "The
//! Indirect Convolution Algorithm", 2019). The places of a window along the depth are products of their own, which add up.

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
pub use depthwise::depthwise_convolution_gradient;
pub use depthwise::depthwise_convolve;

mod depthwise;
mod frame;
#[cfg(feature = "training")]
mod kernel_gradient;
use frame::Frame;

/// The sizes of a convolution of volumes `[depth, height, width, channels]` with a kernel
/// `[window depth, window height, window width, channels of a group, filters]`; an image is one place deep
/// ([`Axis::ONE`]), a sequence also one place high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Along the depth.
    pub depth: Axis,
    /// Along the height.
    pub height: Axis,
    /// Along the width.
    pub width: Axis,
    /// Channels of the volume that one group of filters sees.
    pub channels: usize,
    /// Filters, of all groups.
    pub filters: usize,
    /// Groups, each with its own channels and filters.
    pub groups: usize,
}

impl Convolution {
    /// Numbers of one volume.
    #[must_use]
    pub const fn input(&self) -> usize {
        product_of(&[self.depth.input, self.height.input, self.width.input, self.all_channels()])
    }

    /// Numbers of one output.
    #[must_use]
    pub const fn output(&self) -> usize {
        product_of(&[self.depth.output, self.height.output, self.width.output, self.filters])
    }

    /// Numbers of the kernel.
    #[must_use]
    pub const fn kernel(&self) -> usize {
        self.depth.window.saturating_mul(self.slice())
    }

    /// Numbers of the kernel at one place along the depth.
    const fn slice(&self) -> usize {
        product_of(&[self.height.window, self.width.window, self.channels, self.filters])
    }

    /// Multiplications of one volume.
    #[must_use]
    pub const fn multiply_accumulates(&self) -> usize {
        product_of(&[self.depth.output, self.height.output, self.width.output, self.kernel()])
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
        let Self { depth, height, width, .. } = self;
        Frame {
            content: [depth.input, height.input, width.input],
            before: [depth.before, height.before, width.before],
            padded: [depth.padded(), height.padded(), width.padded()],
            features: self.all_channels(),
        }
    }

    const fn gradient_frame(&self) -> Frame {
        let Self { depth, height, width, .. } = self;
        Frame {
            content: [depth.output, height.output, width.output],
            before: [depth.gradient_before(), height.gradient_before(), width.gradient_before()],
            padded: [depth.gradient_padded(), height.gradient_padded(), width.gradient_padded()],
            features: self.filters,
        }
    }

    /// Where windows begin in a volume with its padding.
    const fn windows(&self) -> Grid {
        let [plane, row, place] = self.image_frame().strides();
        Grid {
            counts: [self.depth.output, self.height.output, self.width.output],
            strides: [self.depth.stride * plane, self.height.stride * row, self.width.stride * place],
        }
    }

    /// The places of a window that are equally deep, from the first.
    const fn taps(&self) -> Grid {
        let [_, row, place] = self.image_frame().strides();
        Grid {
            counts: [self.height.window, self.width.window, self.channels],
            strides: [self.height.dilation * row, self.width.dilation * place, 1],
        }
    }

    /// From a window's place to the next along the depth.
    const fn deeper(&self) -> usize {
        self.depth.dilation * self.image_frame().strides()[0]
    }

    const fn output_rows(&self) -> Grid {
        let Grid { counts, .. } = self.windows();
        let row = self.width.output * self.filters;
        Grid { counts, strides: [self.height.output * row, row, self.filters] }
    }
}

/// The convolution of a batch of volumes:
/// y\[h\]\[i\]\[j\]\[f\] = bias\[f\] + Σ over the window at (h, i, j) and its channels of x · kernel, and
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
        let volume = framing.put(x, frame);
        for group in 0..sizes.groups {
            let first = group * filters;
            let mut y = Scattered::new(&mut y[first..], sizes.output_rows(), filters);
            let mut start = bias.map_or(Start::Zero, |bias| Start::Bias(&bias[first..][..filters]));
            for depth in 0..sizes.depth.window {
                let from = depth * sizes.deeper() + group * sizes.channels;
                let windows = Gathered::new(&volume[from..], sizes.windows(), taps);
                let slice = &kernel[depth * sizes.slice() + first..];
                let slice = MatrixRef::with_strides(slice, (taps.length(), filters), (sizes.filters, 1));
                let last = depth + 1 == sizes.depth.window;
                gathered_product(windows, slice, &mut y, start, rectify && last);
                start = Start::Accumulate;
            }
        }
    }
}

/// The gradient of a convolution's input, and with a bias a transposed convolution:
/// dx = bias + Σ over all windows that take the place, and the filters, of dy · kernel, and then
/// max(0, dx) if `rectify`.
///
/// With a stride s, the places along an axis fall into s phases; those of one phase are taken
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
        for_each_phase(sizes, |group, phases, offset| {
            let taps: usize = phases.iter().map(|phase| phase.taps).product();
            let (kernel, after) = packed.split_at(taps * sizes.group_filters() * sizes.channels);
            packed = after;
            let first = group * sizes.channels;
            let dx = &mut dx[(offset + first).min(sizes.input())..];
            let start = bias.map_or(Start::Zero, |bias| Start::Bias(&bias[first..][..sizes.channels]));
            phase_gradient(
                sizes,
                phases,
                &dy[(group * sizes.group_filters()).min(dy.len())..],
                kernel,
                dx,
                start,
                rectify,
            );
        });
    }
}

/// The gradient at the places of one phase and group: a convolution of `dy`, in its frame, with the phase's part of
/// the kernel.
fn phase_gradient(
    sizes: &Convolution,
    [behind, below, right]: [Phase; 3],
    dy: &[f32],
    kernel: &[f32],
    dx: &mut [f32],
    mut start: Start<'_>,
    rectify: bool,
) {
    let (filters, step) = (sizes.group_filters(), sizes.all_channels());
    let [plane, row, place] = sizes.gradient_frame().strides();
    let places = Grid { counts: [behind.places, below.places, right.places], strides: [plane, row, place] };
    let taps = Grid { counts: [below.taps, right.taps, filters], strides: [below.step * row, right.step * place, 1] };
    let wide = sizes.width.input * step;
    let strides =
        [sizes.depth.stride * sizes.height.input * wide, sizes.height.stride * wide, sizes.width.stride * step];
    let mut dx = Scattered::new(dx, Grid { strides, ..places }, sizes.channels);
    if behind.taps == 0 {
        // No window takes these places.
        let none = Grid { counts: [0; 3], ..taps };
        let kernel = MatrixRef::new(&[], 0, sizes.channels);
        return gathered_product(Gathered::new(dy, places, none), kernel, &mut dx, start, rectify);
    }
    let from = behind.begin * plane + below.begin * row + right.begin * place;
    let slice = taps.length() * sizes.channels;
    for depth in 0..behind.taps {
        let from = (from + depth * behind.step * plane).min(dy.len());
        let kernel = MatrixRef::new(&kernel[depth * slice..][..slice], taps.length(), sizes.channels);
        let last = depth + 1 == behind.taps;
        gathered_product(Gathered::new(&dy[from..], places, taps), kernel, &mut dx, start, rectify && last);
        start = Start::Accumulate;
    }
}

/// Calls back with each group, its phases along depth, height and width, and where they begin in the volume.
fn for_each_phase(sizes: &Convolution, mut call: impl FnMut(usize, [Phase; 3], usize)) {
    let Convolution { depth, height, width, .. } = sizes;
    for group in 0..sizes.groups {
        for behind in 0..depth.stride {
            for below in 0..height.stride {
                for right in 0..width.stride {
                    let place = (behind * height.input + below) * width.input + right;
                    let phases = [depth.phase(behind), height.phase(below), width.phase(right)];
                    call(group, phases, place * sizes.all_channels());
                }
            }
        }
    }
}

/// The kernel in the order in which the phases take it, each place of a window transposed.
fn pack_kernel(sizes: &Convolution, kernel: &[f32], packed: &mut [f32]) {
    let mut rest = packed.chunks_exact_mut((sizes.channels * sizes.group_filters()).max(1));
    for_each_phase(sizes, |group, phases, _| {
        let [behind, below, right] = phases;
        for (h, i, j) in taps_of(behind.taps, below.taps, right.taps) {
            let [depth, row, column] = [(behind, h), (below, i), (right, j)].map(|(phase, tap)| phase.tap(tap));
            let tap = (depth * sizes.height.window + row) * sizes.width.window + column;
            let place = sizes.channels * sizes.filters;
            let to = rest.next().expect("each place of a window belongs to one phase");
            pack_place(sizes, group, &kernel[tap * place..][..place], to);
        }
    });
}

/// All places of a window, in order.
fn taps_of(depth: usize, height: usize, width: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..depth * height * width).map(move |tap| (tap / width / height, tap / width % height, tap % width))
}

/// One place of the kernel, of one group, transposed.
fn pack_place(sizes: &Convolution, group: usize, from: &[f32], to: &mut [f32]) {
    let Convolution { channels, filters, .. } = *sizes;
    if sizes.groups == 1 {
        return transpose(channels, filters, from, to);
    }
    for (f, to) in to.chunks_exact_mut(channels).enumerate() {
        let column = from.iter().skip(group * sizes.group_filters() + f).step_by(filters);
        to.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
    }
}

/// Volumes and outputs, one by one.
fn samples<'a>(
    x: &'a [f32],
    y: &'a mut [f32],
    sizes: &Convolution,
) -> impl Iterator<Item = (&'a [f32], &'a mut [f32])> {
    let (input, output) = (sizes.input().max(1), sizes.output().max(1));
    assert!(x.len() / input == y.len() / output, "{} inputs and {} outputs", x.len() / input, y.len() / output);
    x.chunks_exact(input).zip(y.chunks_exact_mut(output))
}

/// As [`samples`], the other way round.
fn samples_of_gradient<'a>(
    dx: &'a mut [f32],
    dy: &'a [f32],
    sizes: &Convolution,
) -> impl Iterator<Item = (&'a mut [f32], &'a [f32])> {
    let (input, output) = (sizes.input().max(1), sizes.output().max(1));
    assert!(dx.len() / input == dy.len() / output, "{} inputs and {} outputs", dx.len() / input, dy.len() / output);
    dx.chunks_exact_mut(input).zip(dy.chunks_exact(output))
}
