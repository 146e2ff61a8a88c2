//! Layers that do nothing when a model is used: they vanish.

use super::{Entry, masks};
use super::{Result, Step};
use crate::onnx::write::wires::Id;

pub(super) const LAYERS: &[Entry] = &[
    masks("ActivityRegularization", nothing),
    masks("AlphaDropout", nothing),
    masks("Dropout", nothing),
    masks("GaussianDropout", nothing),
    masks("GaussianNoise", nothing),
    masks("Identity", nothing),
    masks("SpatialDropout1D", nothing),
    masks("SpatialDropout2D", nothing),
    masks("SpatialDropout3D", nothing),
    masks("RandomBrightness", nothing),
    masks("RandomColorDegeneration", nothing),
    masks("RandomColorJitter", nothing),
    masks("RandomContrast", nothing),
    masks("RandomErasing", nothing),
    masks("RandomFlip", nothing),
    masks("RandomGaussianBlur", nothing),
    masks("RandomGrayscale", nothing),
    masks("RandomHue", nothing),
    masks("RandomInvert", nothing),
    masks("RandomPerspective", nothing),
    masks("RandomPosterization", nothing),
    masks("RandomRotation", nothing),
    masks("RandomSaturation", nothing),
    masks("RandomSharpness", nothing),
    masks("RandomShear", nothing),
    masks("RandomTranslation", nothing),
    masks("RandomZoom", nothing),
];

/// The wire that went in, with its mask.
fn nothing(step: &mut Step<'_>) -> Result<Vec<Id>> {
    Ok(vec![step.input()?])
}
