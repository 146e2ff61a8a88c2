//! Targets with what each sample counts.

use fusion_core::Network;

use super::targets::{Batch, Batches, Targets};
use super::weights::{IntoSampleWeights, SampleWeights};

/// Targets, and what each sample counts: Keras's `sample_weight`, wherever there are targets, in `fit`, `evaluate`,
/// `train_on_batch` and as `validation_data`.
///
/// `weights` is one batch for all outputs alike, or with several outputs one for each in the struct of the model's name and
/// `SampleWeights`. A sample's losses are multiplied by its weight, and the sum is divided by the number of samples.
///
/// ```
/// use fusion::prelude::*;
///
/// model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// let mut tiny = Tiny::new(1);
/// let (x, y, w) = ([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0]], [[3.0], [1.0], [0.5]], [1.0, 0.5, 2.0]);
///
/// let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError)
///     .validation_data(&x[1..], weighted(&y[1..], &w[1..]))
///     .verbose(false);
/// let history = trainer.fit(&x, weighted(&y, &w))?;
/// let scores = trainer.evaluate(&x[1..], weighted(&y[1..], &w[1..]))?;
/// assert_eq!(history["val_loss"], [scores["loss"]]);
/// trainer.train_on_batch(&x, weighted(&y, &w))?;
/// # Ok::<(), TrainError>(())
/// ```
#[doc(alias = "sample_weight")]
#[must_use]
pub fn weighted<Y, W>(targets: Y, weights: W) -> Weighted<Y, W> {
    Weighted { targets, weights }
}

/// Targets with what each sample counts, made by [`weighted`].
#[derive(Clone, Copy)]
pub struct Weighted<Y, W> {
    targets: Y,
    weights: W,
}

impl<Y, W> Weighted<Y, W> {
    #[doc(hidden)]
    pub fn parts(self) -> (Y, W) {
        (self.targets, self.weights)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, N: Network, T: 'a, Y: Batch<'a, N, T>, W: IntoSampleWeights<'a, N>> Batch<'a, N, T> for Weighted<Y, W> {
    fn slice(self) -> &'a [T] {
        self.targets.slice()
    }
    fn weighted_slice(self) -> (&'a [T], SampleWeights<'a>) {
        (self.targets.slice(), self.weights.into_weights())
    }
}

#[diagnostic::do_not_recommend]
impl<'a, N: Network, T: Targets, Y: Batches<'a, N, T>, W: IntoSampleWeights<'a, N>> Batches<'a, N, T>
    for Weighted<Y, W>
{
    type Order<Differ> = Y::Order<Differ>;
    fn slices(self) -> T::Slices<'a> {
        self.targets.slices()
    }
    fn weighted_slices(self) -> (T::Slices<'a>, SampleWeights<'a>) {
        (self.targets.slices(), self.weights.into_weights())
    }
}
