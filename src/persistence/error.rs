//! What can be wrong with a weight file, in words.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use fusion_core::shape::Shape;

use super::digest::VERSION;
use super::{Displaced, FIRST_FORMAT, FORMAT, GRAPH_KEY, Matching};

/// How many tensors a message lists.
pub(super) const LISTED: usize = 5;
/// How many characters of a name and of what a parser says, and how many dimensions, a message shows: a file may
/// hold any.
const SHOWN_CHARACTERS: usize = 100;
const SHOWN_OF_A_PROBLEM: usize = 300;
const SHOWN_DIMENSIONS: usize = 8;

/// Why weights were not saved or loaded. On a loading error the model is as it was.
#[non_exhaustive]
pub enum WeightsError {
    /// The system could not read the file.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system could not write the file. What was there before still is.
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The model has weights that are NaN or infinite, with which no file could be loaded again: nothing was written.
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The parameters that have such values.
        tensors: Vec<TensorMismatch>,
    },
    /// The golden samples or ranges for the file are none of the model's: nothing was written.
    Golden {
        /// What is wrong with them.
        problem: String,
    },
    /// The file is not what it should be.
    Refused {
        /// The file; none where the bytes were given.
        path: Option<PathBuf>,
        /// What is wrong with it.
        reason: Refusal,
    },
}

/// Why a file, or the bytes of one, were refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The path is a directory, a device or the like.
    NotAFile,
    /// There are no bytes at all.
    Empty,
    /// There are more bytes than the model's file can have.
    TooLarge {
        /// How many there are.
        bytes: u64,
        /// How many there can be.
        limit: u64,
    },
    /// The bytes are something else than a safetensors file.
    NotSafetensors {
        /// What shows it.
        problem: String,
    },
    /// The file is one of Keras's own kinds, but cannot be read.
    NotKeras {
        /// What is wrong with it.
        problem: String,
    },
    /// The path is that of a file of Keras's own, which cannot be written of this model.
    NotForKeras {
        /// What is in the way.
        problem: String,
    },
    /// The model cannot be written as an ONNX file.
    NotForOnnx {
        /// What is in the way.
        problem: String,
    },
    /// The header is longer than it can be.
    HeaderTooLong {
        /// How many bytes it has.
        bytes: u64,
        /// How many it can have.
        limit: u64,
    },
    /// The end is missing, or there are bytes that belong to no tensor.
    WrongLength {
        /// How many bytes the file must have, by its own account.
        expected: u64,
        /// How many it has.
        found: u64,
    },
    /// The file is of a version that this one does not know.
    UnknownFormat {
        /// The version, from the metadata.
        found: String,
    },
    /// Tensors do not fit the model's parameters, or hold values that are not finite.
    Tensors(Vec<TensorMismatch>),
    /// The digest of the file's graph is of a version that this one does not know.
    UnknownDigest {
        /// The digest, from the metadata.
        found: String,
    },
    /// All tensors fit, but the file was saved by a model with another graph.
    OtherGraph {
        /// The digest of the model's graph.
        expected: String,
        /// The digest in the file.
        found: String,
        /// The layers of the same name that are not the same.
        displaced: Vec<Displaced>,
    },
    /// The graph is the model's, but inputs or outputs of the same names come in another order.
    OtherOrder {
        /// The layers of the same name that are not the same.
        displaced: Vec<Displaced>,
    },
    /// There is nothing in the file that the model can take.
    NothingMatches(Box<Matching>),
    /// A name that is to mean another is not in the file.
    NotInFile {
        /// The name.
        name: String,
        /// One that the file has, of nearly the same name.
        similar: Option<String>,
    },
    /// A name that another is to mean is not in the model.
    NotInModel {
        /// The name.
        name: String,
        /// One that the model has, of nearly the same name.
        similar: Option<String>,
    },
    /// The file has Keras's own paths, and layers of one shape, so that nothing says which is which.
    Ambiguous {
        /// A layer of the file.
        layer: String,
        /// Layers of the model that it may be.
        may_be: Vec<String>,
    },
    /// It holds weights of a prepared model, of another kind than is asked for, or the other way round.
    Prepared {
        /// The kind that is asked for, such as `F16`; none for a model that is not prepared.
        expected: Option<&'static str>,
        /// The kind in the file.
        found: Option<String>,
    },
    /// The file is to hold the state of a training, and does not hold that of this one.
    Trainer(
        /// What is wrong, as the end of a sentence.
        String,
    ),
    /// Two renames have one name on the same side.
    RenamedTwice {
        /// The name.
        name: String,
    },
}

/// A tensor that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorMismatch {
    /// Its name, `dense/kernel`.
    pub tensor: String,
    /// Why it does not fit.
    pub reason: MismatchReason,
}

/// Why a tensor does not fit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MismatchReason {
    /// The model has this parameter, the file has not.
    Missing {
        /// A tensor of the file that the model does not have, of nearly the same name.
        similar: Option<String>,
    },
    /// The file has this tensor, the model has not.
    Unknown,
    /// The user gave another tensor this name.
    Replaced,
    /// Its layer is not the same in the file's model: see [`Displaced`].
    Displaced,
    /// The values are of another type.
    Dtype {
        /// That which they must have, `F32` but for a prepared model.
        expected: String,
        /// The type in the file, such as `F16`.
        found: String,
    },
    /// The shapes differ.
    Shape {
        /// The model's.
        expected: Shape,
        /// The file's.
        found: Vec<usize>,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// The value's index in each dimension.
        position: Vec<usize>,
        /// The value, the first of its kind.
        value: f32,
    },
}

fusion_core::debug_is_display!(WeightsError);
impl Error for WeightsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => Some(source),
            Self::NotFinite { .. } | Self::Golden { .. } | Self::Refused { .. } => None,
        }
    }
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(f, "cannot read the weights from `{}`: {source}", path.display()),
            Self::Write { path, source } => write!(f, "cannot write the weights to `{}`: {source}", path.display()),
            Self::NotFinite { path, tensors } => {
                write!(f, "the weights were not saved to `{}`, as they could not be loaded again:", path.display())?;
                list(f, tensors.iter())
            }
            Self::Golden { problem } => write!(f, "the weights were not saved, as {problem}"),
            Self::Refused { path: Some(path), reason } => write!(f, "`{}` {reason}", path.display()),
            Self::Refused { path: None, reason } => write!(f, "the weight file's content {reason}"),
        }
    }
}

impl Refusal {
    /// The graph is the model's, but what the metadata say under this key is no graph's or another's.
    pub(super) fn contradiction(key: &str) -> Self {
        let problem = format!("its `{key}` cannot be that of any model of its `{GRAPH_KEY}`");
        Self::NotSafetensors { problem }
    }
}

/// A clause without its subject, which is the file.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFile => f.write_str("is not a file that could hold weights"),
            Self::Empty => f.write_str("is empty"),
            Self::TooLarge { bytes, limit } => {
                write!(f, "has {bytes} bytes, but the weights of this model take at most {limit}")
            }
            Self::NotSafetensors { problem } => {
                // The JSON parser quotes what it stumbles over.
                let problem = Shown { text: problem, characters: SHOWN_OF_A_PROBLEM };
                write!(f, "is not a safetensors file: {problem}")
            }
            Self::NotKeras { problem } => {
                let problem = Shown { text: problem, characters: SHOWN_OF_A_PROBLEM };
                write!(f, "cannot be read as a file of Keras's: {problem}")
            }
            Self::NotForKeras { problem } => write!(f, "cannot be written as a file of Keras's: {problem}"),
            Self::NotForOnnx { problem } => write!(f, "cannot be written as an ONNX file: {problem}"),
            Self::HeaderTooLong { bytes, limit } => {
                write!(f, "has a header of {bytes} bytes, but at most {limit} are accepted")
            }
            Self::WrongLength { expected, found } if found < expected => {
                write!(f, "is cut off: its header asks for {expected} bytes in all, but there are only {found}")
            }
            Self::WrongLength { expected, found } => {
                write!(f, "has {found} bytes, but its header accounts for only {expected}")
            }
            Self::UnknownFormat { found } => {
                let known = format!("this version of fusion knows only the formats `{FIRST_FORMAT}` and `{FORMAT}`");
                write!(f, "is of format {}, but {known}", Quoted(found))
            }
            Self::Tensors(mismatches) => {
                f.write_str("does not fit the model:")?;
                list(f, mismatches.iter())
            }
            Self::UnknownDigest { found } => {
                write!(
                    f,
                    "has {} as the digest of its graph, but this version of fusion compares only ",
                    Quoted(found)
                )?;
                write!(f, "those that begin with `{VERSION}`; `load_matching_weights` takes what fits")
            }
            Self::OtherGraph { expected, found, displaced } => {
                f.write_str(
                    "was saved by a model with another graph, even though the names and shapes of all tensors fit: ",
                )?;
                f.write_str("a layer's kind, activation or options, or the wiring between the layers must differ ")?;
                write!(f, "(digest of the model's graph: {}, of the file's: {})", Quoted(expected), Quoted(found))?;
                list(f, displaced.iter())
            }
            Self::OtherOrder { displaced } => {
                f.write_str("was saved by a model whose inputs or outputs of the same names come in another order:")?;
                list(f, displaced.iter())
            }
            Self::NothingMatches(matching) => {
                f.write_str("has nothing that this model can take:")?;
                list(f, matching.lines())
            }
            Self::NotInFile { name, similar } => unknown(f, "has no weights called", name, similar.as_deref()),
            Self::NotInModel { name, similar } => {
                unknown(f, "cannot be read into this model, which has no weights called", name, similar.as_deref())
            }
            Self::Ambiguous { layer, may_be } => ambiguous(f, layer, may_be),
            Self::Prepared { expected: Some(expected), found: None } => {
                f.write_str("holds the weights of a model that is not prepared: load them into the model, and then ")?;
                write!(f, "`prepare_as::<{expected}>()`")
            }
            Self::Prepared { found, .. } => {
                let found = found.as_deref().unwrap_or_default();
                write!(f, "holds the weights of a prepared model of the kind {}: ", Quoted(found))?;
                f.write_str("`Prepared::<_, F32>::load_weights` loads them, with that kind instead of `F32`")
            }
            Self::Trainer(words) => write!(f, "cannot be gone on from: {words}"),
            Self::RenamedTwice { name } => write!(f, "cannot be read with two renames of {}", Quoted(name)),
        }
    }
}

/// A line for each, up to a few.
fn list(f: &mut fmt::Formatter<'_>, mut all: impl Iterator<Item = impl fmt::Display>) -> fmt::Result {
    for one in all.by_ref().take(LISTED) {
        write!(f, "\n  {one}")?;
    }
    match all.count() {
        0 => Ok(()),
        rest => write!(f, "\n  and {rest} more"),
    }
}

/// A name that is not there, and one that may be meant.
fn unknown(f: &mut fmt::Formatter<'_>, text: &str, name: &str, similar: Option<&str>) -> fmt::Result {
    write!(f, "{text} {}", Quoted(name))?;
    similar.map_or(Ok(()), |similar| write!(f, "; is {} meant?", Quoted(similar)))
}

fn ambiguous(f: &mut fmt::Formatter<'_>, layer: &str, may_be: &[String]) -> fmt::Result {
    f.write_str("has Keras's own paths, and layers alike, so that nothing says which is which: ")?;
    write!(f, "{} may be ", Quoted(layer))?;
    for (index, here) in may_be.iter().enumerate() {
        write!(f, "{}{}", if index > 0 { " or " } else { "" }, Quoted(here))?;
    }
    let here = may_be.first().map_or("", String::as_str);
    write!(f, " of this model; `.rename({layer:?}, {here:?})` of `matching_weights` says that it is the one")
}

impl fmt::Display for TensorMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Quoted(&self.tensor), self.reason)
    }
}

/// A clause without its subject, which is the tensor.
impl fmt::Display for MismatchReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { similar: None } => f.write_str("is missing in the file"),
            Self::Missing { similar: Some(similar) } => {
                write!(f, "is missing in the file, which has a {} that the model does not have", Quoted(similar))
            }
            Self::Unknown => f.write_str("is in the file, but not in the model"),
            Self::Replaced => f.write_str("was not taken, as another has its name in the model"),
            Self::Displaced => f.write_str("is of a layer that stands elsewhere in the file's model"),
            Self::Dtype { expected, found } => {
                write!(f, "has dtype {found} in the file, but must have {expected}")
            }
            Self::Shape { expected, found } => {
                write!(f, "has shape {} in the file, but {expected} in the model", Dimensions(found))
            }
            Self::NotFinite { position, value } => write!(f, "has the value {value} at {position:?}"),
        }
    }
}

/// A name from a file, in backticks.
pub(super) struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", Shown { text: self.0, characters: SHOWN_CHARACTERS })
    }
}

/// Text from a file, made safe to print: cut, and without control characters.
struct Shown<'a> {
    text: &'a str,
    characters: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.text.chars();
        for character in characters.by_ref().take(self.characters) {
            match character {
                '\'' | '"' | '\\' => write!(f, "{character}")?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        f.write_str(if characters.next().is_some() { "…" } else { "" })
    }
}

/// A shape from a file, which may have any number of dimensions.
struct Dimensions<'a>(&'a [usize]);

impl fmt::Display for Dimensions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..SHOWN_DIMENSIONS) {
            Some(first) if first.len() < self.0.len() => {
                write!(f, "{first:?} and {} more dimensions", self.0.len() - first.len())
            }
            _ => write!(f, "{:?}", self.0),
        }
    }
}
