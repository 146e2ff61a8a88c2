//! The sigmoid and tanh as quotients of polynomials: a few vector instructions each.

use super::super::simd::Simd;

/// sigmoid(x) = ½ + ½ tanh(½ x)
#[inline(always)]
pub(super) fn sigmoid<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    simd.add(simd.splat(0.5), ratio(simd, x, &HALF_TANH_OF_HALF))
}

#[inline(always)]
pub(super) fn tanh<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    ratio(simd, x, &TANH)
}

/// x · p(x²) / q(x²), where |x| is at most `limit`. A NaN stays one.
#[inline(always)]
fn ratio<S: Simd>(simd: S, x: S::Vector, ratio: &Ratio) -> S::Vector {
    let x = simd.min(simd.splat(ratio.limit), x);
    let x = simd.max(simd.splat(-ratio.limit), x);
    let square = simd.mul(x, x);
    let [p, q] = [polynomial(simd, square, &ratio.p), polynomial(simd, square, &ratio.q)];
    simd.div(simd.mul(x, p), q)
}

/// With the highest power's coefficient first.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: S::Vector, coefficients: &[f32; N]) -> S::Vector {
    let mut sum = simd.splat(coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = simd.mul_add(sum, x, simd.splat(*coefficient));
    }
    sum
}

struct Ratio {
    limit: f32,
    p: [f32; 7],
    q: [f32; 4],
}

/// tanh x as a quotient of polynomials, which is what TensorFlow computes (`generic_fast_tanh_float` of Eigen): its
/// error is about 1e-7 of the result. Beyond the limit the result is 1.
#[expect(clippy::excessive_precision, reason = "the digits are the source's")]
const TANH: Ratio = Ratio {
    limit: 7.998_811_7,
    p: [
        -2.760_768_477_423_55e-16,
        2.000_187_904_824_77e-13,
        -8.604_671_522_137_35e-11,
        5.122_297_090_371_14e-8,
        1.485_722_357_179_79e-5,
        6.372_619_288_754_36e-4,
        4.893_524_558_917_86e-3,
    ],
    q: [1.198_258_394_667_02e-6, 1.185_347_056_866_54e-4, 2.268_434_632_439e-3, 4.893_525_185_543_85e-3],
};

/// ½ tanh(½ x). As the factors are powers of two, no digit is lost.
const HALF_TANH_OF_HALF: Ratio = Ratio { limit: 2.0 * TANH.limit, p: of_half(TANH.p, 0.25), q: of_half(TANH.q, 1.0) };

/// The coefficients of factor · p((½ x)²) as a polynomial in x².
const fn of_half<const N: usize>(mut coefficients: [f32; N], mut factor: f32) -> [f32; N] {
    let mut index = N;
    while index > 0 {
        index -= 1;
        coefficients[index] *= factor;
        factor *= 0.25;
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::super::super::simd::Scalar;
    use super::*;

    #[test]
    fn the_ratios_are_the_functions() {
        for index in -80_000..=80_000 {
            let x = index as f32 / 5_000.0;
            let (found, exact) = (f64::from(tanh(Scalar, x)), libm::tanh(f64::from(x)));
            assert!((found - exact).abs() <= 6e-7 * exact.abs(), "tanh {x} is {exact}, not {found}");
            let (found, exact) = (f64::from(sigmoid(Scalar, x)), 1.0 / (1.0 + libm::exp(-f64::from(x))));
            assert!((found - exact).abs() <= 2e-7, "sigmoid {x} is {exact}, not {found}");
        }
    }
}
