use super::Checked;
use crate::optimizers::{LearningRateSchedule, OptimizerError};

/// A power of the way that is left, from one learning rate to another: Keras's `PolynomialDecay`.
///
/// ```text
/// (initial_learning_rate − end_learning_rate) · (1 − step / decay_steps)^power + end_learning_rate
/// ```
///
/// It ends at 0.0001 and the power is 1, a straight line, unless said otherwise.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{LearningRateSchedule, PolynomialDecay};
///
/// let schedule = PolynomialDecay::new(0.5, 10).end_learning_rate(0.25);
/// assert_eq!([0, 5, 20].map(|step| schedule.learning_rate(step)), [0.5, 0.375, 0.25]);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PolynomialDecay {
    initial_learning_rate: f64,
    decay_steps: u64,
    end_learning_rate: f64,
    power: f64,
    cycle: bool,
}

impl PolynomialDecay {
    /// Decays in `decay_steps` steps.
    #[must_use]
    pub fn new(initial_learning_rate: f64, decay_steps: u64) -> Self {
        Self { initial_learning_rate, decay_steps, end_learning_rate: 0.0001, power: 1.0, cycle: false }
    }

    /// Where the decay ends.
    #[must_use]
    pub fn end_learning_rate(mut self, end_learning_rate: f64) -> Self {
        self.end_learning_rate = end_learning_rate;
        self
    }

    /// The power: 1 is a straight line, ½ a square root.
    #[must_use]
    pub fn power(mut self, power: f64) -> Self {
        self.power = power;
        self
    }

    /// Whether the end moves on by `decay_steps` whenever it is passed, so that the learning rate
    /// jumps up and decays again.
    #[must_use]
    pub fn cycle(mut self, cycle: bool) -> Self {
        self.cycle = cycle;
        self
    }
}

impl LearningRateSchedule for PolynomialDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let cycles = if self.cycle { step.div_ceil(self.decay_steps.max(1)).max(1) } else { 1 };
        let decay_steps = self.decay_steps * cycles;
        let progress = step.min(decay_steps) as f32 / decay_steps as f32;
        let (initial, end) = (self.initial_learning_rate as f32, self.end_learning_rate as f32);
        (initial - end) * libm::powf(1.0 - progress, self.power as f32) + end
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let checked = Checked("PolynomialDecay");
        checked.learning_rate("initial_learning_rate", self.initial_learning_rate)?;
        checked.steps("decay_steps", self.decay_steps)?;
        checked.learning_rate("end_learning_rate", self.end_learning_rate)?;
        checked.number("power", self.power, 0.0..)
    }
}
