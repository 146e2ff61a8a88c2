use alloc::boxed::Box;
use core::fmt;

use super::batch::samples;
use super::{Loss, TargetError};
use crate::shape::Tensor;

/// Writes the losses of some samples.
type Losses<T, Out> = dyn Fn(&[T], &[Out], &mut [f32]) + Send + Sync;

/// Writes the gradient of the sum of weight · loss.
type Gradient<T, Out> = dyn Fn(&[T], &[Out], &[f32], &mut [Out]) + Send + Sync;

/// A loss of one's own, of two functions: the loss of a sample, and its gradient with respect to what the model predicts.
///
/// The first takes a sample's target and prediction and gives its loss. The second writes the gradient, which begins as
/// zero, into an array of the output's type. Keras finds the gradient itself; [`of_batch`](Self::of_batch) is for a loss
/// of all samples together. Where an output has a mask, or where targets are to be checked, a type of one's own is a loss
/// by the trait [`Loss`]. It is a metric too, under its name.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, LossFunctionWrapper};
///
/// // What is predicted too high costs three times as much.
/// let cost = |y: &[f32; 1], z: &[f32; 1]| if z[0] > y[0] { 3.0 * (z[0] - y[0]) } else { y[0] - z[0] };
/// let slope = |y: &[f32; 1], z: &[f32; 1], gradient: &mut [f32; 1]| gradient[0] = if z[0] > y[0] { 3.0 } else { -1.0 };
/// let loss = LossFunctionWrapper::new("cost", cost, slope);
///
/// let mut losses = [0.0; 2];
/// loss.losses(&[[1.0], [1.0]], &[[2.0], [0.0]], &mut losses);
/// assert_eq!(losses, [3.0, 1.0]);
/// ```
#[doc(alias("custom loss", "closure"))]
pub struct LossFunctionWrapper<T, Out> {
    name: &'static str,
    is_shared: bool,
    losses: Box<Losses<T, Out>>,
    gradient: Box<Gradient<T, Out>>,
}

impl<T: 'static, Out: Tensor<Element = f32>> LossFunctionWrapper<T, Out> {
    /// Of the loss of a sample, and its gradient with respect to the prediction, which begins as zero.
    ///
    /// The types of the target and of the output are to be written, as in `|y: &[f32; 1], z: &[f32; 1]| …`; a target may
    /// be anything that is `Copy`.
    pub fn new(
        name: &'static str,
        loss: impl Fn(&T, &Out) -> f32 + Send + Sync + 'static,
        gradient: impl Fn(&T, &Out, &mut Out) + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            is_shared: false,
            losses: Box::new(move |targets, predictions, losses| {
                for ((target, prediction), found) in targets.iter().zip(predictions).zip(losses) {
                    *found = loss(target, prediction);
                }
            }),
            gradient: Box::new(move |targets, predictions, weights, gradients| {
                Out::numbers_mut(gradients).fill(0.0);
                for (index, found) in gradients.iter_mut().enumerate() {
                    gradient(&targets[index], &predictions[index], found);
                    scale(found, weights[index]);
                }
            }),
        }
    }

    /// Of one loss of all samples of a batch, and its gradient with respect to all predictions, which begins as zero.
    ///
    /// The batch then goes through the model as one. Sample weights count by their mean.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::losses::{Loss, LossFunctionWrapper};
    ///
    /// // The square of how much is predicted too high on the whole.
    /// let bias = |y: &[[f32; 1]], z: &[[f32; 1]]| {
    ///     y.iter().zip(z).map(|(y, z)| z[0] - y[0]).sum::<f32>() / y.len() as f32
    /// };
    /// let loss = LossFunctionWrapper::of_batch(
    ///     "bias",
    ///     move |y: &[[f32; 1]], z: &[[f32; 1]]| bias(y, z) * bias(y, z),
    ///     move |y: &[[f32; 1]], z: &[[f32; 1]], gradient: &mut [[f32; 1]]| {
    ///         gradient.fill([2.0 * bias(y, z) / y.len() as f32]);
    ///     },
    /// );
    /// let mut losses = [0.0; 2];
    /// loss.losses(&[[1.0], [1.0]], &[[2.0], [4.0]], &mut losses);
    /// assert_eq!(losses, [4.0, 4.0]);
    /// ```
    pub fn of_batch(
        name: &'static str,
        loss: impl Fn(&[T], &[Out]) -> f32 + Send + Sync + 'static,
        gradient: impl Fn(&[T], &[Out], &mut [Out]) + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            is_shared: true,
            losses: Box::new(move |targets, predictions, losses| losses.fill(loss(targets, predictions))),
            gradient: Box::new(move |targets, predictions, weights, gradients| {
                Out::numbers_mut(gradients).fill(0.0);
                gradient(targets, predictions, gradients);
                let weight: f32 = weights.iter().sum();
                gradients.iter_mut().for_each(|gradient| scale(gradient, weight));
            }),
        }
    }
}

fn scale<Out: Tensor<Element = f32>>(gradient: &mut Out, weight: f32) {
    Out::numbers_mut(core::slice::from_mut(gradient)).iter_mut().for_each(|number| *number *= weight);
}

impl<T: Copy + Send + Sync + 'static, Out: Tensor<Element = f32>> Loss<Out> for LossFunctionWrapper<T, Out> {
    type Target = T;

    fn name(&self) -> &'static str {
        self.name
    }

    fn by_batch(&self) -> bool {
        self.is_shared
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }

    fn losses(&self, targets: &[T], predictions: &[Out], losses: &mut [f32]) {
        samples(targets, predictions);
        (self.losses)(targets, predictions, losses);
    }

    fn gradient(&self, targets: &[T], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
        samples(targets, predictions);
        (self.gradient)(targets, predictions, weights, gradient);
    }

    /// Any target is taken: what the functions make of it shows, as a loss that is NaN does.
    fn check(&self, _targets: &[T]) -> Result<(), TargetError> {
        Ok(())
    }
}

impl<T, Out> fmt::Debug for LossFunctionWrapper<T, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LossFunctionWrapper").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::{Dice, MeanSquaredError};

    type Vector = [f32; 3];
    const TARGETS: [Vector; 2] = [[1.0, -2.0, 0.5], [0.0, 1.0, 3.0]];
    const PREDICTIONS: [Vector; 2] = [[0.5, 1.0, 0.25], [-1.0, 4.0, 2.0]];
    const WEIGHTS: [f32; 2] = [0.5, 2.0];

    fn gradient(loss: &impl Loss<Vector, Target = Vector>) -> [Vector; 2] {
        let mut gradient = [[f32::NAN; 3]; 2];
        loss.gradient(&TARGETS, &PREDICTIONS, &WEIGHTS, &mut gradient);
        gradient
    }

    #[test]
    fn a_loss_by_functions_is_the_one_of_this_crate() {
        let mean = |y: &Vector, z: &Vector| y.iter().zip(z).map(|(y, z)| (z - y) * (z - y)).sum::<f32>() / 3.0;
        let slope = |y: &Vector, z: &Vector, gradient: &mut Vector| {
            for ((gradient, y), z) in gradient.iter_mut().zip(y).zip(z) {
                *gradient += (z - y) * 2.0 / 3.0;
            }
        };
        let own = LossFunctionWrapper::new("own", mean, slope);
        let (mut found, mut expected) = ([f32::NAN; 2], [f32::NAN; 2]);
        own.losses(&TARGETS, &PREDICTIONS, &mut found);
        MeanSquaredError.losses(&TARGETS, &PREDICTIONS, &mut expected);
        assert_eq!(found, expected);
        let pairs = gradient(&own).into_iter().flatten().zip(gradient(&MeanSquaredError).into_iter().flatten());
        pairs.for_each(|(found, expected)| assert!((found - expected).abs() < 1e-6, "{found} {expected}"));
    }

    #[test]
    fn a_loss_of_the_batch_counts_the_sum_of_the_weights() {
        let dice = Dice::default();
        let value = move |y: &[Vector], z: &[Vector]| {
            let mut losses = [0.0; 2];
            dice.losses(y, z, &mut losses);
            losses[0]
        };
        let slope = move |y: &[Vector], z: &[Vector], gradient: &mut [Vector]| {
            dice.gradient(y, z, &[0.5; 2], gradient);
        };
        let own = LossFunctionWrapper::of_batch("own", value, slope);
        assert!(Loss::<Vector>::by_batch(&own) && Loss::<Vector>::is_shared(&own));
        let pairs = gradient(&own).into_iter().flatten().zip(gradient(&dice).into_iter().flatten());
        pairs.for_each(|(found, expected)| assert!((found - expected).abs() < 1e-6, "{found} {expected}"));
    }
}
