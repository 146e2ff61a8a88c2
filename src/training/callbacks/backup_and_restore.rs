use std::path::{Path, PathBuf};

use super::Callback;

/// Lets a training that was interrupted, by a crash, a kill, a power failure, go on where it was: Keras's
/// `BackupAndRestore`.
///
/// After each epoch all that belongs to the training is written to one file: the weights, what the optimizer keeps, the
/// history, what the other callbacks remember. A `fit` that finds the file goes on behind the last epoch that ended, with the
/// same data and options to the same bits as without the interruption; at the end the file is removed. Where it ends with
/// an error the file stays.
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
}

impl BackupAndRestore {
    /// Keeps the state in this file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Callback for BackupAndRestore {
    fn watches_batches(&self) -> bool {
        false
    }
    fn backup(&self) -> Option<&Path> {
        Some(&self.path)
    }
}
