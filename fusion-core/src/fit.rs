//! What a layer says of its input at compile time.

use crate::{Shape, Tensor, Text};

/// What a layer makes of its input's shape.
#[derive(Clone, Copy)]
pub struct Fit {
    /// The output's shape. Where there is a mistake, the shape that the layer declares, so that
    /// later mistakes are found in the same compilation.
    pub output: Shape,
    /// What is wrong with the input or the options, if anything.
    pub mistake: Option<Mistake>,
}

impl Fit {
    /// The input fits.
    #[must_use]
    pub const fn new(output: Shape) -> Self {
        Self { output, mistake: None }
    }

    /// The input does not fit.
    #[must_use]
    pub const fn wrong(output: Shape, mistake: Mistake) -> Self {
        Self { output, mistake: Some(mistake) }
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
    pub(crate) gives: Gives,
    pub(crate) mend: Mend,
    pub(crate) option: Option<&'static str>,
}

/// What of its input a layer finds wrong.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    Features,
    Shape,
    Ids,
    Numbers,
    Nothing,
    /// The layer is wrong whatever its input.
    Irrelevant,
}

/// How to mend it.
#[derive(Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "constants have no heap to box a text in")]
pub(crate) enum Mend {
    Argument { index: usize, value: usize },
    Advice(Text),
    Nothing,
}

impl Mistake {
    /// The layer takes another number of features, which its generic argument `index` (from 0) says.
    #[must_use]
    pub const fn features(takes: usize, index: usize, found: usize) -> Self {
        let takes = Text::new("takes ").number(takes).and(if takes == 1 { " feature" } else { " features" });
        Self { takes, gives: Gives::Features, mend: Mend::Argument { index, value: found }, option: None }
    }

    /// The layer takes another shape: `takes` says which ("takes an image [height, width, channels]").
    #[must_use]
    pub const fn shape(takes: Text) -> Self {
        Self { takes, gives: Gives::Shape, mend: Mend::Nothing, option: None }
    }

    /// The layer takes numbers, but ids reach it.
    #[must_use]
    pub const fn element(takes: Text) -> Self {
        Self { takes, gives: Gives::Ids, mend: Mend::Nothing, option: None }
    }

    /// Another mistake: `words` go on after the layer's name ("has 2 outputs; …").
    #[must_use]
    pub const fn sentence(words: Text) -> Self {
        Self { takes: words, gives: Gives::Nothing, mend: Mend::Nothing, option: None }
    }

    /// The option of this name has a value that it cannot have; the message is a whole sentence.
    #[must_use]
    pub const fn option(name: &'static str, message: Text) -> Self {
        Self { takes: message, gives: Gives::Nothing, mend: Mend::Nothing, option: Some(name) }
    }

    /// The layer lacks something, whatever reaches it: `lacks` says what ("needs a rate").
    #[must_use]
    pub const fn missing(lacks: Text) -> Self {
        Self { takes: lacks, gives: Gives::Irrelevant, mend: Mend::Nothing, option: None }
    }

    /// Adds what to do about it, as the end of a sentence: "put `Flatten` before it".
    #[must_use]
    pub const fn advice(mut self, advice: Text) -> Self {
        self.mend = Mend::Advice(advice);
        self
    }

    /// The mistake of a layer of ids that is given numbers, if that is so.
    #[must_use]
    pub const fn unless_ids<In: Tensor>() -> Option<Self> {
        if !<In::Element as crate::tensor::Element>::IS_NUMBER {
            return None;
        }
        let mut advice = Text::new("declare the input as `[u32");
        let mut i = 0;
        while i < In::SHAPE.rank {
            advice = advice.and(if i == 0 { "; " } else { ", " }).number(In::SHAPE.dims[i]);
            i += 1;
        }
        let takes = Text::new("takes ids (`u32`)");
        let mistake = Self { takes, gives: Gives::Numbers, mend: Mend::Nothing, option: None };
        Some(mistake.advice(advice.and("]`")))
    }

    /// The mistake of a layer of numbers that is given ids, if that is so.
    #[must_use]
    pub const fn unless_numbers<In: Tensor>() -> Option<Self> {
        if <In::Element as crate::tensor::Element>::IS_NUMBER {
            return None;
        }
        let advice = Text::new("put `Embedding<IDS, FEATURES>` before it, or declare the input as `f32`");
        Some(Self::element(Text::new("takes numbers (`f32`)")).advice(advice))
    }
}
