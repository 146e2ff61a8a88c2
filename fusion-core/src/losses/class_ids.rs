//! What losses of class ids share.

use super::TargetError;
use super::batch::samples;
use crate::shape::Tensor;

/// One vector of scores for each class id.
pub(super) struct Scores<'a> {
    pub classes: usize,
    ids: &'a [u32],
    predictions: &'a [f32],
}

impl<'a> Scores<'a> {
    /// # Panics
    /// If there are not as many targets as predictions.
    pub fn new<Out: Tensor<Element = f32>>(targets: &'a [Out::ClassIds], predictions: &'a [Out]) -> Self {
        samples(targets, predictions);
        Self { classes: Out::SHAPE.last(), ids: Out::class_ids(targets), predictions: Out::numbers(predictions) }
    }

    /// How many vectors each of so many samples has, or each of so many steps.
    pub fn positions(&self, parts: usize) -> usize {
        self.ids.len().checked_div(parts).unwrap_or(0).max(1)
    }

    /// The class id and the vector of this index, counted from the first sample's first.
    pub fn of(&self, index: usize) -> (usize, &'a [f32]) {
        (self.ids[index] as usize, &self.predictions[index * self.classes..(index + 1) * self.classes])
    }
}

/// Fails at the first id that is not below the number of classes, and not the one that is left out.
pub(super) fn check<Out: Tensor<Element = f32>>(
    targets: &[Out::ClassIds],
    ignored: Option<u32>,
) -> Result<(), TargetError> {
    let (classes, positions) = (Out::SHAPE.last(), Out::SHAPE.positions());
    let ids = Out::class_ids(targets);
    match ids.iter().position(|id| *id as usize >= classes && Some(*id) != ignored) {
        Some(index) => {
            Err(TargetError::ClassOutOfRange { sample: index / positions.max(1), class: ids[index], classes })
        }
        None => Ok(()),
    }
}
