//! One number for each window: the largest, or the mean.

use super::axis::Axis;
use super::dispatch::vectorize;
use super::memory::product_of;

/// Channels that are looked at together.
const BLOCK: usize = 16;

/// Windows along one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Windows {
    /// Of one size and as far from each other, perhaps over the border.
    Even(Axis),
    /// So many that together take the whole side: window `o` begins at o · input / output, rounded down, and ends
    /// before (o + 1) · input / output, rounded up.
    Adaptive {
        /// Places of the input.
        input: usize,
        /// Places of the output: so many windows there are.
        output: usize,
    },
}

impl Windows {
    /// A side of one place.
    pub const ONE: Self = Self::Adaptive { input: 1, output: 1 };

    /// Places of the input.
    #[must_use]
    pub const fn input(&self) -> usize {
        match self {
            Self::Even(axis) => axis.input,
            Self::Adaptive { input, .. } => *input,
        }
    }

    /// Places of the output: so many windows there are.
    #[must_use]
    pub const fn output(&self) -> usize {
        match self {
            Self::Even(axis) => axis.output,
            Self::Adaptive { output, .. } => *output,
        }
    }

    /// The part of a window that is inside the input: from where and up to where.
    #[inline(always)]
    fn inside(&self, place: usize) -> (usize, usize) {
        match self {
            Self::Even(axis) => {
                let begin = place * axis.stride;
                let end = (begin + axis.window).saturating_sub(axis.before).min(axis.input);
                (begin.saturating_sub(axis.before), end)
            }
            Self::Adaptive { input, output } => (place * input / output, ((place + 1) * input).div_ceil(*output)),
        }
    }
}

/// The sizes of a pooling of volumes `[depth, height, width, channels]`, channel by channel. An image has a depth of
/// [`Windows::ONE`], a sequence also such a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Along depth, height and width.
    pub sides: [Windows; 3],
    /// Channels.
    pub channels: usize,
}

impl Pooling {
    const fn input(&self) -> usize {
        let [depth, height, width] = &self.sides;
        product_of(&[depth.input(), height.input(), width.input(), self.channels])
    }

    const fn output(&self) -> usize {
        let [depth, height, width] = &self.sides;
        product_of(&[depth.output(), height.output(), width.output(), self.channels])
    }

    /// Panics if there are not as many outputs as inputs; gives the numbers of one of each.
    fn lengths(&self, x: &[f32], y: &[f32]) -> (usize, usize) {
        let (input, output) = (self.input().max(1), self.output().max(1));
        assert!(x.len() / input == y.len() / output, "{} inputs and {} outputs", x.len() / input, y.len() / output);
        (input, output)
    }

    /// Calls back with where each window's output stands.
    #[inline(always)]
    fn for_each_window(&self, mut call: impl FnMut(usize, Window)) {
        let [depth, height, width] = &self.sides;
        let mut at = 0;
        for plane in 0..depth.output() {
            let planes = depth.inside(plane);
            for row in 0..height.output() {
                let rows = height.inside(row);
                for column in 0..width.output() {
                    call(at, Window { planes, rows, columns: width.inside(column) });
                    at += self.channels;
                }
            }
        }
    }

    /// Calls back with where each place of the window stands in the input.
    #[inline(always)]
    fn for_each_place(&self, window: Window, mut call: impl FnMut(usize)) {
        let Window { planes, rows, columns } = window;
        let [_, height, width] = &self.sides;
        for plane in planes.0..planes.1 {
            for row in rows.0..rows.1 {
                let row = (plane * height.input() + row) * width.input();
                for column in columns.0..columns.1 {
                    call((row + column) * self.channels);
                }
            }
        }
    }
}

/// The part of a window that is inside the input: from where and up to where.
#[derive(Clone, Copy)]
struct Window {
    planes: (usize, usize),
    rows: (usize, usize),
    columns: (usize, usize),
}

impl Window {
    /// What each place counts of the mean.
    #[inline(always)]
    fn share(&self) -> f32 {
        let [planes, rows, columns] = [self.planes, self.rows, self.columns].map(|(begin, end)| end - begin);
        1.0 / (planes * rows * columns) as f32
    }
}

/// Work on some channels of a window.
trait OnChannels {
    /// On `N` of them, from this one on.
    fn on<const N: usize>(&mut self, first: usize);

    /// On all of them, as many together as there are.
    #[inline(always)]
    fn on_all(&mut self, channels: usize) {
        let mut first = 0;
        while first + BLOCK <= channels {
            self.on::<BLOCK>(first);
            first += BLOCK;
        }
        while first + 4 <= channels {
            self.on::<4>(first);
            first += 4;
        }
        while first < channels {
            self.on::<1>(first);
            first += 1;
        }
    }
}

/// Shows each window of each input to `work`, with the numbers of that input and those of the window's output.
#[inline(always)]
fn forward(sizes: &Pooling, x: &[f32], y: &mut [f32], work: impl Fn(&[f32], &mut [f32], Window)) {
    let (input, output) = sizes.lengths(x, y);
    vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(input).zip(y.chunks_exact_mut(output)) {
                sizes.for_each_window(
                    #[inline(always)]
                    |at, window| work(x, &mut y[at..][..sizes.channels], window),
                );
            }
        },
    );
}

/// The largest number of each window and channel: y\[i\]\[j\]\[c\] = max x\[…\]\[…\]\[c\]. Padding
/// does not count; a NaN stays a NaN.
///
/// # Panics
/// If there are not as many outputs as inputs.
pub fn max_pooling(sizes: &Pooling, x: &[f32], y: &mut [f32]) {
    struct Largest<'a>(&'a Pooling, Window, &'a [f32], &'a mut [f32]);
    impl OnChannels for Largest<'_> {
        #[inline(always)]
        fn on<const N: usize>(&mut self, first: usize) {
            let Self(sizes, window, x, y) = self;
            let mut largest = [f32::NEG_INFINITY; N];
            sizes.for_each_place(
                *window,
                #[inline(always)]
                |at| {
                    for (largest, x) in largest.iter_mut().zip(&x[at + first..][..N]) {
                        *largest = if *x > *largest || x.is_nan() { *x } else { *largest };
                    }
                },
            );
            y[first..][..N].copy_from_slice(&largest);
        }
    }
    forward(
        sizes,
        x,
        y,
        #[inline(always)]
        |x, y, window| Largest(sizes, window, x, y).on_all(sizes.channels),
    );
}

/// The mean of each window and channel: y\[i\]\[j\]\[c\] = Σ x\[…\]\[…\]\[c\] / places. Padding does not
/// count.
///
/// # Panics
/// If there are not as many outputs as inputs.
pub fn average_pooling(sizes: &Pooling, x: &[f32], y: &mut [f32]) {
    struct Mean<'a>(&'a Pooling, Window, &'a [f32], &'a mut [f32]);
    impl OnChannels for Mean<'_> {
        #[inline(always)]
        fn on<const N: usize>(&mut self, first: usize) {
            let Self(sizes, window, x, y) = self;
            let mut sum = [0.0; N];
            sizes.for_each_place(
                *window,
                #[inline(always)]
                |at| sum.iter_mut().zip(&x[at + first..][..N]).for_each(|(sum, x)| *sum += x),
            );
            let share = window.share();
            y[first..][..N].copy_from_slice(&sum.map(|sum| sum * share));
        }
    }
    forward(
        sizes,
        x,
        y,
        #[inline(always)]
        |x, y, window| Mean(sizes, window, x, y).on_all(sizes.channels),
    );
}

/// The gradient of [`max_pooling`]'s input: each window's goes to the first place, row by row,
/// that holds the largest number.
///
/// # Panics
/// If the slices do not fit together.
#[cfg(feature = "training")]
pub fn max_pooling_gradient(sizes: &Pooling, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    /// Of one window: input and output, and their gradients.
    struct GiveBack<'a>(&'a Pooling, Window, (&'a [f32], &'a [f32]), (&'a mut [f32], &'a [f32]));
    impl OnChannels for GiveBack<'_> {
        #[inline(always)]
        fn on<const N: usize>(&mut self, first: usize) {
            let Self(sizes, window, (x, y), (dx, dy)) = self;
            let mut rest = [0.0; N];
            rest.copy_from_slice(&dy[first..][..N]);
            let y = &y[first..][..N];
            sizes.for_each_place(
                *window,
                #[inline(always)]
                |at| {
                    let places = x[at + first..][..N].iter().zip(&mut dx[at + first..][..N]);
                    for ((x, dx), (y, rest)) in places.zip(y.iter().zip(&mut rest)) {
                        let found = x == y;
                        *dx += if found { *rest } else { 0.0 };
                        *rest = if found { 0.0 } else { *rest };
                    }
                },
            );
        }
    }
    assert!(x.len() == dx.len() && y.len() == dy.len(), "a gradient for each number");
    let (input, output) = sizes.lengths(x, y);
    dx.fill(0.0);
    let inputs = x.chunks_exact(input).zip(dx.chunks_exact_mut(input));
    let outputs = y.chunks_exact(output).zip(dy.chunks_exact(output));
    vectorize(
        #[inline(always)]
        || {
            for ((x, dx), (y, dy)) in inputs.zip(outputs) {
                sizes.for_each_window(
                    #[inline(always)]
                    |at, window| {
                        let (y, dy) = (&y[at..][..sizes.channels], &dy[at..][..sizes.channels]);
                        GiveBack(sizes, window, (x, y), (dx, dy)).on_all(sizes.channels);
                    },
                );
            }
        },
    );
}

/// The gradient of [`average_pooling`]'s input: all places of a window have equal shares.
///
/// # Panics
/// If the slices do not fit together.
#[cfg(feature = "training")]
pub fn average_pooling_gradient(sizes: &Pooling, dy: &[f32], dx: &mut [f32]) {
    /// Of one window: the gradients of input and output.
    struct Share<'a>(&'a Pooling, Window, &'a mut [f32], &'a [f32]);
    impl OnChannels for Share<'_> {
        #[inline(always)]
        fn on<const N: usize>(&mut self, first: usize) {
            let Self(sizes, window, dx, dy) = self;
            let (mut part, share) = ([0.0; N], window.share());
            part.iter_mut().zip(&dy[first..][..N]).for_each(|(part, dy)| *part = dy * share);
            sizes.for_each_place(
                *window,
                #[inline(always)]
                |at| dx[at + first..][..N].iter_mut().zip(&part).for_each(|(dx, part)| *dx += part),
            );
        }
    }
    let (input, output) = sizes.lengths(dx, dy);
    dx.fill(0.0);
    vectorize(
        #[inline(always)]
        || {
            for (dx, dy) in dx.chunks_exact_mut(input).zip(dy.chunks_exact(output)) {
                sizes.for_each_window(
                    #[inline(always)]
                    |at, window| Share(sizes, window, dx, &dy[at..][..sizes.channels]).on_all(sizes.channels),
                );
            }
        },
    );
}
