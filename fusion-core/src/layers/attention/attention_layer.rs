//! Attention of one head, without weights of its own but for the scores.

use super::refuses_one_wire;
use super::unprojected::{Scores, Unprojected};
use super::{Places, mistake, unless_features};
#[cfg(feature = "training")]
use crate::kernels::add_rows;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Needs, Operand, Output, Several, Wire, Wires};
use crate::layers::dropout::unless_below_one;
use crate::layers::{NoBias, Optional, UseBias};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{Initializer, OptionsOf};

/// Each step of the query takes in the steps of the value whose keys fit it, `[steps, features]` → `[steps, features of the
/// value]`: Keras's `layers.Attention` (Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine
/// Translation", 2015).
///
/// y = softmax(scores) · value, where the score of a query q and a key k is
///
/// - scale · q · k, or
/// - with `ConcatScore`, Keras's `score_mode="concat"`, `concat_score_weight` · Σ tanh(scale · (q + k)).
///
/// Without `UseScale` the scale is 1; both weights begin at 1. In `model!` it is written `(query = x, value = y) =>
/// Attention`, with the key as a wire of its own `(query = x, value = y, key = z) => Attention<ConcatScore, UseScale>`. A
/// mask of the value leaves its steps out; what queries that do not count take in is 0, and their mask is that of what
/// comes out.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Operand, Several, Wire, Wires};
/// use fusion::layers::Attention;
/// use fusion::{Forward, Layer};
/// struct Both;
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<[[f32; 2]; 1]>("query"), Wire::of::<[[f32; 2]; 2]>("value")];
/// }
/// // The query fits both steps as well.
/// let x = [Operand::of(&[[[1.0, 1.0]]]), Operand::of(&[[[2.0, 0.0], [0.0, 2.0]]])];
/// let (mut saved, mut scratch, mut y) = ([0.0; 2], [0.0; 6], [[[0.0; 2]]]);
/// let attention: Attention = Attention::default();
/// Layer::<Several<Both, 2>>::forward(&attention, &mut Forward::new(&mut saved, &mut scratch), &x, &mut y);
/// assert_eq!(y, [[[1.0, 1.0]]]);
/// ```
#[doc(alias("DotProductAttention", "LuongAttention"))]
#[repr(C)]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = AttentionOptions, example = "Attention", arguments(use_scale = 1))]
pub struct Attention<M: ScoreMode = DotScore, S: Optional = NoScale> {
    /// What queries, or sums, are multiplied by; 1 at first.
    #[parameter(shape = [], initializer = Initializer::Ones, when = S::USED)]
    pub scale: S::Values<1>,
    /// What the sums are multiplied by; 1 at first.
    #[parameter(shape = [], initializer = Initializer::Ones, when = <M::Weight as Optional>::USED)]
    pub concat_score_weight: <M::Weight as Optional>::Values<1>,
}

/// The options of [`Attention`] and [`AdditiveAttention`](super::AdditiveAttention): `Attention(use_causal_mask = true)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct AttentionOptions {
    /// How many of the weights are dropped in training, from 0 to below 1; 0 by default.
    #[option(default = 0.0)]
    dropout: f32,
    /// Whether a step of the query sees the steps of the value up to its own only, an argument of the call in Keras;
    /// `false` by default.
    #[option(default = false)]
    use_causal_mask: bool,
}

/// How [`Attention`] compares a query with a key: [`DotScore`] or [`ConcatScore`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither `DotScore` nor `ConcatScore`",
    label = "this says nothing about the scores"
)]
pub trait ScoreMode: Send + Sync + 'static {
    /// Whether the sums have a weight.
    type Weight: Optional;
    /// Keras's name.
    const NAME: &'static str;
}

/// Scores are products: Keras's `score_mode="dot"`, the default.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct DotScore;

/// Scores are sums of tanh(query + key): Keras's `score_mode="concat"`.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct ConcatScore;

impl ScoreMode for DotScore {
    type Weight = NoBias;
    const NAME: &'static str = "dot";
}

impl ScoreMode for ConcatScore {
    type Weight = UseBias;
    const NAME: &'static str = "concat";
}

/// The layer has a scale: Keras's `use_scale=True`.
pub type UseScale = UseBias;

/// The layer has no scale: Keras's `use_scale=False`.
pub type NoScale = NoBias;

impl AttentionOptions {
    /// What comes out, and what is wrong with wires or options.
    pub(super) const fn output(&self, wires: &[Wire], written: &str) -> Output {
        let Places { query, value, key } = Places::of(wires);
        let (query, value) = (&wires[query].shape, &wires[value].shape);
        let key = if key < wires.len() { &wires[key] } else { &wires[0] };
        let name = if Places::of(wires).key == Places::of(wires).value { "value" } else { "key" };
        let advice = Text::new("it is compared with `query`, number by number");
        Output::new(Shape::new(&[query.dim(0), value.last()]))
            .or(mistake(wires, written))
            .or(unless_features(key, name, query.last(), advice))
            .or(unless_below_one("dropout", "dropout", self.dropout))
    }

    pub(super) const fn attention(&self, wires: &[Wire], additive: bool) -> Unprojected {
        Unprojected::new(wires, self.use_causal_mask, self.dropout, additive)
    }
}

impl<M: ScoreMode, S: Optional> Default for Attention<M, S> {
    /// The weights as they begin, 1.
    fn default() -> Self {
        let (mut scale, mut concat_score_weight) = (Tensor::ZERO, Tensor::ZERO);
        [S::values_mut::<1>(&mut scale), M::Weight::values_mut::<1>(&mut concat_score_weight)]
            .into_iter()
            .flatten()
            .for_each(|weight| *weight = [1.0]);
        Self { scale, concat_score_weight }
    }
}

impl<M: ScoreMode, S: Optional> Attention<M, S> {
    /// Whether scores are sums, which have a weight.
    const ADDITIVE: bool = <M::Weight as Optional>::USED;

    const fn attention(wires: &[Wire], options: &AttentionOptions) -> Unprojected {
        options.attention(wires, Self::ADDITIVE)
    }

    /// How many numbers are added up for a score.
    const fn factors(wires: &[Wire]) -> usize {
        if Self::ADDITIVE { wires[Places::of(wires).query].shape.last() } else { 0 }
    }

    /// The scores, whose factors are all one number.
    fn scores<'a>(&self, factors: &'a mut [f32]) -> Scores<'a> {
        if let Some([weight]) = M::Weight::values::<1>(&self.concat_score_weight) {
            factors.fill(*weight);
        }
        Scores { scale: S::values::<1>(&self.scale).map_or(1.0, |[scale]| *scale), factors }
    }
}

impl<W: Wires, const K: usize, O: OptionsOf<Self>, M: ScoreMode, S: Optional> Layer<Several<W, K>, O>
    for Attention<M, S>
{
    const OUTPUT: Output = O::VALUE.output(W::WIRES, "Attention");
    const NEEDS: Needs = {
        let needs = Self::attention(W::WIRES, &O::VALUE).needs(S::USED);
        let factors = Floats::once(Self::factors(W::WIRES));
        needs.scratch(needs.scratch.and(factors)).backward_scratch(needs.backward_scratch.and(factors))
    };
    const DETAILS: &'static str = M::NAME;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [Out]) {
        let attention = const { Self::attention(W::WIRES, &O::VALUE) }.of(x[0].samples, cx.training);
        let (factors, scratch) = cx.scratch.split_at_mut(const { Self::factors(W::WIRES) });
        let memory = [&mut *cx.saved, scratch];
        attention.forward(self.scores(factors), S::USED, memory, (cx.keep, cx.random), x, Out::numbers_mut(y));
    }
}

refuses_one_wire!([M: ScoreMode, S: Optional] Attention<M, S>, "Attention");

#[cfg(feature = "training")]
impl<W: Wires, const K: usize, O, M: ScoreMode, S: Optional> TrainLayer<Several<W, K>, O> for Attention<M, S>
where
    O: OptionsOf<Self>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[Operand<'_>],
        _y: &[Out],
        dy: &mut [Out],
        dx: &mut [Option<&mut [f32]>],
    ) {
        let attention = const { Self::attention(W::WIRES, &O::VALUE) }.of(x[0].samples, cx.training);
        let (factors, scratch) = cx.scratch.split_at_mut(const { Self::factors(W::WIRES) });
        let scores = self.scores(factors);
        let found = attention.backward(scores, [cx.saved, scratch], cx.random, x, Out::numbers_mut(dy), dx);
        let Some(gradient) = &mut cx.gradient else { return };
        if let Some([scale]) = S::values_mut::<1>(&mut gradient.scale) {
            *scale += found.scale;
        }
        if let Some(weight) = M::Weight::values_mut::<1>(&mut gradient.concat_score_weight) {
            add_rows(found.factors, weight);
        }
    }
}
