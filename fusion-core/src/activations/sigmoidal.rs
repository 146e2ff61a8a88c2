//! Curves that level off, and those made of them.

use super::elementwise;
use crate::kernels::math::{exp, ln_1p, sigmoid, tanh};

elementwise! {
    /// y = 1 / (1 + exp(−x)): Keras's `sigmoid`.
    Sigmoid, "sigmoid", { const LOGITS: bool = true; const SIGMOID: bool = true; },
    |x| sigmoid(x),
    slope of output |y| y * (1.0 - y)
}

elementwise! {
    /// y = tanh(x): Keras's `tanh`.
    Tanh, "tanh", { const TANH: bool = true; },
    |x| tanh(x),
    slope of output |y| 1.0 - y * y
}

elementwise! {
    /// y = x / (1 + |x|): Keras's `softsign`.
    Softsign, "softsign",
    |x| x / (1.0 + x.abs()),
    slope of output |y| (1.0 - y.abs()) * (1.0 - y.abs())
}

elementwise! {
    /// y = x − tanh(x): Keras's `tanh_shrink`.
    TanhShrink, "tanh_shrink",
    |x| x - tanh(x),
    slope of input |x| tanh(x) * tanh(x)
}

elementwise! {
    /// y = ln(1 / (1 + exp(−x))): Keras's `log_sigmoid`.
    LogSigmoid, "log_sigmoid",
    // The exponential of a negative number cannot overflow.
    |x| x.min(0.0) - ln_1p(exp(-x.abs())),
    slope of input |x| sigmoid(-x)
}

elementwise! {
    /// y = x / (1 + exp(−x)), also called swish: Keras's `silu`.
    #[doc(alias = "swish")]
    Silu, "silu",
    |x| x * sigmoid(x),
    slope of input |x| sigmoid(x) * (1.0 + x * sigmoid(-x))
}

elementwise! {
    /// y = x · Φ(x) with the normal distribution Φ(x) = ½ (1 + erf(x / √2)): Keras's `gelu`, in its exact form.
    /// `Gelu(approximate = true)` is the other one.
    Gelu, "gelu",
    |x| x * normal_distribution(x),
    slope of input |x| normal_distribution(x) + x * normal_density(x)
}

/// Φ(x), by the complement of the error function: 1 + erf has no digits left where x is far below 0.
#[inline(always)]
pub(super) fn normal_distribution(x: f32) -> f32 {
    0.5 * libm::erfcf(-core::f32::consts::FRAC_1_SQRT_2 * x)
}

#[cfg(feature = "training")]
#[inline(always)]
pub(super) fn normal_density(x: f32) -> f32 {
    const ONE_BY_SQRT_TAU: f32 = 0.398_942_3;
    ONE_BY_SQRT_TAU * exp(-0.5 * x * x)
}

/// √(2 / π) and its product with 0.044715: of what the hyperbolic tangent is taken of.
const APPROXIMATION: [f32; 2] = [0.797_884_6, 0.035_677_408];

/// ½ x (1 + tanh(u)) with u = √(2 / π) (x + 0.044715 x³); the sigmoid of 2 u keeps its digits where x is far below 0.
#[inline(always)]
pub(super) fn approximate_gelu(x: f32) -> f32 {
    let [first, third] = APPROXIMATION;
    x * sigmoid(2.0 * x * (first + third * x * x))
}

#[cfg(feature = "training")]
#[inline(always)]
pub(super) fn approximate_gelu_slope(x: f32) -> f32 {
    let [first, third] = APPROXIMATION;
    // Beyond these it is 0 and 1, and all powers stay in the range of numbers.
    let x = x.clamp(-20.0, 20.0);
    let twice = 2.0 * x * (first + third * x * x);
    let gate = sigmoid(twice);
    gate + x * gate * sigmoid(-twice) * 2.0 * (first + 3.0 * third * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference::{self, check};

    #[test]
    fn values_and_slopes_are_those_of_the_formulas() {
        check::<Sigmoid>(reference::sigmoid, &[]);
        check::<Tanh>(libm::tanh, &[]);
        check::<Softsign>(|x| x / (1.0 + x.abs()), &[]);
        check::<TanhShrink>(|x| x - libm::tanh(x), &[]);
        check::<LogSigmoid>(|x| -reference::softplus(-x), &[]);
        check::<Silu>(reference::silu, &[]);
        check::<Gelu>(|x| 0.5 * x * libm::erfc(-x / core::f64::consts::SQRT_2), &[]);
    }
}
