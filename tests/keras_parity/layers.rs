//! The layers of one tensor, a line a case: what goes in, the layer with its options, what comes out.
//!
//! Each line makes the tests of `layer_case`. A new layer is a line here, and Keras's numbers of its name in
//! `tests/fixtures/keras/layers`.

use fusion_core::activations::parameters::{GeluOptions, LeakyReluOptions, ThresholdOptions, With};
use fusion_core::activations::{Gelu, HardSigmoid, Linear, Sigmoid, Silu, Softsign, Sparsemax, Tanh, Threshold};
use fusion_core::layers::*;
use fusion_core::weights::{Configured, Defaults, NoOptions, Options, OptionsOf, OptionsWithin};
use own_layer::MinimalGatedCell;

use crate::layer_case::{Case, STEPS, alone, layer_case};
use crate::own_cell::SimpleRnnCell;

const TOLERANCE: f32 = 1e-5;

type Image<const H: usize, const W: usize, const C: usize> = [[[f32; C]; W]; H];

type Volume<const D: usize, const H: usize, const W: usize, const C: usize> = [[[[f32; C]; W]; H]; D];

const TENTH: u128 = LeakyReluOptions::DEFAULT.positional(0.1).parameters();
const QUARTER: u128 = ThresholdOptions::DEFAULT.positional(0.25, -1.0).parameters();
const APPROXIMATE: u128 = GeluOptions::DEFAULT.approximate(true).parameters();
static VOCABULARY: [u32; 4] = [12, 36, 1138, 42];

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
    dense_leaky_relu: "Dense", [f32; 6] => Dense<6, 4, With<LeakyRelu, TENTH>> => [f32; 4];
    einsum_dense: "EinsumDense",
        [[f32; 3]; 4] => EinsumDense<[[f32; 5]; 3], [f32; 5]> [equation = "abc,cd->abd", bias_axes = "d"] => [[f32; 5]; 4];
    einsum_dense_heads: "EinsumDense",
        [[f32; 3]; 4] => EinsumDense<Image<3, 2, 5>, [[f32; 5]; 2], Gelu>
            [equation = "abc,cde->abde", bias_axes = "de"] => Image<4, 2, 5>;
    einsum_dense_heads_back: "EinsumDense",
        Image<4, 2, 3> => EinsumDense<Image<2, 3, 6>> [equation = "abcd,cde->abe"] => [[f32; 6]; 4];
    einsum_dense_dots: "EinsumDense",
        Image<2, 4, 3> => EinsumDense<[[f32; 5]; 3], [f32; 5], Relu>
            [equation = "...x,xy->...y", bias_axes = "y"] => Image<2, 4, 5>;
    einsum_dense_dots_behind: "EinsumDense",
        [[f32; 4]; 3] => EinsumDense<[[f32; 5]; 3], [[f32; 1]; 5]>
            [equation = "ab...,bc->ac...", bias_axes = "c"] => [[f32; 4]; 5];
    einsum_dense_turned: "EinsumDense",
        Image<4, 3, 2> => EinsumDense<Image<2, 4, 6>, Image<6, 1, 4>>
            [equation = "abcd,dbe->aecb", bias_axes = "eb"] => Image<6, 3, 4>;
    activation: "Activation", [f32; 6] => Activation<Tanh> => [f32; 6], without_numbers();
    activation_sparsemax: "Activation", [[f32; 5]; 3] => Activation<Sparsemax> => [[f32; 5]; 3], without_numbers();
    activation_threshold: "Activation", [f32; 6] => Activation<With<Threshold, QUARTER>> => [f32; 6];
    glu: "Activation", [[f32; 6]; 4] => Glu => [[f32; 3]; 4];
    glu_axis1: "Activation", [[f32; 6]; 4] => Glu [axis = 1] => [[f32; 6]; 2];
    relu: "ReLU", [f32; 6] => Relu => [f32; 6];
    relu_capped: "ReLU", [f32; 6] => Relu [max_value = 0.5, negative_slope = 0.1, threshold = 0.1] => [f32; 6];
    relu_sloping: "ReLU", [f32; 6] => Relu [negative_slope = 0.2, threshold = 0.3] => [f32; 6];
    leaky_relu: "LeakyReLU", [f32; 6] => LeakyRelu => [f32; 6];
    leaky_relu_slope: "LeakyReLU", [f32; 6] => LeakyRelu [positional = 0.1] => [f32; 6];
    elu: "ELU", [f32; 6] => Elu => [f32; 6];
    elu_alpha: "ELU", [f32; 6] => Elu [positional = 0.5] => [f32; 6];
    softmax: "Softmax", [f32; 6] => Softmax => [f32; 6];
    softmax_axis1: "Softmax", [[f32; 3]; 4] => Softmax [axis = 1] => [[f32; 3]; 4];
    softmax_axis2: "Softmax", Image<2, 4, 3> => Softmax [axis = 2] => Image<2, 4, 3>;
    prelu: "PReLU", [f32; 6] => PRelu<[f32; 6]> => [f32; 6];
    prelu_image: "PReLU", Image<3, 4, 2> => PRelu<Image<3, 4, 2>> => Image<3, 4, 2>;
    prelu_shared: "PReLU", Image<3, 4, 2> => PRelu<Image<1, 1, 2>> => Image<3, 4, 2>;
    dropout: "Dropout", [f32; 6] => Dropout [rate = 0.5] => [f32; 6], without_numbers();
    activity_regularization: "ActivityRegularization", [f32; 6] => ActivityRegularization => [f32; 6], without_numbers();
    spatial_dropout1d: "SpatialDropout1D",
        [[f32; 3]; 4] => SpatialDropout1d [rate = 0.5] => [[f32; 3]; 4], without_numbers();
    spatial_dropout2d: "SpatialDropout2D",
        Image<3, 4, 2> => SpatialDropout2d [rate = 0.5] => Image<3, 4, 2>, without_numbers();
    spatial_dropout3d: "SpatialDropout3D",
        Volume<2, 3, 4, 2> => SpatialDropout3d [rate = 0.5] => Volume<2, 3, 4, 2>, without_numbers();
    gaussian_noise: "GaussianNoise", [f32; 6] => GaussianNoise [stddev = 0.5] => [f32; 6], without_numbers();
    gaussian_dropout: "GaussianDropout", [f32; 6] => GaussianDropout [rate = 0.5] => [f32; 6], without_numbers();
    alpha_dropout: "AlphaDropout", [f32; 6] => AlphaDropout [rate = 0.5] => [f32; 6], without_numbers();
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
    masking: "Masking", [[f32; 3]; 4] => Masking [mask_value = -0.5] => [[f32; 3]; 4], without_numbers();
    normalization: "Normalization", [f32; 6] => Normalization<6> => [f32; 6],
        weights(&[("mean", &[6], 0.1), ("variance", &[6], 0.5)]);
    normalization_inverse: "Normalization",
        [f32; 3] => Normalization<3> [invert = true, mean = &[0.1, 0.2, 0.3], variance = &[0.5, 1.5, 2.0]] => [f32; 3];
    normalization_scalar: "Normalization",
        [f32; 3] => Normalization<3, f32> [mean = &0.3, variance = &2.0] => [f32; 3];
    normalization_axis1: "Normalization",
        [[f32; 3]; 4] => Normalization<3, [[f32; 1]; 4]>
            [mean = &[[0.1], [0.2], [-0.3], [0.4]], variance = &[[0.5], [1.5], [2.0], [0.0]]] => [[f32; 3]; 4];
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
    conv2d_gelu_approximate: "Conv2D", Image<7, 8, 2> => Conv2d<2, 4, 3, With<Gelu, APPROXIMATE>> => Image<5, 6, 4>;
    conv2d_groups: "Conv2D", Image<7, 8, 4> => Conv2d<2, 4, 3> [groups = 2] => Image<5, 6, 4>;
    conv1d: "Conv1D", [[f32; 2]; 9] => Conv1d<2, 4, 3> => [[f32; 4]; 7];
    conv1d_causal_dilated: "Conv1D",
        [[f32; 2]; 9] => Conv1d<2, 4, 3> [dilation_rate = 2, padding = Padding::Causal] => [[f32; 4]; 9];
    conv1d_causal_stride2: "Conv1D",
        [[f32; 2]; 9] => Conv1d<2, 4, 3> [strides = 2, padding = Padding::Causal] => [[f32; 4]; 5];
    conv1d_same_stride2: "Conv1D",
        [[f32; 2]; 9] => Conv1d<2, 4, 3, Relu> [strides = 2, padding = Padding::Same] => [[f32; 4]; 5];
    conv1d_groups: "Conv1D", [[f32; 4]; 9] => Conv1d<2, 6, 3> [groups = 2] => [[f32; 6]; 7];
    conv3d_valid: "Conv3D", Volume<4, 5, 3, 2> => Conv3d<2, 4, 2> => Volume<3, 4, 2, 4>;
    conv3d_same_stride2: "Conv3D",
        Volume<4, 5, 3, 2> => Conv3d<2, 3, 3> [strides = 2, padding = Padding::Same] => Volume<2, 3, 2, 3>;
    conv3d_dilated: "Conv3D",
        Volume<5, 5, 4, 4> => Conv3d<4, 4, 2> [dilation_rate_dhw = (2, 1, 3)] => Volume<3, 4, 1, 4>;
    conv1d_transpose: "Conv1DTranspose", [[f32; 2]; 5] => Conv1dTranspose<2, 4, 3> => [[f32; 4]; 7];
    conv1d_transpose_stride2_same: "Conv1DTranspose",
        [[f32; 2]; 5] => Conv1dTranspose<2, 4, 3> [strides = 2, padding = Padding::Same] => [[f32; 4]; 10];
    conv2d_transpose_output_padding: "Conv2DTranspose",
        Image<4, 3, 2> => Conv2dTranspose<2, 3, 3>
            [strides = 2, padding = Padding::Same, output_padding = 1] => Image<8, 6, 3>;
    conv2d_transpose_output_padding_valid: "Conv2DTranspose",
        Image<4, 3, 2> => Conv2dTranspose<2, 3, 2>
            [strides = 3, output_padding_hw = (0, 2)] => Image<11, 10, 3>;
    conv3d_transpose: "Conv3DTranspose", Volume<2, 3, 2, 2> => Conv3dTranspose<2, 2, 2> [strides = 2] => Volume<4, 6, 4, 2>;
    conv3d_transpose_same: "Conv3DTranspose",
        Volume<2, 3, 2, 2> => Conv3dTranspose<2, 3, 3>
            [strides_dhw = (1, 2, 3), padding = Padding::Same] => Volume<2, 6, 6, 3>;
    depthwise_conv1d: "DepthwiseConv1D",
        [[f32; 3]; 9] => DepthwiseConv1d<3, 3, Linear, UseBias, 2> => [[f32; 6]; 7];
    depthwise_conv2d: "DepthwiseConv2D",
        Image<7, 8, 3> => DepthwiseConv2d<3, 3, Linear, UseBias, 3, 2> => Image<5, 6, 6>;
    depthwise_conv2d_stride2_same: "DepthwiseConv2D",
        Image<7, 8, 3> => DepthwiseConv2d<3, 3> [strides = 2, padding = Padding::Same] => Image<4, 4, 3>;
    depthwise_conv2d_dilated: "DepthwiseConv2D",
        Image<9, 8, 3> => DepthwiseConv2d<3, 3> [dilation_rate = 2] => Image<5, 4, 3>;
    separable_conv1d: "SeparableConv1D",
        [[f32; 3]; 9] => SeparableConv1d<3, 4, 3, Linear, UseBias, 2> => [[f32; 4]; 7];
    separable_conv1d_same: "SeparableConv1D",
        [[f32; 3]; 9] => SeparableConv1d<3, 4, 3, Relu> [padding = Padding::Same] => [[f32; 4]; 9];
    separable_conv2d: "SeparableConv2D",
        Image<7, 8, 3> => SeparableConv2d<3, 4, 3> [padding = Padding::Same] => Image<7, 8, 4>;
    separable_conv2d_stride2: "SeparableConv2D",
        Image<7, 8, 3> => SeparableConv2d<3, 4, 3, Linear, UseBias, 3, 2> [strides = 2] => Image<3, 3, 4>;
    separable_conv2d_silu: "SeparableConv2D",
        Image<7, 8, 3> => SeparableConv2d<3, 4, 3, Silu, NoBias> [dilation_rate = 2] => Image<3, 4, 4>;
    conv2d_transpose: "Conv2DTranspose", Image<5, 6, 2> => Conv2dTranspose<2, 4, 3> => Image<7, 8, 4>;
    conv2d_transpose_stride2_same: "Conv2DTranspose",
        Image<5, 6, 2> => Conv2dTranspose<2, 4, 3> [strides = 2, padding = Padding::Same] => Image<10, 12, 4>;
    max_pooling1d: "MaxPooling1D", [[f32; 3]; 9] => MaxPooling1d => [[f32; 3]; 4];
    max_pooling1d_same: "MaxPooling1D",
        [[f32; 3]; 9] => MaxPooling1d [positional = 3, strides = 2, padding = Padding::Same] => [[f32; 3]; 5];
    max_pooling3d: "MaxPooling3D", Volume<4, 5, 4, 2> => MaxPooling3d => Volume<2, 2, 2, 2>;
    max_pooling3d_same: "MaxPooling3D",
        Volume<4, 5, 4, 2> => MaxPooling3d
            [pool_size_dhw = (1, 2, 3), strides_dhw = (2, 1, 2), padding = Padding::Same] => Volume<2, 5, 2, 2>;
    average_pooling1d: "AveragePooling1D", [[f32; 3]; 9] => AveragePooling1d => [[f32; 3]; 4];
    average_pooling1d_same: "AveragePooling1D",
        [[f32; 3]; 9] => AveragePooling1d [positional = 3, strides = 2, padding = Padding::Same] => [[f32; 3]; 5];
    average_pooling2d: "AveragePooling2D", Image<7, 8, 3> => AveragePooling2d => Image<3, 4, 3>;
    average_pooling2d_same: "AveragePooling2D",
        Image<7, 8, 3> => AveragePooling2d [positional = 3, strides = 2, padding = Padding::Same] => Image<4, 4, 3>;
    average_pooling3d: "AveragePooling3D", Volume<4, 5, 4, 2> => AveragePooling3d => Volume<2, 2, 2, 2>;
    average_pooling3d_same: "AveragePooling3D",
        Volume<4, 5, 4, 2> => AveragePooling3d
            [pool_size_dhw = (1, 2, 3), strides_dhw = (2, 1, 2), padding = Padding::Same] => Volume<2, 5, 2, 2>;
    adaptive_average_pooling1d: "AdaptiveAveragePooling1D",
        [[f32; 2]; 7] => AdaptiveAveragePooling1d [positional = 3] => [[f32; 2]; 3];
    adaptive_average_pooling1d_larger: "AdaptiveAveragePooling1D",
        [[f32; 2]; 3] => AdaptiveAveragePooling1d [positional = 5] => [[f32; 2]; 5];
    adaptive_average_pooling2d: "AdaptiveAveragePooling2D",
        Image<7, 5, 2> => AdaptiveAveragePooling2d [output_size_hw = (3, 2)] => Image<3, 2, 2>;
    adaptive_max_pooling1d: "AdaptiveMaxPooling1D",
        [[f32; 2]; 8] => AdaptiveMaxPooling1d [positional = 3] => [[f32; 2]; 3];
    adaptive_max_pooling2d: "AdaptiveMaxPooling2D",
        Image<7, 5, 2> => AdaptiveMaxPooling2d [output_size_hw = (3, 2)] => Image<3, 2, 2>;
    max_pooling2d: "MaxPooling2D", Image<7, 8, 3> => MaxPooling2d => Image<3, 4, 3>;
    max_pooling2d_3_stride2_same: "MaxPooling2D",
        Image<7, 8, 3> => MaxPooling2d [positional = 3, strides = 2, padding = Padding::Same] => Image<4, 4, 3>;
    global_max_pooling2d: "GlobalMaxPooling2D", Image<5, 6, 3> => GlobalMaxPooling2d => [f32; 3];
    global_average_pooling2d: "GlobalAveragePooling2D", Image<5, 6, 3> => GlobalAveragePooling2d => [f32; 3];
    global_average_pooling2d_keepdims: "GlobalAveragePooling2D",
        Image<5, 6, 3> => GlobalAveragePooling2d [keepdims = true] => Image<1, 1, 3>;
    global_average_pooling1d: "GlobalAveragePooling1D", [[f32; 3]; 6] => GlobalAveragePooling1d => [f32; 3];
    global_average_pooling3d: "GlobalAveragePooling3D", Volume<2, 3, 4, 2> => GlobalAveragePooling3d => [f32; 2];
    global_max_pooling1d: "GlobalMaxPooling1D", [[f32; 3]; 6] => GlobalMaxPooling1d => [f32; 3];
    global_max_pooling1d_keepdims: "GlobalMaxPooling1D",
        [[f32; 3]; 6] => GlobalMaxPooling1d [keepdims = true] => [[f32; 3]; 1];
    global_max_pooling3d: "GlobalMaxPooling3D", Volume<2, 2, 2, 8> => GlobalMaxPooling3d => [f32; 8];
    zero_padding1d: "ZeroPadding1D", [[f32; 2]; 5] => ZeroPadding1d [padding_ends = (1, 2)] => [[f32; 2]; 8];
    zero_padding2d: "ZeroPadding2D",
        Image<3, 4, 2> => ZeroPadding2d [padding_ends = ((1, 2), (0, 1))] => Image<6, 5, 2>;
    zero_padding2d_hw: "ZeroPadding2D", Image<3, 4, 2> => ZeroPadding2d [padding_hw = (1, 2)] => Image<5, 8, 2>;
    zero_padding3d: "ZeroPadding3D", Volume<2, 3, 2, 2> => ZeroPadding3d => Volume<4, 5, 4, 2>;
    zero_padding3d_ends: "ZeroPadding3D",
        Volume<2, 3, 2, 2> => ZeroPadding3d [padding_ends = ((0, 1), (1, 0), (2, 1))] => Volume<3, 4, 5, 2>;
    zero_padding_ids: "ZeroPadding1D", [[u32; 2]; 5] => ZeroPadding1d => [[u32; 2]; 7], without_numbers();
    cropping1d: "Cropping1D", [[f32; 2]; 6] => Cropping1d [cropping_ends = (1, 2)] => [[f32; 2]; 3];
    cropping2d: "Cropping2D", Image<5, 6, 2> => Cropping2d [cropping_ends = ((1, 1), (0, 2))] => Image<3, 4, 2>;
    cropping3d: "Cropping3D",
        Volume<3, 3, 4, 2> => Cropping3d [cropping_ends = ((0, 1), (1, 0), (1, 1))] => Volume<2, 2, 2, 2>;
    up_sampling1d: "UpSampling1D", [[f32; 2]; 4] => UpSampling1d [positional = 3] => [[f32; 2]; 12];
    up_sampling3d: "UpSampling3D", Volume<2, 2, 3, 2> => UpSampling3d => Volume<4, 4, 6, 2>;
    up_sampling3d_dhw: "UpSampling3D",
        Volume<2, 2, 3, 2> => UpSampling3d [size_dhw = (1, 2, 3)] => Volume<2, 4, 9, 2>;
    up_sampling2d_hw: "UpSampling2D", Image<3, 4, 2> => UpSampling2d [size_hw = (2, 3)] => Image<6, 12, 2>;
    permute: "Permute", [[f32; 4]; 3] => Permute [positional = [2, 1]] => [[f32; 3]; 4];
    permute_rank3: "Permute", Image<2, 3, 4> => Permute [positional = [3, 1, 2]] => Image<4, 2, 3>;
    permute_last_stays: "Permute", Image<2, 3, 4> => Permute [positional = [2, 1, 3]] => Image<3, 2, 4>;
    permute_ids: "Permute", [[u32; 4]; 3] => Permute [positional = [2, 1]] => [[u32; 3]; 4], without_numbers();
    repeat_vector: "RepeatVector", [f32; 5] => RepeatVector [positional = 4] => [[f32; 5]; 4];
    expand_dims: "ExpandDims", [[f32; 3]; 4] => ExpandDims [positional = 1] => [[[f32; 3]; 4]; 1];
    expand_dims_last: "ExpandDims", [[f32; 3]; 4] => ExpandDims [positional = -1] => [[[f32; 1]; 3]; 4];
    squeeze: "Squeeze", [[[f32; 3]; 1]; 4] => Squeeze [positional = 2] => [[f32; 3]; 4];
    split: "Split", [[f32; 3]; 4] => Split [positional = 2, axis = 1] => [f32; 12];
    split_at: "Split", [[f32; 6]; 4] => Split [indices = [1, 3], axis = -1] => [f32; 24];
    unstack: "Unstack", Image<2, 3, 4> => Unstack [axis = 2] => [f32; 24];
    center_crop: "CenterCrop", Image<7, 6, 2> => CenterCrop [height = 4, width = 3] => Image<4, 3, 2>;
    center_crop_larger: "CenterCrop", Image<4, 5, 2> => CenterCrop [height = 6, width = 5] => Image<6, 5, 2>;
    random_brightness: "RandomBrightness",
        Image<4, 3, 2> => RandomBrightness [factor_range = (0.3, 0.3), value_range = (-1.0, 1.0)] => Image<4, 3, 2>;
    random_contrast: "RandomContrast",
        Image<4, 3, 2> => RandomContrast [factor_range = (-0.5, 0.5), value_range = (-1.0, 1.0)] => Image<4, 3, 2>;
    random_flip: "RandomFlip", Image<3, 4, 2> => RandomFlip => Image<3, 4, 2>, without_numbers();
    random_rotation: "RandomRotation",
        Image<6, 5, 2> => RandomRotation [factor_range = (0.1, 0.1)] => Image<6, 5, 2>;
    random_rotation_constant: "RandomRotation",
        Image<6, 5, 2> => RandomRotation
            [factor_range = (-0.3, -0.3), fill_mode = FillMode::Constant, interpolation = Interpolation::Nearest,
                fill_value = -0.5] => Image<6, 5, 2>;
    random_rotation_nearest: "RandomRotation",
        Image<4, 7, 1> => RandomRotation
            [factor_range = (0.45, 0.45), fill_mode = FillMode::Nearest] => Image<4, 7, 1>;
    random_translation: "RandomTranslation",
        Image<6, 5, 2> => RandomTranslation
            [height_factor_range = (0.3, 0.3), width_factor_range = (-0.27, -0.27)] => Image<6, 5, 2>;
    random_translation_constant: "RandomTranslation",
        Image<6, 5, 2> => RandomTranslation
            [height_factor_range = (-0.4, -0.4), width_factor_range = (0.33, 0.33), fill_mode = FillMode::Constant,
                fill_value = 0.5] => Image<6, 5, 2>;
    random_translation_wrap: "RandomTranslation",
        Image<6, 5, 2> => RandomTranslation
            [height_factor_range = (-0.9, -0.9), width_factor_range = (0.67, 0.67), fill_mode = FillMode::Wrap]
            => Image<6, 5, 2>;
    random_zoom: "RandomZoom", Image<6, 5, 2> => RandomZoom [height_factor_range = (0.9, 0.9)] => Image<6, 5, 2>;
    random_zoom_apart: "RandomZoom",
        Image<6, 5, 2> => RandomZoom
            [height_factor_range = (-0.4, -0.4), width_factor_range = (0.7, 0.7), fill_mode = FillMode::Wrap,
                interpolation = Interpolation::Nearest] => Image<6, 5, 2>;
    resizing_bilinear: "Resizing", Image<8, 6, 3> => Resizing [height = 5, width = 7] => Image<5, 7, 3>;
    resizing_nearest: "Resizing",
        Image<8, 6, 3> => Resizing [height = 5, width = 7, interpolation = Interpolation::Nearest] => Image<5, 7, 3>;
    resizing_up: "Resizing", Image<4, 5, 2> => Resizing [height = 9, width = 8] => Image<9, 8, 2>;
    resizing_crop: "Resizing",
        Image<8, 6, 3> => Resizing [height = 4, width = 6, crop_to_aspect_ratio = true] => Image<4, 6, 3>;
    resizing_crop_wide: "Resizing",
        Image<5, 7, 2> => Resizing
            [height = 3, width = 2, crop_to_aspect_ratio = true, interpolation = Interpolation::Nearest]
            => Image<3, 2, 2>;
    resizing_pad: "Resizing",
        Image<8, 6, 3> => Resizing [height = 4, width = 6, pad_to_aspect_ratio = true, fill_value = 0.5] => Image<4, 6, 3>;
    resizing_pad_wide: "Resizing",
        Image<5, 7, 2> => Resizing
            [height = 6, width = 4, pad_to_aspect_ratio = true, interpolation = Interpolation::Nearest]
            => Image<6, 4, 2>;
    resizing_antialias: "Resizing",
        Image<8, 6, 2> => Resizing [height = 3, width = 9, antialias = true] => Image<3, 9, 2>;
    resizing_bicubic: "Resizing",
        Image<8, 6, 2> => Resizing [height = 5, width = 7, interpolation = Interpolation::Bicubic] => Image<5, 7, 2>;
    resizing_bicubic_up: "Resizing",
        Image<4, 5, 2> => Resizing [height = 9, width = 8, interpolation = Interpolation::Bicubic] => Image<9, 8, 2>;
    resizing_bicubic_antialias: "Resizing",
        Image<8, 6, 2> => Resizing [height = 3, width = 7, interpolation = Interpolation::Bicubic, antialias = true]
            => Image<3, 7, 2>;
    resizing_lanczos3: "Resizing",
        Image<8, 6, 2> => Resizing [height = 5, width = 7, interpolation = Interpolation::Lanczos3] => Image<5, 7, 2>;
    resizing_lanczos3_antialias: "Resizing",
        Image<8, 6, 2> => Resizing [height = 2, width = 9, interpolation = Interpolation::Lanczos3, antialias = true]
            => Image<2, 9, 2>;
    resizing_lanczos5: "Resizing",
        Image<9, 6, 2> => Resizing
            [height = 5, width = 4, interpolation = Interpolation::Lanczos5, antialias = true,
                crop_to_aspect_ratio = true] => Image<5, 4, 2>;
    resizing_lanczos5_pad: "Resizing",
        Image<4, 9, 2> => Resizing
            [height = 7, width = 7, interpolation = Interpolation::Lanczos5, pad_to_aspect_ratio = true,
                fill_value = -0.5] => Image<7, 7, 2>;
    up_sampling2d: "UpSampling2D", Image<3, 4, 2> => UpSampling2d => Image<6, 8, 2>;
    up_sampling2d_bicubic: "UpSampling2D",
        Image<3, 4, 2> => UpSampling2d [interpolation = Interpolation::Bicubic] => Image<6, 8, 2>;
    up_sampling2d_lanczos3: "UpSampling2D",
        Image<3, 4, 2> => UpSampling2d [interpolation = Interpolation::Lanczos3] => Image<6, 8, 2>;
    up_sampling2d_bilinear: "UpSampling2D",
        Image<3, 4, 2> => UpSampling2d [positional = 2, interpolation = Interpolation::Bilinear] => Image<6, 8, 2>;
    batch_normalization: "BatchNormalization", [f32; 6] => BatchNormalization<6> => [f32; 6];
    batch_normalization_2d: "BatchNormalization", Image<4, 5, 3> => BatchNormalization<3> => Image<4, 5, 3>;
    batch_normalization_axis1: "BatchNormalization",
        [[f32; 5]; 4] => BatchNormalization<4> [axis = 1] => [[f32; 5]; 4];
    batch_normalization_no_center: "BatchNormalization",
        [f32; 6] => BatchNormalization<6, Use<false>> => [f32; 6];
    batch_normalization_no_scale: "BatchNormalization",
        [f32; 6] => BatchNormalization<6, Use<true>, Use<false>> => [f32; 6];
    spectral_normalization: "SpectralNormalization",
        [f32; 6] => SpectralNormalization<Dense<6, 4>, 4> => [f32; 4];
    spectral_normalization_conv2d: "SpectralNormalization",
        Image<4, 5, 2> => SpectralNormalization<Conv2d<2, 3, 2, Relu>, 3> [power_iterations = 3] => Image<3, 4, 3>;
    group_normalization: "GroupNormalization", Image<4, 5, 4> => GroupNormalization<4> [groups = 2] => Image<4, 5, 4>;
    group_normalization_one: "GroupNormalization",
        Image<4, 5, 4> => GroupNormalization<4> [positional = 1] => Image<4, 5, 4>;
    group_normalization_instance: "GroupNormalization",
        Image<4, 5, 4> => GroupNormalization<4> [groups = -1] => Image<4, 5, 4>;
    group_normalization_no_center: "GroupNormalization",
        Image<4, 5, 4> => GroupNormalization<4, Use<false>> [groups = 2] => Image<4, 5, 4>;
    rms_normalization: "RMSNormalization", [[f32; 6]; 4] => RmsNormalization<6> => [[f32; 6]; 4];
    layer_normalization_plain: "LayerNormalization",
        [f32; 6] => LayerNormalization<6, Use<false>, Use<false>> [epsilon = 1e-5] => [f32; 6];
    layer_normalization_no_scale: "LayerNormalization",
        [f32; 6] => LayerNormalization<6, Use<true>, Use<false>> => [f32; 6];
    layer_normalization: "LayerNormalization", [f32; 6] => LayerNormalization<6> => [f32; 6];
    layer_normalization_rank3: "LayerNormalization", [[f32; 6]; 4] => LayerNormalization<6> => [[f32; 6]; 4];
    layer_normalization_axis1: "LayerNormalization",
        [[f32; 6]; 4] => LayerNormalization<4> [axis = 1] => [[f32; 6]; 4];
    layer_normalization_two_axes: "LayerNormalization",
        [[f32; 6]; 4] => LayerNormalization<24> [axes = [1, 2], shape = [4, 6]] => [[f32; 6]; 4];
    layer_normalization_outer_axes: "LayerNormalization",
        Image<4, 2, 3> => LayerNormalization<12> [axes = [1, 3], shape = [4, 3]] => Image<4, 2, 3>;
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
    discretization: "Discretization",
        [f32; 5] => Discretization [positional = &[-0.5, 0.0, 0.25]] => [u32; 5];
    discretization_one_hot: "Discretization",
        [f32; 1] => Discretization [bin_boundaries = &[-0.5, 0.0, 0.25], output_mode = OutputMode::OneHot] => [f32; 4];
    discretization_one_hot_rank1: "Discretization",
        [f32; 4] => Discretization
            [bin_boundaries = &[-0.5, 0.0, 0.25], output_mode = OutputMode::OneHot] => [[f32; 4]; 4];
    discretization_multi_hot: "Discretization",
        [f32; 4] => Discretization [bin_boundaries = &[-0.5, 0.0, 0.25], output_mode = OutputMode::MultiHot] => [f32; 4];
    discretization_count: "Discretization",
        [f32; 4] => Discretization [bin_boundaries = &[-0.5, 0.0, 0.25], output_mode = OutputMode::Count] => [f32; 4];
    hashing: "Hashing", [u32; 6] => Hashing [positional = 7] => [u32; 6];
    hashing_salt: "Hashing", [u32; 6] => Hashing [num_bins = 7, salt = 133] => [u32; 6];
    hashing_two_salts: "Hashing",
        [u32; 6] => Hashing [num_bins = 7, mask_value = 3, salts = (133, 137)] => [u32; 6];
    hashing_mask: "Hashing", [u32; 6] => Hashing [num_bins = 4, mask_value = 3] => [u32; 6];
    hashing_one_hot: "Hashing",
        [u32; 3] => Hashing [num_bins = 4, output_mode = OutputMode::OneHot] => [[f32; 4]; 3];
    hashing_count: "Hashing", [u32; 6] => Hashing [num_bins = 4, output_mode = OutputMode::Count] => [f32; 4];
    integer_lookup: "IntegerLookup", [u32; 6] => IntegerLookup [vocabulary = &VOCABULARY] => [u32; 6];
    integer_lookup_mask: "IntegerLookup",
        [u32; 9] => IntegerLookup [vocabulary = &VOCABULARY, mask_token = 7, num_oov_indices = 3] => [u32; 9];
    integer_lookup_one_hot: "IntegerLookup",
        [u32; 6] => IntegerLookup
            [vocabulary = &VOCABULARY, mask_token = 7, output_mode = OutputMode::OneHot] => [[f32; 5]; 6];
    integer_lookup_multi_hot: "IntegerLookup",
        [u32; 4] => IntegerLookup
            [vocabulary = &VOCABULARY, num_oov_indices = 2, output_mode = OutputMode::MultiHot] => [f32; 6];
    integer_lookup_count: "IntegerLookup",
        [u32; 9] => IntegerLookup
            [vocabulary = &VOCABULARY, mask_token = 7, output_mode = OutputMode::Count] => [f32; 5];
    integer_lookup_invert: "IntegerLookup",
        [u32; 9] => IntegerLookup [vocabulary = &VOCABULARY, invert = true] => [u32; 9];
    integer_lookup_invert_mask: "IntegerLookup",
        [u32; 9] => IntegerLookup
            [vocabulary = &VOCABULARY, invert = true, mask_token = 7, oov_token = 5, num_oov_indices = 2] => [u32; 9];
    integer_lookup_tf_idf: "IntegerLookup",
        [u32; 9] => IntegerLookup
            [vocabulary = &VOCABULARY, output_mode = OutputMode::TfIdf, idf_weights = &[0.5, 1.25, 0.75, 2.0],
                mask_token = 7] => [f32; 5];
    rescaling_single: "Rescaling", f32 => Rescaling [scale = 3.0, offset = -0.5] => f32, without_numbers();
    activation_single: "Activation", f32 => Activation<Tanh> => f32, without_numbers();
    lstm: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> => [f32; 4];
    lstm_sequences: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [return_sequences = true] => [[f32; 4]; 5];
    lstm_state: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [return_state = true] => [f32; 12];
    lstm_sequences_state: "LSTM",
        [[f32; 3]; 5] => Lstm<3, 4> [return_sequences = true, return_state = true] => [f32; 28];
    lstm_backwards_state: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [go_backwards = true, return_state = true] => [f32; 12];
    lstm_backwards: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [go_backwards = true] => [f32; 4];
    lstm_no_bias: "LSTM", [[f32; 3]; 5] => Lstm<3, 4, Tanh, Sigmoid, NoBias> => [f32; 4];
    lstm_relu_hard: "LSTM", [[f32; 3]; 5] => Lstm<3, 4, Relu, HardSigmoid> => [f32; 4];
    lstm_silu: "LSTM",
        [[f32; 3]; 5] => Lstm<3, 4, Silu> [return_sequences = true, unit_forget_bias = false] => [[f32; 4]; 5];
    lstm_dropout: "LSTM", [[f32; 3]; 5] => Lstm<3, 4> [dropout = 0.4] => [f32; 4], numbers_of("lstm");
    lstm_recurrent_dropout: "LSTM",
        [[f32; 3]; 5] => Lstm<3, 4> [dropout = 0.3, recurrent_dropout = 0.3, return_sequences = true] => [[f32; 4]; 5],
        numbers_of("lstm_sequences");
    gru: "GRU", [[f32; 3]; 5] => Gru<3, 4> => [f32; 4];
    gru_relu_hard: "GRU", [[f32; 3]; 5] => Gru<3, 4, Use<true>, UseBias, Relu, HardSigmoid> => [f32; 4];
    gru_reset_before_softsign: "GRU",
        [[f32; 3]; 5] => Gru<3, 4, Use<false>, UseBias, Softsign, Silu> => [f32; 4];
    gru_recurrent_dropout: "GRU",
        [[f32; 3]; 5] => Gru<3, 4> [dropout = 0.3, recurrent_dropout = 0.3] => [f32; 4], numbers_of("gru");
    gru_reset_before_dropout: "GRU",
        [[f32; 3]; 5] => Gru<3, 4, Use<false>> [recurrent_dropout = 0.4] => [f32; 4],
        numbers_of("gru_reset_before");
    simple_rnn_dropout: "SimpleRNN",
        [[f32; 3]; 5] => SimpleRnn<3, 4> [dropout = 0.3, recurrent_dropout = 0.3] => [f32; 4], numbers_of("simple_rnn");
    gru_sequences_state: "GRU",
        [[f32; 3]; 5] => Gru<3, 4> [return_sequences = true, return_state = true] => [f32; 24];
    gru_backwards: "GRU", [[f32; 3]; 5] => Gru<3, 4> [return_sequences = true, go_backwards = true] => [[f32; 4]; 5];
    gru_no_bias: "GRU", [[f32; 3]; 5] => Gru<3, 4, Use<true>, NoBias> => [f32; 4];
    gru_reset_before: "GRU", [[f32; 3]; 5] => Gru<3, 4, Use<false>> => [f32; 4];
    gru_reset_before_sequences: "GRU",
        [[f32; 3]; 5] => Gru<3, 4, Use<false>> [return_sequences = true] => [[f32; 4]; 5];
    gru_reset_before_no_bias: "GRU", [[f32; 3]; 5] => Gru<3, 4, Use<false>, NoBias> => [f32; 4];
    simple_rnn: "SimpleRNN", [[f32; 3]; 5] => SimpleRnn<3, 4> => [f32; 4];
    simple_rnn_sequences_relu: "SimpleRNN",
        [[f32; 3]; 5] => SimpleRnn<3, 4, Relu> [return_sequences = true] => [[f32; 4]; 5];
    simple_rnn_backwards_silu: "SimpleRNN",
        [[f32; 3]; 5] => SimpleRnn<3, 4, Silu, NoBias> [go_backwards = true, return_state = true] => [f32; 8];
    rnn_of_simple_rnn_cell: "RNN",
        [[f32; 3]; 5] => Rnn<SimpleRnnCell<3, 4>> => [f32; 4], numbers_of("simple_rnn");
    rnn: "RNN", [[f32; 3]; 5] => Rnn<MinimalGatedCell<3, 4>> => [f32; 4];
    rnn_backwards: "RNN",
        [[f32; 3]; 5] => Rnn<MinimalGatedCell<3, 4>> [return_sequences = true, return_state = true, go_backwards = true]
        => [f32; 24];
    conv_lstm1d: "ConvLSTM1D",
        [[[f32; 2]; 5]; 3] => ConvLstm1d<2, 2, 3> [padding = Padding::Same] => [[f32; 2]; 5];
    conv_lstm1d_silu: "ConvLSTM1D",
        [[[f32; 2]; 7]; 4] => ConvLstm1d<2, 3, 2, Silu, HardSigmoid, NoBias> [go_backwards = true] => [[f32; 3]; 6];
    conv_lstm2d: "ConvLSTM2D",
        [Image<3, 4, 2>; 3] => ConvLstm2d<2, 2, 2> [return_sequences = true] => [Image<2, 3, 2>; 3];
    conv_lstm2d_strides: "ConvLSTM2D",
        [Image<4, 5, 2>; 3] => ConvLstm2d<2, 3, 3, Tanh, Sigmoid, UseBias, 2>
        [strides = 2, padding = Padding::Same, return_sequences = true, return_state = true, go_backwards = true]
        => [f32; 90];
    conv_lstm1d_dropout: "ConvLSTM1D",
        [[[f32; 2]; 5]; 3] => ConvLstm1d<2, 2, 3> [padding = Padding::Same, dropout = 0.3, recurrent_dropout = 0.3]
        => [[f32; 2]; 5], numbers_of("conv_lstm1d");
    conv_lstm2d_dropout: "ConvLSTM2D",
        [Image<3, 4, 2>; 3] => ConvLstm2d<2, 2, 2> [return_sequences = true, recurrent_dropout = 0.4]
        => [Image<2, 3, 2>; 3], numbers_of("conv_lstm2d");
    conv_lstm3d: "ConvLSTM3D",
        [Volume<2, 3, 2, 2>; 3] => ConvLstm3d<2, 2, 2> [return_sequences = true] => [Volume<1, 2, 1, 2>; 3];
    conv_lstm3d_strides: "ConvLSTM3D",
        [Volume<3, 4, 2, 1>; 2] => ConvLstm3d<1, 2, 2, Tanh, Sigmoid, UseBias, 3, 1>
        [strides = 2, padding = Padding::Same, return_state = true] => [f32; 24];
    bidirectional_conv_lstm2d: "Bidirectional",
        [Image<3, 4, 2>; 3] => Bidirectional<ConvLstm2d<2, 2, 2>> [; ConvLstm2d<2, 2, 2>: return_sequences = true]
        => [Image<2, 3, 4>; 3];
    bidirectional_lstm: "Bidirectional", [[f32; 3]; 5] => Bidirectional<Lstm<3, 3>> => [f32; 6];
    bidirectional_lstm_sequences: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Lstm<3, 3>> [; Lstm<3, 3>: return_sequences = true] => [[f32; 6]; 5];
    bidirectional_lstm_state: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Lstm<3, 3>> [; Lstm<3, 3>: return_sequences = true, return_state = true]
        => [f32; 42];
    bidirectional_gru_sum: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Gru<3, 3>> [merge_mode = MergeMode::Sum] => [f32; 3];
    bidirectional_gru_mul: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Gru<3, 3>> [merge_mode = MergeMode::Mul; Gru<3, 3>: return_sequences = true]
        => [[f32; 3]; 5];
    bidirectional_rnn_ave: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<SimpleRnn<3, 3>> [merge_mode = MergeMode::Ave] => [f32; 3];
    bidirectional_none: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Lstm<3, 3>> [merge_mode = MergeMode::None] => [f32; 6];
    bidirectional_none_state: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Gru<3, 3>>
        [merge_mode = MergeMode::None; Gru<3, 3>: return_sequences = true, return_state = true] => [f32; 36];
    bidirectional_dropout: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Lstm<3, 3>> [; Lstm<3, 3>: dropout = 0.4] => [f32; 6], numbers_of("bidirectional_lstm");
    bidirectional_rnn: "Bidirectional",
        [[f32; 3]; 5] => Bidirectional<Rnn<MinimalGatedCell<3, 3>>>
        [merge_mode = MergeMode::Sum; Rnn<MinimalGatedCell<3, 3>>: return_sequences = true] => [[f32; 3]; 5];
    position_embedding: "PositionEmbedding", [[f32; 6]; 4] => PositionEmbedding<6, 4> => [[f32; 6]; 4];
    position_embedding_shorter: "PositionEmbedding", [[f32; 6]; 3] => PositionEmbedding<6, 5> => [[f32; 6]; 3];
    reshape: "Reshape", [[f32; 8]; 3] => Reshape [positional = [6, 4]] => [[f32; 4]; 6];
    time_distributed_dense: "TimeDistributed", [[f32; 3]; 5] => TimeDistributed<Dense<3, 4>> => [[f32; 4]; 5];
}
