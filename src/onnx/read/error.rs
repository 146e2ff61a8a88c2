//! What can be wrong with an ONNX file, in words.

use std::error::Error;
use std::fmt;

use crate::keras::KerasError;

/// How many characters of a file's own text a message shows.
const SHOWN: usize = 200;

/// Why an ONNX file was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum OnnxError {
    /// The bytes are not those of an ONNX file, or contradict each other.
    Damaged {
        /// What is wrong.
        problem: String,
    },
    /// There is more than is read of any file.
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much is read.
        limit: u64,
    },
    /// What an input must be for its shape to be known.
    Input {
        /// The input.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// All that has no counterpart here, in the order of the file.
    NoCounterpart(Vec<Problem>),
    /// What was made of it is no model of Keras's.
    Model(KerasError),
}

/// A node that has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name, or that of what it gives.
    pub node: String,
    /// `Einsum`, with its attributes: `Einsum(equation = "ij,jk->ik")`.
    pub operation: String,
    /// What is in the way.
    pub what: String,
    /// What could stand in.
    pub instead: String,
}

impl Error for OnnxError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let Self::Model(error) = self { Some(error) } else { None }
    }
}

impl fmt::Display for OnnxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { problem } => write!(f, "it is not a whole ONNX file: {}", Shown(problem)),
            Self::TooMuch { what, limit } => write!(f, "it has too many {what}: at most {limit} are read"),
            Self::Input { name, problem } => write!(f, "its input `{}` {problem}", Shown(name)),
            Self::NoCounterpart(problems) => {
                match problems.len() {
                    1 => f.write_str("one thing in the model has no counterpart:")?,
                    count => write!(f, "{count} things in the model have no counterpart:")?,
                }
                for Problem { node, operation, what, instead } in problems {
                    write!(f, "\n  {} ({}): {what}\n      instead: {instead}", Shown(node), Shown(operation))?;
                }
                Ok(())
            }
            Self::Model(error) => write!(f, "what was made of it is no model: {error}"),
        }
    }
}

/// Text from a file, made safe to print: cut, and without control characters.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(SHOWN) {
            match character {
                '\'' | '"' | '\\' => write!(f, "{character}")?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        f.write_str(if characters.next().is_some() { "…" } else { "" })
    }
}

/// Why a node was not read: what is in the way, and what could stand in; or that the file contradicts itself.
#[derive(Debug)]
pub(super) enum Refused {
    Problem { what: String, instead: String },
    Damaged(String),
    TooMuch { what: &'static str, limit: u64 },
}

impl Refused {
    pub fn new(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::Problem { what: what.into(), instead: instead.into() }
    }

    /// As [`new`](Self::new), where only another model would do.
    pub fn own_layer(what: impl Into<String>) -> Self {
        Self::new(what, "change it in the model, or write a layer of your own: docs/writing-a-layer.md")
    }

    pub fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}
