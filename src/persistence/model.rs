//! The weight files of any model.

use std::path::Path;

use fusion_core::{Model, Network};

use super::{Matching, WeightsError};

/// Saves and loads a model's weights; every [`Model`] can.
///
/// ```
/// use fusion::prelude::*;
/// model! { pub struct Line = [f32; 2] => Dense<2, 1>; }
///
/// let trained = Line::new(1);
/// let file = trained.weights_to_bytes();
/// let mut served = Line::new(2);
/// served.load_weights_from_bytes(&file)?;
/// assert_eq!(served.predict(&[0.5, 0.25]), trained.predict(&[0.5, 0.25]));
/// # Ok::<(), fusion::persistence::WeightsError>(())
/// ```
pub trait WeightFiles: Model {
    /// Writes the weights to a safetensors file, with Keras's names and layout and a digest of the graph.
    ///
    /// The file is written beside, synced and renamed: it is the old one or the new one, never half.
    ///
    /// # Errors
    /// When the file cannot be written; an old file is then left as it was.
    fn save_weights(&self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        super::save(self.network(), Self::Network::GRAPH, path.as_ref())
    }

    /// Reads the weights from a safetensors file: this model's own, or Keras's by name and shape.
    ///
    /// # Errors
    /// Says which tensor is wrong, what was expected and what was found; the model is left as it was.
    fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        super::load(self.network_mut(), Self::Network::GRAPH, path.as_ref())
    }

    /// The bytes that [`WeightFiles::save_weights`] writes.
    fn weights_to_bytes(&self) -> Vec<u8> {
        super::to_bytes(self.network(), Self::Network::GRAPH)
    }

    /// Reads the weights from the bytes of a file, such as `include_bytes!("model.safetensors")`.
    ///
    /// # Errors
    /// As [`WeightFiles::load_weights`].
    fn load_weights_from_bytes(&mut self, bytes: &[u8]) -> Result<(), WeightsError> {
        super::load_from_bytes(self.network_mut(), Self::Network::GRAPH, bytes)
    }

    /// Takes from a file what fits by name, shape and type, for transfer learning, and reports the rest.
    ///
    /// # Errors
    /// When the file cannot be read or is no safetensors file; the model is then left as it was.
    #[doc(alias = "skip_mismatch")]
    fn load_matching_weights(&mut self, path: impl AsRef<Path>) -> Result<Matching, WeightsError> {
        super::load_matching(self.network_mut(), Self::Network::GRAPH, path.as_ref())
    }
}

impl<M: Model + ?Sized> WeightFiles for M {}
