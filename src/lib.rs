//! Neural networks with several inputs whose shapes the Rust compiler checks, trained like Keras.
//!
//! A model is one [`model!`] block: inputs, branches of layers, merges, outputs. The macro turns it
//! into a plain struct; a wrong dimension is a compile error at the layer. What compiles trains with
//! Keras's defaults and Keras's numbers ([`training`](mod@training)) and runs without allocation, with or without
//! the standard library.
//!
//! ```
//! use fusion::prelude::*;
//!
//! model! {
//!     /// Two kinds of data, a branch for each, fused.
//!     pub struct Fusion {
//!         input a: [f32; 32];
//!         input b: [f32; 128];
//!         branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
//!         branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
//!         output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
//!     }
//! }
//!
//! let model = Fusion::new(42);
//! let z: [f32; 1] = model.predict(&[0.5; 32], &[0.25; 128]);
//! # assert!(z[0].is_finite());
//! const PARAMETERS: usize = Fusion::PARAMETERS;
//! assert_eq!(PARAMETERS, 10_789);
//! ```
//!
//! | to | see |
//! |---|---|
//! | declare a model | [`model!`], [`layers`], [`activations`] |
//! | write what there is more than once | [a page](blocks) |
//! | use it | [`Model`] |
//! | train it | [`training::Trainer`], [`losses`], [`metrics`], [`optimizers`] |
//! | save and load it | [`persistence::WeightFiles`] |
//! | print it | [`summary::Summarize`] |
//! | see what a classifier gets right | [`classification`] |
//! | know it from Keras | [a table](from_keras) |
//! | write a layer | [a page](writing_a_layer), [`layer`], [`weights`], [`shape`], [`kernels`] |
//!
//! Features that are on by default: `std` for weight files and summaries, `training` for all that trains, `progress` for
//! progress bars, `threads` for several threads. Others: `tensorboard` for the callback `TensorBoard`, `ctrlc`, with
//! which Ctrl-C ends `fit` after its batch, and `keras` for Keras's own files. With `default-features = false` a model
//! declares and predicts without the standard library; with `std` alone it loads its weights too, and no way back is
//! compiled.
#![cfg_attr(not(feature = "std"), no_std)]

// What is written with paths of `fusion`, in derives, is of this crate.
extern crate self as fusion;

#[cfg(feature = "std")]
#[doc(inline)]
pub use fusion_core::Prepared;
#[doc(inline)]
pub use fusion_core::{Model, Network, activations, kernels, layer, layers, shape, weights};
#[cfg(feature = "training")]
#[doc(inline)]
pub use fusion_core::{losses, metrics, optimizers};
/// Derives the weights of a layer from its fields, and its options; see [`layer::Layer`].
pub use fusion_macros::{Options, Parameters};

// What generated code and the examples of `fusion_core` name, each from where the documentation shows it.
#[cfg(feature = "training")]
#[doc(hidden)]
pub use fusion_core::{Backward, TrainLayer};
#[doc(hidden)]
pub use fusion_core::{
    Configured, Defaults, Forward, InputError, IntoInputs, Layer, Mistake, Needs, NoOptions, OptionsOf, Output,
    Parameters, PredictError, Random, Samples, Shape, Tensor, Text, model, rows, training,
};

#[cfg(feature = "keras")]
mod as_keras;
#[cfg(feature = "std")]
pub mod classification;
#[cfg(feature = "keras")]
pub mod keras;
#[cfg(feature = "std")]
mod nesting;
#[cfg(feature = "onnx")]
pub mod onnx;
#[cfg(feature = "std")]
mod order;
#[cfg(feature = "std")]
pub mod persistence;
#[cfg(not(feature = "std"))]
#[doc(inline)]
pub use fusion_core::persistence;
#[cfg(feature = "std")]
pub mod plot;
pub mod prelude;
#[cfg(feature = "std")]
mod similar;
#[cfg(feature = "std")]
pub mod summary;
#[cfg(feature = "std")]
mod terminal;
#[cfg(feature = "training")]
pub mod training;

#[doc = include_str!("../docs/writing-a-layer.md")]
pub mod writing_a_layer {}

#[doc = include_str!("../docs/blocks.md")]
pub mod blocks {}

#[cfg(feature = "training")]
#[doc = include_str!("../docs/own-steps.md")]
pub mod own_steps {}

#[cfg(feature = "training")]
#[doc = include_str!("../docs/from-keras.md")]
pub mod from_keras {}

/// The README's programs run too.
#[cfg(all(doctest, feature = "training"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[doc(hidden)]
pub mod __private {
    pub use fusion_macros::{include_weights, model};
}

/// Keeps what is written for the trainer where the feature `training` is on, and drops it where it is not.
///
/// It is not the core's `training!`: another crate may have turned on the core's feature alone.
#[cfg(feature = "training")]
#[doc(hidden)]
#[macro_export]
macro_rules! for_trainer {
    ($($item:item)*) => { $($item)* };
}
/// Keeps what is written for the trainer where the feature `training` is on, and drops it where it is not.
#[cfg(not(feature = "training"))]
#[doc(hidden)]
#[macro_export]
macro_rules! for_trainer {
    ($($item:item)*) => {};
}

/// Declares a model: its inputs, its branches, how they are fused, and its outputs.
///
/// ```text
/// model     := attributes visibility "struct" Name "{" item* "}"
///            | attributes visibility "struct" Name "=" shape ("=>" step)+ ";"
/// item      := "input" name ":" shape ";"
///            | "#[frozen]"? "layer" name ":" Type options? ";"
///            | "branch" names "=" chain ";"
///            | "output" names "=" chain ";"
///            | "block" name parameters? "(" wire, … ")" ("{" item* "}" | ("=" source)? ("=>" step)+ ";")
/// names     := name | "(" (name ("=" output)? | "_"), … ")"
/// chain     := source ("=>" step)*
/// source    := expression | (name ":")? merge | "(" (name "=")? expression, … ")"
/// step      := "#[frozen]"? (name ":")? Type options? | shared layer's name
///            | "#[frozen]"? block arguments? | "repeat" number "{" step ("=>" step)* "}"
/// options   := "(" (value | key "=" value), … ")"
/// expression := wire | expression "[" index or range, … "]" | expression ("+" | "-" | "*") expression | merge
/// merge     := (concatenate | add | subtract | multiply | average | maximum | minimum | dot)
///              "(" expression, … ("," option)* ")"
/// ```
///
/// - A shape is `[f32; 32]`, `[f32; 28, 28, 1]` (height, width, channels) or, for ids, `[u32; 100]`.
/// - `_` as a generic argument is the number of features that reach the layer. Any constant
///   expression is a dimension: `Dense<{ 2 * H }, H>`.
/// - Wires may be used any number of times and declared in any order. Naming a type makes new
///   weights; a `layer` is one set of weights, used by its name.
/// - Models are layers too; those with several inputs take them by name:
///   `output z = (a = x, b = y) => Inner => Dense<_, 1>;`.
/// - A block is a function of wires, with parameters that stand for sizes, layers or options; it is written out where
///   it is used. [A page](blocks) says when to take a block, a repetition, a model or a macro.
///
/// What it writes: the struct, whose fields are the layers under Keras's names (`dense`,
/// `dense_1`, …); the structs `NameInput` and `NameInputs` for inputs by name; the type
/// `NameOutput`; `predict`, which takes the inputs by position; and [`Model`], which has all else.
/// A boxed model, as `Name::new` makes it, has `clone()` without a derive: the copy is made on the heap, however large.
/// A model whose `Clone` is to be another has it by `derive(Clone)`; one written by hand would be a second.
/// For several outputs also a struct with their names, `NameOutputs`, which is what `predict_batch` gives, and names
/// for what it holds in training: `NameTargets`, `NameLosses`, `NameLossWeights`, `NameMetrics`, `NameSampleWeights`.
///
/// ```
/// use fusion::prelude::*;
/// model! { pub struct Line = [f32; 2] => Dense<2, 8, Tanh> => Dense<_, 1>; }
///
/// let mut line = Line::new(7);
/// line.dense_1.bias[0] = 0.5;
/// assert_eq!(line.predict(&[0.0, 0.0]), [0.5]);
/// ```
///
/// A mistake is an error at its own place:
///
/// ```compile_fail
/// use fusion::prelude::*;
/// // `Dense<9, 1>` takes 9 features, but `Dense<2, 8, Tanh>` gives it 8
/// model! { pub struct Line = [f32; 2] => Dense<2, 8, Tanh> => Dense<9, 1>; }
/// ```
#[doc(alias("Sequential", "Input", "trainable"))]
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => {
        $crate::__private::model! { [unsafe $crate] $($tokens)* }
    };
}

/// A model with the weights of a file, in the program's read-only memory: nothing is read, copied or allocated when the
/// program runs, and neither the standard library nor a heap is needed.
///
/// ```text
/// static TICKETS: Included<Tickets> = include_weights!("tickets.safetensors");
/// ```
///
/// The path is relative to the package, the directory with its `Cargo.toml`. Which model it is says the type of the
/// `static`, [`Included`](persistence::Included), which does all that a model does. Cargo compiles anew when the file
/// changes. A file that is not of this model is an error of compilation at the path:
///
/// - a tensor is missing, is one too many, or has another shape or type; the message says what the file has and what the
///   model wants;
/// - it was saved by a model with another graph, such as one with another activation;
/// - a number is NaN or infinite.
///
/// What is written in the parentheses of a layer, `Dropout(0.5)`, is not compared, as no constant can write it as text:
/// the golden samples that [`weights_file`](persistence::WeightFiles::weights_file) puts into the file show
/// what differs there, by [`Included::self_test`](persistence::Included::self_test).
///
/// Names are the model's own, `dense/kernel`, as `save_weights` writes them.
#[macro_export]
macro_rules! include_weights {
    ($($tokens:tt)*) => {
        $crate::__private::include_weights! { [unsafe $crate] $($tokens)* }
    };
}
