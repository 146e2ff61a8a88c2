//! Layers, losses, optimizers and kernels of `fusion`, without the standard library.
//!
//! Users depend on the package `fusion`, which re-exports all of this.
#![cfg_attr(not(feature = "std"), no_std)]
#[cfg(feature = "alloc")]
extern crate alloc;

pub mod activations;
pub mod fit;
pub mod graph;
pub mod initializers;
pub mod inputs;
pub mod kernels;
pub mod layer;
pub mod layers;
pub mod losses;
pub mod memory;
pub mod merges;
pub mod metrics;
pub mod model;
pub mod nested;
pub mod network;
pub mod operands;
pub mod optimizers;
pub mod parameters;
mod random;
mod shape;
pub mod site;
pub mod tensor;
mod text;

pub use fit::{Fit, Mistake};
pub use graph::Graph;
pub use inputs::{IntoInputs, Samples};
pub use layer::{Backward, Configured, Defaults, Forward, InputError, Layer, Memory, NoOptions, OptionsOf};
pub use model::{Model, PredictError, rows};
pub use network::Network;
pub use operands::MultiInputLayer;
pub use parameters::{Parameter, Parameters, Path, Plain};
pub use random::Random;
pub use shape::Shape;
pub use tensor::{OfShape, Tensor};
pub use text::Text;

/// Whether this crate, with most of the arithmetic, is compiled without optimization.
#[doc(hidden)]
pub const UNOPTIMIZED: bool = cfg!(unoptimized);
