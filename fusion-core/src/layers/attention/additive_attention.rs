//! Attention whose scores are sums.

use super::attention_layer::{AttentionOptions, UseScale};
use super::refuses_one_wire;
use super::unprojected::Scores;
use super::{Places, unless_features};
#[cfg(feature = "training")]
use crate::kernels::add_rows;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Needs, Operand, Output, Several, Wire, Wires};
use crate::layers::Optional;
use crate::shape::{Tensor, Text};
use crate::weights::{Initializer, OptionsOf};

/// Each step of the query takes in the steps of the value whose keys fit it, `[steps, FEATURES]` → `[steps, features of
/// the value]`: Keras's `layers.AdditiveAttention` (Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly
/// Learning to Align and Translate", 2014).
///
/// y = softmax(scores) · value, where the score of a query q and a key k is Σ scale · tanh(q + k), with a scale of each
/// feature, which begins Glorot-uniform. `AdditiveAttention<_, NoScale>` has none. In `model!` it is written `(query = x,
/// value = y) => AdditiveAttention<_>`, with `key = z` where the key has a wire of its own. A mask of the value leaves its
/// steps out; what queries that do not count take in is 0, and their mask is that of what comes out.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Several, Wire, Wires};
/// use fusion::layers::AdditiveAttention;
/// use fusion::{Layer, Parameters, Shape};
/// struct Both;
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<[[f32; 6]; 4]>("query"), Wire::of::<[[f32; 6]; 5]>("value")];
/// }
/// assert_eq!(<AdditiveAttention<6> as Layer<Several<Both, 2>>>::OUTPUT.shape, Shape::new(&[4, 6]));
/// assert_eq!(<AdditiveAttention<6> as Parameters>::COUNT, 6);
/// ```
#[doc(alias = "BahdanauAttention")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = AttentionOptions, example = "AdditiveAttention<_>", arguments(use_scale = 1))]
pub struct AdditiveAttention<const FEATURES: usize, S: Optional = UseScale> {
    /// How much each feature counts in a score.
    #[parameter(shape = [FEATURES], initializer = Initializer::GlorotUniform, when = S::USED)]
    pub scale: S::Values<FEATURES>,
}

impl<const FEATURES: usize, S: Optional> AdditiveAttention<FEATURES, S> {
    const fn output(wires: &[Wire], options: &AttentionOptions) -> Output {
        let output = options.output(wires, "AdditiveAttention<_>");
        let query = &wires[Places::of(wires).query];
        let advice = Text::new("write `AdditiveAttention<").number(query.shape.last());
        output.or(unless_features(query, "query", FEATURES, advice.and(">`, or `_` with `query` first")))
    }

    fn scores(&self) -> Scores<'_> {
        let factors = S::values::<FEATURES>(&self.scale).unwrap_or(const { &[1.0; FEATURES] });
        Scores { scale: 1.0, factors }
    }
}

impl<W: Wires, const K: usize, O: OptionsOf<Self>, const FEATURES: usize, S: Optional> Layer<Several<W, K>, O>
    for AdditiveAttention<FEATURES, S>
{
    const OUTPUT: Output = Self::output(W::WIRES, &O::VALUE);
    const NEEDS: Needs = O::VALUE.attention(W::WIRES, true).needs(false);
    const DETAILS: &'static str = if S::USED { "" } else { "no scale" };

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [Out]) {
        let attention = const { O::VALUE.attention(W::WIRES, true) }.of(x[0].samples, cx.training);
        let memory = [&mut *cx.saved, &mut *cx.scratch];
        attention.forward(self.scores(), false, memory, (cx.keep, cx.random), x, Out::numbers_mut(y));
    }
}

refuses_one_wire!([const FEATURES: usize, S: Optional] AdditiveAttention<FEATURES, S>, "AdditiveAttention<_>");

#[cfg(feature = "training")]
impl<W: Wires, const K: usize, O: OptionsOf<Self>, const FEATURES: usize, S: Optional> TrainLayer<Several<W, K>, O>
    for AdditiveAttention<FEATURES, S>
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[Operand<'_>],
        _y: &[Out],
        dy: &mut [Out],
        dx: &mut [Option<&mut [f32]>],
    ) {
        let attention = const { O::VALUE.attention(W::WIRES, true) }.of(x[0].samples, cx.training);
        let found = attention.backward(self.scores(), [cx.saved, cx.scratch], cx.random, x, Out::numbers_mut(dy), dx);
        if let Some(gradient) = &mut cx.gradient
            && let Some(scale) = S::values_mut::<FEATURES>(&mut gradient.scale)
        {
            add_rows(found.factors, scale);
        }
    }
}
