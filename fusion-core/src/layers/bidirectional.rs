//! A recurrent layer in both directions.

use core::mem::take;

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, InputError, Layer, Mistake, Needs, Output, Part, State};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{Configured, OptionsOf, OptionsWithin};
use directions::{Backwards, Forwards};
use merging::Merging;

mod directions;
mod merging;

pub use directions::GoBackwards;

/// A recurrent layer that reads a sequence from its beginning, and another one that reads it from its end, `[steps,
/// features]` → `[2 · UNITS]`, or `[steps, 2 · UNITS]` where the layers return sequences: Keras's `layers.Bidirectional`
/// (Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997).
///
/// At each step what the two give stands one behind the other, f | b. With `merge_mode = Sum` it is f + b, with `Ave` (f + b)
/// / 2 and with `Mul` f · b, each of as many numbers as one layer gives. Both have the options that stand behind the layer,
/// `Bidirectional<Lstm<_, 8>(return_sequences = true)>(merge_mode = Sum)`; of the second one `go_backwards` is the contrary,
/// and what it gives of all steps is turned around, so that both are of the same step. With `return_state = true` the states
/// of both are outputs too, the first one's before the second one's.
///
/// A mask goes to both layers, and on with the output where that has every step. There a step that is left out gives 0,
/// whatever is said of `zero_output_for_mask`, as in Keras.
///
/// `Lstm`, `Gru`, `SimpleRnn` and the convolutional ones may stand within, and a layer of your own that is [`GoBackwards`].
/// The weights stand below the layer's name, `bidirectional/forward_lstm/lstm_cell/kernel` and
/// `bidirectional/backward_lstm/lstm_cell/kernel`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Bidirectional, BidirectionalOptions, Lstm, MergeMode};
/// use fusion::weights::{Defaults, Options, OptionsOf, OptionsWithin};
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 10];
/// type Both = Bidirectional<Lstm<3, 8>>;
/// assert_eq!(<Both as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[16]));
/// assert_eq!(<Both as Parameters>::COUNT, 2 * 4 * 8 * (3 + 8 + 1));
///
/// struct Added; // `Bidirectional<Lstm<3, 8>>(merge_mode = Sum)` in `model!`
/// impl OptionsOf<Both> for Added {
///     const VALUE: BidirectionalOptions = BidirectionalOptions::DEFAULT.merge_mode(MergeMode::Sum);
/// }
/// impl OptionsWithin for Added {
///     type Within = Defaults;
/// }
/// assert_eq!(<Both as Layer<Sequence, Added>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[repr(C)]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = BidirectionalOptions, example = "Bidirectional<Lstm<_, 32>>")]
pub struct Bidirectional<L> {
    /// What reads the sequence from its beginning.
    #[parameter(name = const { &Text::new("forward_").and(<L as Configured>::NAME) }.as_str(), within)]
    pub forward: L,
    /// What reads it from its end.
    #[parameter(name = const { &Text::new("backward_").and(<L as Configured>::NAME) }.as_str(), within)]
    pub backward: L,
}

/// How what the two layers of a [`Bidirectional`] give becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeMode {
    /// f | b, one behind the other.
    Concat,
    /// f + b.
    Sum,
    /// f · b, number by number.
    Mul,
    /// (f + b) / 2.
    Ave,
}

/// The options of [`Bidirectional`]: `Bidirectional<Lstm<3, 8>>(merge_mode = Sum)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct BidirectionalOptions {
    /// How what the two give becomes one; `Concat` by default.
    #[option(default = MergeMode::Concat)]
    merge_mode: MergeMode,
}

/// So many outputs a layer within may have: its output and its states.
const MOST_PARTS: usize = 4;

/// What the layer within gives, as `In` reaches it.
struct Within<L, In, O>(L, In, O);

impl<L, In, O> Within<L, In, O>
where
    In: Tensor,
    O: OptionsOf<L>,
    L: GoBackwards<O> + Layer<In, Forwards<O>>,
{
    const OUTPUT: Output = <L as Layer<In, Forwards<O>>>::OUTPUT;
    const NEEDS: Needs = <L as Layer<In, Forwards<O>>>::NEEDS;
    /// Numbers that one of the two gives of a sample.
    const LENGTH: usize = Self::OUTPUT.shape.length();
    /// How the states are called in messages: those of the one, then those of the other.
    const STATES: &'static [[Text; MOST_PARTS]; 2] =
        &[states("forward_", Self::OUTPUT.parts), states("backward_", Self::OUTPUT.parts)];

    const fn merging(options: &BidirectionalOptions) -> Merging {
        let shape = one_of(&Self::OUTPUT);
        let steps = if L::RETURN_SEQUENCES { shape.dim(0) } else { 1 };
        Merging::new(options.merge_mode, &shape, steps, Self::LENGTH)
    }

    /// The outputs, the merged one first.
    const fn parts(merged: Shape) -> [Part; 2 * MOST_PARTS - 1] {
        let inner = Self::OUTPUT.parts;
        let mut parts = [Part::in_order("output", merged); 2 * MOST_PARTS - 1];
        let mut i = 1;
        while i < inner.len() && inner.len() <= MOST_PARTS {
            parts[i] = Part::in_order(Self::STATES[0][i].as_str(), inner[i].shape);
            parts[inner.len() - 1 + i] = Part::in_order(Self::STATES[1][i].as_str(), inner[i].shape);
            i += 1;
        }
        parts
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
const fn one_of(output: &Output) -> Shape {
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

impl<In, O, L> Layer<In, O> for Bidirectional<L>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: GoBackwards<O::Within> + Layer<In, Forwards<O::Within>> + Layer<In, Backwards<O::Within>>,
{
    const OUTPUT: Output = {
        let (inner, merged) =
            (&Within::<L, In, O::Within>::OUTPUT, O::VALUE.merged(&Within::<L, In, O::Within>::OUTPUT));
        let output = if inner.parts.is_empty() {
            Output::new(merged)
        } else {
            let parts: &'static [Part] = const {
                let merged = O::VALUE.merged(&Within::<L, In, O::Within>::OUTPUT);
                &Within::<L, In, O::Within>::parts(merged)
            };
            let count = 2 * inner.parts.len() - 1;
            Output::of_parts(parts.split_at(if count < parts.len() { count } else { parts.len() }).0)
        };
        output.or(mistake(inner, &Within::<L, In, O::Within>::NEEDS))
    };
    const NEEDS: Needs = {
        let (inner, length) = (Within::<L, In, O::Within>::NEEDS, Within::<L, In, O::Within>::LENGTH);
        let (one, both) = (Floats::per_sample(length), Floats::per_sample(length.saturating_mul(2)));
        Needs::NONE
            .saved(inner.saved.times(2, 2).and(both))
            .saved_in_inference(inner.saved_in_inference.and(both))
            .scratch(inner.scratch)
            .backward_scratch(inner.backward_scratch.and(one).and(Floats::per_sample(In::SHAPE.length())))
            .multiplications(inner.multiplications.saturating_mul(2))
            .couples_samples(inner.couples_samples)
            .masking(inner.masking)
    };
    const DETAILS: &'static str = {
        let text: &'static Text = if <L as Layer<In, Forwards<O::Within>>>::DETAILS.is_empty() {
            const { &Text::new(L::CLASS) }
        } else {
            const { &Text::new(L::CLASS).and(" ").and(<L as Layer<In, Forwards<O::Within>>>::DETAILS) }
        };
        text.as_str()
    };

    fn check(&self, cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
        let result =
            Layer::<In, Forwards<O::Within>>::check(&self.forward, &mut cx.within(cx.random, saved, scratch), x);
        (cx.saved, cx.scratch) = (saved, scratch);
        result
    }

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let length = Within::<L, In, O::Within>::LENGTH * x.len();
        let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
        let (outputs, saved) = saved.split_at_mut(2 * length);
        let (forwards, backwards) = outputs.split_at_mut(length);
        let kept = if cx.keep { Within::<L, In, O::Within>::NEEDS.saved.of(x.len()) } else { 0 };
        let [one, other] = in_directions(cx.random);
        let inner = &mut cx.within(one, &mut *saved, &mut *scratch);
        Layer::<In, Forwards<O::Within>>::forward(&self.forward, inner, x, forwards);
        // In inference nothing is kept, and both have the same memory.
        let inner = &mut cx.within(other, &mut saved[kept..], scratch);
        Layer::<In, Backwards<O::Within>>::forward(&self.backward, inner, x, backwards);
        Within::<L, In, O::Within>::merging(&O::VALUE).merge(forwards, backwards, Out::numbers_mut(y));
    }

    fn update_state(&mut self, cx: &mut State<'_>) {
        let kept = Within::<L, In, O::Within>::NEEDS.saved.of(cx.samples);
        let (_, saved) = cx.saved.split_at_mut(2 * Within::<L, In, O::Within>::LENGTH * cx.samples);
        let (one, other) = saved.split_at_mut(kept);
        Layer::<In, Forwards<O::Within>>::update_state(&mut self.forward, &mut State::new(cx.samples, one));
        Layer::<In, Backwards<O::Within>>::update_state(&mut self.backward, &mut State::new(cx.samples, other));
    }
}

impl BidirectionalOptions {
    const fn merged(&self, inner: &Output) -> Shape {
        let shape = one_of(inner);
        match self.merge_mode {
            MergeMode::Concat => shape.with_last(shape.last().saturating_mul(2)),
            MergeMode::Sum | MergeMode::Mul | MergeMode::Ave => shape,
        }
    }
}

/// The random numbers of each of the two layers.
const fn in_directions(random: crate::Random) -> [crate::Random; 2] {
    [random.in_layer(0), random.in_layer(1)]
}

#[cfg(feature = "training")]
impl<In, O, L> TrainLayer<In, O> for Bidirectional<L>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: GoBackwards<O::Within> + TrainLayer<In, Forwards<O::Within>> + TrainLayer<In, Backwards<O::Within>>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        mut dx: Option<&mut [In]>,
    ) {
        let merging = Within::<L, In, O::Within>::merging(&O::VALUE);
        let (samples, dy) = (x.len(), Out::numbers(dy));
        let length = Within::<L, In, O::Within>::LENGTH * samples;
        let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
        let (outputs, saved) = saved.split_at_mut(2 * length);
        let (forwards, backwards) = outputs.split_at(length);
        let (saved, other_saved) = saved.split_at_mut(Within::<L, In, O::Within>::NEEDS.saved.of(samples));
        let (gradient, scratch) = scratch.split_at_mut(length);
        let (other_dx, scratch) = scratch.split_at_mut(In::SHAPE.length() * samples);
        let [random, other_random] = in_directions(cx.random);

        merging.forwards_gradient(dy, backwards, gradient);
        let inner = &mut cx.within(|this| &mut this.forward, random, saved, &mut *scratch);
        TrainLayer::<In, Forwards<O::Within>>::backward(&self.forward, inner, x, forwards, gradient, dx.as_deref_mut());

        merging.backwards_gradient(dy, forwards, gradient);
        let inner = &mut cx.within(|this| &mut this.backward, other_random, other_saved, scratch);
        let rows = dx.is_some().then(|| In::of_memory_mut(other_dx));
        TrainLayer::<In, Backwards<O::Within>>::backward(&self.backward, inner, x, backwards, gradient, rows);
        if let Some(dx) = dx {
            In::numbers_mut(dx).iter_mut().zip(&*other_dx).for_each(|(sum, dx)| *sum += dx);
        }
    }
}

#[cfg(test)]
mod tests;
