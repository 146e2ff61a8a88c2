use super::monitor::{Mode, Monitor};
use super::{Callback, CallbackState, Training};
use crate::training::error::TrainError;
use crate::training::history::Scores;

/// Reduces the learning rate when a quantity no longer gets better: Keras's `ReduceLROnPlateau`,
/// with its defaults and its decisions.
///
/// A learning rate that follows a schedule becomes a constant when it is reduced. It is logged as `learning_rate`, as it was
/// in the epoch.
///
/// ```
/// use fusion::prelude::*;
/// let callback = ReduceLrOnPlateau::new("val_loss").factor(0.5).patience(3).min_lr(1e-5);
/// ```
#[doc(alias = "ReduceLROnPlateau")]
pub struct ReduceLrOnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    cooldown_counter: usize,
    wait: usize,
    best: Option<f64>,
}

impl Default for ReduceLrOnPlateau {
    /// Watches `val_loss`.
    fn default() -> Self {
        Self::new("val_loss")
    }
}

impl ReduceLrOnPlateau {
    /// Watches what is logged under this name.
    #[must_use]
    pub fn new(monitor: &str) -> Self {
        Self {
            monitor: Monitor::new(monitor, 1e-4),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            cooldown_counter: 0,
            wait: 0,
            best: None,
        }
    }

    /// What the learning rate is multiplied by; 0.1 by default, and below 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// After how many epochs without improvement it is reduced; 10 by default.
    #[must_use]
    pub fn patience(mut self, patience: usize) -> Self {
        self.patience = patience;
        self
    }

    /// Which values are better; told by the name by default.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// A smaller change than this is no improvement; 0.0001 by default.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.monitor.min_delta = min_delta;
        self
    }

    /// For how many epochs after a reduction nothing counts; 0 by default.
    #[must_use]
    pub fn cooldown(mut self, cooldown: usize) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// The smallest learning rate; 0 by default.
    #[must_use]
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }

    fn reduce(&mut self, training: &mut Training<'_>) {
        let learning_rate = training.learning_rate();
        if learning_rate > self.min_lr as f32 {
            training.set_learning_rate((f64::from(learning_rate) * self.factor).max(self.min_lr) as f32);
            (self.cooldown_counter, self.wait) = (self.cooldown, 0);
        }
    }
}

impl Callback for ReduceLrOnPlateau {
    fn check(&self, names: &[String]) -> Result<(), TrainError> {
        if self.factor >= 1.0 || !self.factor.is_finite() {
            let message = format!("the factor of `ReduceLrOnPlateau` is {}; it must be below 1", self.factor);
            return Err(TrainError::Callback { message });
        }
        self.monitor.check(names)
    }

    fn watches_batches(&self) -> bool {
        false
    }

    fn changes_learning_rate(&self) -> bool {
        true
    }

    fn state(&self) -> CallbackState {
        let mut state = CallbackState::default();
        state.set("wait", self.wait as f64);
        state.set("cooldown", self.cooldown_counter as f64);
        self.best.iter().for_each(|best| state.set("best", *best));
        state
    }

    fn set_state(&mut self, state: CallbackState) {
        (self.wait, self.cooldown_counter) = (state.count("wait"), state.count("cooldown"));
        self.best = state.get("best");
    }

    fn on_train_begin(&mut self, _training: &mut Training<'_>) {
        (self.cooldown_counter, self.wait, self.best) = (0, 0, None);
    }

    fn on_epoch_end(&mut self, _epoch: usize, logs: &Scores, training: &mut Training<'_>) {
        let Some(current) = logs.get(&self.monitor.name) else { return };
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.wait = 0;
        }
        if self.monitor.is_improvement(current, self.best) {
            (self.best, self.wait) = (Some(current), 0);
        } else if self.cooldown_counter == 0 {
            self.wait += 1;
            if self.wait >= self.patience {
                self.reduce(training);
            }
        }
    }
}
