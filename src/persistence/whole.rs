//! A whole model as Keras's `.keras`: its configuration and its weights.

use std::path::Path;

use fusion_core::Model;
use fusion_core::model::Network;

use super::groups::{groups, to_bytes};
use super::write::{check_finite, check_place, write_file};
use super::{Refusal, WeightsError};
use crate::as_keras;
use crate::keras::{Archive, KerasError, write_archive};

/// Writes the file beside `path`, and then renames it.
pub(super) fn save<N: Network>(model: &N, path: &Path) -> Result<(), WeightsError> {
    let refused =
        |problem: String| WeightsError::Refused { path: Some(path.into()), reason: Refusal::NotForKeras { problem } };
    if !path.extension().is_some_and(|ending| ending == "keras") {
        return Err(refused("the path of a whole model ends in `.keras`; `save_weights` writes weights alone".into()));
    }
    check_place(path)?;
    check_finite(model, path)?;
    let config = as_keras::config(N::GRAPH).map_err(|error| refused(error.to_string()))?;
    let weights = to_bytes(model).map_err(|reason| WeightsError::Refused { path: Some(path.into()), reason })?;
    let bytes = write_archive(&config.to_string(), &weights).map_err(|error| refused(error.to_string()))?;
    write_file(path, &bytes, &mut |_| {})
}

impl Archive {
    /// What [`save`](crate::persistence::WeightFiles::save) would write of a model: its configuration and its weights, in
    /// memory.
    ///
    /// ```
    /// use fusion::keras::Archive;
    /// use fusion::prelude::*;
    /// model! { pub struct Line = [f32; 2] => Dense<_, 1>; }
    ///
    /// let archive = Archive::of(&Line::new(1))?;
    /// assert_eq!(archive.config().unwrap()["class_name"], "Sequential");
    /// assert_eq!(archive.layers()[0].weights[0].shape, [2, 1]);
    /// # Ok::<(), fusion::keras::KerasError>(())
    /// ```
    ///
    /// # Errors
    /// [`KerasError::NotInKeras`] names the first layer that Keras has not, or has otherwise.
    pub fn of<M: Model>(model: &M) -> Result<Self, KerasError> {
        let config = as_keras::config(<M::Network as Network>::GRAPH)?;
        let groups = groups(model.network()).map_err(|reason| match reason {
            Refusal::NotForKeras { problem } => KerasError::Config { problem },
            other => KerasError::Config { problem: other.to_string() },
        })?;
        Self::of_groups(groups, config)
    }
}
