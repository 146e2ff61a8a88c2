//! What can be in the way of an ONNX file, in words.

use std::error::Error;
use std::fmt;

use crate::keras::KerasError;

/// Why no ONNX file was written.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// The file has weights alone: which layers there are stands in none of them.
    NoConfig,
    /// The configuration is not that of a model whose layers can be gone through.
    Model {
        /// What is wrong.
        problem: String,
    },
    /// A layer, an option of one, or how it is called cannot be said in ONNX.
    Layer {
        /// The layer, with the models that it is within: `encoder/hashing`.
        layer: String,
        /// Its class in Keras.
        class: String,
        /// What cannot be said.
        what: String,
        /// What to do.
        instead: String,
    },
    /// The model's own weights could not be laid out as Keras's.
    Keras(KerasError),
}

impl Error for ExportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Keras(source) => Some(source),
            _ => None,
        }
    }
}

impl From<KerasError> for ExportError {
    fn from(error: KerasError) -> Self {
        Self::Keras(error)
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConfig => f.write_str(
                "the file has weights alone; an ONNX file is made of a whole model, as `model.save(\"model.keras\")` writes it",
            ),
            Self::Model { problem } => f.write_str(problem),
            Self::Layer { layer, class, what, instead } => {
                write!(f, "ONNX cannot say the layer `{layer}` (`{class}`): it {what}; instead: {instead}")
            }
            Self::Keras(error) => error.fmt(f),
        }
    }
}

/// What a layer's writer says cannot be said; which layer it is comes with it later.
#[derive(Debug)]
pub(super) struct Refusal {
    pub what: String,
    pub instead: String,
}

impl Refusal {
    pub fn new(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { what: what.into(), instead: instead.into() }
    }
}

pub(super) type Result<T> = std::result::Result<T, Refusal>;
