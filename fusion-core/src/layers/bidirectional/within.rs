//! What two of a layer give together, as constants.

use core::marker::PhantomData;

use super::both::Both;
use super::directions::Forwards;
use super::merging::Merging;
use super::{Bidirectional, BidirectionalOptions, GoBackwards, MergeMode};
use crate::layer::{Floats, Inputs, Layer, Masking, Mistake, Needs, Output, Part};
use crate::shape::{Shape, Text};
use crate::weights::{OptionsOf, OptionsWithin};

/// So many outputs a layer within may have: its output and its states.
const MOST_PARTS: usize = 4;

/// The layer within, as `I` reaches it, and the options `O` of the one around.
pub(super) struct Within<L, I, O>(PhantomData<(L, I, O)>);

impl<L, I, O> Within<L, I, O>
where
    I: Inputs,
    O: OptionsOf<Bidirectional<L>> + OptionsWithin<Within: OptionsOf<L>>,
    L: GoBackwards<O::Within> + Layer<I, Forwards<O::Within>>,
{
    /// What the layer within gives, and what is wrong with it.
    const INNER: Output = <L as Layer<I, Forwards<O::Within>>>::OUTPUT;
    pub(super) const INNER_NEEDS: Needs = <L as Layer<I, Forwards<O::Within>>>::NEEDS;
    /// How the states are called in messages: those of the one, then those of the other.
    const STATES: &'static [[Text; MOST_PARTS]; 2] =
        &[states("forward_", Self::INNER.parts), states("backward_", Self::INNER.parts)];
    const PARTS: &'static [Part; 2 * MOST_PARTS] = &Self::parts();

    pub(super) const OUTPUT: Output = {
        let count = Self::outputs() + 2 * Self::INNER.parts.len().saturating_sub(1);
        let output = if count == 1 {
            Output::new(O::VALUE.merged(&Self::INNER))
        } else {
            let most = Self::PARTS.len();
            Output::of_parts(Self::PARTS.split_at(if count < most { count } else { most }).0)
        };
        output.or(mistake(&Self::INNER, &Self::INNER_NEEDS))
    };
    pub(super) const DETAILS: &'static str = {
        let text: &'static Text = if <L as Layer<I, Forwards<O::Within>>>::DETAILS.is_empty() {
            const { &Text::new(L::CLASS) }
        } else {
            const { &Text::new(L::CLASS).and(" ").and(<L as Layer<I, Forwards<O::Within>>>::DETAILS) }
        };
        text.as_str()
    };

    /// How many outputs are no states.
    const fn outputs() -> usize {
        if matches!(O::VALUE.merge_mode, MergeMode::None) { 2 } else { 1 }
    }

    /// The outputs: that of both or those of each, then the states.
    const fn parts() -> [Part; 2 * MOST_PARTS] {
        let (inner, outputs, merged) = (Self::INNER.parts, Self::outputs(), O::VALUE.merged(&Self::INNER));
        let mut parts = [Part::in_order("output", merged); 2 * MOST_PARTS];
        if outputs == 2 {
            parts[0] = Part::in_order("forward_output", merged);
            parts[1] = Part::in_order("backward_output", merged);
        }
        let mut i = 1;
        while i < inner.len() && inner.len() <= MOST_PARTS {
            let (one, other) = (outputs + i - 1, outputs + inner.len() - 2 + i);
            parts[one] = Part::in_order(Self::STATES[0][i].as_str(), inner[i].shape);
            parts[other] = Part::in_order(Self::STATES[1][i].as_str(), inner[i].shape);
            i += 1;
        }
        parts
    }

    /// What both need, of a sequence of this shape.
    pub(super) const fn needs(sequence: &Shape, masking: Masking) -> Needs {
        let (inner, length) = (Self::INNER_NEEDS, Self::INNER.shape.length());
        let (one, both) = (Floats::per_sample(length), Floats::per_sample(length.saturating_mul(2)));
        Needs::NONE
            .saved(inner.saved.times(2, 2).and(both))
            .saved_in_inference(inner.saved_in_inference.and(both))
            .scratch(inner.scratch)
            .backward_scratch(inner.backward_scratch.and(one).and(Floats::per_sample(sequence.length())))
            .multiplications(inner.multiplications.saturating_mul(2))
            .couples_samples(inner.couples_samples)
            .masking(masking)
            .masked_outputs(Self::outputs())
    }

    /// Both on the way through so many samples.
    pub(super) const fn both(samples: usize) -> Both {
        let shape = one_of(&Self::INNER);
        let steps = if L::RETURN_SEQUENCES { shape.dim(0) } else { 1 };
        let merging = Merging::new(O::VALUE.merge_mode, &shape, steps, Self::INNER.shape.length());
        Both { merging, kept: Self::INNER_NEEDS.saved.of(samples), samples }
    }
}

impl BidirectionalOptions {
    /// The shape of an output that is no state.
    const fn merged(&self, inner: &Output) -> Shape {
        let shape = one_of(inner);
        match self.merge_mode {
            MergeMode::Concat => shape.with_last(shape.last().saturating_mul(2)),
            MergeMode::Sum | MergeMode::Mul | MergeMode::Ave | MergeMode::None => shape,
        }
    }
}

const fn states(before: &str, parts: &[Part]) -> [Text; MOST_PARTS] {
    let mut texts = [Text::new(before); MOST_PARTS];
    let mut i = 0;
    while i < parts.len() && i < MOST_PARTS {
        texts[i] = texts[i].and(parts[i].what);
        i += 1;
    }
    texts
}

/// The shape of the output that is merged with that of the other layer.
pub(super) const fn one_of(output: &Output) -> Shape {
    if output.parts.is_empty() { output.shape } else { output.parts[0].shape }
}

/// What is wrong with the layer within, if anything.
const fn mistake(output: &Output, needs: &Needs) -> Option<Mistake> {
    if let Some(mistake) = output.mistake {
        return Some(mistake.within());
    }
    if output.parts.len() > MOST_PARTS {
        return Some(Mistake::sentence(Text::new("takes a layer with at most three states")));
    }
    if needs.activity.is_some() || needs.activity_within {
        let text = Text::new("would lose the penalty of what its layer gives: put `ActivityRegularization` behind it");
        return Some(Mistake::sentence(text));
    }
    None
}
