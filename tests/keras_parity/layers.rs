//! Every layer: output and gradients.

use fusion_core::activations::{Linear, Relu, Softmax};
use fusion_core::layers::*;
use fusion_core::{Configured, Defaults, OptionsOf};

use crate::layer_case::{LayerCase, run_layer};

/// For the page of parity.
pub const LAYERS: [fn(); 5] = [dense, dense_with_activations, flatten, normalization, rescaling];

#[test]
fn dense() {
    run_layer::<Dense<6, 4>, Defaults, [f32; 6], [f32; 4]>("dense");
    run_layer::<Dense<6, 4>, Defaults, [[f32; 6]; 5], [[f32; 4]; 5]>("dense_rank3");
    run_layer::<Dense<6, 4, Linear, NoBias>, Defaults, [f32; 6], [f32; 4]>("dense_no_bias");
}

#[test]
fn dense_with_activations() {
    run_layer::<Dense<6, 4, Relu>, Defaults, [f32; 6], [f32; 4]>("dense_relu");
    run_layer::<Dense<6, 4, Softmax>, Defaults, [f32; 6], [f32; 4]>("dense_softmax");
}

#[test]
fn flatten() {
    run_layer::<Flatten, Defaults, [[[f32; 2]; 4]; 3], [f32; 24]>("flatten");
}

#[test]
fn normalization() {
    // The fixture's layer was given its moments as arguments.
    let mut layer = Normalization { mean: [0.1; 6], variance: [0.5; 6] };
    LayerCase::new("normalization").run_prepared::<_, Defaults, [f32; 6], [f32; 6]>(&mut layer);
}

struct GreyLevels;
impl OptionsOf<Rescaling> for GreyLevels {
    const VALUE: RescalingOptions = Rescaling::DEFAULT.scale(1.0 / 255.0).offset(-0.5);
}

#[test]
fn rescaling() {
    run_layer::<Rescaling, GreyLevels, [f32; 6], [f32; 6]>("rescaling");
}
