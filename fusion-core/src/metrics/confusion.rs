//! What is counted of yes-or-no predictions.

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

/// Which predictions are looked at, and which of them are a yes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Decision {
    pub threshold: Option<f32>,
    pub top_k: Option<usize>,
    pub class_id: Option<usize>,
}

impl Decision {
    /// Keras's.
    pub const DEFAULT: Self = Self { threshold: None, top_k: None, class_id: None };

    pub fn count<Out: Tensor<Element = f32>>(
        self,
        counts: &mut Confusion,
        (targets, predictions): (&[Out], &[Out]),
        weights: Option<&[f32]>,
    ) {
        let classes = Out::SHAPE.last().max(1);
        let (targets, predictions) = (Out::numbers(targets), Out::numbers(predictions));
        self.count_vectors(counts, (classes, Out::SHAPE.positions().max(1)), (targets, predictions), weights);
    }

    /// Of vectors of so many classes, so many in each sample.
    fn count_vectors(
        self,
        counts: &mut Confusion,
        (classes, positions): (usize, usize),
        (targets, predictions): (&[f32], &[f32]),
        weights: Option<&[f32]>,
    ) {
        let looked_at = classes_of(self.class_id, classes);
        let vectors = targets.chunks_exact(classes).zip(predictions.chunks_exact(classes));
        for (index, (targets, predictions)) in vectors.enumerate() {
            let weight = weight_of(index / positions, weights);
            for class in looked_at.clone() {
                counts.add(targets[class] != 0.0, self.is_yes(predictions, class), weight);
            }
        }
    }

    fn is_yes(self, predictions: &[f32], class: usize) -> bool {
        let prediction = predictions[class];
        // As in Keras all of the best are a yes, unless a threshold is given.
        let threshold = self.threshold.unwrap_or(if self.top_k.is_some() { -1e10 } else { 0.5 });
        let is_among = |k: usize| {
            let better = predictions.iter().enumerate();
            better.filter(|(other, p)| **p > prediction || (**p == prediction && *other < class)).count() < k
        };
        prediction > threshold && self.top_k.is_none_or(is_among)
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
    use super::*;

    #[test]
    fn of_equal_predictions_the_first_are_the_best() {
        let decision = Decision { top_k: Some(2), ..Decision::DEFAULT };
        let yes = |predictions: &[f32]| (0..3).map(|class| decision.is_yes(predictions, class)).collect::<Vec<_>>();
        assert_eq!(yes(&[0.2, 0.2, 0.2]), [true, true, false]);
        assert_eq!(yes(&[-3.0, -5.0, -4.0]), [true, false, true]);
    }

    #[test]
    #[should_panic = "there is no class 3: the output has 3"]
    fn a_class_that_is_none_is_told() {
        let decision = Decision { class_id: Some(3), ..Decision::DEFAULT };
        decision.count(&mut Confusion::default(), (&[[0.0; 3]], &[[0.0; 3]]), None);
    }
}
