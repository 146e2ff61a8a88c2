//! Neural networks with several inputs whose shapes the Rust compiler checks, trained like Keras.
#![cfg_attr(not(feature = "std"), no_std)]

#[doc(inline)]
pub use fusion_core::*;

#[cfg(feature = "std")]
pub mod persistence;
#[cfg(feature = "std")]
pub mod summary;

/// Derives the weights of a layer from its fields.
pub use fusion_macros::Parameters;

#[doc(hidden)]
pub mod __private {
    pub use fusion_macros::model;
}

/// Declares a model.
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => {
        $crate::__private::model! { [$crate] $($tokens)* }
    };
}

/// What a program that declares and uses models needs in scope.
pub mod prelude {
    pub use crate::model;
    pub use crate::Parameters;
    pub use fusion_core::activations::{Linear, Relu, Tanh, Gelu};
    pub use fusion_core::layers::*;
    #[cfg(feature = "std")]
    pub use crate::{persistence::WeightFiles, summary::Summarize};
    pub use fusion_core::{Layer, Model, Samples, rows, OptionsOf, Tensor};
}
