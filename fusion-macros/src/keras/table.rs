//! What is known of the layers and activations of `fusion-core`, for messages about what is written as in Keras.
//!
//! Made from their files by a test, `behaviour layer_table`; `UPDATE_EXPECT=1` writes it anew.

use super::Facts;

#[rustfmt::skip]
pub const LAYERS: &[Facts] = &[
    Facts { name: "Activation", example: Some("Activation<Relu>"), activation: None, positional: None },
    Facts { name: "AdditiveAttention", example: Some("AdditiveAttention<_>"), activation: None, positional: None },
    Facts { name: "Attention", example: Some("Attention"), activation: None, positional: None },
    Facts { name: "BatchNormalization", example: Some("BatchNormalization<_>"), activation: None, positional: None },
    Facts { name: "CategoryEncoding", example: Some("CategoryEncoding<10>"), activation: None, positional: None },
    Facts { name: "Conv2d", example: Some("Conv2d<_, 32, 3>"), activation: Some(3), positional: None },
    Facts { name: "Conv2dTranspose", example: Some("Conv2dTranspose<_, 32, 3>"), activation: Some(3), positional: None },
    Facts { name: "Dense", example: Some("Dense<_, 32>"), activation: Some(2), positional: None },
    Facts { name: "Dropout", example: None, activation: None, positional: Some("rate") },
    Facts { name: "Embedding", example: Some("Embedding<1000, 8>"), activation: None, positional: None },
    Facts { name: "Flatten", example: None, activation: None, positional: None },
    Facts { name: "GetItem", example: None, activation: None, positional: None },
    Facts { name: "GlobalAveragePooling2d", example: None, activation: None, positional: None },
    Facts { name: "GlobalMaxPooling2d", example: None, activation: None, positional: None },
    Facts { name: "GroupQueryAttention", example: Some("GroupQueryAttention<_, 16, 4, 2>"), activation: None, positional: None },
    Facts { name: "Identity", example: None, activation: None, positional: None },
    Facts { name: "LayerNormalization", example: Some("LayerNormalization<_>"), activation: None, positional: None },
    Facts { name: "Lstm", example: Some("Lstm<_, 32>"), activation: None, positional: None },
    Facts { name: "MaxPooling2d", example: None, activation: None, positional: Some("pool_size") },
    Facts { name: "MultiHeadAttention", example: Some("MultiHeadAttention<_, 2, 16>"), activation: None, positional: None },
    Facts { name: "Normalization", example: Some("Normalization<_>"), activation: None, positional: None },
    Facts { name: "PositionEmbedding", example: Some("PositionEmbedding<100, _>"), activation: None, positional: None },
    Facts { name: "Rescaling", example: None, activation: None, positional: Some("scale") },
    Facts { name: "Reshape", example: None, activation: None, positional: Some("target_shape") },
    Facts { name: "TimeDistributed", example: Some("TimeDistributed<Dense<_, 32>>"), activation: None, positional: None },
    Facts { name: "UnitNormalization", example: None, activation: None, positional: None },
    Facts { name: "UpSampling2d", example: None, activation: None, positional: Some("size") },
];

pub const ACTIVATIONS: &[&str] = &[
    "Celu",
    "Elu",
    "Exponential",
    "Gelu",
    "HardShrink",
    "HardSigmoid",
    "HardSilu",
    "HardTanh",
    "LeakyRelu",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "Relu",
    "Relu6",
    "Selu",
    "Sigmoid",
    "Silu",
    "SoftShrink",
    "Softmax",
    "Softplus",
    "Softsign",
    "SparsePlus",
    "Squareplus",
    "Tanh",
    "TanhShrink",
];

/// The merges of the language, `concatenate` first: what people reach for.
#[rustfmt::skip]
pub const MERGES: &[&str] = &[
    "concatenate",
    "add",
    "average",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
];
