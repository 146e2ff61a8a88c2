//! How well predicted areas overlap with true ones, class by class.

use alloc::{vec, vec::Vec};

use super::accuracy::vector;
use super::mean::weight_of;
use super::{Metric, MetricState};
use crate::kernels::first_largest;
use crate::shape::Tensor;

/// The intersection over union of some classes, TP / (TP + FP + FN) each, and the mean of those that occur: Keras's `IoU`
/// with `sparse_y_pred=False`.
///
/// Targets are class ids, predictions scores of which the largest is the class; how many classes there are the output
/// says. With [`sparse_y_pred`](Self::sparse_y_pred) predictions are ids too. Weights count as they are: Keras cuts them to
/// whole numbers unless its `dtype` is another one.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Iou, IouState, Metric};
///
/// let (metric, mut state) = (Iou::new(&[1]), IouState::default());
/// let predictions = [[0.9_f32, 0.1], [0.2, 0.8], [0.3, 0.7]];
/// metric.update(&mut state, &[0, 1, 0], &predictions, None);
/// assert!((Metric::<[f32; 2]>::result(&metric, &state) - 0.5).abs() < 1e-6);
/// ```
#[doc(alias = "IoU")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Iou(Options);

/// The mean intersection over union of all classes that occur: Keras's `MeanIoU` with `sparse_y_pred=False`.
///
/// Targets are class ids, predictions scores of which the largest is the class. See [`Iou`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{IouState, MeanIou, Metric};
///
/// let (metric, mut state) = (MeanIou::default(), IouState::default());
/// let predictions = [[0.9_f32, 0.1], [0.2, 0.8], [0.3, 0.7]];
/// metric.update(&mut state, &[0, 1, 0], &predictions, None);
/// assert!((Metric::<[f32; 2]>::result(&metric, &state) - 0.5).abs() < 1e-6);
/// ```
#[doc(alias = "MeanIoU")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MeanIou(Options);

/// [`Iou`] of one-hot targets: Keras's `OneHotIoU`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{IouState, Metric, OneHotIou};
///
/// let (metric, mut state) = (OneHotIou::new(&[0]), IouState::default());
/// metric.update(&mut state, &[[1.0_f32, 0.0], [1.0, 0.0]], &[[0.9, 0.1], [0.2, 0.8]], None);
/// assert!((Metric::<[f32; 2]>::result(&metric, &state) - 0.5).abs() < 1e-6);
/// ```
#[doc(alias = "OneHotIoU")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OneHotIou(Options);

/// [`MeanIou`] of one-hot targets: Keras's `OneHotMeanIoU`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{IouState, Metric, OneHotMeanIou};
///
/// let (metric, mut state) = (OneHotMeanIou::default(), IouState::default());
/// metric.update(&mut state, &[[1.0_f32, 0.0], [1.0, 0.0]], &[[0.9, 0.1], [0.2, 0.8]], None);
/// assert!((Metric::<[f32; 2]>::result(&metric, &state) - 0.25).abs() < 1e-6);
/// ```
#[doc(alias = "OneHotMeanIoU")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OneHotMeanIou(Options);

/// The mean intersection over union of yes and no, for targets of 0 and 1: Keras's `BinaryIoU`.
///
/// A prediction of at least the threshold, ½ by default, is a yes. Weights count as they are: Keras cuts them to whole
/// numbers unless its `dtype` is another one.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{BinaryIou, IouState, Metric};
///
/// let (metric, mut state) = (BinaryIou::default(), IouState::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [0.0]], &[[0.1], [0.8], [0.7]], None);
/// assert!((Metric::<[f32; 1]>::result(&metric, &state) - 0.5).abs() < 1e-6);
/// ```
#[doc(alias = "BinaryIoU")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BinaryIou {
    target_class_ids: Option<&'static [usize]>,
    threshold: f32,
}

/// Which classes are looked at.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Options {
    /// The classes of the mean; none for all.
    target_class_ids: Option<&'static [usize]>,
    ignore_class: Option<usize>,
    /// Where predictions are ids: how many classes there are.
    classes_of_ids: Option<usize>,
}

impl Options {
    const ALL: Self = Self { target_class_ids: None, ignore_class: None, classes_of_ids: None };

    /// How many classes there are for an output whose last dimension this is.
    ///
    /// # Panics
    /// If one of the classes of the mean is none, or if predictions are to be ids and the output gives several numbers.
    fn classes(&self, last: usize) -> usize {
        let classes = self.classes_of_ids.unwrap_or(last);
        assert!(
            self.classes_of_ids.is_none() || last == 1,
            "with `sparse_y_pred` an output has one number for each id, [f32; .., 1], but here the last dimension is {last}"
        );
        if let Some(class) = self.target_class_ids.iter().copied().flatten().find(|class| **class >= classes) {
            panic!("there is no class {class}: the output has {classes}");
        }
        classes
    }

    /// The class that a vector of the output stands for.
    fn predicted(&self, vector: &[f32]) -> usize {
        match self.classes_of_ids {
            None => first_largest(vector),
            // What is no id is no class.
            Some(_) => {
                if vector[0] >= 0.0 {
                    vector[0] as usize
                } else {
                    usize::MAX
                }
            }
        }
    }
}

/// What such a metric counts for each class: how often it was predicted and right, predicted, and true.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct IouState {
    classes: Vec<Counts>,
}

#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Counts {
    right: f64,
    predicted: f64,
    actual: f64,
}

impl MetricState for IouState {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.classes.each(number);
    }
}

impl MetricState for Counts {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        let Self { right, predicted, actual } = self;
        [right, predicted, actual].into_iter().for_each(number);
    }
}

impl IouState {
    /// Takes in the predicted and the actual class of each of so many positions of the samples; those that are no class
    /// count nothing.
    fn add(
        &mut self,
        classes: usize,
        (count, positions): (usize, usize),
        weights: Option<&[f32]>,
        class_of: impl Fn(usize) -> (usize, usize),
    ) {
        if self.classes.len() != classes {
            self.classes = vec![Counts::default(); classes];
        }
        for index in 0..count {
            let (actual, predicted) = class_of(index);
            if actual >= classes || predicted >= classes {
                continue;
            }
            let weight = weight_of(index / positions, weights);
            self.classes[actual].actual += weight;
            self.classes[predicted].predicted += weight;
            if actual == predicted {
                self.classes[actual].right += weight;
            }
        }
    }

    /// The mean of the classes that occur, among these or all.
    ///
    /// # Panics
    /// If one of them is none.
    fn mean(&self, target_class_ids: Option<&[usize]>) -> f64 {
        const EPSILON: f64 = 1e-7;
        let (mut sum, mut occurring) = (0.0, 0.0);
        let mut add = |Counts { right, predicted, actual }: Counts| {
            let union = predicted + actual - right;
            if union > 1e-9 {
                sum += right / (union + EPSILON);
                occurring += 1.0;
            }
        };
        match target_class_ids {
            Some(_) if self.classes.is_empty() => {}
            Some(ids) => ids.iter().for_each(|class| add(self.classes[*class])),
            None => self.classes.iter().copied().for_each(add),
        }
        sum / (occurring + EPSILON)
    }
}

macro_rules! iou {
    ($Iou:ident, $name:literal, $Target:ty, $actual:expr) => {
        impl $Iou {
            /// Leaves out the positions whose target is this class.
            #[must_use]
            pub const fn ignore_class(mut self, class: usize) -> Self {
                self.0.ignore_class = Some(class);
                self
            }
        }

        impl<Out: Tensor<Element = f32>> Metric<Out> for $Iou {
            type Target = $Target;
            type State = IouState;

            fn name(&self) -> &'static str {
                $name
            }

            fn update(
                &self,
                state: &mut IouState,
                targets: &[Self::Target],
                predictions: &[Out],
                weights: Option<&[f32]>,
            ) {
                let (classes, positions) = (self.0.classes(Out::SHAPE.last()), Out::SHAPE.positions());
                let actual = $actual;
                state.add(classes, (predictions.len() * positions, positions.max(1)), weights, |index| {
                    let actual: usize = actual(targets, index);
                    let ignored = self.0.ignore_class == Some(actual);
                    (if ignored { usize::MAX } else { actual }, self.0.predicted(vector(predictions, index)))
                });
            }

            fn result(&self, state: &IouState) -> f64 {
                state.mean(self.0.target_class_ids)
            }
        }
    };
}
iou!(Iou, "io_u", Out::ClassIds, |targets: &[Out::ClassIds], index: usize| Out::class_ids(targets)[index] as usize);
iou!(MeanIou, "mean_io_u", Out::ClassIds, |targets: &[Out::ClassIds], index: usize| {
    Out::class_ids(targets)[index] as usize
});
iou!(OneHotIou, "one_hot_io_u", Out, |targets: &[Out], index: usize| first_largest(vector(targets, index)));
iou!(OneHotMeanIou, "one_hot_mean_io_u", Out, |targets: &[Out], index: usize| first_largest(vector(targets, index)));

macro_rules! of_ids {
    ($($Iou:ident)+) => {$(
        impl $Iou {
            /// Predictions are ids of so many classes, one number for each, and not scores: Keras's `sparse_y_pred=True`,
            /// its default. The last dimension of the output is 1 then; another one is a panic.
            #[must_use]
            pub const fn sparse_y_pred(mut self, num_classes: usize) -> Self {
                self.0.classes_of_ids = Some(num_classes);
                self
            }
        }
    )+};
}
of_ids!(Iou MeanIou);

macro_rules! of_some_classes {
    ($($Iou:ident)+) => {$(
        impl $Iou {
            /// The mean over these classes; an id that is none of the output's is a panic.
            #[must_use]
            pub const fn new(target_class_ids: &'static [usize]) -> Self {
                Self(Options { target_class_ids: Some(target_class_ids), ..Options::ALL })
            }
        }
    )+};
}
of_some_classes!(Iou OneHotIou);

macro_rules! of_all_classes {
    ($($Iou:ident)+) => {$(
        impl Default for $Iou {
            fn default() -> Self {
                Self(Options::ALL)
            }
        }
    )+};
}
of_all_classes!(MeanIou OneHotMeanIou);

impl Default for BinaryIou {
    fn default() -> Self {
        Self { target_class_ids: None, threshold: 0.5 }
    }
}

impl BinaryIou {
    /// The mean over these of the two classes, no and yes: `&[1]` is the intersection over union of yes alone.
    ///
    /// # Panics
    /// If one is neither 0 nor 1.
    #[must_use]
    pub const fn target_class_ids(mut self, target_class_ids: &'static [usize]) -> Self {
        let mut i = 0;
        while i < target_class_ids.len() {
            assert!(target_class_ids[i] < 2, "the classes are 0 and 1");
            i += 1;
        }
        self.target_class_ids = Some(target_class_ids);
        self
    }

    /// What a prediction has to reach to be a yes.
    #[must_use]
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }
}

impl<Out: Tensor<Element = f32>> Metric<Out> for BinaryIou {
    type Target = Out;
    type State = IouState;

    fn name(&self) -> &'static str {
        "binary_io_u"
    }

    fn update(&self, state: &mut IouState, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
        let (targets, predictions) = (Out::numbers(targets), Out::numbers(predictions));
        state.add(2, (predictions.len(), Out::SHAPE.length().max(1)), weights, |index| {
            // As in Keras the number without what is behind its point is the class.
            (targets[index] as usize, usize::from(predictions[index] >= self.threshold))
        });
    }

    fn result(&self, state: &IouState) -> f64 {
        state.mean(self.target_class_ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pixel_counts_and_ids_that_are_no_class_do_not() {
        let (metric, mut state) = (MeanIou::default().ignore_class(0), IouState::default());
        let image = [[[0.9_f32, 0.1], [0.2, 0.8]], [[0.3, 0.7], [0.6, 0.4]]];
        metric.update(&mut state, &[[[0, 1], [1, 255]]], &[image], Some(&[2.0]));
        assert_eq!(state.classes[1], Counts { right: 4.0, predicted: 4.0, actual: 4.0 });
        assert_eq!(state.classes[0], Counts::default());
    }

    #[test]
    #[should_panic = "there is no class 2: the output has 2"]
    fn a_class_that_is_none_is_told() {
        Iou::new(&[0, 2]).update(&mut IouState::default(), &[0], &[[0.0_f32, 1.0]], None);
    }

    #[test]
    fn predictions_may_be_ids() {
        let metric = MeanIou::default().sparse_y_pred(3);
        let mut state = IouState::default();
        metric.update(&mut state, &[0, 1, 1, 2], &[[0.0_f32], [1.0], [2.0], [-1.0]], None);
        assert_eq!(state.classes[1], Counts { right: 1.0, predicted: 1.0, actual: 2.0 });
        assert_eq!(state.classes[0], Counts { right: 1.0, predicted: 1.0, actual: 1.0 });
    }

    #[test]
    #[should_panic = "one number for each id, [f32; .., 1], but here the last dimension is 2"]
    fn scores_are_no_ids() {
        MeanIou::default().sparse_y_pred(2).update(&mut IouState::default(), &[0], &[[0.0_f32, 1.0]], None);
    }
}
