use super::mean::{divide, weight_of};
use super::{Confusion, Metric};

/// The harmonic mean of precision and recall, 2 P R / (P + R): Keras's `F1Score`.
///
/// For an output of one vector of `N` classes. Without a threshold the largest prediction is the
/// yes (Keras's default); with one, every prediction above it. Keras's default `average`, `None`,
/// gives one number for each class, and a log takes only one: here the default is their mean,
/// [`Average::Macro`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{F1Score, F1State, Metric};
///
/// let (metric, mut state) = (F1Score::default().threshold(0.5), F1State::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert!((metric.result(&state) - 0.5).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct F1Score {
    average: Average,
    threshold: Option<f32>,
}

/// How [`F1Score`] makes one number of those of the classes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Average {
    /// The mean of the classes' scores.
    #[default]
    Macro,
    /// The score of all classes' counts taken together.
    Micro,
    /// The mean of the classes' scores, each weighted by how often the class is the target.
    Weighted,
}

impl F1Score {
    /// How one number is made of those of the classes.
    #[must_use]
    pub const fn average(mut self, average: Average) -> Self {
        self.average = average;
        self
    }

    /// Every prediction above this is a yes, not only the largest one.
    #[must_use]
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = Some(threshold);
        self
    }

    fn yes(&self, predictions: &[f32], class: usize) -> bool {
        let prediction = predictions[class];
        match self.threshold {
            Some(threshold) => prediction > threshold,
            // All of several largest ones are; but nothing is where all predictions are 0.
            None => predictions.iter().all(|other| prediction >= *other) && prediction.abs() > 1e-9,
        }
    }
}

/// What [`F1Score`] counts for each of `N` classes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct F1State<const N: usize>([Confusion; N]);

impl<const N: usize> Default for F1State<N> {
    fn default() -> Self {
        Self([Confusion::default(); N])
    }
}

/// Keras adds it to each divisor.
const EPSILON: f64 = 1e-7;

fn f1(counts: &Confusion) -> f64 {
    let precision = counts.true_positives / (counts.true_positives + counts.false_positives + EPSILON);
    let recall = counts.true_positives / (counts.true_positives + counts.false_negatives + EPSILON);
    2.0 * precision * recall / (precision + recall + EPSILON)
}

impl<const N: usize> Metric<[f32; N]> for F1Score {
    type Target = [f32; N];
    type State = F1State<N>;

    fn name(&self) -> &'static str {
        "f1_score"
    }

    fn update(&self, state: &mut F1State<N>, targets: &[[f32; N]], predictions: &[[f32; N]], weights: Option<&[f32]>) {
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

    fn result(&self, state: &F1State<N>) -> f64 {
        let classes = state.0.iter();
        match self.average {
            Average::Macro => divide(classes.map(f1).sum(), N as f64),
            Average::Micro => f1(&classes.fold(Confusion::default(), |sum, counts| Confusion {
                true_positives: sum.true_positives + counts.true_positives,
                false_positives: sum.false_positives + counts.false_positives,
                false_negatives: sum.false_negatives + counts.false_negatives,
            })),
            Average::Weighted => {
                let support = |counts: &Confusion| counts.true_positives + counts.false_negatives;
                let total: f64 = classes.clone().map(support).sum();
                classes.map(|counts| f1(counts) * support(counts) / (total + EPSILON)).sum()
            }
        }
    }
}
