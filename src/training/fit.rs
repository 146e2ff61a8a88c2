//! The loops of `fit` and `evaluate`.

use std::ops::Range;
use std::sync::Once;

use fusion_core::Network;
use fusion_core::kernels::first_not_finite;
use fusion_core::weights::{Random, walk_ref};

use super::callbacks::{Callback, Training};
use super::classes::ByClass;
use super::data::Data;
use super::error::TrainError;
use super::gradient::Gradient;
use super::history::{History, Scores};
use super::progress::Progress;
use super::running::EpochLayout;
use super::step::{NotFinite, Objective};
use super::targets::Targets;
use super::trainer::Trainer;
use super::weights::SampleWeights;

/// The data of a `fit`, checked.
struct Plan<'d, 't, 'w, 'a, N: Network, T: Targets> {
    training: Data<'d, 't, 'w, N, T>,
    /// What is split off the data.
    split: Option<Data<'d, 't, 'w, N, T>>,
    /// What was given by `validation_data`.
    given: Option<Data<'a, 'a, 'a, N, T>>,
}

impl<'a, N: Network, O, L, T: Targets> Trainer<'a, N, O, L, T> {
    pub(super) fn fit_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        (targets, weights): (T::Slices<'_>, SampleWeights<'_>),
    ) -> Result<History, TrainError> {
        let data = self.checked(inputs, targets, weights.or(self.options.sample_weight))?;
        let by_class = self.by_class(data)?;
        let weights = by_class.as_ref().map_or(data.weights, ByClass::weights);
        let plan = self.plan(data.weighted(weights), data.weights)?;
        let layout = EpochLayout::new(self.running.log_names(), plan.split.is_some() || plan.given.is_some());
        self.callbacks.iter().try_for_each(|callback| callback.check(layout.names()))?;
        self.advise();
        if self.options.verbose && self.epochs_so_far == 0 {
            never_adapted(&*self.network).iter().for_each(|note| eprintln!("{note}"));
        }

        let steps = plan.training.samples.div_ceil(self.options.batch_size);
        let mut progress = Progress::new(self.options.verbose, Some(self.options.epochs), steps);
        let mut history = History::new(layout.names());
        let ended = self.all_epochs(&plan, &layout, &mut progress, &mut history);
        // The only way out: whatever ended the training, callbacks finish, and what there is of a history is kept.
        progress.interrupt(ended.is_err());
        let ended = ended.and(self.each_callback(&mut false, |callback, training| callback.on_train_end(training)));
        let restored = if ended.is_err() { self.notes.last().cloned() } else { None };
        self.say_notes(&mut history, &progress);
        match ended.and_then(|()| self.check_weights()) {
            Ok(()) => Ok(history),
            Err(error) => Err(error.after(history, restored)),
        }
    }

    fn all_epochs(
        &mut self,
        plan: &Plan<'_, '_, '_, 'a, N, T>,
        layout: &EpochLayout,
        progress: &mut Progress,
        history: &mut History,
    ) -> Result<(), TrainError> {
        let mut stop = false;
        self.each_callback(&mut stop, |callback, training| callback.on_train_begin(training))?;
        // As in Keras, only what a callback says from here on stops the training.
        stop = false;
        for epoch in 0..self.options.epochs {
            progress.begin_epoch(epoch);
            self.each_callback(&mut stop, |callback, training| callback.on_epoch_begin(epoch, training))?;
            self.train_epoch(plan.training, epoch, progress, &mut stop)?;
            let scores = self.running.scores();
            let validation = self.validate(plan);
            let logs = layout.join(&scores, validation.as_ref());
            history.push(&logs);
            let ended =
                self.each_callback(&mut stop, |callback, training| callback.on_epoch_end(epoch, &logs, training));
            progress.end_epoch(epoch, &logs);
            self.say_notes(history, progress);
            ended?;
            if stop {
                break;
            }
        }
        Ok(())
    }

    /// Shows what callbacks have to say, and keeps it.
    fn say_notes(&mut self, history: &mut History, progress: &Progress) {
        self.notes.iter().for_each(|note| progress.note(note));
        history.take_notes(&mut self.notes);
    }

    pub(super) fn evaluate_slices(
        &mut self,
        inputs: N::Inputs<'_>,
        (targets, weights): (T::Slices<'_>, SampleWeights<'_>),
    ) -> Result<Scores, TrainError> {
        let data = self.checked(inputs, targets, weights)?;
        self.check_batch_size()?;
        self.advise();
        let steps = data.samples.div_ceil(self.options.batch_size);
        let mut progress = Progress::new(self.options.verbose, None, steps);
        progress.begin_epoch(0);
        let scores = self.evaluate_data(data, |done, logs| progress.step(done, logs));
        progress.end_epoch(0, &scores);
        match weight_not_finite(&*self.network) {
            Some(parameter) => Err(TrainError::WeightsWereNotFinite { parameter, loss: scores["loss"], history: None }),
            None => Ok(scores),
        }
    }

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
        match (functions.accumulate)(engine, network, objective, batch, running) {
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
        if let Some(parameter) = weight_not_finite(gradient.weights()) {
            return Err(TrainError::GradientNotFinite { parameter });
        }
        let Self { network, optimizer, functions, engine, .. } = self;
        let (weights, squares) = gradient.parts();
        (functions.apply)(engine, network, optimizer, weights, squares);
        Ok(())
    }

    /// What the samples count by their classes too, where classes do not count alike.
    fn by_class(&self, data: Data<'_, '_, '_, N, T>) -> Result<Option<ByClass>, TrainError> {
        let Self { losses, functions, options, .. } = self;
        if options.class_weight.is_empty() {
            return Ok(None);
        }
        let classes = |output, class: &mut dyn FnMut(_)| (functions.classes)(losses, data.targets, output, class);
        ByClass::new::<N>(&options.class_weight, data.weights, data.samples, classes).map(Some)
    }

    /// Checks what else can be wrong before training. The samples of a split have weights of their own.
    fn plan<'d, 't, 'w>(
        &mut self,
        data: Data<'d, 't, 'w, N, T>,
        of_split: SampleWeights<'w>,
    ) -> Result<Plan<'d, 't, 'w, 'a, N, T>, TrainError> {
        self.check_batch_size()?;
        self.check_optimizer()?;
        self.check_metric_names()?;
        if let Some((inputs, targets, weights)) = *self.validation {
            let given =
                self.checked(inputs, targets, weights).map_err(|error| TrainError::Validation(Box::new(error)))?;
            return Ok(Plan { training: data, split: None, given: Some(given) });
        }
        let Some(split) = self.options.validation_split else {
            return Ok(Plan { training: data, split: None, given: None });
        };
        let (training, _) = data.split(split)?;
        let (_, split) = data.weighted(of_split).split(split)?;
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
        (self.functions.check_optimizer)(&self.optimizer).map_err(TrainError::OptimizerOptions)?;
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
        match weight_not_finite(&*self.network) {
            Some(parameter) => Err(TrainError::WeightsNotFinite { parameter, history: None }),
            None => Ok(()),
        }
    }

    /// Why a loss is no number; the weights are as before that step.
    fn not_finite(&self, epoch: Option<usize>, step: u64, NotFinite { loss, sample, layer }: NotFinite) -> TrainError {
        match weight_not_finite(&*self.network) {
            Some(parameter) => TrainError::WeightsWereNotFinite { parameter, loss, history: None },
            None => TrainError::LossNotFinite { epoch, step, loss, sample, layer, restored: None, history: None },
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
            let first = places.start;
            self.step(data, places).map_err(|wrong| {
                let sample = wrong.sample.map(|sample| self.shuffled.sample(self.options.shuffle, first + sample));
                self.not_finite(Some(epoch + 1), step as u64 + 1, NotFinite { sample, ..wrong })
            })?;
            progress.step(step + 1, || self.running.scores());
            if watched {
                let logs = self.running.scores();
                self.each_callback(stop, |callback, training| callback.on_batch_end(step, &logs, training))?;
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

    fn validate(&mut self, plan: &Plan<'_, '_, '_, '_, N, T>) -> Option<Scores> {
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

    /// Calls each callback, which may leave a learning rate that cannot be.
    fn each_callback(
        &mut self,
        stop: &mut bool,
        mut call: impl FnMut(&mut dyn Callback, &mut Training<'_>),
    ) -> Result<(), TrainError> {
        let Self { network, optimizer, functions, engine, callbacks, notes, .. } = self;
        for callback in callbacks {
            let mut training = Training {
                model: &mut **network,
                optimizer: (functions.optimizer)(optimizer),
                steps: engine.steps,
                stop,
                notes,
            };
            call(&mut **callback, &mut training);
        }
        if self.callbacks.is_empty() { Ok(()) } else { self.check_optimizer() }
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
