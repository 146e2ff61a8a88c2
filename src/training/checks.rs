//! What can be wrong with data, options and weights.

use std::sync::Once;

use fusion_core::Network;
use fusion_core::weights::{Random, walk_ref};

use super::data::Data;
use super::error::TrainError;
use super::not_finite::{NotFinite, parameter_not_finite};
use super::targets::Targets;
use super::trainer::{Options, Trainer};
use super::weights::SampleWeights;

impl<N: Network, O, L, T: Targets> Trainer<'_, N, O, L, T> {
    /// Data with nothing wrong in them.
    pub(super) fn checked<'d, 't, 'w>(
        &mut self,
        inputs: N::Inputs<'d>,
        targets: T::Slices<'t>,
        weights: SampleWeights<'w>,
    ) -> Result<Data<'d, 't, 'w, N, T>, TrainError> {
        self.check_whole()?;
        let Self { network, losses, functions, engine, .. } = self;
        if let Some(output) = (functions.without_steps)(losses) {
            return Err(TrainError::LossOfMask { output: N::GRAPH.outputs[output].0 });
        }
        let check_ids = |inputs, samples| engine.check_ids(&**network, inputs, samples);
        Data::checked(inputs, targets, weights, check_ids, |targets| (functions.check)(losses, targets))
    }

    /// What can be wrong whatever the data are.
    pub(super) fn check_options(&self) -> Result<(), TrainError> {
        self.check_batch_size()?;
        let Options { epochs, steps_per_epoch, validation_steps, .. } = self.options;
        let counts =
            [("epochs", Some(epochs)), ("steps_per_epoch", steps_per_epoch), ("validation_steps", validation_steps)];
        if let Some((option, _)) = counts.iter().find(|(_, count)| *count == Some(0)) {
            return Err(TrainError::Zero { option });
        }
        self.check_optimizer()?;
        self.check_metric_names()
    }

    pub(super) fn check_batch_size(&self) -> Result<(), TrainError> {
        if self.options.batch_size == 0 { Err(TrainError::BatchSize) } else { Ok(()) }
    }

    /// Whether all steps so far were made whole.
    fn check_whole(&self) -> Result<(), TrainError> {
        if self.engine.moving { Err(TrainError::Panicked) } else { Ok(()) }
    }

    pub(super) fn check_optimizer(&self) -> Result<(), TrainError> {
        self.check_whole()?;
        (self.functions.check_optimizer)(&self.optimizer).map_err(TrainError::of_optimizer)?;
        self.check_learning_rate()
    }

    /// All of the optimizer that callbacks can change.
    pub(super) fn check_learning_rate(&self) -> Result<(), TrainError> {
        let learning_rate = self.learning_rate();
        let fits = learning_rate >= 0.0 && learning_rate.is_finite();
        if fits { Ok(()) } else { Err(TrainError::LearningRate { learning_rate }) }
    }

    /// That of the next step.
    pub(super) fn learning_rate(&self) -> f32 {
        (self.functions.learning_rate_at)(&self.optimizer, self.engine.steps)
    }

    fn check_metric_names(&self) -> Result<(), TrainError> {
        match self.running.log_names().iter().find(|name| name.starts_with("val_")) {
            Some(name) => Err(TrainError::MetricName { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// A last step can make weights of which no loss has been seen.
    pub(super) fn check_weights(&self) -> Result<(), TrainError> {
        match parameter_not_finite(&*self.network) {
            Some(parameter) => Err(TrainError::WeightsNotFinite { parameter, history: None }),
            None => Ok(()),
        }
    }

    /// Why a loss or a gradient is no number; the weights are as before that step.
    pub(super) fn not_finite(
        &self,
        epoch: Option<usize>,
        step: u64,
        NotFinite { loss, sample, layer, gradient }: NotFinite,
    ) -> TrainError {
        match (parameter_not_finite(&*self.network), gradient) {
            (Some(parameter), _) => TrainError::WeightsWereNotFinite { parameter, loss, history: None },
            (None, Some(parameter)) => {
                TrainError::GradientNotFinite { epoch, step, parameter, restored: None, history: None }
            }
            (None, None) => {
                TrainError::LossNotFinite { epoch, step, loss, sample, layer, restored: None, history: None }
            }
        }
    }

    /// Says once that the arithmetic is slow in this build.
    pub(super) fn advise(&self) {
        static ONCE: Once = Once::new();
        if fusion_core::UNOPTIMIZED && self.options.verbose > 0 {
            ONCE.call_once(|| eprintln!("{ADVICE}"));
        }
    }
}

const ADVICE: &str = "note: fusion is compiled without optimization, and trains many times slower than it could; \
     `cargo run --release` helps, or these lines in Cargo.toml:\n\n    \
     [profile.dev.package.fusion-nn-core]\n    opt-level = 3\n";

/// A note for each layer that is to be adapted to data, and is as it began.
pub(super) fn never_adapted<N: Network>(network: &N) -> Vec<String> {
    let mut notes = Vec::new();
    walk_ref(network, &mut |parameter, values| {
        if !parameter.array.adapted {
            return;
        }
        let mut first = vec![0.0; values.len()];
        parameter.array.initializer.fill(Random::new(0), &parameter.array.shape, &mut first);
        if values != first {
            return;
        }
        let path = parameter.to_string();
        let layer = path.rsplit_once('/').map_or("", |(layer, _)| layer);
        // Of a layer within another one the path is Keras's, and the fields may be called otherwise.
        let call = if layer.contains('/') { "its".to_owned() } else { format!("`model.{layer}`'s") };
        let words = "was never adapted to data, and is as it began";
        notes.push(format!("note: `{layer}` {words}; call {call} `adapt` before `fit`"));
    });
    notes
}
