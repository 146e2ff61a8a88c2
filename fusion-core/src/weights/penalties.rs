//! What regularizers and constraints do to all weights of a model.

use super::{Parameters, walk, walk_ref};

/// What the weights add to the loss: the penalties of all arrays that an optimizer moves, each once, as in Keras.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::{layers::Dense, weights::penalty};
/// assert_eq!(penalty(&Dense::<2, 1>::new([[0.5], [-1.0]], [2.0])), 0.0);
/// ```
#[must_use]
pub fn penalty<P: Parameters>(weights: &P) -> f64 {
    let mut sum = 0.0;
    if const { P::REGULARIZED } {
        walk_ref(weights, &mut |parameter, values| {
            if let (true, Some(regularizer)) = (parameter.trainable, parameter.array.regularizer) {
                sum += regularizer.penalty(&parameter.array.shape, values);
            }
        });
    }
    sum
}

/// Adds the gradient of [`penalty`] with respect to the weights.
pub fn add_penalty_gradient<P: Parameters>(weights: &mut P, gradient: &mut P) {
    if const { P::REGULARIZED } {
        walk([weights, gradient], &mut |parameter, [values, gradient]| {
            if let (true, Some(regularizer)) = (parameter.trainable, parameter.array.regularizer) {
                regularizer.add_gradient(&parameter.array.shape, values, gradient);
            }
        });
    }
}

/// Holds all arrays that an optimizer moves to their constraints.
pub fn constrain<P: Parameters>(weights: &mut P) {
    if const { P::CONSTRAINED } {
        walk([weights], &mut |parameter, [values]| {
            if let (true, Some(constraint)) = (parameter.trainable, parameter.array.constraint) {
                constraint.apply(&parameter.array.shape, values);
            }
        });
    }
}
