//! The loop of `evaluate`, and of the validation in `fit`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use fusion_core::Network;

use super::data::{Data, batches};
use super::error::TrainError;
use super::history::Scores;
use super::not_finite::parameter_not_finite;
use super::progress::Progress;
use super::step::Objective;
use super::targets::Targets;
use super::trainer::Trainer;
use super::weights::SampleWeights;

impl<N: Network, O, L, T: Targets> Trainer<'_, N, O, L, T> {
    pub(super) fn evaluate_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        (targets, weights): (T::Slices<'_>, SampleWeights<'_>),
    ) -> Result<Scores, TrainError> {
        let data = self.checked(inputs, targets, weights)?;
        self.check_batch_size()?;
        self.advise();
        let steps = data.samples.div_ceil(self.options.batch_size);
        let mut progress = Progress::new(self.options.verbose, None, Some(steps));
        progress.begin_epoch(0);
        let scores = self.evaluate_data(data, |done, logs| progress.step(done, logs));
        progress.end_epoch(0, &scores);
        match parameter_not_finite(&*self.network) {
            Some(parameter) => Err(TrainError::WeightsWereNotFinite { parameter, loss: scores["loss"], history: None }),
            None => Ok(scores),
        }
    }

    /// Losses and metrics on the batches that validate, if there are any.
    pub(super) fn validate_batches(&mut self) -> Result<Option<Scores>, TrainError> {
        let Some(mut batches) = self.validation_batches.take() else { return Ok(None) };
        self.running.reset();
        let most = self.options.validation_steps.unwrap_or(usize::MAX);
        let mut take = |inputs: N::Inputs<'_>, targets: T::Slices<'_>, weights: SampleWeights<'_>| {
            let data = self.checked(inputs, targets, weights)?;
            let Self { network, losses, functions, loss_weights, running, engine, .. } = self;
            let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
            (functions.evaluate)(engine, network, objective, data, running);
            Ok(())
        };
        let shown = catch_unwind(AssertUnwindSafe(|| batches(most, &mut take)));
        // After a panic too, so that the next `fit` validates on them.
        self.validation_batches = Some(batches);
        match shown.unwrap_or_else(|panic| resume_unwind(panic)) {
            Ok(()) => Ok(Some(self.running.scores())),
            Err(error) => Err(TrainError::Validation(Box::new(error))),
        }
    }

    /// Losses and metrics, batch by batch; after each, calls back with how many batches are done.
    pub(super) fn evaluate_data(
        &mut self,
        data: Data<'_, '_, '_, N, T>,
        mut progress: impl FnMut(usize, &dyn Fn() -> Scores),
    ) -> Scores {
        let Self { network, losses, functions, loss_weights, running, engine, options, .. } = self;
        let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
        running.reset();
        for (batch, places) in batches(data.samples, options.batch_size).enumerate() {
            (functions.evaluate)(engine, network, objective, data.slice(places), running);
            progress(batch + 1, &|| running.scores());
        }
        running.scores()
    }
}
