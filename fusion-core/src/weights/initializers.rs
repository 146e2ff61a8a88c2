//! Keras's initial weights.

use super::Random;
use crate::shape::{Shape, Tensor, numbers_of};

#[cfg(test)]
mod tests;

/// How an array of weights begins, under Keras's name and with Keras's formula (`keras.initializers`).
///
/// In `model!` it is an option of the layer, and its name alone does: `Dense<_, 64, Relu>(kernel_initializer =
/// HeNormal)`, `Embedding<1000, 16>(embeddings_initializer = RandomUniform(-0.1, 0.1))`. Numbers stand in Keras's order;
/// what Keras takes where none is given is said of each.
///
/// In the formulas the fan in is how many inputs reach an output, and the fan out how many outputs an input reaches: of
/// a matrix its rows and columns, of a convolution's kernel its channels and filters, each times the window.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::weights::{Initializer, Random};
/// use fusion::Shape;
/// let mut kernel = [0.0; 600];
/// Initializer::HeUniform.fill(Random::new(7), &Shape::new(&[6, 100]), &mut kernel);
/// assert!(kernel.iter().all(|weight| weight.abs() <= 1.0)); // √(6 / 6)
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(unpredictable_function_pointer_comparisons, reason = "only asks whether an option is the one it was")]
pub enum Initializer {
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// All this number; 0 in Keras.
    Constant(f32),
    /// Normal with this mean and standard deviation; 0 and 0.05 in Keras.
    RandomNormal(f32, f32),
    /// Uniform from the first number to the second; -0.05 and 0.05 in Keras, and an `Embedding`.
    RandomUniform(f32, f32),
    /// Normal with this mean and standard deviation, but drawn again where a number is more than two deviations from
    /// the mean; 0 and 0.05 in Keras.
    TruncatedNormal(f32, f32),
    /// Of variance scale / n, where n is the fan in, the fan out or the mean of both; 1, [`Fan::FanIn`] and
    /// [`Distribution::TruncatedNormal`] in Keras.
    VarianceScaling(f32, Fan, Distribution),
    /// Truncated normal with deviation √(2 / (fan in + fan out)) (Glorot and Bengio, 2010).
    GlorotNormal,
    /// Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio, 2010): a `Dense` kernel.
    GlorotUniform,
    /// Truncated normal with deviation √(2 / fan in) (He and others, 2015).
    HeNormal,
    /// Uniform in ±√(6 / fan in) (He and others, 2015).
    HeUniform,
    /// Truncated normal with deviation √(1 / fan in) (LeCun and others, 1998).
    LecunNormal,
    /// Uniform in ±√(3 / fan in) (LeCun and others, 1998).
    LecunUniform,
    /// Rows that are orthogonal to each other, or columns where there are more rows, times a gain (Saxe, McClelland,
    /// Ganguli, 2013); 1 in Keras, and a recurrent kernel. Of more than two dimensions all but the last are the rows.
    Orthogonal(f32),
    /// A matrix with the gain on its diagonal, and 0 elsewhere; 1 in Keras.
    Identity(f32),
    /// Another one, but 1 for the forget gate, the second quarter: the bias of an `Lstm`.
    UnitForgetBias(&'static Self),
    /// The numbers of an array of this shape; [`Initializer::values`] makes it. Keras's `weights=[matrix]`.
    Values(&'static [f32], &'static Shape),
    /// One of your own: it fills an array of this shape from the stream.
    Own(fn(Random, &Shape, &mut [f32])),
}

/// What the variance of [`Initializer::VarianceScaling`] is divided by: Keras's `mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fan {
    /// How many inputs reach an output.
    FanIn,
    /// How many outputs an input reaches.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// How the numbers of [`Initializer::VarianceScaling`] are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Distribution {
    /// Normal, but drawn again beyond two deviations; the deviation is that after it.
    TruncatedNormal,
    /// Normal.
    UntruncatedNormal,
    /// Uniform.
    Uniform,
}

/// The deviation of a normal distribution with deviation 1 that is cut off at ±2, as Keras has it.
const TRUNCATED: f64 = 0.879_625_661_034_239_8;

/// Keras's `compute_fans`: the last two dimensions are the channels, those before them the window.
fn fans(shape: &Shape) -> (usize, usize) {
    match shape.dimensions() {
        [] => (1, 1),
        [n] => (*n, *n),
        [window @ .., inputs, outputs] => {
            let window: usize = window.iter().product();
            (window * inputs, window * outputs)
        }
    }
}

impl Initializer {
    /// The numbers of a constant array: `Embedding<3, 2>(embeddings_initializer = Values(&TABLE))` in `model!`, where an array
    /// of another shape is an error.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::weights::{Initializer, Random};
    /// use fusion::Shape;
    /// static TABLE: [[f32; 2]; 3] = [[0.5, 1.0], [1.5, 2.0], [2.5, 3.0]];
    /// let mut embeddings = [0.0; 6];
    /// Initializer::values(&TABLE).fill(Random::new(7), &Shape::new(&[3, 2]), &mut embeddings);
    /// assert_eq!(embeddings, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]);
    /// ```
    #[must_use]
    pub const fn values<T: Tensor<Element = f32>>(array: &'static T) -> Self {
        Self::Values(numbers_of(array), const { &T::SHAPE })
    }

    /// Fills `values`, of this shape, from the stream.
    ///
    /// # Panics
    /// When [`Initializer::Values`] are more or fewer numbers, which for a layer of a model is an error of compilation.
    pub fn fill(self, random: Random, shape: &Shape, values: &mut [f32]) {
        match self {
            Self::Values(numbers, _) => values.copy_from_slice(numbers),
            Self::Zeros => values.fill(0.0),
            Self::Ones => values.fill(1.0),
            Self::Constant(value) => values.fill(value),
            Self::RandomNormal(mean, stddev) => normal(random, mean, stddev, values),
            Self::RandomUniform(minval, maxval) => uniform(random, minval, maxval, values),
            Self::TruncatedNormal(mean, stddev) => truncated_normal(random, mean, stddev, values),
            Self::Orthogonal(gain) => orthogonal(random, shape.last(), gain, values),
            Self::Identity(gain) => {
                values.fill(0.0);
                values.iter_mut().step_by(shape.last() + 1).take(shape.last()).for_each(|value| *value = gain);
            }
            Self::UnitForgetBias(others) => {
                let gate = values.len() / 4;
                others.fill(random, shape, values);
                values[gate..2 * gate].fill(1.0);
            }
            Self::Own(fill) => fill(random, shape, values),
            Self::VarianceScaling(scale, fan, distribution) => {
                scaled(random, (f64::from(scale), fan, distribution), shape, values);
            }
            Self::GlorotNormal => scaled(random, (1.0, Fan::FanAvg, Distribution::TruncatedNormal), shape, values),
            Self::GlorotUniform => scaled(random, (1.0, Fan::FanAvg, Distribution::Uniform), shape, values),
            Self::HeNormal => scaled(random, (2.0, Fan::FanIn, Distribution::TruncatedNormal), shape, values),
            Self::HeUniform => scaled(random, (2.0, Fan::FanIn, Distribution::Uniform), shape, values),
            Self::LecunNormal => scaled(random, (1.0, Fan::FanIn, Distribution::TruncatedNormal), shape, values),
            Self::LecunUniform => scaled(random, (1.0, Fan::FanIn, Distribution::Uniform), shape, values),
        }
    }
}

/// [`Initializer::VarianceScaling`].
fn scaled(random: Random, (scale, fan, distribution): (f64, Fan, Distribution), shape: &Shape, values: &mut [f32]) {
    let (fan_in, fan_out) = fans(shape);
    let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
    let inputs = match fan {
        Fan::FanIn => fan_in,
        Fan::FanOut => fan_out,
        Fan::FanAvg => (fan_in + fan_out) / 2.0,
    };
    let variance = scale / inputs.max(1.0);
    match distribution {
        Distribution::TruncatedNormal => {
            truncated_normal(random, 0.0, (libm::sqrt(variance) / TRUNCATED) as f32, values);
        }
        Distribution::UntruncatedNormal => normal(random, 0.0, libm::sqrt(variance) as f32, values),
        Distribution::Uniform => {
            let limit = libm::sqrt(3.0 * variance) as f32;
            uniform(random, -limit, limit, values);
        }
    }
}

fn uniform(random: Random, minval: f32, maxval: f32, values: &mut [f32]) {
    let (middle, half) = (minval / 2.0 + maxval / 2.0, maxval / 2.0 - minval / 2.0);
    for (value, index) in values.iter_mut().zip(0..) {
        *value = (2.0 * random.uniform(index) - 1.0) * half + middle;
    }
}

fn normal(random: Random, mean: f32, stddev: f32, values: &mut [f32]) {
    for (value, index) in values.iter_mut().zip(0..) {
        *value = random.normal(index) * stddev + mean;
    }
}

fn truncated_normal(random: Random, mean: f32, stddev: f32, values: &mut [f32]) {
    let length = values.len() as u64;
    for (value, index) in values.iter_mut().zip(0..) {
        // One in twenty is drawn again, with numbers that stand behind those of the whole array.
        let mut draws = (0..).map(|again| random.normal(index + again * length));
        let drawn = draws.find(|number| number.abs() < 2.0).unwrap_or_default();
        *value = drawn * stddev + mean;
    }
}

/// Gram and Schmidt on normal numbers, along the shorter side of the matrix.
fn orthogonal(random: Random, columns: usize, gain: f32, values: &mut [f32]) {
    normal(random, 0.0, 1.0, values);
    let rows = values.len() / columns.max(1);
    // Vectors are the rows of a wide matrix and the columns of a tall one.
    let (count, length, step, along) =
        if rows <= columns { (rows, columns, columns, 1) } else { (columns, rows, 1, columns) };
    for vector in 0..count {
        // Twice, because one pass loses orthogonality to rounding.
        for earlier in (0..vector).chain(0..vector) {
            let product: f32 =
                (0..length).map(|i| values[vector * step + i * along] * values[earlier * step + i * along]).sum();
            for i in 0..length {
                values[vector * step + i * along] -= product * values[earlier * step + i * along];
            }
        }
        let norm = libm::sqrtf((0..length).map(|i| values[vector * step + i * along]).map(|x| x * x).sum::<f32>());
        for i in 0..length {
            values[vector * step + i * along] /= norm.max(f32::MIN_POSITIVE);
        }
    }
    values.iter_mut().for_each(|value| *value *= gain);
}
