use super::Checked;
use crate::optimizers::{LearningRate, LearningRateSchedule, OptimizerError};

/// A straight line up to the first learning rate of a schedule, and then the schedule from its begin; or up to a
/// constant, which then stays. Keras has this in `CosineDecay` alone, with the same numbers.
///
/// ```text
/// initial_learning_rate + (schedule(0) − initial_learning_rate) · step / warmup_steps      step < warmup_steps
/// schedule(step − warmup_steps)                                                            from there on
/// ```
///
/// It begins at 0 unless said otherwise.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{LearningRateSchedule, PolynomialDecay, WarmUp};
///
/// let schedule = WarmUp::new(PolynomialDecay::new(0.5, 10).end_learning_rate(0.25), 4);
/// assert_eq!([0, 2, 4, 9, 14].map(|step| schedule.learning_rate(step)), [0.0, 0.25, 0.5, 0.375, 0.25]);
/// ```
#[derive(Debug)]
pub struct WarmUp {
    initial_learning_rate: f64,
    schedule: LearningRate,
    warmup_steps: u64,
}

impl WarmUp {
    /// Takes `warmup_steps` steps to the begin of a schedule, or to a number.
    #[must_use]
    pub fn new(schedule: impl Into<LearningRate>, warmup_steps: u64) -> Self {
        Self { initial_learning_rate: 0.0, schedule: schedule.into(), warmup_steps }
    }

    /// Where it begins.
    #[must_use]
    pub fn initial_learning_rate(mut self, initial_learning_rate: f64) -> Self {
        self.initial_learning_rate = initial_learning_rate;
        self
    }
}

impl LearningRateSchedule for WarmUp {
    fn learning_rate(&self, step: u64) -> f32 {
        match step.checked_sub(self.warmup_steps) {
            Some(step) => self.schedule.at(step),
            None => {
                let initial = self.initial_learning_rate as f32;
                (self.schedule.at(0) - initial) * (step as f32 / self.warmup_steps as f32) + initial
            }
        }
    }

    fn check(&self) -> Result<(), OptimizerError> {
        self.schedule.check()?;
        let checked = Checked("WarmUp");
        checked.learning_rate("schedule", f64::from(self.schedule.at(0)))?;
        checked.learning_rate("initial_learning_rate", self.initial_learning_rate)
    }
}
