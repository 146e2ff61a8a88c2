use super::Metric;
use crate::losses::{Loss, every_loss};
use crate::shape::Tensor;

/// A weighted mean of what samples gave so far: the state of most metrics.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Mean {
    total: f64,
    weight: f64,
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
        assert!(targets.len() == predictions.len(), "{} targets, {} predictions", targets.len(), predictions.len());
        // A few at a time, as there may be no heap to write all losses to.
        const CHUNK: usize = 64;
        let mut losses = [0.0; CHUNK];
        for (chunk, (targets, predictions)) in targets.chunks(CHUNK).zip(predictions.chunks(CHUNK)).enumerate() {
            let losses = &mut losses[..predictions.len()];
            loss.losses(targets, predictions, losses);
            let weights = weights.map(|weights| &weights[chunk * CHUNK..]);
            self.extend(losses.iter().map(|loss| f64::from(*loss)), weights);
        }
    }

    /// Σ weight · value / Σ weight; 0 where nothing weighs anything, as in Keras.
    #[must_use]
    pub fn value(&self) -> f64 {
        divide(self.total, self.weight)
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

/// Makes a metric of a loss: its mean over the samples, under the loss's own name.
// One implementation for all losses cannot be: other crates may implement `Loss` for our metrics.
macro_rules! metric_of_loss {
    ($($file:ident::$Loss:ident),+ $(,)?) => {$(
        impl<Out: Tensor<Element = f32>> Metric<Out> for crate::losses::$Loss {
            type Target = <Self as Loss<Out>>::Target;
            type State = Mean;
            fn name(&self) -> &'static str {
                Loss::<Out>::name(self)
            }
            fn of_logits(&self) -> Option<Self> {
                Loss::<Out>::of_logits(self)
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
            fn result(&self, state: &Mean) -> f64 {
                state.value()
            }
        }
    )+};
}
every_loss!(metric_of_loss);

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
    fn a_mean_of_nothing_is_0() {
        assert_eq!(Mean::default().value(), 0.0);
    }
}
