use std::mem::ManuallyDrop;

use fusion_core::model::TrainNetwork;
use fusion_core::optimizers::Optimizer;
use fusion_core::{IntoInputs, Model, Network};

use super::batches::{BatchError, Show, TrainBatch, show};
use super::callbacks::Callback;
use super::classes::IntoClassWeights;
use super::data::Shuffled;
use super::error::TrainError;
use super::fit::Run;
use super::functions::Functions;
use super::gradient::Gradient;
use super::history::{History, Scores};
use super::losses::{Losses, LossesInOrder};
use super::metrics::Metrics;
use super::progress::Verbosity;
use super::running::{Running, Weighing};
use super::shuffle::Shuffle;
use super::step::Engine;
use super::targets::{IntoTargets, Targets};
use super::together::Together;
use super::weights::{IntoSampleWeights, LossWeights, Numbers, SampleWeights, numbers};

/// Trains and evaluates a model: what Keras's `compile`, `fit` and `evaluate` do.
///
/// It borrows the model, an `&mut Fusion` or `&mut Box<Fusion>`. The optimizer's state belongs to
/// the trainer: a second [`fit`](Trainer::fit) goes on where the first ended.
///
/// ```
/// use fusion::prelude::*;
///
/// model! {
///     pub struct Fusion {
///         input a: [f32; 3];
///         input b: [f32; 5];
///         branch x = a => Dense<_, 8, Relu>;
///         branch y = b => Dense<_, 8, Relu>;
///         output z = concatenate(x, y) => Dense<_, 1>;
///     }
/// }
///
/// let a: Vec<[f32; 3]> = (0..64).map(|i| [i as f32 / 64.0, 0.5, 1.0]).collect();
/// let b: Vec<[f32; 5]> = (0..64).map(|i| [1.0 - i as f32 / 64.0; 5]).collect();
/// let prices: Vec<[f32; 1]> = a.iter().zip(&b).map(|(a, b)| [a[0] - 2.0 * b[0]]).collect();
///
/// let mut model = Fusion::new(42);
/// let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError)
///     .metric(MeanAbsoluteError.named("mae"))
///     .epochs(20)
///     .batch_size(16)
///     .validation_split(0.25)
///     .shuffle(7)
///     .callback(EarlyStopping::new("val_loss").patience(3).restore_best_weights(true))
///     .verbose(false);
/// let history = trainer.fit((&a, &b), &prices)?;
/// assert!(history["loss"].last() < history["loss"].first());
/// let scores = trainer.evaluate((&a, &b), &prices)?;
/// assert!(scores["mae"] < 2.0);
/// assert!(model.predict(&a[0], &b[0])[0].is_finite());
/// # Ok::<(), TrainError>(())
/// ```
///
/// What there is for each of several outputs goes by their names:
///
/// ```
/// use fusion::prelude::*;
///
/// model! {
///     struct Tickets {
///         input text: [f32; 16];
///         output priority = text => Dense<_, 1>;
///         output department = text => Dense<_, 4>;
///     }
/// }
///
/// let (text, priority, department) = (vec![[0.5; 16]; 8], vec![[1.0]; 8], vec![3; 8]);
/// let mut model = Tickets::new(42);
/// let losses = TicketsLosses {
///     priority: BinaryCrossentropy::from_logits(),
///     department: SparseCategoricalCrossentropy::from_logits(),
/// };
/// let mut trainer = Trainer::new(&mut model, RmsProp::default(), losses)
///     .loss_weights(TicketsLossWeights { priority: 1.0, department: 0.2 })
///     .metric(TicketsMetrics { priority: (), department: SparseCategoricalAccuracy.named("accuracy") })
///     .verbose(false);
/// let targets = TicketsTargets { priority: &priority, department: &department };
/// let history = trainer.fit(&text, targets)?;
/// assert!(history["department_loss"][0] > 0.0);
/// assert_eq!(trainer.evaluate(&text, targets)?.get("priority_accuracy"), None);
///
/// let predictions = model.predict_batch(&text).unwrap();
/// assert_eq!(predictions.priority[3], predictions.sample(3).priority);
/// # Ok::<(), TrainError>(())
/// ```
// The type of the targets follows from the losses. It is a parameter because a bound on `L` here
// would make a second error of each mistake in `Trainer::new`.
#[doc(alias = "compile")]
pub struct Trainer<'a, N: Network, O, L, T: Targets> {
    pub(super) network: &'a mut N,
    pub(super) optimizer: O,
    pub(super) losses: L,
    pub(super) functions: Functions<N, O, L, T>,
    pub(super) loss_weights: Numbers,
    pub(super) running: Running<N::Outputs, T>,
    pub(super) engine: Engine<N>,
    pub(super) shuffled: Shuffled<T>,
    pub(super) callbacks: Vec<Box<dyn Callback>>,
    /// What callbacks have to say, not yet shown.
    pub(super) notes: Vec<String>,
    /// Whether a callback has given the model other weights.
    pub(super) weights_given: bool,
    /// Whether the model has the moving averages of its weights in their place.
    pub(super) averages_shown: bool,
    pub(super) options: Options<'a>,
    /// Nothing is to be dropped here; saying so lets generic code use the model again after the
    /// last use of its trainer.
    pub(super) validation: ManuallyDrop<Option<Validation<'a, N, T>>>,
    pub(super) validation_batches: Option<Show<N, T>>,
    /// How many epochs all `fit`s so far had, which draws the order of the next.
    pub(super) epochs_so_far: u64,
}

/// What `fit` goes by.
pub(super) struct Options<'a> {
    pub epochs: usize,
    pub batch_size: usize,
    pub steps_per_epoch: Option<usize>,
    pub validation_split: Option<f64>,
    pub validation_steps: Option<usize>,
    pub shuffle: Option<u64>,
    pub sample_weight: SampleWeights<'a>,
    /// Of each output; empty where all classes count alike.
    pub class_weight: Vec<Vec<f32>>,
    pub verbose: u8,
}

/// Data to validate on, not yet checked.
type Validation<'a, N, T> = (<N as Network>::Inputs<'a>, <T as Targets>::Slices<'a>, SampleWeights<'a>);

impl<'a, N: TrainNetwork, O: Optimizer, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets> Trainer<'a, N, O, L, T> {
    /// A trainer of a model: Keras's `compile`.
    ///
    /// A model with several outputs takes their losses by name, `TicketsLosses { priority: .., department: .. }`; see
    /// [`Losses`].
    #[must_use]
    pub fn new<M: Model<Network = N> + ?Sized, E: Losses<N, InOrder = L>>(
        model: &'a mut M,
        optimizer: O,
        losses: E,
    ) -> Self {
        Self {
            network: model.network_mut(),
            optimizer,
            losses: losses.in_order(),
            functions: Functions::new(),
            loss_weights: numbers(&[]),
            running: Running::new(N::GRAPH.outputs.iter().map(|(name, _)| *name).collect()),
            engine: Engine::default(),
            shuffled: Shuffled::default(),
            callbacks: Vec::new(),
            notes: Vec::new(),
            weights_given: false,
            averages_shown: false,
            options: Options {
                epochs: 1,
                batch_size: 32,
                steps_per_epoch: None,
                validation_split: None,
                validation_steps: None,
                shuffle: Some(0),
                sample_weight: SampleWeights::NONE,
                class_weight: Vec::new(),
                verbose: 1,
            },
            validation: ManuallyDrop::new(None),
            validation_batches: None,
            epochs_so_far: 0,
        }
    }
}

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

    /// Adds a metric of a function, which sees all outputs together: the mean of what it gives for each sample.
    ///
    /// It takes a sample's targets, a tuple of one for each output in their order, and what the model predicts for it, as
    /// `predict` gives it, and gives a number, or whether something holds. It weighs all samples alike, and its name stands
    /// as it is.
    /// A function of one output is a metric with [`MeanMetricWrapper`](crate::metrics::MeanMetricWrapper).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! {
    ///     struct Box2 {
    ///         input photo: [f32; 4];
    ///         output kind = photo => Dense<_, 3>;
    ///         output corner = photo => Dense<_, 2>;
    ///     }
    /// }
    /// let losses = Box2Losses { kind: SparseCategoricalCrossentropy::from_logits(), corner: MeanSquaredError };
    /// let mut model = Box2::new(1);
    /// let mut trainer = Trainer::new(&mut model, Adam::default(), losses)
    ///     // How often both are right.
    ///     .metric_of_outputs("found", |(kind, corner), z| {
    ///         let likeliest = (0..3).max_by(|a, b| z.kind[*a].total_cmp(&z.kind[*b])).unwrap();
    ///         likeliest == *kind as usize && corner.iter().zip(&z.corner).all(|(y, z)| (y - z).abs() < 0.5)
    ///     })
    ///     .verbose(false);
    /// let targets = Box2Targets { kind: &[0, 2], corner: &[[0.5, 0.5], [0.0, 1.0]] };
    /// let scores = trainer.evaluate(&[[0.1, 0.2, 0.3, 0.4], [1.0, 0.0, 0.0, 0.5]], targets)?;
    /// assert!((0.0..=1.0).contains(&scores["found"]));
    /// # Ok::<(), TrainError>(())
    /// ```
    #[must_use]
    pub fn metric_of_outputs<V: Into<f64> + 'static>(
        mut self,
        name: &'static str,
        value: impl Fn(T::Sample<'_>, &N::Output) -> V + Send + 'static,
    ) -> Self {
        self.running.add_metrics(Weighing::Unweighted, Box::new(Together::<N, _, T>::new(name, value)));
        self
    }

    /// Validates on these data, and not on a split.
    #[must_use]
    pub fn validation_data(mut self, inputs: impl IntoInputs<'a, N>, targets: impl IntoTargets<'a, N, T>) -> Self {
        let (targets, weights) = targets.into_weighted();
        self.validation = ManuallyDrop::new(Some((inputs.into_inputs(), targets, weights)));
        self
    }

    /// Validates on batches that come one by one, made anew after each epoch: see [`Trainer::fit_batches`]. Where there is
    /// `validation_data` or a `validation_split`, these go before it.
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

    /// Trains, and gives the losses and metrics of each epoch.
    ///
    /// A second `fit` goes on: the optimizer keeps its moments and its number of steps, while epochs
    /// are counted anew.
    ///
    /// # Errors
    /// When something is wrong with the data or the options, before any weight changes; and when
    /// the loss becomes NaN or infinite: the epochs before are in [`TrainError::history`].
    pub fn fit<'d, 't>(
        &mut self,
        inputs: impl IntoInputs<'d, N>,
        targets: impl IntoTargets<'t, N, T>,
    ) -> Result<History, TrainError> {
        self.fit_slices(inputs.into_inputs(), targets.into_weighted())
    }

    /// The losses and metrics on these data, without training.
    ///
    /// # Errors
    /// When something is wrong with the data, or weights are NaN or infinite.
    pub fn evaluate<'d, 't>(
        &mut self,
        inputs: impl IntoInputs<'d, N>,
        targets: impl IntoTargets<'t, N, T>,
    ) -> Result<Scores, TrainError> {
        self.evaluate_slices(inputs.into_inputs(), targets.into_weighted())
    }

    /// Makes one step with one batch, and gives its losses and metrics from before the step.
    ///
    /// After the first call it allocates nothing, unless there are more than 8 losses and metrics, the batch is so large that
    /// threads share it, or a loss says that it allocates, as `Ctc` does.
    ///
    /// # Errors
    /// When something is wrong with the data, before any weight changes; and when the loss is NaN
    /// or infinite.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let mut tiny = Tiny::new(1);
    /// let mut trainer = Trainer::new(&mut tiny, Sgd::new(0.01), MeanSquaredError);
    /// let first = trainer.train_on_batch(&[[1.0, 2.0]], &[[3.0]])?;
    /// let second = trainer.train_on_batch(&[[1.0, 2.0]], &[[3.0]])?;
    /// assert!(second["loss"] < first["loss"]);
    /// # Ok::<(), TrainError>(())
    /// ```
    pub fn train_on_batch<'d, 't>(
        &mut self,
        inputs: impl IntoInputs<'d, N>,
        targets: impl IntoTargets<'t, N, T>,
    ) -> Result<Scores, TrainError> {
        self.train_on_slices(inputs.into_inputs(), targets.into_weighted())
    }

    /// Trains on batches that come one by one: from files larger than memory, from an augmentation, from a thread that
    /// reads ahead ([`prefetch`](super::prefetch)). `batches` is called for each epoch, counted from 0, and gives an
    /// iterator of [`TrainBatch`]es, or of errors, which end the training.
    ///
    /// A batch makes one step, whatever its size, and samples come as they are: `batch_size`, `shuffle`,
    /// `validation_split` and `sample_weight` say nothing here. Where batches never end,
    /// [`steps_per_epoch`](Trainer::steps_per_epoch) ends the epoch.
    ///
    /// # Errors
    /// As [`Trainer::fit`], where a batch is only checked when it comes: the error names it, and the steps before it
    /// were made.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Line = [f32; 1] => Dense<1, 1>; }
    /// # let mut line = Line::new(1);
    /// // Numbers that are drawn anew in each step.
    /// let draw = |i: u64| {
    ///     let x: Vec<[f32; 1]> = (0..32).map(|j| [fusion::Random::new(i).uniform(j)]).collect();
    ///     let y: Vec<[f32; 1]> = x.iter().map(|[x]| [2.0 * x]).collect();
    ///     Ok::<_, std::io::Error>((x, y))
    /// };
    /// let mut trainer = Trainer::new(&mut line, Sgd::new(0.5), MeanSquaredError)
    ///     .epochs(10)
    ///     .steps_per_epoch(50)
    ///     .verbose(false);
    /// let history = trainer.fit_batches(|epoch| (1000 * epoch as u64..).map(draw))?;
    /// assert!(history["loss"][9] < 1e-3);
    /// # Ok::<(), TrainError>(())
    /// ```
    pub fn fit_batches<I, B, E>(&mut self, mut batches: impl FnMut(usize) -> I) -> Result<History, TrainError>
    where
        I: IntoIterator<Item = Result<B, E>>,
        B: TrainBatch<N, T>,
        E: Into<BatchError>,
    {
        self.check_options()?;
        let given = self.given_validation()?;
        let validated = given.is_some() || self.validation_batches.is_some();
        let steps = self.options.steps_per_epoch;
        let mut train =
            |trainer: &mut Self, run: &mut Run| trainer.train_on_batches(batches(run.epoch).into_iter(), run);
        self.run(steps, validated, &mut train, &mut |trainer: &mut Self| match given {
            Some(data) => Ok(Some(trainer.evaluate_data(data, |_, _| ()))),
            None => trainer.validate_batches(),
        })
    }

    /// Adds to a gradient that of the losses of one batch, and gives its losses and metrics: the first half of
    /// [`Trainer::train_on_batch`], of which [`Trainer::apply`] is the second. What layers keep, such as the moving averages
    /// of batch normalization, moves.
    ///
    /// # Errors
    /// As `train_on_batch`; nothing is added then.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let mut tiny = Tiny::new(1);
    /// # let (x, y) = ([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[3.0], [1.0], [0.5], [2.0]]);
    /// let mut trainer = Trainer::new(&mut tiny, Sgd::new(0.01), MeanSquaredError);
    /// // A step with the mean gradient of two batches.
    /// let mut gradient = Gradient::new();
    /// for (x, y) in x.chunks(2).zip(y.chunks(2)) {
    ///     trainer.accumulate(x, y, &mut gradient)?;
    /// }
    /// gradient.scale(0.5);
    /// trainer.apply(&mut gradient)?;
    /// # Ok::<(), TrainError>(())
    /// ```
    pub fn accumulate<'d, 't>(
        &mut self,
        inputs: impl IntoInputs<'d, N>,
        targets: impl IntoTargets<'t, N, T>,
        gradient: &mut Gradient<N>,
    ) -> Result<Scores, TrainError> {
        self.accumulate_slices(inputs.into_inputs(), targets.into_weighted(), gradient)
    }
}
