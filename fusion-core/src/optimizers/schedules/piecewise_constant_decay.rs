use alloc::vec::Vec;

use super::Checked;
use crate::optimizers::{LearningRateSchedule, OptimizerError};

/// One learning rate up to and with each boundary, and one after the last: Keras's
/// `PiecewiseConstantDecay`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{LearningRateSchedule, PiecewiseConstantDecay};
///
/// let schedule = PiecewiseConstantDecay::new([10, 30], [0.1, 0.05, 0.01]);
/// assert_eq!([10, 11, 31].map(|step| schedule.learning_rate(step)), [0.1, 0.05, 0.01]);
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct PiecewiseConstantDecay {
    boundaries: Vec<u64>,
    values: Vec<f64>,
}

impl PiecewiseConstantDecay {
    /// With the last step of each value but the last, and the values. There must be one more value than there are
    /// boundaries, and the boundaries must rise.
    #[must_use]
    pub fn new(boundaries: impl Into<Vec<u64>>, values: impl Into<Vec<f64>>) -> Self {
        Self { boundaries: boundaries.into(), values: values.into() }
    }
}

impl LearningRateSchedule for PiecewiseConstantDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let index = self.boundaries.partition_point(|boundary| *boundary < step);
        self.values.get(index).map_or(f32::NAN, |value| *value as f32)
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let Self { boundaries, values } = self;
        if values.len() != boundaries.len() + 1 || !boundaries.is_sorted_by(|a, b| a < b) {
            return Err(OptimizerError::Boundaries { boundaries: boundaries.clone(), values: values.len() });
        }
        values.iter().try_for_each(|value| Checked("PiecewiseConstantDecay").learning_rate("values", *value))
    }
}
