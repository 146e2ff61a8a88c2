//! Layers, losses, optimizers and kernels of `fusion`, without the standard library.
//!
//! Users depend on the package `fusion`, which re-exports what they need of this. Every room builds on those above it:
//!
//! | room | holds |
//! |---|---|
//! | [`shape`] | shapes, tensors and plain data, texts in constants |
//! | [`kernels`] | arithmetic on slices, the only place that knows of vector instructions |
//! | [`weights`] | the table of a layer's weights and options, initial values, random numbers |
//! | [`layer`] | the contract of a layer, and how its mistakes read |
//! | [`model`] | what `model!` stands on: passes, memory, batches, a model as a layer |
//! | [`persistence`] | weight files' bytes, read without a heap |
//! | [`activations`], [`layers`] | one file each |
//! | [`losses`], [`metrics`], [`optimizers`] | one file each |
#![cfg_attr(not(feature = "std"), no_std)]
// What is written with paths of `fusion`, in examples and derives, is of this crate.
#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as fusion;

pub mod activations;
pub mod kernels;
pub mod layer;
pub mod layers;
#[cfg(feature = "training")]
pub mod losses;
#[cfg(feature = "training")]
pub mod metrics;
pub mod model;
#[cfg(feature = "training")]
pub mod optimizers;
pub mod persistence;
pub mod shape;
pub mod weights;

#[cfg(feature = "training")]
pub use layer::{Backward, TrainLayer};
pub use layer::{Forward, InputError, Layer, Mistake, Needs, Output};
#[cfg(feature = "alloc")]
pub use model::Prepared;
pub use model::{IntoInputs, Model, Network, PredictError, Samples, rows};
pub use shape::{Shape, Tensor, Text};
pub use weights::{Configured, Defaults, NoOptions, OptionsOf, Parameters, Random};

/// Whether this crate, with most of the arithmetic, is compiled without optimization.
#[doc(hidden)]
pub const UNOPTIMIZED: bool = cfg!(unoptimized);

/// Lets the `Debug` of an error be its text: a `main` that returns an error shows that.
#[doc(hidden)]
#[macro_export]
macro_rules! debug_is_display {
    ($($Error:ty),*) => {$(
        impl ::core::fmt::Debug for $Error {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(self, f)
            }
        }
    )*};
}

/// Keeps what is written for training where the feature `training` is on, and drops it where it is not.
///
/// ```
/// # #[macro_use] extern crate fusion_core as fusion;
/// fusion::training! {
///     fn a_way_back() {}
/// }
/// a_way_back();
/// ```
#[cfg(feature = "training")]
#[macro_export]
macro_rules! training {
    ($($item:item)*) => { $($item)* };
}
/// Keeps what is written for training where the feature `training` is on, and drops it where it is not.
#[cfg(not(feature = "training"))]
#[macro_export]
macro_rules! training {
    ($($item:item)*) => {};
}
