use std::mem::ManuallyDrop;

use fusion_core::model::TrainNetwork;
use fusion_core::optimizers::Optimizer;
use fusion_core::{IntoInputs, Model, Network};

use super::callbacks::Callback;
use super::data::Shuffled;
use super::error::TrainError;
use super::functions::Functions;
use super::history::{History, Scores};
use super::losses::{Losses, LossesInOrder};
use super::metrics::Metrics;
use super::running::{Running, Weighing};
use super::step::Engine;
use super::targets::{IntoTargets, Targets};
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
    pub(super) options: Options<'a>,
    /// Nothing is to be dropped here; saying so lets generic code use the model again after the
    /// last use of its trainer.
    pub(super) validation: ManuallyDrop<Option<Validation<'a, N, T>>>,
    /// How many epochs all `fit`s so far had, which draws the order of the next.
    pub(super) epochs_so_far: u64,
}

/// What `fit` goes by.
pub(super) struct Options<'a> {
    pub epochs: usize,
    pub batch_size: usize,
    pub validation_split: Option<f64>,
    pub shuffle: Option<u64>,
    pub sample_weight: SampleWeights<'a>,
    pub verbose: bool,
}

/// Data to validate on, not yet checked.
type Validation<'a, N, T> = (<N as Network>::Inputs<'a>, <T as Targets>::Slices<'a>);

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
            options: Options {
                epochs: 1,
                batch_size: 32,
                validation_split: None,
                shuffle: None,
                sample_weight: SampleWeights::NONE,
                verbose: true,
            },
            validation: ManuallyDrop::new(None),
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

    /// Validates on this share of the data, the last of them, and trains on the others only.
    #[must_use]
    pub fn validation_split(mut self, validation_split: f64) -> Self {
        self.options.validation_split = Some(validation_split);
        self
    }

    /// Validates on these data, and not on a split.
    #[must_use]
    pub fn validation_data(mut self, inputs: impl IntoInputs<'a, N>, targets: impl IntoTargets<'a, N, T>) -> Self {
        self.validation = ManuallyDrop::new(Some((inputs.into_inputs(), targets.into_targets())));
        self
    }

    /// Trains in another order in each epoch, which follows from the seed and the number of epochs
    /// this trainer has made. Without it, samples come in the order of the data: data sorted by their
    /// targets train badly. (Keras's `fit` shuffles by default.)
    ///
    /// The order of an epoch is Fisher and Yates's shuffle of 0, 1, …: for each place from the last
    /// down, `Random::new(seed).at_step(epoch).below(place, place + 1)` is the one it changes with.
    #[must_use]
    pub fn shuffle(mut self, seed: u64) -> Self {
        self.options.shuffle = Some(seed);
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
    /// the weights too; `evaluate`, `validation_data` and `train_on_batch` weigh all samples alike.
    #[must_use]
    pub fn sample_weight(mut self, sample_weight: impl IntoSampleWeights<'a, N>) -> Self {
        self.options.sample_weight = sample_weight.into_weights();
        self
    }

    /// Adds a callback.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'static) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Whether progress is shown; it is by default: bars on a terminal, a line for each epoch in a
    /// file or a pipe.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.options.verbose = verbose;
        self
    }

    /// Trains, and gives the losses and metrics of each epoch.
    ///
    /// A second `fit` goes on: the optimizer keeps its moments and its number of steps, while epochs
    /// are counted anew.
    ///
    /// # Errors
    /// When something is wrong with the data or the options, before any weight changes; and when
    /// the loss becomes NaN or infinite.
    pub fn fit<'d, 't>(
        &mut self,
        inputs: impl IntoInputs<'d, N>,
        targets: impl IntoTargets<'t, N, T>,
    ) -> Result<History, TrainError> {
        self.fit_slices(inputs.into_inputs(), targets.into_targets())
    }

    /// The losses and metrics on these data, without training.
    ///
    /// # Errors
    /// When something is wrong with the data.
    pub fn evaluate<'d, 't>(
        &mut self,
        inputs: impl IntoInputs<'d, N>,
        targets: impl IntoTargets<'t, N, T>,
    ) -> Result<Scores, TrainError> {
        self.evaluate_slices(inputs.into_inputs(), targets.into_targets())
    }

    /// The moving averages of the weights take their place, as they do at the end of `fit`: for an optimizer with
    /// `use_ema` and steps by [`train_on_batch`](Trainer::train_on_batch). Without it nothing happens.
    pub fn finalize_variable_values(&mut self) {
        (self.functions.finalize)(&mut self.engine, self.network, &self.optimizer);
    }

    /// Makes one step with one batch, and gives its losses and metrics from before the step.
    ///
    /// After the first call it allocates nothing, unless there are more than 8 losses and metrics.
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
        self.train_on_slices(inputs.into_inputs(), targets.into_targets())
    }
}
