//! Keras's penalties on weights.

use crate::shape::Shape;

/// What an array of weights adds to the loss, under Keras's name and with Keras's formula (`keras.regularizers`).
///
/// In `model!` it is an option of the layer: `Dense<_, 64>(kernel_regularizer = L2(0.01))`. The penalty is in `loss`, in
/// training and in evaluation, and in no metric; an array that no optimizer moves has none. Numbers are factors of at
/// least 0, in Keras's order.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::weights::Regularizer;
/// use fusion::Shape;
/// let (kernel, mut gradient) = ([3.0, -4.0], [0.0; 2]);
/// assert_eq!(Regularizer::L2(0.5).penalty(&Shape::new(&[2]), &kernel), 12.5);
/// Regularizer::L2(0.5).add_gradient(&Shape::new(&[2]), &kernel, &mut gradient);
/// assert_eq!(gradient, [3.0, -4.0]);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(unpredictable_function_pointer_comparisons, reason = "only asks whether an option is the one it was")]
pub enum Regularizer {
    /// factor · Σ |w|; 0.01 in Keras.
    L1(f32),
    /// factor · Σ w²; 0.01 in Keras.
    L2(f32),
    /// l1 · Σ |w| + l2 · Σ w²; 0 and 0 in Keras.
    L1L2(f32, f32),
    /// factor · the mean of |cos| of the angles between any two rows of a matrix, or any two columns; 0.01 and
    /// [`Vectors::Rows`] in Keras. One vector alone has no penalty.
    OrthogonalRegularizer(f32, Vectors),
    /// One of your own: it gives the penalty of an array of this shape, and adds the penalty's gradient where it is
    /// asked for. As an `activity_regularizer` it is given the output of one sample at a time.
    Own(fn(&Shape, &[f32], Option<&mut [f32]>) -> f64),
}

/// Which vectors of a matrix [`Regularizer::OrthogonalRegularizer`] is about: Keras's `mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vectors {
    /// Its rows.
    Rows,
    /// Its columns.
    Columns,
}

impl Regularizer {
    /// The penalty of an array of this shape.
    #[must_use]
    pub fn penalty(self, shape: &Shape, weights: &[f32]) -> f64 {
        match self {
            Self::L1(l1) => f64::from(l1) * sum(weights, f64::abs),
            Self::L2(l2) => f64::from(l2) * sum(weights, |w| w * w),
            Self::L1L2(l1, l2) => Self::L1(l1).penalty(shape, weights) + Self::L2(l2).penalty(shape, weights),
            Self::OrthogonalRegularizer(factor, vectors) => {
                let matrix = Matrix::new(shape, weights, vectors);
                let pairs = (0..matrix.count).flat_map(|i| (0..i).map(move |j| (i, j)));
                let sum: f64 = pairs.map(|(i, j)| matrix.cosine(i, j).abs()).sum();
                if matrix.count < 2 { 0.0 } else { f64::from(factor) * sum / matrix.pairs() }
            }
            Self::Own(regularizer) => regularizer(shape, weights, None),
        }
    }

    /// Adds the penalty's gradient with respect to the weights.
    pub fn add_gradient(self, shape: &Shape, weights: &[f32], gradient: &mut [f32]) {
        match self {
            Self::L1(l1) => self::add_gradient(weights, gradient, |w| l1 * sign(w)),
            Self::L2(l2) => self::add_gradient(weights, gradient, |w| 2.0 * l2 * w),
            Self::L1L2(l1, l2) => self::add_gradient(weights, gradient, |w| l1 * sign(w) + 2.0 * l2 * w),
            Self::OrthogonalRegularizer(factor, vectors) => {
                let matrix = Matrix::new(shape, weights, vectors);
                for i in 0..matrix.count {
                    for j in (0..matrix.count).filter(|j| *j != i) {
                        matrix.add_gradient(i, j, f64::from(factor) / matrix.pairs(), gradient);
                    }
                }
            }
            Self::Own(regularizer) => {
                regularizer(shape, weights, Some(gradient));
            }
        }
    }
}

impl Regularizer {
    /// The penalty of what a layer gives, samples of this shape: one of one's own sees each sample alone.
    pub(crate) fn penalty_of_outputs(self, shape: &Shape, outputs: &[f32]) -> f64 {
        match self {
            Self::Own(regularizer) => {
                outputs.chunks_exact(shape.length()).map(|sample| regularizer(shape, sample, None)).sum()
            }
            other => other.penalty(shape, outputs),
        }
    }

    /// Adds the gradient of so large a share of that penalty.
    #[cfg(feature = "training")]
    pub(crate) fn add_gradient_of_outputs(self, shape: &Shape, outputs: &[f32], share: f32, gradient: &mut [f32]) {
        match self {
            Self::L1(l1) => Self::L1(l1 * share).add_gradient(shape, outputs, gradient),
            Self::L2(l2) => Self::L2(l2 * share).add_gradient(shape, outputs, gradient),
            Self::L1L2(l1, l2) => Self::L1L2(l1 * share, l2 * share).add_gradient(shape, outputs, gradient),
            // A mistake of compilation: it is of the vectors of a matrix.
            Self::OrthogonalRegularizer(..) => {}
            Self::Own(regularizer) => {
                // It adds the whole of its gradient, of which this is a share.
                gradient.iter_mut().for_each(|slope| *slope /= share);
                let length = shape.length();
                for (sample, gradient) in outputs.chunks_exact(length).zip(gradient.chunks_exact_mut(length)) {
                    regularizer(shape, sample, Some(gradient));
                }
                gradient.iter_mut().for_each(|slope| *slope *= share);
            }
        }
    }
}

/// The slope of |w|, which at 0 is 0.
fn sign(w: f32) -> f32 {
    if w > 0.0 {
        1.0
    } else if w < 0.0 {
        -1.0
    } else {
        0.0
    }
}

fn add_gradient(weights: &[f32], gradient: &mut [f32], slope: impl Fn(f32) -> f32) {
    gradient.iter_mut().zip(weights).for_each(|(gradient, w)| *gradient += slope(*w));
}

/// Σ function(w), in `f64` so that many numbers cost no digits.
pub(super) fn sum(weights: &[f32], function: impl Fn(f64) -> f64) -> f64 {
    // A compiler makes vector instructions of sums that do not wait for each other.
    let (blocks, rest) = weights.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for block in blocks {
        sums.iter_mut().zip(block).for_each(|(sum, w)| *sum += function(f64::from(*w)));
    }
    sums.iter().sum::<f64>() + rest.iter().map(|w| function(f64::from(*w))).sum::<f64>()
}

/// A matrix as vectors: its rows or its columns.
struct Matrix<'a> {
    weights: &'a [f32],
    count: usize,
    length: usize,
    /// From one vector to the next, and from one number of a vector to the next.
    strides: (usize, usize),
}

impl<'a> Matrix<'a> {
    fn new(shape: &Shape, weights: &'a [f32], vectors: Vectors) -> Self {
        let columns = shape.last();
        let rows = weights.len() / columns.max(1);
        match vectors {
            Vectors::Rows => Self { weights, count: rows, length: columns, strides: (columns, 1) },
            Vectors::Columns => Self { weights, count: columns, length: rows, strides: (1, columns) },
        }
    }

    /// How many pairs of vectors there are.
    const fn pairs(&self) -> f64 {
        self.count as f64 * (self.count as f64 - 1.0) / 2.0
    }

    const fn place(&self, vector: usize, index: usize) -> usize {
        vector * self.strides.0 + index * self.strides.1
    }

    fn product(&self, i: usize, j: usize) -> f64 {
        let at = |vector, index| f64::from(self.weights[self.place(vector, index)]);
        (0..self.length).map(|index| at(i, index) * at(j, index)).sum()
    }

    /// 1 / the norm of a vector; as large as it is in Keras where the vector is 0.
    fn inverse_norm(&self, i: usize) -> f64 {
        (1.0 / libm::sqrt(self.product(i, i))).min(1e12)
    }

    fn cosine(&self, i: usize, j: usize) -> f64 {
        self.product(i, j) * self.inverse_norm(i) * self.inverse_norm(j)
    }

    /// Adds factor · the gradient of |cos| of the vectors i and j with respect to i.
    fn add_gradient(&self, i: usize, j: usize, factor: f64, gradient: &mut [f32]) {
        let (cosine, norm_i, norm_j) = (self.cosine(i, j), self.inverse_norm(i), self.inverse_norm(j));
        let factor = factor * norm_i * f64::from(sign(cosine as f32));
        for index in 0..self.length {
            let (a, b) = (self.weights[self.place(i, index)], self.weights[self.place(j, index)]);
            let slope = f64::from(b) * norm_j - cosine * f64::from(a) * norm_i;
            gradient[self.place(i, index)] += (factor * slope) as f32;
        }
    }
}
