use core::fmt;

use super::{Average, FBetaScore, FBetaState, Metric};

/// The harmonic mean of precision and recall, 2 P R / (P + R): Keras's `F1Score`.
///
/// For an output of one vector of `N` classes. Without a threshold the largest prediction is the
/// yes (Keras's default); with one, every prediction above it. Keras's default `average` is `None`, a number for each
/// class: here that is [`Average::None`], and the default their mean, [`Average::Macro`], which callbacks can watch.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{F1Score, F1State, Metric};
///
/// let (metric, mut state) = (F1Score::default().threshold(0.5), F1State::default());
/// metric.update(&mut state, &[[0.0_f32], [1.0], [1.0]], &[[0.9], [0.2], [0.8]], None);
/// assert!((metric.result(&state) - 0.5).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct F1Score(FBetaScore);

/// What [`F1Score`] counts for each of `N` classes.
pub type F1State<const N: usize> = FBetaState<N>;

impl Default for F1Score {
    fn default() -> Self {
        Self(FBetaScore::DEFAULT)
    }
}

impl F1Score {
    /// What is made of the numbers of the classes.
    #[must_use]
    pub const fn average(self, average: Average) -> Self {
        Self(self.0.average(average))
    }

    /// Every prediction above this is a yes, not only the largest one.
    #[must_use]
    pub const fn threshold(self, threshold: f32) -> Self {
        Self(self.0.threshold(threshold))
    }

    /// The score of each class: Keras's, where no `average` is given.
    #[must_use]
    pub fn scores<const N: usize>(&self, state: &F1State<N>) -> [f64; N] {
        self.0.scores(state)
    }
}

impl<const N: usize> Metric<[f32; N]> for F1Score {
    type Target = [f32; N];
    type State = F1State<N>;

    fn name(&self) -> &'static str {
        "f1_score"
    }

    fn update(&self, state: &mut F1State<N>, targets: &[[f32; N]], predictions: &[[f32; N]], weights: Option<&[f32]>) {
        self.0.update(state, targets, predictions, weights);
    }

    fn result(&self, state: &F1State<N>) -> f64 {
        self.0.result(state)
    }

    fn parts(&self, part: &mut dyn FnMut(fmt::Arguments<'_>)) {
        Metric::<[f32; N]>::parts(&self.0, part);
    }

    fn results(&self, state: &F1State<N>, result: &mut dyn FnMut(f64)) {
        self.0.results(state, result);
    }
}
