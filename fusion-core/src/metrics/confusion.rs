//! What is counted of yes-or-no predictions.

use core::fmt;
use core::ops::Deref;

use super::MetricState;
use super::mean::{divide, weight_of};
use crate::shape::Tensor;

/// Weighted counts of predictions that were right or wrong about a yes.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Confusion {
    /// Predicted yes, and it was.
    pub true_positives: f64,
    /// Predicted yes, and it was not.
    pub false_positives: f64,
    /// Predicted no, and it was a yes.
    pub false_negatives: f64,
    /// Predicted no, and it was not.
    pub true_negatives: f64,
}

impl MetricState for Confusion {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        let Self { true_positives, false_positives, false_negatives, true_negatives } = self;
        [true_positives, false_positives, false_negatives, true_negatives].into_iter().for_each(number);
    }
}

impl Confusion {
    /// How many of the predicted yeses were right; 0 where there are none.
    #[must_use]
    pub fn precision(&self) -> f64 {
        divide(self.true_positives, self.true_positives + self.false_positives)
    }

    /// How many of the actual yeses were predicted, the sensitivity too; 0 where there are none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        divide(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// How many of the actual noes were predicted; 0 where there are none.
    #[must_use]
    pub fn specificity(&self) -> f64 {
        divide(self.true_negatives, self.true_negatives + self.false_positives)
    }

    pub(super) fn add(&mut self, target: bool, prediction: bool, weight: f64) {
        *match (target, prediction) {
            (true, true) => &mut self.true_positives,
            (false, true) => &mut self.false_positives,
            (true, false) => &mut self.false_negatives,
            (false, false) => &mut self.true_negatives,
        } += weight;
    }
}

/// The counts at each of `N` thresholds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Confusions<const N: usize = 1>([Confusion; N]);

impl<const N: usize> MetricState for Confusions<N> {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.0.iter_mut().for_each(|counts| counts.each(number));
    }
}

impl<const N: usize> Default for Confusions<N> {
    fn default() -> Self {
        Self([Confusion::default(); N])
    }
}

impl<const N: usize> Deref for Confusions<N> {
    type Target = [Confusion; N];
    fn deref(&self) -> &[Confusion; N] {
        &self.0
    }
}

/// One threshold, `0.5`, or several, `[0.3, 0.6]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no threshold, and no array of some",
    label = "expected a number such as `0.5`, or several, `[0.3, 0.6]`"
)]
pub trait IntoThresholds<const N: usize> {
    /// As an array.
    fn into_thresholds(self) -> [f32; N];
}

impl IntoThresholds<1> for f32 {
    fn into_thresholds(self) -> [f32; 1] {
        [self]
    }
}

impl<const N: usize> IntoThresholds<N> for [f32; N] {
    fn into_thresholds(self) -> [f32; N] {
        const { assert!(N > 0, "there is no threshold") };
        self
    }
}

/// Which predictions are looked at, and which of them are a yes, at each of several thresholds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Decision<const N: usize> {
    thresholds: Option<[f32; N]>,
    pub top_k: Option<usize>,
    pub class_id: Option<usize>,
}

impl Decision<1> {
    /// Keras's.
    pub const DEFAULT: Self = Self { thresholds: None, top_k: None, class_id: None };
}

impl<const N: usize> Decision<N> {
    /// The same at other thresholds.
    pub fn at<const M: usize>(self, thresholds: [f32; M]) -> Decision<M> {
        Decision { thresholds: Some(thresholds), top_k: self.top_k, class_id: self.class_id }
    }

    /// What tells the numbers of several thresholds from each other.
    pub fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        match self.thresholds {
            Some(thresholds) if N > 1 => thresholds.iter().for_each(|at| part(format_args!("_at_{at}"))),
            _ => part(format_args!("")),
        }
    }

    pub fn count<Out: Tensor<Element = f32>>(
        &self,
        counts: &mut Confusions<N>,
        (targets, predictions): (&[Out], &[Out]),
        weights: Option<&[f32]>,
    ) {
        let classes = Out::SHAPE.last().max(1);
        let (targets, predictions) = (Out::numbers(targets), Out::numbers(predictions));
        self.count_vectors(counts, (classes, Out::SHAPE.positions().max(1)), (targets, predictions), weights);
    }

    /// Of vectors of so many classes, so many in each sample.
    fn count_vectors(
        &self,
        counts: &mut Confusions<N>,
        (classes, positions): (usize, usize),
        (targets, predictions): (&[f32], &[f32]),
        weights: Option<&[f32]>,
    ) {
        let looked_at = classes_of(self.class_id, classes);
        let vectors = targets.chunks_exact(classes).zip(predictions.chunks_exact(classes));
        for (index, (targets, predictions)) in vectors.enumerate() {
            let weight = weight_of(index / positions, weights);
            for class in looked_at.clone() {
                let is_among = self.is_among_best(predictions, class);
                for (threshold, counts) in counts.0.iter_mut().enumerate() {
                    let is_yes = is_among && predictions[class] > self.threshold(threshold);
                    counts.add(targets[class] != 0.0, is_yes, weight);
                }
            }
        }
    }

    /// As in Keras all of the best are a yes, unless a threshold is given.
    fn threshold(&self, index: usize) -> f32 {
        let default = if self.top_k.is_some() { -1e10 } else { 0.5 };
        self.thresholds.map_or(default, |thresholds| thresholds[index])
    }

    /// Whether a class is among those that may be a yes.
    fn is_among_best(&self, predictions: &[f32], class: usize) -> bool {
        let prediction = predictions[class];
        let is_among = |k: usize| {
            let better = predictions.iter().enumerate();
            better.filter(|(other, p)| **p > prediction || (**p == prediction && *other < class)).count() < k
        };
        self.top_k.is_none_or(is_among)
    }
}

/// All classes, or the one of this index.
///
/// # Panics
/// If there is no such class.
pub(super) fn classes_of(class_id: Option<usize>, classes: usize) -> core::ops::Range<usize> {
    match class_id {
        Some(class) => {
            assert!(class < classes, "there is no class {class}: the output has {classes}");
            class..class + 1
        }
        None => 0..classes,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn of_equal_predictions_the_first_are_the_best() {
        let decision = Decision { top_k: Some(2), ..Decision::DEFAULT };
        let yes = |predictions: &[f32]| [0, 1, 2].map(|class| decision.is_among_best(predictions, class));
        assert_eq!(yes(&[0.2, 0.2, 0.2]), [true, true, false]);
        assert_eq!(yes(&[-3.0, -5.0, -4.0]), [true, false, true]);
    }

    #[test]
    #[should_panic = "there is no class 3: the output has 3"]
    fn a_class_that_is_none_is_told() {
        let decision = Decision { class_id: Some(3), ..Decision::DEFAULT };
        decision.count(&mut Confusions::default(), (&[[0.0; 3]], &[[0.0; 3]]), None);
    }
    #[test]
    fn each_of_several_thresholds_counts() {
        let decision = Decision::DEFAULT.at([0.25, 0.75]);
        let mut counts = Confusions::default();
        decision.count(&mut counts, (&[[1.0, 0.0], [1.0, 1.0]], &[[0.5, 0.5], [0.8, 0.1]]), None);
        assert_eq!(counts.map(|c| [c.true_positives, c.false_positives]), [[2.0, 1.0], [1.0, 0.0]]);
        let mut parts = Vec::new();
        decision.parts(&mut |part| parts.push(part.to_string()));
        assert_eq!(parts, ["_at_0.25", "_at_0.75"]);
    }
}
