//! The layers of images: output and gradients.

use fusion_core::activations::{Linear, Relu};
use fusion_core::layers::*;
use fusion_core::{Configured, Defaults, OptionsOf};

use crate::layer_case::run_layer;

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
