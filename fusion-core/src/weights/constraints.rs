//! Keras's constraints on weights.

use core::ops::Range;

use crate::shape::Shape;

/// What an array of weights is held to after each step, under Keras's name and with Keras's formula
/// (`keras.constraints`).
///
/// In `model!` it is an option of the layer: `Dense<_, 64>(kernel_constraint = MaxNorm(3.0))`. An array that no
/// optimizer moves stays as it is.
///
/// Norms are those along the first axis, each output of a `Dense` layer apart, unless [`axis`](Self::axis) or
/// [`axes`](Self::axes) says otherwise: `MaxNorm(3.0).axes(0..3)` is about each filter of a convolution.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::weights::Constraint;
/// use fusion::Shape;
/// let mut kernel = [3.0, 0.5, 4.0, 0.0]; // norms 5 and 0.5
/// Constraint::max_norm(1.0).apply(&Shape::new(&[2, 2]), &mut kernel);
/// assert!((kernel[0] - 0.6).abs() < 1e-6 && (kernel[2] - 0.8).abs() < 1e-6);
/// assert!((kernel[1] - 0.5).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(unpredictable_function_pointer_comparisons, reason = "only asks whether an option is the one it was")]
pub enum Constraint {
    /// No norm above this.
    MaxNorm {
        /// The largest norm.
        max_value: f32,
        /// Along which axes norms are.
        axes: Axes,
    },
    /// Norms go towards the range from the first to the second: (1 − rate) · norm + rate · the norm within it.
    MinMaxNorm {
        /// The least norm.
        min_value: f32,
        /// The largest norm.
        max_value: f32,
        /// How much of the way a norm goes in a step; 1 is all of it.
        rate: f32,
        /// Along which axes norms are.
        axes: Axes,
    },
    /// No number below 0.
    NonNeg,
    /// Each norm is 1.
    UnitNorm {
        /// Along which axes norms are.
        axes: Axes,
    },
    /// One of your own: it changes an array of this shape.
    Own(fn(&Shape, &mut [f32])),
}

/// Axes of an array that follow one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Axes {
    start: usize,
    end: usize,
}

impl Axes {
    /// The first axis alone.
    pub const FIRST: Self = Self { start: 0, end: 1 };

    /// The first of them, and the one behind the last.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether an array of this shape has them.
    pub(super) const fn are_of(self, shape: &Shape) -> bool {
        self.start < self.end && self.end <= shape.rank()
    }
}

/// What keeps a norm of 0 from being divided by: Keras's `epsilon`.
const EPSILON: f32 = 1e-7;

impl Constraint {
    /// [`Constraint::MaxNorm`] along the first axis; 2 in Keras.
    #[must_use]
    pub const fn max_norm(max_value: f32) -> Self {
        Self::MaxNorm { max_value, axes: Axes::FIRST }
    }

    /// [`Constraint::MinMaxNorm`] along the first axis; 0, 1 and 1 in Keras.
    #[must_use]
    pub const fn min_max_norm(min_value: f32, max_value: f32, rate: f32) -> Self {
        Self::MinMaxNorm { min_value, max_value, rate, axes: Axes::FIRST }
    }

    /// [`Constraint::UnitNorm`] along the first axis.
    #[must_use]
    pub const fn unit_norm() -> Self {
        Self::UnitNorm { axes: Axes::FIRST }
    }

    /// The same with norms along this axis.
    #[must_use]
    pub const fn axis(self, axis: usize) -> Self {
        self.axes(axis..axis + 1)
    }

    /// The same with norms along these axes: `0..3` is Keras's `axis=[0, 1, 2]`.
    #[must_use]
    pub const fn axes(mut self, axes: Range<usize>) -> Self {
        match &mut self {
            Self::MaxNorm { axes: own, .. } | Self::MinMaxNorm { axes: own, .. } | Self::UnitNorm { axes: own } => {
                *own = Axes { start: axes.start, end: axes.end };
            }
            Self::NonNeg | Self::Own(_) => {}
        }
        self
    }

    /// Holds an array of this shape to it.
    ///
    /// # Panics
    /// If the array has not the axes along which norms are, or no norm can be in the range.
    pub fn apply(self, shape: &Shape, weights: &mut [f32]) {
        match self {
            Self::MaxNorm { max_value, axes } => along(axes, shape, weights, |norm| norm.clamp(0.0, max_value)),
            Self::MinMaxNorm { min_value, max_value, rate, axes } => {
                along(axes, shape, weights, |norm| rate * norm.clamp(min_value, max_value) + (1.0 - rate) * norm)
            }
            Self::UnitNorm { axes } => along(axes, shape, weights, |_| 1.0),
            Self::NonNeg => weights.iter_mut().filter(|w| **w < 0.0).for_each(|w| *w = 0.0),
            Self::Own(constraint) => constraint(shape, weights),
        }
    }
}

/// So many norms are found together.
const NORMS: usize = 64;

/// Multiplies all vectors along these axes so that their norms become what `desired` makes of them.
fn along(axes: Axes, shape: &Shape, weights: &mut [f32], desired: impl Fn(f32) -> f32) {
    let product = |range: &[usize]| range.iter().product::<usize>();
    let dimensions = shape.dimensions();
    let (length, inner) = (product(&dimensions[axes.start..axes.end]), product(&dimensions[axes.end..]));
    if weights.is_empty() {
        return;
    }
    for vectors in weights.chunks_exact_mut(length * inner) {
        for start in (0..inner).step_by(NORMS) {
            let range = start..inner.min(start + NORMS);
            let mut sums = [0.0_f64; NORMS];
            for row in vectors.chunks_exact(inner) {
                let row = &row[range.clone()];
                sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += f64::from(*w) * f64::from(*w));
            }
            let factors = sums.map(|sum| {
                let norm = libm::sqrt(sum) as f32;
                desired(norm) / (EPSILON + norm)
            });
            for row in vectors.chunks_exact_mut(inner) {
                let row = &mut row[range.clone()];
                row.iter_mut().zip(&factors).for_each(|(w, factor)| *w *= factor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 × 2 × 70 numbers, so that norms are found in more than one go.
    fn numbers() -> Vec<f32> {
        (0..700).map(|i| (i as f32 * 0.37).sin()).collect()
    }

    #[test]
    fn norms_are_those_along_the_axes() {
        let (shape, before) = (Shape::new(&[5, 2, 70]), numbers());
        for (axes, vector) in [(0..1, [1, 0, 0]), (1..2, [0, 1, 0]), (2..3, [0, 0, 1]), (0..2, [1, 1, 0])] {
            let mut after = before.clone();
            Constraint::unit_norm().axes(axes).apply(&shape, &mut after);
            // Those numbers that have the place (1, 1, 1) in common but along the axes.
            let of_vector = (0..700).filter(|i| {
                [i / 140, i / 70 % 2, i % 70].iter().zip(vector).all(|(place, along)| along == 1 || *place == 1)
            });
            let of_vector: Vec<usize> = of_vector.collect();
            let norm = of_vector.iter().map(|i| before[*i] * before[*i]).sum::<f32>().sqrt();
            for i in of_vector {
                assert!((after[i] - before[i] / norm).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn what_is_no_number_stays_to_be_seen() {
        let mut weights = [-1.0, f32::NAN, 2.0];
        Constraint::NonNeg.apply(&Shape::new(&[3]), &mut weights);
        assert!(weights[0] == 0.0 && weights[1].is_nan() && weights[2] == 2.0);
    }
}
