//! Cheap curves put together from lines and parabolas.

use super::elementwise;
#[cfg(feature = "training")]
use crate::kernels::math::sqrt;

elementwise! {
    /// y = min(max(0, x / 6 + ½), 1): Keras's `hard_sigmoid`. The slopes at −3 and 3 are 0.
    HardSigmoid, "hard_sigmoid",
    |x| (x + 3.0).clamp(0.0, 6.0) / 6.0,
    slope of output |y| if y > 0.0 && y < 1.0 { 1.0 / 6.0 } else { 0.0 }
}

elementwise! {
    /// y = x · min(max(0, x / 6 + ½), 1), also called hard swish: Keras's `hard_silu`. The slopes at −3 and 3 are 0 and 1.
    #[doc(alias = "hard_swish")]
    HardSilu, "hard_silu",
    |x| x * ((x + 3.0).clamp(0.0, 6.0) / 6.0),
    slope of input |x| {
        let inside = (2.0 * x + 3.0) / 6.0;
        if x >= 3.0 { 1.0 } else if x <= -3.0 { 0.0 } else { inside }
    }
}

elementwise! {
    /// y = min(max(−1, x), 1): Keras's `hard_tanh`. The slopes at −1 and 1 are 1.
    HardTanh, "hard_tanh",
    |x| x.clamp(-1.0, 1.0),
    slope of input |x| if x.abs() <= 1.0 { 1.0 } else { 0.0 }
}

/// Keras's `threshold` of both shrinking activations.
const SHRINK_THRESHOLD: f32 = 0.5;

elementwise! {
    /// y = 0 for |x| ≤ ½, otherwise x: Keras's `hard_shrink`. The slopes at −½ and ½ are 0. `HardShrink(0.1)` has another
    /// threshold.
    HardShrink, "hard_shrink",
    |x| if x.abs() <= SHRINK_THRESHOLD { 0.0 } else { x },
    slope of output |y| if y == 0.0 { 0.0 } else { 1.0 }
}

elementwise! {
    /// y = 0 for |x| ≤ ½, otherwise ½ nearer to 0: Keras's `soft_shrink`. The slopes at −½ and ½ are 0. `SoftShrink(0.1)` has
    /// another threshold.
    SoftShrink, "soft_shrink",
    |x| if x.abs() <= SHRINK_THRESHOLD { 0.0 } else { x - SHRINK_THRESHOLD.copysign(x) },
    slope of output |y| if y == 0.0 { 0.0 } else { 1.0 }
}

elementwise! {
    /// y = 0 for x ≤ −1, x for x ≥ 1, between them ¼ (x + 1)²: Keras's `sparse_plus`.
    SparsePlus, "sparse_plus",
    |x| {
        let between = 0.25 * (x + 1.0) * (x + 1.0);
        if x <= -1.0 { 0.0 } else if x >= 1.0 { x } else { between }
    },
    // Between them that is ½ (x + 1).
    slope of output |y| sqrt(y).min(1.0)
}

elementwise! {
    /// y = 0 for x ≤ −1, 1 for x ≥ 1, between them ½ (x + 1): Keras's `sparse_sigmoid`. The slopes at −1 and 1 are 0.
    SparseSigmoid, "sparse_sigmoid",
    |x| 0.5 * (x.clamp(-1.0, 1.0) + 1.0),
    slope of output |y| if y > 0.0 && y < 1.0 { 0.5 } else { 0.0 }
}

/// y = x for x > `threshold`, otherwise `default_value`, which are given: `Dense<_, 8>(activation = Threshold(0.5, -1.0))`.
/// Keras's `threshold`, and the slope at the threshold is 0.
///
/// It is an activation only with its parameters, [`With`](super::parameters::With), as Keras has none without.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Threshold;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference::check;

    #[test]
    fn values_and_slopes_are_those_of_the_formulas() {
        check::<HardSigmoid>(|x| (x / 6.0 + 0.5).clamp(0.0, 1.0), &[-3.0, 3.0]);
        check::<HardSilu>(|x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0), &[-3.0, 3.0]);
        check::<HardTanh>(|x| x.clamp(-1.0, 1.0), &[-1.0, 1.0]);
        check::<HardShrink>(|x| if x.abs() > 0.5 { x } else { 0.0 }, &[-0.5, 0.5]);
        check::<SoftShrink>(|x| x - x.clamp(-0.5, 0.5), &[-0.5, 0.5]);
        check::<SparseSigmoid>(|x| 0.5 * (x.clamp(-1.0, 1.0) + 1.0), &[-1.0, 1.0]);
        check::<SparsePlus>(|x| if x < 1.0 { 0.25 * (x + 1.0).max(0.0).powi(2) } else { x }, &[]);
    }
}
