use super::batch::{gradient_of_positions, mean_of_positions};
use super::class_ids::{Scores, check};
use super::{Loss, TargetError};
use crate::kernels::math::pow;
use crate::shape::Tensor;

/// A crossentropy that wrong labels disturb less (Zhang and Sabuncu, 2018): Keras's `CategoricalGeneralizedCrossEntropy`.
///
/// (1 − pᑫ) / q, where p is the probability of the target's class; as in Keras the target is the class's id, one `u32`
/// for each vector of the last dimension. For small q it is nearly the crossentropy, near 1 the absolute error.
/// `CategoricalGeneralizedCrossEntropy::default()` has Keras's q, ½. Where p is 0 the slope would be infinite, and is 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{CategoricalGeneralizedCrossEntropy, Loss};
///
/// let mut losses = [0.0];
/// CategoricalGeneralizedCrossEntropy::default().losses(&[1], &[[0.75_f32, 0.25]], &mut losses);
/// assert_eq!(losses, [1.0]);
/// ```
///
/// # Panics
/// A class id that is not below the number of classes; [`Loss::check`] finds it before.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CategoricalGeneralizedCrossEntropy {
    q: f32,
}

impl Default for CategoricalGeneralizedCrossEntropy {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl CategoricalGeneralizedCrossEntropy {
    /// With q, above 0 and below 1.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub const fn new(q: f32) -> Self {
        assert!(q > 0.0 && q < 1.0, "q must be above 0 and below 1");
        Self { q }
    }

    fn values(self, positions: usize, scores: &Scores<'_>, losses: &mut [f32]) {
        mean_of_positions(positions, losses, |index| {
            let (class, predictions) = scores.of(index);
            (1.0 - pow(predictions[class], self.q)) / self.q
        });
    }

    fn derivatives(self, positions: usize, scores: &Scores<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient_of_positions((positions, scores.classes), weights, gradient, |index, weight, gradient| {
            let (class, predictions) = scores.of(index);
            gradient.fill(0.0);
            let p = predictions[class];
            gradient[class] = if p == 0.0 { 0.0 } else { -weight * pow(p, self.q - 1.0) };
        });
    }
}

impl<Out: Tensor<Element = f32>> Loss<Out> for CategoricalGeneralizedCrossEntropy {
    type Target = Out::ClassIds;

    fn name(&self) -> &'static str {
        "categorical_generalized_cross_entropy"
    }

    fn by_step(&self) -> bool {
        true
    }

    fn losses(&self, targets: &[Out::ClassIds], predictions: &[Out], losses: &mut [f32]) {
        let scores = Scores::new(targets, predictions);
        self.values(scores.positions(losses.len()), &scores, losses);
    }

    fn gradient(&self, targets: &[Out::ClassIds], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
        let scores = Scores::new(targets, predictions);
        self.derivatives(scores.positions(weights.len()), &scores, weights, Out::numbers_mut(gradient));
    }

    fn check(&self, targets: &[Out::ClassIds]) -> Result<(), TargetError> {
        check::<Out>(targets, None)
    }
}
