//! Layers, under Keras's names and with Keras's formulas and defaults.
//!
//! A layer is a struct of its parameters and nothing else; `model!` puts them together. One file
//! holds one layer.

mod activation;
mod attention;
mod batch_normalization;
mod category_encoding;
mod conv2d;
mod conv2d_transpose;
mod dense;
mod dropout;
mod embedding;
mod flatten;
mod get_item;
mod global_average_pooling2d;
mod global_max_pooling2d;
mod identity;
mod layer_normalization;
mod lstm;
mod max_pooling2d;
mod merging;
mod normalization;
mod part;
mod position_embedding;
mod rescaling;
mod reshape;
#[cfg(test)]
pub(crate) mod testing;
mod time_distributed;
mod unit_normalization;
mod up_sampling2d;
mod window;

pub use activation::Activation;
pub use attention::{
    AdditiveAttention, Attention, AttentionOptions, ConcatScore, DotScore, GroupQueryAttention, MultiHeadAttention,
    MultiHeadAttentionOptions, NoScale, ScoreMode, UseScale,
};
pub use batch_normalization::{BatchNormalization, BatchNormalizationOptions};
pub use category_encoding::{CategoryEncoding, CategoryEncodingOptions, OutputMode};
pub use conv2d::{Conv2d, Conv2dOptions};
pub use conv2d_transpose::{Conv2dTranspose, Conv2dTransposeOptions};
pub use dense::{Bias, Dense, DenseOptions, NoBias, UseBias};
pub use dropout::{Dropout, DropoutOptions};
pub use embedding::{Embedding, EmbeddingOptions};
pub use flatten::Flatten;
pub use get_item::{GetItem, GetItemOptions, Item};
pub use global_average_pooling2d::GlobalAveragePooling2d;
pub use global_max_pooling2d::{GlobalMaxPooling2d, GlobalPooling2dOptions};
pub use identity::Identity;
pub use layer_normalization::{LayerNormalization, LayerNormalizationOptions};
pub use lstm::{Lstm, LstmOptions};
pub use max_pooling2d::{MaxPooling2d, MaxPooling2dOptions};
pub use merging::{
    Add, Average, Concatenate, ConcatenateOptions, ConstantOptions, Dot, DotOptions, Maximum, Minimum, Multiply,
    Subtract, SubtractOptions,
};
pub use normalization::{Normalization, NormalizationOptions};
#[doc(hidden)]
pub use part::{Part, PartOptions};
pub use position_embedding::{PositionEmbedding, PositionEmbeddingOptions};
pub use rescaling::{Rescaling, RescalingOptions};
pub use reshape::{Reshape, ReshapeOptions};
pub use time_distributed::{OfEachStep, TimeDistributed};
pub use unit_normalization::{UnitNormalization, UnitNormalizationOptions};
pub use up_sampling2d::{Interpolation, UpSampling2d, UpSampling2dOptions};
pub use window::Padding;

use crate::activations;
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Forward, InputError, Mistake};
use crate::shape::{Tensor, Text};

/// The mistake of a layer that takes so many features, as its generic argument `index` says, and
/// is given another number of them or a single number, if that is so.
const fn unless_features<In: Tensor>(takes: usize, index: usize) -> Option<Mistake> {
    if In::SHAPE.rank() == 0 {
        return Mistake::unless_dimensions::<In>();
    }
    let found = In::SHAPE.last();
    if found == takes {
        return None;
    }
    let mistake = Mistake::features(takes, index, found);
    if In::SHAPE.rank() > 1 && In::SHAPE.length() == takes {
        return Some(mistake.advice(Text::new("put `Flatten` before it")));
    }
    Some(mistake)
}

/// The first id that is not below a bound, as an error of the batch.
fn unless_below<In: Tensor>(bound: usize, x: &[In]) -> Result<(), InputError> {
    let Some(index) = In::ids(x).iter().position(|id| *id as usize >= bound) else { return Ok(()) };
    let length = In::SHAPE.length();
    let (sample, position) = (index / length, index % length);
    Err(InputError { wire: 0, sample, position, id: In::ids(x)[index], bound })
}

/// Applies a layer's activation, which may have to see again what it was applied to.
#[inline]
fn activate<A: activations::Activation>(cx: &mut Forward<'_>, y: &mut [f32], features: usize) {
    if A::NEEDS_INPUT && cx.keep {
        cx.saved[..y.len()].copy_from_slice(y);
    }
    if A::LOGITS {
        cx.keep_logits(y);
    }
    if !A::RECTIFIES {
        A::forward(y, features);
    }
}

/// The way back of [`activate`]: the gradient of the output becomes that of what the activation was applied to.
#[cfg(feature = "training")]
fn activation_gradient<A: activations::TrainActivation, L>(
    cx: &Backward<'_, L>,
    y: &[f32],
    dy: &mut [f32],
    features: usize,
) {
    let input = if A::NEEDS_INPUT { &cx.saved[..dy.len()] } else { &[] };
    A::backward(input, y, dy, features);
    cx.add_logits_gradient(dy);
}
