mod event_file;

use std::io;
use std::path::{Path, PathBuf};

use event_file::{EventFile, Events};

use super::{Callback, CallbackState, Training};
use crate::training::history::Scores;

/// Writes what TensorBoard shows: Keras's `TensorBoard`. It needs the feature `tensorboard`.
///
/// As Keras's it writes to two folders below that of the logs, `train` and `validation`:
///
/// | tag | is | step |
/// |---|---|---|
/// | `epoch_loss`, … | each loss and metric after an epoch, in both folders | the epoch, from 0 |
/// | `epoch_learning_rate` | the learning rate of the next step, in `train` | the epoch |
/// | `evaluation_loss_vs_iterations`, … | losses and metrics of the validation, in `validation` | the steps of the trainer |
/// | `batch_loss`, … | with [`update_freq`](TensorBoard::update_freq), the losses and metrics of the epoch so far, in `train` | the step of this `fit`, from 1 |
/// | `dense/kernel/histogram`, … | with [`histogram_freq`](TensorBoard::histogram_freq), the weights, in `train` | the epoch |
///
/// What has been written is in the files when the epoch ends, and can be read however the program ends. Each `fit` writes
/// new files beside those that are there. One that cannot be written ends the training with an error. Keras's
/// `write_graph`, `write_images`, `profile_batch` and `embeddings_freq` are not there.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let logs = std::env::temp_dir().join(format!("fusion-logs-{}", std::process::id()));
/// Trainer::new(&mut tiny, Sgd::new(0.1), MeanSquaredError)
///     .epochs(3)
///     .callback(TensorBoard::new(&logs).histogram_freq(1))
///     .verbose(false)
///     .fit(&[[1.0]], &[[2.0]])?;
/// // `tensorboard --logdir …` shows them.
/// assert_eq!(std::fs::read_dir(logs.join("train"))?.count(), 1);
/// # std::fs::remove_dir_all(&logs)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TensorBoard {
    log_dir: PathBuf,
    histogram_freq: usize,
    update_freq: Option<usize>,
    /// Made when they are first written to.
    train: Option<EventFile>,
    validation: Option<EventFile>,
    /// How many steps this `fit` has made.
    batches: usize,
}

impl Default for TensorBoard {
    /// Writes to `logs`.
    fn default() -> Self {
        Self::new("logs")
    }
}

impl TensorBoard {
    /// Writes to folders below this one.
    #[must_use]
    pub fn new(log_dir: impl Into<PathBuf>) -> Self {
        let log_dir = log_dir.into();
        Self { log_dir, histogram_freq: 0, update_freq: None, train: None, validation: None, batches: 0 }
    }

    /// Once in how many epochs histograms of the weights are written; 0, never, by default.
    #[must_use]
    pub fn histogram_freq(mut self, epochs: usize) -> Self {
        self.histogram_freq = epochs;
        self
    }

    /// Writes losses and metrics once in so many steps too, 1 for Keras's `"batch"`; only after epochs by default.
    #[must_use]
    pub fn update_freq(mut self, steps: usize) -> Self {
        self.update_freq = Some(steps).filter(|steps| *steps > 0);
        self
    }

    fn write_train(&mut self, events: &Events, training: &mut Training<'_>) {
        write(&self.log_dir, "train", &mut self.train, events, training);
    }

    fn write_validation(&mut self, events: &Events, training: &mut Training<'_>) {
        write(&self.log_dir, "validation", &mut self.validation, events, training);
    }
}

/// Adds events to a file, which is made where there is none yet.
fn write(log_dir: &Path, part: &str, file: &mut Option<EventFile>, events: &Events, training: &mut Training<'_>) {
    let folder = log_dir.join(part);
    let mut write = || -> io::Result<()> {
        let mut open = match file.take() {
            Some(file) => file,
            None => EventFile::create(&folder)?,
        };
        open.write(events)?;
        *file = Some(open);
        Ok(())
    };
    if let Err(error) = write() {
        training.fail(format!("cannot write events to `{}`: {error}", folder.display()));
    }
}

impl Callback for TensorBoard {
    fn watches_batches(&self) -> bool {
        self.update_freq.is_some()
    }

    fn state(&self) -> CallbackState {
        let mut state = CallbackState::default();
        state.set("batches", self.batches as f64);
        state
    }

    fn set_state(&mut self, state: CallbackState) {
        self.batches = state.count("batches");
    }

    fn on_train_begin(&mut self, _training: &mut Training<'_>) {
        (self.train, self.validation, self.batches) = (None, None, 0);
    }

    fn on_batch_end(&mut self, _batch: usize, logs: &Scores, training: &mut Training<'_>) {
        self.batches += 1;
        if self.update_freq.is_some_and(|steps| self.batches.is_multiple_of(steps)) {
            let mut events = Events::default();
            logs.iter().for_each(|(name, value)| events.scalar(&format!("batch_{name}"), self.batches as u64, value));
            self.write_train(&events, training);
        }
    }

    fn on_test_end(&mut self, logs: &Scores, training: &mut Training<'_>) {
        let mut events = Events::default();
        for (name, value) in logs.iter() {
            events.scalar(&format!("evaluation_{name}_vs_iterations"), training.steps(), value);
        }
        self.write_validation(&events, training);
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Scores, training: &mut Training<'_>) {
        let (mut train, mut validation, step) = (Events::default(), Events::default(), epoch as u64);
        let mut validated = false;
        for (name, value) in logs.iter() {
            match name.strip_prefix("val_") {
                Some(name) => {
                    validation.scalar(&format!("epoch_{name}"), step, value);
                    validated = true;
                }
                // That of the next step, as in Keras, is written below.
                None if name == "learning_rate" => {}
                None => train.scalar(&format!("epoch_{name}"), step, value),
            }
        }
        train.scalar("epoch_learning_rate", step, f64::from(training.learning_rate()));
        if self.histogram_freq > 0 && epoch.is_multiple_of(self.histogram_freq) {
            training.each_weight(|path, values| train.histogram(&format!("{path}/histogram"), step, values));
        }
        self.write_train(&train, training);
        if validated {
            self.write_validation(&validation, training);
        }
    }

    fn on_train_end(&mut self, _training: &mut Training<'_>) {
        (self.train, self.validation) = (None, None);
    }
}
