//! Curves made of the exponential function.

use super::elementwise;
use super::options::EluOptions;
use crate::kernels::math::{exp, ln_1p, sigmoid, sqrt, tanh};

/// exp(x) − 1 for x ≤ 0, exact near 0 too.
#[inline(always)]
pub(super) fn exp_m1_below_zero(x: f32) -> f32 {
    let half = tanh(0.5 * x);
    2.0 * half / (1.0 - half)
}

elementwise! {
    /// y = exp(x): Keras's `exponential`.
    Exponential, "exponential",
    |x| exp(x),
    slope of output |y| y
}

/// y = x for x > 0, otherwise exp(x) − 1: Keras's `elu` with its `alpha` of 1.
///
/// It is also a layer of its own, Keras's `layers.ELU`: `Elu`. In both places `Elu(0.5)` has another alpha, which
/// exp(x) − 1 is multiplied by; see [`EluOptions`](crate::layers::EluOptions).
#[doc(alias = "ELU")]
#[derive(Clone, Copy, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "ELU", options = EluOptions)]
pub struct Elu;

elementwise! {
    impl Elu, "elu",
    |x| if x > 0.0 { x } else { exp_m1_below_zero(x) },
    slope of output |y| if y > 0.0 { 1.0 } else { y + 1.0 }
}

elementwise! {
    /// y = x for x > 0, otherwise exp(x) − 1: Keras's `celu` with its `alpha` of 1, where it is `elu`.
    ///
    /// `Celu(0.5)` has another. At exactly 0 the slope is 2, as in Keras on TensorFlow, where both halves count there.
    Celu, "celu",
    |x| if x > 0.0 { x } else { exp_m1_below_zero(x) },
    slope of output |y| if y > 0.0 { 1.0 } else if y == 0.0 { 2.0 } else { y + 1.0 }
}

/// The factor of [`Selu`] that keeps the variance.
const SELU_SCALE: f32 = 1.050_701;
/// [`SELU_SCALE`] · 1.6732632, the factor of the exponential.
const SELU_SCALED_ALPHA: f32 = 1.758_099_3;

elementwise! {
    /// y = 1.0507 · x for x > 0, otherwise 1.0507 · 1.6733 · (exp(x) − 1): Keras's `selu`
    /// (Klambauer and others, 2017). The slope at 0 is 1.0507.
    Selu, "selu",
    |x| if x > 0.0 { SELU_SCALE * x } else { SELU_SCALED_ALPHA * exp_m1_below_zero(x) },
    slope of output |y| if y < 0.0 { y + SELU_SCALED_ALPHA } else { SELU_SCALE }
}

elementwise! {
    /// y = ln(1 + exp(x)): Keras's `softplus`.
    Softplus, "softplus",
    // The exponential of a negative number cannot overflow.
    |x| x.max(0.0) + ln_1p(exp(-x.abs())),
    slope of input |x| sigmoid(x)
}

elementwise! {
    /// y = x · tanh(ln(1 + exp(x))): Keras's `mish` (Misra, 2019).
    Mish, "mish",
    |x| x * mish_gate(x).0,
    slope of input |x| {
        let (gate, slope) = mish_gate(x);
        gate + x * slope
    }
}

/// tanh(ln(1 + exp(x))) and its slope. With n = exp(x) · (exp(x) + 2) that is n / (n + 2).
#[inline(always)]
fn mish_gate(x: f32) -> (f32, f32) {
    // Beyond this it is 1, and n² stays in the range of numbers.
    let e = exp(x.min(20.0));
    let n = e * (e + 2.0);
    (n / (n + 2.0), 4.0 * (n + 1.0) / ((n + 2.0) * (n + 2.0)) * sigmoid(x))
}

elementwise! {
    /// y = ½ (x + √(x² + 4)): Keras's `squareplus` with its `b` of 4; `Squareplus(1.0)` has another.
    Squareplus, "squareplus",
    |x| {
        let root = sqrt(x * x + 4.0);
        // Below 0 the sum would cancel; its product with the difference is 4.
        if x > 0.0 { 0.5 * (x + root) } else { 2.0 / (root - x) }
    },
    slope of output |y| 1.0 / (1.0 + 1.0 / (y * y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::Activation;
    use crate::activations::TrainActivation;
    use crate::activations::reference::{self, check};

    #[test]
    fn values_and_slopes_are_those_of_the_formulas() {
        check::<Exponential>(libm::exp, &[]);
        check::<Elu>(reference::elu, &[]);
        check::<Celu>(reference::elu, &[0.0]);
        check::<Selu>(reference::selu, &[0.0]);
        check::<Softplus>(reference::softplus, &[]);
        check::<Mish>(|x| x * libm::tanh(reference::softplus(x)), &[]);
        check::<Squareplus>(|x| 0.5 * (x + libm::sqrt(x * x + 4.0)), &[]);
    }

    #[test]
    fn elu_keeps_its_digits_near_zero() {
        let mut values = [-1e-6, -1e-3];
        Elu::forward(&mut values, 2);
        assert!((values[0] / -9.999_995e-7 - 1.0).abs() < 1e-6, "{}", values[0]);
        assert!((values[1] / -9.995_002e-4 - 1.0).abs() < 1e-6, "{}", values[1]);
    }

    #[test]
    fn at_zero_the_slope_of_elu_is_one_and_that_of_celu_two() {
        for (backward, slope) in [(Elu::backward as fn(&[f32], &[f32], &mut [f32], usize), 1.0), (Celu::backward, 2.0)]
        {
            let mut gradient = [3.0];
            backward(&[], &[0.0], &mut gradient, 1);
            assert_eq!(gradient, [3.0 * slope]);
        }
    }
}
