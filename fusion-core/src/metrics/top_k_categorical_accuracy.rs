//! How often the target's class is among the `k` best predictions.

use super::accuracy::{shares_of_vectors, vector};
use super::{Mean, Metric};
use crate::kernels::first_largest;
use crate::shape::Tensor;

/// How often the target's class is among the `k` largest predictions: Keras's
/// `TopKCategoricalAccuracy`, for one-hot targets. `TopKCategoricalAccuracy::default()` has k = 5.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Mean, Metric, TopKCategoricalAccuracy};
///
/// let (metric, mut state) = (TopKCategoricalAccuracy::new(2), Mean::default());
/// metric.update(&mut state, &[[0.0_f32, 0.0, 1.0]], &[[0.2, 0.5, 0.3]], None);
/// assert_eq!(Metric::<[f32; 3]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TopKCategoricalAccuracy {
    k: usize,
}

/// How often the target's class is among the `k` largest predictions: Keras's
/// `SparseTopKCategoricalAccuracy`, for targets that are class ids.
/// `SparseTopKCategoricalAccuracy::default()` has k = 5.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Mean, Metric, SparseTopKCategoricalAccuracy};
///
/// let (metric, mut state) = (SparseTopKCategoricalAccuracy::new(2), Mean::default());
/// metric.update(&mut state, &[2], &[[0.2_f32, 0.5, 0.3]], None);
/// assert_eq!(Metric::<[f32; 3]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SparseTopKCategoricalAccuracy {
    k: usize,
    from_sorted_ids: bool,
}

/// Keras's `k`.
const DEFAULT_K: usize = 5;

impl TopKCategoricalAccuracy {
    /// Counts a sample if its class is among this many.
    #[must_use]
    pub const fn new(k: usize) -> Self {
        Self { k }
    }
}

impl SparseTopKCategoricalAccuracy {
    /// Counts a sample if its class is among this many.
    #[must_use]
    pub const fn new(k: usize) -> Self {
        Self { k, from_sorted_ids: false }
    }

    /// Whether predictions are ids of classes, the likeliest first, instead of scores.
    #[must_use]
    pub const fn from_sorted_ids(mut self, from_sorted_ids: bool) -> Self {
        self.from_sorted_ids = from_sorted_ids;
        self
    }
}

impl Default for TopKCategoricalAccuracy {
    fn default() -> Self {
        Self::new(DEFAULT_K)
    }
}

impl Default for SparseTopKCategoricalAccuracy {
    fn default() -> Self {
        Self::new(DEFAULT_K)
    }
}

impl<Out: Tensor<Element = f32>> Metric<Out> for TopKCategoricalAccuracy {
    type Target = Out;
    type State = Mean;

    fn name(&self) -> &'static str {
        "top_k_categorical_accuracy"
    }

    fn update(&self, state: &mut Mean, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
        self.update_masked(state, targets, predictions, weights, None);
    }

    fn update_masked(
        &self,
        state: &mut Mean,
        targets: &[Out],
        predictions: &[Out],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        let matches = |index| in_top_k(first_largest(vector(targets, index)), vector(predictions, index), self.k);
        state.extend_masked(shares_of_vectors::<Out>(targets.len(), mask, matches), targets.len(), weights, mask);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

impl<Out: Tensor<Element = f32>> Metric<Out> for SparseTopKCategoricalAccuracy {
    type Target = Out::ClassIds;
    type State = Mean;

    fn name(&self) -> &'static str {
        "sparse_top_k_categorical_accuracy"
    }

    fn update(&self, state: &mut Mean, targets: &[Out::ClassIds], predictions: &[Out], weights: Option<&[f32]>) {
        self.update_masked(state, targets, predictions, weights, None);
    }

    fn update_masked(
        &self,
        state: &mut Mean,
        targets: &[Out::ClassIds],
        predictions: &[Out],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        let ids = Out::class_ids(targets);
        let matches = |index: usize| match vector(predictions, index) {
            best if self.from_sorted_ids => best.iter().take(self.k).any(|id| *id == ids[index] as f32),
            scores => in_top_k(ids[index] as usize, scores, self.k),
        };
        state.extend_masked(shares_of_vectors::<Out>(targets.len(), mask, matches), targets.len(), weights, mask);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

/// TensorFlow's `in_top_k`: a tie counts as in, scores that are not finite never do.
fn in_top_k(class: usize, scores: &[f32], k: usize) -> bool {
    let Some(score) = scores.get(class) else { return false };
    scores.iter().all(|score| score.is_finite()) && scores.iter().filter(|other| *other > score).count() < k
}

#[cfg(test)]
mod tests {
    use super::in_top_k;

    #[test]
    fn ties_are_in_and_what_is_not_finite_is_out() {
        assert!(in_top_k(1, &[0.5, 0.5, 0.1], 1));
        assert!(!in_top_k(2, &[0.5, 0.5, 0.1], 2));
        assert!(!in_top_k(0, &[0.5, f32::NAN], 2));
        assert!(!in_top_k(2, &[0.5, 0.5], 2));
    }
}
