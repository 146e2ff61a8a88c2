//! Weight files in a program: their bytes read without the standard library and without a heap, at run time or by the
//! compiler.
//!
//! The format is that of the package `fusion`: safetensors, a tensor for each parameter under Keras's name. All of it
//! is `const`, so that a file that does not fit is an error of compilation.

mod error;
mod golden;
mod header;
mod included;
mod json;
mod load;
mod name;
mod structure;

pub use error::WeightsError;
pub use golden::SelfTestError;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub use golden::self_test_of_file;
#[doc(hidden)]
pub use golden::{GOLDEN, MOST_GOLDEN, RANGE, copy_numbers, count_numbers, self_test};
#[doc(hidden)]
pub use header::NO_PARAMETER;
#[doc(hidden)]
pub use included::included;
pub use included::{CheckedError, Included};
pub use load::WeightFiles;
pub use name::{ParameterOf, TensorName};
#[doc(hidden)]
pub use structure::{FORMAT, FORMAT_KEY, GRAPH_KEY, INPUTS_KEY, STRUCTURE_KEY, Structure};
