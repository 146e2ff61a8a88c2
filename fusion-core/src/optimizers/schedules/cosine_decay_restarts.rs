use core::f32::consts::PI;

use super::Checked;
use crate::optimizers::{LearningRateSchedule, OptimizerError};

/// Half a cosine from the initial learning rate to `alpha` times it, again and again, each time longer and, if wanted,
/// lower (Loshchilov and Hutter, 2016): Keras's `CosineDecayRestarts`.
///
/// ```text
/// initial_learning_rate · ((1 − alpha) · m_mul^i · ½ (1 + cos(π · p)) + alpha)      in period i, of which p is past
/// ```
///
/// Period i takes `first_decay_steps` · `t_mul`^i steps. `t_mul` is 2, `m_mul` 1 and `alpha` 0 unless said otherwise.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::optimizers::{CosineDecayRestarts, LearningRateSchedule};
///
/// let schedule = CosineDecayRestarts::new(0.5, 10).m_mul(0.5);
/// assert_eq!([0, 10, 30].map(|step| schedule.learning_rate(step)), [0.5, 0.25, 0.125]);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CosineDecayRestarts {
    initial_learning_rate: f64,
    first_decay_steps: u64,
    t_mul: f64,
    m_mul: f64,
    alpha: f64,
}

impl CosineDecayRestarts {
    /// Decays to 0 in `first_decay_steps` steps, then in twice as many, and so on.
    #[must_use]
    pub fn new(initial_learning_rate: f64, first_decay_steps: u64) -> Self {
        Self { initial_learning_rate, first_decay_steps, t_mul: 2.0, m_mul: 1.0, alpha: 0.0 }
    }

    /// How many times as long as the one before each period is, at least 1.
    #[must_use]
    pub fn t_mul(mut self, t_mul: f64) -> Self {
        self.t_mul = t_mul;
        self
    }

    /// By what the learning rate at the begin of each period is that of the one before.
    #[must_use]
    pub fn m_mul(mut self, m_mul: f64) -> Self {
        self.m_mul = m_mul;
        self
    }

    /// Where each decay ends, as a share of the initial learning rate.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// The period of a step, and how much of it is past.
    fn period(&self, step: u64) -> (f32, f32) {
        let (done, t_mul) = (step as f32 / self.first_decay_steps as f32, self.t_mul as f32);
        if t_mul == 1.0 {
            let period = libm::floorf(done);
            return (period, done - period);
        }
        let period = libm::floorf(libm::logf(1.0 - done * (1.0 - t_mul)) / libm::logf(t_mul));
        let length = libm::powf(t_mul, period);
        (period, (done - (1.0 - length) / (1.0 - t_mul)) / length)
    }
}

impl LearningRateSchedule for CosineDecayRestarts {
    fn learning_rate(&self, step: u64) -> f32 {
        let (period, progress) = self.period(step);
        let cosine = 0.5 * libm::powf(self.m_mul as f32, period) * (1.0 + libm::cosf(PI * progress));
        let alpha = self.alpha as f32;
        self.initial_learning_rate as f32 * ((1.0 - alpha) * cosine + alpha)
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let checked = Checked("CosineDecayRestarts");
        checked.learning_rate("initial_learning_rate", self.initial_learning_rate)?;
        checked.steps("first_decay_steps", self.first_decay_steps)?;
        checked.number("t_mul", self.t_mul, 1.0..)?;
        checked.number("m_mul", self.m_mul, 0.0..)?;
        checked.number("alpha", self.alpha, 0.0..)
    }
}
