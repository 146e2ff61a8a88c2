//! Layers, under Keras's names and with Keras's formulas and defaults.
//!
//! A layer is a struct of its parameters and nothing else; `model!` puts them together. One file
//! holds one layer.

mod activation;
mod activity_regularization;
mod adapting;
mod adaptive_average_pooling1d;
mod adaptive_average_pooling2d;
mod adaptive_max_pooling1d;
mod adaptive_max_pooling2d;
mod alpha_dropout;
mod attention;
mod average_pooling1d;
mod average_pooling2d;
mod average_pooling3d;
mod axes;
mod batch_normalization;
mod bidirectional;
mod borders;
mod category_encoding;
mod center_crop;
mod conv1d;
mod conv1d_transpose;
mod conv2d;
mod conv2d_transpose;
mod conv3d;
mod conv3d_transpose;
mod conv_lstm1d;
mod conv_lstm2d;
mod conv_lstm3d;
mod convolution;
mod cropping1d;
mod cropping2d;
mod cropping3d;
mod dense;
mod depthwise_conv1d;
mod depthwise_conv2d;
mod discretization;
mod dropout;
mod einsum_dense;
mod elu;
mod embedding;
mod encoding;
mod expand_dims;
mod factor;
mod fingerprints;
mod flatten;
mod folding;
mod gaussian_dropout;
mod gaussian_noise;
mod get_item;
mod global_average_pooling1d;
mod global_average_pooling2d;
mod global_average_pooling3d;
mod global_max_pooling1d;
mod global_max_pooling2d;
mod global_max_pooling3d;
mod glu;
mod group_normalization;
mod gru;
mod hashed_crossing;
mod hashing;
mod identity;
mod integer_lookup;
mod layer_normalization;
mod leaky_relu;
mod lstm;
mod masking;
mod max_pooling1d;
mod max_pooling2d;
mod max_pooling3d;
mod merging;
mod noise;
mod noise_shape;
mod normalization;
mod optional;
mod p_relu;
mod part;
mod permute;
mod pointwise;
mod pooling;
mod position_embedding;
mod random_brightness;
mod random_contrast;
mod random_flip;
mod random_rotation;
mod random_translation;
mod random_zoom;
mod rearranging;
mod recurrent;
mod relu;
mod repeat_vector;
mod resampling;
mod rescaling;
mod reshape;
mod resizing;
mod rms_normalization;
mod rnn;
mod separable_conv1d;
mod separable_conv2d;
mod simple_rnn;
mod softmax;
mod spatial;
mod spatial_dropout1d;
mod spatial_dropout2d;
mod spatial_dropout3d;
mod spatial_dropping;
mod spectral_normalization;
mod split;
mod splitting;
mod squeeze;
#[cfg(test)]
pub(crate) mod testing;
mod time_distributed;
mod unit_normalization;
mod unstack;
mod up_sampling;
mod up_sampling1d;
mod up_sampling2d;
mod up_sampling3d;
mod warp;
mod window;
mod zero_padding1d;
mod zero_padding2d;
mod zero_padding3d;

pub use activation::Activation;
pub use activity_regularization::{ActivityRegularization, ActivityRegularizationOptions};
pub use adapting::AdaptError;
pub use adaptive_average_pooling1d::AdaptiveAveragePooling1d;
pub use adaptive_average_pooling2d::AdaptiveAveragePooling2d;
pub use adaptive_max_pooling1d::AdaptiveMaxPooling1d;
pub use adaptive_max_pooling2d::AdaptiveMaxPooling2d;
pub use alpha_dropout::AlphaDropout;
pub use attention::{
    AdditiveAttention, Attention, AttentionOptions, ConcatScore, DotScore, GroupQueryAttention, MultiHeadAttention,
    MultiHeadAttentionOptions, NoScale, ScoreMode, UseScale,
};
pub use average_pooling1d::AveragePooling1d;
pub use average_pooling2d::AveragePooling2d;
pub use average_pooling3d::AveragePooling3d;
pub use batch_normalization::{BatchNormalization, BatchNormalizationOptions};
pub use bidirectional::{Bidirectional, BidirectionalOptions, GoBackwards, MergeMode};
pub use borders::{CroppingOptions, ZeroPaddingOptions};
pub use category_encoding::{CategoryEncoding, CategoryEncodingOptions};
pub use center_crop::{CenterCrop, CenterCropOptions};
pub use conv_lstm1d::ConvLstm1d;
pub use conv_lstm2d::ConvLstm2d;
pub use conv_lstm3d::ConvLstm3d;
pub use conv1d::Conv1d;
pub use conv1d_transpose::Conv1dTranspose;
pub use conv2d::Conv2d;
pub use conv2d_transpose::Conv2dTranspose;
pub use conv3d::Conv3d;
pub use conv3d_transpose::Conv3dTranspose;
pub use convolution::{
    ConvLstmOptions, ConvolutionOptions, DepthwiseConvolutionOptions, SeparableConvolutionOptions,
    TransposedConvolutionOptions,
};
pub use cropping1d::Cropping1d;
pub use cropping2d::Cropping2d;
pub use cropping3d::Cropping3d;
pub use dense::{Dense, DenseOptions};
pub use depthwise_conv1d::DepthwiseConv1d;
pub use depthwise_conv2d::DepthwiseConv2d;
pub use discretization::{Discretization, DiscretizationOptions};
pub use dropout::{Dropout, DropoutOptions, RateOptions};
pub use einsum_dense::{EinsumDense, EinsumDenseOptions};
pub use embedding::{Embedding, EmbeddingOptions};
pub use encoding::OutputMode;
pub use expand_dims::{ExpandDims, ExpandDimsOptions};
pub use flatten::Flatten;
pub use gaussian_dropout::GaussianDropout;
pub use gaussian_noise::{GaussianNoise, GaussianNoiseOptions};
pub use get_item::{GetItem, GetItemOptions, Item};
pub use global_average_pooling1d::GlobalAveragePooling1d;
pub use global_average_pooling2d::GlobalAveragePooling2d;
pub use global_average_pooling3d::GlobalAveragePooling3d;
pub use global_max_pooling1d::GlobalMaxPooling1d;
pub use global_max_pooling2d::GlobalMaxPooling2d;
pub use global_max_pooling3d::GlobalMaxPooling3d;
pub use glu::{Glu, GluOptions};
pub use group_normalization::{GroupNormalization, GroupNormalizationOptions};
pub use gru::{Gru, ResetAfter};
pub use hashed_crossing::{HashedCrossing, HashedCrossingOptions};
pub use hashing::{Hashing, HashingOptions};
pub use identity::Identity;
pub use integer_lookup::{IntegerLookup, IntegerLookupOptions};
pub use layer_normalization::{LayerNormalization, LayerNormalizationOptions};
pub use lstm::{Lstm, LstmOptions};
pub use masking::{Masking, MaskingOptions};
pub use max_pooling1d::MaxPooling1d;
pub use max_pooling2d::MaxPooling2d;
pub use max_pooling3d::MaxPooling3d;
pub use merging::{
    Add, Average, Concatenate, ConcatenateOptions, ConstantOptions, Dot, DotOptions, Maximum, Minimum, Multiply, Stack,
    StackOptions, Subtract, SubtractOptions,
};
pub use normalization::{Normalization, NormalizationOptions};
pub use optional::{NoBias, Optional, Use, UseBias};
pub use p_relu::{PRelu, PReluOptions};
#[doc(hidden)]
pub use part::{Part, PartOptions};
pub use permute::{Permute, PermuteOptions};
pub use pooling::{AdaptivePoolingOptions, GlobalPoolingOptions, PoolingOptions};
pub use position_embedding::{PositionEmbedding, PositionEmbeddingOptions};
pub use random_brightness::{RandomBrightness, RandomBrightnessOptions};
pub use random_contrast::{RandomContrast, RandomContrastOptions};
pub use random_flip::{FlipMode, RandomFlip, RandomFlipOptions};
pub use random_rotation::{RandomRotation, RandomRotationOptions};
pub use random_translation::{RandomTranslation, RandomTranslationOptions};
pub use random_zoom::{RandomZoom, RandomZoomOptions};
pub use recurrent::RecurrentOptions;
pub use repeat_vector::{RepeatVector, RepeatVectorOptions};
pub use rescaling::{Rescaling, RescalingOptions};
pub use reshape::{Reshape, ReshapeOptions};
#[doc(hidden)]
pub use resizing::resizing_weights;
pub use resizing::{Resizing, ResizingOptions};
pub use rms_normalization::{RmsNormalization, RmsNormalizationOptions};
pub use rnn::{Cell, Rnn, RnnOptions, StepBack};
pub use separable_conv1d::SeparableConv1d;
pub use separable_conv2d::SeparableConv2d;
pub use simple_rnn::SimpleRnn;
pub use spatial_dropout1d::SpatialDropout1d;
pub use spatial_dropout2d::SpatialDropout2d;
pub use spatial_dropout3d::SpatialDropout3d;
pub use spectral_normalization::{SpectralNormalization, SpectralNormalizationOptions};
pub use split::{Split, SplitOptions};
pub use squeeze::{Squeeze, SqueezeOptions};
pub use time_distributed::TimeDistributed;
pub use unit_normalization::{UnitNormalization, UnitNormalizationOptions};
pub use unstack::{Unstack, UnstackOptions};
pub use up_sampling::UpSamplingOptions;
pub use up_sampling1d::UpSampling1d;
pub use up_sampling2d::{Interpolation, UpSampling2d, UpSampling2dOptions};
pub use up_sampling3d::UpSampling3d;
pub use warp::FillMode;
pub use window::Padding;
pub use zero_padding1d::ZeroPadding1d;
pub use zero_padding2d::ZeroPadding2d;
pub use zero_padding3d::ZeroPadding3d;

pub use crate::activations::options::{EluOptions, LeakyReluOptions, ReluOptions, SoftmaxOptions};
#[doc(no_inline)]
pub use crate::activations::{Elu, LeakyRelu, Relu, Softmax};

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

/// The mistake of an activation along the last dimension that has one number, of which nothing can be learnt.
pub(crate) const fn unless_of_one<A: crate::activations::Activation>(shape: &crate::Shape) -> Option<Mistake> {
    match A::OF_ONE {
        Some(value) if shape.rank() > 0 && shape.last() == 1 => {
            let words = Text::new("always gives ").and(value).and(", as `").and(A::NAME);
            Some(Mistake::sentence(words.and("` of a single number does; a yes or no is `Dense<_, 1, Sigmoid>`")))
        }
        _ => None,
    }
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
