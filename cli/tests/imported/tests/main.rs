//! What `fusion import` writes of Keras's models is what Keras computes.

// Each is a program of its own where a user has it.
#![allow(clippy::module_inception)]

mod autoencoder;
mod class_weight;
mod ensemble;
mod frozen;
mod gaps;
mod lengths;
mod masks;
mod mixed_data;
mod mnist_mlp;
mod operations;
mod pooled_attention;
mod recommender;
mod regularized;
mod seed_functional;
mod seed_fusion;
mod seed_sequential;
mod series;
mod settings;
mod shared_embedding;
mod squeeze_excite;
mod tagging;
mod tickets;
mod toy_resnet;
