use super::{Callback, Training};
use crate::training::history::Scores;

type OfTraining = Box<dyn FnMut(&mut Training<'_>)>;
type OfEpoch = Box<dyn FnMut(usize, &mut Training<'_>)>;
type OfLogs = Box<dyn FnMut(usize, &Scores, &mut Training<'_>)>;

/// A callback of closures: Keras's `LambdaCallback`.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// let stop_early = LambdaCallback::new().on_epoch_end(|_epoch, logs, training| {
///     if logs["loss"] < 1e-3 {
///         training.stop();
///     }
/// });
/// let mut trainer = Trainer::new(&mut tiny, Sgd::new(0.1), MeanSquaredError).epochs(1000).verbose(false);
/// let history = trainer.callback(stop_early).fit(&[[1.0]], &[[2.0]])?;
/// assert!(history.epochs() < 100);
/// # Ok::<(), TrainError>(())
/// ```
#[derive(Default)]
pub struct LambdaCallback {
    train_begin: Option<OfTraining>,
    train_end: Option<OfTraining>,
    epoch_begin: Option<OfEpoch>,
    epoch_end: Option<OfLogs>,
    batch_end: Option<OfLogs>,
}

impl LambdaCallback {
    /// One that does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Called before the first epoch.
    #[must_use]
    pub fn on_train_begin(mut self, call: impl FnMut(&mut Training<'_>) + 'static) -> Self {
        self.train_begin = Some(Box::new(call));
        self
    }

    /// Called in the end, however training ended.
    #[must_use]
    pub fn on_train_end(mut self, call: impl FnMut(&mut Training<'_>) + 'static) -> Self {
        self.train_end = Some(Box::new(call));
        self
    }

    /// Called before each epoch, with its number from 0.
    #[must_use]
    pub fn on_epoch_begin(mut self, call: impl FnMut(usize, &mut Training<'_>) + 'static) -> Self {
        self.epoch_begin = Some(Box::new(call));
        self
    }

    /// Called after each epoch, with its number from 0 and its logs.
    #[must_use]
    pub fn on_epoch_end(mut self, call: impl FnMut(usize, &Scores, &mut Training<'_>) + 'static) -> Self {
        self.epoch_end = Some(Box::new(call));
        self
    }

    /// Called after each step, with its number in the epoch from 0 and the logs of the epoch so far.
    #[doc(alias = "on_train_batch_end")]
    #[must_use]
    pub fn on_batch_end(mut self, call: impl FnMut(usize, &Scores, &mut Training<'_>) + 'static) -> Self {
        self.batch_end = Some(Box::new(call));
        self
    }
}

impl Callback for LambdaCallback {
    fn watches_batches(&self) -> bool {
        self.batch_end.is_some()
    }
    fn on_train_begin(&mut self, training: &mut Training<'_>) {
        self.train_begin.iter_mut().for_each(|call| call(training));
    }
    fn on_train_end(&mut self, training: &mut Training<'_>) {
        self.train_end.iter_mut().for_each(|call| call(training));
    }
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) {
        self.epoch_begin.iter_mut().for_each(|call| call(epoch, training));
    }
    fn on_epoch_end(&mut self, epoch: usize, logs: &Scores, training: &mut Training<'_>) {
        self.epoch_end.iter_mut().for_each(|call| call(epoch, logs, training));
    }
    fn on_batch_end(&mut self, batch: usize, logs: &Scores, training: &mut Training<'_>) {
        self.batch_end.iter_mut().for_each(|call| call(batch, logs, training));
    }
}
