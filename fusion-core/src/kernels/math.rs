//! Elementary functions of `f32`.
//!
//! All of them give the same bits on every processor: a microcontroller computes what the server
//! computed. So there is no fused multiply-add in here, and nothing is left to a system's
//! library; only the square root is the processor's own, which IEEE 754 defines to the last bit.
//!
//! [`exp`], [`tanh`] and [`sigmoid`] have no branches, so that loops over them become vector
//! instructions inside [`vectorize`](super::vectorize). Their errors, in units in the last place,
//! are the largest found over a dense sweep against `f64`. Results below the smallest normal
//! number underflow gradually.

/// √x.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrtf(x);
}

/// The natural logarithm, ln x; −∞ at 0 and NaN below.
#[inline]
pub fn ln(x: f32) -> f32 {
    libm::logf(x)
}

/// xʸ; 1 where y is 0.
#[inline]
pub fn pow(x: f32, y: f32) -> f32 {
    libm::powf(x, y)
}

/// ln(1 + x), exact for small x too.
#[inline]
pub fn ln_1p(x: f32) -> f32 {
    libm::log1pf(x)
}

/// The error function, 2/√π · ∫₀ˣ exp(−t²) dt.
#[inline]
pub fn erf(x: f32) -> f32 {
    libm::erff(x)
}

/// The exponential function.
///
/// The largest error is 1.0 units in the last place. Above 88.72 the result is ∞, below −103.97
/// it is 0.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Beyond these the result is ∞ or 0 already, and the exponents below stay in their range.
    // Comparisons with a NaN are false, so it stays.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (n, r) = reduce(x);
    // In two steps, as 2ⁿ itself may be too large or too small for a number.
    let half = n >> 1;
    (1.0 + exp_m1_reduced(r)) * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// The hyperbolic tangent.
///
/// The largest error is 2.3 units in the last place, also near 0.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    // tanh |x| = e / (e + 2) with e = exp(2|x|) − 1, which keeps its digits near 0.
    let twice = 2.0 * x.abs();
    // Beyond this the result is 1.
    let twice = if twice > 20.0 { 20.0 } else { twice };
    let (n, r) = reduce(twice);
    let scale = power_of_two(n);
    let e = exp_m1_reduced(r) * scale + (scale - 1.0);
    (e / (e + 2.0)).copysign(x)
}

/// The logistic sigmoid, 1 / (1 + exp(−x)).
///
/// The largest error is 2.3 units in the last place, also where the result is near 0.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    // The exponential of a negative number cannot overflow: exp(x) / (1 + exp(x)) for x < 0.
    let e = exp(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// x = n · ln 2 + r with |r| ≤ ½ ln 2, for |x| ≤ 2¹⁶.
#[inline(always)]
fn reduce(x: f32) -> (i32, f32) {
    // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the last bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts. The first has ten bits, so that its product with n is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let rounded = x * core::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    ((rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32), r)
}

/// exp(r) − 1 for |r| ≤ ½ ln 2. The polynomial is that of `expf` in Moshier's Cephes library.
#[inline(always)]
#[expect(clippy::excessive_precision, reason = "the digits are the source's")]
fn exp_m1_reduced(r: f32) -> f32 {
    let mut sum = 1.987_569_15e-4;
    sum = sum * r + 1.398_199_950_7e-3;
    sum = sum * r + 8.333_451_907_3e-3;
    sum = sum * r + 4.166_579_589_4e-2;
    sum = sum * r + 1.666_666_545_9e-1;
    sum = sum * r + 5.000_000_120_1e-1;
    sum * (r * r) + r
}

/// 2ⁿ for −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    /// The error of `found` in units in the last place of an `f32` near `exact`; ∞ for a NaN.
    fn units(found: f32, exact: f64) -> f64 {
        let exponent = exact.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() as i32;
        let error = (f64::from(found) - exact).abs() / 2_f64.powi(exponent - 23);
        if error.is_nan() { f64::INFINITY } else { error }
    }

    /// The largest error over numbers of all sizes and over a fine sweep of −110..110.
    fn largest_error(function: fn(f32) -> f32, exact: fn(f64) -> f64) -> (f64, f32) {
        let all = (0..u32::MAX / 1009).map(|index| f32::from_bits(index * 1009));
        let fine = (-1_100_000..1_100_000).map(|index| index as f32 * 1e-4);
        let mut worst = (0.0, 0.0);
        for x in all.chain(fine).filter(|x| !x.is_nan()) {
            let (found, exact) = (function(x), exact(f64::from(x)));
            // Also where both are infinite.
            if exact as f32 == found {
                continue;
            }
            let error = units(found, exact);
            if error > worst.0 {
                worst = (error, x);
            }
        }
        worst
    }

    #[test]
    fn elementary_functions_are_accurate() {
        fn exact_sigmoid(x: f64) -> f64 {
            if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
        }
        type Case = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64);
        let cases: [Case; 5] = [
            ("exp", exp, f64::exp, 1.0),
            ("tanh", tanh, f64::tanh, 2.3),
            ("sigmoid", sigmoid, exact_sigmoid, 2.3),
            ("ln_1p", |x| if x > -1.0 { ln_1p(x) } else { 0.0 }, |x| if x > -1.0 { x.ln_1p() } else { 0.0 }, 1.0),
            ("ln", |x| if x > 0.0 { ln(x) } else { 0.0 }, |x| if x > 0.0 { x.ln() } else { 0.0 }, 1.0),
        ];
        for (name, function, exact, allowed) in cases {
            let (error, at) = largest_error(function, exact);
            println!("{name}: {error:.3} units in the last place at {at:e}");
            assert!(error <= allowed, "{name}: {error} units in the last place at {at:e}");
        }
        assert!((erf(0.5) - 0.520_499_9).abs() < 1e-7);
    }

    #[test]
    fn elementary_functions_at_the_ends() {
        let (infinity, nan) = (f32::INFINITY, f32::NAN);
        assert_eq!([exp(infinity), exp(-infinity), exp(0.0), exp(-0.0)], [infinity, 0.0, 1.0, 1.0]);
        assert_eq!([exp(88.8), exp(-104.0), exp(f32::MAX)], [infinity, 0.0, infinity]);
        assert!(exp(-100.0) > 0.0 && exp(88.7) < infinity);
        assert_eq!([tanh(infinity), tanh(-infinity), tanh(100.0)], [1.0, -1.0, 1.0]);
        assert_eq!(tanh(0.0).to_bits(), 0);
        assert_eq!(tanh(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(tanh(1e-40), 1e-40);
        assert_eq!([sigmoid(infinity), sigmoid(-infinity), sigmoid(-0.0)], [1.0, 0.0, 0.5]);
        assert!(sigmoid(-100.0) > 0.0);
        for function in [exp, tanh, sigmoid, ln, ln_1p, erf, sqrt] {
            assert!(function(nan).is_nan());
        }
    }
}
