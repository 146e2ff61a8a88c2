//! What a layer makes of its input at compile time.

use super::{Part, StepNode};
use crate::shape::{Element, ElementType, Shape, Tensor, Text};
use crate::weights::{Entry, mistake, of_activity};

/// What comes out of a layer for one input shape and one set of options, or what is wrong with them.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::Shape;
/// use fusion::layer::{Mistake, Output};
/// const OUTPUT: Output = Output::new(Shape::new(&[4])).or(Some(Mistake::features(6, 0, 8)));
/// assert_eq!(OUTPUT.shape, Shape::new(&[4]));
/// assert!(OUTPUT.mistake.is_some());
/// ```
#[derive(Clone, Copy)]
pub struct Output {
    /// The output's shape. Where there is a mistake, the shape that the layer declares, so that
    /// later mistakes are found in the same compilation.
    pub shape: Shape,
    /// Numbers, or ids.
    pub element: ElementType,
    /// The outputs that share it, where there are several: see [`Output::of_parts`].
    pub parts: &'static [Part],
    /// What is wrong with the input or the options, if anything.
    pub mistake: Option<Mistake>,
}

impl Output {
    /// Numbers of this shape.
    #[must_use]
    pub const fn new(shape: Shape) -> Self {
        Self { shape, element: ElementType::F32, parts: &[], mistake: None }
    }

    /// What reaches the layer in this shape, numbers or ids.
    #[must_use]
    pub const fn same_as<In: Tensor>(shape: Shape) -> Self {
        Self { shape, element: In::Element::TYPE, parts: &[], mistake: None }
    }

    /// Ids of this shape.
    #[must_use]
    pub const fn ids(shape: Shape) -> Self {
        Self { shape, element: ElementType::U32, parts: &[], mistake: None }
    }

    /// The same output, with this mistake unless there is one already.
    #[must_use]
    pub const fn or(mut self, mistake: Option<Mistake>) -> Self {
        if self.mistake.is_none() {
            self.mistake = mistake;
        }
        self
    }
}

/// What is wrong, in a layer's own words; the compiler's message puts them together with the
/// user's: "`Dense<10, 4>` takes *10 features*, but `x` gives it 8; *write `Dense<8, 4>` or …*".
#[derive(Clone, Copy)]
pub struct Mistake {
    pub(crate) takes: Text,
    pub(crate) found: Found,
    pub(crate) remedy: Remedy,
    pub(crate) option: Option<&'static str>,
}

/// What of its input a layer finds wrong.
#[derive(Clone, Copy)]
pub(crate) enum Found {
    Features,
    Shape,
    Ids,
    Numbers,
    Nothing,
    /// The layer is wrong whatever its input.
    Irrelevant,
    /// The operands of a merge do not go together.
    Operands,
}

/// How to mend it.
#[derive(Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "constants have no heap to box a text in")]
pub(crate) enum Remedy {
    Argument { index: usize, value: usize },
    Advice(Text),
    Nothing,
}

impl Mistake {
    /// The layer takes another number of features, which its generic argument `index` (from 0) says.
    #[must_use]
    pub const fn features(takes: usize, index: usize, found: usize) -> Self {
        let takes = Text::new("takes ").number(takes).and(if takes == 1 { " feature" } else { " features" });
        Self { takes, found: Found::Features, remedy: Remedy::Argument { index, value: found }, option: None }
    }

    /// The layer takes another shape: `takes` says which ("takes an image [height, width, channels]").
    #[must_use]
    pub const fn shape(takes: Text) -> Self {
        Self { takes, found: Found::Shape, remedy: Remedy::Nothing, option: None }
    }

    /// The layer takes numbers, but ids reach it.
    #[must_use]
    pub const fn element(takes: Text) -> Self {
        Self { takes, found: Found::Ids, remedy: Remedy::Nothing, option: None }
    }

    /// Another mistake: `words` go on after the layer's name ("has 2 outputs; …").
    #[must_use]
    pub const fn sentence(words: Text) -> Self {
        Self { takes: words, found: Found::Nothing, remedy: Remedy::Nothing, option: None }
    }

    /// The option of this name has a value that it cannot have; the message is a whole sentence.
    #[must_use]
    pub const fn option(name: &'static str, message: Text) -> Self {
        Self { takes: message, found: Found::Nothing, remedy: Remedy::Nothing, option: Some(name) }
    }

    /// The mistake of a layer with these weights that was given an initializer, a regularizer or a constraint which
    /// they cannot have, if that is so.
    #[doc(hidden)]
    #[must_use]
    pub const fn unless_weights(entry: &Entry) -> Option<Self> {
        match mistake(core::slice::from_ref(entry)) {
            Some((option, message)) => Some(Self::option(option, message)),
            None => None,
        }
    }

    /// The mistake of a step whose output was given a regularizer that it cannot have, if that is so.
    #[doc(hidden)]
    #[must_use]
    pub const fn unless_activity(step: &StepNode) -> Option<Self> {
        let Some(regularizer) = &step.needs.activity else { return None };
        match of_activity(regularizer) {
            Some(words) => Some(Self::option("activity_regularizer", Text::new(words))),
            None => None,
        }
    }

    /// The layer lacks something, whatever reaches it: `lacks` says what ("needs a rate").
    #[must_use]
    pub const fn missing(lacks: Text) -> Self {
        Self { takes: lacks, found: Found::Irrelevant, remedy: Remedy::Nothing, option: None }
    }

    /// The operands of a merge do not go together, or, with the name of an option, its value does not go with them;
    /// the message is a whole sentence.
    #[must_use]
    pub const fn operands(message: Text, option: Option<&'static str>) -> Self {
        Self { takes: message, found: Found::Operands, remedy: Remedy::Nothing, option }
    }

    /// Adds what to do about it, as the end of a sentence: "put `Flatten` before it".
    #[must_use]
    pub const fn advice(mut self, advice: Text) -> Self {
        self.remedy = Remedy::Advice(advice);
        self
    }

    /// The same of a layer within another one: the argument that it speaks of is not one of the layer around it.
    pub(crate) const fn within(self) -> Self {
        match self.remedy {
            Remedy::Argument { value, .. } => {
                self.advice(Text::new("write ").number(value).and(" or `_` in its place"))
            }
            _ => self,
        }
    }

    /// The mistake of a layer of ids that is given numbers, if that is so.
    #[must_use]
    pub const fn unless_ids<In: Tensor>() -> Option<Self> {
        if !In::Element::IS_NUMBER {
            return None;
        }
        let mut advice =
            Text::new(if In::SHAPE.rank() == 0 { "declare the input as `u32" } else { "declare the input as `[u32" });
        let mut i = 0;
        while i < In::SHAPE.rank() {
            advice = advice.and(if i == 0 { "; " } else { ", " }).number(In::SHAPE.dim(i));
            i += 1;
        }
        let end = if In::SHAPE.rank() == 0 { "`" } else { "]`" };
        let takes = Text::new("takes ids (`u32`)");
        let mistake = Self { takes, found: Found::Numbers, remedy: Remedy::Nothing, option: None };
        Some(mistake.advice(advice.and(end)))
    }

    /// The mistake of a layer along a dimension that is given a single number, if that is so.
    #[must_use]
    pub const fn unless_dimensions<In: Tensor>() -> Option<Self> {
        if In::SHAPE.rank() > 0 {
            return None;
        }
        let advice = Text::new("declare the input as `[f32; 1]`, or put `Reshape([1])` before it");
        Some(Self::shape(Text::new("takes at least one dimension")).advice(advice))
    }

    /// The mistake of a layer of numbers that is given ids, if that is so.
    #[must_use]
    pub const fn unless_numbers<In: Tensor>() -> Option<Self> {
        if In::Element::IS_NUMBER {
            return None;
        }
        let advice = Text::new("put `Embedding<IDS, FEATURES>` before it, or declare the input as `f32`");
        Some(Self::element(Text::new("takes numbers (`f32`)")).advice(advice))
    }
}
