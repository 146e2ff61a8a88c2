//! What is known of the layers and activations of `fusion-core`, for messages about what is written as in Keras.
//!
//! Made from their files by a test, `behaviour layer_table`; `UPDATE_EXPECT=1` writes it anew.

use super::Facts;
use super::arguments::Kind;

#[rustfmt::skip]
pub const LAYERS: &[Facts] = &[
    Facts { name: "Activation", example: Some("Activation<Relu>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "ActivityRegularization", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "BatchNormalization", example: Some("BatchNormalization<_>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "CategoryEncoding", example: Some("CategoryEncoding<10>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "Conv2d", example: Some("Conv2d<_, 32, 3>"), arguments: &[("activation", 3, Kind::Activation), ("use_bias", 4, Kind::Array)], defaults: &["", "", "", "activations::Linear", "layers::UseBias", ""], positional: None },
    Facts { name: "Conv2dTranspose", example: Some("Conv2dTranspose<_, 32, 3>"), arguments: &[("activation", 3, Kind::Activation), ("use_bias", 4, Kind::Array)], defaults: &["", "", "", "activations::Linear", "layers::UseBias", ""], positional: None },
    Facts { name: "Dense", example: Some("Dense<_, 32>"), arguments: &[("activation", 2, Kind::Activation), ("use_bias", 3, Kind::Array)], defaults: &["", "", "activations::Linear", "layers::UseBias"], positional: None },
    Facts { name: "Dropout", example: None, arguments: &[], defaults: &[], positional: Some("rate") },
    Facts { name: "Embedding", example: Some("Embedding<1000, 8>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "Flatten", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "GetItem", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "GlobalAveragePooling2d", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "GlobalMaxPooling2d", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "Identity", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "LayerNormalization", example: Some("LayerNormalization<_>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "Lstm", example: Some("Lstm<_, 32>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "Masking", example: None, arguments: &[], defaults: &[], positional: Some("mask_value") },
    Facts { name: "MaxPooling2d", example: None, arguments: &[], defaults: &[], positional: Some("pool_size") },
    Facts { name: "Normalization", example: Some("Normalization<_>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "Rescaling", example: None, arguments: &[], defaults: &[], positional: Some("scale") },
    Facts { name: "Reshape", example: None, arguments: &[], defaults: &[], positional: Some("target_shape") },
    Facts { name: "TimeDistributed", example: Some("TimeDistributed<Dense<_, 32>>"), arguments: &[], defaults: &[], positional: None },
    Facts { name: "UnitNormalization", example: None, arguments: &[], defaults: &[], positional: None },
    Facts { name: "UpSampling2d", example: None, arguments: &[], defaults: &[], positional: Some("size") },
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
