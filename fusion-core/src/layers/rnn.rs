//! A recurrent layer around a cell of the user's own.

use super::recurrent::unless_sequence;
use super::{GoBackwards, unless_features};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Masking, Mistake, Needs, Output, Part};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{Configured, OptionsOf, OptionsWithin, Parameters};
use sequence::Sequence;

mod cell;
mod sequence;

pub use cell::{Cell, StepBack};

/// A cell of your own along a sequence, `[steps, FEATURES]` → `[UNITS]`, or `[steps, UNITS]` with `return_sequences =
/// true`; with `return_state = true` also the last state, `[STATE]`: Keras's `layers.RNN`.
///
/// The cell says what a step computes, and its way back, in plain Rust: see [`Cell`], and [a longer
/// example](https://github.com/fusion-rs/fusion/blob/main/docs/writing-a-layer.md#8-a-cell). The state is zeros at first;
/// each step makes the next one of it, whose first `UNITS` numbers are the output. Where Keras's cell has several states,
/// here the state is all of them, one behind the other, and so is the output of `return_state`.
///
/// At a step that a mask leaves out the state stays as it is: the output of the step before is repeated, or zeros where all
/// before are left out too. With `return_sequences = true` the mask goes on with the output. The layer may stand within
/// [`Bidirectional`](super::Bidirectional).
///
/// Samples go through the cell one by one, which is slower than the products over all of them of `Lstm`, `Gru` and
/// `SimpleRnn`. The weights stand below the cell's name, `rnn/leaky/rate`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Cell, Rnn, StepBack};
/// use fusion::weights::{Initializer, OptionsOf};
/// use fusion::{Layer, Shape};
/// use fusion_macros::Parameters; // `fusion::Parameters` in a program
///
/// /// h ← h + rate · (x − h), each feature apart.
/// #[derive(Clone, Debug, PartialEq, Parameters)]
/// struct Leaky<const FEATURES: usize> {
///     #[parameter(initializer = Initializer::Constant(0.5))]
///     rate: [f32; FEATURES],
/// }
///
/// impl<O: OptionsOf<Self>, const FEATURES: usize> Cell<O> for Leaky<FEATURES> {
///     const FEATURES: usize = FEATURES;
///     const UNITS: usize = FEATURES;
///
///     fn step(&self, x: &[f32], h: &[f32], next: &mut [f32], _kept: &mut [f32]) {
///         for (i, rate) in self.rate.iter().enumerate() {
///             next[i] = h[i] + rate * (x[i] - h[i]);
///         }
///     }
///
///     fn step_back(&self, mut back: StepBack<'_, Self>) {
///         for (i, rate) in self.rate.iter().enumerate() {
///             back.dx[i] += back.dnext[i] * rate;
///             back.dstate[i] += back.dnext[i] * (1.0 - rate);
///             if let Some(gradient) = &mut back.gradient {
///                 gradient.rate[i] += back.dnext[i] * (back.x[i] - back.state[i]);
///             }
///         }
///     }
/// }
///
/// assert_eq!(<Rnn<Leaky<3>> as Layer<[[f32; 3]; 10]>>::OUTPUT.shape, Shape::new(&[3]));
/// let layer = Rnn { cell: Leaky { rate: [0.5, 0.25] } };
/// let (mut saved, mut y) = ([0.0; 4], [[0.0; 2]]);
/// let cx = &mut fusion::Forward::new(&mut saved, &mut []);
/// Layer::<[[f32; 2]; 2]>::forward(&layer, cx, &[[[1.0, 4.0], [2.0, 0.0]]], &mut y);
/// assert_eq!(y, [[1.25, 0.75]]);
/// ```
#[doc(alias = "RNN")]
#[repr(C)]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "RNN", options = RnnOptions, example = "Rnn<MyCell<_, 32>>")]
pub struct Rnn<C> {
    /// What a step computes.
    #[parameter(name = <C as Configured>::NAME, within)]
    pub cell: C,
}

/// The options of [`Rnn`]: `Rnn<MyCell<3, 8>>(return_sequences = true)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct RnnOptions {
    /// Whether the output has every step, not only the last; `false` by default.
    #[option(default = false)]
    return_sequences: bool,
    /// Whether the last state is an output of its own, behind the output: `branch (output, state) = …`; `false` by
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
}

const fn sequence<C: Cell<O>, O: OptionsOf<C>, In: Tensor>(options: RnnOptions) -> Sequence<'static> {
    let steps = if In::SHAPE.rank() > 0 { In::SHAPE.dim(0) } else { 0 };
    Sequence::new::<C, O>(steps, options)
}

/// The output and the state.
const fn parts<C: Cell<O>, O: OptionsOf<C>, In: Tensor>(options: RnnOptions) -> [Part; 2] {
    let Sequence { steps, units, state, .. } = sequence::<C, O, In>(options);
    let output = if options.return_sequences { Shape::new(&[steps, units]) } else { Shape::new(&[units]) };
    [Part::in_order("output", output), Part::in_order("state", Shape::new(&[state]))]
}

/// What is wrong with the cell or with what goes in, if anything.
const fn mistake<C: Cell<O>, O: OptionsOf<C>, In: Tensor>() -> Option<Mistake> {
    if C::STATE < C::UNITS {
        let text = Text::new("needs a cell whose state has at least the numbers of its output, but ");
        let text = text.and(C::CLASS).and(" has `STATE` ").number(C::STATE).and(" and `UNITS` ").number(C::UNITS);
        return Some(Mistake::missing(text));
    }
    if let Some(mistake) = unless_sequence(C::FEATURES, "an `Rnn`", &In::SHAPE) {
        return Some(mistake);
    }
    match unless_features::<In>(C::FEATURES, 0) {
        Some(mistake) => Some(mistake.within()),
        None => None,
    }
}

impl<In, O, C> Layer<In, O> for Rnn<C>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<C>>,
    C: Cell<O::Within>,
{
    const OUTPUT: Output = {
        let parts: &'static [Part; 2] = const { &parts::<C, O::Within, In>(O::VALUE) };
        let output = if O::VALUE.return_state { Output::of_parts(parts) } else { Output::new(parts[0].shape) };
        output.or(Mistake::unless_numbers::<In>()).or(mistake::<C, O::Within, In>())
    };
    const NEEDS: Needs = {
        let sequence = sequence::<C, O::Within, In>(O::VALUE);
        let weights = <C as Parameters<O::Within>>::COUNT;
        Needs::NONE
            .saved(Floats::per_sample(sequence.saved(true)))
            .saved_in_inference(Floats::once(sequence.saved(false)))
            .backward_scratch(Floats::once(sequence.scratch()))
            .multiplications(sequence.steps.saturating_mul(weights))
            .masking(if O::VALUE.return_sequences { Masking::PassesOn } else { Masking::Heeds })
    };
    const DETAILS: &'static str = C::CLASS;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let sequences = sequence::<C, O::Within, In>(O::VALUE);
        let (mask, saved) = (cx.mask_of(x.len() * sequences.steps), &mut *cx.saved);
        let (length, given) = (In::SHAPE.length(), sequences.given());
        let (x, y, samples) = (In::numbers(x), Out::numbers_mut(y), x.len());
        for sample in 0..samples {
            let kept = if cx.keep { sample * sequences.saved(true) } else { 0 };
            let saved = &mut saved[kept..][..sequences.saved(cx.keep)];
            let (x, y) = (&x[sample * length..][..length], &mut y[sample * given..][..given]);
            sequences.with_mask(mask, sample).forward::<C, O::Within>(&self.cell, x, y, saved, cx.keep);
        }
    }
}

impl<O, C> GoBackwards<O> for Rnn<C>
where
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<C>>,
    C: Cell<O::Within>,
{
    const FORWARDS: RnnOptions = O::VALUE.zero_output_for_mask(O::VALUE.return_sequences);
    const BACKWARDS: RnnOptions = <Self as GoBackwards<O>>::FORWARDS.go_backwards(!O::VALUE.go_backwards);
    const RETURN_SEQUENCES: bool = O::VALUE.return_sequences;
}

#[cfg(feature = "training")]
impl<In, O, C> TrainLayer<In, O> for Rnn<C>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<C>>,
    C: Cell<O::Within>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let sequences = sequence::<C, O::Within, In>(O::VALUE);
        let mask = cx.mask_of(x.len() * sequences.steps);
        let (length, given, kept) = (In::SHAPE.length(), sequences.given(), sequences.saved(true));
        let (x, dy, samples, mut dx) = (In::numbers(x), Out::numbers(dy), x.len(), dx.map(In::numbers_mut));
        for sample in 0..samples {
            let (x, dy) = (&x[sample * length..][..length], &dy[sample * given..][..given]);
            let saved = &cx.saved[sample * kept..][..kept];
            let dx = dx.as_deref_mut().map(|dx| &mut dx[sample * length..][..length]);
            let gradient = cx.gradient.as_deref_mut().map(|gradient| &mut gradient.cell);
            let sequence = sequences.with_mask(mask, sample);
            sequence.backward::<C, O::Within>(&self.cell, [x, dy, saved], cx.scratch, dx, gradient);
        }
    }
}

#[cfg(test)]
mod tests;
