use std::path::PathBuf;

use super::monitor::{Mode, Monitor};
use super::template::Template;
use super::{Callback, CallbackState, Training};
use crate::training::error::TrainError;
use crate::training::history::Scores;

/// Saves the model's weights while it trains: Keras's `ModelCheckpoint` with `save_weights_only=True`.
///
/// After each epoch, or each epoch that is the best so far, or every so many steps. A file is whole or not there: it takes
/// the name of an older one when all of it is on the disk. The name may have fields, `{epoch:03}` (counted from 1), `{batch}`
/// and whatever is logged, `{val_loss:.4f}`. A file that cannot be written ends the training with an error.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let directory = std::env::temp_dir().join(format!("fusion-checkpoint-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// let path = directory.join("best.safetensors");
/// Trainer::new(&mut tiny, Sgd::new(0.1), MeanSquaredError)
///     .epochs(5)
///     .callback(ModelCheckpoint::new(&path).monitor("loss").save_best_only(true))
///     .callback(ModelCheckpoint::new(directory.join("epoch-{epoch:03}.safetensors")))
///     .verbose(false)
///     .fit(&[[1.0]], &[[2.0]])?;
/// tiny.load_weights(&path)?;
/// assert!(directory.join("epoch-005.safetensors").exists());
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ModelCheckpoint {
    path: PathBuf,
    monitor: Monitor,
    save_best_only: bool,
    save_freq: Option<usize>,
    initial_value_threshold: Option<f64>,
    template: Option<Template>,
    best: Option<f64>,
    epoch: usize,
    steps: usize,
}

impl ModelCheckpoint {
    /// Saves to a file of this name after each epoch.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            monitor: Monitor::new("val_loss", 0.0),
            save_best_only: false,
            save_freq: None,
            initial_value_threshold: None,
            template: None,
            best: None,
            epoch: 0,
            steps: 0,
        }
    }

    /// What tells the best epoch; `val_loss` by default. Only of use with
    /// [`save_best_only`](ModelCheckpoint::save_best_only).
    #[must_use]
    pub fn monitor(mut self, monitor: &str) -> Self {
        self.monitor.name = monitor.to_owned();
        self
    }

    /// Which values are better; told by the name by default.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// Whether only an epoch is saved that is better than all before it; `false` by default.
    #[must_use]
    pub fn save_best_only(mut self, save_best_only: bool) -> Self {
        self.save_best_only = save_best_only;
        self
    }

    /// The first epoch is saved only if it is better than this, with
    /// [`save_best_only`](ModelCheckpoint::save_best_only).
    #[must_use]
    pub fn initial_value_threshold(mut self, value: f64) -> Self {
        self.initial_value_threshold = Some(value);
        self
    }

    /// Saves after every so many steps, and not after each epoch.
    #[must_use]
    pub fn save_freq(mut self, steps: usize) -> Self {
        self.save_freq = Some(steps);
        self
    }

    /// Saves if it is to be saved now; steps are counted from 1.
    fn save(&mut self, batch: usize, logs: &Scores, training: &mut Training<'_>) {
        if self.save_best_only {
            let Some(current) = logs.get(&self.monitor.name) else { return };
            if !self.monitor.is_improvement(current, self.best) {
                return;
            }
            self.best = Some(current);
        }
        let Some(template) = &self.template else { return };
        if let Err(error) = training.save_weights(template.fill(self.epoch + 1, batch, logs)) {
            training.fail(error);
        }
    }

    fn readable(&self, names: &[String]) -> Result<Template, String> {
        let Some(path) = self.path.to_str() else {
            return Err(format!("the path `{}` of a `ModelCheckpoint` is no text", self.path.display()));
        };
        let template = Template::parse(path)?;
        let known = |field: &&str| *field == "epoch" || *field == "batch" || names.iter().any(|name| name == field);
        if let Some(field) = template.fields().find(|field| !known(field)) {
            let names = names.join(", ");
            return Err(format!("`{{{field}}}` of `{path}` is not logged; there are: epoch, batch, {names}"));
        }
        Ok(template)
    }
}

impl Callback for ModelCheckpoint {
    fn check(&self, names: &[String]) -> Result<(), TrainError> {
        let wrong = |message: String| Err(TrainError::Callback { message });
        if self.save_freq == Some(0) {
            return wrong("`save_freq` of `ModelCheckpoint` is 0; it must be at least 1".to_owned());
        }
        if let Err(message) = self.readable(names) {
            return wrong(message);
        }
        if self.save_best_only { self.monitor.check(names) } else { Ok(()) }
    }

    fn watches_batches(&self) -> bool {
        self.save_freq.is_some()
    }

    fn state(&self) -> CallbackState {
        let mut state = CallbackState::default();
        state.set("steps", self.steps as f64);
        self.best.iter().for_each(|best| state.set("best", *best));
        state
    }

    fn set_state(&mut self, state: CallbackState) {
        (self.steps, self.best) = (state.count("steps"), state.get("best"));
    }

    fn on_train_begin(&mut self, training: &mut Training<'_>) {
        // What may stand in it was checked.
        match self.path.to_str().map(Template::parse) {
            Some(Ok(template)) => self.template = Some(template),
            _ => training.fail("the path of a `ModelCheckpoint` cannot be read"),
        }
        if self.best.is_none() {
            self.best = self.initial_value_threshold;
        }
    }

    fn on_epoch_begin(&mut self, epoch: usize, _training: &mut Training<'_>) {
        self.epoch = epoch;
    }

    fn on_batch_end(&mut self, batch: usize, logs: &Scores, training: &mut Training<'_>) {
        self.steps += 1;
        if self.save_freq.is_some_and(|steps| self.steps.is_multiple_of(steps)) {
            self.save(batch + 1, logs, training);
        }
    }

    fn on_epoch_end(&mut self, _epoch: usize, logs: &Scores, training: &mut Training<'_>) {
        if self.save_freq.is_none() {
            self.save(0, logs, training);
        }
    }
}
