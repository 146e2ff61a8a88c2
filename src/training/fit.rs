//! The loops of `fit`.

use std::mem::take;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use fusion_core::{IntoInputs, Network};

use super::batches::{BatchError, TrainBatch, go_through, in_batch};
use super::checks::never_adapted;
use super::classes::ByClass;
use super::data::{Data, batches};
use super::error::TrainError;
use super::history::{History, Scores};
use super::interrupt::Interrupt;
use super::not_finite::NotFinite;
use super::progress::Progress;
use super::running::EpochLayout;
use super::step::Objective;
use super::targets::{IntoTargets, Targets};
use super::trainer::Trainer;
use super::weights::SampleWeights;

/// Where a `fit` stands.
pub(super) struct Run {
    pub history: History,
    pub progress: Progress,
    /// The epoch, from 0.
    pub epoch: usize,
    /// How many of its steps another process has made before this one.
    pub done: usize,
    /// Whether a callback is to be called after each batch.
    watched: bool,
    /// Whether a callback said to stop.
    pub stop: bool,
    interrupt: Interrupt,
    /// Whether Ctrl-C ends it.
    pub interrupted: bool,
    /// How many steps there were since the state was kept.
    pub since_backup: usize,
}

impl Run {
    fn new(history: History, progress: Progress, watched: bool) -> Self {
        let interrupt = Interrupt::watch();
        Self {
            history,
            progress,
            epoch: 0,
            done: 0,
            watched,
            stop: false,
            interrupt,
            interrupted: false,
            since_backup: 0,
        }
    }

    fn ends(&self) -> bool {
        self.stop || self.interrupted
    }
}

/// Trains an epoch.
pub(super) type Train<'f, Fitter> = dyn FnMut(&mut Fitter, &mut Run) -> Result<(), TrainError> + 'f;
/// Validates, where there is something to validate on.
pub(super) type Validate<'f, Fitter> = dyn FnMut(&mut Fitter) -> Result<Option<Scores>, TrainError> + 'f;

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
        let mut train = |trainer: &mut Self, run: &mut Run| trainer.train_epoch(plan.training, run);
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
        train: &mut Train<'_, Self>,
        validate: &mut Validate<'_, Self>,
    ) -> Result<History, TrainError> {
        let scheduled = (self.functions.optimizer)(&mut self.optimizer).has_schedule();
        let rate = scheduled || self.callbacks.iter().any(|callback| callback.changes_learning_rate());
        let layout = EpochLayout::new(self.running.log_names(), validated, rate);
        self.callbacks.iter().try_for_each(|callback| callback.check(layout.names()))?;
        self.advise();
        if self.options.verbose > 0 && self.epochs_so_far == 0 {
            never_adapted(&*self.network).iter().for_each(|note| eprintln!("{note}"));
        }
        let progress = Progress::new(self.options.verbose, Some(self.options.epochs), steps);
        let watched = self.callbacks.iter().any(|callback| callback.watches_batches());
        let mut run = Run::new(History::new(layout.names()), progress, watched);
        let ended = catch_unwind(AssertUnwindSafe(|| self.all_epochs(&layout, &mut run, train, validate)));
        self.show_averages(false);
        let ended = ended.unwrap_or_else(|panic| {
            run.progress.interrupt();
            self.notes.clear();
            resume_unwind(panic)
        });
        self.end(run, ended)
    }

    /// The only way out but a panic: whatever ended the training, callbacks finish, and what there is of a history is kept.
    fn end(&mut self, mut run: Run, ended: Result<(), TrainError>) -> Result<History, TrainError> {
        let ended = self.quietly(ended);
        let ended = ended.and_then(|()| if self.is_unfinished(&run) { Ok(()) } else { self.remove_backup() });
        if ended.is_err() || run.interrupted {
            run.progress.interrupt();
        }
        self.weights_given = false;
        let ended = ended.and(self.each_callback(&mut false, |callback, training| callback.on_train_end(training)));
        self.show_averages(false);
        // The weights are then not as before the step.
        let note = || self.notes.last().cloned().unwrap_or_else(|| "a callback gave it other weights".to_owned());
        let restored = self.weights_given.then(note);
        self.say_notes(&mut run);
        match ended.and_then(|()| self.check_weights()) {
            Ok(()) => Ok(run.history),
            Err(error) => Err(error.after(run.history, restored)),
        }
    }

    fn all_epochs(
        &mut self,
        layout: &EpochLayout,
        run: &mut Run,
        train: &mut Train<'_, Self>,
        validate: &mut Validate<'_, Self>,
    ) -> Result<(), TrainError> {
        // As in Keras, only what a callback says from here on stops the training.
        self.each_callback(&mut false, |callback, training| callback.on_train_begin(training))?;
        self.running.reset();
        self.restore(layout, run)?;
        while run.epoch < self.options.epochs && !run.ends() {
            self.one_epoch(layout, run, train, validate)?;
        }
        self.show_averages(false);
        self.finalize_variable_values();
        Ok(())
    }

    fn one_epoch(
        &mut self,
        layout: &EpochLayout,
        run: &mut Run,
        train: &mut Train<'_, Self>,
        validate: &mut Validate<'_, Self>,
    ) -> Result<(), TrainError> {
        run.progress.begin_epoch(run.epoch);
        self.begin_epoch(run)?;
        train(self, run)?;
        if run.interrupted {
            return Ok(());
        }
        self.epochs_so_far += 1;
        let scores = self.running.scores();
        let validation = if layout.validates() { self.validation(run, validate)? } else { None };
        let logs = layout.join(&scores, validation.as_ref(), self.learning_rate());
        run.history.push(&logs);
        let epoch = run.epoch;
        let ended =
            self.each_callback(&mut run.stop, |callback, training| callback.on_epoch_end(epoch, &logs, training));
        run.progress.end_epoch(epoch, &logs);
        run.epoch += 1;
        self.hear_ctrl_c(run, |run| format!("after epoch {}", run.epoch));
        self.say_notes(run);
        ended?;
        self.running.reset();
        let due = self.backup_steps().is_none_or(|steps| run.since_backup >= steps);
        if due || run.interrupted { self.back_up(run.epoch, 0, run) } else { Ok(()) }
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

    fn train_epoch(&mut self, data: Data<'_, '_, '_, N, T>, run: &mut Run) -> Result<(), TrainError> {
        if let Some(seed) = self.options.shuffle {
            self.shuffled.draw(data.samples, seed, self.epochs_so_far);
        }
        let (done, steps) = (take(&mut run.done), self.limited(usize::MAX));
        let steps = batches(data.samples, self.options.batch_size).take(steps).enumerate().skip(done);
        let mut steps = steps.peekable();
        while let Some((step, places)) = steps.next() {
            let first = places.start;
            self.step(data, places).map_err(|wrong| {
                let sample = wrong.sample.map(|sample| self.shuffled.sample(self.options.shuffle, first + sample));
                self.not_finite(Some(run.epoch + 1), step as u64 + 1, NotFinite { sample, ..wrong })
            })?;
            self.after_step(step, steps.peek().is_none(), run)?;
            if run.ends() {
                break;
            }
        }
        Ok(())
    }

    /// So many steps of an epoch, or fewer where that was asked for.
    fn limited(&self, steps: usize) -> usize {
        self.options.steps_per_epoch.map_or(steps, |most| steps.min(most))
    }

    /// What comes after each step of an epoch. After its last one what is asked for waits for the epoch's end.
    fn after_step(&mut self, step: usize, is_last: bool, run: &mut Run) -> Result<(), TrainError> {
        run.progress.step(step + 1, || self.running.scores());
        if run.watched {
            let logs = self.running.scores();
            self.each_callback(&mut run.stop, |callback, training| callback.on_batch_end(step, &logs, training))?;
            self.show_averages(false);
        }
        run.since_backup += 1;
        if is_last || run.stop {
            return Ok(());
        }
        self.hear_ctrl_c(run, |run| format!("in epoch {}, after step {}", run.epoch + 1, step + 1));
        let due = self.backup_steps().is_some_and(|steps| run.since_backup >= steps);
        if due || run.interrupted { self.back_up(run.epoch, step + 1, run) } else { Ok(()) }
    }

    /// Whether Ctrl-C ends the training, here where `place` says.
    fn hear_ctrl_c(&mut self, run: &mut Run, place: impl FnOnce(&Run) -> String) {
        if run.interrupt.asked() {
            run.interrupted = true;
            run.history.set_interrupted();
            let goes_on = |path: PathBuf| format!("; the next `fit` goes on from `{}`", path.display());
            let goes_on = self.backup().filter(|_| self.is_unfinished(run)).map_or_else(String::new, goes_on);
            self.notes.push(format!("Ctrl-C: ended {}{goes_on}", place(run)));
        }
    }

    /// Whether Ctrl-C has left something to do.
    fn is_unfinished(&self, run: &Run) -> bool {
        run.interrupted && !run.stop && run.epoch < self.options.epochs
    }

    /// An epoch of batches that come one by one.
    pub(super) fn train_on_batches<B: TrainBatch<N, T>, E: Into<BatchError>>(
        &mut self,
        batches: impl Iterator<Item = Result<B, E>>,
        run: &mut Run,
    ) -> Result<(), TrainError> {
        let (epoch, steps) = (run.epoch, take(&mut run.done)..self.limited(usize::MAX));
        let last = steps.end;
        go_through(batches, steps, Some(epoch), |step, batch: B| {
            self.train_on_one(&batch).map_err(|wrong| match wrong {
                Ok(wrong) => self.not_finite(Some(epoch + 1), step as u64 + 1, wrong),
                Err(error) => in_batch(Some(epoch), step, error),
            })?;
            self.after_step(step, step + 1 == last, run)?;
            Ok(!run.ends())
        })
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
}
