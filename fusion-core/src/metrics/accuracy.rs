//! How often predictions match their targets.

use super::{Mean, Metric};
use crate::kernels::first_largest;
use crate::shape::Tensor;

/// How often predictions are equal to their targets, number by number: Keras's `Accuracy`.
///
/// It is for outputs that are answers already. Where they are probabilities or scores, what Keras calls `"accuracy"` is
/// one of the accuracies below: see [the table](super).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Accuracy, Mean, Metric};
///
/// let mut state = Mean::default();
/// Accuracy.update(&mut state, &[[1.0_f32, 3.0]], &[[1.0, 2.0]], None);
/// assert_eq!(Metric::<[f32; 2]>::result(&Accuracy, &state), 0.5);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Accuracy;

impl<Out: Tensor<Element = f32>> Metric<Out> for Accuracy {
    type Target = Out;
    type State = Mean;

    fn name(&self) -> &'static str {
        "accuracy"
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
        let numbers = (Out::numbers(targets), Out::numbers(predictions));
        add_matches(state, (targets.len(), numbers), weights, mask, |target, prediction| target == prediction);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

/// Takes in how many of each sample's numbers match their targets.
fn add_matches(
    state: &mut Mean,
    (samples, (targets, predictions)): (usize, (&[f32], &[f32])),
    weights: Option<&[f32]>,
    mask: Option<&[f32]>,
    matches: impl Fn(f32, f32) -> bool,
) {
    let length = targets.len().checked_div(parts(samples, mask)).unwrap_or(1);
    let matches = |index: usize| matches(targets[index], predictions[index]);
    state.extend_masked(shares(targets.len(), length, matches), samples, weights, mask);
}

/// How often yes-or-no predictions match their targets of 0 or 1: Keras's `BinaryAccuracy`.
///
/// A prediction above the threshold, ½ by default, is a yes. Where the output comes before its
/// sigmoid, the threshold is `BinaryAccuracy.threshold(0.0)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{BinaryAccuracy, Mean, Metric};
///
/// let mut state = Mean::default();
/// BinaryAccuracy.update(&mut state, &[[1.0_f32], [0.0]], &[[0.6], [0.7]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&BinaryAccuracy, &state), 0.5);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BinaryAccuracy {
    threshold: f32,
}

/// The default, so that this one is written as the other accuracies are: `BinaryAccuracy`.
#[doc(hidden)]
#[expect(non_upper_case_globals, reason = "it stands for the struct of this name")]
pub const BinaryAccuracy: BinaryAccuracy = BinaryAccuracy { threshold: 0.5 };

impl Default for BinaryAccuracy {
    fn default() -> Self {
        BinaryAccuracy
    }
}

impl BinaryAccuracy {
    /// What a prediction has to exceed to be a yes.
    #[must_use]
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }
}

impl<Out: Tensor<Element = f32>> Metric<Out> for BinaryAccuracy {
    type Target = Out;
    type State = Mean;

    fn name(&self) -> &'static str {
        "binary_accuracy"
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
        let numbers = (Out::numbers(targets), Out::numbers(predictions));
        add_matches(state, (targets.len(), numbers), weights, mask, |target, prediction| {
            f32::from(prediction > self.threshold) == target
        });
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

/// How often the largest prediction stands where the target's 1 does: Keras's
/// `CategoricalAccuracy`, for one-hot targets.
///
/// Probabilities and the numbers before a softmax give the same.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{CategoricalAccuracy, Mean, Metric};
///
/// let mut state = Mean::default();
/// let (targets, predictions) = ([[0.0_f32, 1.0], [1.0, 0.0]], [[0.2, 0.8], [0.3, 0.7]]);
/// CategoricalAccuracy.update(&mut state, &targets, &predictions, None);
/// assert_eq!(Metric::<[f32; 2]>::result(&CategoricalAccuracy, &state), 0.5);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct CategoricalAccuracy;

impl<Out: Tensor<Element = f32>> Metric<Out> for CategoricalAccuracy {
    type Target = Out;
    type State = Mean;

    fn name(&self) -> &'static str {
        "categorical_accuracy"
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
        let matches = |index| first_largest(vector(targets, index)) == first_largest(vector(predictions, index));
        state.extend_masked(shares_of_vectors::<Out>(targets.len(), mask, matches), targets.len(), weights, mask);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

/// How often the largest prediction is that of the target's class: Keras's
/// `SparseCategoricalAccuracy`, for targets that are class ids.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Mean, Metric, SparseCategoricalAccuracy};
///
/// let mut state = Mean::default();
/// SparseCategoricalAccuracy.update(&mut state, &[1, 0], &[[0.2_f32, 0.8], [0.3, 0.7]], None);
/// assert_eq!(Metric::<[f32; 2]>::result(&SparseCategoricalAccuracy, &state), 0.5);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct SparseCategoricalAccuracy;

impl<Out: Tensor<Element = f32>> Metric<Out> for SparseCategoricalAccuracy {
    type Target = Out::ClassIds;
    type State = Mean;

    fn name(&self) -> &'static str {
        "sparse_categorical_accuracy"
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
        let matches = |index: usize| ids[index] as usize == first_largest(vector(predictions, index));
        state.extend_masked(shares_of_vectors::<Out>(targets.len(), mask, matches), targets.len(), weights, mask);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}

/// For each of `count / length` samples, the share of its `length` parts for which `holds`, which
/// gets a part's index counted from the first sample's first.
fn shares(count: usize, length: usize, holds: impl Fn(usize) -> bool) -> impl Iterator<Item = f64> {
    (0..count / length.max(1)).map(move |sample| {
        let held = (sample * length..(sample + 1) * length).filter(|index| holds(*index)).count();
        held as f64 / length as f64
    })
}

/// [`shares`] of the vectors of scores in each sample, or in each step of a mask.
pub(super) fn shares_of_vectors<Out: Tensor>(
    samples: usize,
    mask: Option<&[f32]>,
    holds: impl Fn(usize) -> bool,
) -> impl Iterator<Item = f64> {
    let positions = samples * Out::SHAPE.positions();
    shares(positions, positions.checked_div(parts(samples, mask)).unwrap_or(1), holds)
}

/// How many values there are: one for each sample, or for each step of a mask.
fn parts(samples: usize, mask: Option<&[f32]>) -> usize {
    mask.map_or(samples, <[f32]>::len)
}

/// One vector of scores, counted from the first sample's first.
pub(super) fn vector<Out: Tensor<Element = f32>>(rows: &[Out], index: usize) -> &[f32] {
    let classes = Out::SHAPE.last();
    &Out::numbers(rows)[index * classes..(index + 1) * classes]
}
