use alloc::{vec, vec::Vec};

use super::{Metric, MetricState};
use crate::losses::{Loss, every_loss, join_masks};
use crate::shape::Tensor;

/// What the values are that a metric is the mean of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Each sample has its own.
    OfSamples,
    /// The same, and the whole batch has to be seen.
    OfBatch,
    /// All samples of a batch have one. As in Keras all batches count alike, whatever their size.
    Shared,
}

/// A weighted mean of what samples gave so far: the state of most metrics.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Mean {
    total: f64,
    weight: f64,
}

impl MetricState for Mean {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        let Self { total, weight } = self;
        [total, weight].into_iter().for_each(number);
    }
}

impl Mean {
    /// Takes in one sample's value.
    pub fn add(&mut self, value: f64, weight: f64) {
        self.total += weight * value;
        self.weight += weight;
    }

    /// Takes in the values of a batch, each with its sample's weight, or 1.
    pub fn extend(&mut self, values: impl Iterator<Item = f64>, weights: Option<&[f32]>) {
        for (value, sample) in values.zip(0..) {
            self.add(value, weight_of(sample, weights));
        }
    }

    /// The same, or where there is a mask, the values of its steps, each of which counts what its sample does.
    pub fn extend_masked(
        &mut self,
        values: impl Iterator<Item = f64>,
        samples: usize,
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        let Some(mask) = mask else { return self.extend(values, weights) };
        let steps = mask.len().checked_div(samples).unwrap_or(0).max(1);
        for ((value, counts), step) in values.zip(mask).zip(0..) {
            self.add(value, f64::from(*counts) * weight_of(step / steps, weights));
        }
    }

    /// Takes in the losses of a batch's samples, with which a loss is a metric too.
    ///
    /// # Panics
    /// If there are not as many targets or weights as predictions.
    pub fn add_losses<Out: Tensor<Element = f32>, L: Loss<Out>>(
        &mut self,
        loss: &L,
        targets: &[L::Target],
        predictions: &[Out],
        weights: Option<&[f32]>,
    ) {
        self.add_losses_masked(loss, targets, predictions, weights, None);
    }

    /// The same of an output with a mask, of a loss that [takes steps](Loss::by_step).
    ///
    /// # Panics
    /// If there are not as many targets or weights as predictions, or the mask is not that of so many samples.
    pub fn add_losses_masked<Out: Tensor<Element = f32>, L: Loss<Out>>(
        &mut self,
        loss: &L,
        targets: &[L::Target],
        predictions: &[Out],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        let mut counts = Vec::new();
        loss.counts(targets, &mut counts);
        if let (false, Some(mask)) = (counts.is_empty(), mask) {
            join_masks(&mut counts, mask);
        }
        let mask = if counts.is_empty() { mask } else { Some(&*counts) };
        let of = match loss.by_batch() {
            _ if loss.is_shared() => Values::Shared,
            true => Values::OfBatch,
            false => Values::OfSamples,
        };
        self.add_values(of, (targets, predictions), weights, mask, |targets, predictions, losses| {
            loss.losses(targets, predictions, losses);
        });
    }

    /// Takes in the values that `values` writes of some samples, one for each of them or each of their steps.
    pub(super) fn add_values<Out, T>(
        &mut self,
        of: Values,
        (targets, predictions): (&[T], &[Out]),
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
        values: impl Fn(&[T], &[Out], &mut [f32]),
    ) {
        let samples = predictions.len();
        assert!(targets.len() == samples, "{} targets, {samples} predictions", targets.len());
        let steps = mask.map_or(1, |mask| mask.len().checked_div(samples).unwrap_or(1));
        let least = if of == Values::OfSamples { 1 } else { samples.max(1) };
        with_memory(least * steps, |memory| {
            // A few at a time, so that they need no memory of their own.
            let chunk = memory.len() / steps.max(1);
            for start in (0..samples).step_by(chunk) {
                let end = samples.min(start + chunk);
                let found = &mut memory[..(end - start) * steps];
                values(&targets[start..end], &predictions[start..end], found);
                let weights = weights.map(|weights| &weights[start..end]);
                let mask = mask.map(|mask| &mask[start * steps..end * steps]);
                let found = found.iter().map(|value| f64::from(*value));
                if of == Values::Shared {
                    let mut all = Self::default();
                    all.extend_masked(found, samples, weights, mask);
                    self.add(all.value(), all.weight / (samples * steps) as f64);
                } else {
                    self.extend_masked(found, end - start, weights, mask);
                }
            }
        });
    }

    /// Σ weight · value / Σ weight; 0 where nothing weighs anything, as in Keras.
    #[must_use]
    pub fn value(&self) -> f64 {
        divide(self.total, self.weight)
    }
}

/// Calls back with room for the values of a few samples, for so many at least.
fn with_memory(least: usize, call: impl FnOnce(&mut [f32])) {
    const CHUNK: usize = 64;
    const LONG: usize = 1024;
    if least <= CHUNK {
        call(&mut [0.0; CHUNK]);
    } else if least <= LONG {
        call(&mut [0.0; LONG]);
    } else {
        call(&mut vec![0.0; least]);
    }
}

/// A sample's weight as a wide number, 1 where there are none.
pub(super) fn weight_of(sample: usize, weights: Option<&[f32]>) -> f64 {
    weights.map_or(1.0, |weights| f64::from(weights[sample]))
}

/// Keras's `divide_no_nan`: 0 where the divisor is 0.
pub(super) fn divide(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// Makes a metric of a loss: its mean over the samples, under the loss's own name. Keras's cosine similarity is a loss
/// that gets smaller, and a metric that gets larger.
// One implementation for all losses cannot be: other crates may implement `Loss` for our metrics.
macro_rules! metric_of_loss {
    ($($file:ident::$Loss:ident),+ $(,)?; $other:ident::$Other:ident) => {
        $(metric_of_loss!(crate::losses::$Loss, core::convert::identity);)+
        metric_of_loss!(crate::losses::$Other, core::ops::Neg::neg);
    };
    ($Loss:ty, $of_mean:path $(, $($parameters:tt)+)?) => {
        impl<$($($parameters)+,)? Out: Tensor<Element = f32>> Metric<Out> for $Loss
        where
            Self: Loss<Out>,
        {
            type Target = <Self as Loss<Out>>::Target;
            type State = Mean;
            fn name(&self) -> &'static str {
                Loss::<Out>::name(self)
            }
            fn of_logits(&self) -> Option<Self> {
                Loss::<Out>::of_logits(self)
            }
            fn by_batch(&self) -> bool {
                Loss::<Out>::by_batch(self)
            }
            fn update(
                &self,
                state: &mut Mean,
                targets: &[Self::Target],
                predictions: &[Out],
                weights: Option<&[f32]>,
            ) {
                state.add_losses(self, targets, predictions, weights);
            }
            fn update_masked(
                &self,
                state: &mut Mean,
                targets: &[Self::Target],
                predictions: &[Out],
                weights: Option<&[f32]>,
                mask: Option<&[f32]>,
            ) {
                if Loss::<Out>::by_step(self) {
                    state.add_losses_masked(self, targets, predictions, weights, mask);
                } else {
                    state.add_losses(self, targets, predictions, weights);
                }
            }
            fn result(&self, state: &Mean) -> f64 {
                $of_mean(state.value())
            }
        }
    };
}
every_loss!(metric_of_loss);
metric_of_loss!(crate::losses::Ctc<LABELS>, core::convert::identity, const LABELS: usize);
metric_of_loss!(
    crate::losses::LossFunctionWrapper<T, Out>,
    core::convert::identity,
    T: Copy + Send + Sync + 'static
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::MeanAbsoluteError;

    #[test]
    fn batches_larger_than_a_chunk_keep_their_weights() {
        let (mut state, mut expected) = (Mean::default(), Mean::default());
        let targets: [[f32; 1]; 150] = core::array::from_fn(|i| [i as f32]);
        let weights: [f32; 150] = core::array::from_fn(|i| (i % 7) as f32);
        state.add_losses(&MeanAbsoluteError, &targets, &[[0.0]; 150], Some(&weights));
        for (target, weight) in targets.iter().zip(weights) {
            expected.add(f64::from(target[0]), f64::from(weight));
        }
        assert_eq!(state, expected);
    }

    #[test]
    fn steps_that_do_not_count_are_left_out() {
        let (targets, predictions) = ([[[1.0_f32], [2.0], [4.0]]; 70], [[[0.0]; 3]; 70]);
        let weights: [f32; 70] = core::array::from_fn(|i| (i % 3) as f32);
        let mask: [f32; 210] = core::array::from_fn(|i| f32::from(i % 4 != 0));
        let (mut state, mut expected) = (Mean::default(), Mean::default());
        MeanAbsoluteError.update_masked(&mut state, &targets, &predictions, Some(&weights), Some(&mask));
        for (index, counts) in mask.iter().enumerate() {
            expected.add(f64::from(targets[0][index % 3][0]), f64::from(counts * weights[index / 3]));
        }
        assert_eq!(state, expected);
    }

    #[test]
    fn a_mean_of_nothing_is_0() {
        assert_eq!(Mean::default().value(), 0.0);
    }
}
