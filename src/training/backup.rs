//! What [`BackupAndRestore`](super::BackupAndRestore) asks of a `fit`.

use std::path::{Path, PathBuf};

use fusion_core::Network;

use super::error::TrainError;
use super::fit::Run;
use super::resume::Fit;
use super::running::EpochLayout;
use super::targets::Targets;
use super::trainer::Trainer;
use crate::persistence::WeightsError;

fn of_backup(error: WeightsError) -> TrainError {
    TrainError::Callback { message: error.to_string() }
}

impl<N: Network, O, L, T: Targets> Trainer<'_, N, O, L, T> {
    /// Goes on from where an interrupted `fit` has left its state, if one has. Where it cannot, nothing has changed.
    pub(super) fn restore(&mut self, layout: &EpochLayout, run: &mut Run) -> Result<(), TrainError> {
        let Some(path) = self.backup().filter(|path| path.exists()) else { return Ok(()) };
        let mut other = false;
        let loaded = self.load_from(&path, |trainer, fit| {
            let same_logs = fit.history.names() == layout.names() && trainer.running.restore(&fit.running);
            other = !same_logs || fit.callbacks.len() != trainer.callbacks.len();
            !other
        });
        if other {
            let message = format!("`{}` is the state of a `fit` with other metrics or callbacks", path.display());
            return Err(TrainError::Callback { message });
        }
        let Some(fit) = loaded.map_err(of_backup)? else { return Ok(()) };
        self.callbacks.iter_mut().zip(fit.callbacks).for_each(|(callback, state)| callback.set_state(state));
        (run.history, run.stop, run.epoch, run.done) = (fit.history, fit.stop, fit.epochs, fit.steps);
        Ok(())
    }

    /// Leaves the state of a `fit` after so many whole epochs and so many steps of the next, where that was asked for.
    pub(super) fn back_up(&mut self, epochs: usize, steps: usize, run: &mut Run) -> Result<(), TrainError> {
        run.since_backup = 0;
        let Some(path) = self.backup() else { return Ok(()) };
        let callbacks = self.callbacks.iter().map(|callback| callback.state()).collect();
        let running = if steps == 0 { Vec::new() } else { self.running.numbers() };
        let mut history = run.history.clone();
        history.take_notes(&mut self.notes.clone());
        let fit = Fit { epochs, steps, stop: run.stop, history, callbacks, running };
        // The weights themselves, which training goes on with.
        let shown = self.averages_shown;
        self.show_averages(false);
        let saved = self.save_to(&path, Some(&fit)).map_err(of_backup);
        self.show_averages(shown);
        saved
    }

    pub(super) fn remove_backup(&mut self) -> Result<(), TrainError> {
        let Some(path) = self.backup().filter(|path| path.exists()) else { return Ok(()) };
        let removed = std::fs::remove_file(&path);
        let words = |error| format!("cannot remove `{}`: {error}", path.display());
        removed.map_err(|error| TrainError::Callback { message: words(error) })
    }

    pub(super) fn backup(&self) -> Option<PathBuf> {
        self.callbacks.iter().find_map(|callback| callback.backup()).map(Path::to_owned)
    }

    /// After how many steps the state is kept, where it is not after epochs.
    pub(super) fn backup_steps(&self) -> Option<usize> {
        self.callbacks.iter().find_map(|callback| callback.backup().and(callback.backup_steps()))
    }
}
