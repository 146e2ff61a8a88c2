//! What can be wrong with a file of Keras's, in words.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// How many characters of what a file or a parser says a message shows.
const SHOWN: usize = 200;

/// Why a file of Keras's was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum KerasError {
    /// The system could not read the file.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The path is a directory, a device or the like.
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The first bytes are neither those of a ZIP archive, `.keras`, nor those of HDF5, `.h5`.
    UnknownKind,
    /// The ZIP archive is damaged, or has no `model.weights.h5`.
    Zip {
        /// What is wrong.
        problem: String,
    },
    /// The HDF5 file is damaged.
    Hdf5 {
        /// Where in the file, `layers/dense/vars`; empty for all of it.
        group: String,
        /// What is wrong.
        problem: String,
    },
    /// The HDF5 file has no weights of a Keras model.
    NoWeights,
    /// The configuration is not that of a model.
    Config {
        /// What is wrong.
        problem: String,
    },
    /// A weight has numbers that are no 32-bit floats, nor become some: a model in fewer bits has such.
    Dtype {
        /// The weight, `layers/dense/vars/0`.
        weight: String,
        /// What it has.
        found: String,
    },
    /// A layer of the model has no place in a file of Keras's.
    NotInKeras {
        /// Its name.
        layer: String,
        /// Its class.
        class: String,
        /// What is in the way, as the end of a sentence that begins with the layer.
        problem: String,
    },
    /// There is more than a file of this size can hold, or than is read of any.
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        limit: u64,
    },
}

impl Error for KerasError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let Self::Read { source, .. } = self { Some(source) } else { None }
    }
}

impl fmt::Display for KerasError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(f, "cannot read `{}`: {source}", path.display()),
            Self::NotAFile { path } => write!(f, "`{}` is not a file", path.display()),
            Self::UnknownKind => f.write_str(
                "it is no file of Keras's: neither a ZIP archive, `.keras`, nor HDF5, `.weights.h5` and `.h5`",
            ),
            Self::Zip { problem } => write!(f, "it is not a whole `.keras` archive: {}", Shown(problem)),
            Self::Hdf5 { group, problem } if group.is_empty() => {
                write!(f, "it is not a whole HDF5 file: {}", Shown(problem))
            }
            Self::Hdf5 { group, problem } => {
                write!(f, "it is not a whole HDF5 file: `{}`: {}", Shown(group), Shown(problem))
            }
            Self::NoWeights => f.write_str(
                "it is an HDF5 file without a model's weights: neither `layers`, as `save_weights` writes them, nor \
                 `model_weights` or `layer_names`, as `save` does",
            ),
            Self::Config { problem } => write!(f, "its configuration is not that of a model: {}", Shown(problem)),
            Self::Dtype { weight, found } => {
                write!(f, "its weight `{}` has numbers of type {}, not float32", Shown(weight), Shown(found))
            }
            Self::NotInKeras { layer, class, problem } => write!(f, "`{layer}` ({class}) {problem}"),
            Self::TooMuch { what, limit } => write!(f, "it has too many {what}: at most {limit} are read"),
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
