use alloc::vec::Vec;

use super::mean::{divide, weight_of};
use super::thresholds::{Buckets, Thresholds};
use super::{Confusion, Metric, MetricState};
use crate::kernels::math::sigmoid;
use crate::shape::Tensor;

/// The area under a curve of yes-or-no predictions: Keras's `AUC`, with its 200 thresholds and
/// its interpolation between them.
///
/// Predictions are probabilities, or with [`Auc::from_logits`] numbers before a sigmoid; targets
/// that are not 0 are a yes. An output of several numbers is taken as so many predictions, or with
/// [`multi_label`](Self::multi_label) as so many labels, each with its own curve.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Auc, AucState, Metric};
///
/// let (metric, mut state) = (Auc::default(), AucState::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0], [1.0]], &[[0.0], [0.5], [0.3], [0.9]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 0.75);
/// ```
///
/// # Panics
/// If there are not as many [`label_weights`](Self::label_weights) as labels.
#[doc(alias = "AUC")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Auc {
    curve: Curve,
    summation_method: SummationMethod,
    thresholds: Thresholds,
    multi_label: bool,
    label_weights: Option<&'static [f32]>,
    from_logits: bool,
}

/// Which curve [`Auc`] measures.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Curve {
    /// The receiver's operating characteristic: recall over the rate of false positives.
    #[default]
    Roc,
    /// Precision over recall, interpolated after Davis and Goadrich (2006).
    Pr,
    /// The gain of precision over that of recall (Flach and Kull, 2015), which are those beyond what saying yes to
    /// everything gives.
    PrGain,
}

/// How high [`Auc`] takes the curve to be between two thresholds.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum SummationMethod {
    /// In the middle of both, or as the curve is known to be.
    #[default]
    Interpolation,
    /// As high as at the higher one.
    Majoring,
    /// As high as at the lower one.
    Minoring,
}

impl Default for Auc {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Auc {
    /// Keras's.
    const DEFAULT: Self = Self {
        curve: Curve::Roc,
        summation_method: SummationMethod::Interpolation,
        thresholds: Thresholds::Even { count: 200, all_exceed_first: true },
        multi_label: false,
        label_weights: None,
        from_logits: false,
    };

    /// For outputs before the sigmoid.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { from_logits: true, ..Self::DEFAULT }
    }

    /// Measures another curve.
    #[must_use]
    pub const fn curve(mut self, curve: Curve) -> Self {
        self.curve = curve;
        self
    }

    /// How high the curve is between two thresholds.
    #[must_use]
    pub const fn summation_method(mut self, summation_method: SummationMethod) -> Self {
        self.summation_method = summation_method;
        self
    }

    /// How many thresholds there are from 0 to 1, both of which are among them.
    ///
    /// # Panics
    /// If there are fewer than two.
    #[must_use]
    pub const fn num_thresholds(mut self, num_thresholds: usize) -> Self {
        assert!(num_thresholds > 1, "a curve has two thresholds at least");
        self.thresholds = Thresholds::Even { count: num_thresholds, all_exceed_first: true };
        self
    }

    /// Other thresholds than even ones, to which one below 0 and one above 1 are added.
    #[must_use]
    pub const fn thresholds(mut self, thresholds: &'static [f32]) -> Self {
        self.thresholds = Thresholds::Listed(thresholds);
        self
    }

    /// Whether each number of the last dimension is a label with its own curve. The metric is the mean of the labels'
    /// areas.
    #[must_use]
    pub const fn multi_label(mut self, multi_label: bool) -> Self {
        self.multi_label = multi_label;
        self
    }

    /// What each number of the last dimension counts: its area in the mean of all with
    /// [`multi_label`](Self::multi_label), and its predictions otherwise.
    #[must_use]
    pub const fn label_weights(mut self, label_weights: &'static [f32]) -> Self {
        self.label_weights = Some(label_weights);
        self
    }

    fn weight_of_label(&self, label: usize) -> f64 {
        self.label_weights.map_or(1.0, |weights| f64::from(weights[label]))
    }

    /// Takes in predictions of so many labels, so many for each sample.
    fn add(
        &self,
        state: &mut AucState,
        (labels, length): (usize, usize),
        (targets, predictions): (&[f32], &[f32]),
        weights: Option<&[f32]>,
    ) {
        if let Some(weights) = self.label_weights {
            assert!(weights.len() == labels, "{} label weights, {labels} labels", weights.len());
        }
        state.labels.resize_with(if self.multi_label { labels } else { 1 }, Buckets::default);
        for (index, (target, prediction)) in targets.iter().zip(predictions).enumerate() {
            let probability = if self.from_logits { sigmoid(*prediction) } else { *prediction };
            let (label, weight) = (index % labels, weight_of(index / length, weights));
            let (place, weight) =
                if self.multi_label { (label, weight) } else { (0, weight * self.weight_of_label(label)) };
            state.labels[place].add(self.thresholds, *target != 0.0, probability, weight);
        }
    }

    /// The area of one label.
    fn area(&self, buckets: &Buckets) -> f64 {
        let mut thresholds = buckets.at_thresholds();
        let Some(mut above) = thresholds.next() else { return 0.0 };
        let mut area = 0.0;
        for here in thresholds {
            area += self.area_between(&here, &above);
            above = here;
        }
        area
    }

    /// The area between two thresholds, of which the second is the higher one.
    fn area_between(&self, here: &Confusion, above: &Confusion) -> f64 {
        if (self.curve, self.summation_method) == (Curve::Pr, SummationMethod::Interpolation) {
            return interpolated(here, above);
        }
        let ((x, y), (x_above, y_above)) = (self.curve.point(here), self.curve.point(above));
        let height = match self.summation_method {
            SummationMethod::Interpolation => (y + y_above) / 2.0,
            SummationMethod::Majoring => y.max(y_above),
            SummationMethod::Minoring => y.min(y_above),
        };
        (x - x_above) * height
    }
}

impl Curve {
    /// Where the curve is at a threshold.
    fn point(self, counts: &Confusion) -> (f64, f64) {
        match self {
            Self::Roc => {
                let noes = counts.false_positives + counts.true_negatives;
                (divide(counts.false_positives, noes), counts.recall())
            }
            Self::Pr => (counts.recall(), counts.precision()),
            Self::PrGain if counts.true_positives == 0.0 => (0.0, 1.0),
            Self::PrGain => {
                let yes = counts.true_positives + counts.false_negatives;
                let scale = divide(yes, counts.true_negatives + counts.false_positives);
                let gain = |wrong: f64| 1.0 - scale * wrong / counts.true_positives;
                (gain(counts.false_negatives).max(0.0), gain(counts.false_positives))
            }
        }
    }
}

/// Between two thresholds true positives and positives vary linearly, so that precision is
/// slope + intercept / positives, whose integral has a logarithm.
fn interpolated(here: &Confusion, above: &Confusion) -> f64 {
    let positives = |counts: &Confusion| counts.true_positives + counts.false_positives;
    let (positives, positives_above) = (positives(here), positives(above));
    let true_positives = here.true_positives - above.true_positives;
    let slope = divide(true_positives, positives - positives_above);
    let intercept = above.true_positives - slope * positives_above;
    let both = positives > 0.0 && positives_above > 0.0;
    let logarithm = if both { libm::log(positives / positives_above) } else { 0.0 };
    divide(slope * (true_positives + intercept * logarithm), here.true_positives + here.false_negatives)
}

/// What [`Auc`] has seen of each label: the weights of yeses and noes whose predictions lie between one
/// threshold and the next.
#[derive(Clone, Default, Debug)]
pub struct AucState {
    labels: Vec<Buckets>,
}

impl MetricState for AucState {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.labels.each(number);
    }
}

impl<Out: Tensor<Element = f32>> Metric<Out> for Auc {
    type Target = Out;
    type State = AucState;

    fn name(&self) -> &'static str {
        "auc"
    }

    fn update(&self, state: &mut AucState, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
        let sizes = (Out::SHAPE.last().max(1), Out::SHAPE.length().max(1));
        self.add(state, sizes, (Out::numbers(targets), Out::numbers(predictions)), weights);
    }

    fn result(&self, state: &AucState) -> f64 {
        let areas = state.labels.iter().map(|buckets| self.area(buckets));
        if !self.multi_label {
            return areas.sum();
        }
        let weights = (0..).map(|label| self.weight_of_label(label));
        let sum = areas.zip(weights.clone()).map(|(area, weight)| area * weight).sum();
        divide(sum, weights.take(state.labels.len()).sum())
    }
}
