//! Single steps, and their halves.

use fusion_core::Network;

use super::error::TrainError;
use super::gradient::Gradient;
use super::history::Scores;
use super::not_finite::parameter_not_finite;
use super::step::Objective;
use super::targets::Targets;
use super::trainer::Trainer;
use super::weights::SampleWeights;

impl<N: Network, O, L, T: Targets> Trainer<'_, N, O, L, T> {
    pub(super) fn train_on_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        (targets, weights): (T::Slices<'_>, SampleWeights<'_>),
    ) -> Result<Scores, TrainError> {
        let batch = self.checked(inputs, targets, weights)?;
        self.check_optimizer()?;
        self.advise();
        self.running.reset();
        let Self { network, optimizer, losses, functions, loss_weights, running, engine, .. } = self;
        let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
        let step = engine.steps + 1;
        (functions.train)(engine, network, optimizer, objective, batch, running)
            .map_err(|wrong| self.not_finite(None, step, wrong))?;
        Ok(self.running.scores())
    }

    pub(super) fn accumulate_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        (targets, weights): (T::Slices<'_>, SampleWeights<'_>),
        gradient: &mut Gradient<N>,
    ) -> Result<Scores, TrainError> {
        let batch = self.checked(inputs, targets, weights)?;
        self.advise();
        self.running.reset();
        let Self { network, losses, functions, loss_weights, running, engine, .. } = self;
        let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
        let step = engine.steps + 1;
        match (functions.accumulate)(engine, network, objective, &batch, running) {
            Ok(mut sums) => {
                gradient.take(&mut sums);
                engine.sums = Some(sums);
                Ok(running.scores())
            }
            Err(wrong) => Err(self.not_finite(None, step, wrong)),
        }
    }

    pub(super) fn apply_gradient(&mut self, gradient: &mut Gradient<N>) -> Result<(), TrainError> {
        self.check_optimizer()?;
        if let Some(parameter) = parameter_not_finite(gradient.weights()) {
            let step = self.engine.steps + 1;
            return Err(TrainError::GradientNotFinite { epoch: None, step, parameter, restored: None, history: None });
        }
        let Self { network, optimizer, functions, engine, .. } = self;
        let (weights, squares) = gradient.parts();
        (functions.apply)(engine, network, optimizer, weights, squares);
        Ok(())
    }
}
