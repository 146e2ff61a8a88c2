//! Filters that take in several places along each side, as TensorFlow computes them: `resize_bicubic` and
//! `scale_and_translate`.

use core::f32::consts::PI;

use super::{Resampling, Side};

/// What a place weighs that is so far away.
#[derive(Clone, Copy)]
pub(super) enum Filter {
    /// A straight line down to 0 at 1.
    Triangle,
    /// Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981.
    Cubic,
    /// A sinc in a window so wide.
    Lanczos(usize),
}

/// A filter along one side.
#[derive(Clone, Copy)]
pub(super) struct Filtering {
    pub(super) filter: Filter,
    /// Whether it becomes wider where the image becomes smaller.
    pub(super) antialias: bool,
}

/// TensorFlow's table of cubic weights has so many steps from place to place.
const CUBIC_STEPS: f32 = 1024.0;

impl Filter {
    /// From where on a place weighs nothing.
    const fn radius(self) -> usize {
        match self {
            Self::Triangle => 1,
            Self::Cubic => 2,
            Self::Lanczos(radius) => radius,
        }
    }

    fn weight(self, distance: f32) -> f32 {
        let x = distance;
        match self {
            Self::Triangle => (1.0 - x).max(0.0),
            Self::Cubic if x >= 2.0 => 0.0,
            Self::Cubic if x >= 1.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Self::Cubic => (1.5 * x - 2.5) * x * x + 1.0,
            Self::Lanczos(radius) if x > radius as f32 => 0.0,
            Self::Lanczos(_) if x <= 1e-3 => 1.0,
            Self::Lanczos(radius) => {
                let radius = radius as f32;
                radius * libm::sinf(PI * x) * libm::sinf(PI * x / radius) / (PI * PI * x * x)
            }
        }
    }
}

impl Filtering {
    /// So many places of a side weigh at most in one of the new image.
    const fn most(self, side: Side) -> usize {
        let radius = self.filter.radius();
        let wider = if self.antialias && side.from > side.to { (radius * side.from).div_ceil(side.to) } else { radius };
        let most = 2 * wider + 3;
        if most < side.from { most } else { side.from }
    }

    /// The places of a side that weigh in place `at` of the new image: writes their weights, and gives the first one and how
    /// many they are.
    pub(super) fn weights(self, side: Side, at: usize, weights: &mut [f32]) -> (usize, usize) {
        let inverse = (1.0 / f64::from(side.to as f32 / side.from as f32)) as f32;
        let wider = if self.antialias { inverse.max(1.0) } else { 1.0 };
        let middle = self.middle(side, at, inverse);
        let radius = self.filter.radius() as f32 * wider;
        let last = side.from - 1;
        let first = libm::ceilf(middle - radius - 0.5).clamp(0.0, last as f32) as usize;
        let last = libm::floorf(middle + radius - 0.5).clamp(0.0, last as f32) as usize;
        let weights = &mut weights[..last - first + 1];
        for (weight, place) in weights.iter_mut().zip(first..) {
            let distance = (place as f32 + 0.5 - middle) * (1.0 / wider);
            *weight = self.filter.weight(distance.abs());
        }
        // What lies beyond the borders weighs nothing.
        let sum: f32 = weights.iter().sum();
        if sum.abs() >= 1000.0 * f32::MIN_POSITIVE {
            weights.iter_mut().for_each(|weight| *weight *= 1.0 / sum);
        }
        (first, last - first + 1)
    }

    /// Where in the old image the middle of a place of the new one lies.
    fn middle(self, side: Side, at: usize, inverse: f32) -> f32 {
        let middle = (at as f32 + 0.5) * inverse;
        if self.antialias || !matches!(self.filter, Filter::Cubic) {
            return middle;
        }
        let place = (at as f32 + 0.5) * (side.from as f32 / side.to as f32) - 0.5;
        let below = libm::floorf(place);
        below + libm::rintf((place - below) * CUBIC_STEPS) / CUBIC_STEPS + 0.5
    }
}

impl Resampling {
    /// Numbers of scratch that a filter works with: a row of the old image, the weights of all columns and those of a row.
    pub(super) const fn filter_scratch(&self, filtering: Filtering) -> usize {
        let columns = self.columns.to.saturating_mul(filtering.most(self.columns).saturating_add(2));
        let row = self.columns.from.saturating_mul(self.channels);
        row.saturating_add(columns).saturating_add(filtering.most(self.rows))
    }

    /// Writes the weights of all columns, each behind its first place and how many there are; what is left of the scratch
    /// are a row of the old image and the weights of a row.
    fn filter_columns<'s>(&self, filtering: Filtering, scratch: &'s mut [f32]) -> [&'s mut [f32]; 3] {
        let width = filtering.most(self.columns) + 2;
        let (columns, rest) = scratch.split_at_mut(width * self.columns.to);
        for (at, column) in columns.chunks_exact_mut(width).enumerate() {
            let (first, count) = filtering.weights(self.columns, at, &mut column[2..]);
            (column[0], column[1]) = (first as f32, count as f32);
        }
        let (row, rest) = rest.split_at_mut(self.columns.from * self.channels);
        [columns, row, &mut rest[..filtering.most(self.rows)]]
    }

    /// Where the part of a row that counts lies in the image.
    fn row(&self, row: usize) -> core::ops::Range<usize> {
        let first = ((self.rows.begin + row) * self.width + self.columns.begin) * self.channels;
        first..first + self.columns.from * self.channels
    }

    /// The mean of the places around, weighted by a filter.
    pub(super) fn filter(&self, filtering: Filtering, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        let [columns, row, of_row] = self.filter_columns(filtering, scratch);
        let width = filtering.most(self.columns) + 2;
        for (at, y) in y.chunks_exact_mut(self.columns.to * self.channels).enumerate() {
            let (first, count) = filtering.weights(self.rows, at, of_row);
            row.fill(0.0);
            for (place, weight) in (first..).zip(&of_row[..count]) {
                row.iter_mut().zip(&x[self.row(place)]).for_each(|(sum, x)| *sum += weight * x);
            }
            for (y, column) in y.chunks_exact_mut(self.channels).zip(columns.chunks_exact(width)) {
                y.fill(0.0);
                let places = row[column[0] as usize * self.channels..].chunks_exact(self.channels);
                for (x, weight) in places.zip(&column[2..][..column[1] as usize]) {
                    y.iter_mut().zip(x).for_each(|(sum, x)| *sum += weight * x);
                }
            }
        }
    }

    /// The way back of [`filter`](Self::filter).
    #[cfg(feature = "training")]
    pub(super) fn filter_back(&self, filtering: Filtering, dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
        let [columns, row, of_row] = self.filter_columns(filtering, scratch);
        let width = filtering.most(self.columns) + 2;
        dx.fill(0.0);
        for (at, dy) in dy.chunks_exact(self.columns.to * self.channels).enumerate() {
            row.fill(0.0);
            for (dy, column) in dy.chunks_exact(self.channels).zip(columns.chunks_exact(width)) {
                let places = row[column[0] as usize * self.channels..].chunks_exact_mut(self.channels);
                for (dx, weight) in places.zip(&column[2..][..column[1] as usize]) {
                    dx.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += weight * dy);
                }
            }
            let (first, count) = filtering.weights(self.rows, at, of_row);
            for (place, weight) in (first..).zip(&of_row[..count]) {
                dx[self.row(place)].iter_mut().zip(&*row).for_each(|(sum, dx)| *sum += weight * dx);
            }
        }
    }
}
