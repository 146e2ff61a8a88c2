//! Convolutions whose filters see one channel each: no products of matrices, but one multiplication for each place of a
//! window and each filter, with filters next to each other in the vectors.

use super::super::dispatch::vectorize;
#[cfg(feature = "training")]
use super::super::parts::in_parts;
#[cfg(feature = "training")]
use super::piece;
use super::{Convolution, samples};

/// Calls `$block::<N>(first, …)` for each block of filters: as many as fill the registers, then fewer. Of a constant
/// length, so that their sums stay in registers.
macro_rules! in_blocks {
    ($block:ident($filters:expr, $($argument:expr),*)) => {{
        let (filters, mut first) = ($filters, 0);
        while filters - first >= 32 {
            $block::<32>(first, $($argument),*);
            first += 32;
        }
        if filters - first >= 16 {
            $block::<16>(first, $($argument),*);
            first += 16;
        }
        if filters - first >= 8 {
            $block::<8>(first, $($argument),*);
            first += 8;
        }
        if filters - first >= 4 {
            $block::<4>(first, $($argument),*);
            first += 4;
        }
        while first < filters {
            $block::<1>(first, $($argument),*);
            first += 1;
        }
    }};
}

/// So many numbers from here on.
#[inline(always)]
fn chunk<const N: usize>(values: &[f32], first: usize) -> &[f32; N] {
    values[first..].first_chunk().expect("numbers of whole blocks")
}

#[inline(always)]
fn chunk_mut<const N: usize>(values: &mut [f32], first: usize) -> &mut [f32; N] {
    values[first..].first_chunk_mut().expect("places for whole blocks")
}

#[inline(always)]
fn add_products(sums: &mut [f32], x: &[f32], weights: &[f32]) {
    for ((sum, x), weight) in sums.iter_mut().zip(x).zip(weights) {
        *sum += x * weight;
    }
}

impl Convolution {
    /// Numbers of scratch that [`depthwise_convolution_gradient`] needs.
    #[must_use]
    pub const fn depthwise_gradient_scratch(&self) -> usize {
        self.kernel_gradient_scratch().saturating_add(self.scratch())
    }

    fn assert_depthwise(&self, kernel: &[f32]) {
        assert!(self.channels == 1, "a filter sees {} channels", self.channels);
        assert!(kernel.len() == self.kernel(), "a kernel of {} numbers", kernel.len());
    }

    /// Calls back with each place of the output and where its window begins in the framed volume.
    #[inline(always)]
    fn for_each_window(&self, mut call: impl FnMut(usize, usize)) {
        let grid = self.windows();
        let ([depth, height, width], [plane, row, place]) = (grid.counts, grid.strides);
        let mut output = 0;
        for h in 0..depth {
            for i in 0..height {
                for j in 0..width {
                    call(output, h * plane + i * row + j * place);
                    output += 1;
                }
            }
        }
    }

    /// Calls back with each place of a window and where it is from the window's begin.
    #[inline(always)]
    fn for_each_tap(&self, mut call: impl FnMut(usize, usize)) {
        let (deeper, strides) = (self.deeper(), self.taps().strides);
        let mut tap = 0;
        for m in 0..self.depth.window {
            for k in 0..self.height.window {
                for l in 0..self.width.window {
                    call(tap, m * deeper + k * strides[0] + l * strides[1]);
                    tap += 1;
                }
            }
        }
    }
}

/// The depthwise convolution of a batch of volumes, `sizes` having a group of one channel for each channel: with m filters
/// for each, y\[…\]\[c · m + q\] = bias + Σ over the window of x\[…\]\[c\] · kernel\[…\]\[c · m + q\].
///
/// # Panics
/// If a slice's length does not fit the sizes, or the scratch is too small.
pub fn depthwise_convolve(
    sizes: &Convolution,
    x: &[f32],
    kernel: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    sizes.assert_depthwise(kernel);
    assert!(bias.is_none_or(|bias| bias.len() == sizes.filters), "a bias for each filter");
    let framing = sizes.image_frame();
    let frame = framing.clear(scratch);
    for (x, y) in samples(x, y, sizes) {
        let volume = framing.put(x, frame);
        vectorize(
            #[inline(always)]
            || {
                if sizes.group_filters() == 1 {
                    in_blocks!(sums_of_block(sizes.filters, sizes, volume, kernel, bias, y));
                } else {
                    sizes.for_each_window(
                        #[inline(always)]
                        |output, from| {
                            let y = &mut y[output * sizes.filters..][..sizes.filters];
                            window_sums_of_several(sizes, &volume[from..], kernel, bias, y);
                        },
                    );
                }
            },
        );
    }
}

/// What all windows give for the filters of a block, one for each channel.
#[inline(always)]
fn sums_of_block<const N: usize>(
    first: usize,
    sizes: &Convolution,
    volume: &[f32],
    kernel: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    let bias = bias.map_or([0.0; N], |bias| *chunk(bias, first));
    sizes.for_each_window(
        #[inline(always)]
        |output, from| {
            let mut sums = bias;
            sizes.for_each_tap(
                #[inline(always)]
                |tap, at| {
                    add_products(
                        &mut sums,
                        chunk::<N>(volume, from + at + first),
                        chunk::<N>(kernel, tap * sizes.filters + first),
                    );
                },
            );
            *chunk_mut(y, output * sizes.filters + first) = sums;
        },
    );
}

/// What one window gives where each channel has several filters.
#[inline(always)]
fn window_sums_of_several(sizes: &Convolution, window: &[f32], kernel: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
    match bias {
        Some(bias) => y.copy_from_slice(bias),
        None => y.fill(0.0),
    }
    let of_each = sizes.group_filters();
    sizes.for_each_tap(
        #[inline(always)]
        |tap, at| {
            let (x, weights) = (&window[at..][..sizes.groups], &kernel[tap * sizes.filters..][..sizes.filters]);
            for ((y, x), weights) in y.chunks_exact_mut(of_each).zip(x).zip(weights.chunks_exact(of_each)) {
                y.iter_mut().zip(weights).for_each(|(y, weight)| *y += x * weight);
            }
        },
    );
}

/// The way back of [`depthwise_convolve`]: writes the gradient of the input, where it is asked for, and adds that of the
/// kernel, where it is, in blocks.
///
/// # Panics
/// If a slice's length does not fit the sizes, or the scratch is too small.
#[cfg(feature = "training")]
pub fn depthwise_convolution_gradient(
    sizes: &Convolution,
    x: &[f32],
    kernel: &[f32],
    dy: &[f32],
    gradient: Option<&mut [f32]>,
    dx: Option<&mut [f32]>,
    scratch: &mut [f32],
) {
    sizes.assert_depthwise(kernel);
    let (input, output) = (sizes.input().max(1), sizes.output().max(1));
    assert!(x.len() / input == dy.len() / output, "{} inputs, {} gradients", x.len() / input, dy.len() / output);
    if let Some(dx) = dx {
        assert!(dx.len() == x.len(), "a gradient for each input");
        let dy = dy.chunks_exact(output);
        for (dx, dy) in dx.chunks_exact_mut(input).zip(dy) {
            input_gradient(sizes, kernel, dy, dx, scratch);
        }
    }
    let Some(gradient) = gradient else { return };
    sizes.assert_depthwise(gradient);
    let framing = sizes.image_frame();
    let (frame, scratch) = piece(scratch, sizes.scratch());
    let frame = framing.clear(frame);
    let samples_of_part = (super::super::parts::PART / (output / sizes.filters.max(1)).max(1)).max(1);
    in_parts(x.len() / input, samples_of_part, gradient, scratch, |samples, gradient| {
        for sample in samples {
            let volume = framing.put(&x[sample * input..][..input], frame);
            add_kernel_gradient(sizes, volume, &dy[sample * output..][..output], gradient);
        }
    });
}

#[cfg(feature = "training")]
fn add_kernel_gradient(sizes: &Convolution, volume: &[f32], dy: &[f32], gradient: &mut [f32]) {
    let (filters, of_each) = (sizes.filters, sizes.group_filters());
    vectorize(
        #[inline(always)]
        || {
            sizes.for_each_window(
                #[inline(always)]
                |output, from| {
                    let dy = &dy[output * filters..][..filters];
                    sizes.for_each_tap(
                        #[inline(always)]
                        |tap, at| {
                            let (x, gradient) =
                                (&volume[from + at..][..sizes.groups], &mut gradient[tap * filters..][..filters]);
                            if of_each == 1 {
                                return add_products(gradient, x, dy);
                            }
                            let rows = gradient.chunks_exact_mut(of_each).zip(dy.chunks_exact(of_each));
                            for ((gradient, dy), x) in rows.zip(x) {
                                gradient.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += x * dy);
                            }
                        },
                    );
                },
            );
        },
    );
}

/// The gradient of one input.
#[cfg(feature = "training")]
fn input_gradient(sizes: &Convolution, kernel: &[f32], dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
    let (framing, filters, of_each) = (sizes.image_frame(), sizes.filters, sizes.group_filters());
    let framed = framing.is_used();
    let sums = if framed { framing.clear(scratch) } else { &mut *dx };
    sums.fill(0.0);
    vectorize(
        #[inline(always)]
        || {
            sizes.for_each_window(
                #[inline(always)]
                |output, from| {
                    let dy = &dy[output * filters..][..filters];
                    sizes.for_each_tap(
                        #[inline(always)]
                        |tap, at| {
                            let (sums, weights) =
                                (&mut sums[from + at..][..sizes.groups], &kernel[tap * filters..][..filters]);
                            if of_each == 1 {
                                return add_products(sums, dy, weights);
                            }
                            let rows = dy.chunks_exact(of_each).zip(weights.chunks_exact(of_each));
                            for (sum, (dy, weights)) in sums.iter_mut().zip(rows) {
                                *sum += dy.iter().zip(weights).map(|(dy, weight)| dy * weight).sum::<f32>();
                            }
                        },
                    );
                },
            );
        },
    );
    if framed {
        framing.take(&scratch[..framing.length()], dx);
    }
}
