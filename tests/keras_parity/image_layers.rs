//! The layers of images: output and gradients.

use fusion_core::activations::{Linear, Relu};
use fusion_core::layers::*;
use fusion_core::{Configured, Defaults, OptionsOf};

use crate::layer_case::run_layer;

/// For the page of parity.
pub const LAYERS: [fn(); 8] = [
    conv2d,
    conv2d_with_padding,
    conv2d_with_strides,
    conv2d_with_dilation_and_groups,
    conv2d_transpose,
    max_pooling2d,
    global_pooling2d,
    up_sampling2d,
];

type Image<const H: usize, const W: usize, const C: usize> = [[[f32; C]; W]; H];

/// Declares a type that carries options.
macro_rules! options {
    ($name:ident of $layer:ty: $(.$option:ident($value:expr))+) => {
        struct $name;
        impl OptionsOf<$layer> for $name {
            const VALUE: <$layer as Configured>::Options = <$layer as Configured>::DEFAULT$(.$option($value))+;
        }
    };
}

#[test]
fn conv2d() {
    run_layer::<Conv2d<2, 4, 3>, Defaults, Image<7, 8, 2>, Image<5, 6, 4>>("conv2d_valid");
    run_layer::<Conv2d<3, 5, 1>, Defaults, Image<4, 4, 3>, Image<4, 4, 5>>("conv2d_1x1");
}

#[test]
fn conv2d_with_padding() {
    options!(Same of Conv2d<2, 4, 3, Relu>: .padding(Padding::Same));
    run_layer::<Conv2d<2, 4, 3, Relu>, Same, Image<7, 8, 2>, Image<7, 8, 4>>("conv2d_same");
}

#[test]
fn conv2d_with_strides() {
    options!(Same of Conv2d<2, 4, 3>: .strides(2).padding(Padding::Same));
    run_layer::<Conv2d<2, 4, 3>, Same, Image<7, 8, 2>, Image<4, 4, 4>>("conv2d_stride2_same");
    options!(Valid of Conv2d<2, 4, 3, Linear, UseBias, 2>: .strides(2));
    run_layer::<Conv2d<2, 4, 3, Linear, UseBias, 2>, Valid, Image<7, 8, 2>, Image<3, 4, 4>>("conv2d_stride2_valid");
}

#[test]
fn conv2d_with_dilation_and_groups() {
    options!(Dilated of Conv2d<2, 4, 3>: .dilation_rate(2));
    run_layer::<Conv2d<2, 4, 3>, Dilated, Image<9, 8, 2>, Image<5, 4, 4>>("conv2d_dilated");
    options!(Groups of Conv2d<2, 4, 3>: .groups(2));
    run_layer::<Conv2d<2, 4, 3>, Groups, Image<7, 8, 4>, Image<5, 6, 4>>("conv2d_groups");
}

#[test]
fn conv2d_transpose() {
    run_layer::<Conv2dTranspose<2, 4, 3>, Defaults, Image<5, 6, 2>, Image<7, 8, 4>>("conv2d_transpose");
    options!(Same of Conv2dTranspose<2, 4, 3>: .strides(2).padding(Padding::Same));
    run_layer::<Conv2dTranspose<2, 4, 3>, Same, Image<5, 6, 2>, Image<10, 12, 4>>("conv2d_transpose_stride2_same");
}

#[test]
fn max_pooling2d() {
    run_layer::<MaxPooling2d, Defaults, Image<7, 8, 3>, Image<3, 4, 3>>("max_pooling2d");
    options!(Same of MaxPooling2d: .positional(3).strides(2).padding(Padding::Same));
    run_layer::<MaxPooling2d, Same, Image<7, 8, 3>, Image<4, 4, 3>>("max_pooling2d_3_stride2_same");
}

#[test]
fn global_pooling2d() {
    run_layer::<GlobalMaxPooling2d, Defaults, Image<5, 6, 3>, [f32; 3]>("global_max_pooling2d");
    run_layer::<GlobalAveragePooling2d, Defaults, Image<5, 6, 3>, [f32; 3]>("global_average_pooling2d");
}

#[test]
fn up_sampling2d() {
    run_layer::<UpSampling2d, Defaults, Image<3, 4, 2>, Image<6, 8, 2>>("up_sampling2d");
    options!(Bilinear of UpSampling2d: .positional(2).interpolation(Interpolation::Bilinear));
    run_layer::<UpSampling2d, Bilinear, Image<3, 4, 2>, Image<6, 8, 2>>("up_sampling2d_bilinear");
}
