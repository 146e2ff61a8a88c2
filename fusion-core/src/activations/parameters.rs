//! Activations with parameters, which their type carries.
//!
//! `model!` writes `Dense<_, 8>(activation = LeakyRelu(0.1))` and `Dense<_, 8, LeakyRelu(0.1)>`; what stands there is a
//! type, [`With`], so that every layer that takes an activation takes one with parameters.

use core::marker::PhantomData;

use super::{Activation, map};
#[cfg(feature = "training")]
use super::{TrainActivation, multiply_by_slope};
use crate::shape::Text;
use crate::weights::Options;

pub use super::options::{
    CeluOptions, EluOptions, GeluOptions, HardShrinkOptions, LeakyReluOptions, ReluOptions, SoftShrinkOptions,
    SquareplusOptions, ThresholdOptions,
};

/// An activation with these parameters: `With<LeakyRelu, TENTH>`.
///
/// Rust has no numbers with a fraction among the arguments of a type, so that the parameters are one number of 128 bits,
/// which their options give:
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::parameters::{LeakyReluOptions, With};
/// use fusion::activations::{Activation, LeakyRelu};
/// use fusion::layers::Dense;
/// use fusion::weights::{Options, Parameters};
/// const TENTH: u128 = LeakyReluOptions::DEFAULT.negative_slope(0.1).parameters();
/// type Tenth = With<LeakyRelu, TENTH>;
/// let mut values = [-1.0, 2.0];
/// Tenth::forward(&mut values, 2);
/// assert_eq!(values, [-0.1, 2.0]);
/// assert_eq!(<Dense<8, 4, Tenth> as Parameters>::COUNT, 36);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct With<A, const PARAMETERS: u128>(PhantomData<A>);

/// An activation that takes parameters, those of `Options`; what is not given is Keras's default.
#[diagnostic::on_unimplemented(
    message = "the activation `{Self}` takes no parameters",
    label = "write it without parentheses",
    note = "`Celu`, `Elu`, `Gelu`, `HardShrink`, `LeakyRelu`, `Relu`, `SoftShrink`, `Squareplus` and `Threshold` take parameters"
)]
pub trait Parameterized: Send + Sync + 'static {
    /// Keras's name, `leaky_relu`.
    const NAME: &'static str;
    /// What may be written in parentheses, with the function that they are the parameters of.
    type Options: Curve;
}

/// A function of one number with parameters.
pub trait Curve: Options {
    /// The options of which these are the parameters.
    fn of(parameters: u128) -> Self;

    /// The function.
    fn at(&self, x: f32) -> f32;

    /// Its derivative.
    #[cfg(feature = "training")]
    fn derivative(&self, x: f32) -> f32;
}

impl<A: Parameterized, const PARAMETERS: u128> With<A, PARAMETERS> {
    /// "`leaky_relu` 1036831949": a weight file's digest tells other parameters by it.
    const NAMED: &'static Text = &named(A::NAME, PARAMETERS);
}

const fn named(name: &str, mut parameters: u128) -> Text {
    let mut text = Text::new(name);
    while parameters != 0 {
        text = text.and(" ").number(parameters as u32 as usize);
        parameters >>= 32;
    }
    text
}

impl<A: Parameterized, const PARAMETERS: u128> Activation for With<A, PARAMETERS> {
    const NAME: &'static str = Self::NAMED.as_str();
    const NEEDS_INPUT: bool = true;

    fn forward(values: &mut [f32], _features: usize) {
        let options = A::Options::of(PARAMETERS);
        map(values, |x| options.at(x));
    }
}

#[cfg(feature = "training")]
impl<A: Parameterized, const PARAMETERS: u128> TrainActivation for With<A, PARAMETERS> {
    fn backward(input: &[f32], _output: &[f32], gradient: &mut [f32], _features: usize) {
        let options = A::Options::of(PARAMETERS);
        multiply_by_slope(gradient, input, |x| options.derivative(x));
    }
}

/// Packs options into the parameters of a type, 32 bits each, and makes a [`Curve`] of them; `value` and `slope` are the
/// function and its derivative.
macro_rules! curve {
    (
        $options:ident { $($field:ident: $kind:ident),+ } of $activation:ident $name:literal;
        |$this:ident, $x:ident| $value:expr, slope $slope:expr
    ) => {
        impl $options {
            /// The parameters as an argument of the type [`With`](crate::activations::parameters::With).
            ///
            /// # Panics
            /// If the activation cannot have them.
            #[must_use]
            #[track_caller]
            pub const fn parameters(self) -> u128 {
                if let Some((_, message)) = self.wrong() {
                    panic!("{}", message);
                }
                let (mut parameters, mut at) = (0, 0);
                $(
                    parameters |= ($crate::activations::parameters::$kind::pack(self.$field) as u128) << at;
                    at += u32::BITS;
                )+
                let _ = at;
                parameters
            }

            /// As [`parameters`](Self::parameters), where a model has them written so.
            #[doc(hidden)]
            #[must_use]
            #[track_caller]
            pub const fn parameters_of(self, written: &str) -> u128 {
                if let Some((_, message)) = self.wrong() {
                    let text = $crate::shape::Text::new("`").and(written).and("`: ").and(message);
                    panic!("{}", text.as_str());
                }
                self.parameters()
            }
        }

        impl $crate::activations::parameters::Curve for $options {
            fn of(mut parameters: u128) -> Self {
                let mut next = || {
                    let bits = parameters as u32;
                    parameters >>= u32::BITS;
                    bits
                };
                Self { $($field: $crate::activations::parameters::$kind::unpack(next())),+ }
            }

            #[inline(always)]
            fn at(&self, $x: f32) -> f32 {
                let $this = self;
                $value
            }

            #[cfg(feature = "training")]
            #[inline(always)]
            fn derivative(&self, $x: f32) -> f32 {
                let $this = self;
                $slope
            }
        }

        impl $crate::activations::parameters::Parameterized for $crate::activations::$activation {
            const NAME: &'static str = $name;
            type Options = $options;
        }
    };
}
pub(super) use curve;

/// A number, as its bits.
pub(super) mod number {
    pub(crate) const fn pack(number: f32) -> u32 {
        number.to_bits()
    }
    pub(crate) fn unpack(bits: u32) -> f32 {
        f32::from_bits(bits)
    }
}

/// A number that may not be there, which a NaN stands for.
pub(super) mod optional {
    pub(crate) const fn pack(number: Option<f32>) -> u32 {
        match number {
            Some(number) => number.to_bits(),
            None => u32::MAX,
        }
    }
    pub(crate) fn unpack(bits: u32) -> Option<f32> {
        (bits != u32::MAX).then_some(f32::from_bits(bits))
    }
}

/// Whether something is so.
pub(super) mod flag {
    pub(crate) const fn pack(flag: bool) -> u32 {
        flag as u32
    }
    pub(crate) fn unpack(bits: u32) -> bool {
        bits != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference::{self, check};
    use crate::activations::{Celu, Elu, Gelu, HardShrink, LeakyRelu, Relu, SoftShrink, Squareplus, Threshold};

    const RELU: ReluOptions = ReluOptions::DEFAULT.max_value(2.0).negative_slope(0.125).threshold(0.5);

    #[test]
    fn values_and_slopes_are_those_of_the_formulas() {
        check::<With<LeakyRelu, { LeakyReluOptions::DEFAULT.positional(0.5).parameters() }>>(
            |x| if x > 0.0 { x } else { 0.5 * x },
            &[0.0],
        );
        check::<With<Elu, { EluOptions::DEFAULT.positional(0.5).parameters() }>>(
            |x| if x > 0.0 { x } else { 0.5 * libm::expm1(x) },
            &[0.0],
        );
        check::<With<Celu, { CeluOptions::DEFAULT.positional(0.5).parameters() }>>(
            |x| if x > 0.0 { x } else { 0.5 * libm::expm1(x / 0.5) },
            &[0.0],
        );
        check::<With<Relu, { RELU.parameters() }>>(
            |x| if x > 0.5 { x.min(2.0) } else { 0.125 * (x - 0.5) },
            &[0.5, 2.0],
        );
        check::<With<HardShrink, { HardShrinkOptions::DEFAULT.positional(1.5).parameters() }>>(
            |x| if x.abs() > 1.5 { x } else { 0.0 },
            &[-1.5, 1.5],
        );
        check::<With<SoftShrink, { SoftShrinkOptions::DEFAULT.positional(1.5).parameters() }>>(
            |x| x - x.clamp(-1.5, 1.5),
            &[-1.5, 1.5],
        );
        check::<With<Squareplus, { SquareplusOptions::DEFAULT.positional(2.0).parameters() }>>(
            |x| 0.5 * (x + libm::sqrt(x * x + 2.0)),
            &[],
        );
        check::<With<Threshold, { ThresholdOptions::DEFAULT.positional(0.5, -1.0).parameters() }>>(
            |x| if x > 0.5 { x } else { -1.0 },
            &[0.5],
        );
        let approximate = |x: f64| {
            let inner = (2.0 / core::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
            x * reference::sigmoid(2.0 * inner)
        };
        check::<With<Gelu, { GeluOptions::DEFAULT.approximate(true).parameters() }>>(approximate, &[]);
        check::<With<Gelu, { GeluOptions::DEFAULT.parameters() }>>(
            |x| 0.5 * x * libm::erfc(-x / core::f64::consts::SQRT_2),
            &[],
        );
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        assert_eq!(ReluOptions::of(RELU.parameters()), RELU);
        assert_eq!(ReluOptions::of(ReluOptions::DEFAULT.parameters()), ReluOptions::DEFAULT);
        let threshold = ThresholdOptions::DEFAULT.positional(f32::NEG_INFINITY, -0.0);
        assert_eq!(ThresholdOptions::of(threshold.parameters()), threshold);
        for approximate in [true, false] {
            let gelu = GeluOptions::DEFAULT.approximate(approximate);
            assert_eq!(GeluOptions::of(gelu.parameters()), gelu);
        }
    }

    #[test]
    fn other_parameters_are_another_name() {
        type Of<const PARAMETERS: u128> = With<LeakyRelu, PARAMETERS>;
        const TENTH: u128 = LeakyReluOptions::DEFAULT.positional(0.1).parameters();
        const HALF: u128 = LeakyReluOptions::DEFAULT.positional(0.5).parameters();
        assert_eq!(Of::<TENTH>::NAME, "leaky_relu 1036831949");
        assert_ne!(Of::<TENTH>::NAME, Of::<HALF>::NAME);
    }

    #[test]
    #[should_panic = "`LeakyRelu(-0.1)`: the slope must be at least 0"]
    fn a_wrong_parameter_is_said() {
        let _ = LeakyReluOptions::DEFAULT.positional(-0.1).parameters_of("LeakyRelu(-0.1)");
    }
}
