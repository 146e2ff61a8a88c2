//! Two ratios, and the four counts that they are made of.

use core::fmt;

use super::Metric;
use super::confusion::{Confusion, Confusions, Decision, IntoThresholds};
use crate::shape::Tensor;

/// How many of the predicted yeses were right, TP / (TP + FP): Keras's `Precision`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
/// `Precision::default()` looks at every number of the output.
/// With [several thresholds](Self::thresholds) it is a number at each.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusions, Metric, Precision};
///
/// let (metric, mut state) = (Precision::default(), Confusions::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 0.5);
/// ```
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Precision<const N: usize = 1>(Decision<N>);

/// How many of the actual yeses were predicted, TP / (TP + FN): Keras's `Recall`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
/// `Recall::default()` looks at every number of the output.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusions, Metric, Recall};
///
/// let (metric, mut state) = (Recall::default().thresholds(0.1), Confusions::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recall<const N: usize = 1>(Decision<N>);

/// How many yeses were predicted that are some, each times its sample weight: Keras's `TruePositives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusions, Metric, TruePositives};
///
/// let (metric, mut state) = (TruePositives::default(), Confusions::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TruePositives<const N: usize = 1>(Decision<N>);

/// How many yeses were predicted that are none, each times its sample weight: Keras's `FalsePositives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusions, FalsePositives, Metric};
///
/// let (metric, mut state) = (FalsePositives::default().thresholds(0.85), Confusions::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0]], &[[0.9], [0.8], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FalsePositives<const N: usize = 1>(Decision<N>);

/// How many noes were predicted that are none, each times its sample weight: Keras's `FalseNegatives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusions, FalseNegatives, Metric};
///
/// let (metric, mut state) = (FalseNegatives::default(), Confusions::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], Some(&[1.0, 2.5, 1.0]));
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 2.5);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FalseNegatives<const N: usize = 1>(Decision<N>);

/// How many noes were predicted that are some, each times its sample weight: Keras's `TrueNegatives`.
///
/// A prediction above the threshold, ½ by default, is a yes; so is a target that is not 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Confusions, Metric, TrueNegatives};
///
/// let (metric, mut state) = (TrueNegatives::default(), Confusions::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TrueNegatives<const N: usize = 1>(Decision<N>);

/// The thresholds and the counting are the same for all; only what is made of the counts differs.
macro_rules! of_confusion {
    ($Metric:ident, $name:literal, $result:expr) => {
        impl Default for $Metric {
            fn default() -> Self {
                Self(Decision::DEFAULT)
            }
        }

        impl<const N: usize> $Metric<N> {
            /// What a prediction has to exceed to be a yes: 0 where the output comes before its sigmoid. Of several,
            /// `thresholds([0.3, 0.6])`, each gives a number under a name of its own,
            #[doc = concat!("`", $name, "_at_0.3`.")]
            #[must_use]
            pub fn thresholds<const M: usize>(self, thresholds: impl IntoThresholds<M>) -> $Metric<M> {
                $Metric(self.0.at(thresholds.into_thresholds()))
            }
        }

        impl<const N: usize, Out: Tensor<Element = f32>> Metric<Out> for $Metric<N> {
            type Target = Out;
            type State = Confusions<N>;
            fn name(&self) -> &'static str {
                $name
            }
            fn update(&self, state: &mut Confusions<N>, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
                self.0.count(state, (targets, predictions), weights);
            }
            /// At the first threshold.
            fn result(&self, state: &Confusions<N>) -> f64 {
                let result: fn(&Confusion) -> f64 = $result;
                result(&state[0])
            }
            fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
                self.0.parts(part);
            }
            fn results(&self, state: &Confusions<N>, show: &mut dyn FnMut(f64)) {
                let result: fn(&Confusion) -> f64 = $result;
                state.iter().for_each(|counts| show(result(counts)));
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
        impl<const N: usize> $Ratio<N> {
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
