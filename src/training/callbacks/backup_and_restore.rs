use std::path::{Path, PathBuf};

use super::Callback;
use crate::training::error::TrainError;

/// Lets a training that was interrupted, by a crash, a kill, a power failure, go on where it was: Keras's
/// `BackupAndRestore`.
///
/// After each epoch, or with [`save_freq`](BackupAndRestore::save_freq) every so many steps, all that belongs to the
/// training is written to one file: the weights, what the optimizer keeps, the history, what the other callbacks remember.
/// A `fit` that finds the file goes on behind the last epoch that ended, with the same data and options to the same bits as
/// without the interruption; at the end the file is removed. Where it ends with an error the file stays.
///
/// Where a `fit` goes on in the middle of an epoch, as after Ctrl-C too, its losses and metrics are those of the whole epoch.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let path = std::env::temp_dir().join(format!("fusion-backup-{}", std::process::id()));
/// let train = |epochs: usize, fails_after: usize| -> Result<Box<Tiny>, TrainError> {
///     let mut tiny = Tiny::new(1);
///     let fails = LambdaCallback::new().on_epoch_begin(move |epoch, training| {
///         if epoch == fails_after {
///             training.fail("the power is gone");
///         }
///     });
///     let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).epochs(epochs).verbose(false);
///     trainer = trainer.callback(BackupAndRestore::new(&path)).callback(fails);
///     trainer.fit(&[[1.0], [2.0]], &[[3.0], [5.0]])?;
///     Ok(tiny)
/// };
/// assert!(train(6, 4).is_err());
/// let resumed = train(6, 100)?;
/// assert_eq!(resumed.dense, train(6, 100)?.dense);
/// # Ok::<(), TrainError>(())
/// ```
pub struct BackupAndRestore {
    path: PathBuf,
    save_freq: Option<usize>,
}

impl BackupAndRestore {
    /// Keeps the state in this file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), save_freq: None }
    }

    /// Keeps it after every so many steps, and not after each epoch. A `fit` that finds it goes on in the middle of its
    /// epoch with the samples that come next, where Keras begins the epoch anew; of `fit_batches` the batches before are
    /// passed over.
    ///
    /// Callbacks are told that the epoch begins once more; what they do to the learning rate then does not count.
    #[must_use]
    pub fn save_freq(mut self, steps: usize) -> Self {
        self.save_freq = Some(steps);
        self
    }
}

impl Callback for BackupAndRestore {
    fn check(&self, _names: &[String]) -> Result<(), TrainError> {
        if self.save_freq == Some(0) {
            let message = "`save_freq` of `BackupAndRestore` is 0; it must be at least 1".to_owned();
            return Err(TrainError::Callback { message });
        }
        Ok(())
    }
    fn watches_batches(&self) -> bool {
        false
    }
    fn backup(&self) -> Option<&Path> {
        Some(&self.path)
    }
    fn backup_steps(&self) -> Option<usize> {
        self.save_freq
    }
}
