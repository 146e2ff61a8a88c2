//! What may watch training and take part in it.

mod backup_and_restore;
mod csv_logger;
mod early_stopping;
mod lambda_callback;
mod learning_rate_scheduler;
mod model_checkpoint;
mod monitor;
mod reduce_lr_on_plateau;
mod state;
mod swap_ema_weights;
mod template;
#[cfg(feature = "tensorboard")]
mod tensor_board;
mod terminate_on_nan;

pub use monitor::Mode;
pub use state::CallbackState;

/// What programs that train have in scope.
pub mod prelude {
    pub use super::backup_and_restore::BackupAndRestore;
    pub use super::csv_logger::CsvLogger;
    pub use super::early_stopping::EarlyStopping;
    pub use super::lambda_callback::LambdaCallback;
    pub use super::learning_rate_scheduler::LearningRateScheduler;
    pub use super::model_checkpoint::ModelCheckpoint;
    pub use super::reduce_lr_on_plateau::ReduceLrOnPlateau;
    pub use super::swap_ema_weights::SwapEmaWeights;
    #[cfg(feature = "tensorboard")]
    pub use super::tensor_board::TensorBoard;
    pub use super::terminate_on_nan::TerminateOnNan;
    pub use super::{Callback, Training};
}

use std::any::Any;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use fusion_core::Network;
use fusion_core::optimizers::Optimizer;
use fusion_core::shape::{copy_plain, zeroed_box};
use fusion_core::weights::walk_ref;

use super::error::TrainError;
use super::history::Scores;
use crate::persistence::{WeightsError, save_network};

/// Watches `fit`, as Keras's `Callback`: every method is provided and does nothing.
///
/// Epochs and batches are counted from 0, as in Keras. A callback belongs to the trainer; what it
/// finds can be shared through an `Rc` or an `Arc`.
///
/// ```
/// use fusion::prelude::*;
/// use std::{cell::RefCell, rc::Rc};
///
/// /// Halves the learning rate after each epoch and stops where the loss is small.
/// struct Halve(Rc<RefCell<Vec<f32>>>);
/// impl Callback for Halve {
///     fn on_epoch_end(&mut self, _epoch: usize, logs: &Scores, training: &mut Training<'_>) {
///         let learning_rate = training.learning_rate() / 2.0;
///         training.set_learning_rate(learning_rate);
///         self.0.borrow_mut().push(learning_rate);
///         if logs["loss"] < 1e-9 {
///             training.stop();
///         }
///     }
///     fn watches_batches(&self) -> bool {
///         false
///     }
/// }
///
/// model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// let mut tiny = Tiny::new(1);
/// let rates = Rc::new(RefCell::new(Vec::new()));
/// Trainer::new(&mut tiny, Sgd::new(0.1), MeanSquaredError)
///     .epochs(3)
///     .callback(Halve(rates.clone()))
///     .verbose(false)
///     .fit(&[[1.0, 2.0]], &[[3.0]])?;
/// assert_eq!(*rates.borrow(), [0.05, 0.025, 0.0125]);
/// # Ok::<(), TrainError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no callback",
    label = "expected a callback, such as `EarlyStopping::new(\"val_loss\")`",
    note = "callbacks are `BackupAndRestore`, `CsvLogger`, `EarlyStopping`, `LambdaCallback`, `LearningRateScheduler`, `ModelCheckpoint`, `ReduceLrOnPlateau`, `SwapEmaWeights`, `TerminateOnNan` and, with the feature `tensorboard`, `TensorBoard`, and your own type by `impl Callback`"
)]
pub trait Callback {
    /// Checks the callback against the names that will be logged, before anything is trained.
    ///
    /// # Errors
    /// What is wrong, such as [`TrainError::UnknownMonitor`].
    fn check(&self, _names: &[String]) -> Result<(), TrainError> {
        Ok(())
    }

    /// Whether [`Callback::on_batch_end`] is of use. Where no callback says so, metrics are not
    /// computed after each batch.
    fn watches_batches(&self) -> bool {
        true
    }

    /// Whether it changes the learning rate, which is then logged as `learning_rate`, as one of a schedule is.
    fn changes_learning_rate(&self) -> bool {
        false
    }

    /// Whether a loss that is NaN or infinite is to end training as any other end, and not as an error:
    /// [`TerminateOnNan`](crate::training::TerminateOnNan).
    fn takes_not_finite(&self) -> bool {
        false
    }

    /// Where the whole state of the training is to be kept after each epoch:
    /// [`BackupAndRestore`](crate::training::BackupAndRestore).
    fn backup(&self) -> Option<&Path> {
        None
    }

    /// After how many steps it is to be kept, where that is not to be after each epoch.
    fn backup_steps(&self) -> Option<usize> {
        None
    }

    /// What it needs to go on in another process as if nothing had happened; nothing for one that remembers nothing.
    fn state(&self) -> CallbackState {
        CallbackState::default()
    }

    /// Goes on from what [`Callback::state`] gave; called after [`Callback::on_train_begin`].
    fn set_state(&mut self, _state: CallbackState) {}

    /// Before the first epoch of a `fit`.
    fn on_train_begin(&mut self, _training: &mut Training<'_>) {}
    /// Before each epoch.
    fn on_epoch_begin(&mut self, _epoch: usize, _training: &mut Training<'_>) {}
    /// After each step, with the running losses and metrics of the epoch: Keras's `on_train_batch_end`.
    fn on_batch_end(&mut self, _batch: usize, _logs: &Scores, _training: &mut Training<'_>) {}
    /// Before the validation of an epoch.
    fn on_test_begin(&mut self, _training: &mut Training<'_>) {}
    /// After the validation of an epoch, with its losses and metrics, without `val_` in their names.
    fn on_test_end(&mut self, _logs: &Scores, _training: &mut Training<'_>) {}
    /// After each epoch and its validation.
    fn on_epoch_end(&mut self, _epoch: usize, _logs: &Scores, _training: &mut Training<'_>) {}
    /// After the last epoch, also where `fit` ends because the loss is NaN or infinite; not after a panic.
    fn on_train_end(&mut self, _training: &mut Training<'_>) {}
}

/// What a callback can see and do while a model trains.
pub struct Training<'a> {
    pub(super) model: &'a mut dyn AnyModel,
    pub(super) optimizer: &'a mut dyn AnyOptimizer,
    pub(super) steps: u64,
    pub(super) stop: &'a mut bool,
    pub(super) notes: &'a mut Vec<String>,
    pub(super) weights_given: &'a mut bool,
    /// Whether the model is to have the moving averages of its weights in their place, where that was said.
    pub(super) averages: &'a mut Option<bool>,
    pub(super) failure: &'a mut Option<TrainError>,
}

impl Training<'_> {
    /// Ends the training after this epoch or, in [`Callback::on_batch_end`], after this batch.
    pub fn stop(&mut self) {
        *self.stop = true;
    }

    /// Says something to whoever trains: it is shown with the progress, and stands in
    /// [`History::notes`](crate::training::History::notes).
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Ends the training with an error, as where a file cannot be written. The first one counts.
    pub fn fail(&mut self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        self.failure.get_or_insert_with(|| TrainError::Callback { message: error.into().to_string() });
    }

    /// Writes the model's weights to a file, whole or not at all: see
    /// [`WeightFiles::save_weights`](crate::persistence::WeightFiles::save_weights).
    ///
    /// # Errors
    /// As that.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        self.model.save(path.as_ref())
    }

    /// How many steps the trainer has made.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The learning rate of the next step.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        self.optimizer.learning_rate_at(self.steps)
    }

    /// Sets a constant learning rate, in place of a schedule too.
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        self.optimizer.set_learning_rate(learning_rate);
    }

    /// A copy of the model's weights and state, on the heap.
    #[must_use]
    pub fn get_weights(&self) -> Weights {
        Weights(Arc::new(self.model.copy()))
    }

    /// Whether the optimizer keeps moving averages of the weights.
    fn has_averages(&self) -> bool {
        self.optimizer.has_averages()
    }

    /// Lets the model have them in place of its weights when the callback returns, or its weights again.
    fn show_averages(&mut self, shown: bool) {
        *self.averages = Some(shown);
    }

    /// Gives the model the weights and the state of [`Training::get_weights`].
    ///
    /// Weights of another type of model change nothing.
    pub fn set_weights(&mut self, weights: &Weights) {
        self.model.copy_from(weights.0.as_any());
        *self.weights_given = true;
    }

    /// Shows each array of the model's weights and state with its path, `dense/kernel`, as weight files call it.
    pub fn each_weight(&self, mut look: impl FnMut(&str, &[f32])) {
        self.model.each_weight(&mut look);
    }

    /// The model, if it is of this type: `training.model::<Fusion>()`.
    #[must_use]
    pub fn model<M: 'static>(&self) -> Option<&M> {
        self.model.as_any().downcast_ref()
    }
}

/// A copy of a model's weights and state. A clone is the same copy.
// An `Arc` of the model itself would be made by copying it once more.
#[derive(Clone)]
pub struct Weights(Arc<Box<dyn AnyWeights>>);

impl Weights {
    pub(super) fn of<N: Network>(model: Box<N>) -> Self {
        Self(Arc::new(model))
    }

    /// The model, if it is of this type.
    pub(super) fn of_model<N: Network>(&self) -> Option<&N> {
        self.0.as_any().downcast_ref()
    }
}

/// Weights whose type is not known here.
pub(super) trait AnyWeights: Send + Sync {
    fn copy(&self) -> Box<dyn AnyWeights>;
    fn as_any(&self) -> &dyn Any;
}

impl<N: Network> AnyWeights for N {
    fn copy(&self) -> Box<dyn AnyWeights> {
        let mut copy = zeroed_box::<N>();
        copy_plain(self, &mut *copy);
        copy
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A model whose type is not known here.
pub(super) trait AnyModel: AnyWeights {
    fn copy_from(&mut self, other: &dyn Any);
    fn save(&self, path: &Path) -> Result<(), WeightsError>;
    fn each_weight(&self, look: &mut dyn FnMut(&str, &[f32]));
}

impl<N: Network> AnyModel for N {
    fn copy_from(&mut self, other: &dyn Any) {
        if let Some(other) = other.downcast_ref() {
            copy_plain(other, self);
        }
    }
    fn save(&self, path: &Path) -> Result<(), WeightsError> {
        save_network(self, path)
    }
    fn each_weight(&self, look: &mut dyn FnMut(&str, &[f32])) {
        walk_ref(self, &mut |parameter, values| look(&parameter.to_string(), values));
    }
}

/// An optimizer whose type is not known here.
pub(super) trait AnyOptimizer {
    fn learning_rate_at(&self, steps: u64) -> f32;
    fn set_learning_rate(&mut self, learning_rate: f32);
    fn has_schedule(&self) -> bool;
    fn has_averages(&self) -> bool;
}

impl<O: Optimizer> AnyOptimizer for O {
    fn learning_rate_at(&self, steps: u64) -> f32 {
        Optimizer::learning_rate_at(self, steps)
    }
    fn set_learning_rate(&mut self, learning_rate: f32) {
        Optimizer::set_learning_rate(self, learning_rate);
    }
    fn has_schedule(&self) -> bool {
        Optimizer::has_schedule(self)
    }
    fn has_averages(&self) -> bool {
        Optimizer::has_averages(self)
    }
}
