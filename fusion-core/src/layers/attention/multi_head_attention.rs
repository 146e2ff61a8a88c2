//! Attention of several heads.

use core::marker::PhantomData;

use super::heads::Heads;
use super::projected::{Projected, projected};
use super::projection::{Combination, Projection, ProjectionOptions};
use super::refuses_one_wire;
use super::scores::Hiding;
use super::{Places, mistake, unless_features};
use crate::layer::{Mistake, Output, Wire};
use crate::layers::dropout::unless_below_one;
use crate::layers::{Optional, UseBias};
use crate::shape::{Shape, Text};
use crate::weights::{ArrayOptions, Configured, OptionsOf};

/// Each step of the query takes in the steps of the value whose keys fit it, several heads at once: `[steps, FEATURES]`
/// → `[steps, OUT]`. Keras's `layers.MultiHeadAttention` (Vaswani and others, "Attention Is All You Need", 2017).
///
/// In `model!` a sequence is set against itself by `(query = x, value = x) => MultiHeadAttention<_, 2, 16>`, and
/// against another by `(query = x, value = y)`; `key = z` gives the keys a wire of their own. For each head
///
/// - q, k, v = query · kernel + bias, key · kernel + bias, value · kernel + bias, with weights of their own,
/// - weights = softmax(q · kᵀ / √`KEY_DIM`), over the steps of the key,
/// - mean = weights · v, of `VALUE_DIM` numbers,
///
/// and the output is the means of all heads · kernel + bias. Steps that a mask of the query, the value or the key leaves
/// out are not seen, and the query's mask is that of what comes out. The arguments are the features of the query, the heads and
/// `key_dim`; then what has a default: whether there are biases, the features of the value where they are others,
/// `value_dim`, the features of the output, those of the key. The kernels begin Glorot-uniform and the biases at 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Several, Wire, Wires};
/// use fusion::layers::MultiHeadAttention;
/// use fusion::{Layer, Parameters, Shape};
/// struct Both;
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<[[f32; 8]; 5]>("query"), Wire::of::<[[f32; 8]; 7]>("value")];
/// }
/// type Attention = MultiHeadAttention<8, 2, 4>;
/// assert_eq!(<Attention as Layer<Several<Both, 2>>>::OUTPUT.shape, Shape::new(&[5, 8]));
/// assert_eq!(<Attention as Parameters>::COUNT, 3 * (8 * 2 * 4 + 2 * 4) + (2 * 4 * 8 + 8));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = MultiHeadAttentionOptions, example = "MultiHeadAttention<_, 2, 16>", arguments(use_bias = 3))]
pub struct MultiHeadAttention<
    const FEATURES: usize,
    const HEADS: usize,
    const KEY_DIM: usize,
    B: Optional = UseBias,
    const VALUE_FEATURES: usize = FEATURES,
    const VALUE_DIM: usize = KEY_DIM,
    const OUT: usize = FEATURES,
    const KEY_FEATURES: usize = VALUE_FEATURES,
> {
    /// From the query: `kernel[i][head][d]` and `bias[head][d]`.
    #[parameter(options = OfProjections<Self, __O>)]
    pub query: Projection<FEATURES, HEADS, KEY_DIM, B>,
    /// From the key.
    #[parameter(options = OfProjections<Self, __O>)]
    pub key: Projection<KEY_FEATURES, HEADS, KEY_DIM, B>,
    /// From the value.
    #[parameter(options = OfProjections<Self, __O>)]
    pub value: Projection<VALUE_FEATURES, HEADS, VALUE_DIM, B>,
    /// From what all heads give: `kernel[head][d][o]` and `bias[o]`.
    #[parameter(options = OfProjections<Self, __O>)]
    pub attention_output: Combination<HEADS, VALUE_DIM, OUT, B>,
}

/// The options of [`MultiHeadAttention`]: `MultiHeadAttention<_, 2, 16>(dropout = 0.1, use_causal_mask = true)`. Those of
/// kernels and biases are for all of them.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct MultiHeadAttentionOptions {
    /// How many of the weights are dropped in training, from 0 to below 1; 0 by default.
    #[option(default = 0.0)]
    dropout: f32,
    /// Whether a step of the query sees the steps of the value up to its own only, an argument of the call in Keras;
    /// `false` by default.
    #[option(default = false)]
    use_causal_mask: bool,
    /// `GlorotUniform` if not given.
    #[option(array)]
    kernel: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    bias: ArrayOptions,
}

/// The options of a layer as those of its projections.
#[doc(hidden)]
pub struct OfProjections<L, O>(PhantomData<(L, O)>);

// Of each by itself: the derive's bounds hide that both have the same options.
impl<L, O, const F: usize, const H: usize, const D: usize, B: Optional> OptionsOf<Projection<F, H, D, B>>
    for OfProjections<L, O>
where
    L: Configured<Options = MultiHeadAttentionOptions>,
    O: OptionsOf<L>,
{
    const VALUE: ProjectionOptions = O::VALUE.of_projections();
}

impl<L, O, const H: usize, const D: usize, const OUT: usize, B: Optional> OptionsOf<Combination<H, D, OUT, B>>
    for OfProjections<L, O>
where
    L: Configured<Options = MultiHeadAttentionOptions>,
    O: OptionsOf<L>,
{
    const VALUE: ProjectionOptions = O::VALUE.of_projections();
}

impl MultiHeadAttentionOptions {
    const fn of_projections(&self) -> ProjectionOptions {
        ProjectionOptions::of(self.kernel, self.bias)
    }

    /// What is common to the layers with these options: sequences and options that they can take.
    pub(super) const fn mistake(&self, wires: &[Wire], written: &str) -> Option<Mistake> {
        match mistake(wires, written) {
            None => unless_below_one("dropout", "dropout", self.dropout),
            mistake => mistake,
        }
    }

    /// Attention of one sample on these wires, in training or not.
    pub(super) const fn heads(&self, wires: &[Wire], heads: [usize; 2], dims: [usize; 2]) -> Heads {
        let [queries, keys] = Places::of(wires).steps(wires);
        let ([heads, key_heads], [key_dim, value_dim]) = (heads, dims);
        let (causal, dropout) = (self.use_causal_mask, self.dropout);
        let hiding = if dropout > 0.0 { Hiding::Left } else { Hiding::Replaced };
        Heads { samples: 1, queries, keys, heads, key_heads, key_dim, value_dim, causal, hiding, dropout }
    }
}

/// The shape of the output: the steps of the query, so many features.
pub(super) const fn shape(wires: &[Wire], features: usize) -> Shape {
    Shape::new(&[wires[Places::of(wires).query].shape.dim(0), features])
}

impl<
    const FEATURES: usize,
    const HEADS: usize,
    const KEY_DIM: usize,
    B: Optional,
    const VALUE_FEATURES: usize,
    const VALUE_DIM: usize,
    const OUT: usize,
    const KEY_FEATURES: usize,
> MultiHeadAttention<FEATURES, HEADS, KEY_DIM, B, VALUE_FEATURES, VALUE_DIM, OUT, KEY_FEATURES>
{
    const fn output(wires: &[Wire], options: &MultiHeadAttentionOptions) -> Output {
        Output::new(shape(wires, OUT))
            .or(options.mistake(wires, "MultiHeadAttention<_, HEADS, KEY_DIM>"))
            .or(Self::unless_features(wires))
            .or(Self::unless_sizes())
    }

    const fn unless_features(wires: &[Wire]) -> Option<Mistake> {
        let Places { query, key, value } = Places::of(wires);
        let (query, key, value) = (&wires[query], &wires[key], &wires[value]);
        let of_query = Text::new("its first argument says how many; write ").number(query.shape.last());
        if let Some(mistake) = unless_features(query, "query", FEATURES, of_query.and(", or `_` with `query` first")) {
            return Some(mistake);
        }
        let text = Text::new("write `MultiHeadAttention<_, ").number(HEADS).and(", ").number(KEY_DIM);
        let text = text.and(if B::USED { ", UseBias, " } else { ", NoBias, " }).number(value.shape.last());
        if let Some(mistake) = unless_features(value, "value", VALUE_FEATURES, text.and(">`")) {
            return Some(mistake);
        }
        let text = text.and(", ").number(VALUE_DIM).and(", ").number(OUT).and(", ").number(key.shape.last());
        unless_features(key, "key", KEY_FEATURES, text.and(">`"))
    }

    const fn unless_sizes() -> Option<Mistake> {
        if HEADS > 0 && KEY_DIM > 0 && VALUE_DIM > 0 {
            return None;
        }
        Some(Mistake::missing(Text::new("needs at least one head, and one number in each")))
    }

    const fn projected(wires: &[Wire], options: &MultiHeadAttentionOptions) -> Projected {
        Projected {
            heads: options.heads(wires, [HEADS, HEADS], [KEY_DIM, VALUE_DIM]),
            features: [FEATURES, KEY_FEATURES, VALUE_FEATURES, OUT],
            places: Places::of(wires),
        }
    }
}

refuses_one_wire! {
    [
        const FEATURES: usize, const HEADS: usize, const KEY_DIM: usize, B: Optional, const VALUE_FEATURES: usize,
        const VALUE_DIM: usize, const OUT: usize, const KEY_FEATURES: usize
    ]
    MultiHeadAttention<FEATURES, HEADS, KEY_DIM, B, VALUE_FEATURES, VALUE_DIM, OUT, KEY_FEATURES>, "MultiHeadAttention<_, HEADS, KEY_DIM>"
}

projected! {
    [
        const FEATURES: usize, const HEADS: usize, const KEY_DIM: usize, B: Optional, const VALUE_FEATURES: usize,
        const VALUE_DIM: usize, const OUT: usize, const KEY_FEATURES: usize
    ]
    MultiHeadAttention<FEATURES, HEADS, KEY_DIM, B, VALUE_FEATURES, VALUE_DIM, OUT, KEY_FEATURES>
}
