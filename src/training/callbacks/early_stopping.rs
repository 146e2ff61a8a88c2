use super::monitor::{Mode, Monitor};
use super::{Callback, CallbackState, Training, Weights};
use crate::training::error::TrainError;
use crate::training::history::Scores;

/// Ends training when a quantity no longer gets better: Keras's `EarlyStopping`, with its defaults
/// and its decisions.
///
/// ```
/// # use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let x: Vec<[f32; 1]> = (0..20).map(|i| [i as f32 / 20.0]).collect();
/// let history = Trainer::new(&mut tiny, Sgd::new(0.2), MeanSquaredError)
///     .epochs(1000)
///     .validation_split(0.2)
///     .callback(EarlyStopping::new("val_loss").min_delta(1e-3).patience(3).restore_best_weights(true))
///     .verbose(false)
///     .fit(&x, &x)?;
/// assert!(history.epochs() < 1000);
/// # Ok::<(), TrainError>(())
/// ```
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    wait: usize,
    best: Option<f64>,
    /// From 0.
    best_epoch: usize,
    best_weights: Option<Weights>,
}

impl Default for EarlyStopping {
    /// Watches `val_loss`.
    fn default() -> Self {
        Self::new("val_loss")
    }
}

impl EarlyStopping {
    /// Watches what is logged under this name.
    #[must_use]
    pub fn new(monitor: &str) -> Self {
        Self {
            monitor: Monitor::new(monitor, 0.0),
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            wait: 0,
            best: None,
            best_epoch: 0,
            best_weights: None,
        }
    }

    /// A smaller change than this is no improvement; 0 by default.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.monitor.min_delta = min_delta;
        self
    }

    /// After how many epochs without improvement training ends; 0 by default.
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

    /// Only what is better than this resets the patience.
    #[must_use]
    pub fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Whether the model gets the weights of the best epoch in the end, whether it was stopped or
    /// not, also where `fit` ends with an error as the loss is no number; `false` by default. They are kept on the heap.
    #[must_use]
    pub fn restore_best_weights(mut self, restore_best_weights: bool) -> Self {
        self.restore_best_weights = restore_best_weights;
        self
    }

    /// The epochs before this one do not count; 0 by default.
    #[must_use]
    pub fn start_from_epoch(mut self, start_from_epoch: usize) -> Self {
        self.start_from_epoch = start_from_epoch;
        self
    }

    fn keep(&mut self, training: &Training<'_>) {
        if self.restore_best_weights {
            self.best_weights = Some(training.get_weights());
        }
    }
}

impl Callback for EarlyStopping {
    fn check(&self, names: &[String]) -> Result<(), TrainError> {
        self.monitor.check(names)
    }

    fn watches_batches(&self) -> bool {
        false
    }

    fn state(&self) -> CallbackState {
        let mut state = CallbackState::default();
        state.set("wait", self.wait as f64);
        if let Some(best) = self.best {
            state.set("best", best);
            state.set("best_epoch", self.best_epoch as f64);
        }
        if let Some(weights) = &self.best_weights {
            state.set_weights(weights.clone());
        }
        state
    }

    fn set_state(&mut self, state: CallbackState) {
        (self.wait, self.best, self.best_epoch) = (state.count("wait"), state.get("best"), state.count("best_epoch"));
        self.best_weights = state.into_weights();
    }

    fn on_train_begin(&mut self, _training: &mut Training<'_>) {
        (self.wait, self.best, self.best_weights) = (0, None, None);
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Scores, training: &mut Training<'_>) {
        let Some(current) = logs.get(&self.monitor.name).filter(|_| epoch >= self.start_from_epoch) else { return };
        self.wait += 1;
        if self.monitor.is_improvement(current, self.best) {
            (self.best, self.best_epoch) = (Some(current), epoch);
            self.keep(training);
            // Only what beats both the best so far and the baseline starts the waiting anew.
            if self.baseline.is_none() || self.monitor.is_improvement(current, self.baseline) {
                self.wait = 0;
            }
        } else if self.wait >= self.patience && epoch > 0 {
            training.stop();
            let (name, wait) = (&self.monitor.name, self.wait);
            let epochs = if wait == 1 { "1 epoch".to_owned() } else { format!("{wait} epochs") };
            training
                .note(format!("early stopping: after epoch {} `{name}` has not got better for {epochs}", epoch + 1));
        }
    }

    fn on_train_end(&mut self, training: &mut Training<'_>) {
        if let Some(weights) = self.best_weights.take() {
            training.set_weights(&weights);
            let (epoch, name, best) = (self.best_epoch + 1, &self.monitor.name, self.best.unwrap_or(f64::NAN));
            training.note(format!("the weights of epoch {epoch} are restored, the best (`{name}`: {best:.4})"));
        }
    }
}
