//! Two ratios, and the four counts that they are made of.

use super::Metric;
use super::confusion::{Confusion, Decision};
use crate::shape::Tensor;

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
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
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
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recall(Decision);

/// How many yeses were predicted that are some, each times its sample weight: Keras's `TruePositives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusion, Metric, TruePositives};
///
/// let (metric, mut state) = (TruePositives::default(), Confusion::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TruePositives(Decision);

/// How many yeses were predicted that are none, each times its sample weight: Keras's `FalsePositives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusion, FalsePositives, Metric};
///
/// let (metric, mut state) = (FalsePositives::default().thresholds(0.85), Confusion::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0]], &[[0.9], [0.8], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FalsePositives(Decision);

/// How many noes were predicted that are none, each times its sample weight: Keras's `FalseNegatives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusion, FalseNegatives, Metric};
///
/// let (metric, mut state) = (FalseNegatives::default(), Confusion::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], Some(&[1.0, 2.5, 1.0]));
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 2.5);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FalseNegatives(Decision);

/// How many noes were predicted that are some, each times its sample weight: Keras's `TrueNegatives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusion, Metric, TrueNegatives};
///
/// let (metric, mut state) = (TrueNegatives::default(), Confusion::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TrueNegatives(Decision);

/// The threshold and the counting are the same for all; only what is made of the counts differs.
macro_rules! of_confusion {
    ($Metric:ident, $name:literal, $result:expr) => {
        impl Default for $Metric {
            fn default() -> Self {
                Self(Decision::DEFAULT)
            }
        }

        impl $Metric {
            /// What a prediction has to exceed to be a yes: 0 where the output comes before its
            /// sigmoid. The name is Keras's, which takes several; here it is one.
            #[must_use]
            pub const fn thresholds(mut self, threshold: f32) -> Self {
                self.0.threshold = Some(threshold);
                self
            }
        }

        impl<Out: Tensor<Element = f32>> Metric<Out> for $Metric {
            type Target = Out;
            type State = Confusion;
            fn name(&self) -> &'static str {
                $name
            }
            fn update(&self, state: &mut Confusion, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
                self.0.count(state, (targets, predictions), weights);
            }
            fn result(&self, state: &Confusion) -> f64 {
                let result: fn(&Confusion) -> f64 = $result;
                result(state)
            }
        }
    };
}
of_confusion!(Precision, "precision", Confusion::precision);
of_confusion!(Recall, "recall", Confusion::recall);
of_confusion!(TruePositives, "true_positives", |counts| counts.true_positives);
of_confusion!(FalsePositives, "false_positives", |counts| counts.false_positives);
of_confusion!(FalseNegatives, "false_negatives", |counts| counts.false_negatives);
of_confusion!(TrueNegatives, "true_negatives", |counts| counts.true_negatives);

macro_rules! of_classes {
    ($($Ratio:ident)+) => {$(
        impl $Ratio {
            /// Looks at one class only: its index in the last dimension.
            #[must_use]
            pub const fn class_id(mut self, class: usize) -> Self {
                self.0.class_id = Some(class);
                self
            }

            /// The `k` largest predictions of each vector are the yeses, those above the
            /// [threshold](Self::thresholds) if one is given.
            #[must_use]
            pub const fn top_k(mut self, k: usize) -> Self {
                self.0.top_k = Some(k);
                self
            }
        }
    )+};
}
of_classes!(Precision Recall);
