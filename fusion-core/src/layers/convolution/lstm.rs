//! LSTMs of which the products are convolutions: images along a sequence.

use core::mem::take;

use super::super::dropout::unless_below_one;
#[cfg(feature = "training")]
use super::super::recurrent::{Back, TrainCell};
use super::super::recurrent::{Cell, Dropped, Step, Weights};
use super::super::spatial::{self, Extent, by};
use super::super::window::{self, Padding};
use super::{as_volume, unless_channels, windows};
use crate::activations::Activation;
#[cfg(feature = "training")]
use crate::kernels;
use crate::kernels::{Axis, Convolution};
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Floats, Forward, Masking, Mistake, Needs, Output, Part, larger};
use crate::layers::Optional;
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Regularizer};

mod gates;
mod passes;

use passes::Sequences;

/// The options of [`ConvLstm1d`](crate::layers::ConvLstm1d), [`ConvLstm2d`](crate::layers::ConvLstm2d) and
/// [`ConvLstm3d`](crate::layers::ConvLstm3d): `ConvLstm2d<1, 8, 3>(padding = Same, return_sequences = true)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ConvLstmOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(1, "strides"))]
    pub(in super::super) strides: Extent<RANK>,
    /// What happens at the borders of what goes in; [`Padding::Valid`] if not given. The state keeps its size.
    #[option(default = Padding::Valid)]
    pub(in super::super) padding: Padding,
    #[option(by_hand, default = Extent::square(1, "dilation_rate"))]
    pub(in super::super) dilation_rate: Extent<RANK>,
    /// Whether the output has every step, not only the last; `false` by default.
    #[option(default = false)]
    return_sequences: bool,
    /// Whether the last output and the last cell are outputs too, behind the output; `false` by default.
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
    /// While training, a number of a step's image becomes 0 with this probability, at all steps of a sample alike, and the
    /// others are divided by what is left of 1; each gate has a mask of its own. 0 by default.
    #[option(default = 0.0)]
    dropout: f32,
    /// The same of the output before as it goes into the gates; 0 by default.
    #[option(default = 0.0)]
    recurrent_dropout: f32,
    /// Whether the bias of the forget gate begins at 1; `true` by default.
    #[option(default = true)]
    pub(in super::super) unit_forget_bias: bool,
    /// `GlorotUniform` if not given.
    #[option(array)]
    pub(in super::super) kernel: ArrayOptions,
    /// `Orthogonal(1.0)` if not given.
    #[option(array)]
    pub(in super::super) recurrent: ArrayOptions,
    /// `Zeros` if not given; the forget gate's at 1 all the same, unless `unit_forget_bias = false`.
    #[option(array)]
    pub(in super::super) bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

windows!(ConvLstmOptions);

impl<const RANK: usize> ConvLstmOptions<RANK> {
    /// The options of a layer that reads as they say, and of one that reads the other way.
    pub(in super::super) const fn directions(mut self) -> [Self; 2] {
        self.zero_output_for_mask = self.return_sequences;
        let mut other = self;
        other.go_backwards = !self.go_backwards;
        [self, other]
    }

    pub(in super::super) const fn returns_sequences(&self) -> bool {
        self.return_sequences
    }
}

/// A layer whose windows go along `RANK` sides of each step.
pub(in super::super) trait ConvolvedLstm<const RANK: usize> {
    /// What a step computes at each place.
    type Cell: Cell;
    /// The channels of its input.
    const CHANNELS: usize;
    /// The channels of its output.
    const FILTERS: usize;
    /// The places of a window.
    const WINDOW: [usize; RANK];

    /// Kernel, recurrent kernel and bias.
    fn weights(&self) -> [&[f32]; 3];
    /// The same to write to: sums of gradients.
    #[cfg(feature = "training")]
    fn gradients(&mut self) -> [&mut [f32]; 3];
}

/// The convolutions of what goes in and of the output before, each of four gates.
const fn sizes<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvLstmOptions<RANK>,
) -> [Convolution; 2] {
    let axes = options.axes::<In::Step>(L::WINDOW);
    let (mut of_state, mut i) = ([Axis::ONE; RANK], 0);
    while i < RANK {
        of_state[i] = window::axis(axes[i].output, L::WINDOW[i], 1, 1, Padding::Same);
        i += 1;
    }
    let filters = L::FILTERS.saturating_mul(4);
    let [depth, height, width] = as_volume(axes);
    let input = Convolution { depth, height, width, channels: L::CHANNELS, filters, groups: 1 };
    let [depth, height, width] = as_volume(of_state);
    [input, Convolution { depth, height, width, channels: L::FILTERS, filters, groups: 1 }]
}

const fn state<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(options: &ConvLstmOptions<RANK>) -> Shape {
    spatial::shape(window::outputs(options.axes::<In::Step>(L::WINDOW)), L::FILTERS)
}

const fn one_output<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(options: &ConvLstmOptions<RANK>) -> Shape {
    let state = state::<L, In, RANK>(options);
    match (options.return_sequences, state.prepend(In::SHAPE.dim(0))) {
        (true, Some(shape)) => shape,
        _ => state,
    }
}

/// The output and the states, in Keras's order.
pub(in super::super) const fn parts<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvLstmOptions<RANK>,
) -> [Part; 3] {
    let state = state::<L, In, RANK>(options);
    let output = Part::in_order("output", one_output::<L, In, RANK>(options));
    [output, Part::in_order("state_h", state), Part::in_order("state_c", state)]
}

pub(in super::super) const fn output<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvLstmOptions<RANK>,
    parts: &'static [Part; 3],
) -> Output {
    let axes = options.axes::<In::Step>(L::WINDOW);
    let output =
        if options.return_state { Output::of_parts(parts) } else { Output::new(one_output::<L, In, RANK>(options)) };
    output
        .or(Mistake::unless_numbers::<In>())
        .or(unless_sequence::<In, RANK>(L::CHANNELS))
        .or(options.unless_windows(L::WINDOW))
        .or(unless_channels::<In::Step>(L::CHANNELS, 1))
        .or(window::unless_causal(options.padding))
        .or(window::unless_inside(&axes, options.padding))
        .or(unless_below_one("dropout", "rate", options.dropout))
        .or(unless_below_one("recurrent_dropout", "rate", options.recurrent_dropout))
}

const fn unless_sequence<In: Tensor, const RANK: usize>(channels: usize) -> Option<Mistake> {
    if In::SHAPE.rank() == RANK + 2 {
        return None;
    }
    let takes = Text::new(match RANK {
        1 => "takes a sequence of sequences [steps, places, ",
        2 => "takes a sequence of images [steps, height, width, ",
        _ => "takes a sequence of volumes [steps, depth, height, width, ",
    });
    let mistake = Mistake::shape(takes.number(channels).and("]"));
    Some(mistake.advice(Text::new("put `Reshape` before it, or declare the input so")))
}

pub(in super::super) const fn needs<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvLstmOptions<RANK>,
) -> Needs {
    if unless_sequence::<In, RANK>(L::CHANNELS).is_some() {
        return Needs::NONE;
    }
    let [input, recurrent] = sizes::<L, In, RANK>(options);
    let sequences = Sequences::<L::Cell>::new([input, recurrent], In::SHAPE.dim(0), L::FILTERS)
        .at_rates([options.dropout, options.recurrent_dropout]);
    let of_a_step = input.multiply_accumulates().saturating_add(recurrent.multiply_accumulates());
    let scratch = larger(input.scratch(), recurrent.scratch()).saturating_add(recurrent.output());
    let back = larger(
        larger(input.kernel_gradient_scratch(), input.gradient_scratch()),
        larger(recurrent.kernel_gradient_scratch(), recurrent.gradient_scratch()),
    );
    Needs::NONE
        .saved(Floats::per_sample(sequences.kept(true)))
        .saved_in_inference(Floats::once(sequences.kept(false)))
        .scratch(Floats::once(scratch.saturating_add(sequences.dropping())))
        .backward_scratch(Floats::once(back.saturating_add(sequences.back()).saturating_add(sequences.dropping())))
        .multiplications(In::SHAPE.dim(0).saturating_mul(of_a_step))
        .masking(if options.return_sequences { Masking::PassesOn } else { Masking::Heeds })
        .activity(options.activity_regularizer)
}

/// "kernel 3 × 3", and the activations where they are not Keras's defaults.
pub(in super::super) const fn details<A: Activation, R: Activation, B: Optional>(window: &[usize]) -> Text {
    let text = by(Text::new("kernel "), window);
    let text = if A::TANH && R::SIGMOID { text } else { text.and(", ").and(A::NAME).and(", ").and(R::NAME) };
    text.and(if B::USED { "" } else { ", no bias" })
}

/// The ways through a batch, without a mask.
const fn sequences<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvLstmOptions<RANK>,
    random: Option<crate::Random>,
) -> Sequences<'static, L::Cell> {
    Sequences::new(sizes::<L, In, RANK>(options), In::SHAPE.dim(0), L::FILTERS)
        .in_ways([options.return_sequences, options.return_state, options.go_backwards, options.zero_output_for_mask])
        .at_rates([options.dropout, options.recurrent_dropout])
        .dropping_by(random)
}

pub(in super::super) fn forward<L: ConvolvedLstm<RANK>, In: Tensor, const RANK: usize>(
    layer: &L,
    options: &ConvLstmOptions<RANK>,
    cx: &mut Forward<'_>,
    x: &[In],
    y: &mut [f32],
) {
    let steps = In::SHAPE.dim(0);
    let random = cx.training.then_some(cx.random);
    let sequences = sequences::<L, In, RANK>(options, random).with_mask(cx.mask_of(x.len() * steps));
    let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
    sequences.forward(layer.weights(), In::numbers(x), y, [saved, scratch], cx.keep);
}

#[cfg(feature = "training")]
pub(in super::super) fn backward<L: ConvolvedLstm<RANK, Cell: TrainCell>, In: Tensor, const RANK: usize>(
    layer: &L,
    options: &ConvLstmOptions<RANK>,
    cx: &mut Backward<'_, L>,
    x: &[In],
    dy: &[f32],
    dx: Option<&mut [In]>,
) {
    let steps = In::SHAPE.dim(0);
    let random = cx.training.then_some(cx.random);
    let sequences = sequences::<L, In, RANK>(options, random).with_mask(cx.mask_of(x.len() * steps));
    let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
    let gradients = cx.gradient.as_deref_mut().map(L::gradients);
    let (x, dx) = (In::numbers(x), dx.map(In::numbers_mut));
    sequences.backward(layer.weights(), x, dy, [saved, scratch], dx, gradients);
}

/// Makes a struct of the weights the layer: `conv_lstm!(2, ConvLstm2d<C, F, H, A, R, B, W>, channels C, filters F, window
/// [H, W], sizes [C, F, H, W])`.
macro_rules! conv_lstm {
    (
        $rank:literal, $layer:ident<$($argument:ident),+>,
        channels $channels:ident, filters $filters:ident, window [$($side:ident),+], sizes [$($size:ident),+]
    ) => {
        impl<A, R, B, $(const $size: usize),+> $crate::layers::convolution::lstm::ConvolvedLstm<$rank>
            for $layer<$($argument),+>
        where
            A: $crate::activations::Activation,
            R: $crate::activations::Activation,
            B: $crate::layers::Optional,
        {
            type Cell = $crate::layers::lstm::LstmCell<A, R>;
            const CHANNELS: usize = $channels;
            const FILTERS: usize = $filters;
            const WINDOW: [usize; $rank] = [$($side),+];

            fn weights(&self) -> [&[f32]; 3] {
                use $crate::shape::Tensor;
                let Self { kernel, recurrent_kernel, bias, .. } = self;
                [Tensor::numbers(kernel), Tensor::numbers(recurrent_kernel), Tensor::numbers(bias)]
            }
            #[cfg(feature = "training")]
            fn gradients(&mut self) -> [&mut [f32]; 3] {
                use $crate::shape::Tensor;
                let Self { kernel, recurrent_kernel, bias, .. } = self;
                [Tensor::numbers_mut(kernel), Tensor::numbers_mut(recurrent_kernel), Tensor::numbers_mut(bias)]
            }
        }

        impl<In, O, A, R, B, $(const $size: usize),+> $crate::layer::Layer<In, O> for $layer<$($argument),+>
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            A: $crate::activations::Activation,
            R: $crate::activations::Activation,
            B: $crate::layers::Optional,
        {
            const OUTPUT: $crate::layer::Output = {
                let parts = const { &$crate::layers::convolution::lstm::parts::<Self, In, $rank>(&O::VALUE) };
                $crate::layers::convolution::lstm::output::<Self, In, $rank>(&O::VALUE, parts)
            };
            const NEEDS: $crate::layer::Needs =
                $crate::layers::convolution::lstm::needs::<Self, In, $rank>(&O::VALUE);
            const DETAILS: &'static str =
                const { &$crate::layers::convolution::lstm::details::<A, R, B>(&[$($side),+]) }.as_str();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                $crate::layers::convolution::lstm::forward(self, &O::VALUE, cx, x, Out::numbers_mut(y));
            }
        }

        impl<O, A, R, B, $(const $size: usize),+> $crate::layers::GoBackwards<O> for $layer<$($argument),+>
        where
            O: $crate::weights::OptionsOf<Self>,
            A: $crate::activations::Activation,
            R: $crate::activations::Activation,
            B: $crate::layers::Optional,
        {
            const FORWARDS: $crate::layers::ConvLstmOptions<$rank> = O::VALUE.directions()[0];
            const BACKWARDS: $crate::layers::ConvLstmOptions<$rank> = O::VALUE.directions()[1];
            const RETURN_SEQUENCES: bool = O::VALUE.returns_sequences();
        }

        #[cfg(feature = "training")]
        impl<In, O, A, R, B, $(const $size: usize),+> $crate::layer::TrainLayer<In, O> for $layer<$($argument),+>
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            A: $crate::activations::TrainActivation,
            R: $crate::activations::TrainActivation,
            B: $crate::layers::Optional,
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                $crate::layers::convolution::lstm::backward(self, &O::VALUE, cx, x, Out::numbers(dy), dx);
            }
        }
    };
}
pub(in super::super) use conv_lstm;

#[cfg(test)]
mod tests;
