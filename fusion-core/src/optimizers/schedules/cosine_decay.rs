use core::f32::consts::PI;

use super::Checked;
use crate::optimizers::{LearningRateSchedule, OptimizerError};

/// Half a cosine from the initial learning rate to `alpha` times it (Loshchilov and Hutter,
/// 2016), after a linear warm-up if wanted: Keras's `CosineDecay`.
///
/// ```text
/// initial_learning_rate · ((1 − alpha) · ½ (1 + cos(π · step / decay_steps)) + alpha)      step ≤ decay_steps
/// ```
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{CosineDecay, LearningRateSchedule};
///
/// let schedule = CosineDecay::new(0.0, 100).warmup_target(0.1).warmup_steps(10);
/// assert_eq!((schedule.learning_rate(5), schedule.learning_rate(10)), (0.05, 0.1));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CosineDecay {
    initial_learning_rate: f64,
    decay_steps: u64,
    alpha: f64,
    warmup_target: Option<f64>,
    warmup_steps: u64,
}

impl CosineDecay {
    /// Decays to 0 in `decay_steps` steps.
    #[must_use]
    pub fn new(initial_learning_rate: f64, decay_steps: u64) -> Self {
        Self { initial_learning_rate, decay_steps, alpha: 0.0, warmup_target: None, warmup_steps: 0 }
    }

    /// Where the decay ends, as a share of where it began.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Goes from the initial learning rate to this one first, and decays from there.
    #[must_use]
    pub fn warmup_target(mut self, warmup_target: f64) -> Self {
        self.warmup_target = Some(warmup_target);
        self
    }

    /// How many steps the way to [`CosineDecay::warmup_target`] takes.
    #[must_use]
    pub fn warmup_steps(mut self, warmup_steps: u64) -> Self {
        self.warmup_steps = warmup_steps;
        self
    }

    fn decay(&self, from: f32, step: u64) -> f32 {
        let progress = step.min(self.decay_steps) as f32 / self.decay_steps as f32;
        let cosine = 0.5 * (1.0 + libm::cosf(PI * progress));
        from * ((1.0 - self.alpha) as f32 * cosine + self.alpha as f32)
    }
}

impl LearningRateSchedule for CosineDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let initial = self.initial_learning_rate as f32;
        match self.warmup_target {
            None => self.decay(initial, step),
            Some(target) if step < self.warmup_steps => {
                (target as f32 - initial) * (step as f32 / self.warmup_steps as f32) + initial
            }
            Some(target) => self.decay(target as f32, step - self.warmup_steps),
        }
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let checked = Checked("CosineDecay");
        checked.learning_rate("initial_learning_rate", self.initial_learning_rate)?;
        checked.steps("decay_steps", self.decay_steps)?;
        checked.number("alpha", self.alpha, 0.0..)?;
        checked.learning_rate("warmup_target", self.warmup_target.unwrap_or_default())
    }
}
