use core::fmt;

use super::mean::{divide, weight_of};
use super::{Confusion, Metric, MetricState};

/// The mean of precision and recall in which recall counts β times as much, (1 + β²) P R / (β² P + R): Keras's
/// `FBetaScore`.
///
/// For an output of one vector of `N` classes. Without a threshold the largest prediction is the
/// yes (Keras's default); with one, every prediction above it. Keras's default `average` is `None`, a number for each
/// class: here that is [`Average::None`], and the default their mean, [`Average::Macro`], which callbacks can watch.
/// Keras's default β is 1.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{FBetaScore, FBetaState, Metric};
///
/// let (metric, mut state) = (FBetaScore::default().beta(2.0).threshold(0.5), FBetaState::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.7], [0.8]], None);
/// assert!((metric.result(&state) - 10.0 / 11.0).abs() < 1e-6);
/// ```
#[doc(alias = "fbeta_score")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FBetaScore {
    average: Average,
    beta: f32,
    threshold: Option<f32>,
}

/// What [`FBetaScore`] and [`F1Score`](super::F1Score) make of the numbers of the classes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Average {
    /// The mean of the classes' scores.
    #[default]
    Macro,
    /// The score of all classes' counts taken together.
    Micro,
    /// The mean of the classes' scores, each weighted by how often the class is the target.
    Weighted,
    /// Each class's score, under a name of its own: `f1_score_class_0`.
    None,
}

impl Average {
    /// What tells the numbers of so many classes from each other.
    pub(super) fn parts(self, classes: usize, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        match self {
            Self::None if classes > 1 => (0..classes).for_each(|class| part(format_args!("_class_{class}"))),
            _ => part(format_args!("")),
        }
    }
}

impl Default for FBetaScore {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl FBetaScore {
    pub(super) const DEFAULT: Self = Self { average: Average::Macro, beta: 1.0, threshold: None };

    /// What is made of the numbers of the classes.
    #[must_use]
    pub const fn average(mut self, average: Average) -> Self {
        self.average = average;
        self
    }

    /// How many times as much recall counts.
    ///
    /// # Panics
    /// If it is not above 0.
    #[must_use]
    pub const fn beta(mut self, beta: f32) -> Self {
        assert!(beta > 0.0, "beta has to be above 0");
        self.beta = beta;
        self
    }

    /// Every prediction above this is a yes, not only the largest one.
    #[must_use]
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// The score of each class: Keras's, where no `average` is given.
    #[must_use]
    pub fn scores<const N: usize>(&self, state: &FBetaState<N>) -> [f64; N] {
        state.0.map(|counts| self.score(&counts))
    }

    fn yes(&self, predictions: &[f32], class: usize) -> bool {
        let prediction = predictions[class];
        match self.threshold {
            Some(threshold) => prediction > threshold,
            // All of several largest ones are; but nothing is where all predictions are 0.
            None => predictions.iter().all(|other| prediction >= *other) && prediction.abs() > 1e-9,
        }
    }

    fn score(&self, counts: &Confusion) -> f64 {
        let precision = counts.true_positives / (counts.true_positives + counts.false_positives + EPSILON);
        let recall = counts.true_positives / (counts.true_positives + counts.false_negatives + EPSILON);
        let square = f64::from(self.beta) * f64::from(self.beta);
        (1.0 + square) * precision * recall / (square * precision + recall + EPSILON)
    }
}

/// What [`FBetaScore`] counts for each of `N` classes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FBetaState<const N: usize>([Confusion; N]);

impl<const N: usize> MetricState for FBetaState<N> {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.0.iter_mut().for_each(|counts| counts.each(number));
    }
}

impl<const N: usize> Default for FBetaState<N> {
    fn default() -> Self {
        Self([Confusion::default(); N])
    }
}

/// Keras adds it to each divisor.
const EPSILON: f64 = 1e-7;

impl<const N: usize> Metric<[f32; N]> for FBetaScore {
    type Target = [f32; N];
    type State = FBetaState<N>;

    fn name(&self) -> &'static str {
        "fbeta_score"
    }

    fn update(
        &self,
        state: &mut FBetaState<N>,
        targets: &[[f32; N]],
        predictions: &[[f32; N]],
        weights: Option<&[f32]>,
    ) {
        for (sample, (targets, predictions)) in targets.iter().zip(predictions).enumerate() {
            let weight = weight_of(sample, weights);
            for (class, (counts, target)) in state.0.iter_mut().zip(targets).enumerate() {
                // A target between 0 and 1 counts for both, as in Keras.
                let (yes, target) = (f64::from(self.yes(predictions, class)), f64::from(*target));
                counts.true_positives += weight * yes * target;
                counts.false_positives += weight * yes * (1.0 - target);
                counts.false_negatives += weight * (1.0 - yes) * target;
            }
        }
    }

    fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        self.average.parts(N, part);
    }

    fn results(&self, state: &FBetaState<N>, result: &mut dyn FnMut(f64)) {
        match self.average {
            Average::None => self.scores(state).into_iter().for_each(result),
            _ => result(self.result(state)),
        }
    }

    /// Where there is no average, it is that of [`Average::Macro`].
    fn result(&self, state: &FBetaState<N>) -> f64 {
        let classes = state.0.iter();
        match self.average {
            Average::Macro | Average::None => divide(self.scores(state).iter().sum(), N as f64),
            Average::Micro => {
                let mut all = Confusion::default();
                for counts in classes {
                    all.true_positives += counts.true_positives;
                    all.false_positives += counts.false_positives;
                    all.false_negatives += counts.false_negatives;
                }
                self.score(&all)
            }
            Average::Weighted => {
                let support = |counts: &Confusion| counts.true_positives + counts.false_negatives;
                let total: f64 = classes.clone().map(support).sum();
                classes.map(|counts| self.score(counts) * support(counts) / (total + EPSILON)).sum()
            }
        }
    }
}
