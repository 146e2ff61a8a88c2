use alloc::vec::Vec;

use super::batch::{gradient_of_positions, mean_of_positions, total};
use super::class_ids::{Scores, check};
use super::softmax::{LnSoftmax, softmax};
use super::{Loss, TargetError, clip, is_clipped};
use crate::kernels::math::ln;
use crate::shape::Tensor;

/// The crossentropy of one class out of several, the target being the class's id: Keras's
/// `SparseCategoricalCrossentropy`.
///
/// −ln ŷ of the target's class; one `u32` for each vector of the last dimension. The outputs are
/// probabilities, which as in Keras are kept within 10⁻⁷ of 0 and 1 (beyond, the gradient is 0)
/// and then divided by their sum. With [`from_logits`](Self::from_logits) they are the numbers
/// before a softmax: exact however large they are.
///
/// Where the model's output is a sigmoid or softmax of logits, training and `evaluate` take the loss of these, as Keras
/// does ([`Forward::keep_logits`](crate::layer::Forward::keep_logits)): there both forms are the same.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, SparseCategoricalCrossentropy};
///
/// let mut losses = [0.0];
/// SparseCategoricalCrossentropy::default().losses(&[1], &[[0.5_f32, 0.5]], &mut losses);
/// assert_eq!(losses, [std::f32::consts::LN_2]);
/// ```
///
/// # Panics
/// A class id that is not below the number of classes; [`Loss::check`] finds it before.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct SparseCategoricalCrossentropy {
    from_logits: bool,
    ignore_class: Option<u32>,
}

impl SparseCategoricalCrossentropy {
    /// For outputs before the softmax: any numbers, not probabilities.
    #[must_use]
    pub const fn from_logits() -> Self {
        Self { from_logits: true, ignore_class: None }
    }

    /// Leaves out targets of this id, as the steps of a mask are: the loss of a batch is the mean over the others. It may
    /// be no class at all, as 255 where it marks the pixels that nothing is known of. Where a model ends with a softmax the
    /// loss is still that of the logits; Keras's is then that of the probabilities, which differs where these are 0 or 1.
    #[must_use]
    pub const fn ignore_class(mut self, class: u32) -> Self {
        self.ignore_class = Some(class);
        self
    }

    fn ignores(self, class: usize) -> bool {
        self.ignore_class.is_some_and(|ignored| ignored as usize == class)
    }

    fn values(self, positions: usize, scores: &Scores<'_>, losses: &mut [f32]) {
        mean_of_positions(positions, losses, |index| {
            let (class, predictions) = scores.of(index);
            if self.ignores(class) {
                0.0
            } else if self.from_logits {
                LnSoftmax::new(predictions).minus_ln(predictions[class])
            } else {
                ln(sum_of_clipped(predictions)) - ln(clip(predictions[class]))
            }
        });
    }

    fn derivatives(self, positions: usize, scores: &Scores<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient_of_positions((positions, scores.classes), weights, gradient, |index, weight, gradient| {
            let (class, predictions) = scores.of(index);
            if self.ignores(class) {
                return gradient.fill(0.0);
            }
            if self.from_logits {
                softmax(predictions, gradient);
                gradient[class] -= 1.0;
            } else {
                gradient.fill(1.0 / sum_of_clipped(predictions));
                gradient[class] -= 1.0 / predictions[class];
            }
            for (gradient, p) in gradient.iter_mut().zip(predictions) {
                let flat = !self.from_logits && is_clipped(*p);
                *gradient = if flat { 0.0 } else { weight * *gradient };
            }
        });
    }
}

fn sum_of_clipped(probabilities: &[f32]) -> f32 {
    total(probabilities.iter().map(|p| clip(*p)))
}

impl<Out: Tensor<Element = f32>> Loss<Out> for SparseCategoricalCrossentropy {
    type Target = Out::ClassIds;

    fn name(&self) -> &'static str {
        "sparse_categorical_crossentropy"
    }

    fn of_logits(&self) -> Option<Self> {
        Some(Self { from_logits: true, ..*self })
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

    fn by_batch(&self) -> bool {
        self.ignore_class.is_some()
    }

    fn counts(&self, targets: &[Out::ClassIds], counts: &mut Vec<f32>) {
        if self.ignore_class.is_some() {
            counts.extend(Out::class_ids(targets).iter().map(|id| f32::from(!self.ignores(*id as usize))));
        }
    }

    fn check(&self, targets: &[Out::ClassIds]) -> Result<(), TargetError> {
        check::<Out>(targets, self.ignore_class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_id_out_of_range_is_named() {
        let loss = SparseCategoricalCrossentropy::default();
        let error = Loss::<[[f32; 3]; 3]>::check(&loss, &[[0, 2, 1], [1, 3, 0]]);
        assert_eq!(error, Err(TargetError::ClassOutOfRange { sample: 1, class: 3, classes: 3 }));
        assert_eq!(Loss::<[f32; 3]>::check(&loss, &[0, 1, 2]), Ok(()));
        assert_eq!(Loss::<[f32; 3]>::check(&loss.ignore_class(255), &[0, 255, 2]), Ok(()));
        assert!(Loss::<[f32; 3]>::check(&loss.ignore_class(255), &[0, 255, 254]).is_err());
    }
}
