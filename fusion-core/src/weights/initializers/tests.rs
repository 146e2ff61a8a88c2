//! What is drawn, a million numbers at a time.

use super::*;

const MILLION: usize = 1_000_000;

/// A million numbers: 400 inputs to 2500 outputs.
fn drawn(initializer: Initializer) -> Vec<f32> {
    let mut values = vec![f32::NAN; MILLION];
    initializer.fill(Random::new(7), &Shape::new(&[400, 2500]), &mut values);
    values
}

/// The mean and the standard deviation.
fn moments(values: &[f32]) -> (f64, f64) {
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// How many of a hundred numbers are less than so many deviations from the mean.
fn within(values: &[f32], mean: f64, distance: f64) -> f64 {
    let near = values.iter().filter(|x| (f64::from(**x) - mean).abs() < distance).count();
    near as f64 * 100.0 / values.len() as f64
}

#[track_caller]
fn check_moments(values: &[f32], (mean, deviation): (f64, f64)) {
    let found = moments(values);
    assert!((found.0 - mean).abs() < 0.005 * deviation, "mean {} instead of {mean}", found.0);
    assert!((found.1 / deviation - 1.0).abs() < 0.003, "deviation {} instead of {deviation}", found.1);
}

/// Even from one limit to the other.
#[track_caller]
fn check_uniform(initializer: Initializer, minval: f64, maxval: f64) {
    let values = drawn(initializer);
    let (middle, half) = (f64::midpoint(minval, maxval), (maxval - minval) / 2.0);
    check_moments(&values, (middle, half / 3.0_f64.sqrt()));
    assert!(values.iter().all(|x| (f64::from(*x) - middle).abs() <= half * 1.000_001));
    assert!(within(&values, middle, 0.9999 * half) < 100.0, "the limit is reached");
    for share in [0.1, 0.5, 0.9] {
        assert!((within(&values, middle, share * half) - 100.0 * share).abs() < 0.2);
    }
}

/// Normal as far as two deviations of the numbers that are drawn, and not beyond.
#[track_caller]
fn check_truncated(initializer: Initializer, mean: f64, drawn_with: f64) {
    let values = drawn(initializer);
    check_moments(&values, (mean, drawn_with * TRUNCATED));
    let most = values.iter().map(|x| (f64::from(*x) - mean).abs()).fold(0.0, f64::max);
    assert!(most <= 2.000_001 * drawn_with && most > 1.99 * drawn_with, "{most}");
    // 68.27 of 95.45.
    assert!((within(&values, mean, drawn_with) - 71.53).abs() < 0.2);
}

#[track_caller]
fn check_normal(initializer: Initializer, mean: f64, deviation: f64) {
    let values = drawn(initializer);
    check_moments(&values, (mean, deviation));
    for (deviations, share) in [(1.0, 68.27), (2.0, 95.45), (3.0, 99.73)] {
        assert!((within(&values, mean, deviations * deviation) - share).abs() < 0.2);
    }
}

#[test]
fn uniform_numbers_fill_their_range() {
    check_uniform(Initializer::RandomUniform(-0.05, 0.05), -0.05, 0.05);
    check_uniform(Initializer::RandomUniform(1.0, 4.0), 1.0, 4.0);
    check_uniform(Initializer::GlorotUniform, -(6.0 / 2900.0_f64).sqrt(), (6.0 / 2900.0_f64).sqrt());
    check_uniform(Initializer::HeUniform, -(6.0 / 400.0_f64).sqrt(), (6.0 / 400.0_f64).sqrt());
    check_uniform(Initializer::LecunUniform, -(3.0 / 400.0_f64).sqrt(), (3.0 / 400.0_f64).sqrt());
    let scaling = Initializer::VarianceScaling(0.5, Fan::FanOut, Distribution::Uniform);
    check_uniform(scaling, -(1.5 / 2500.0_f64).sqrt(), (1.5 / 2500.0_f64).sqrt());
}

#[test]
fn normal_numbers_have_their_mean_and_deviation() {
    check_normal(Initializer::RandomNormal(0.0, 0.05), 0.0, 0.05);
    check_normal(Initializer::RandomNormal(3.0, 0.5), 3.0, 0.5);
    let scaling = Initializer::VarianceScaling(0.5, Fan::FanAvg, Distribution::UntruncatedNormal);
    check_normal(scaling, 0.0, (0.5 / 1450.0_f64).sqrt());
}

#[test]
fn truncated_numbers_stay_within_two_deviations() {
    check_truncated(Initializer::TruncatedNormal(0.0, 0.05), 0.0, 0.05);
    check_truncated(Initializer::TruncatedNormal(-1.0, 2.0), -1.0, 2.0);
    // These have the deviation that they say after they are cut off.
    check_truncated(Initializer::GlorotNormal, 0.0, (2.0 / 2900.0_f64).sqrt() / TRUNCATED);
    check_truncated(Initializer::HeNormal, 0.0, (2.0 / 400.0_f64).sqrt() / TRUNCATED);
    check_truncated(Initializer::LecunNormal, 0.0, (1.0 / 400.0_f64).sqrt() / TRUNCATED);
    let scaling = Initializer::VarianceScaling(3.0, Fan::FanOut, Distribution::TruncatedNormal);
    check_truncated(scaling, 0.0, (3.0 / 2500.0_f64).sqrt() / TRUNCATED);
}

#[test]
fn a_window_counts_in_both_fans() {
    assert_eq!(fans(&Shape::new(&[3, 3, 4, 8])), (36, 72));
    assert_eq!(fans(&Shape::new(&[5])), (5, 5));
}

/// The products of the shorter side's vectors are 0, and gain² with themselves.
#[track_caller]
fn check_orthogonal(shape: &[usize], gain: f32) {
    let shape = Shape::new(shape);
    let (columns, rows) = (shape.last(), shape.length() / shape.last());
    let mut values = vec![0.0_f32; shape.length()];
    Initializer::Orthogonal(gain).fill(Random::new(2), &shape, &mut values);
    let (count, length) = (rows.min(columns), rows.max(columns));
    let at = |vector: usize, i: usize| {
        if rows <= columns { values[vector * columns + i] } else { values[i * columns + vector] }
    };
    for a in 0..count {
        for b in 0..=a {
            let product: f32 = (0..length).map(|i| at(a, i) * at(b, i)).sum();
            assert!((product - if a == b { gain * gain } else { 0.0 }).abs() < 1e-5 * gain * gain);
        }
    }
}

#[test]
fn orthogonal_rows_have_unit_products() {
    check_orthogonal(&[4, 16], 1.0);
    check_orthogonal(&[6, 6], 1.0);
    check_orthogonal(&[7, 3], 2.5);
    check_orthogonal(&[3, 3, 4, 8], 1.0);
    check_orthogonal(&[100, 10_000], 1.0);
    check_orthogonal(&[10_000, 100], 0.5);
}

#[test]
fn numbers_that_are_not_drawn() {
    let filled = |initializer: Initializer, shape: &[usize]| {
        let mut values = [f32::NAN; 8];
        let length = shape.iter().product();
        initializer.fill(Random::new(0), &Shape::new(shape), &mut values[..length]);
        values[..length].to_vec()
    };
    assert_eq!(filled(Initializer::Zeros, &[2]), [0.0; 2]);
    assert_eq!(filled(Initializer::Ones, &[2]), [1.0; 2]);
    assert_eq!(filled(Initializer::Constant(0.1), &[2]), [0.1; 2]);
    assert_eq!(filled(Initializer::Identity(2.0), &[2, 2]), [2.0, 0.0, 0.0, 2.0]);
    assert_eq!(filled(Initializer::Identity(1.0), &[2, 3]), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(filled(Initializer::Identity(1.0), &[3, 2]), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let forget = Initializer::UnitForgetBias(&Initializer::Zeros);
    assert_eq!(filled(forget, &[8]), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    let forget = Initializer::UnitForgetBias(&Initializer::Constant(3.0));
    assert_eq!(filled(forget, &[4]), [3.0, 1.0, 3.0, 3.0]);
    let count = |_: Random, shape: &Shape, values: &mut [f32]| {
        values.iter_mut().enumerate().for_each(|(index, value)| *value = (index + 10 * shape.dim(0)) as f32);
    };
    assert_eq!(filled(Initializer::Own(count), &[3]), [30.0, 31.0, 32.0]);
}

#[test]
fn values_are_those_of_the_array() {
    static TABLE: [[[f32; 2]; 1]; 2] = [[[0.5, -1.0]], [[2.5, 3.0]]];
    const GIVEN: Initializer = Initializer::values(&TABLE);
    let mut values = [0.0; 4];
    GIVEN.fill(Random::new(1), &Shape::new(&[2, 1, 2]), &mut values);
    assert_eq!(values, [0.5, -1.0, 2.5, 3.0]);
    assert!(matches!(GIVEN, Initializer::Values(_, shape) if *shape == Shape::new(&[2, 1, 2])));
}
