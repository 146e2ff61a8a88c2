//! Vectors of length 1.

use core::fmt;
use core::ops::Range;

use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{MAXIMUM_RANK, Shape, Tensor, Text};
use crate::weights::OptionsOf;

/// y = x / max(√Σ x², 10⁻¹²), the sum along one or more axes of each sample, of any shape: Keras's
/// `layers.UnitNormalization`.
///
/// The vectors along the axes get the length 1: by default those of features on the last axis.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::UnitNormalization;
/// use fusion::{Forward, Layer};
/// let mut y = [[0.0; 2]];
/// Layer::<[f32; 2]>::forward(&UnitNormalization, &mut Forward::new(&mut [], &mut []), &[[3.0, -4.0]], &mut y);
/// assert_eq!(y, [[0.6, -0.8]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = UnitNormalizationOptions)]
pub struct UnitNormalization;

/// The options of [`UnitNormalization`]: `UnitNormalization(axis = 1)` or `UnitNormalization(axes = [1, 2])`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct UnitNormalizationOptions {
    #[option(default = Axes { given: [-1; Shape::MAXIMUM_RANK], count: 1, option: "axis" }, by_hand)]
    axis: Axes,
}

/// The axes along which squares are added up, and the option that gave them.
#[derive(Clone, Copy)]
struct Axes {
    /// Those past the count mean nothing.
    given: [isize; MAXIMUM_RANK],
    count: usize,
    option: &'static str,
}

// Which option gave them does not count.
impl PartialEq for Axes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

// As Keras writes it: it is what a weight file's digest covers.
impl fmt::Debug for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_slice() {
            [axis] => axis.fmt(f),
            axes => axes.fmt(f),
        }
    }
}

impl UnitNormalizationOptions {
    /// The axis along which vectors get the length 1. As in Keras the batch is axis 0, so a sample's first dimension
    /// is 1, and negative axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axis(self, axis: isize) -> Self {
        let Self { axis: Axes { given, .. } } = self.axes([axis]);
        Self { axis: Axes { given, count: 1, option: "axis" } }
    }

    /// Several axes, Keras's `axis=[1, 2]`: all that lies along them is one vector.
    #[must_use]
    pub const fn axes<const COUNT: usize>(mut self, axes: [isize; COUNT]) -> Self {
        (self.axis.count, self.axis.option) = (COUNT, "axes");
        let mut i = 0;
        while i < COUNT && i < Shape::MAXIMUM_RANK {
            self.axis.given[i] = axes[i];
            i += 1;
        }
        self
    }
}

impl Axes {
    fn as_slice(&self) -> &[isize] {
        &self.given[..self.count.min(Shape::MAXIMUM_RANK)]
    }

    /// Of each dimension of a sample, whether squares are added up along it; or what is wrong.
    const fn along(&self, rank: usize) -> Result<[bool; Shape::MAXIMUM_RANK], Wrong> {
        let (mut along, mut i) = ([false; Shape::MAXIMUM_RANK], 0);
        if self.count == 0 {
            return Err(Wrong::NoAxis);
        }
        while i < self.count {
            if i == Shape::MAXIMUM_RANK {
                return Err(Wrong::TooMany);
            }
            let given = self.given[i];
            let axis = if given < 0 { given + rank as isize + 1 } else { given };
            if axis == 0 {
                return Err(Wrong::Batch);
            }
            if axis < 0 || axis > rank as isize {
                return Err(Wrong::OutOfRange);
            }
            if along[axis as usize - 1] {
                return Err(Wrong::Twice(axis as usize));
            }
            along[axis as usize - 1] = true;
            i += 1;
        }
        Ok(along)
    }

    const fn unless_axes(&self, shape: &Shape) -> Option<Mistake> {
        let rank = shape.rank();
        let message = match self.along(rank) {
            Ok(_) => return None,
            Err(Wrong::NoAxis) => Text::new("there must be at least one axis"),
            Err(Wrong::TooMany) => Text::new("a sample has at most six dimensions"),
            Err(Wrong::Batch) => {
                let text = Text::new("axis 0 is the batch, whose samples have lengths of their own");
                text.and("; a sample's first dimension is axis 1")
            }
            Err(Wrong::OutOfRange) => {
                let text = Text::new("a sample is ").shape(shape).and(", so its axes are 1 to ").number(rank);
                text.and(", or -").number(rank).and(" to -1, with the batch as axis 0")
            }
            Err(Wrong::Twice(axis)) => Text::new("axis ").number(axis).and(" is given twice"),
        };
        Some(Mistake::option(self.option, message))
    }
}

/// What is wrong with the axes.
enum Wrong {
    NoAxis,
    TooMany,
    Batch,
    OutOfRange,
    Twice(usize),
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for UnitNormalization {
    const OUTPUT: Output =
        Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(O::VALUE.axis.unless_axes(&In::SHAPE));
    const NEEDS: Needs = Needs::NONE.multiplications(In::SHAPE.length().saturating_mul(2)).masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (vectors, length) = (Vectors::of(&O::VALUE.axis, &In::SHAPE), In::SHAPE.length().max(1));
        let samples = In::numbers(x).chunks_exact(length).zip(Out::numbers_mut(y).chunks_exact_mut(length));
        vectorize(
            #[inline(always)]
            || {
                samples.for_each(|(x, y)| {
                    vectors.for_each(
                        #[inline(always)]
                        |block| block.normalize(x, y),
                    )
                })
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for UnitNormalization {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let (vectors, length) = (Vectors::of(&O::VALUE.axis, &In::SHAPE), In::SHAPE.length().max(1));
        let samples = In::numbers(x).chunks_exact(length).zip(Out::numbers(dy).chunks_exact(length));
        let samples = samples.zip(In::numbers_mut(dx).chunks_exact_mut(length));
        vectorize(
            #[inline(always)]
            || {
                samples.for_each(|((x, dy), dx)| {
                    vectors.for_each(
                        #[inline(always)]
                        |block| block.gradient(x, dy, dx),
                    )
                })
            },
        );
    }
}

/// 1 / Keras's smallest length.
const LARGEST_FACTOR: f64 = 1e12;
/// How many numbers that lie side by side are worked on together.
const LANES: usize = 16;

/// Dimensions of a sample: the length of each, and how far its places are apart.
struct Grid {
    dimensions: [(usize, usize); MAXIMUM_RANK],
    rank: usize,
}

impl Grid {
    fn places(&self) -> usize {
        self.dimensions[..self.rank].iter().map(|(length, _)| length).product()
    }

    #[inline(always)]
    fn place(&self, mut index: usize) -> usize {
        let mut place = 0;
        for (length, stride) in self.dimensions[..self.rank].iter().rev() {
            place += index % length * stride;
            index /= length;
        }
        place
    }

    fn push(&mut self, length: usize, stride: usize) {
        self.dimensions[self.rank] = (length, stride);
        self.rank += 1;
    }
}

/// The vectors of a sample. Numbers along the last dimension are a row, which is of one vector or of as many as it has
/// numbers.
struct Vectors {
    /// The other dimensions along which the vectors lie.
    along: Grid,
    /// The other dimensions across which they lie.
    across: Grid,
    row: usize,
    of_one: bool,
}

impl Vectors {
    fn of(axes: &Axes, shape: &Shape) -> Self {
        let along = axes.along(shape.rank()).unwrap_or_default();
        let last = shape.rank().saturating_sub(1);
        let empty = || Grid { dimensions: [(1, 0); Shape::MAXIMUM_RANK], rank: 0 };
        let mut vectors = Self { along: empty(), across: empty(), row: shape.last(), of_one: along[last] };
        for (dimension, along) in along.iter().enumerate().take(last) {
            let grid = if *along { &mut vectors.along } else { &mut vectors.across };
            grid.push(shape.dim(dimension), shape.dimensions()[dimension + 1..].iter().product());
        }
        vectors
    }

    /// Shows all of them: one, or a few side by side.
    #[inline(always)]
    fn for_each(&self, mut show: impl FnMut(&Block<'_>)) {
        let width = if self.of_one { self.row } else { LANES };
        for place in (0..self.across.places()).map(|index| self.across.place(index)) {
            for column in (0..self.row).step_by(width.max(1)) {
                show(&Block { vectors: self, start: place + column, width: width.min(self.row - column) });
            }
        }
    }
}

/// One vector, or a few whose numbers lie side by side, each on a lane.
struct Block<'a> {
    vectors: &'a Vectors,
    start: usize,
    /// How many numbers of each row belong to it.
    width: usize,
}

impl Block<'_> {
    fn rows(&self) -> impl Iterator<Item = Range<usize>> {
        let Self { vectors: Vectors { along, .. }, start, width } = self;
        (0..along.places()).map(move |index| along.place(index) + start).map(move |start| start..start + width)
    }

    /// Σ a · b of the vector on each lane.
    #[inline(always)]
    fn products(&self, a: &[f32], b: &[f32]) -> [f64; LANES] {
        let mut sums = [0.0; LANES];
        for row in self.rows() {
            for (a, b) in a[row.clone()].chunks(LANES).zip(b[row].chunks(LANES)) {
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += f64::from(*a) * f64::from(*b);
                }
            }
        }
        if self.vectors.of_one { [sums.iter().sum(); LANES] } else { sums }
    }

    /// What the vector on each lane is multiplied by.
    #[inline(always)]
    fn factors(&self, x: &[f32]) -> [f64; LANES] {
        self.products(x, x).map(|square| {
            let factor = 1.0 / libm::sqrt(square);
            if factor > LARGEST_FACTOR { LARGEST_FACTOR } else { factor }
        })
    }

    #[inline(always)]
    fn normalize(&self, x: &[f32], y: &mut [f32]) {
        let factors = self.factors(x).map(|factor| factor as f32);
        for row in self.rows() {
            for (y, x) in y[row.clone()].chunks_mut(LANES).zip(x[row].chunks(LANES)) {
                for ((y, x), factor) in y.iter_mut().zip(x).zip(&factors) {
                    *y = x * factor;
                }
            }
        }
    }

    /// dx = factor · (dy − x · Σ x dy · factor²)
    #[cfg(feature = "training")]
    #[inline(always)]
    fn gradient(&self, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let (factors, mut slopes) = (self.factors(x), self.products(x, dy));
        for (slope, factor) in slopes.iter_mut().zip(factors) {
            // The factor of a vector that is too short is a constant.
            *slope = if factor < LARGEST_FACTOR { *slope * factor * factor } else { 0.0 };
        }
        let (factors, slopes) = (factors.map(|factor| factor as f32), slopes.map(|slope| slope as f32));
        for row in self.rows() {
            let parts = dx[row.clone()].chunks_mut(LANES).zip(x[row.clone()].chunks(LANES)).zip(dy[row].chunks(LANES));
            for ((dx, x), dy) in parts {
                for ((((dx, x), dy), factor), slope) in dx.iter_mut().zip(x).zip(dy).zip(&factors).zip(&slopes) {
                    *dx = factor * (dy - x * slope);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, run, says};
    use crate::weights::{Defaults, Options};

    const DEFAULT: UnitNormalizationOptions = UnitNormalizationOptions::DEFAULT;

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl OptionsOf<UnitNormalization> for $name {
                const VALUE: UnitNormalizationOptions = $options;
            })+
        };
    }
    options! {
        First: DEFAULT.axis(1);
        FromTheEnd: DEFAULT.axis(-3);
        Outer: DEFAULT.axes([3, 1]);
        All: DEFAULT.axes([1, -1, 2]);
        Batch: DEFAULT.axis(0);
        BatchFromTheEnd: DEFAULT.axis(-3);
        Beyond: DEFAULT.axis(-4);
        Twice: DEFAULT.axes([2, -1]);
        Nothing: DEFAULT.axes([]);
        Many: DEFAULT.axes([1, 2, 3, 4, 5, 6, 7]);
    }

    fn numbers<const A: usize, const B: usize, const C: usize>() -> [[[f32; C]; B]; A] {
        let mut at = 0.0_f32;
        [[[(); C]; B]; A].map(|x| {
            x.map(|x| {
                x.map(|()| {
                    at += 0.7;
                    at.sin()
                })
            })
        })
    }

    /// In `f64`, the vector of each place being that of the places of the same `key`.
    fn formula<K: PartialEq>(x: &[f64], key: impl Fn(usize) -> K) -> Vec<f64> {
        let square = |at: usize| (0..x.len()).filter(|i| key(*i) == key(at)).map(|i| x[i] * x[i]).sum::<f64>();
        (0..x.len()).map(|at| x[at] / libm::sqrt(square(at))).collect()
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        type Cube = [[[f32; 3]; 2]; 4];
        let (layer, x) =
            (UnitNormalization, [numbers::<4, 2, 3>(), numbers::<4, 2, 3>().map(|x| x.map(|x| x.map(|x| x + 0.5)))]);
        differences::<_, Defaults, Cube, Cube>(&layer, &x, |_, x| formula(x, |i| i / 3));
        differences::<_, FromTheEnd, Cube, Cube>(&layer, &x, |_, x| formula(x, |i| i % 6));
        differences::<_, Outer, Cube, Cube>(&layer, &x, |_, x| formula(x, |i| i / 3 % 2));
        differences::<_, All, Cube, Cube>(&layer, &x, |_, x| formula(x, |_| ()));
        // Rows of more than the lanes, and no multiple of them.
        let x = [numbers::<1, 2, 37>()[0]];
        differences::<_, Defaults, [[f32; 37]; 2], [[f32; 37]; 2]>(&layer, &x, |_, x| formula(x, |i| i / 37));
        differences::<_, First, [[f32; 37]; 2], [[f32; 37]; 2]>(&layer, &x, |_, x| formula(x, |i| i % 37));
    }

    #[test]
    fn what_is_too_short_is_multiplied_by_a_constant() {
        let run = run::<_, Defaults, _, [f32; 2]>(&UnitNormalization, &[[0.0; 2], [3e-13, 4e-13], [3e-12, 4e-12]]);
        let near = |[a, b]: [f32; 2], c: f32, d: f32| (a - c).abs() < 1e-6 && (b - d).abs() < 1e-6;
        assert_eq!(run.y[0], [0.0; 2]);
        assert!(near(run.y[1], 0.3, 0.4) && near(run.y[2], 0.6, 0.8), "{:?}", run.y);
        assert_eq!(run.dx[..2], [run.dy[0].map(|dy| dy * 1e12), run.dy[1].map(|dy| dy * 1e12)]);
        let [x, y] = run.dx[2];
        assert!((3.0 * x + 4.0 * y).abs() < 1e-5 * x.abs(), "the length does not change");
    }

    #[test]
    fn what_is_no_number_stays_seen() {
        let run = run::<_, Defaults, _, [f32; 2]>(&UnitNormalization, &[[f32::NAN, 1.0], [1e30, 0.0]]);
        assert!(run.y[0].iter().all(|y| y.is_nan()));
        assert_eq!(run.y[1], [1.0, 0.0]);
    }

    #[test]
    fn an_axis_that_there_is_not_is_a_mistake() {
        fn of<O: OptionsOf<UnitNormalization>>() -> Option<String> {
            says::<UnitNormalization, O, [[f32; 3]; 2]>()
        }
        assert_eq!(of::<Defaults>(), None);
        assert_eq!(of::<First>(), None);
        let batch =
            "axis 0 is the batch, whose samples have lengths of their own; a sample's first dimension is axis 1";
        assert_eq!((of::<Batch>().unwrap(), of::<BatchFromTheEnd>().unwrap()), (batch.to_owned(), batch.to_owned()));
        let beyond = "a sample is [2, 3], so its axes are 1 to 2, or -2 to -1, with the batch as axis 0";
        assert_eq!((of::<Beyond>().unwrap(), of::<Outer>().unwrap()), (beyond.to_owned(), beyond.to_owned()));
        assert_eq!(of::<Twice>().unwrap(), "axis 2 is given twice");
        assert_eq!(of::<Nothing>().unwrap(), "there must be at least one axis");
        let many = says::<UnitNormalization, Many, [[[[[[f32; 1]; 1]; 1]; 1]; 1]; 1]>();
        assert_eq!(many.unwrap(), "a sample has at most six dimensions");
        assert!(says::<UnitNormalization, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
    }

    #[test]
    fn the_options_read_as_in_keras() {
        let text = |options: UnitNormalizationOptions| {
            let mut text = String::new();
            options.write_changes(&mut text).unwrap();
            text
        };
        assert_eq!((text(DEFAULT), text(DEFAULT.axes([-1]))), (String::new(), String::new()));
        assert_eq!((text(DEFAULT.axis(1)), text(DEFAULT.axes([1, 2]))), ("axis=1 ".into(), "axis=[1, 2] ".into()));
    }
}
