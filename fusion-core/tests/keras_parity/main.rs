//! Every formula against numbers of real Keras (`tests/fixtures/keras`, made by Keras 3.15.1).

mod activations;
mod fixture;
mod image_layers;
mod layer_case;
mod layers;
mod losses;
mod merges;
mod metrics;
mod optimizers;
mod sequence_layers;
