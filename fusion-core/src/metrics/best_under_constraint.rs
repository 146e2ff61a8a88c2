//! The best that a threshold gives of one ratio while another is at least so large.

use super::confusion::{Confusion, classes_of};
use super::mean::weight_of;
use super::thresholds::{Buckets, Thresholds};
use super::{Metric, MetricState};
use crate::shape::Tensor;

/// The highest sensitivity of a threshold whose specificity is at least so large: Keras's `SensitivityAtSpecificity`.
///
/// Sensitivity is TP / (TP + FN), specificity TN / (TN + FP), at each of 200 thresholds from 0 to 1; 0 where none is
/// specific enough. A target that is not 0 is a yes.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Metric, SensitivityAtSpecificity, ThresholdState};
///
/// let (metric, mut state) = (SensitivityAtSpecificity::new(0.5), ThresholdState::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0], [1.0]], &[[0.1], [0.8], [0.3], [0.9]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SensitivityAtSpecificity(Constraint);

/// The highest specificity of a threshold whose sensitivity is at least so large: Keras's `SpecificityAtSensitivity`.
///
/// Sensitivity is TP / (TP + FN), specificity TN / (TN + FP), at each of 200 thresholds from 0 to 1; 0 where none is
/// sensitive enough. A target that is not 0 is a yes.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Metric, SpecificityAtSensitivity, ThresholdState};
///
/// let (metric, mut state) = (SpecificityAtSensitivity::new(1.0), ThresholdState::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0], [1.0]], &[[0.1], [0.8], [0.3], [0.9]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 0.5);
/// ```
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SpecificityAtSensitivity(Constraint);

/// The highest precision of a threshold whose recall is at least so large: Keras's `PrecisionAtRecall`.
///
/// Precision is TP / (TP + FP), recall TP / (TP + FN), at each of 200 thresholds from 0 to 1; 0 where none recalls
/// enough. A target that is not 0 is a yes.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Metric, PrecisionAtRecall, ThresholdState};
///
/// let (metric, mut state) = (PrecisionAtRecall::new(0.5), ThresholdState::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0], [1.0]], &[[0.1], [0.8], [0.3], [0.9]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 1.0);
/// ```
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PrecisionAtRecall(Constraint);

/// The highest recall of a threshold whose precision is at least so large: Keras's `RecallAtPrecision`.
///
/// Precision is TP / (TP + FP), recall TP / (TP + FN), at each of 200 thresholds from 0 to 1; 0 where none is precise
/// enough. A target that is not 0 is a yes.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Metric, RecallAtPrecision, ThresholdState};
///
/// let (metric, mut state) = (RecallAtPrecision::new(0.9), ThresholdState::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0], [1.0]], &[[0.1], [0.8], [0.3], [0.9]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 0.5);
/// ```
///
/// # Panics
/// If the output has no class of the [`class_id`](Self::class_id).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RecallAtPrecision(Constraint);

/// What all of them have.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Constraint {
    at_least: f32,
    num_thresholds: usize,
    class_id: Option<usize>,
}

/// What such a metric has seen: the weights of yeses and noes whose predictions lie between one threshold and the next.
#[derive(Clone, Default, Debug)]
pub struct ThresholdState(Buckets);

impl MetricState for ThresholdState {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.0.each(number);
    }
}

impl Constraint {
    const fn new(at_least: f32) -> Self {
        assert!(at_least >= 0.0 && at_least <= 1.0, "a ratio is from 0 to 1");
        Self { at_least, num_thresholds: 200, class_id: None }
    }

    fn add(
        self,
        state: &mut ThresholdState,
        (classes, length): (usize, usize),
        (targets, predictions): (&[f32], &[f32]),
        weights: Option<&[f32]>,
    ) {
        let thresholds = Thresholds::Even { count: self.num_thresholds, all_exceed_first: false };
        let looked_at = classes_of(self.class_id, classes);
        for (index, (target, prediction)) in targets.iter().zip(predictions).enumerate() {
            if looked_at.contains(&(index % classes)) {
                state.0.add(thresholds, *target != 0.0, *prediction, weight_of(index / length, weights));
            }
        }
    }

    /// The largest of one ratio where the other one is large enough.
    fn best(self, state: &ThresholdState, of: fn(&Confusion) -> f64, where_at_least: fn(&Confusion) -> f64) -> f64 {
        let all = state.0.at_thresholds();
        // In Keras's precision, in which 3 of 5 are 0.6.
        let feasible = all.filter(|counts| where_at_least(counts) as f32 >= self.at_least);
        feasible.map(|counts| of(&counts)).fold(0.0, f64::max)
    }
}

macro_rules! best_under_constraint {
    ($Metric:ident, $name:literal, $of:ident, $constraint:ident, $text:literal) => {
        impl $Metric {
            #[doc = $text]
            ///
            /// # Panics
            /// If it is not from 0 to 1.
            #[must_use]
            pub const fn new($constraint: f32) -> Self {
                Self(Constraint::new($constraint))
            }

            /// How many thresholds there are from 0 to 1; ½ alone where it is 1.
            ///
            /// # Panics
            /// If there are none.
            #[must_use]
            pub const fn num_thresholds(mut self, num_thresholds: usize) -> Self {
                assert!(num_thresholds > 0, "there has to be a threshold");
                self.0.num_thresholds = num_thresholds;
                self
            }

            /// Looks at one class only: its index in the last dimension.
            #[must_use]
            pub const fn class_id(mut self, class: usize) -> Self {
                self.0.class_id = Some(class);
                self
            }
        }

        impl<Out: Tensor<Element = f32>> Metric<Out> for $Metric {
            type Target = Out;
            type State = ThresholdState;
            fn name(&self) -> &'static str {
                $name
            }
            fn update(
                &self,
                state: &mut ThresholdState,
                targets: &[Out],
                predictions: &[Out],
                weights: Option<&[f32]>,
            ) {
                let sizes = (Out::SHAPE.last().max(1), Out::SHAPE.length().max(1));
                self.0.add(state, sizes, (Out::numbers(targets), Out::numbers(predictions)), weights);
            }
            fn result(&self, state: &ThresholdState) -> f64 {
                self.0.best(state, Confusion::$of, Confusion::$constraint)
            }
        }
    };
}
best_under_constraint!(
    SensitivityAtSpecificity,
    "sensitivity_at_specificity",
    recall,
    specificity,
    "With the least specificity."
);
best_under_constraint!(
    SpecificityAtSensitivity,
    "specificity_at_sensitivity",
    specificity,
    recall,
    "With the least sensitivity."
);
best_under_constraint!(PrecisionAtRecall, "precision_at_recall", precision, recall, "With the least recall.");
best_under_constraint!(RecallAtPrecision, "recall_at_precision", recall, precision, "With the least precision.");
