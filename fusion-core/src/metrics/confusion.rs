//! What is counted of yes-or-no predictions, and the two ratios that are made of it.

use super::Metric;
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
}

/// Which predictions are looked at, and which of them are a yes.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Decision {
    threshold: f32,
    class_id: Option<usize>,
}

impl Decision {
    /// Keras's.
    const DEFAULT: Self = Self { threshold: 0.5, class_id: None };

    fn count<Out: Tensor<Element = f32>>(
        self,
        counts: &mut Confusion,
        (targets, predictions): (&[Out], &[Out]),
        weights: Option<&[f32]>,
    ) {
        let (length, classes) = (Out::SHAPE.length(), Out::SHAPE.last());
        for (index, (target, prediction)) in Out::numbers(targets).iter().zip(Out::numbers(predictions)).enumerate() {
            if self.class_id.is_some_and(|class| class != index % classes) {
                continue;
            }
            let weight = weight_of(index / length, weights);
            match (*target != 0.0, *prediction > self.threshold) {
                (true, true) => counts.true_positives += weight,
                (false, true) => counts.false_positives += weight,
                (true, false) => counts.false_negatives += weight,
                (false, false) => {}
            }
        }
    }
}

/// How many of the predicted yeses were right, TP / (TP + FP): Keras's `Precision`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
/// `Precision::default()` looks at every number of the output.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusion, Metric, Precision};
///
/// let (metric, mut state) = (Precision::default(), Confusion::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 0.5);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Precision(Decision);

/// How many of the actual yeses were predicted, TP / (TP + FN): Keras's `Recall`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
/// `Recall::default()` looks at every number of the output.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusion, Metric, Recall};
///
/// let (metric, mut state) = (Recall::default().thresholds(0.1), Confusion::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recall(Decision);

/// The options and the counting are the same for both; only the ratio differs.
macro_rules! ratio {
    ($Ratio:ident, $name:literal, $wrong:ident) => {
        impl Default for $Ratio {
            fn default() -> Self {
                Self(Decision::DEFAULT)
            }
        }

        impl $Ratio {
            /// What a prediction has to exceed to be a yes: 0 where the output comes before its
            /// sigmoid. The name is Keras's, which takes several; here it is one.
            #[must_use]
            pub const fn thresholds(mut self, threshold: f32) -> Self {
                self.0.threshold = threshold;
                self
            }

            /// Looks at one class only: its index in the last dimension.
            #[must_use]
            pub const fn class_id(mut self, class: usize) -> Self {
                self.0.class_id = Some(class);
                self
            }
        }

        impl<Out: Tensor<Element = f32>> Metric<Out> for $Ratio {
            type Target = Out;
            type State = Confusion;
            fn name(&self) -> &'static str {
                $name
            }
            fn update(&self, state: &mut Confusion, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
                self.0.count(state, (targets, predictions), weights);
            }
            fn result(&self, state: &Confusion) -> f64 {
                divide(state.true_positives, state.true_positives + state.$wrong)
            }
        }
    };
}
ratio!(Precision, "precision", false_positives);
ratio!(Recall, "recall", false_negatives);
