//! What is written in parentheses after a layer's type, as constants.

use core::fmt::{self, Debug};

use super::{Constraint, Initializer, Regularizer};

/// A layer's options: a plain value with a `const` builder method for each, `#[derive(Options)]` writes all of it.
///
/// A value written without its name goes to the method `positional`.
pub trait Options: Copy + Debug + Send + Sync + 'static {
    /// The options when none is given: Keras's defaults.
    const DEFAULT: Self;

    /// Shows each of them, in order. What the arrays of weights are given is not among them: it stands in their table.
    ///
    /// # Errors
    /// Those of `show`, which ends it.
    fn show(&self, show: &mut Show<'_>) -> fmt::Result;

    /// Writes those that differ from the default, `strides=2 padding=Same`: what a weight file's digest covers, so
    /// that an option added later changes no old file's.
    ///
    /// # Errors
    /// Those of `text`.
    fn write_changes(&self, text: &mut dyn fmt::Write) -> fmt::Result {
        self.show(&mut |option| option.write_change(text))
    }
}

/// An option of a layer and its value, as [`Options::show`] shows it.
#[derive(Clone, Copy)]
pub struct ShownOption<'a> {
    /// Its name, `strides`.
    pub name: &'static str,
    /// What it is, as text: `2`, `Same`.
    pub value: &'a dyn Debug,
    /// Whether it is not the default.
    pub changed: bool,
    /// Whether it changes training alone, and no file's digest.
    pub training: bool,
    /// In how many layers the layer is that it is of: 1 for the layer within a `TimeDistributed`.
    pub within: usize,
}

impl ShownOption<'_> {
    /// Writes it, `strides=2 `, where a digest covers it.
    ///
    /// # Errors
    /// Those of `text`.
    pub fn write_change(&self, text: &mut dyn fmt::Write) -> fmt::Result {
        if self.changed && !self.training { write!(text, "{}={:?} ", self.name, self.value) } else { Ok(()) }
    }
}

/// What [`Options::show`] calls for each option.
pub type Show<'s> = dyn FnMut(&ShownOption<'_>) -> fmt::Result + 's;

/// The options of a layer without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOptions;

impl Options for NoOptions {
    const DEFAULT: Self = Self;
    fn show(&self, _show: &mut Show<'_>) -> fmt::Result {
        Ok(())
    }
}

/// What a user may give for an array of a layer's weights: `#[option(array)] kernel: ArrayOptions` in the layer's options
/// is the options `kernel_initializer`, `kernel_regularizer` and `kernel_constraint`, and `#[parameter(given =
/// options.kernel)]` on the array is what they are given for.
///
/// They change nothing of what a network computes, and no file's digest.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct ArrayOptions {
    /// How it begins, where that is not what the layer says.
    pub initializer: Option<Initializer>,
    /// What it adds to the loss.
    pub regularizer: Option<Regularizer>,
    /// What it is held to after each step.
    pub constraint: Option<Constraint>,
    /// What these are called, for messages.
    pub(super) names: [&'static str; 3],
}

impl ArrayOptions {
    /// Nothing is given; the options have these names.
    #[doc(hidden)]
    #[must_use]
    pub const fn called(names: [&'static str; 3]) -> Self {
        Self { initializer: None, regularizer: None, constraint: None, names }
    }

    /// How the array begins, where a layer begins it so by itself.
    pub(crate) const fn initializer_or(&self, initializer: Initializer) -> Initializer {
        match self.initializer {
            Some(given) => given,
            None => initializer,
        }
    }

    /// The same but for how it begins, which the layer makes of it.
    pub(crate) const fn without_initializer(mut self) -> Self {
        self.initializer = None;
        self
    }
}

/// What is known of a layer without its input; `#[derive(Parameters)]` writes it.
pub trait Configured {
    /// What may be written in parentheses after the type.
    type Options: Options;
    /// The name that the summary shows: Keras's class name, `BatchNormalization`.
    const CLASS: &'static str;
    /// What Keras calls a layer without a name of its own, `batch_normalization`.
    const NAME: &'static str;
}

/// The options of one step of a model: a constant carried by a type, so that shapes can depend on it.
pub trait OptionsOf<L: Configured + ?Sized> {
    /// The layer's defaults, changed by what the user wrote.
    const VALUE: L::Options;

    /// Shows each, as [`Options::show`], and then those of a layer within.
    ///
    /// # Errors
    /// Those of `show`.
    #[doc(hidden)]
    fn show(show: &mut Show<'_>) -> fmt::Result {
        Self::VALUE.show(show)
    }
}

/// The options of a step that is a layer around another, `TimeDistributed<Dropout(0.5)>`: those of the layer within are
/// carried by a type of their own. `model!` writes it for every step.
///
/// A layer around another is a layer with the options `O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>`, where
/// the layer within is one with `O::Within`.
pub trait OptionsWithin {
    /// Carries the options of the layer within.
    type Within;
}

/// The options of a step that gives none.
pub struct Defaults;
impl<L: Configured + ?Sized> OptionsOf<L> for Defaults {
    const VALUE: L::Options = L::Options::DEFAULT;
}
impl OptionsWithin for Defaults {
    type Within = Self;
}
