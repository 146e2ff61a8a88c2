//! What may be written in parentheses after an activation, where it is a layer too or takes parameters.

use super::exponential::exp_m1_below_zero;
use super::parameters::curve;
use super::sigmoidal::{approximate_gelu, normal_distribution};
#[cfg(feature = "training")]
use super::sigmoidal::{approximate_gelu_slope, normal_density};
#[cfg(feature = "training")]
use crate::kernels::math::exp;
use crate::kernels::math::sqrt;

/// An option that an activation cannot have, and why.
type Wrong = Option<(&'static str, &'static str)>;

/// The options of [`Relu`](super::Relu), such as `Relu(max_value = 6.0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ReluOptions {
    /// What larger numbers become, at least 0; they stay as they are if not given.
    pub(crate) max_value: Option<f32>,
    /// The slope up to the threshold, at least 0; 0 if not given.
    #[option(default = 0.0)]
    pub(crate) negative_slope: f32,
    /// Up to which number this is, at least 0; 0 if not given.
    #[option(default = 0.0)]
    pub(crate) threshold: f32,
}

curve! {
    ReluOptions { max_value: optional, negative_slope: number, threshold: number } of Relu "relu";
    |options, x| {
        let y = if x <= options.threshold { options.negative_slope * (x - options.threshold) } else { x };
        match options.max_value {
            Some(most) if y > most => most,
            _ => y,
        }
    },
    slope {
        let slope = if x <= options.threshold { options.negative_slope } else { 1.0 };
        match options.max_value {
            Some(most) if x > most => 0.0,
            _ => slope,
        }
    }
}

impl ReluOptions {
    pub(crate) const fn wrong(&self) -> Wrong {
        if matches!(self.max_value, Some(most) if !is_at_least_0(most)) {
            return Some(("max_value", "the largest value must be at least 0"));
        }
        if !is_at_least_0(self.negative_slope) {
            return Some(("negative_slope", "the slope must be at least 0"));
        }
        unless_threshold(self.threshold)
    }
}

const fn is_at_least_0(number: f32) -> bool {
    number >= 0.0
}

const fn unless_threshold(threshold: f32) -> Wrong {
    if is_at_least_0(threshold) { None } else { Some(("threshold", "the threshold must be at least 0")) }
}

/// The options of [`LeakyRelu`](super::LeakyRelu): `LeakyRelu(0.1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct LeakyReluOptions {
    /// The slope up to 0, at least 0; of the layer 0.3 if not given, where the activation has 0.2, as in Keras.
    #[option(positional, default = 0.3)]
    pub(crate) negative_slope: f32,
}

curve! {
    LeakyReluOptions { negative_slope: number } of LeakyRelu "leaky_relu";
    |options, x| if x <= 0.0 { options.negative_slope * x } else { x },
    slope if x <= 0.0 { options.negative_slope } else { 1.0 }
}

impl LeakyReluOptions {
    pub(crate) const fn wrong(&self) -> Wrong {
        if is_at_least_0(self.negative_slope) {
            return None;
        }
        Some(("negative_slope", "the slope must be at least 0"))
    }
}

/// The options of [`Elu`](super::Elu): `Elu(0.5)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct EluOptions {
    /// What large negative numbers come near to, with its sign changed; 1 if not given.
    #[option(positional, default = 1.0)]
    pub(crate) alpha: f32,
}

curve! {
    EluOptions { alpha: number } of Elu "elu";
    |options, x| if x > 0.0 { x } else { options.alpha * exp_m1_below_zero(x) },
    slope if x > 0.0 { 1.0 } else { options.alpha * (exp_m1_below_zero(x) + 1.0) }
}

impl EluOptions {
    pub(crate) const fn wrong(&self) -> Wrong {
        if self.alpha.is_finite() { None } else { Some(("alpha", "`alpha` must be finite")) }
    }
}

/// The options of [`Softmax`](super::Softmax) as a layer: `Softmax(axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct SoftmaxOptions {
    /// The axis whose numbers add up to 1; -1 if not given. As in Keras the batch is axis 0, and negative axes count
    /// from the end.
    #[option(default = -1)]
    pub(crate) axis: isize,
}

/// The parameters of [`Celu`](super::Celu): `Celu(0.5)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct CeluOptions {
    /// What large negative numbers come near to, with its sign changed, above 0; 1 if not given.
    #[option(positional, default = 1.0)]
    alpha: f32,
}

curve! {
    CeluOptions { alpha: number } of Celu "celu";
    |options, x| if x > 0.0 { x } else { options.alpha * exp_m1_below_zero(x / options.alpha) },
    // At 0 both halves count, as in Keras on TensorFlow.
    slope if x > 0.0 { 1.0 } else if x == 0.0 { 2.0 } else { exp(x / options.alpha) }
}

impl CeluOptions {
    const fn wrong(&self) -> Wrong {
        if self.alpha > 0.0 && self.alpha.is_finite() {
            return None;
        }
        Some(("alpha", "`alpha` must be above 0, and finite"))
    }
}

/// The parameters of [`Gelu`](super::Gelu): `Gelu(approximate = true)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct GeluOptions {
    /// Whether it is ½ x (1 + tanh(√(2 / π) (x + 0.044715 x³))), which comes near to it; `false` if not given.
    #[option(default = false)]
    approximate: bool,
}

curve! {
    GeluOptions { approximate: flag } of Gelu "gelu";
    |options, x| if options.approximate { approximate_gelu(x) } else { x * normal_distribution(x) },
    slope if options.approximate {
        approximate_gelu_slope(x)
    } else {
        normal_distribution(x) + x * normal_density(x)
    }
}

impl GeluOptions {
    const fn wrong(&self) -> Wrong {
        None
    }
}

/// The parameters of [`HardShrink`](super::HardShrink): `HardShrink(0.1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct HardShrinkOptions {
    /// Up to which size numbers become 0, at least 0; ½ if not given.
    #[option(positional, default = 0.5)]
    threshold: f32,
}

curve! {
    HardShrinkOptions { threshold: number } of HardShrink "hard_shrink";
    |options, x| if x.abs() <= options.threshold { 0.0 } else { x },
    slope if x.abs() <= options.threshold { 0.0 } else { 1.0 }
}

impl HardShrinkOptions {
    const fn wrong(&self) -> Wrong {
        unless_threshold(self.threshold)
    }
}

/// The parameters of [`SoftShrink`](super::SoftShrink): `SoftShrink(0.1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct SoftShrinkOptions {
    /// Up to which size numbers become 0, and by how much others come nearer to it, at least 0; ½ if not given.
    #[option(positional, default = 0.5)]
    threshold: f32,
}

curve! {
    SoftShrinkOptions { threshold: number } of SoftShrink "soft_shrink";
    |options, x| if x.abs() <= options.threshold { 0.0 } else { x - options.threshold.copysign(x) },
    slope if x.abs() <= options.threshold { 0.0 } else { 1.0 }
}

impl SoftShrinkOptions {
    const fn wrong(&self) -> Wrong {
        unless_threshold(self.threshold)
    }
}

/// The parameters of [`Squareplus`](super::Squareplus): `Squareplus(1.0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct SquareplusOptions {
    /// How round the bend at 0 is, above 0; 4 if not given.
    #[option(positional, default = 4.0)]
    b: f32,
}

curve! {
    SquareplusOptions { b: number } of Squareplus "squareplus";
    |options, x| square_plus(options.b, x),
    slope square_plus(options.b, x) / sqrt(x * x + options.b)
}

/// ½ (x + √(x² + b)). Below 0 the sum would cancel; its product with the difference is b.
#[inline(always)]
fn square_plus(b: f32, x: f32) -> f32 {
    let root = sqrt(x * x + b);
    if x > 0.0 { 0.5 * (x + root) } else { 0.5 * b / (root - x) }
}

impl SquareplusOptions {
    const fn wrong(&self) -> Wrong {
        if self.b > 0.0 && self.b.is_finite() { None } else { Some(("b", "`b` must be above 0, and finite")) }
    }
}

/// The parameters of [`Threshold`](super::Threshold): `Threshold(0.5, -1.0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ThresholdOptions {
    /// Which numbers stay: those above it; 0 if not given.
    #[option(default = 0.0)]
    threshold: f32,
    /// What the others become; 0 if not given.
    #[option(default = 0.0)]
    default_value: f32,
}

curve! {
    ThresholdOptions { threshold: number, default_value: number } of Threshold "threshold";
    |options, x| if x <= options.threshold { options.default_value } else { x },
    slope if x <= options.threshold { 0.0 } else { 1.0 }
}

impl ThresholdOptions {
    /// Both, written without their names.
    #[must_use]
    pub const fn positional(self, threshold: f32, default_value: f32) -> Self {
        self.threshold(threshold).default_value(default_value)
    }

    const fn wrong(&self) -> Wrong {
        if self.threshold.is_nan() {
            return Some(("threshold", "the threshold must be a number"));
        }
        if self.default_value.is_nan() {
            return Some(("default_value", "what the others become must be a number"));
        }
        None
    }
}
