//! What recurrent layers have in common: the way through a sequence, with its options, and what does not fit.

use super::dropout::unless_below_one;
use super::unless_features;
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Forward, Inputs, Masking, Mistake, Needs, Output, Part};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Regularizer};
#[cfg(feature = "training")]
pub(super) use cell::{Back, Kept, TrainCell, add_columns, add_columns_of_h, products_back};
pub(super) use cell::{Cell, Step, Weights, add_product, add_products, columns, start};
pub(super) use dropping::Dropped;
pub(super) use gates::{activate, activate_before, sample_of_mut, within};
#[cfg(feature = "training")]
pub(super) use gates::{activate_back, sample_of, slope, slope_behind};
pub(super) use sequences::Given;
#[cfg(feature = "training")]
pub(super) use sequences::Gradients;
use sequences::Sequences;
#[cfg(feature = "training")]
pub(super) use wires::Places;

mod cell;
mod dropping;
mod gates;
mod sequences;
mod wires;

/// How a sequence is read, and what is given of it.
#[derive(Clone, Copy)]
pub struct Ways {
    pub(super) return_sequences: bool,
    pub(super) return_state: bool,
    pub(super) go_backwards: bool,
    pub(super) zero_output_for_mask: bool,
    pub(super) dropout: f32,
    pub(super) recurrent_dropout: f32,
    pub(super) activity: Option<Regularizer>,
}

/// A layer that goes through `[steps, FEATURES]`, with these options.
pub trait Recurrent<O> {
    /// What a step computes.
    type Cell: Cell;
    /// Numbers of a step of the input.
    const FEATURES: usize;
    /// Numbers of a step of the output.
    const UNITS: usize;
    /// The layer in a sentence.
    const WORDS: &'static str;
    /// The options.
    const WAYS: Ways;
    /// The activations, where they are not Keras's defaults.
    const DETAILS: &'static str;
    /// The weights, flat.
    fn weights(&self) -> Weights<'_>;
    /// Where their gradients are added.
    #[cfg(feature = "training")]
    fn gradients(&mut self) -> Gradients<'_>;
}

/// The options of [`Gru`](super::Gru) and [`SimpleRnn`](super::SimpleRnn): `Gru<3, 8>(return_sequences = true)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RecurrentOptions {
    /// Whether the output has every step, not only the last; `false` by default.
    #[option(default = false)]
    return_sequences: bool,
    /// Whether the last output is an output of its own too, behind the output: `branch (output, h) = …`; `false` by
    /// default.
    #[option(default = false)]
    return_state: bool,
    /// Whether the sequence is read from its end; an output of every step is then in that order too, as in Keras.
    /// `false` by default.
    #[option(default = false)]
    go_backwards: bool,
    /// Whether the output of a step that a mask leaves out is 0, and not that of the step before; the state is carried
    /// on all the same. `false` by default.
    #[option(default = false)]
    zero_output_for_mask: bool,
    /// While training, a number of a step's input becomes 0 with this probability, at all steps of a sample alike, and the
    /// others are divided by what is left of 1; 0 by default.
    #[option(default = 0.0)]
    dropout: f32,
    /// The same of the output before as it goes into the gates, which then have masks of their own, also of the input.
    #[option(default = 0.0)]
    recurrent_dropout: f32,
    /// `GlorotUniform` if not given.
    #[option(array)]
    pub(super) kernel: ArrayOptions,
    /// `Orthogonal(1.0)` if not given.
    #[option(array)]
    pub(super) recurrent: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    pub(super) bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

/// The options that all recurrent layers have, of one's options.
macro_rules! ways {
    ($options:expr) => {
        $crate::layers::recurrent::Ways {
            return_sequences: $options.return_sequences,
            return_state: $options.return_state,
            go_backwards: $options.go_backwards,
            zero_output_for_mask: $options.zero_output_for_mask,
            dropout: $options.dropout,
            recurrent_dropout: $options.recurrent_dropout,
            activity: $options.activity_regularizer,
        }
    };
}
pub(super) use ways;

impl RecurrentOptions {
    pub(super) const fn ways(&self) -> Ways {
        ways!(*self)
    }
}

const fn shape<L: Recurrent<O>, O, I: Inputs>() -> Shape {
    if L::WAYS.return_sequences { Shape::new(&[wires::steps::<I>(), L::UNITS]) } else { Shape::new(&[L::UNITS]) }
}

/// The output and the states, in Keras's order; a layer without a cell has the first two.
const fn parts<L: Recurrent<O>, O, I: Inputs>() -> [Part; 3] {
    let state = Shape::new(&[L::UNITS]);
    let output = Part::in_order("output", shape::<L, O, I>());
    [output, Part::in_order("state_h", state), Part::in_order("state_c", state)]
}

/// What comes out, and what is wrong whatever goes in.
const fn given<L: Recurrent<O>, O, I: Inputs>() -> Output {
    let output = if L::WAYS.return_state {
        let parts: &'static [Part; 3] = const { &parts::<L, O, I>() };
        Output::of_parts(parts.split_at(1 + L::Cell::STATES).0)
    } else {
        Output::new(shape::<L, O, I>())
    };
    output.or(unless_below_one("dropout", "rate", L::WAYS.dropout)).or(unless_below_one(
        "recurrent_dropout",
        "rate",
        L::WAYS.recurrent_dropout,
    ))
}

/// The names of the wires of the states.
pub(super) const fn states<L: Recurrent<O>, O>() -> &'static [&'static str] {
    if L::Cell::STATES > 1 { &["h", "c"] } else { &["h"] }
}

pub(super) const fn output<L: Recurrent<O>, O, In: Tensor>() -> Output {
    given::<L, O, In>()
        .or(Mistake::unless_numbers::<In>())
        .or(unless_sequence(L::FEATURES, L::WORDS, &In::SHAPE))
        .or(unless_features::<In>(L::FEATURES, 0))
}

/// The same of a sequence and the states before it.
pub(super) const fn output_of_wires<L: Recurrent<O>, O, I: Inputs>() -> Output {
    given::<L, O, I>().or(wires::mistake::<L, O>(I::WIRES))
}

/// The mistake of a layer, `words` in a sentence, that is given no sequence, if that is so.
pub(super) const fn unless_sequence(features: usize, words: &str, input: &Shape) -> Option<Mistake> {
    if input.rank() == 2 {
        return None;
    }
    let mistake = Mistake::shape(Text::new("takes a sequence [steps, ").number(features).and("]"));
    Some(
        mistake.advice(match input.rank() {
            0 => Text::new("declare the input as `[f32; steps, features]`"),
            1 => Text::new("an input is one as `[f32; steps, features]`, ")
                .and(words)
                .and(" before it gives one with `(return_sequences = true)`"),
            _ => Text::new("put `Reshape([steps, features])` before it"),
        }),
    )
}

pub(super) const fn needs<L: Recurrent<O>, O, I: Inputs>() -> Needs {
    let (steps, of_a_step) = (wires::steps::<I>(), L::FEATURES.saturating_add(L::UNITS).saturating_mul(L::UNITS));
    let needs = Sequences::<L::Cell>::new(1, steps, [L::FEATURES, L::UNITS], L::WAYS).needs();
    let needs = needs
        .multiplications(steps.saturating_mul(of_a_step.saturating_mul(L::Cell::GATES)))
        .activity(L::WAYS.activity);
    match (L::WAYS.return_sequences, I::WIRES.len()) {
        (false, _) => needs.masking(Masking::Heeds),
        (true, 1) => needs.masking(Masking::PassesOn),
        (true, _) => needs.masking(Masking::PassesOnOf(wires::Places::of(I::WIRES).sequence)),
    }
}

pub(super) fn forward<L: Recurrent<O>, O>(layer: &L, cx: &mut Forward<'_>, given: Given<'_>, y: &mut [f32]) {
    let random = cx.training.then_some(cx.random);
    let sequences = Sequences::<L::Cell>::of(&given, [L::FEATURES, L::UNITS], L::WAYS).dropping_by(random);
    sequences.forward(&layer.weights(), given.x, y, [&mut *cx.saved, &mut *cx.scratch], cx.keep);
}

#[cfg(feature = "training")]
pub(super) fn backward<L: Recurrent<O, Cell: TrainCell>, O>(
    layer: &L,
    cx: &mut Backward<'_, L>,
    given: Given<'_>,
    dy: &[f32],
    dx: Option<&mut [f32]>,
    initial: [Option<&mut [f32]>; 2],
) {
    let random = cx.training.then_some(cx.random);
    let sequences = Sequences::<L::Cell>::of(&given, [L::FEATURES, L::UNITS], L::WAYS).dropping_by(random);
    let gradients = cx.gradient.as_deref_mut().map(L::gradients);
    let memory = [&mut *cx.saved, &mut *cx.scratch];
    sequences.backward(&layer.weights(), given.x, dy, memory, (dx, initial), gradients);
}

/// A recurrent layer's `Layer`, `GoBackwards` and `TrainLayer`, the last where its activations have a way back.
macro_rules! recurrent {
    (impl[$($generics:tt)*] $layer:ty $(, where $($activation:ident: $trained:path),+)?) => {
        impl<In, O, $($generics)*> $crate::layer::Layer<In, O> for $layer
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
        {
            const OUTPUT: $crate::layer::Output = $crate::layers::recurrent::output::<Self, O, In>();
            const NEEDS: $crate::layer::Needs = $crate::layers::recurrent::needs::<Self, O, In>();
            const DETAILS: &'static str = <Self as $crate::layers::recurrent::Recurrent<O>>::DETAILS;

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let given = $crate::layers::recurrent::Given::of(x, cx.mask);
                $crate::layers::recurrent::forward::<Self, O>(self, cx, given, Out::numbers_mut(y));
            }
        }

        impl<W, O, const WIRES: usize, $($generics)*> $crate::layer::Layer<$crate::layer::Several<W, WIRES>, O> for $layer
        where
            W: $crate::layer::Wires,
            O: $crate::weights::OptionsOf<Self>,
        {
            const OUTPUT: $crate::layer::Output =
                $crate::layers::recurrent::output_of_wires::<Self, O, $crate::layer::Several<W, WIRES>>();
            const NEEDS: $crate::layer::Needs =
                $crate::layers::recurrent::needs::<Self, O, $crate::layer::Several<W, WIRES>>();
            const DETAILS: &'static str = <Self as $crate::layers::recurrent::Recurrent<O>>::DETAILS;

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[$crate::layer::Operand<'_>],
                y: &mut [Out],
            ) {
                let given = $crate::layers::recurrent::Given::of_wires(x, W::WIRES);
                $crate::layers::recurrent::forward::<Self, O>(self, cx, given, Out::numbers_mut(y));
            }
        }

        impl<O, $($generics)*> $crate::layers::GoBackwards<O> for $layer
        where
            O: $crate::weights::OptionsOf<Self>,
        {
            const FORWARDS: <Self as $crate::weights::Configured>::Options = O::VALUE
                .zero_output_for_mask(<Self as $crate::layers::recurrent::Recurrent<O>>::WAYS.return_sequences);
            const BACKWARDS: <Self as $crate::weights::Configured>::Options =
                <Self as $crate::layers::GoBackwards<O>>::FORWARDS
                    .go_backwards(!<Self as $crate::layers::recurrent::Recurrent<O>>::WAYS.go_backwards);
            const RETURN_SEQUENCES: bool = <Self as $crate::layers::recurrent::Recurrent<O>>::WAYS.return_sequences;
            const STATES: &'static [&'static str] = $crate::layers::recurrent::states::<Self, O>();
        }

        #[cfg(feature = "training")]
        impl<In, O, $($generics)*> $crate::layer::TrainLayer<In, O> for $layer
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            $($($activation: $trained,)+)?
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let given = $crate::layers::recurrent::Given::of(x, cx.mask);
                let (dy, dx) = (Out::numbers(dy), dx.map(In::numbers_mut));
                $crate::layers::recurrent::backward::<Self, O>(self, cx, given, dy, dx, [None, None]);
            }
        }

        #[cfg(feature = "training")]
        impl<W, O, const WIRES: usize, $($generics)*> $crate::layer::TrainLayer<$crate::layer::Several<W, WIRES>, O>
            for $layer
        where
            W: $crate::layer::Wires,
            O: $crate::weights::OptionsOf<Self>,
            $($($activation: $trained,)+)?
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[$crate::layer::Operand<'_>],
                _y: &[Out],
                dy: &mut [Out],
                dx: &mut [Option<&mut [f32]>],
            ) {
                let given = $crate::layers::recurrent::Given::of_wires(x, W::WIRES);
                let [sequence, h, c] = $crate::layers::recurrent::Places::of(W::WIRES).each(dx);
                $crate::layers::recurrent::backward::<Self, O>(self, cx, given, Out::numbers(dy), sequence, [h, c]);
            }
        }
    };
}
pub(super) use recurrent;
