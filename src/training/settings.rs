//! What a trainer has that asks nothing of types: its plain numbers, and the way to what it holds. Whatever takes a type of
//! the user's stands beside the trainer itself, so that the compiler names it in few words.

use std::path::Path;

use fusion_core::Network;
use fusion_core::kernels::Threads;

use super::error::TrainError;
use super::gradient::Gradient;
use super::targets::Targets;
use super::trainer::Trainer;
use crate::persistence::WeightsError;

impl<'a, N: Network, O, L, T: Targets> Trainer<'a, N, O, L, T> {
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

    /// What dropout and other random layers follow from, beside the step, the layer and the
    /// sample's place in the batch; 0 by default.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.engine.seed = seed;
        self
    }

    /// How many threads work on a batch that is large enough for several; as many as the machine has by default, and the
    /// feature `threads` is on. Their number changes no bit of a result.
    ///
    /// 0 and 1 are this thread alone. Threads are started where there is work for several.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let mut tiny = Tiny::new(1);
    /// let trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).threads(1);
    /// ```
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.engine.threads = Threads::new(threads);
        self
    }

    /// The model as it is now, between two `fit`s too: to predict with, to save its weights.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let mut tiny = Tiny::new(1);
    /// # let (x, y) = ([[1.0, 2.0], [2.0, 0.0]], [[3.0], [1.0]]);
    /// let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).verbose(false);
    /// trainer.fit(&x, &y)?;
    /// let before = trainer.model().predict_batch(&x).unwrap();
    /// trainer.fit(&x, &y)?; // goes on, with the optimizer as it is
    /// assert_ne!(trainer.model().predict_batch(&x).unwrap(), before);
    /// # Ok::<(), TrainError>(())
    /// ```
    #[must_use]
    pub fn model(&self) -> &N {
        self.network
    }

    /// The same to change, for example to load other weights; the optimizer keeps its moments.
    #[must_use]
    pub fn model_mut(&mut self) -> &mut N {
        self.network
    }

    /// The optimizer.
    #[must_use]
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// How many steps were made so far, in all `fit`s and by `train_on_batch`.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.engine.steps
    }

    /// The model and the optimizer. What the optimizer keeps of each weight is gone.
    #[must_use]
    pub fn into_parts(self) -> (&'a mut N, O) {
        (self.network, self.optimizer)
    }

    /// The moving averages of the weights take their place, as they do at the end of `fit`: for an optimizer with
    /// `use_ema` and steps by [`train_on_batch`](Trainer::train_on_batch). Without it nothing happens.
    pub fn finalize_variable_values(&mut self) {
        (self.functions.finalize)(&mut self.engine, self.network, &self.optimizer);
    }

    /// Writes all of a training to one file: the weights, what the optimizer keeps, how many steps and epochs there were,
    /// the seeds. [`Trainer::load`] goes on from it to the same bits.
    ///
    /// The file is the old one or the new one, whole, whatever happens.
    ///
    /// # Errors
    /// As [`WeightFiles::save_weights`](crate::persistence::WeightFiles::save_weights).
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let (x, y) = ([[1.0, 2.0], [2.0, 0.0]], [[3.0], [1.0]]);
    /// # let path = std::env::temp_dir().join(format!("fusion-trainer-{}", std::process::id()));
    /// let (mut whole, mut resumed) = (Tiny::new(1), Tiny::new(2));
    /// let mut trainer = Trainer::new(&mut whole, Adam::default(), MeanSquaredError).verbose(false);
    /// trainer.fit(&x, &y)?;
    /// trainer.save(&path)?;
    /// trainer.fit(&x, &y)?;
    ///
    /// let mut trainer = Trainer::new(&mut resumed, Adam::default(), MeanSquaredError).verbose(false);
    /// trainer.load(&path)?;
    /// trainer.fit(&x, &y)?;
    /// assert_eq!(resumed.dense, whole.dense);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        self.save_to(path.as_ref(), None)
    }

    /// Takes over all that [`Trainer::save`] wrote, of the same model and an optimizer of the same kind.
    ///
    /// # Errors
    /// When the file cannot be read, or is that of another model or optimizer; nothing has changed then.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        self.load_from(path.as_ref(), |_, _| true).map(|_| ())
    }

    /// Makes one step of the optimizer along a gradient, which is zero then.
    ///
    /// # Errors
    /// When the optimizer has an option that cannot be, or the gradient is NaN or infinite: nothing has changed then.
    pub fn apply(&mut self, gradient: &mut Gradient<N>) -> Result<(), TrainError> {
        self.apply_gradient(gradient)
    }
}
