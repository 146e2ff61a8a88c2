//! Keras's initial weights.

use super::Random;
use crate::shape::Shape;

/// How a parameter begins, under Keras's name and with Keras's formula (`keras.initializers`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Initializer {
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio, 2010): a `Dense` kernel.
    GlorotUniform,
    /// Uniform in `-limit..limit`: an `Embedding`, with 0.05.
    RandomUniform(f32),
    /// Rows that are orthogonal to each other (Saxe, McClelland, Ganguli, 2013): a recurrent kernel.
    Orthogonal,
    /// 0, but 1 for the forget gate, the second quarter: the bias of an `Lstm`.
    UnitForgetBias,
}

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
    /// Fills `values`, of this shape, from the stream.
    pub fn fill(self, random: Random, shape: &Shape, values: &mut [f32]) {
        match self {
            Self::Zeros => values.fill(0.0),
            Self::Ones => values.fill(1.0),
            Self::GlorotUniform => {
                let (fan_in, fan_out) = fans(shape);
                let limit = libm::sqrt(6.0 / (fan_in + fan_out).max(1) as f64) as f32;
                uniform(random, limit, values);
            }
            Self::RandomUniform(limit) => uniform(random, limit, values),
            Self::Orthogonal => orthogonal(random, shape.last(), values),
            Self::UnitForgetBias => {
                let gate = values.len() / 4;
                values.fill(0.0);
                values[gate..2 * gate].fill(1.0);
            }
        }
    }
}

fn uniform(random: Random, limit: f32, values: &mut [f32]) {
    for (value, index) in values.iter_mut().zip(0..) {
        *value = (2.0 * random.uniform(index) - 1.0) * limit;
    }
}

/// Gram and Schmidt on normal numbers, along the shorter side of the matrix.
fn orthogonal(random: Random, columns: usize, values: &mut [f32]) {
    for (value, index) in values.iter_mut().zip(0..) {
        *value = random.normal(index);
    }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glorot_uniform_stays_within_its_limit_and_reaches_it() {
        let mut values = [0.0; 1000];
        Initializer::GlorotUniform.fill(Random::new(1), &Shape::new(&[20, 50]), &mut values);
        let limit = (6.0f32 / 70.0).sqrt();
        let largest = values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        assert!(largest <= limit && largest > 0.98 * limit);
    }

    #[test]
    fn a_window_counts_in_both_fans() {
        assert_eq!(fans(&Shape::new(&[3, 3, 4, 8])), (36, 72));
    }

    #[test]
    fn orthogonal_rows_have_unit_products() {
        for (rows, columns) in [(4, 16), (6, 6), (7, 3)] {
            let mut values = [0.0f32; 64];
            let values = &mut values[..rows * columns];
            Initializer::Orthogonal.fill(Random::new(2), &Shape::new(&[rows, columns]), values);
            let (count, length) = (rows.min(columns), rows.max(columns));
            let at = |vector: usize, i: usize| {
                if rows <= columns { values[vector * columns + i] } else { values[i * columns + vector] }
            };
            for a in 0..count {
                for b in 0..count {
                    let product: f32 = (0..length).map(|i| at(a, i) * at(b, i)).sum();
                    assert!((product - if a == b { 1.0 } else { 0.0 }).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn the_forget_gate_begins_open() {
        let mut bias = [9.0; 8];
        Initializer::UnitForgetBias.fill(Random::new(0), &Shape::new(&[8]), &mut bias);
        assert_eq!(bias, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
