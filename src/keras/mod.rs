//! Keras's own files: `.keras`, `.weights.h5` and whole models in `.h5`, of Keras 3 and of Keras 2.
//!
//! An [`Archive`] is what such a file holds: the weights by the names of their layers, and the model's configuration where
//! the file has it. `model.load_weights("model.keras")?` of [`WeightFiles`](crate::persistence::WeightFiles) reads them into
//! a model.
//!
//! | file | holds | made by |
//! |---|---|---|
//! | `model.keras` | weights, configuration | `model.save("model.keras")` |
//! | `model.weights.h5` | weights | `model.save_weights("model.weights.h5")` |
//! | `model.h5` | weights, configuration | `model.save("model.h5")`, of Keras 2 or 3 |
//!
//! `model.save("model.keras")?` of the same trait writes a model for Keras, and [`Archive::of`] gives in memory what such a
//! file holds.
//!
//! Which it is, is told by the file's bytes, not by its name. What an optimizer keeps is left out.
//!
//! Files are taken as hostile: what one declares is compared with how many bytes there are before memory is taken for it,
//! and how deep and how many things may be has an end ([`KerasError::TooMuch`]).

mod config;
mod error;
mod legacy;
#[doc(hidden)]
pub mod model;
mod names;
mod open;
mod source;
mod tree;
mod weights;
mod write;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use config::Config;
pub use error::KerasError;
pub(crate) use legacy::WRAPPED;
pub(crate) use names::field_of;
pub use names::snake_case;
pub(crate) use open::is_archive;
pub(crate) use tree::{Array, Group};
pub(crate) use weights::LAYERS;
pub(crate) use write::{archive as write_archive, weights as write_weights};

/// What a file of Keras's holds.
///
/// ```no_run
/// use fusion::keras::Archive;
///
/// let archive = Archive::open("model.keras")?;
/// for layer in archive.layers() {
///     for weight in &layer.weights {
///         println!("{}/{} {:?}", layer.path.join("/"), weight.name, weight.shape);
///     }
/// }
/// # Ok::<(), fusion::keras::KerasError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Archive {
    config: Option<Value>,
    layers: Vec<LayerWeights>,
    source: Source,
}

/// What the layers are read from, so that a configuration that comes later can name what it does.
#[derive(Clone, Debug)]
enum Source {
    /// Keras 3's groups, numbered by class.
    Groups(tree::Group),
    /// Groups with the names of the layers, as of Keras 2.
    Named(Vec<legacy::Named>),
    /// No file of Keras's: the layers themselves.
    #[cfg(feature = "onnx")]
    Given(Vec<LayerWeights>),
}

/// A layer that has weights.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    /// The names of the models that it is within, the outermost first and without the file's own, and its own name:
    /// `["encoder", "dense_1"]`.
    pub path: Vec<String>,
    /// Its weights, in Keras's order.
    pub weights: Vec<Weight>,
    /// As many as the path has names: Keras's groups of the same models and of the layer, `functional`, `dense_1`, in which
    /// each class is counted in the order of `model.layers`, or `layer` for what is wrapped. Empty names where the file does
    /// not tell.
    pub(crate) groups: Vec<String>,
}

/// One array of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Its name below the layer, as in Keras's `weight.path`: `kernel`, `lstm_cell/kernel`, `query/kernel`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, the last dimension next to each other.
    pub values: Vec<f32>,
}

impl Archive {
    /// Reads a file. Which kind it is of is told by its first bytes.
    ///
    /// # Errors
    /// [`KerasError::Read`] if the system cannot read it; else what is wrong with its content.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KerasError> {
        let path = path.as_ref();
        let unreadable = |source| KerasError::Read { path: path.into(), source };
        // A pipe would wait for a writer, and a device may have no end.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(KerasError::NotAFile { path: path.into() });
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(unreadable)?;
        Self::from_bytes(&bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KerasError> {
        open::open(bytes)
    }

    /// The same weights with the configuration that stands beside them, `model.to_json()`: a `.weights.h5` has none.
    ///
    /// It says of which class each layer is and in which order they are, and so names of weights and of layers where the
    /// file does not.
    ///
    /// # Errors
    /// [`KerasError::Config`] if it is not the configuration of a model.
    pub fn with_config(self, json: &str) -> Result<Self, KerasError> {
        Self::new(self.source, Some(config::parse(json)?))
    }

    /// The model's configuration, as in `config.json` and `model.to_json()`: an object with `class_name` (`Functional`,
    /// `Sequential`) and `config`. None where the file has weights alone.
    #[must_use]
    pub fn config(&self) -> Option<&Value> {
        self.config.as_ref()
    }

    /// The layers that have weights, those of nested models too.
    #[must_use]
    pub fn layers(&self) -> &[LayerWeights] {
        &self.layers
    }

    /// What is in memory as a file would hold it: a model with its layers in the group `layers`.
    pub(crate) fn of_groups(model: Group, config: Value) -> Result<Self, KerasError> {
        let layers = model.inside.into_iter().find(|(name, _)| name == LAYERS).ok_or(KerasError::NoWeights)?;
        Self::new(Source::Groups(layers.1), Some(config))
    }

    /// What a file with this configuration would hold, whose layers with weights are these, by their names.
    #[cfg(feature = "onnx")]
    pub(crate) fn of_parts(config: Value, layers: Vec<(String, Vec<Weight>)>) -> Result<Self, KerasError> {
        let known = Config::of(&config)?.by_names();
        let group = |name: &str| known.as_ref().and_then(|known| Some(known.place(name)?.group.clone()));
        let layers = layers.into_iter().map(|(name, weights)| {
            let groups = vec![group(&name).unwrap_or_default()];
            LayerWeights { path: vec![name], weights, groups }
        });
        Self::new(Source::Given(layers.collect()), Some(config))
    }

    fn new(source: Source, config: Option<Value>) -> Result<Self, KerasError> {
        let known = config.as_ref().map(Config::of).transpose()?;
        let layers = match &source {
            Source::Groups(root) => weights::layers(root, known.as_ref())?,
            Source::Named(layers) => legacy::layers(layers, known.as_ref())?,
            #[cfg(feature = "onnx")]
            Source::Given(layers) => layers.clone(),
        };
        Ok(Self { config, layers, source })
    }
}
