//! A recurrent layer in both directions.

use core::mem::take;

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, InputError, Layer, Needs, Output, State};
use crate::shape::{Tensor, Text};
use crate::weights::{Configured, OptionsOf, OptionsWithin};
use directions::{Backwards, Forwards};
use within::Within;

mod both;
mod directions;
mod from_states;
mod merging;
mod within;

pub use directions::GoBackwards;

/// A recurrent layer that reads a sequence from its beginning, and another one that reads it from its end, `[steps,
/// features]` → `[2 · UNITS]`, or `[steps, 2 · UNITS]` where the layers return sequences: Keras's `layers.Bidirectional`
/// (Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997).
///
/// At each step what the two give stands one behind the other, f | b. With `merge_mode = Sum` it is f + b, with `Ave` (f + b)
/// / 2 and with `Mul` f · b, each of as many numbers as one layer gives; with `merge_mode = None` both are outputs, `branch
/// (f, b) = …`. Both have the options that stand behind the layer,
/// `Bidirectional<Lstm<_, 8>(return_sequences = true)>(merge_mode = Sum)`; of the second one `go_backwards` is the contrary,
/// and what it gives of all steps is turned around, so that both are of the same step. With `return_state = true` the states
/// of both are outputs too, the first one's before the second one's.
///
/// States to begin with are wires of their own, `(sequence = x, forward_h = a, forward_c = b, backward_h = c, backward_c = d)
/// => Bidirectional<Lstm<_, 8>>`, Keras's `initial_state=[a, b, c, d]`.
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
    /// f and b, an output each.
    None,
}

/// The options of [`Bidirectional`]: `Bidirectional<Lstm<3, 8>>(merge_mode = Sum)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct BidirectionalOptions {
    /// How what the two give becomes one, if it does; `Concat` by default.
    #[option(default = MergeMode::Concat)]
    merge_mode: MergeMode,
}

impl<In, O, L> Layer<In, O> for Bidirectional<L>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: GoBackwards<O::Within> + Layer<In, Forwards<O::Within>> + Layer<In, Backwards<O::Within>>,
{
    const OUTPUT: Output = Within::<L, In, O>::OUTPUT;
    const NEEDS: Needs = Within::<L, In, O>::needs(&In::SHAPE, Within::<L, In, O>::INNER_NEEDS.masking);
    const DETAILS: &'static str = Within::<L, In, O>::DETAILS;

    fn check(&self, cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        let (saved, scratch) = (take(&mut cx.saved), take(&mut cx.scratch));
        let result =
            Layer::<In, Forwards<O::Within>>::check(&self.forward, &mut cx.within(cx.random, saved, scratch), x);
        (cx.saved, cx.scratch) = (saved, scratch);
        result
    }

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Within::<L, In, O>::both(x.len()).forward(
            cx,
            Out::numbers_mut(y),
            |cx, y| Layer::<In, Forwards<O::Within>>::forward(&self.forward, cx, x, y),
            |cx, y| Layer::<In, Backwards<O::Within>>::forward(&self.backward, cx, x, y),
        );
    }

    fn update_state(&mut self, cx: &mut State<'_>) {
        let (samples, [one, other]) = (cx.samples, Within::<L, In, O>::both(cx.samples).kept(cx.saved));
        Layer::<In, Forwards<O::Within>>::update_state(&mut self.forward, &mut State::new(samples, one));
        Layer::<In, Backwards<O::Within>>::update_state(&mut self.backward, &mut State::new(samples, other));
    }
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
        let (asked, given) = (dx.is_some(), dx.as_deref_mut());
        let other_dx = Within::<L, In, O>::both(x.len()).backward(
            cx,
            Out::numbers(dy),
            In::SHAPE.length(),
            |cx, y, dy| TrainLayer::<In, Forwards<O::Within>>::backward(&self.forward, cx, x, y, dy, given),
            |cx, y, dy, dx| {
                let dx = asked.then(|| In::of_memory_mut(dx));
                TrainLayer::<In, Backwards<O::Within>>::backward(&self.backward, cx, x, y, dy, dx);
            },
        );
        if let Some(dx) = dx {
            In::numbers_mut(dx).iter_mut().zip(&*other_dx).for_each(|(sum, dx)| *sum += dx);
        }
    }
}

#[cfg(test)]
mod tests;
