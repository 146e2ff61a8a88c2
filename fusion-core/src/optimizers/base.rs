//! What all optimizers have.

use super::clip::Clip;
use super::{LearningRate, OptimizerError};
use crate::kernels::vectorize;

/// What all optimizers have: Keras's `BaseOptimizer`.
///
/// ```text
/// g = the mean of the gradients of gradient_accumulation_steps batches
/// g = g · min(1, clipnorm / |g|)                             |g| over one array, or
/// g = g · min(1, global_clipnorm / |g|)                      |g| over all arrays, or
/// g = each number of g within ±clipvalue
/// w −= w · weight_decay · learning_rate
/// then the optimizer's own rule
/// ```
///
/// Every optimizer has a method for each of these: `Adam::new(0.01).clipnorm(1.0)`. An optimizer of one's own has a
/// `Base`, and is its [`Rule`](super::Rule).
///
/// Where the gradient of an array comes in rows, one for each use of an id, Keras clips each row's numbers by
/// `clipvalue` before they are added up; here their sum is clipped.
#[derive(Debug)]
#[non_exhaustive]
pub struct Base {
    /// A number or a schedule.
    pub learning_rate: LearningRate,
    /// How fast weights move towards zero.
    pub weight_decay: Option<f64>,
    /// The most that the norm of an array's gradient may be.
    pub clipnorm: Option<f64>,
    /// The most that a number of a gradient may be, up or down.
    pub clipvalue: Option<f64>,
    /// The most that the norm of all gradients together may be.
    pub global_clipnorm: Option<f64>,
    /// Of how many batches the gradients make one step.
    pub gradient_accumulation_steps: Option<u32>,
}

impl Base {
    /// With a learning rate, a number or a schedule, and nothing else.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            weight_decay: None,
            clipnorm: None,
            clipvalue: None,
            global_clipnorm: None,
            gradient_accumulation_steps: None,
        }
    }

    /// What is wrong with these options.
    pub(super) fn check(&self) -> Result<(), OptimizerError> {
        use core::ops::Bound::{Excluded, Unbounded};
        if let Some(weight_decay) = self.weight_decay {
            OptimizerError::unless_within("weight_decay", weight_decay, 0.0..)?;
        }
        if let Some(steps) = self.gradient_accumulation_steps {
            OptimizerError::unless_within("gradient_accumulation_steps", f64::from(steps), 2.0..)?;
        }
        let mut first = None;
        for (option, bound) in self.bounds() {
            let Some(bound) = bound else { continue };
            OptimizerError::unless_within(option, bound, (Excluded(0.0), Unbounded))?;
            if let Some(first) = first.replace(option) {
                return Err(OptimizerError::Both { options: [first, option] });
            }
        }
        Ok(())
    }

    /// What clips, of which Keras allows one.
    const fn bounds(&self) -> [(&'static str, Option<f64>); 3] {
        [("clipnorm", self.clipnorm), ("clipvalue", self.clipvalue), ("global_clipnorm", self.global_clipnorm)]
    }

    pub(super) const fn clip(&self) -> Clip {
        match (self.clipnorm, self.clipvalue, self.global_clipnorm) {
            (Some(most), _, _) => Clip::Norm(most),
            (_, _, Some(most)) => Clip::GlobalNorm(most),
            (_, Some(most), _) => Clip::Value(most as f32),
            (None, None, None) => Clip::Nothing,
        }
    }

    /// The weight decay of a step.
    pub(super) const fn decay(&self, learning_rate: f32) -> Decay {
        Decay { weight_decay: self.weight_decay, learning_rate }
    }
}

/// The weight decay of one step.
#[derive(Clone, Copy)]
pub(super) struct Decay {
    weight_decay: Option<f64>,
    learning_rate: f32,
}

impl Decay {
    /// Moves weights towards zero, as Keras does before a step: w −= w · weight_decay · learning_rate.
    pub fn apply(self, weights: &mut [f32]) {
        let Some(weight_decay) = self.weight_decay else { return };
        let (weight_decay, learning_rate) = (weight_decay as f32, self.learning_rate);
        vectorize(
            #[inline(always)]
            || {
                for weight in weights {
                    *weight -= *weight * weight_decay * learning_rate;
                }
            },
        );
    }
}

/// Writes an optimizer's struct with its base and its own options, and a builder method for each of both. In the
/// parentheses stand the options of the base that are not those of [`Base::new`].
macro_rules! optimizer {
    (
        $(#[$about:meta])*
        pub struct $Name:ident(learning_rate = $learning_rate:literal $(, $given:ident = $value:literal)*) {
            $($(#[$option_about:meta])* $option:ident: $Type:ty = $default:expr,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $Name {
            base: $crate::optimizers::Base,
            $($option: $Type,)*
        }

        impl Default for $Name {
            fn default() -> Self {
                Self::new($learning_rate)
            }
        }

        impl $Name {
            /// With a learning rate, a number or a schedule.
            #[must_use]
            pub fn new(learning_rate: impl Into<$crate::optimizers::LearningRate>) -> Self {
                let base = $crate::optimizers::Base::new(learning_rate);
                Self { base, $($option: $default,)* }$(.$given($value))*
            }

            $(
                $(#[$option_about])*
                #[must_use]
                pub fn $option(mut self, $option: $Type) -> Self {
                    self.$option = $option;
                    self
                }
            )*

            /// Another learning rate, a number or a schedule.
            #[must_use]
            pub fn learning_rate(mut self, learning_rate: impl Into<$crate::optimizers::LearningRate>) -> Self {
                self.base.learning_rate = learning_rate.into();
                self
            }

            $crate::optimizers::base::base_options! {
                /// Moves weights towards zero before each step: w −= w · weight_decay · learning_rate.
                weight_decay: f64,
                /// The most that the norm of the gradient of each array of weights may be; a longer one is shortened.
                clipnorm: f64,
                /// The most that any number of a gradient may be, up or down; one that is beyond becomes this.
                clipvalue: f64,
                /// The most that the norm of all gradients together may be; longer ones are shortened alike.
                global_clipnorm: f64,
                /// Makes a step only once in so many batches, with the mean of their gradients. Schedules count the
                /// batches.
                gradient_accumulation_steps: u32,
            }
        }

        impl AsRef<$crate::optimizers::Base> for $Name {
            fn as_ref(&self) -> &$crate::optimizers::Base {
                &self.base
            }
        }

        impl AsMut<$crate::optimizers::Base> for $Name {
            fn as_mut(&mut self) -> &mut $crate::optimizers::Base {
                &mut self.base
            }
        }
    };
}

/// The builder methods of options of the base.
macro_rules! base_options {
    ($($(#[$about:meta])* $option:ident: $Type:ty,)*) => {
        $(
            $(#[$about])*
            #[must_use]
            pub fn $option(mut self, $option: $Type) -> Self {
                self.base.$option = Some($option);
                self
            }
        )*
    };
}
pub(super) use {base_options, optimizer};
