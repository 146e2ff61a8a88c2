//! Attention of several heads that share keys and values.

use super::multi_head_attention::{MultiHeadAttentionOptions, OfProjections, shape};
use super::projected::{Projected, projected};
use super::projection::{Combination, Projection};
use super::refuses_one_wire;
use super::{Places, unless_features};
use crate::layer::{Mistake, Output, Wire};
use crate::layers::{Optional, UseBias};
use crate::shape::Text;

/// [`MultiHeadAttention`](super::MultiHeadAttention) with fewer heads of keys and values than of queries, `[steps,
/// FEATURES]` → `[steps, FEATURES]`: Keras's `layers.GroupQueryAttention` (Ainslie and others, "GQA: Training Generalized
/// Multi-Query Transformer Models from Multi-Head Checkpoints", 2023).
///
/// The first `QUERY_HEADS` / `KEY_VALUE_HEADS` heads of the query take the first head of the key and the value, and so
/// on; one head for all is multi-query attention (Shazeer, 2019). All else is as in
/// [`MultiHeadAttention`](super::MultiHeadAttention), the options and the wires `query`, `value` and `key` too. The
/// arguments are the features of the query, `head_dim`, the heads of the query, those of the key and the value; then what
/// has a default: whether there are biases, the features of the value where they are others, those of the key.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Several, Wire, Wires};
/// use fusion::layers::GroupQueryAttention;
/// use fusion::{Layer, Parameters, Shape};
/// struct Itself;
/// impl Wires for Itself {
///     const WIRES: &'static [Wire] = &[Wire::of::<[[f32; 8]; 5]>("query"), Wire::of::<[[f32; 8]; 5]>("value")];
/// }
/// type Attention = GroupQueryAttention<8, 4, 6, 2>;
/// assert_eq!(<Attention as Layer<Several<Itself, 2>>>::OUTPUT.shape, Shape::new(&[5, 8]));
/// assert_eq!(<Attention as Parameters>::COUNT, (8 + 1) * (6 + 2 + 2) * 4 + (6 * 4 + 1) * 8);
/// ```
#[doc(alias("GroupedQueryAttention", "MultiQueryAttention"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "GroupedQueryAttention", options = MultiHeadAttentionOptions, example = "GroupQueryAttention<_, 16, 4, 2>", arguments(use_bias = 4))]
pub struct GroupQueryAttention<
    const FEATURES: usize,
    const HEAD_DIM: usize,
    const QUERY_HEADS: usize,
    const KEY_VALUE_HEADS: usize,
    B: Optional = UseBias,
    const VALUE_FEATURES: usize = FEATURES,
    const KEY_FEATURES: usize = VALUE_FEATURES,
> {
    /// From the query: `kernel[i][head][d]` and `bias[head][d]`.
    #[parameter(options = OfProjections<Self, __O>)]
    pub query: Projection<FEATURES, QUERY_HEADS, HEAD_DIM, B>,
    /// From the key.
    #[parameter(options = OfProjections<Self, __O>)]
    pub key: Projection<KEY_FEATURES, KEY_VALUE_HEADS, HEAD_DIM, B>,
    /// From the value.
    #[parameter(options = OfProjections<Self, __O>)]
    pub value: Projection<VALUE_FEATURES, KEY_VALUE_HEADS, HEAD_DIM, B>,
    /// From what all heads give: `kernel[head][d][o]` and `bias[o]`.
    #[parameter(options = OfProjections<Self, __O>)]
    pub attention_output: Combination<QUERY_HEADS, HEAD_DIM, FEATURES, B>,
}

impl<
    const FEATURES: usize,
    const HEAD_DIM: usize,
    const QUERY_HEADS: usize,
    const KEY_VALUE_HEADS: usize,
    B: Optional,
    const VALUE_FEATURES: usize,
    const KEY_FEATURES: usize,
> GroupQueryAttention<FEATURES, HEAD_DIM, QUERY_HEADS, KEY_VALUE_HEADS, B, VALUE_FEATURES, KEY_FEATURES>
{
    const fn output(wires: &[Wire], options: &MultiHeadAttentionOptions) -> Output {
        Output::new(shape(wires, FEATURES))
            .or(options.mistake(wires, "GroupQueryAttention<_, HEAD_DIM, QUERY_HEADS, KEY_VALUE_HEADS>"))
            .or(Self::unless_features(wires))
            .or(Self::unless_heads())
    }

    const fn unless_features(wires: &[Wire]) -> Option<Mistake> {
        let Places { query, key, value } = Places::of(wires);
        let (query, key, value) = (&wires[query], &wires[key], &wires[value]);
        let of_query = Text::new("its first argument says how many; write ").number(query.shape.last());
        if let Some(mistake) = unless_features(query, "query", FEATURES, of_query.and(", or `_` with `query` first")) {
            return Some(mistake);
        }
        let text = Text::new("write `GroupQueryAttention<_, ").number(HEAD_DIM).and(", ").number(QUERY_HEADS);
        let text = text.and(", ").number(KEY_VALUE_HEADS).and(if B::USED { ", UseBias, " } else { ", NoBias, " });
        let text = text.number(value.shape.last());
        if let Some(mistake) = unless_features(value, "value", VALUE_FEATURES, text.and(">`")) {
            return Some(mistake);
        }
        unless_features(key, "key", KEY_FEATURES, text.and(", ").number(key.shape.last()).and(">`"))
    }

    const fn unless_heads() -> Option<Mistake> {
        if QUERY_HEADS == 0 || KEY_VALUE_HEADS == 0 || HEAD_DIM == 0 {
            return Some(Mistake::missing(Text::new("needs at least one head of each kind, and one number in each")));
        }
        if QUERY_HEADS.is_multiple_of(KEY_VALUE_HEADS) {
            return None;
        }
        let text = Text::new("cannot share ").number(KEY_VALUE_HEADS).and(" heads of keys and values evenly among ");
        let text = text.number(QUERY_HEADS).and(" heads of the query; the second number is a multiple of the first");
        Some(Mistake::missing(text))
    }

    const fn projected(wires: &[Wire], options: &MultiHeadAttentionOptions) -> Projected {
        Projected {
            heads: options.heads(wires, [QUERY_HEADS, KEY_VALUE_HEADS], [HEAD_DIM, HEAD_DIM]),
            features: [FEATURES, KEY_FEATURES, VALUE_FEATURES, FEATURES],
            places: Places::of(wires),
        }
    }
}

refuses_one_wire! {
    [
        const FEATURES: usize, const HEAD_DIM: usize, const QUERY_HEADS: usize, const KEY_VALUE_HEADS: usize, B: Optional,
        const VALUE_FEATURES: usize, const KEY_FEATURES: usize
    ]
    GroupQueryAttention<FEATURES, HEAD_DIM, QUERY_HEADS, KEY_VALUE_HEADS, B, VALUE_FEATURES, KEY_FEATURES>, "GroupQueryAttention<_, HEAD_DIM, QUERY_HEADS, KEY_VALUE_HEADS>"
}

projected! {
    [
        const FEATURES: usize, const HEAD_DIM: usize, const QUERY_HEADS: usize, const KEY_VALUE_HEADS: usize, B: Optional,
        const VALUE_FEATURES: usize, const KEY_FEATURES: usize
    ]
    GroupQueryAttention<FEATURES, HEAD_DIM, QUERY_HEADS, KEY_VALUE_HEADS, B, VALUE_FEATURES, KEY_FEATURES>
}
