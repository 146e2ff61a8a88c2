//! Activations, under Keras's names and with Keras's formulas and default parameters.
//!
//! An activation is a type, and a layer has it as an argument: `Dense<32, 8, Relu>`. Some take parameters,
//! `Dense<32, 8>(activation = LeakyRelu(0.1))`: see [`parameters`]. Source of the formulas: `keras.activations`. [`Relu`], [`LeakyRelu`], [`Elu`] and [`Softmax`] are also layers of their own, as
//! in `keras.layers`.

mod exponential;
pub(crate) mod options;
pub mod parameters;
mod piecewise;
mod rectified;
#[cfg(test)]
pub(crate) mod reference;
mod sigmoidal;
mod softmax;
mod sparsemax;

pub use exponential::{Celu, Elu, Exponential, Mish, Selu, Softplus, Squareplus};
pub use piecewise::{HardShrink, HardSigmoid, HardSilu, HardTanh, SoftShrink, SparsePlus, SparseSigmoid, Threshold};
pub use rectified::{LeakyRelu, Linear, Relu, Relu6};
pub use sigmoidal::{Gelu, LogSigmoid, Sigmoid, Silu, Softsign, Tanh, TanhShrink};
pub use softmax::{LogSoftmax, Softmax};
pub use sparsemax::Sparsemax;

use crate::kernels::vectorize;

/// A function that a layer applies to what it computed.
///
/// One of your own needs only this, and for models that train [`TrainActivation`]:
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Activation;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Default)]
/// struct Square;
/// impl Activation for Square {
///     const NAME: &'static str = "square";
///     const NEEDS_INPUT: bool = true;
///     fn forward(values: &mut [f32], _features: usize) {
///         values.iter_mut().for_each(|x| *x *= *x);
///     }
/// }
///
/// let mut values = [1.0, -3.0];
/// Square::forward(&mut values, 2);
/// assert_eq!(values, [1.0, 9.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activation",
    label = "this type is no activation",
    note = "activations are `Celu`, `Elu`, `Exponential`, `Gelu`, `HardShrink`, `HardSigmoid`, `HardSilu`, `HardTanh`, `LeakyRelu`, `Linear`, `LogSigmoid`, `LogSoftmax`, `Mish`, `Relu`, `Relu6`, `Selu`, `Sigmoid`, `Silu`, `SoftShrink`, `Softmax`, `Softplus`, `Softsign`, `Sparsemax`, `SparsePlus`, `SparseSigmoid`, `Squareplus`, `Tanh` and `TanhShrink`, and with parameters `Threshold(0.5, 0.0)`",
    note = "your own type becomes one by `impl fusion::activations::Activation`"
)]
pub trait Activation: Send + Sync + 'static {
    /// Keras's name, `relu`.
    const NAME: &'static str;
    /// Whether the way back needs the values from before the activation; its layer then keeps them.
    const NEEDS_INPUT: bool;
    /// Whether this is x itself.
    #[doc(hidden)]
    const LINEAR: bool = false;
    /// Whether this is max(0, x), which the matrix product applies itself.
    const RECTIFIES: bool = false;
    /// Whether what it is applied to are logits, which a crossentropy is taken of: see
    /// [`Forward::keep_logits`](crate::layer::Forward::keep_logits).
    const LOGITS: bool = false;
    /// Whether this is tanh, which a step of a recurrent layer applies itself.
    #[doc(hidden)]
    const TANH: bool = false;
    /// Whether this is the sigmoid, likewise.
    #[doc(hidden)]
    const SIGMOID: bool = false;
    /// Whether it looks at a whole row at a time, as softmax does; a single number is no row.
    const OF_ROWS: bool = false;
    /// What it gives for a row of one number whatever that is, as softmax gives 1: nothing could be learnt of it.
    #[doc(hidden)]
    const OF_ONE: Option<&'static str> = None;

    /// Applies the function in place to `values`, which are rows of `features` numbers.
    fn forward(values: &mut [f32], features: usize);
}

/// An activation's way back; layers with it can only be trained where it has one.
///
/// It stands behind the feature `training`. Inside [`training!`](crate::training!) yours is compiled exactly where that
/// is on:
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Activation;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Default)]
/// struct Square;
/// impl Activation for Square {
///     const NAME: &'static str = "square";
///     const NEEDS_INPUT: bool = true; // its slope is 2x
///     fn forward(values: &mut [f32], _features: usize) {
///         values.iter_mut().for_each(|x| *x *= *x);
///     }
/// }
/// fusion::training! {
///     impl fusion::activations::TrainActivation for Square {
///         fn backward(input: &[f32], _output: &[f32], gradient: &mut [f32], _features: usize) {
///             gradient.iter_mut().zip(input).for_each(|(gradient, x)| *gradient *= 2.0 * x);
///         }
///     }
/// }
///
/// # use fusion::activations::TrainActivation;
/// let mut gradient = [1.0, 0.5];
/// Square::backward(&[1.0, -3.0], &[1.0, 9.0], &mut gradient, 2);
/// assert_eq!(gradient, [2.0, -3.0]);
/// ```
#[cfg(feature = "training")]
#[diagnostic::on_unimplemented(
    message = "the activation `{Self}` has no way back",
    label = "layers with this activation cannot be trained",
    note = "your own activation can be part of a model that trains by `impl fusion::activations::TrainActivation`"
)]
pub trait TrainActivation: Activation {
    /// Turns the gradient with respect to the output into that with respect to the input, in
    /// place. `input` is empty unless [`Activation::NEEDS_INPUT`]; `output` is what `forward` gave.
    fn backward(input: &[f32], output: &[f32], gradient: &mut [f32], features: usize);
}

/// Replaces each number by the function of it.
#[inline(always)]
fn map(values: &mut [f32], function: impl Fn(f32) -> f32) {
    vectorize(
        #[inline(always)]
        || {
            for value in values {
                *value = function(*value);
            }
        },
    );
}

/// Multiplies each gradient by the slope at its place.
#[cfg(feature = "training")]
#[inline(always)]
fn multiply_by_slope(gradient: &mut [f32], places: &[f32], slope: impl Fn(f32) -> f32) {
    assert_eq!(gradient.len(), places.len(), "every gradient has its place");
    vectorize(
        #[inline(always)]
        || {
            for (gradient, place) in gradient.iter_mut().zip(places) {
                *gradient *= slope(*place);
            }
        },
    );
}

/// Declares an activation that looks at one number at a time, with its slope as a function of
/// what went in or of what came out: the latter needs no memory.
macro_rules! elementwise {
    ($(#[$documentation:meta])* $activation:ident, $name:literal, $({ $($constant:tt)+ },)? |$x:ident| $value:expr, slope of output |$y:ident| $slope:expr) => {
        elementwise!(@ $(#[$documentation])* $activation, $name, [$($($constant)+)?], |$x| $value, false, |$y| $slope);
    };
    ($(#[$documentation:meta])* $activation:ident, $name:literal, $({ $($constant:tt)+ },)? |$x:ident| $value:expr, slope of input |$y:ident| $slope:expr) => {
        elementwise!(@ $(#[$documentation])* $activation, $name, [$($($constant)+)?], |$x| $value, true, |$y| $slope);
    };
    // Of a struct that is there.
    (impl $activation:ident, $name:literal, |$x:ident| $value:expr, slope of output |$y:ident| $slope:expr) => {
        elementwise!(@impl $activation, $name, [], |$x| $value, false, |$y| $slope);
    };
    (@ $(#[$documentation:meta])* $activation:ident, $name:literal, [$($constant:tt)*], $value:expr, $needs_input:literal, $slope:expr) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Default)]
        pub struct $activation;

        elementwise!(@impl $activation, $name, [$($constant)*], $value, $needs_input, $slope);
    };
    (@impl $activation:ident, $name:literal, [$($constant:tt)*], $value:expr, $needs_input:literal, $slope:expr) => {
        impl $crate::activations::Activation for $activation {
            const NAME: &'static str = $name;
            const NEEDS_INPUT: bool = $needs_input;
            $($constant)*

            fn forward(values: &mut [f32], _features: usize) {
                $crate::activations::map(values, $value);
            }
        }

        #[cfg(feature = "training")]
        impl $crate::activations::TrainActivation for $activation {
            fn backward(input: &[f32], output: &[f32], gradient: &mut [f32], _features: usize) {
                let places = if <Self as $crate::activations::Activation>::NEEDS_INPUT { input } else { output };
                $crate::activations::multiply_by_slope(gradient, places, $slope);
            }
        }
    };
}
use elementwise;
