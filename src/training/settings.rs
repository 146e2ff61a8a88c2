//! What a trainer goes by, set one after the other: Keras's arguments of `compile` and `fit`.

use std::mem::ManuallyDrop;

use fusion_core::{IntoInputs, Network};

use super::batches::{BatchError, TrainBatch, show};
use super::callbacks::Callback;
use super::classes::IntoClassWeights;
use super::metrics::Metrics;
use super::progress::Verbosity;
use super::running::Weighing;
use super::shuffle::Shuffle;
use super::targets::{IntoTargets, Targets};
use super::trainer::Trainer;
use super::weights::{IntoSampleWeights, LossWeights};

// Without the bounds of `new`, so that a wrong loss or optimizer is one error, and not wrong again at each of these.
impl<'a, N: Network, O, L, T: Targets> Trainer<'a, N, O, L, T> {
    /// Adds a metric, or with several outputs one for each by name,
    /// `TicketsMetrics { priority: (), department: CategoricalAccuracy }`; see [`Metrics`].
    ///
    /// It weighs all samples alike, as Keras's `metrics` do; see [`Trainer::weighted_metric`].
    #[must_use]
    pub fn metric<Kind>(mut self, metrics: impl Metrics<N, T, Kind>) -> Self {
        self.running.add_metrics(Weighing::Unweighted, metrics.into_tracker());
        self
    }

    /// Adds a metric that takes sample weights: Keras's `weighted_metrics`.
    #[must_use]
    pub fn weighted_metric<Kind>(mut self, metrics: impl Metrics<N, T, Kind>) -> Self {
        self.running.add_metrics(Weighing::Weighted, metrics.into_tracker());
        self
    }

    /// How often `fit` goes through the data; 1 by default.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.options.epochs = epochs;
        self
    }

    /// How many samples make one step; 32 by default. The last step of an epoch may have fewer.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.options.batch_size = batch_size;
        self
    }

    /// An epoch ends after so many steps at the latest, as it must where batches never end; without it, with the data.
    #[must_use]
    pub fn steps_per_epoch(mut self, steps_per_epoch: usize) -> Self {
        self.options.steps_per_epoch = Some(steps_per_epoch);
        self
    }

    /// A validation ends after so many batches at the latest.
    #[must_use]
    pub fn validation_steps(mut self, validation_steps: usize) -> Self {
        self.options.validation_steps = Some(validation_steps);
        self
    }

    /// Validates on this share of the data, the last of them, and trains on the others only.
    #[must_use]
    pub fn validation_split(mut self, validation_split: f64) -> Self {
        self.options.validation_split = Some(validation_split);
        self
    }

    /// Validates on these data, and not on a split.
    #[must_use]
    pub fn validation_data(mut self, inputs: impl IntoInputs<'a, N>, targets: impl IntoTargets<'a, N, T>) -> Self {
        let (targets, weights) = targets.into_weighted();
        self.validation = ManuallyDrop::new(Some((inputs.into_inputs(), targets, weights)));
        self
    }

    /// Validates on batches that come one by one, the same after each epoch, in place of a split: see
    /// [`Trainer::fit_batches`].
    #[must_use]
    pub fn validation_batches<I, B, E>(mut self, batches: impl FnMut() -> I + Send + 'static) -> Self
    where
        I: IntoIterator<Item = Result<B, E>>,
        B: TrainBatch<N, T>,
        E: Into<BatchError>,
    {
        self.validation_batches = Some(show(batches));
        self
    }

    /// In which order samples come: by a seed in another one in each epoch, or with `false` in that of the data. As in
    /// Keras, samples are shuffled by default, here with the seed 0: data sorted by their targets train badly.
    ///
    /// The order of an epoch follows from the seed and the number of epochs this trainer has made: Fisher and Yates's
    /// shuffle of 0, 1, …, where for each place from the last down
    /// `Random::new(seed).at_step(epoch).below(place, place + 1)` is the one it changes with.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let (mut tiny, mut other) = (Tiny::new(1), Tiny::new(1));
    /// let trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).shuffle(7);
    /// let as_they_are = Trainer::new(&mut other, Adam::default(), MeanSquaredError).shuffle(false);
    /// ```
    #[must_use]
    pub fn shuffle(mut self, shuffle: impl Shuffle) -> Self {
        self.options.shuffle = shuffle.seed();
        self
    }

    /// What dropout and other random layers follow from, beside the step, the layer and the
    /// sample's place in the batch; 0 by default.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.engine.seed = seed;
        self
    }

    /// What each output's loss counts in the sum that is trained,
    /// `TicketsLossWeights { priority: 1.0, department: 0.2 }`; 1 by default. See [`LossWeights`].
    #[must_use]
    pub fn loss_weights(mut self, loss_weights: impl LossWeights<N>) -> Self {
        self.loss_weights = loss_weights.in_order();
        self
    }

    /// How much each of the samples given to `fit` counts: one batch of weights for all outputs alike, or with several
    /// outputs one for each by name, `TicketsSampleWeights { priority: &p, department: &d }`. `validation_split` splits
    /// the weights too. [`weighted`](super::weighted) targets are the form that `evaluate`, `validation_data` and
    /// `train_on_batch` take as well, and go before these in `fit`.
    #[must_use]
    pub fn sample_weight(mut self, sample_weight: impl IntoSampleWeights<'a, N>) -> Self {
        self.options.sample_weight = sample_weight.into_weights();
        self
    }

    /// How much the samples of each class count in `fit`, from class 0 on; one beyond counts 1: Keras's `class_weight`. A
    /// sample's weight multiplies it. With several outputs each may have some, by its name:
    /// `TicketsClassWeights { priority: &[1.0, 9.0], department: &[] }`. Samples of a validation count alike, as in Keras.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 3, Softmax>; }
    /// # let mut tiny = Tiny::new(1);
    /// # let (x, ids) = ([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0]], [0, 0, 2]);
    /// let history = Trainer::new(&mut tiny, Adam::default(), SparseCategoricalCrossentropy::default())
    ///     .class_weight([1.0, 5.0, 10.0])
    ///     .verbose(false)
    ///     .fit(&x, &ids)?;
    /// # Ok::<(), TrainError>(())
    /// ```
    #[must_use]
    pub fn class_weight(mut self, class_weight: impl IntoClassWeights<N>) -> Self {
        self.options.class_weight = class_weight.into_class_weights();
        self
    }

    /// Adds a callback.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'static) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// What is shown of the progress, as Keras's `verbose`: by default, with `true` or 1, bars on a terminal that fit its
    /// width, and a line for each epoch in a file or a pipe; with 2 a line for each epoch everywhere; with `false` or 0
    /// nothing.
    #[must_use]
    pub fn verbose(mut self, verbose: impl Verbosity) -> Self {
        self.options.verbose = verbose.level();
        self
    }
}
