//! From scores to weights, and scores that are no products.

use crate::activations::{Activation, Softmax};
use crate::kernels::math::tanh;
use crate::kernels::vectorize;

/// The score of a key that a query does not see: far below all others, and yet a number, so that the weights of a query
/// that sees none are numbers too (`dot_product_attention` in `keras.ops`).
const UNSEEN: f32 = 0.7 * f32::MIN;

/// Scores, a row of `keys` for each query, become weights: the softmax over the keys that a query sees. Where that is
/// `causal` they are those of its own step and of earlier ones.
pub(super) fn weigh(scores: &mut [f32], keys: usize, causal: bool) {
    if causal {
        for (query, row) in scores.chunks_exact_mut(keys).enumerate() {
            row[keys.min(query + 1)..].fill(UNSEEN);
        }
    }
    Softmax::forward(scores, keys);
}

/// score = Σ factor · tanh(query + key), a row of scores for each query; the keys come transposed.
pub(super) fn additive(queries: &[f32], keys_transposed: &[f32], factors: &[f32], scores: &mut [f32]) {
    let features = factors.len();
    let keys = keys_transposed.len() / features;
    vectorize(
        #[inline(always)]
        || {
            for (query, scores) in queries.chunks_exact(features).zip(scores.chunks_exact_mut(keys)) {
                scores.fill(0.0);
                for ((query, key), factor) in query.iter().zip(keys_transposed.chunks_exact(keys)).zip(factors) {
                    scores.iter_mut().zip(key).for_each(|(score, key)| *score += factor * tanh(query + key));
                }
            }
        },
    );
}

/// The way back of [`additive`] from the gradient of the scores: the gradients of the queries and of the keys, and
/// those of the factors, a row for each query.
#[cfg(feature = "training")]
pub(super) fn additive_gradient(
    [queries, keys]: [&[f32]; 2],
    factors: &[f32],
    scores_gradient: &[f32],
    [dqueries, dkeys, dfactors]: [&mut [f32]; 3],
) {
    let features = factors.len();
    let steps = keys.len() / features;
    dkeys.fill(0.0);
    dqueries.fill(0.0);
    dfactors.fill(0.0);
    let gradients = dqueries.chunks_exact_mut(features).zip(dfactors.chunks_exact_mut(features));
    let rows = queries.chunks_exact(features).zip(scores_gradient.chunks_exact(steps)).zip(gradients);
    vectorize(
        #[inline(always)]
        || {
            for ((query, scores_gradient), (dquery, dfactor)) in rows {
                let keys = keys.chunks_exact(features).zip(dkeys.chunks_exact_mut(features));
                for ((key, dkey), gradient) in keys.zip(scores_gradient) {
                    for feature in 0..features {
                        let tanh = tanh(query[feature] + key[feature]);
                        let slope = gradient * factors[feature] * (1.0 - tanh * tanh);
                        dquery[feature] += slope;
                        dkey[feature] += slope;
                        dfactor[feature] += gradient * tanh;
                    }
                }
            }
        },
    );
}
