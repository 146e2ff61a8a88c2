//! The largest number of each window.

use super::axis::Axis;
use super::dispatch::vectorize;
use super::memory::product_of;

/// Channels that are looked at together.
const BLOCK: usize = 16;

/// The sizes of a pooling of images `[height, width, channels]`, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Along the height.
    pub height: Axis,
    /// Along the width.
    pub width: Axis,
    /// Channels.
    pub channels: usize,
}

impl Pooling {
    const fn image(&self) -> usize {
        product_of(&[self.height.input, self.width.input, self.channels])
    }

    const fn output(&self) -> usize {
        product_of(&[self.height.output, self.width.output, self.channels])
    }

    /// Calls back with where each window's output stands.
    #[inline(always)]
    fn for_each_window(&self, mut call: impl FnMut(usize, Window)) {
        for row in 0..self.height.output {
            let rows = part_inside(&self.height, row);
            for column in 0..self.width.output {
                let window = Window { rows, columns: part_inside(&self.width, column) };
                call((row * self.width.output + column) * self.channels, window);
            }
        }
    }

    /// Calls back with where each place of the window stands in the image.
    #[inline(always)]
    fn for_each_place(&self, window: Window, mut call: impl FnMut(usize)) {
        let Window { rows, columns } = window;
        for row in rows.0..rows.1 {
            for column in columns.0..columns.1 {
                call((row * self.width.input + column) * self.channels);
            }
        }
    }
}

/// The part of a window that is inside the image: from where and up to where.
#[derive(Clone, Copy)]
struct Window {
    rows: (usize, usize),
    columns: (usize, usize),
}

#[inline(always)]
fn part_inside(axis: &Axis, place: usize) -> (usize, usize) {
    let begin = place * axis.stride;
    let end = (begin + axis.window).saturating_sub(axis.before).min(axis.input);
    (begin.saturating_sub(axis.before), end)
}

/// The largest number of each window and channel: y\[i\]\[j\]\[c\] = max x\[…\]\[…\]\[c\]. Padding
/// does not count; a NaN stays a NaN.
///
/// # Panics
/// If there are not as many outputs as images.
pub fn max_pooling(sizes: &Pooling, x: &[f32], y: &mut [f32]) {
    let (image, output) = (sizes.image().max(1), sizes.output().max(1));
    assert!(x.len() / image == y.len() / output, "{} images and {} outputs", x.len() / image, y.len() / output);
    vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(output)) {
                sizes.for_each_window(
                    #[inline(always)]
                    |at, window| {
                        let y = &mut y[at..][..sizes.channels];
                        let (blocks, rest) = y.as_chunks_mut::<BLOCK>();
                        for (block, y) in blocks.iter_mut().enumerate() {
                            *y = largest(sizes, x, window, block * BLOCK);
                        }
                        let first = sizes.channels - rest.len();
                        let (fours, rest) = rest.as_chunks_mut::<4>();
                        for (block, y) in fours.iter_mut().enumerate() {
                            *y = largest(sizes, x, window, first + block * 4);
                        }
                        let first = sizes.channels - rest.len();
                        for (channel, y) in rest.iter_mut().enumerate() {
                            [*y] = largest(sizes, x, window, first + channel);
                        }
                    },
                );
            }
        },
    );
}

/// The largest numbers of a window in `N` channels from `channel` on.
#[inline(always)]
fn largest<const N: usize>(sizes: &Pooling, x: &[f32], window: Window, channel: usize) -> [f32; N] {
    let mut largest = [f32::NEG_INFINITY; N];
    sizes.for_each_place(
        window,
        #[inline(always)]
        |at| {
            for (largest, x) in largest.iter_mut().zip(&x[at + channel..][..N]) {
                *largest = if *x > *largest || x.is_nan() { *x } else { *largest };
            }
        },
    );
    largest
}

/// The gradient of [`max_pooling`]'s input: each window's goes to the first place, row by row,
/// that holds the largest number.
///
/// # Panics
/// If the slices do not fit together.
#[cfg(feature = "training")]
pub fn max_pooling_gradient(sizes: &Pooling, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let (image, output) = (sizes.image().max(1), sizes.output().max(1));
    assert!(x.len() == dx.len() && y.len() == dy.len(), "a gradient for each number");
    assert!(x.len() / image == y.len() / output, "{} images and {} outputs", x.len() / image, y.len() / output);
    dx.fill(0.0);
    let inputs = x.chunks_exact(image).zip(dx.chunks_exact_mut(image));
    let outputs = y.chunks_exact(output).zip(dy.chunks_exact(output));
    vectorize(
        #[inline(always)]
        || {
            for ((x, dx), (y, dy)) in inputs.zip(outputs) {
                sizes.for_each_window(
                    #[inline(always)]
                    |at, window| {
                        let (y, dy) = (&y[at..][..sizes.channels], &dy[at..][..sizes.channels]);
                        let mut channel = 0;
                        while channel + BLOCK <= sizes.channels {
                            give_back::<BLOCK>(sizes, window, channel, (x, y), (dx, dy));
                            channel += BLOCK;
                        }
                        while channel + 4 <= sizes.channels {
                            give_back::<4>(sizes, window, channel, (x, y), (dx, dy));
                            channel += 4;
                        }
                        while channel < sizes.channels {
                            give_back::<1>(sizes, window, channel, (x, y), (dx, dy));
                            channel += 1;
                        }
                    },
                );
            }
        },
    );
}

/// Adds a window's gradient in `N` channels from `channel` on to the places that it came from.
#[cfg(feature = "training")]
#[inline(always)]
fn give_back<const N: usize>(
    sizes: &Pooling,
    window: Window,
    channel: usize,
    (x, y): (&[f32], &[f32]),
    (dx, dy): (&mut [f32], &[f32]),
) {
    let mut rest = [0.0; N];
    rest.copy_from_slice(&dy[channel..][..N]);
    let y = &y[channel..][..N];
    sizes.for_each_place(
        window,
        #[inline(always)]
        |at| {
            let places = x[at + channel..][..N].iter().zip(&mut dx[at + channel..][..N]);
            for ((x, dx), (y, rest)) in places.zip(y.iter().zip(&mut rest)) {
                let found = x == y;
                *dx += if found { *rest } else { 0.0 };
                *rest = if found { 0.0 } else { *rest };
            }
        },
    );
}
