//! The layers of one tensor, a line a case: what goes in, the layer with its options, what comes out.
//!
//! Each line makes the tests of `layer_case`. A new layer is a line here, and Keras's numbers of its name in
//! `tests/fixtures/keras/layers`.

use fusion_core::activations::{Linear, Relu, Softmax, Tanh};
use fusion_core::layers::*;
use fusion_core::weights::{Configured, Options, OptionsOf};

use crate::layer_case::{Case, STEPS, alone, layer_case};

const TOLERANCE: f32 = 1e-5;

type Image<const H: usize, const W: usize, const C: usize> = [[[f32; C]; W]; H];

/// Python's `from:to:step`.
const fn slice(from: isize, to: Option<isize>, step: isize) -> Item {
    Item::Range { from: Some(from), to, step }
}

layer_case! { TOLERANCE:
    dense: "Dense", [f32; 6] => Dense<6, 4> => [f32; 4];
    dense_rank3: "Dense", [[f32; 6]; 5] => Dense<6, 4> => [[f32; 4]; 5];
    dense_no_bias: "Dense", [f32; 6] => Dense<6, 4, Linear, NoBias> => [f32; 4];
    dense_relu: "Dense", [f32; 6] => Dense<6, 4, Relu> => [f32; 4];
    dense_softmax: "Dense", [f32; 6] => Dense<6, 4, Softmax> => [f32; 4];
    activation: "Activation", [f32; 6] => Activation<Tanh> => [f32; 6], without_numbers();
    dropout: "Dropout", [f32; 6] => Dropout [rate = 0.5] => [f32; 6], without_numbers();
    identity: "Identity", [[f32; 6]; 2] => Identity => [[f32; 6]; 2], without_numbers();
    flatten: "Flatten", Image<3, 4, 2> => Flatten => [f32; 24];
    flatten_ids: "Flatten", [[u32; 4]; 3] => Flatten => [u32; 12], without_numbers();
    get_item: "GetItem", [[f32; 3]; 4] => GetItem [items = &[Item::At(1)]] => [f32; 3];
    get_item_last: "GetItem", [[f32; 3]; 4] => GetItem [items = &[Item::Rest, Item::At(-1)]] => [f32; 4];
    get_item_ranges: "GetItem",
        Image<5, 6, 3> => GetItem [items = &[slice(-4, Some(-1), 1), slice(1, None, 2), Item::At(1)]] => [[f32; 3]; 3];
    get_item_ids: "GetItem", [[u32; 3]; 4] => GetItem [items = &[Item::All, Item::At(1)]] => [u32; 4], without_numbers();
    add_constant: "Add", [f32; 4] => Add [constant = 1.5] => [f32; 4];
    multiply_constant: "Multiply", [f32; 4] => Multiply [constant = 2.5] => [f32; 4];
    subtract_constant: "Subtract", [f32; 4] => Subtract [constant = 1.5] => [f32; 4];
    subtract_from_constant: "Subtract", [f32; 4] => Subtract [from_constant = 1.5] => [f32; 4];
    normalization: "Normalization", [f32; 6] => Normalization<6> => [f32; 6],
        weights(&[("mean", &[6], 0.1), ("variance", &[6], 0.5)]);
    unit_normalization: "UnitNormalization", [f32; 6] => UnitNormalization => [f32; 6];
    unit_normalization_axis1: "UnitNormalization", [[f32; 6]; 4] => UnitNormalization [axis = 1] => [[f32; 6]; 4];
    unit_normalization_axes: "UnitNormalization", Image<4, 2, 3> => UnitNormalization [axes = [1, 3]] => Image<4, 2, 3>;
    rescaling: "Rescaling", [f32; 6] => Rescaling [scale = 1.0 / 255.0, offset = -0.5] => [f32; 6];
    conv2d_valid: "Conv2D", Image<7, 8, 2> => Conv2d<2, 4, 3> => Image<5, 6, 4>;
    conv2d_1x1: "Conv2D", Image<4, 4, 3> => Conv2d<3, 5, 1> => Image<4, 4, 5>;
    conv2d_same: "Conv2D", Image<7, 8, 2> => Conv2d<2, 4, 3, Relu> [padding = Padding::Same] => Image<7, 8, 4>;
    conv2d_stride2_same: "Conv2D",
        Image<7, 8, 2> => Conv2d<2, 4, 3> [strides = 2, padding = Padding::Same] => Image<4, 4, 4>;
    conv2d_stride2_valid: "Conv2D",
        Image<7, 8, 2> => Conv2d<2, 4, 3, Linear, UseBias, 2> [strides = 2] => Image<3, 4, 4>;
    conv2d_dilated: "Conv2D", Image<9, 8, 2> => Conv2d<2, 4, 3> [dilation_rate = 2] => Image<5, 4, 4>;
    conv2d_groups: "Conv2D", Image<7, 8, 4> => Conv2d<2, 4, 3> [groups = 2] => Image<5, 6, 4>;
    conv2d_transpose: "Conv2DTranspose", Image<5, 6, 2> => Conv2dTranspose<2, 4, 3> => Image<7, 8, 4>;
    conv2d_transpose_stride2_same: "Conv2DTranspose",
        Image<5, 6, 2> => Conv2dTranspose<2, 4, 3> [strides = 2, padding = Padding::Same] => Image<10, 12, 4>;
    max_pooling2d: "MaxPooling2D", Image<7, 8, 3> => MaxPooling2d => Image<3, 4, 3>;
    max_pooling2d_3_stride2_same: "MaxPooling2D",
        Image<7, 8, 3> => MaxPooling2d [positional = 3, strides = 2, padding = Padding::Same] => Image<4, 4, 3>;
    global_max_pooling2d: "GlobalMaxPooling2D", Image<5, 6, 3> => GlobalMaxPooling2d => [f32; 3];
    global_average_pooling2d: "GlobalAveragePooling2D", Image<5, 6, 3> => GlobalAveragePooling2d => [f32; 3];
    up_sampling2d: "UpSampling2D", Image<3, 4, 2> => UpSampling2d => Image<6, 8, 2>;
    up_sampling2d_bilinear: "UpSampling2D",
        Image<3, 4, 2> => UpSampling2d [positional = 2, interpolation = Interpolation::Bilinear] => Image<6, 8, 2>;
    batch_normalization: "BatchNormalization", [f32; 6] => BatchNormalization<6> => [f32; 6];
    batch_normalization_2d: "BatchNormalization", Image<4, 5, 3> => BatchNormalization<3> => Image<4, 5, 3>;
    layer_normalization: "LayerNormalization", [f32; 6] => LayerNormalization<6> => [f32; 6];
    layer_normalization_rank3: "LayerNormalization", [[f32; 6]; 4] => LayerNormalization<6> => [[f32; 6]; 4];
    layer_normalization_epsilon: "LayerNormalization",
        [f32; 40] => LayerNormalization<40> [epsilon = 0.1] => [f32; 40];
    embedding: "Embedding", [u32; 5] => Embedding<11, 4> => [[f32; 4]; 5];
    embedding_single: "Embedding", u32 => Embedding<11, 4> => [f32; 4];
    category_encoding_one_hot: "CategoryEncoding",
        u32 => CategoryEncoding<6> [output_mode = OutputMode::OneHot] => [f32; 6];
    category_encoding_one_hot_rank1: "CategoryEncoding",
        [u32; 4] => CategoryEncoding<6> [output_mode = OutputMode::OneHot] => [[f32; 6]; 4];
    category_encoding_multi_hot: "CategoryEncoding", [u32; 4] => CategoryEncoding<6> => [f32; 6];
    category_encoding_count: "CategoryEncoding",
        [u32; 4] => CategoryEncoding<6> [output_mode = OutputMode::Count] => [f32; 6];
    rescaling_single: "Rescaling", f32 => Rescaling [scale = 3.0, offset = -0.5] => f32, without_numbers();
    activation_single: "Activation", f32 => Activation<Tanh> => f32, without_numbers();
    lstm: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> => [f32; 4];
    lstm_sequences: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [return_sequences = true] => [[f32; 4]; 5];
    lstm_state: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [return_state = true] => [f32; 12];
    lstm_sequences_state: "LSTM",
        [[f32; 3]; 5] => Lstm<3, 4> [return_sequences = true, return_state = true] => [f32; 28];
    lstm_backwards_state: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [go_backwards = true, return_state = true] => [f32; 12];
    position_embedding: "PositionEmbedding", [[f32; 6]; 4] => PositionEmbedding<4, 6> => [[f32; 6]; 4];
    position_embedding_shorter: "PositionEmbedding", [[f32; 6]; 3] => PositionEmbedding<5, 6> => [[f32; 6]; 3];
    reshape: "Reshape", [[f32; 8]; 3] => Reshape [positional = [6, 4]] => [[f32; 4]; 6];
    time_distributed_dense: "TimeDistributed", [[f32; 3]; 5] => TimeDistributed<Dense<3, 4>> => [[f32; 4]; 5];
}

/// What is public beside the layers and their options.
const NO_LAYERS: [&str; 14] = [
    "Bias",
    "NoBias",
    "UseBias",
    "Padding",
    "Interpolation",
    "OfEachStep",
    "Item",
    "OutputMode",
    "Part",
    "ScoreMode",
    "DotScore",
    "ConcatScore",
    "UseScale",
    "NoScale",
];

#[test]
fn every_public_layer_has_a_case() {
    let listed = include_str!("../../fusion-core/src/layers/mod.rs");
    let uses = listed.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let names = uses.flat_map(|names| names.split(['{', '}', ',', ':'])).map(str::trim);
    let layers: Vec<&str> = names
        .filter(|name| name.starts_with(char::is_uppercase))
        .filter(|name| !name.ends_with("Options") && !NO_LAYERS.contains(name))
        .collect();
    assert!(layers.contains(&"Dense") && layers.len() > 15, "{layers:?}");
    let cases: Vec<&str> = LAYERS
        .iter()
        .chain(crate::merges::LAYERS)
        .map(|layer| layer.split(['<', ' ']).next().expect("a type's name"))
        .collect();
    let without: Vec<_> = layers.iter().filter(|layer| !cases.contains(layer)).collect();
    assert!(without.is_empty(), "no line in layers.rs or merges.rs checks {without:?}");
}
