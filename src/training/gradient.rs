use fusion_core::kernels::zero;
use fusion_core::model::{self, Outputs, PassOptions, PredictError, TrainNetwork, Workspace};
use fusion_core::shape::zeroed_box;
use fusion_core::weights::walk;
use fusion_core::{IntoInputs, Model, Network, Random, Tensor};

use super::logits::AskedLogits;
use super::passes::{BackwardMemory, ForwardMemory};
use super::sums::{Shards, add_parts};

/// The gradient of a loss with respect to a model's weights and, if they are asked for, its inputs.
///
/// [`Trainer::accumulate`](super::Trainer::accumulate) adds that of the trainer's losses, and
/// [`Trainer::apply`](super::Trainer::apply) makes a step along it: what lies between is a loop of the user's. For a loss
/// that is none of each output alone, [`Gradient::add`] takes it as a closure.
///
/// ```
/// use fusion::prelude::*;
///
/// model! { struct Line = [f32; 2] => Dense<2, 1>; }
/// let (x, y) = ([[1.0, 2.0], [3.0, 4.0]], [[1.0], [0.0]]);
/// let mut line = Line::new(1);
///
/// // The mean of the squared errors, by hand.
/// let mut gradient = Gradient::<Line>::new();
/// let loss = gradient.add(&line, &x, |outputs, gradients| {
///     let mut loss = 0.0;
///     for ((output, target), gradient) in outputs.iter().zip(&y).zip(gradients) {
///         let error = output[0] - target[0];
///         loss += f64::from(error * error) / 2.0;
///         gradient[0] = error;
///     }
///     loss
/// })?;
/// let errors: f32 = line.predict_batch(&x)?.iter().zip(&y).map(|(z, y)| z[0] - y[0]).sum();
/// assert!((gradient.weights().dense.bias[0] - errors).abs() < 1e-6);
///
/// let mut trainer = Trainer::new(&mut line, Sgd::new(0.01), MeanSquaredError).verbose(false);
/// trainer.apply(&mut gradient)?;
/// assert!(trainer.evaluate(&x, &y)?["loss"] < loss);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Gradient<N: Network> {
    weights: Box<N>,
    /// Of gradients that come in rows, each squared before they were added; where the model has any.
    squares: Option<Box<N>>,
    random: Option<Random>,
    inputs: bool,
    /// How many samples went through last.
    samples: usize,
    forward: ForwardMemory,
    backward: BackwardMemory,
    workspace: Workspace<N>,
}

impl<N: Network> Default for Gradient<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Network> Gradient<N> {
    /// Zero.
    #[must_use]
    pub fn new() -> Self {
        Self {
            weights: zeroed_box(),
            squares: N::SPARSE.then(zeroed_box),
            random: None,
            inputs: false,
            samples: 0,
            forward: ForwardMemory::default(),
            backward: BackwardMemory::default(),
            workspace: Workspace::default(),
        }
    }

    /// Lets [`Gradient::add`] go through the model as in training: dropout drops by these random numbers, batch
    /// normalization takes the statistics of the batch. Without it, all is as in `predict`.
    #[must_use]
    pub fn training(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// Lets [`Gradient::add`] find the gradient with respect to the inputs too: see [`Gradient::input`].
    #[must_use]
    pub fn of_inputs(mut self) -> Self {
        self.inputs = true;
        self
    }

    /// The gradient of each weight, in its place: `gradient.weights().dense.kernel`.
    #[must_use]
    pub fn weights(&self) -> &N {
        &self.weights
    }

    /// The same to change.
    #[must_use]
    pub fn weights_mut(&mut self) -> &mut N {
        &mut self.weights
    }

    /// Multiplies it by a number, as 1 / n after n batches.
    pub fn scale(&mut self, factor: f32) {
        let scale = |values: &mut [f32], factor: f32| values.iter_mut().for_each(|value| *value *= factor);
        walk([&mut *self.weights], &mut |_, [values]| scale(values, factor));
        if let Some(squares) = &mut self.squares {
            walk([&mut **squares], &mut |_, [values]| scale(values, factor * factor));
        }
    }

    /// Makes it zero.
    pub fn clear(&mut self) {
        for sums in [&mut self.weights].into_iter().chain(&mut self.squares) {
            walk([&mut **sums], &mut |_, [values]| zero(values));
        }
    }

    pub(super) fn parts(&mut self) -> (&mut N, Option<&mut N>) {
        (&mut self.weights, self.squares.as_deref_mut())
    }

    /// Adds a batch's sums, which are zero then.
    pub(super) fn take(&mut self, sums: &mut Shards<N>) {
        add_parts(self.parts(), sums.parts());
    }
}

impl<N: TrainNetwork> Gradient<N> {
    /// Adds the gradient of a loss of the whole batch, and gives the loss.
    ///
    /// `loss` is shown what the model predicts, as [`Model::predict_batch`] gives it, and writes the gradient of the loss
    /// with respect to that, which begins as zero; of a model with several outputs both have their names. It may take all
    /// outputs together, and all samples. The batch goes through as one, in memory that grows with it. The model's
    /// regularizers are not part of it.
    ///
    /// # Errors
    /// When the inputs have different numbers of samples, or an id is out of range; nothing is added then.
    pub fn add<'d, M: Model<Network = N> + ?Sized>(
        &mut self,
        model: &M,
        inputs: impl IntoInputs<'d, N>,
        loss: impl FnOnce(&N::Predictions, N::PredictionsMut<'_>) -> f64,
    ) -> Result<f64, PredictError> {
        let (network, operands) = (model.network(), N::many(inputs.into_inputs()));
        let samples = model::samples::<N>(operands.as_ref())?;
        model::check_inputs(network, operands, samples, &mut self.workspace)
            .map_err(|(name, error)| PredictError::Input { name, error })?;
        let options = match self.random {
            Some(random) => PassOptions::training(samples, random),
            None => PassOptions { training: false, ..PassOptions::training(samples, Random::new(0)) },
        };
        self.samples = samples;
        let seen = self.forward.run(network, options, operands.as_ref(), &AskedLogits::NONE);
        let mut rows = N::Outputs::rows(samples);
        N::Outputs::copy(seen.outputs, &mut N::Outputs::rows_mut(&mut rows), 0);
        let gradients = self.backward.zeros::<N>(samples, self.inputs);
        let loss = loss(&N::predictions(rows), N::named_mut(gradients));

        let wanted = vec![self.inputs; if self.inputs { N::GRAPH.inputs.len() } else { 0 }];
        let sums = model::Sums { gradient: Some(&mut *self.weights), squares: self.squares.as_deref_mut() };
        let pass = (options, operands.as_ref(), wanted.as_slice());
        self.backward.back_to(network, sums, &mut self.forward, &AskedLogits::NONE, pass);
        Ok(loss)
    }

    /// The gradient with respect to an input of this name, of the batch that was added last; none where
    /// [`Gradient::of_inputs`] was not asked for, where there is no such input or where it has another type.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! {
    ///     struct Scorer {
    ///         input photo: [f32; 4, 4];
    ///         output score = photo => Flatten => Dense<_, 1>;
    ///     }
    /// }
    /// let scorer = Scorer::new(1);
    /// let photo = [[[0.5; 4]; 4]];
    ///
    /// // How the score moves with each pixel: a saliency map.
    /// let mut gradient = Gradient::<Scorer>::new().of_inputs();
    /// gradient.add(&scorer, &photo, |score, gradient| {
    ///     gradient[0] = [1.0];
    ///     f64::from(score[0][0])
    /// })?;
    /// let saliency = gradient.input::<[[f32; 4]; 4]>("photo").unwrap();
    /// assert_eq!(saliency[0][1][2], scorer.dense.kernel[6][0]);
    /// # Ok::<(), fusion::PredictError>(())
    /// ```
    #[must_use]
    pub fn input<In: Tensor<Element = f32>>(&mut self, name: &str) -> Option<&[In]> {
        let input = N::GRAPH.inputs.iter().position(|wire| wire.name == name)?;
        let wire = &N::GRAPH.inputs[input];
        let there = self.inputs && self.samples > 0 && wire.element.is_number() && wire.shape == In::SHAPE;
        there.then(|| In::of_memory(self.backward.of_input::<N>(self.samples, input)))
    }
}
