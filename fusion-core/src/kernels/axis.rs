//! Windows along one axis of an image.

/// Windows that go along one axis: the window at place `o` of the output begins at place
/// `o · stride − before` of the input and takes every `dilation`-th place, `window` of them.
/// Places outside the input are padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Places of the input.
    pub input: usize,
    /// Places of the output: so many windows there are.
    pub output: usize,
    /// Places that a window takes.
    pub window: usize,
    /// From a window to the next.
    pub stride: usize,
    /// From a place of a window to its next.
    pub dilation: usize,
    /// Places of padding before the input.
    pub before: usize,
}

impl Axis {
    /// An axis of a single place.
    pub const ONE: Self = Self { input: 1, output: 1, window: 1, stride: 1, dilation: 1, before: 0 };

    /// Places from a window's first to its last.
    #[must_use]
    pub const fn span(&self) -> usize {
        self.window.saturating_sub(1).saturating_mul(self.dilation).saturating_add(1)
    }

    /// Places of the input with its padding on both sides.
    #[must_use]
    pub const fn padded(&self) -> usize {
        let covered = self.output.saturating_sub(1).saturating_mul(self.stride).saturating_add(self.span());
        let given = self.before.saturating_add(self.input);
        if covered > given { covered } else { given }
    }

    /// Places of padding that the gradient of the output needs before it, so that every place of
    /// the input finds all windows that could take it.
    pub(super) const fn gradient_before(&self) -> usize {
        (self.span() - 1).saturating_sub(self.before) / self.stride
    }

    /// Places of the output's gradient with that padding on both sides.
    pub(super) const fn gradient_padded(&self) -> usize {
        let last = self.input.saturating_add(self.before).saturating_sub(1) / self.stride + 1;
        self.gradient_before().saturating_add(if last > self.output { last } else { self.output })
    }

    /// The places `phase`, `phase + stride`, … of the input, which all are taken by the same places
    /// of the windows.
    pub(super) fn phase(&self, phase: usize) -> Phase {
        let Self { stride, dilation, before, window, .. } = *self;
        let places = self.input.saturating_sub(phase).div_ceil(stride);
        let Some(first) = (0..window.min(stride)).find(|tap| tap * dilation % stride == (phase + before) % stride)
        else {
            return Phase { places, taps: 0, last_tap: 0, tap_step: 1, begin: 0, step: 1 };
        };
        let common = greatest_common_divisor(stride, dilation);
        let tap_step = stride / common;
        let taps = (window - 1 - first) / tap_step + 1;
        let last_tap = first + (taps - 1) * tap_step;
        // Exact, as is the division of each term's difference from `phase + before`.
        let begin = (self.gradient_before() * stride + phase + before - last_tap * dilation) / stride;
        Phase { places, taps, last_tap, tap_step, begin, step: dilation / common }
    }
}

/// What the places of one phase have in common: the place m of them is taken by the windows at
/// `begin + m`, `begin + m + step`, … of the padded output, by their places `last_tap`,
/// `last_tap − tap_step`, ….
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    pub places: usize,
    pub taps: usize,
    pub last_tap: usize,
    pub tap_step: usize,
    pub begin: usize,
    pub step: usize,
}

impl Phase {
    /// The window's place that comes at this index.
    pub fn tap(&self, index: usize) -> usize {
        self.last_tap - index * self.tap_step
    }
}

const fn greatest_common_divisor(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
