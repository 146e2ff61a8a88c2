use super::Metric;
use super::mean::{divide, weight_of};
use crate::kernels::math::sigmoid;
use crate::shape::Tensor;

/// How many thresholds stand for the curve: Keras's default.
const THRESHOLDS: usize = 200;

/// The area under a curve of yes-or-no predictions: Keras's `AUC`, with its 200 thresholds and
/// its interpolation between them.
///
/// Predictions are probabilities, or with [`Auc::from_logits`] numbers before a sigmoid; targets
/// that are not 0 are a yes. An output of several numbers is taken as so many predictions.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Auc, AucState, Metric};
///
/// let (metric, mut state) = (Auc::default(), AucState::default());
/// metric.update(&mut state, &[[0.0_f32], [0.0], [1.0], [1.0]], &[[0.0], [0.5], [0.3], [0.9]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&metric, &state), 0.75);
/// ```
#[doc(alias = "AUC")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Auc {
    curve: Curve,
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
}

impl Auc {
    /// For outputs before the sigmoid.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { curve: Curve::Roc, from_logits: true }
    }

    /// Measures another curve.
    #[must_use]
    pub const fn curve(mut self, curve: Curve) -> Self {
        self.curve = curve;
        self
    }
}

/// What [`Auc`] has seen: the weights of yeses and noes whose predictions lie between one
/// threshold and the next.
#[derive(Clone, Debug)]
pub struct AucState {
    yes: [f64; THRESHOLDS],
    no: [f64; THRESHOLDS],
}

impl Default for AucState {
    fn default() -> Self {
        Self { yes: [0.0; THRESHOLDS], no: [0.0; THRESHOLDS] }
    }
}

/// True and false positives at one threshold.
#[derive(Clone, Copy, Default)]
struct Point {
    yes: f64,
    no: f64,
}

impl Point {
    fn positives(self) -> f64 {
        self.yes + self.no
    }
}

impl AucState {
    /// Both sums over all predictions.
    fn totals(&self) -> Point {
        Point { yes: self.yes.iter().sum(), no: self.no.iter().sum() }
    }

    /// The sum of `area(b, a)` over the intervals of the curve, where `a` is the next higher
    /// threshold's point. Above the last threshold nothing is positive.
    fn integrate(&self, area: impl Fn(Point, Point) -> f64) -> f64 {
        let mut above = Point::default();
        let mut sum = 0.0;
        for (yes, no) in self.yes.iter().zip(&self.no).rev() {
            let here = Point { yes: above.yes + yes, no: above.no + no };
            sum += area(here, above);
            above = here;
        }
        sum
    }

    fn roc(&self) -> f64 {
        let totals = self.totals();
        let area = self.integrate(|here, above| (here.no - above.no) * (here.yes + above.yes) / 2.0);
        divide(area, totals.yes * totals.no)
    }

    /// Between two thresholds true positives and positives vary linearly, so that precision is
    /// slope + intercept / positives, whose integral has a logarithm.
    fn pr(&self) -> f64 {
        let area = self.integrate(|here, above| {
            let true_positives = here.yes - above.yes;
            let slope = divide(true_positives, here.positives() - above.positives());
            let intercept = above.yes - slope * above.positives();
            let both = here.positives() > 0.0 && above.positives() > 0.0;
            let logarithm = if both { libm::log(here.positives() / above.positives()) } else { 0.0 };
            slope * (true_positives + intercept * logarithm)
        });
        divide(area, self.totals().yes)
    }
}

/// Which thresholds a probability exceeds: all up to this one.
fn threshold_below(probability: f32) -> usize {
    // The first threshold lies below 0, so that every probability exceeds it.
    (libm::ceilf(probability.clamp(0.0, 1.0) * (THRESHOLDS - 1) as f32) as usize).saturating_sub(1)
}

impl<Out: Tensor<Element = f32>> Metric<Out> for Auc {
    type Target = Out;
    type State = AucState;

    fn name(&self) -> &'static str {
        "auc"
    }

    fn update(&self, state: &mut AucState, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
        let length = Out::SHAPE.length();
        for (index, (target, prediction)) in Out::numbers(targets).iter().zip(Out::numbers(predictions)).enumerate() {
            let probability = if self.from_logits { sigmoid(*prediction) } else { *prediction };
            let buckets = if *target == 0.0 { &mut state.no } else { &mut state.yes };
            buckets[threshold_below(probability)] += weight_of(index / length, weights);
        }
    }

    fn result(&self, state: &AucState) -> f64 {
        match self.curve {
            Curve::Roc => state.roc(),
            Curve::Pr => state.pr(),
        }
    }
}
