use core::fmt;

use super::mean::weight_of;
use super::{Metric, MetricState};

/// How much of the targets' variance the predictions explain, the coefficient of determination: Keras's `R2Score`.
///
/// 1 − Σ (y − ŷ)² / Σ (y − ȳ)² of each of the output's `N` numbers, over all samples. 1 is perfect, 0 as good as the mean of
/// the targets, and below it is worse. Targets that are all equal give 0, or NaN where the predictions are right.
/// Keras's default is the mean over the numbers.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Metric, R2Score, R2State};
///
/// let (metric, mut state) = (R2Score::default(), R2State::default());
/// metric.update(&mut state, &[[1.0_f32], [2.0], [3.0]], &[[1.0], [2.0], [4.0]], None);
/// assert!((metric.result(&state) - 0.5).abs() < 1e-6);
/// ```
#[doc(alias = "coefficient of determination")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct R2Score {
    class_aggregation: ClassAggregation,
    num_regressors: usize,
}

/// What [`R2Score`] makes of the scores of the output's numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum ClassAggregation {
    /// Their mean.
    #[default]
    UniformAverage,
    /// Their mean, each weighted by the variance of its targets.
    VarianceWeightedAverage,
    /// Each number's score, under a name of its own: `r2_score_0`.
    None,
}

impl R2Score {
    /// How one number is made of those of the output's numbers.
    #[must_use]
    pub const fn class_aggregation(mut self, class_aggregation: ClassAggregation) -> Self {
        self.class_aggregation = class_aggregation;
        self
    }

    /// The adjusted score of a model with so many independent regressors, 1 − (1 − R²)(n − 1) / (n − p − 1), where n is,
    /// as in Keras, the number of all targets' numbers. It is the plain one where n is not above p + 1.
    #[must_use]
    pub const fn num_regressors(mut self, num_regressors: usize) -> Self {
        self.num_regressors = num_regressors;
        self
    }

    /// The score of each number of the output: Keras's, where `class_aggregation` is `None`.
    #[must_use]
    pub fn scores<const N: usize>(&self, state: &R2State<N>) -> [f64; N] {
        state.sums.map(|sums| self.adjusted(sums.score(), state.count))
    }

    fn adjusted(&self, score: f64, count: usize) -> f64 {
        if self.num_regressors == 0 || self.num_regressors + 1 >= count {
            return score;
        }
        let (count, regressors) = (count as f64, self.num_regressors as f64);
        1.0 - (1.0 - score) * (count - 1.0) / (count - regressors - 1.0)
    }
}

/// What [`R2Score`] adds up for each of `N` numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct R2State<const N: usize> {
    sums: [Sums; N],
    /// How many targets' numbers there were.
    count: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Sums {
    weight: f64,
    target: f64,
    square: f64,
    error: f64,
}

impl MetricState for Sums {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        let Self { weight, target, square, error } = self;
        [weight, target, square, error].into_iter().for_each(number);
    }
}

impl<const N: usize> MetricState for R2State<N> {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.sums.iter_mut().for_each(|sums| sums.each(number));
        self.count.each(number);
    }
}

impl Sums {
    /// The sum of the squared differences from the mean.
    fn total(&self) -> f64 {
        let total = self.square - self.target * self.target / self.weight;
        // Nothing but rounding.
        if total < 1e-14 * self.square { 0.0 } else { total }
    }

    fn score(&self) -> f64 {
        let score = 1.0 - self.error / self.total();
        if score.is_infinite() { 0.0 } else { score }
    }
}

impl<const N: usize> Default for R2State<N> {
    fn default() -> Self {
        Self { sums: [Sums::default(); N], count: 0 }
    }
}

impl<const N: usize> Metric<[f32; N]> for R2Score {
    type Target = [f32; N];
    type State = R2State<N>;

    fn name(&self) -> &'static str {
        "r2_score"
    }

    fn update(&self, state: &mut R2State<N>, targets: &[[f32; N]], predictions: &[[f32; N]], weights: Option<&[f32]>) {
        for (sample, (targets, predictions)) in targets.iter().zip(predictions).enumerate() {
            let weight = weight_of(sample, weights);
            for (sums, (target, prediction)) in state.sums.iter_mut().zip(targets.iter().zip(predictions)) {
                let (target, error) = (f64::from(*target), f64::from(target - prediction));
                sums.weight += weight;
                sums.target += weight * target;
                sums.square += weight * target * target;
                sums.error += weight * error * error;
            }
        }
        state.count += N * targets.len();
    }

    fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        match self.class_aggregation {
            ClassAggregation::None if N > 1 => (0..N).for_each(|number| part(format_args!("_{number}"))),
            _ => part(format_args!("")),
        }
    }

    fn results(&self, state: &R2State<N>, result: &mut dyn FnMut(f64)) {
        match self.class_aggregation {
            ClassAggregation::None => self.scores(state).into_iter().for_each(result),
            _ => result(self.result(state)),
        }
    }

    /// Where there is no aggregation, it is the mean.
    fn result(&self, state: &R2State<N>) -> f64 {
        let scores = state.sums.iter().map(Sums::score);
        let score = match self.class_aggregation {
            ClassAggregation::UniformAverage | ClassAggregation::None => scores.sum::<f64>() / N as f64,
            ClassAggregation::VarianceWeightedAverage => {
                let weighted: f64 = state.sums.iter().zip(scores).map(|(sums, score)| sums.total() * score).sum();
                weighted / state.sums.iter().map(Sums::total).sum::<f64>()
            }
        };
        self.adjusted(score, state.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_that_do_not_vary_give_0_and_few_samples_the_plain_score() {
        let (metric, mut state) = (R2Score::default().num_regressors(7), R2State::default());
        metric.update(&mut state, &[[0.1_f32], [0.1], [0.1]], &[[0.0], [0.2], [0.1]], None);
        assert_eq!(metric.result(&state), 0.0);
        let mut state = R2State::default();
        metric.update(&mut state, &[[1.0_f32], [3.0]], &[[1.0], [2.0]], None);
        assert_eq!(metric.result(&state), 0.5);
    }
}
