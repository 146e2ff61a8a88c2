//! Images under an affine map, as TensorFlow computes it (`ImageProjectiveTransformV3`).

use super::spatial;
use super::up_sampling2d::Interpolation;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// What stands beyond the borders of an image: Keras's `fill_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillMode {
    /// The image mirrored: (d c b a | a b c d | d c b a).
    Reflect,
    /// The image once more: (a b c d | a b c d | a b c d).
    Wrap,
    /// The `fill_value`.
    Constant,
    /// The border: (a a a a | a b c d | d d d d).
    Nearest,
}

/// How the layers that move an image look at it.
#[derive(Clone, Copy)]
pub(super) struct Filling {
    pub(super) mode: FillMode,
    pub(super) interpolation: Interpolation,
    pub(super) value: f32,
}

impl Filling {
    pub(super) const fn mistake(&self) -> Option<Mistake> {
        if !self.value.is_finite() {
            return Some(Mistake::option("fill_value", Text::new("`fill_value` must be finite")));
        }
        if matches!(self.interpolation, Interpolation::Nearest | Interpolation::Bilinear) {
            return None;
        }
        Some(Mistake::option("interpolation", Text::new("an image is moved by `Bilinear` or `Nearest`, as in Keras")))
    }
}

/// What a layer gives that changes an image in training.
pub(super) const fn output<In: Tensor>(mistake: Option<Mistake>) -> Output {
    spatial::of_sides::<In, 2>(Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>())).or(mistake)
}

/// Place (x, y) of what comes out lies at (a · x + b · y + c, d · x + e · y + f) of what goes in.
pub(super) struct Warp<'a> {
    pub(super) matrix: [f32; 6],
    pub(super) filling: Filling,
    /// Of an image.
    pub(super) shape: &'a Shape,
}

/// A place of the image, if it lies within, and how much it counts.
type Weighted = (Option<usize>, f32);

impl Warp<'_> {
    /// The places that a place of what comes out lies between.
    fn places(&self, row: usize, column: usize) -> [Weighted; 4] {
        let ([a, b, c, d, e, f], (column, row)) = (self.matrix, (column as f32, row as f32));
        let (height, width) = (self.shape.dim(0), self.shape.dim(1));
        let x = self.filling.mode.within(a * column + b * row + c, width);
        let y = self.filling.mode.within(d * column + e * row + f, height);
        let inside = |place: f32, length: usize| place >= 0.0 && place < length as f32;
        let place = |x: f32, y: f32| (inside(x, width) && inside(y, height)).then(|| y as usize * width + x as usize);
        if matches!(self.filling.interpolation, Interpolation::Nearest) {
            return [(place(libm::roundf(x), libm::roundf(y)), 1.0), (None, 0.0), (None, 0.0), (None, 0.0)];
        }
        let (left, above) = (libm::floorf(x), libm::floorf(y));
        let (right, below) = (left + 1.0, above + 1.0);
        [
            (place(left, above), (right - x) * (below - y)),
            (place(right, above), (x - left) * (below - y)),
            (place(left, below), (right - x) * (y - above)),
            (place(right, below), (x - left) * (y - above)),
        ]
    }

    /// Calls back with each place of what comes out, and those that it lies between; what does not count is left out.
    fn for_each(&self, mut call: impl FnMut(usize, Weighted)) {
        let (height, width) = (self.shape.dim(0), self.shape.dim(1));
        for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
            let places = self.places(row, column);
            places.iter().filter(|(_, weight)| *weight != 0.0).for_each(|place| call(row * width + column, *place));
        }
    }

    pub(super) fn forward(&self, x: &[f32], y: &mut [f32]) {
        let channels = self.shape.last();
        y.fill(0.0);
        self.for_each(|to, (from, weight)| {
            let y = &mut y[to * channels..][..channels];
            match from {
                Some(from) => y.iter_mut().zip(&x[from * channels..][..channels]).for_each(|(y, x)| *y += weight * x),
                None => y.iter_mut().for_each(|y| *y += weight * self.filling.value),
            }
        });
    }

    /// The gradient of the formula; TensorFlow's is that of the inverse map.
    #[cfg(feature = "training")]
    pub(super) fn back(&self, dy: &[f32], dx: &mut [f32]) {
        let channels = self.shape.last();
        dx.fill(0.0);
        self.for_each(|to, (from, weight)| {
            let Some(from) = from else { return };
            let dy = &dy[to * channels..][..channels];
            dx[from * channels..][..channels].iter_mut().zip(dy).for_each(|(dx, dy)| *dx += weight * dy);
        });
    }
}

impl FillMode {
    /// Where a place along a side of this length is found.
    fn within(self, at: f32, length: usize) -> f32 {
        let (sides, last) = (length as f32, length as f32 - 1.0);
        // Whole times, towards 0.
        let times = |place: f32, of: f32| libm::truncf(place / of);
        let place = match self {
            Self::Constant => return at,
            Self::Nearest => at,
            _ if length <= 1 => 0.0,
            _ if (0.0..=last).contains(&at) => at,
            Self::Reflect if at < 0.0 => {
                let at = at + 2.0 * sides * times(-at, 2.0 * sides);
                if at < -sides { at + 2.0 * sides } else { -at - 1.0 }
            }
            Self::Reflect => {
                let at = at - 2.0 * sides * times(at, 2.0 * sides);
                if at >= sides { 2.0 * sides - at - 1.0 } else { at }
            }
            Self::Wrap if at < 0.0 => at + sides * (times(-at, last) + 1.0),
            Self::Wrap => at - sides * times(at, last),
        };
        place.clamp(0.0, last)
    }
}

/// Makes a struct the layer that moves each image at random while training: what is wrong with its factors,
/// `unless_factors`, and its `matrix` are its own.
macro_rules! warped {
    ($layer:ident, $options:ident) => {
        impl $options {
            const fn filling(&self) -> $crate::layers::warp::Filling {
                let Self { fill_mode: mode, interpolation, fill_value: value, .. } = *self;
                $crate::layers::warp::Filling { mode, interpolation, value }
            }

            fn warp<'a>(&self, shape: &'a Shape, stream: Random) -> $crate::layers::warp::Warp<'a> {
                $crate::layers::warp::Warp { matrix: self.matrix(shape, stream), filling: self.filling(), shape }
            }
        }

        const fn output<In: $crate::shape::Tensor>(options: &$options) -> $crate::layer::Output {
            $crate::layers::warp::output::<In>(options.filling().mistake()).or(options.unless_factors())
        }

        $crate::layers::noise::noise!($layer, output, forward, back);

        fn forward(options: &$options, shape: &Shape, stream: Random, x: &[f32], y: &mut [f32]) {
            options.warp(shape, stream).forward(x, y);
        }

        #[cfg(feature = "training")]
        fn back(options: &$options, shape: &Shape, stream: Random, dy: &[f32], dx: &mut [f32]) {
            options.warp(shape, stream).back(dy, dx);
        }
    };
}
pub(super) use warped;

#[cfg(test)]
mod tests {
    use super::*;

    const FILLING: Filling = Filling { mode: FillMode::Constant, interpolation: Interpolation::Bilinear, value: 9.0 };

    fn row(matrix: [f32; 6], filling: Filling, x: &[f32]) -> Vec<f32> {
        let (shape, mut y) = (Shape::new(&[1, x.len(), 1]), vec![f32::NAN; x.len()]);
        Warp { matrix, filling, shape: &shape }.forward(x, &mut y);
        y
    }

    fn moved(by: f32, mode: FillMode) -> Vec<f32> {
        row([1.0, 0.0, by, 0.0, 1.0, 0.0], Filling { mode, ..FILLING }, &[1.0, 2.0, 3.0, 4.0])
    }

    #[test]
    fn each_mode_goes_on_beyond_the_borders() {
        assert_eq!(moved(-2.0, FillMode::Constant), [9.0, 9.0, 1.0, 2.0]);
        assert_eq!(moved(-0.25, FillMode::Constant), [3.0, 1.75, 2.75, 3.75]);
        assert_eq!(moved(2.0, FillMode::Nearest), [3.0, 4.0, 4.0, 4.0]);
        assert_eq!(moved(-3.0, FillMode::Reflect), [3.0, 2.0, 1.0, 1.0]);
        assert_eq!(moved(6.0, FillMode::Reflect), [2.0, 1.0, 1.0, 2.0]);
        assert_eq!(moved(-2.0, FillMode::Wrap), [3.0, 4.0, 1.0, 2.0]);
    }

    #[test]
    fn the_same_place_is_the_same_number() {
        let same = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        for mode in [FillMode::Constant, FillMode::Nearest, FillMode::Reflect, FillMode::Wrap] {
            for interpolation in [Interpolation::Nearest, Interpolation::Bilinear] {
                let filling = Filling { mode, interpolation, ..FILLING };
                assert_eq!(row(same, filling, &[f32::INFINITY, 2.0, -1.0]), [f32::INFINITY, 2.0, -1.0]);
            }
        }
    }
}
