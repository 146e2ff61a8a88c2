//! The loops of `fit` and `evaluate`.

use std::ops::Range;
use std::sync::Once;

use fusion_core::Network;
use fusion_core::kernels::first_not_finite;
use fusion_core::weights::{Random, walk_ref};

use super::callbacks::{Callback, Training};
use super::data::Data;
use super::error::TrainError;
use super::history::{History, Scores};
use super::progress::Progress;
use super::running::EpochLayout;
use super::step::{NotFinite, Objective};
use super::targets::Targets;
use super::trainer::Trainer;
use super::weights::SampleWeights;

/// The data of a `fit`, checked.
struct Plan<'d, 't, 'a, N: Network, T: Targets> {
    training: Data<'d, 't, 'a, N, T>,
    /// What is split off the data.
    split: Option<Data<'d, 't, 'a, N, T>>,
    /// What was given by `validation_data`.
    given: Option<Data<'a, 'a, 'static, N, T>>,
}

impl<'a, N: Network, O, L, T: Targets> Trainer<'a, N, O, L, T> {
    pub(super) fn fit_slices(&mut self, inputs: N::Inputs<'_>, targets: T::Slices<'_>) -> Result<History, TrainError> {
        let plan = self.plan(inputs, targets)?;
        let layout = EpochLayout::new(self.running.log_names(), plan.split.is_some() || plan.given.is_some());
        self.callbacks.iter().try_for_each(|callback| callback.check(layout.names()))?;
        self.advise();
        if self.options.verbose && self.epochs_so_far == 0 {
            never_adapted(&*self.network).iter().for_each(|note| eprintln!("{note}"));
        }

        let (epochs, steps) = (self.options.epochs, plan.training.samples.div_ceil(self.options.batch_size));
        let mut progress = Progress::new(self.options.verbose, Some(epochs), steps);
        let (mut history, mut stop) = (History::new(layout.names()), false);
        self.each_callback(&mut stop, |callback, training| callback.on_train_begin(training));
        // As in Keras, only what a callback says from here on stops the training.
        stop = false;
        for epoch in 0..epochs {
            progress.begin_epoch(epoch);
            self.each_callback(&mut stop, |callback, training| callback.on_epoch_begin(epoch, training));
            self.train_epoch(plan.training, epoch, &mut progress, &mut stop)?;
            let scores = self.running.scores();
            let validation = self.validate(&plan);
            let logs = layout.join(&scores, validation.as_ref());
            self.each_callback(&mut stop, |callback, training| callback.on_epoch_end(epoch, &logs, training));
            progress.end_epoch(epoch, &logs);
            history.push(&logs);
            if stop {
                break;
            }
        }
        if epochs > 0 {
            self.finalize_variable_values();
        }
        self.each_callback(&mut stop, |callback, training| callback.on_train_end(training));
        self.check_weights()?;
        Ok(history)
    }

    pub(super) fn evaluate_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        targets: T::Slices<'_>,
    ) -> Result<Scores, TrainError> {
        let data = self.checked(inputs, targets, SampleWeights::NONE)?;
        self.check_batch_size()?;
        self.advise();
        let steps = data.samples.div_ceil(self.options.batch_size);
        let mut progress = Progress::new(self.options.verbose, None, steps);
        progress.begin_epoch(0);
        let scores = self.evaluate_data(data, |done, logs| progress.step(done, logs));
        progress.end_epoch(0, &scores);
        Ok(scores)
    }

    pub(super) fn train_on_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        targets: T::Slices<'_>,
    ) -> Result<Scores, TrainError> {
        let batch = self.checked(inputs, targets, SampleWeights::NONE)?;
        self.check_optimizer()?;
        self.advise();
        self.running.reset();
        let Self { network, optimizer, losses, functions, loss_weights, running, engine, .. } = self;
        let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
        let step = engine.steps + 1;
        (functions.train)(engine, network, optimizer, objective, batch, running)
            .map_err(|NotFinite(loss)| self.not_finite(None, step, loss))?;
        Ok(self.running.scores())
    }

    /// Checks everything that can be wrong before training.
    fn plan<'d, 't>(
        &mut self,
        inputs: N::Inputs<'d>,
        targets: T::Slices<'t>,
    ) -> Result<Plan<'d, 't, 'a, N, T>, TrainError> {
        let data = self.checked(inputs, targets, self.options.sample_weight)?;
        self.check_batch_size()?;
        self.check_optimizer()?;
        self.check_metric_names()?;
        if let Some((inputs, targets)) = *self.validation {
            let given = self
                .checked(inputs, targets, SampleWeights::NONE)
                .map_err(|error| TrainError::Validation(Box::new(error)))?;
            return Ok(Plan { training: data, split: None, given: Some(given) });
        }
        let Some(split) = self.options.validation_split else {
            return Ok(Plan { training: data, split: None, given: None });
        };
        let (training, split) = data.split(split)?;
        Ok(Plan { training, split: Some(split), given: None })
    }

    /// Data with nothing wrong in them.
    fn checked<'d, 't, 'w>(
        &mut self,
        inputs: N::Inputs<'d>,
        targets: T::Slices<'t>,
        weights: SampleWeights<'w>,
    ) -> Result<Data<'d, 't, 'w, N, T>, TrainError> {
        let Self { network, losses, functions, engine, .. } = self;
        if let Some(output) = (functions.without_steps)(losses) {
            return Err(TrainError::LossOfMask { output: N::GRAPH.outputs[output].0 });
        }
        let check_ids = |inputs, samples| engine.check_ids(&**network, inputs, samples);
        Data::checked(inputs, targets, weights, check_ids, |targets| (functions.check)(losses, targets))
    }

    fn check_batch_size(&self) -> Result<(), TrainError> {
        if self.options.batch_size == 0 { Err(TrainError::BatchSize) } else { Ok(()) }
    }

    fn check_optimizer(&self) -> Result<(), TrainError> {
        (self.functions.check_optimizer)(&self.optimizer).map_err(TrainError::of_optimizer)?;
        let learning_rate = (self.functions.learning_rate_at)(&self.optimizer, self.engine.steps);
        let fits = learning_rate >= 0.0 && learning_rate.is_finite();
        if fits { Ok(()) } else { Err(TrainError::LearningRate { learning_rate }) }
    }

    fn check_metric_names(&self) -> Result<(), TrainError> {
        match self.running.log_names().iter().find(|name| name.starts_with("val_")) {
            Some(name) => Err(TrainError::MetricName { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// A last step can make weights of which no loss has been seen.
    fn check_weights(&self) -> Result<(), TrainError> {
        weight_not_finite(&*self.network).map_or(Ok(()), |parameter| Err(TrainError::WeightsNotFinite { parameter }))
    }

    /// Why a loss is no number; the weights are as before that step.
    fn not_finite(&self, epoch: Option<usize>, step: u64, loss: f64) -> TrainError {
        match weight_not_finite(&*self.network) {
            Some(parameter) => TrainError::WeightsWereNotFinite { parameter, loss },
            None => TrainError::LossNotFinite { epoch, step, loss },
        }
    }

    fn train_epoch(
        &mut self,
        data: Data<'_, '_, '_, N, T>,
        epoch: usize,
        progress: &mut Progress,
        stop: &mut bool,
    ) -> Result<(), TrainError> {
        if let Some(seed) = self.options.shuffle {
            self.shuffled.draw(data.samples, seed, self.epochs_so_far);
        }
        self.epochs_so_far += 1;
        self.running.reset();
        let watched = self.callbacks.iter().any(|callback| callback.watches_batches());
        for (step, places) in batches(data.samples, self.options.batch_size).enumerate() {
            self.step(data, places)
                .map_err(|NotFinite(loss)| self.not_finite(Some(epoch + 1), step as u64 + 1, loss))?;
            progress.step(step + 1, || self.running.scores());
            if watched {
                let logs = self.running.scores();
                self.each_callback(stop, |callback, training| callback.on_batch_end(step, &logs, training));
            }
            if *stop {
                break;
            }
        }
        Ok(())
    }

    fn step(&mut self, data: Data<'_, '_, '_, N, T>, places: Range<usize>) -> Result<(), NotFinite> {
        let Self { network, optimizer, losses, functions, loss_weights, running, engine, shuffled, options, .. } = self;
        let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
        if options.shuffle.is_some() {
            (functions.train)(engine, network, optimizer, objective, shuffled.gather(data, places), running)
        } else {
            (functions.train)(engine, network, optimizer, objective, data.slice(places), running)
        }
    }

    fn validate(&mut self, plan: &Plan<'_, '_, '_, N, T>) -> Option<Scores> {
        match (plan.given, plan.split) {
            (Some(data), _) => Some(self.evaluate_data(data, |_, _| ())),
            (None, Some(data)) => Some(self.evaluate_data(data, |_, _| ())),
            (None, None) => None,
        }
    }

    /// Losses and metrics, batch by batch; after each, calls back with how many batches are done.
    fn evaluate_data(
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

    fn each_callback(&mut self, stop: &mut bool, mut call: impl FnMut(&mut dyn Callback, &mut Training<'_>)) {
        let Self { network, optimizer, functions, engine, callbacks, .. } = self;
        for callback in callbacks {
            let mut training = Training {
                model: &mut **network,
                optimizer: (functions.optimizer)(optimizer),
                steps: engine.steps,
                stop,
            };
            call(&mut **callback, &mut training);
        }
    }

    /// Says once that the arithmetic is slow in this build.
    fn advise(&self) {
        static ONCE: Once = Once::new();
        if fusion_core::UNOPTIMIZED && self.options.verbose {
            ONCE.call_once(|| eprintln!("{ADVICE}"));
        }
    }
}

const ADVICE: &str = "note: fusion is compiled without optimization, and trains many times slower than it could; \
     `cargo run --release` helps, or these lines in Cargo.toml:\n\n    \
     [profile.dev.package.fusion-nn-core]\n    opt-level = 3\n";

/// The first array of weights with a number that is NaN or infinite.
fn weight_not_finite<N: Network>(network: &N) -> Option<String> {
    let mut wrong = None;
    walk_ref(network, &mut |parameter, values| {
        if wrong.is_none() && first_not_finite(values).is_some() {
            wrong = Some(parameter.to_string());
        }
    });
    wrong
}

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

/// The places of each batch.
fn batches(samples: usize, batch_size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..samples).step_by(batch_size).map(move |start| start..samples.min(start.saturating_add(batch_size)))
}
