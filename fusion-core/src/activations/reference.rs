//! The formulas in plain `f64`, for tests.

use super::TrainActivation;

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

pub(crate) fn silu(x: f64) -> f64 {
    x * sigmoid(x)
}

pub(crate) fn elu(x: f64) -> f64 {
    if x > 0.0 { x } else { libm::expm1(x) }
}

pub(crate) fn selu(x: f64) -> f64 {
    let alpha = if x > 0.0 { 1.0 } else { 1.673_263_242_354_377_2 };
    1.050_700_987_355_480_5 * alpha * elu(x)
}

/// The slope by central difference.
pub(crate) fn slope(formula: impl Fn(f64) -> f64, x: f64) -> f64 {
    let step = 1e-7;
    (formula(x + step) - formula(x - step)) / (2.0 * step)
}

#[track_caller]
pub(crate) fn assert_near(what: &str, x: f64, found: f32, expected: f64) {
    let error = (f64::from(found) - expected).abs();
    assert!(error <= 2e-6 * expected.abs().max(1.0), "{what} at {x}: {found}, but the formula gives {expected}");
}

/// Checks values and slopes against a formula in `f64`, from −100 to 100, and that a NaN stays
/// one. Where the slope jumps, at the `kinks`, only the values count.
#[track_caller]
pub(crate) fn check<A: TrainActivation>(formula: impl Fn(f64) -> f64, kinks: &[f64]) {
    let places = (-80..=80).map(|i| f64::from(i) / 8.0).chain([-100.0, -88.0, -30.0, -1e-3, 1e-3, 30.0, 88.0, 100.0]);
    // The exponential of 88 is the last that is a number in `f32`.
    for x in places.filter(|x| A::NAME != "exponential" || *x < 88.0) {
        let input = [x as f32];
        let mut y = input;
        A::forward(&mut y, 1);
        assert_near(A::NAME, x, y[0], formula(f64::from(input[0])));
        let mut gradient = [1.0];
        A::backward(if A::NEEDS_INPUT { &input } else { &[] }, &y, &mut gradient, 1);
        if !kinks.contains(&x) {
            assert_near(A::NAME, x, gradient[0], slope(&formula, f64::from(input[0])));
        }
    }
    let mut nan = [f32::NAN];
    A::forward(&mut nan, 1);
    assert!(nan[0].is_nan(), "{} turns a NaN into {}", A::NAME, nan[0]);
}
