//! What the crossentropies over several classes share.

use super::batch::{sum, total};
use crate::kernels::math::{exp, ln};
use crate::kernels::vectorize;

/// What the logarithm of a softmax is made of: ln exp(x) / Σ exp(x) = (x − `most`) − `ln_sum`.
///
/// Two numbers, because their sum would lose the digits of small differences between large logits.
pub(super) struct LnSoftmax {
    most: f32,
    ln_sum: f32,
}

impl LnSoftmax {
    pub fn new(logits: &[f32]) -> Self {
        let most = largest(logits);
        Self {
            most,
            ln_sum: ln(vectorize(
                #[inline(always)]
                || sum(logits, logits, |x, _| exp(x - most)),
            )),
        }
    }

    /// −ln of the softmax of one of the logits.
    pub fn minus_ln(&self, logit: f32) -> f32 {
        self.ln_sum - (logit - self.most)
    }
}

/// Writes exp(x) / Σ exp(x).
pub(super) fn softmax(logits: &[f32], probabilities: &mut [f32]) {
    let most = largest(logits);
    vectorize(
        #[inline(always)]
        || {
            for (probability, x) in probabilities.iter_mut().zip(logits) {
                *probability = exp(x - most);
            }
            let sum = total(probabilities.iter().copied());
            for probability in probabilities {
                *probability /= sum;
            }
        },
    );
}

fn largest(logits: &[f32]) -> f32 {
    logits.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}
