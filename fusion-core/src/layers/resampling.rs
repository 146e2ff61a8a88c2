//! Images brought to another size.

use super::up_sampling2d::Interpolation;
use crate::kernels::vectorize;
use filters::{Filter, Filtering};

mod filters;

/// A box within an image of so many places, which becomes so many.
pub(super) struct Resampling {
    /// The width of the image.
    width: usize,
    channels: usize,
    rows: Side,
    columns: Side,
    way: Way,
}

/// What comes of the places around.
#[derive(Clone, Copy)]
enum Way {
    Nearest,
    Bilinear,
    Filter(Filtering),
}

/// Places of one side from one on, and how many they become.
#[derive(Clone, Copy)]
pub(super) struct Side {
    pub(super) begin: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Two neighbours along one side, and how much the second counts.
#[derive(Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    weight: f32,
}

impl Side {
    /// What place `at` lies between: (at + ½) · from / to − ½.
    #[inline(always)]
    fn between(&self, at: usize) -> Between {
        // In halves of 1 / to, and a place further, so that it is not negative.
        let halves = (2 * at + 1) * self.from + self.to;
        let (above, rest) = (halves / (2 * self.to), halves % (2 * self.to));
        let (first, second) = (above.saturating_sub(1), above.min(self.from - 1));
        Between { first: self.begin + first, second: self.begin + second, weight: rest as f32 / (2 * self.to) as f32 }
    }

    /// The place whose middle is the nearest, computed as TensorFlow does.
    fn nearest(&self, at: usize) -> usize {
        let place = (at as f32 + 0.5) * (self.from as f32 / self.to as f32);
        self.begin + (place as usize).min(self.from - 1)
    }
}

impl Resampling {
    /// Between the four places around.
    pub(super) const fn new(rows: Side, columns: Side, width: usize, channels: usize) -> Self {
        Self { width, channels, rows, columns, way: Way::Bilinear }
    }

    /// How much each place of a side counts in place `at` of a new one, where a filter says it: the numbers of all that count
    /// go to the begin of `weights`, and the first of these places and how many they are come out.
    pub(super) fn weights(
        interpolation: Interpolation,
        antialias: bool,
        side: Side,
        at: usize,
        weights: &mut [f32],
    ) -> Option<(usize, usize)> {
        match Self::new(side, side, side.from, 1).by(interpolation, antialias).way {
            Way::Filter(filtering) => Some(filtering.weights(side, at, weights)),
            Way::Nearest | Way::Bilinear => None,
        }
    }

    /// In this way; with `antialias` each place of the old image counts, also where the new one is much smaller.
    pub(super) const fn by(mut self, interpolation: Interpolation, antialias: bool) -> Self {
        let filter = match interpolation {
            Interpolation::Nearest => None,
            Interpolation::Bilinear if antialias => Some(Filter::Triangle),
            Interpolation::Bilinear => None,
            Interpolation::Bicubic => Some(Filter::Cubic),
            Interpolation::Lanczos3 => Some(Filter::Lanczos(3)),
            Interpolation::Lanczos5 => Some(Filter::Lanczos(5)),
        };
        self.way = match (filter, interpolation) {
            (Some(filter), _) => Way::Filter(Filtering { filter, antialias }),
            (None, Interpolation::Nearest) => Way::Nearest,
            _ => Way::Bilinear,
        };
        self
    }

    /// Numbers of scratch that it works with.
    pub(super) const fn scratch(&self) -> usize {
        match self.way {
            Way::Nearest | Way::Bilinear => 0,
            Way::Filter(filtering) => self.filter_scratch(filtering),
        }
    }

    /// Writes the new image.
    pub(super) fn resample(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        match self.way {
            Way::Nearest => self.nearest(x, y),
            Way::Bilinear => self.bilinear(x, y),
            Way::Filter(filtering) => self.filter(filtering, x, y, scratch),
        }
    }

    /// The way back of [`resample`](Self::resample).
    #[cfg(feature = "training")]
    pub(super) fn resample_back(&self, dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
        match self.way {
            Way::Nearest => self.nearest_back(dy, dx),
            Way::Bilinear => self.bilinear_back(dy, dx),
            Way::Filter(filtering) => self.filter_back(filtering, dy, dx, scratch),
        }
    }

    /// Calls back for each place of the new image with its number, and with the four places it lies between, each with its
    /// weight.
    #[inline(always)]
    fn for_each_place(&self, mut call: impl FnMut(usize, [(usize, f32); 4])) {
        for row in 0..self.rows.to {
            let rows = self.rows.between(row);
            for column in 0..self.columns.to {
                let columns = self.columns.between(column);
                let (above, below) = (rows.first * self.width, rows.second * self.width);
                let (left, right) = (1.0 - columns.weight, columns.weight);
                let places = [
                    (above + columns.first, (1.0 - rows.weight) * left),
                    (above + columns.second, (1.0 - rows.weight) * right),
                    (below + columns.first, rows.weight * left),
                    (below + columns.second, rows.weight * right),
                ];
                call(row * self.columns.to + column, places);
            }
        }
    }

    /// The mean of the four places around, weighted by how near they are.
    pub(super) fn bilinear(&self, x: &[f32], y: &mut [f32]) {
        let channels = self.channels;
        vectorize(
            #[inline(always)]
            || {
                self.for_each_place(
                    #[inline(always)]
                    |at, places| {
                        let y = &mut y[at * channels..][..channels];
                        let [a, b, c, d] = places.map(|(place, weight)| (&x[place * channels..][..channels], weight));
                        for (channel, y) in y.iter_mut().enumerate() {
                            *y = a.0[channel] * a.1 + b.0[channel] * b.1 + c.0[channel] * c.1 + d.0[channel] * d.1;
                        }
                    },
                );
            },
        );
    }

    /// The way back of [`bilinear`](Self::bilinear).
    #[cfg(feature = "training")]
    pub(super) fn bilinear_back(&self, dy: &[f32], dx: &mut [f32]) {
        let channels = self.channels;
        dx.fill(0.0);
        vectorize(
            #[inline(always)]
            || {
                self.for_each_place(
                    #[inline(always)]
                    |at, places| {
                        for (place, weight) in &places {
                            let dx = &mut dx[place * channels..][..channels];
                            for (dx, dy) in dx.iter_mut().zip(&dy[at * channels..][..channels]) {
                                *dx += weight * dy;
                            }
                        }
                    },
                );
            },
        );
    }

    /// The number of each place of the new image, and that of the nearest one in the old.
    fn nearest_places(&self) -> impl Iterator<Item = (usize, usize)> {
        let of_row = move |row| {
            let first = self.rows.nearest(row) * self.width;
            (0..self.columns.to)
                .map(move |column| (row * self.columns.to + column, first + self.columns.nearest(column)))
        };
        (0..self.rows.to).flat_map(of_row)
    }

    /// The nearest place.
    fn nearest(&self, x: &[f32], y: &mut [f32]) {
        for (to, from) in self.nearest_places() {
            y[to * self.channels..][..self.channels].copy_from_slice(&x[from * self.channels..][..self.channels]);
        }
    }

    /// The way back of [`nearest`](Self::nearest).
    #[cfg(feature = "training")]
    fn nearest_back(&self, dy: &[f32], dx: &mut [f32]) {
        dx.fill(0.0);
        for (to, from) in self.nearest_places() {
            let dy = &dy[to * self.channels..][..self.channels];
            dx[from * self.channels..][..self.channels].iter_mut().zip(dy).for_each(|(dx, dy)| *dx += dy);
        }
    }
}
