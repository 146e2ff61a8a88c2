//! What all optimizers have.

use alloc::string::String;
use alloc::vec::Vec;

use super::averages::Average;
use super::clip::Clip;
use super::{LearningRate, OptimizerError};
use crate::kernels::vectorize;
use crate::weights::Parameter;

/// What all optimizers have: Keras's `BaseOptimizer`.
///
/// ```text
/// g = the mean of the gradients of gradient_accumulation_steps batches
/// g = g · min(1, clipnorm / |g|)                             |g| over one array, or
/// g = g · min(1, global_clipnorm / |g|)                      |g| over all arrays, or
/// g = each number of g within ±clipvalue
/// w −= w · weight_decay · learning_rate                      not of what exclude_from_weight_decay names
/// then the optimizer's own rule
/// average = ema_momentum · average + (1 − ema_momentum) · w  with use_ema only, after each batch
/// w = average                                                with ema_overwrite_frequency, once in so many steps
/// ```
///
/// Every optimizer has a method for each of these: `Adam::new(0.01).clipnorm(1.0)`. An optimizer of one's own has a
/// `Base`, and is its [`Rule`](super::Rule).
///
/// Where the gradient of an array comes in rows, one for each use of an id, Keras clips each row's numbers by
/// `clipvalue` before they are added up; here their sum is clipped.
///
/// Keras's `loss_scale_factor` is none of these: it keeps gradients of half precision from becoming zero, and these are
/// `f32`.
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
    /// Whether moving averages of the weights are kept.
    pub use_ema: bool,
    /// How much of an average is kept from one batch to the next.
    pub ema_momentum: f64,
    /// Once in how many steps the averages take the place of the weights.
    pub ema_overwrite_frequency: Option<u32>,
    /// Of how many batches the gradients make one step.
    pub gradient_accumulation_steps: Option<u32>,
    /// The layers and arrays that do not decay.
    pub exclude_from_weight_decay: Vec<String>,
    /// The layers and arrays with learning rates of their own.
    pub learning_rates: Vec<(String, LearningRate)>,
    /// The constant learning rate that was given, once there is another.
    given: Option<f32>,
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
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            gradient_accumulation_steps: None,
            exclude_from_weight_decay: Vec::new(),
            learning_rates: Vec::new(),
            given: None,
        }
    }

    /// A constant learning rate from now on. Those of layers' own change in proportion to it.
    pub(super) fn set_learning_rate(&mut self, learning_rate: f32) {
        match self.learning_rate {
            LearningRate::Constant(before) if self.given.is_none() && before > 0.0 => self.given = Some(before),
            _ => {}
        }
        self.learning_rate = learning_rate.into();
    }

    /// The learning rate that an array has of its own, or by the layers around it, in the batch after so many.
    pub(super) fn own_learning_rate(&self, array: &Parameter<'_>, steps: u64) -> Option<f32> {
        let is_meant = |(name, _): &&(String, LearningRate)| array.path.contains(name);
        let (_, own) = self.learning_rates.iter().rev().find(is_meant)?;
        let of_all = self.given.map_or(1.0, |given| self.learning_rate.at(steps) / given);
        Some(own.at(steps) * of_all)
    }

    /// The names that options have, each with its option.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let excluded = self.exclude_from_weight_decay.iter().map(|name| ("exclude_from_weight_decay", &**name));
        excluded.chain(self.learning_rates.iter().map(|(name, _)| ("learning_rate_of", &**name)))
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
        OptimizerError::unless_within("ema_momentum", self.ema_momentum, 0.0..=1.0)?;
        if let Some(steps) = self.ema_overwrite_frequency {
            OptimizerError::unless_within("ema_overwrite_frequency", f64::from(steps), 1.0..)?;
        }
        self.learning_rate.check()?;
        for (_, own) in &self.learning_rates {
            own.check()?;
            OptimizerError::unless_within("learning_rate_of", f64::from(own.at(0)), 0.0..)?;
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

    /// How many batches make a step.
    pub(super) fn batches(&self) -> u64 {
        u64::from(self.gradient_accumulation_steps.unwrap_or(1).max(1))
    }

    /// What becomes of the averages after a batch, which is of the step after so many.
    pub(super) fn average(&self, iterations: u64) -> Average {
        let momentum = if iterations == 0 { 0.0 } else { self.ema_momentum as f32 };
        let is_due = |frequency| (iterations + 1).is_multiple_of(u64::from(frequency));
        Average { momentum, overwrites: self.ema_overwrite_frequency.is_some_and(is_due) }
    }

    /// Moves an array towards zero, as Keras does before a step: w −= w · weight_decay · learning_rate.
    pub(super) fn decay(
        &self,
        weight_decay: Option<f64>,
        array: &Parameter<'_>,
        learning_rate: f32,
        weights: &mut [f32],
    ) {
        let Some(weight_decay) = weight_decay else { return };
        if self.exclude_from_weight_decay.iter().any(|name| array.path.contains(name)) {
            return;
        }
        let weight_decay = weight_decay as f32;
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
/// parentheses stand the options of the base that are not those of [`Base::new`]; behind the options, what has a method
/// of its own.
macro_rules! optimizer {
    (
        $(#[$about:meta])*
        pub struct $Name:ident(learning_rate = $learning_rate:literal $(, $given:ident = $value:literal)*) {
            $($(#[$option_about:meta])* $option:ident: $Type:ty = $default:expr,)*
        }
        $(and { $($other:ident: $Other:ty = $begin:expr,)* })?
    ) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $Name {
            base: $crate::optimizers::Base,
            $($option: $Type,)*
            $($($other: $Other,)*)?
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
                Self { base, $($option: $default,)* $($($other: $begin,)*)? }$(.$given($value))*
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
                /// With [`use_ema`](Self::use_ema), once in how many steps the averages take the place of the weights,
                /// from where training goes on. Without it they do so at the end of `fit` alone.
                ema_overwrite_frequency: u32,
            }

            /// Whether moving averages of the weights are kept, which take their place at the end of `fit`; also
            /// before it with [`ema_overwrite_frequency`](Self::ema_overwrite_frequency). What is validated after an
            /// epoch are the weights themselves.
            #[must_use]
            pub fn use_ema(mut self, use_ema: bool) -> Self {
                self.base.use_ema = use_ema;
                self
            }

            /// How much of an average is kept from one batch to the next, 0 to 1; 0.99 by default.
            #[must_use]
            pub fn ema_momentum(mut self, ema_momentum: f64) -> Self {
                self.base.ema_momentum = ema_momentum;
                self
            }

            /// The weights of these names do not decay: an array (`"bias"`), all of a layer (`"encoder"`), or an array
            /// of a layer (`"dense/bias"`), as the summary and weight files call them. What the model does not have is
            /// an error before training.
            #[must_use]
            pub fn exclude_from_weight_decay<Name: Into<alloc::string::String>>(
                mut self,
                names: impl IntoIterator<Item = Name>,
            ) -> Self {
                self.base.exclude_from_weight_decay.extend(names.into_iter().map(Into::into));
                self
            }

            /// A learning rate of their own, a number or a schedule, for the weights of this name: all of a layer
            /// (`"encoder"`), an array (`"bias"`), or an array of a layer (`"dense/bias"`). Where several names mean an
            /// array, the last one given counts. What the model does not have is an error before training.
            ///
            /// Where a callback sets another learning rate, these change in proportion to it, unless it takes the place
            /// of a schedule.
            #[must_use]
            pub fn learning_rate_of(
                mut self,
                name: impl Into<alloc::string::String>,
                learning_rate: impl Into<$crate::optimizers::LearningRate>,
            ) -> Self {
                self.base.learning_rates.push((name.into(), learning_rate.into()));
                self
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
