//! What an optimizer is: a formula, and what it keeps.

use super::update::Update;
use super::{Base, OptimizerError};
use crate::shape::Shape;
use crate::weights::Parameter;

/// The formula of an optimizer: how one array of weights moves along its gradient, and what is kept of it from step
/// to step.
///
/// All else is the same for every optimizer and in [`Base`]: learning rate, weight decay, clipping. Whatever has a
/// rule is an [`Optimizer`](super::Optimizer).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{Base, Rule, Slot, Step, Update};
///
/// /// Accumulated squares (Duchi, Hazan and Singer, 2011): v += g², w −= learning_rate · g / √(v + epsilon).
/// struct Adagrad {
///     base: Base,
///     initial_accumulator_value: f32,
/// }
/// # impl AsRef<Base> for Adagrad { fn as_ref(&self) -> &Base { &self.base } }
/// # impl AsMut<Base> for Adagrad { fn as_mut(&mut self) -> &mut Base { &mut self.base } }
///
/// impl Rule for Adagrad {
///     const SLOTS: &'static [Slot<Self>] = &[Slot::new("accumulator").initial(|rule| rule.initial_accumulator_value)];
///     type Constants = f32;
///
///     fn constants(&self, step: Step, _shared: &mut [f32]) -> f32 {
///         step.learning_rate
///     }
///
///     fn update(&self, learning_rate: f32, array: &mut Update<'_, Self>) {
///         array.each(
///             #[inline(always)]
///             |w, g, square, [v]| {
///                 *v += square;
///                 *w -= learning_rate * g / (*v + 1e-7).sqrt();
///             },
///         );
///     }
/// }
/// ```
pub trait Rule: AsRef<Base> + AsMut<Base> + Send + Sync + Sized + 'static {
    /// What is kept of each array of weights from step to step, in Keras's order.
    const SLOTS: &'static [Slot<Self>];

    /// The numbers of which there is one for all arrays together; a [`Slot::length`] is not asked for.
    const SHARED: &'static [Slot<Self>] = &[];

    /// What is the same for all weights of one step.
    type Constants: Copy;

    /// What is wrong with the rule's own options.
    ///
    /// # Errors
    /// If there is something: [`OptimizerError::unless_within`] finds it.
    fn check_options(&self) -> Result<(), OptimizerError> {
        Ok(())
    }

    /// The weight decay of an array: that of [`Base`], unless the rule has another for some.
    fn weight_decay(&self, _array: &Parameter<'_>) -> Option<f64> {
        self.as_ref().weight_decay
    }

    /// How many numbers [`Update::scratch`] has for an array: none, unless the rule needs room to compute in.
    fn scratch(&self, _array: &Parameter<'_>) -> usize {
        0
    }

    /// The names of layers and arrays that its own options have, each with its option.
    fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        core::iter::empty()
    }

    /// What is the same for all weights of a step. `shared` has the numbers of [`Rule::SHARED`], to read and to change.
    ///
    /// Where layers have learning rates of their own it is asked again for each of their arrays, with `shared` as it
    /// was; what becomes of that is dropped.
    fn constants(&self, step: Step, shared: &mut [f32]) -> Self::Constants;

    /// Moves one array of weights.
    fn update(&self, constants: Self::Constants, array: &mut Update<'_, Self>);
}

/// Where training stands when a step is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Step {
    /// How many steps were made before.
    pub iterations: u64,
    /// The learning rate of this one.
    pub learning_rate: f32,
}

impl Step {
    pub(super) const fn new(iterations: u64, learning_rate: f32) -> Self {
        Self { iterations, learning_rate }
    }
}

/// Something that a rule keeps of each array of weights: a number for each weight, unless [`Slot::length`] says
/// otherwise, zero before the first step, unless [`Slot::initial`] says otherwise.
pub struct Slot<R> {
    name: &'static str,
    // Asked for every array at each step: most slots have nothing to ask.
    when: Option<fn(&R) -> bool>,
    of: Option<fn(&R, &Parameter<'_>) -> bool>,
    length: Option<fn(&Shape) -> usize>,
    initial: Initial<R>,
}

/// What a slot is before the first step.
enum Initial<R> {
    Value(fn(&R) -> f32),
    Weights,
}

impl<R> Slot<R> {
    /// With Keras's name, `momentum`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, when: None, of: None, length: None, initial: Initial::Value(|_| 0.0) }
    }

    /// The same, kept only with some options. Where it is not kept, [`Update::each`] shows zeros.
    #[must_use]
    pub const fn when(mut self, when: fn(&R) -> bool) -> Self {
        self.when = Some(when);
        self
    }

    /// The same, kept only of some arrays. Of others, [`Update::each`] shows zeros.
    #[must_use]
    pub const fn of(mut self, of: fn(&R, &Parameter<'_>) -> bool) -> Self {
        self.of = Some(of);
        self
    }

    /// The same, of so many numbers for an array of this shape: one, or one for each row.
    #[must_use]
    pub const fn length(mut self, length: fn(&Shape) -> usize) -> Self {
        self.length = Some(length);
        self
    }

    /// The same, with another value before the first step.
    #[must_use]
    pub const fn initial(mut self, initial: fn(&R) -> f32) -> Self {
        self.initial = Initial::Value(initial);
        self
    }

    /// The same, before the first step a copy of the weights.
    #[must_use]
    pub const fn initially_weights(mut self) -> Self {
        self.initial = Initial::Weights;
        self
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn is_kept(&self, rule: &R) -> bool {
        self.when.is_none_or(|when| when(rule))
    }

    /// How many numbers it has for an array of so many.
    #[inline]
    pub(super) fn length_of(&self, rule: &R, array: &Parameter<'_>, numbers: usize) -> usize {
        let is_there = self.is_kept(rule) && self.of.is_none_or(|of| of(rule, array));
        match self.length {
            _ if !is_there => 0,
            None => numbers,
            Some(length) => length(&array.array.shape),
        }
    }

    /// Makes its numbers what they are before the first step.
    ///
    /// # Panics
    /// If it begins as a copy of the weights, and is not as long.
    pub(super) fn begin(&self, rule: &R, weights: &[f32], numbers: &mut [f32]) {
        match self.initial {
            Initial::Value(initial) => numbers.fill(initial(rule)),
            Initial::Weights => numbers.copy_from_slice(weights),
        }
    }
}

/// A moment, or 0 where it is smaller than any normal number.
///
/// Where a gradient has become zero for good, as below a ReLU that never opens again, its moments
/// fade away and would stay at such numbers for ever, with which arithmetic takes many times as long.
#[must_use]
#[inline(always)]
pub fn faded(moment: f32) -> f32 {
    if moment.abs() < f32::MIN_POSITIVE { 0.0 } else { moment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_gradients_fades_to_zero() {
        let (mut moment, mut stuck) = (1.0_f32, 1.0_f32);
        for _ in 0..2000 {
            moment = faded(moment * 0.9);
            stuck *= 0.9;
        }
        assert_eq!(moment, 0.0);
        assert!(stuck > 0.0 && stuck < f32::MIN_POSITIVE);
        assert_eq!(faded(-f32::MIN_POSITIVE), -f32::MIN_POSITIVE);
        assert!(faded(f32::NAN).is_nan());
    }
}
