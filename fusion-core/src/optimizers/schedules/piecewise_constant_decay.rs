use alloc::vec::Vec;

use crate::optimizers::LearningRateSchedule;

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
    /// With the last step of each value but the last, and the values.
    ///
    /// # Panics
    /// If there is not one more value than there are boundaries, or the boundaries do not rise.
    #[must_use]
    pub fn new(boundaries: impl Into<Vec<u64>>, values: impl Into<Vec<f64>>) -> Self {
        let (boundaries, values) = (boundaries.into(), values.into());
        assert!(
            values.len() == boundaries.len() + 1,
            "{} boundaries are between {} values, but {} were given",
            boundaries.len(),
            boundaries.len() + 1,
            values.len()
        );
        assert!(boundaries.is_sorted_by(|a, b| a < b), "the boundaries {boundaries:?} do not rise");
        Self { boundaries, values }
    }
}

impl LearningRateSchedule for PiecewiseConstantDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        self.values[self.boundaries.partition_point(|boundary| *boundary < step)] as f32
    }
}
