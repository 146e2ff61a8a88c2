//! What `fusion import` writes of Keras's and `PyTorch`'s models is what they compute.

// Each is a program of its own where a user has it.
#![allow(clippy::module_inception)]

mod autoencoder;
mod class_weight;
mod ensemble;
mod frozen;
mod gaps;
mod keras_autoencoder;
mod keras_ensemble;
mod keras_mixed_data;
mod keras_mnist_mlp;
mod keras_seed_functional;
mod keras_seed_fusion;
mod keras_shared_embedding;
mod keras_tickets;
mod keras_toy_resnet;
mod lengths;
mod masks;
mod mixed_data;
mod mnist_mlp;
mod old_mlp;
mod old_squeeze_excite;
mod old_transformer;
mod operations;
mod pooled_attention;
mod recommender;
mod regularized;
mod script_causal;
mod script_mlp;
mod script_sequences;
mod script_squeeze_excite;
mod script_tickets;
mod script_toy_resnet;
mod script_transformer;
mod script_unet;
mod seed_functional;
mod seed_fusion;
mod seed_sequential;
mod series;
mod settings;
mod shared_embedding;
mod squeeze_excite;
mod tagging;
mod tickets;
mod torch_causal;
mod torch_mlp;
mod torch_sequences;
mod torch_squeeze_excite;
mod torch_tickets;
mod torch_toy_resnet;
mod torch_transformer;
mod torch_unet;
mod toy_resnet;
