//! What recurrent layers have in common: the way through a sequence, with its options, and what does not fit.

use super::unless_features;
use crate::layer::{Masking, Mistake, Needs, Output, Part};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Regularizer};
#[cfg(feature = "training")]
pub(super) use cell::{Back, Kept, TrainCell, add_columns};
pub(super) use cell::{Cell, Step, Weights, add_product, columns, start};
#[cfg(feature = "training")]
pub(super) use sequences::Gradients;
pub(super) use sequences::Sequences;

mod cell;
mod sequences;

/// How a sequence is read, and what is given of it.
#[derive(Clone, Copy)]
pub struct Ways {
    pub(super) return_sequences: bool,
    pub(super) return_state: bool,
    pub(super) go_backwards: bool,
    pub(super) zero_output_for_mask: bool,
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

impl RecurrentOptions {
    pub(super) const fn ways(&self) -> Ways {
        let Self { return_sequences, return_state, go_backwards, zero_output_for_mask, .. } = *self;
        Ways { return_sequences, return_state, go_backwards, zero_output_for_mask, activity: self.activity_regularizer }
    }
}

const fn shape<L: Recurrent<O>, O, In: Tensor>() -> Shape {
    if L::WAYS.return_sequences { Shape::new(&[In::SHAPE.dim(0), L::UNITS]) } else { Shape::new(&[L::UNITS]) }
}

/// The output and the states, in Keras's order; a layer without a cell has the first two.
const fn parts<L: Recurrent<O>, O, In: Tensor>() -> [Part; 3] {
    let state = Shape::new(&[L::UNITS]);
    let output = Part::in_order("output", shape::<L, O, In>());
    [output, Part::in_order("state_h", state), Part::in_order("state_c", state)]
}

pub(super) const fn output<L: Recurrent<O>, O, In: Tensor>() -> Output {
    if L::WAYS.return_state {
        let parts: &'static [Part; 3] = const { &parts::<L, O, In>() };
        Output::of_parts(parts.split_at(1 + L::Cell::STATES).0)
    } else {
        Output::new(shape::<L, O, In>())
    }
    .or(Mistake::unless_numbers::<In>())
    .or(unless_sequence::<L, O>(&In::SHAPE))
    .or(unless_features::<In>(L::FEATURES, 0))
}

const fn unless_sequence<L: Recurrent<O>, O>(input: &Shape) -> Option<Mistake> {
    if input.rank() == 2 {
        return None;
    }
    let mistake = Mistake::shape(Text::new("takes a sequence [steps, ").number(L::FEATURES).and("]"));
    Some(mistake.advice(match input.rank() {
        0 => Text::new("declare the input as `[f32; steps, features]`"),
        1 => Text::new(L::WORDS).and(" before it gives one with `(return_sequences = true)`"),
        _ => Text::new("put `Reshape([steps, features])` before it"),
    }))
}

pub(super) const fn needs<L: Recurrent<O>, O, In: Tensor>() -> Needs {
    let of_a_step = L::FEATURES.saturating_add(L::UNITS).saturating_mul(L::UNITS).saturating_mul(L::Cell::GATES);
    sequences::<L, O, In>(1)
        .needs()
        .multiplications(In::SHAPE.dim(0).saturating_mul(of_a_step))
        .masking(if L::WAYS.return_sequences { Masking::PassesOn } else { Masking::Heeds })
        .activity(L::WAYS.activity)
}

/// So many sequences, without a mask.
pub(super) const fn sequences<L: Recurrent<O>, O, In: Tensor>(samples: usize) -> Sequences<'static, L::Cell> {
    Sequences::new(samples, In::SHAPE.dim(0), [L::FEATURES, L::UNITS], L::WAYS)
}

/// A recurrent layer's `Layer`, `GoBackwards` and `TrainLayer`, the last where its activation has a way back.
macro_rules! recurrent {
    (impl[$($generics:tt)*] $layer:ty $(, where $activation:ident: $trained:path)?) => {
        impl<In, O, $($generics)*> $crate::layer::Layer<In, O> for $layer
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
        {
            const OUTPUT: $crate::layer::Output = $crate::layers::recurrent::output::<Self, O, In>();
            const NEEDS: $crate::layer::Needs = $crate::layers::recurrent::needs::<Self, O, In>();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let mask = cx.mask_of(x.len() * In::SHAPE.dim(0));
                let sequences = $crate::layers::recurrent::sequences::<Self, O, In>(x.len()).with_mask(mask);
                let weights = $crate::layers::recurrent::Recurrent::<O>::weights(self);
                sequences.forward(&weights, In::numbers(x), Out::numbers_mut(y), cx.saved, cx.keep);
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
        }

        #[cfg(feature = "training")]
        impl<In, O, $($generics)*> $crate::layer::TrainLayer<In, O> for $layer
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            $($activation: $trained,)?
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                use $crate::layers::recurrent::{self, Recurrent};
                let mask = cx.mask_of(x.len() * In::SHAPE.dim(0));
                let sequences = recurrent::sequences::<Self, O, In>(x.len()).with_mask(mask);
                let weights = Recurrent::<O>::weights(self);
                let gradients = cx.gradient.as_deref_mut().map(Recurrent::<O>::gradients);
                let memory = [&mut *cx.saved, &mut *cx.scratch];
                let dx = dx.map(In::numbers_mut);
                sequences.backward(&weights, In::numbers(x), Out::numbers(dy), memory, dx, gradients);
            }
        }
    };
}
pub(super) use recurrent;
