//! The loops of `fit`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use fusion_core::{IntoInputs, Network};

use super::batches::{BatchError, TrainBatch, in_batch, read};
use super::callbacks::{Callback, Training};
use super::checks::never_adapted;
use super::classes::ByClass;
use super::data::{Data, batches};
use super::error::TrainError;
use super::history::{History, Scores};
use super::progress::Progress;
use super::resume::Fit;
use super::running::EpochLayout;
use super::step::{NotFinite, Objective};
use super::targets::{IntoTargets, Targets};
use super::trainer::Trainer;
use super::weights::SampleWeights;
use crate::persistence::WeightsError;

/// Where a `fit` stands.
pub(super) struct Run<'p> {
    /// From 0.
    epoch: usize,
    progress: &'p mut Progress,
    /// Whether a callback is to be called after each batch.
    watched: bool,
    stop: bool,
}

impl Run<'_> {
    /// The epoch, from 0.
    pub(super) fn epoch(&self) -> usize {
        self.epoch
    }
}

fn of_backup(error: WeightsError) -> TrainError {
    TrainError::Callback { message: error.to_string() }
}

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
        let steps = self.limited(plan.training.samples.div_ceil(self.options.batch_size));
        let validated = plan.split.is_some() || plan.given.is_some() || self.validation_batches.is_some();
        let mut train = |trainer: &mut Self, run: &mut Run<'_>| trainer.train_epoch(plan.training, run);
        let mut validate = |trainer: &mut Self| match plan.given.is_none() && plan.split.is_none() {
            true => trainer.validate_batches(),
            false => Ok(trainer.validate(&plan)),
        };
        self.run(Some(steps), validated, &mut train, &mut validate)
    }

    /// All of a `fit`, whatever the samples come from.
    pub(super) fn run(
        &mut self,
        steps: Option<usize>,
        validated: bool,
        train: &mut dyn FnMut(&mut Self, &mut Run<'_>) -> Result<(), TrainError>,
        validate: &mut dyn FnMut(&mut Self) -> Result<Option<Scores>, TrainError>,
    ) -> Result<History, TrainError> {
        let rate = self.callbacks.iter().any(|callback| callback.changes_learning_rate());
        let layout = EpochLayout::new(self.running.log_names(), validated, rate);
        self.callbacks.iter().try_for_each(|callback| callback.check(layout.names()))?;
        self.advise();
        if self.options.verbose > 0 && self.epochs_so_far == 0 {
            never_adapted(&*self.network).iter().for_each(|note| eprintln!("{note}"));
        }
        let mut progress = Progress::new(self.options.verbose, Some(self.options.epochs), steps);
        let mut history = History::new(layout.names());
        let ended = self.all_epochs(&layout, &mut progress, &mut history, train, validate);
        let ended = ended.and_then(|()| self.remove_backup());
        // The only way out: whatever ended the training, callbacks finish, and what there is of a history is kept.
        if ended.is_err() {
            progress.interrupt();
        }
        self.weights_given = false;
        let ended = ended.and(self.each_callback(&mut false, |callback, training| callback.on_train_end(training)));
        // The weights are then not as before the step.
        let note = || self.notes.last().cloned().unwrap_or_else(|| "a callback gave it other weights".to_owned());
        let restored = self.weights_given.then(note);
        let ended = self.quietly(ended);
        self.say_notes(&mut history, &progress);
        match ended.and_then(|()| self.check_weights()) {
            Ok(()) => Ok(history),
            Err(error) => Err(error.after(history, restored)),
        }
    }

    fn all_epochs(
        &mut self,
        layout: &EpochLayout,
        progress: &mut Progress,
        history: &mut History,
        train: &mut dyn FnMut(&mut Self, &mut Run<'_>) -> Result<(), TrainError>,
        validate: &mut dyn FnMut(&mut Self) -> Result<Option<Scores>, TrainError>,
    ) -> Result<(), TrainError> {
        // As in Keras, only what a callback says from here on stops the training.
        self.each_callback(&mut false, |callback, training| callback.on_train_begin(training))?;
        let watched = self.callbacks.iter().any(|callback| callback.watches_batches());
        let mut run = Run { epoch: 0, progress, watched, stop: false };
        let first = self.restore(layout, history, &mut run.stop)?;
        for epoch in first..self.options.epochs {
            if run.stop {
                break;
            }
            run.epoch = epoch;
            run.progress.begin_epoch(epoch);
            self.each_callback(&mut run.stop, |callback, training| callback.on_epoch_begin(epoch, training))?;
            self.running.reset();
            train(self, &mut run)?;
            self.epochs_so_far += 1;
            let scores = self.running.scores();
            let logs = layout.join(&scores, validate(self)?.as_ref(), self.learning_rate());
            history.push(&logs);
            let ended =
                self.each_callback(&mut run.stop, |callback, training| callback.on_epoch_end(epoch, &logs, training));
            run.progress.end_epoch(epoch, &logs);
            self.say_notes(history, run.progress);
            ended?;
            self.back_up(epoch + 1, run.stop, history)?;
        }
        self.finalize_variable_values();
        Ok(())
    }

    /// Goes on from where an interrupted `fit` has left its state, if one has. Gives how many epochs are done.
    fn restore(&mut self, layout: &EpochLayout, history: &mut History, stop: &mut bool) -> Result<usize, TrainError> {
        let Some(path) = self.backup().filter(|path| path.exists()) else { return Ok(0) };
        let Some(fit) = self.load_from(&path).map_err(of_backup)? else { return Ok(0) };
        let same = fit.history.names() == layout.names() && fit.callbacks.len() == self.callbacks.len();
        if !same {
            let message = format!("`{}` is the state of a `fit` with other metrics or callbacks", path.display());
            return Err(TrainError::Callback { message });
        }
        self.callbacks.iter_mut().zip(fit.callbacks).for_each(|(callback, state)| callback.set_state(state));
        (*history, *stop) = (fit.history, fit.stop);
        Ok(fit.epochs)
    }

    /// Leaves the state of a `fit` after an epoch, where that was asked for.
    fn back_up(&mut self, epochs: usize, stop: bool, history: &History) -> Result<(), TrainError> {
        let Some(path) = self.backup() else { return Ok(()) };
        let callbacks = self.callbacks.iter().map(|callback| callback.state()).collect();
        let fit = Fit { epochs, stop, history: history.clone(), callbacks };
        self.save_to(&path, Some(&fit)).map_err(of_backup)
    }

    fn remove_backup(&mut self) -> Result<(), TrainError> {
        let Some(path) = self.backup().filter(|path| path.exists()) else { return Ok(()) };
        let removed = std::fs::remove_file(&path);
        let words = |error| format!("cannot remove `{}`: {error}", path.display());
        removed.map_err(|error| TrainError::Callback { message: words(error) })
    }

    fn backup(&self) -> Option<PathBuf> {
        self.callbacks.iter().find_map(|callback| callback.backup()).map(Path::to_owned)
    }

    /// A loss that is no number is a note where a callback takes it so.
    fn quietly(&mut self, ended: Result<(), TrainError>) -> Result<(), TrainError> {
        match ended {
            Err(error @ TrainError::LossNotFinite { .. })
                if self.callbacks.iter().any(|callback| callback.takes_not_finite()) =>
            {
                self.notes.push(error.to_string());
                Ok(())
            }
            ended => ended,
        }
    }

    /// Shows what callbacks have to say, and keeps it.
    fn say_notes(&mut self, history: &mut History, progress: &Progress) {
        self.notes.iter().for_each(|note| progress.note(note));
        history.take_notes(&mut self.notes);
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

    /// The data of `validation_data`, checked.
    pub(super) fn given_validation(&mut self) -> Result<Option<Data<'a, 'a, 'a, N, T>>, TrainError> {
        let Some((inputs, targets, weights)) = *self.validation else { return Ok(None) };
        let given = self.checked(inputs, targets, weights);
        given.map(Some).map_err(|error| TrainError::Validation(Box::new(error)))
    }

    /// Checks what else can be wrong before training. The samples of a split have weights of their own.
    fn plan<'d, 't, 'w>(
        &mut self,
        data: Data<'d, 't, 'w, N, T>,
        of_split: SampleWeights<'w>,
    ) -> Result<Plan<'d, 't, 'w, 'a, N, T>, TrainError> {
        self.check_options()?;
        if let Some(given) = self.given_validation()? {
            return Ok(Plan { training: data, split: None, given: Some(given) });
        }
        let Some(split) = self.options.validation_split else {
            return Ok(Plan { training: data, split: None, given: None });
        };
        let (training, _) = data.split(split)?;
        let (_, split) = data.weighted(of_split).split(split)?;
        Ok(Plan { training, split: Some(split), given: None })
    }

    fn train_epoch(&mut self, data: Data<'_, '_, '_, N, T>, run: &mut Run<'_>) -> Result<(), TrainError> {
        if let Some(seed) = self.options.shuffle {
            self.shuffled.draw(data.samples, seed, self.epochs_so_far);
        }
        let steps = self.limited(usize::MAX);
        for (step, places) in batches(data.samples, self.options.batch_size).take(steps).enumerate() {
            let first = places.start;
            self.step(data, places).map_err(|wrong| {
                let sample = wrong.sample.map(|sample| self.shuffled.sample(self.options.shuffle, first + sample));
                self.not_finite(Some(run.epoch + 1), step as u64 + 1, NotFinite { sample, ..wrong })
            })?;
            self.after_step(step, run)?;
            if run.stop {
                break;
            }
        }
        Ok(())
    }

    /// So many steps of an epoch, or fewer where that was asked for.
    fn limited(&self, steps: usize) -> usize {
        self.options.steps_per_epoch.map_or(steps, |most| steps.min(most))
    }

    /// What comes after each step of an epoch.
    fn after_step(&mut self, step: usize, run: &mut Run<'_>) -> Result<(), TrainError> {
        run.progress.step(step + 1, || self.running.scores());
        if run.watched {
            let logs = self.running.scores();
            self.each_callback(&mut run.stop, |callback, training| callback.on_batch_end(step, &logs, training))?;
        }
        Ok(())
    }

    /// An epoch of batches that come one by one.
    pub(super) fn train_on_batches<B: TrainBatch<N, T>, E: Into<BatchError>>(
        &mut self,
        batches: impl Iterator<Item = Result<B, E>>,
        run: &mut Run<'_>,
    ) -> Result<(), TrainError> {
        let (most, mut steps) = (self.limited(usize::MAX), 0);
        for (step, batch) in batches.take(most).enumerate() {
            let place = |error| in_batch(Some(run.epoch), step, error);
            let batch = read(batch).map_err(place)?;
            self.train_on_one(&batch).map_err(|wrong| match wrong {
                Ok(wrong) => self.not_finite(Some(run.epoch + 1), step as u64 + 1, wrong),
                Err(error) => place(error),
            })?;
            steps = step + 1;
            self.after_step(step, run)?;
            if run.stop {
                break;
            }
        }
        if steps == 0 { Err(TrainError::NoSamples) } else { Ok(()) }
    }

    /// A step with a batch of its own, or why there is none.
    fn train_on_one(&mut self, batch: &impl TrainBatch<N, T>) -> Result<(), Result<NotFinite, TrainError>> {
        let (targets, weights) = batch.targets().into_weighted();
        let data = self.checked(batch.inputs().into_inputs(), targets, weights).map_err(Err)?;
        let by_class = self.by_class(data).map_err(Err)?;
        let data = data.weighted(by_class.as_ref().map_or(data.weights, ByClass::weights));
        let Self { network, optimizer, losses, functions, loss_weights, running, engine, .. } = self;
        let objective = Objective { losses: &*losses, loss_weights: &*loss_weights };
        (functions.train)(engine, network, optimizer, objective, data, running).map_err(Ok)
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

    /// Calls each callback, which may leave a learning rate that cannot be.
    fn each_callback(
        &mut self,
        stop: &mut bool,
        mut call: impl FnMut(&mut dyn Callback, &mut Training<'_>),
    ) -> Result<(), TrainError> {
        let Self { network, optimizer, functions, engine, callbacks, notes, weights_given, .. } = self;
        let mut failure = None;
        for callback in callbacks {
            let mut training = Training {
                model: &mut **network,
                optimizer: (functions.optimizer)(optimizer),
                steps: engine.steps,
                stop,
                notes,
                weights_given,
                failure: &mut failure,
            };
            call(&mut **callback, &mut training);
        }
        match failure {
            Some(error) => Err(error),
            None if self.callbacks.is_empty() => Ok(()),
            None => self.check_learning_rate(),
        }
    }
}
