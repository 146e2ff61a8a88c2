use alloc::boxed::Box;
use core::fmt;

use super::mean::Values;
use super::{Mean, Metric};
use crate::shape::Tensor;

/// Writes the values of some samples.
type Write<T, Out> = dyn Fn(&[T], &[Out], &mut [f32]) + Send + Sync;

/// A metric of one's own, of a function: the mean of what it gives for each sample. Keras's `MeanMetricWrapper`.
///
/// The function takes a sample's target and prediction and gives a number, or whether something holds, which is how often
/// it does. [`of_batch`](Self::of_batch) is for a number of all samples of a batch together. For a metric of several
/// outputs together a trainer has `metric_of_outputs`; one that remembers more than a mean is a type of one's own, by the
/// trait [`Metric`]. Of an output with a mask the function sees all steps: one that leaves some out is such a type too, by
/// [`Metric::update_masked`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Mean, MeanMetricWrapper, Metric};
///
/// let near = |y: &[f32; 1], z: &[f32; 1]| (z[0] - y[0]).abs() < 0.25;
/// let (metric, mut state) = (MeanMetricWrapper::new("near", near), Mean::default());
/// metric.update(&mut state, &[[1.0], [2.0]], &[[1.125], [0.5]], None);
/// assert_eq!(metric.result(&state), 0.5);
/// ```
#[doc(alias("custom metric", "closure"))]
pub struct MeanMetricWrapper<T, Out> {
    name: &'static str,
    of: Values,
    write: Box<Write<T, Out>>,
}

impl<T: 'static, Out: Tensor<Element = f32>> MeanMetricWrapper<T, Out> {
    /// Of what a sample gives: an `f32`, an `f64`, or a `bool`, which counts 1 or 0.
    ///
    /// The types of the target and of the output are to be written, as in `|y: &[f32; 1], z: &[f32; 1]| …`.
    pub fn new<V: Into<f64>>(name: &'static str, value: impl Fn(&T, &Out) -> V + Send + Sync + 'static) -> Self {
        Self {
            name,
            of: Values::OfSamples,
            write: Box::new(move |targets, predictions, values| {
                for ((target, prediction), found) in targets.iter().zip(predictions).zip(values) {
                    *found = value(target, prediction).into() as f32;
                }
            }),
        }
    }

    /// Of what all samples of a batch give together.
    ///
    /// As in Keras all batches count alike, a short last one too. The batch then goes through the model as one.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::metrics::{Mean, MeanMetricWrapper, Metric};
    ///
    /// let highest = |_: &[[f32; 1]], z: &[[f32; 1]]| z.iter().map(|z| z[0]).fold(f32::MIN, f32::max);
    /// let (metric, mut state) = (MeanMetricWrapper::of_batch("highest", highest), Mean::default());
    /// metric.update(&mut state, &[[0.0]; 3], &[[1.0], [5.0], [2.0]], None);
    /// metric.update(&mut state, &[[0.0]], &[[2.0]], None);
    /// assert_eq!(metric.result(&state), 3.5);
    /// ```
    pub fn of_batch<V: Into<f64>>(
        name: &'static str,
        value: impl Fn(&[T], &[Out]) -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            of: Values::Shared,
            write: Box::new(move |targets, predictions, values| {
                values.fill(value(targets, predictions).into() as f32);
            }),
        }
    }
}

impl<T: Copy + Send + Sync + 'static, Out: Tensor<Element = f32>> Metric<Out> for MeanMetricWrapper<T, Out> {
    type Target = T;
    type State = Mean;

    fn name(&self) -> &'static str {
        self.name
    }

    fn by_batch(&self) -> bool {
        self.of == Values::Shared
    }

    fn update(&self, state: &mut Mean, targets: &[T], predictions: &[Out], weights: Option<&[f32]>) {
        state.add_values(self.of, (targets, predictions), weights, None, &self.write);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

impl<T, Out> fmt::Debug for MeanMetricWrapper<T, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MeanMetricWrapper").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::MeanAbsoluteError;

    #[test]
    fn samples_count_by_their_weights() {
        let metric = MeanMetricWrapper::new("own", |y: &[f32; 1], z: &[f32; 1]| (y[0] - z[0]).abs());
        let (mut found, mut expected) = (Mean::default(), Mean::default());
        let targets: [[f32; 1]; 150] = core::array::from_fn(|i| [i as f32]);
        let weights: [f32; 150] = core::array::from_fn(|i| (i % 7) as f32);
        metric.update(&mut found, &targets, &[[3.0]; 150], Some(&weights));
        expected.add_losses(&MeanAbsoluteError, &targets, &[[3.0]; 150], Some(&weights));
        assert_eq!(found, expected);
    }

    #[test]
    fn of_a_batch_the_function_sees_all() {
        let metric = MeanMetricWrapper::of_batch("own", |y: &[u32], _: &[[f32; 2]]| y.len() as f64);
        let mut state = Mean::default();
        metric.update(&mut state, &[0; 2000], &[[0.0; 2]; 2000], None);
        metric.update(&mut state, &[0; 1000], &[[0.0; 2]; 1000], None);
        assert!(Metric::<[f32; 2]>::by_batch(&metric));
        assert_eq!(state.value(), 1500.0);
    }
}
