//! Straight lines with a bend at 0.

#[cfg(feature = "training")]
use super::TrainActivation;
use super::options::{LeakyReluOptions, ReluOptions};
use super::{Activation, elementwise, map};
#[cfg(feature = "training")]
use crate::kernels::relu_gradient;

/// y = x: Keras's `linear`, what a layer has when no activation is given.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::{Activation, Linear};
/// let mut values = [-1.0, 2.0];
/// Linear::forward(&mut values, 2);
/// assert_eq!(values, [-1.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Linear;

impl Activation for Linear {
    const NAME: &'static str = "linear";
    const NEEDS_INPUT: bool = false;
    const LINEAR: bool = true;
    fn forward(_values: &mut [f32], _features: usize) {}
}

#[cfg(feature = "training")]
impl TrainActivation for Linear {
    fn backward(_input: &[f32], _output: &[f32], _gradient: &mut [f32], _features: usize) {}
}

/// y = max(0, x): Keras's `relu`. The slope at 0 is 0.
///
/// It is also a layer of its own, Keras's `layers.ReLU`: `Relu`. In both places it takes options, `Relu(max_value = 6.0)`;
/// see [`ReluOptions`](crate::layers::ReluOptions). With them y = `max_value` for x > `max_value`, otherwise x for
/// x > `threshold`, and `negative_slope` · (x − `threshold`) for all else.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::{Activation, Relu};
/// let mut values = [-1.0, 2.0];
/// Relu::forward(&mut values, 2);
/// assert_eq!(values, [0.0, 2.0]);
/// ```
#[doc(alias = "ReLU")]
#[derive(Clone, Copy, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "ReLU", options = ReluOptions)]
pub struct Relu;

impl Activation for Relu {
    const NAME: &'static str = "relu";
    const NEEDS_INPUT: bool = false;
    const RECTIFIES: bool = true;
    fn forward(values: &mut [f32], _features: usize) {
        map(values, |x| if x <= 0.0 { 0.0 } else { x });
    }
}

#[cfg(feature = "training")]
impl TrainActivation for Relu {
    fn backward(_input: &[f32], output: &[f32], gradient: &mut [f32], _features: usize) {
        relu_gradient(output, gradient);
    }
}

elementwise! {
    /// y = min(max(0, x), 6): Keras's `relu6`. The slopes at 0 and 6 are 0.
    Relu6, "relu6",
    |x| x.clamp(0.0, 6.0),
    slope of output |y| if y > 0.0 && y < 6.0 { 1.0 } else { 0.0 }
}

/// y = x for x > 0, otherwise 0.2 · x: Keras's `leaky_relu`. The slope at 0 is 0.2.
///
/// It is also a layer of its own, Keras's `layers.LeakyReLU`: `LeakyRelu`, whose slope is 0.3. In both places
/// `LeakyRelu(0.1)` has another; see [`LeakyReluOptions`](crate::layers::LeakyReluOptions).
#[doc(alias = "LeakyReLU")]
#[derive(Clone, Copy, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "LeakyReLU", options = LeakyReluOptions)]
pub struct LeakyRelu;

elementwise! {
    impl LeakyRelu, "leaky_relu",
    |x| if x > 0.0 { x } else { 0.2 * x },
    slope of output |y| if y > 0.0 { 1.0 } else { 0.2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference::check;

    #[test]
    fn values_and_slopes_are_those_of_the_formulas() {
        check::<Linear>(|x| x, &[]);
        check::<Relu>(|x| x.max(0.0), &[0.0]);
        check::<Relu6>(|x| x.clamp(0.0, 6.0), &[0.0, 6.0]);
        check::<LeakyRelu>(|x| if x > 0.0 { x } else { 0.2 * x }, &[0.0]);
    }
}
