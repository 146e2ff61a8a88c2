use alloc::vec::Vec;

use super::{Loss, TargetError};
use crate::shape::Tensor;

/// How the losses of a batch become one number: Keras's `reduction`.
///
/// What Keras calls `None` is [`Loss::losses`], which gives each sample's.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Reduction {
    /// Their mean: Keras's default, `"sum_over_batch_size"`, and `"mean"`.
    #[default]
    #[doc(alias("mean", "sum_over_batch_size"))]
    SumOverBatchSize,
    /// Their sum, over the positions of each sample too: a larger batch makes a larger step.
    Sum,
}

/// Gives a loss another reduction.
///
/// The method stands apart from [`Loss`] because it does not depend on the output: `MeanSquaredError.reduction(…)` needs no
/// types. It is there for every type, but only a reduced loss is a loss.
pub trait LossReduction: Sized {
    /// The same loss, with its batches reduced so.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::losses::{Loss, LossReduction, MeanSquaredError, Reduction};
    ///
    /// let (y, z) = ([[1.0_f32, 2.0], [0.0, 0.0]], [[1.5, 1.0], [1.0, 1.0]]);
    /// let sum = MeanSquaredError.reduction(Reduction::Sum);
    /// assert_eq!(MeanSquaredError.batch_loss(&y, &z, None), 0.8125);
    /// assert_eq!(sum.batch_loss(&y, &z, None), 1.625);
    /// assert_eq!(sum.batch_loss(&y, &z, Some(&[1.0, 0.5])), 1.125);
    /// ```
    fn reduction(self, reduction: Reduction) -> Reduced<Self> {
        Reduced { loss: self, reduction }
    }
}
impl<L> LossReduction for L {}

/// A loss with another [`Reduction`], made by [`LossReduction::reduction`].
///
/// With [`Reduction::Sum`] a batch is one tile in training, and an output must have no mask. A loss that all samples of a
/// batch share, as `Dice` by default, is what it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reduced<L> {
    loss: L,
    reduction: Reduction,
}

impl<L> Reduced<L> {
    /// What the mean over the samples is to be multiplied by.
    fn scale<Out: Tensor<Element = f32>>(&self, targets: &[L::Target]) -> f32
    where
        L: Loss<Out>,
    {
        if self.reduction == Reduction::SumOverBatchSize || self.loss.is_shared() {
            return 1.0;
        }
        let mut counts = Vec::new();
        self.loss.counts(targets, &mut counts);
        if !counts.is_empty() {
            return counts.iter().map(|counts| f64::from(*counts)).sum::<f64>() as f32;
        }
        // The loss of a sample is the mean over its positions; one that takes no steps has one value a sample.
        let positions = if self.loss.by_step() { Out::SHAPE.positions().max(1) } else { 1 };
        (targets.len() * positions) as f32
    }
}

impl<Out: Tensor<Element = f32>, L: Loss<Out>> Loss<Out> for Reduced<L> {
    type Target = L::Target;

    fn name(&self) -> &'static str {
        self.loss.name()
    }

    fn of_logits(&self) -> Option<Self> {
        Some(Self { loss: self.loss.of_logits()?, reduction: self.reduction })
    }

    fn by_step(&self) -> bool {
        self.reduction == Reduction::SumOverBatchSize && self.loss.by_step()
    }

    fn by_batch(&self) -> bool {
        self.reduction == Reduction::Sum || self.loss.by_batch()
    }

    fn is_shared(&self) -> bool {
        self.loss.is_shared()
    }

    fn counts(&self, targets: &[L::Target], counts: &mut Vec<f32>) {
        self.loss.counts(targets, counts);
    }

    fn losses(&self, targets: &[L::Target], predictions: &[Out], losses: &mut [f32]) {
        self.loss.losses(targets, predictions, losses);
        let scale = self.scale(targets);
        losses.iter_mut().for_each(|loss| *loss *= scale);
    }

    fn gradient(&self, targets: &[L::Target], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
        self.loss.gradient(targets, predictions, weights, gradient);
        let scale = self.scale(targets);
        if scale != 1.0 {
            Out::numbers_mut(gradient).iter_mut().for_each(|slope| *slope *= scale);
        }
    }

    fn check(&self, targets: &[L::Target]) -> Result<(), TargetError> {
        self.loss.check(targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::{CategoricalCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy};

    type Steps = [[f32; 2]; 3];
    const Y: [Steps; 2] = [[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]];
    const Z: [Steps; 2] = [[[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]], [[0.6, 0.4], [0.2, 0.8], [0.3, 0.7]]];
    const WEIGHTS: [f32; 2] = [0.5, 2.0];

    /// The expected numbers are Keras's for these values.
    #[test]
    fn the_sum_is_that_of_all_positions() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        let sum = MeanSquaredError.reduction(Reduction::Sum);
        near(sum.batch_loss(&Y, &Z, None), 2.0125);
        near(sum.batch_loss(&Y, &Z, Some(&WEIGHTS)), 2.34125);
        near(MeanSquaredError.batch_loss(&Y, &Z, Some(&WEIGHTS)), 2.34125 / 6.0);
        let sum = CategoricalCrossentropy::default().reduction(Reduction::Sum);
        near(sum.batch_loss(&Y, &Z, None), 5.760_352_611_541_748);
        let ids = [[0, 1, 1], [0, 0, 1]];
        let ignoring = SparseCategoricalCrossentropy::default().ignore_class(0);
        near(ignoring.reduction(Reduction::Sum).batch_loss(&ids, &Z, None), 2.946_942_090_988_159);
        near(ignoring.batch_loss(&ids, &Z, None), 2.946_942_090_988_159 / 3.0);
    }

    #[test]
    fn the_gradient_is_that_of_the_sum() {
        let (mut mean, mut sum) = ([Steps::ZERO; 2], [Steps::ZERO; 2]);
        MeanSquaredError.gradient(&Y, &Z, &WEIGHTS.map(|weight| weight / 2.0), &mut mean);
        let reduced = MeanSquaredError.reduction(Reduction::Sum);
        reduced.gradient(&Y, &Z, &WEIGHTS.map(|weight| weight / 2.0), &mut sum);
        let pairs = Steps::numbers(&mean).iter().zip(Steps::numbers(&sum));
        pairs.for_each(|(mean, sum)| assert!((6.0 * mean - sum).abs() < 1e-6, "{mean} {sum}"));
        assert!(Loss::<Steps>::by_batch(&reduced) && !Loss::<Steps>::by_step(&reduced));
    }
}
