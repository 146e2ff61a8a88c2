//! How a `fit` calls its callbacks, and does what they say.

use fusion_core::Network;

use super::callbacks::{Callback, Training};
use super::error::TrainError;
use super::fit::{Run, Validate};
use super::history::Scores;
use super::targets::Targets;
use super::trainer::Trainer;

impl<N: Network, O, L, T: Targets> Trainer<'_, N, O, L, T> {
    /// Calls each callback, which may leave a learning rate that cannot be.
    pub(super) fn each_callback(
        &mut self,
        stop: &mut bool,
        mut call: impl FnMut(&mut dyn Callback, &mut Training<'_>),
    ) -> Result<(), TrainError> {
        let mut failure = None;
        for index in 0..self.callbacks.len() {
            let Self { network, optimizer, functions, engine, callbacks, notes, weights_given, .. } = self;
            let mut averages = None;
            let mut training = Training {
                model: &mut **network,
                optimizer: (functions.optimizer)(optimizer),
                steps: engine.steps,
                stop,
                notes,
                weights_given,
                averages: &mut averages,
                failure: &mut failure,
            };
            call(&mut *callbacks[index], &mut training);
            averages.into_iter().for_each(|shown| self.show_averages(shown));
        }
        match failure {
            Some(error) => Err(error),
            None if self.callbacks.is_empty() => Ok(()),
            None => self.check_learning_rate(),
        }
    }

    /// Lets them begin an epoch. One that goes on in its middle has had its learning rate already.
    pub(super) fn begin_epoch(&mut self, run: &mut Run) -> Result<(), TrainError> {
        let (epoch, learning_rate) = (run.epoch, self.learning_rate());
        self.each_callback(&mut run.stop, |callback, training| callback.on_epoch_begin(epoch, training))?;
        if run.done > 0 && self.learning_rate().to_bits() != learning_rate.to_bits() {
            (self.functions.optimizer)(&mut self.optimizer).set_learning_rate(learning_rate);
        }
        self.show_averages(false);
        Ok(())
    }

    /// Validates, between what they do before and after it.
    pub(super) fn validation(
        &mut self,
        run: &mut Run,
        validate: &mut Validate<'_, Self>,
    ) -> Result<Option<Scores>, TrainError> {
        self.each_callback(&mut run.stop, |callback, training| callback.on_test_begin(training))?;
        let scores = validate(self)?;
        if let Some(scores) = &scores {
            self.each_callback(&mut run.stop, |callback, training| callback.on_test_end(scores, training))?;
        }
        Ok(scores)
    }

    /// Lets the model have the moving averages of its weights in their place, or its weights again. Before the first step
    /// there are none.
    pub(super) fn show_averages(&mut self, shown: bool) {
        let Self { network, optimizer, functions, engine, averages_shown, .. } = self;
        if *averages_shown != shown && (functions.swap_averages)(engine, network, optimizer) {
            *averages_shown = shown;
        }
    }

    /// A loss or a gradient that is no number is a note where a callback takes it so.
    pub(super) fn quietly(&mut self, ended: Result<(), TrainError>) -> Result<(), TrainError> {
        match ended {
            Err(error @ (TrainError::LossNotFinite { .. } | TrainError::GradientNotFinite { .. }))
                if self.callbacks.iter().any(|callback| callback.takes_not_finite()) =>
            {
                self.notes.push(error.to_string());
                Ok(())
            }
            ended => ended,
        }
    }

    /// Shows what they have to say, and keeps it.
    pub(super) fn say_notes(&mut self, run: &mut Run) {
        self.notes.iter().for_each(|note| run.progress.note(note));
        run.history.take_notes(&mut self.notes);
    }
}
