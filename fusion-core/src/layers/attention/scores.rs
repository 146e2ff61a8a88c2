//! From scores to weights, and scores that are no products.

#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Softmax};
use crate::kernels::math::tanh;
use crate::kernels::vectorize;

/// The score of a key that a query does not see: far below all others, and yet a number, so that the weights of a query
/// that sees none are numbers too (`dot_product_attention` in `keras.ops`).
const UNSEEN: f32 = 0.7 * f32::MIN;

/// How far below what it was such a score is instead (`Attention._apply_scores` in Keras).
const BELOW: f32 = 1e9;

/// What becomes of the scores of keys that a query does not see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hiding {
    /// They are [`BELOW`] what they were.
    Lowered,
    /// They are [`UNSEEN`], so that none has a gradient where a query sees no key.
    Replaced,
    /// The same, and a query that sees no key has no weights either: Keras's attention of several heads with a dropout.
    Left,
}

/// Which keys a query sees.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) hiding: Hiding,
    /// Whether a query sees the keys of its own step and of earlier ones only.
    pub(super) causal: bool,
    /// Which queries count, if they have a mask, and which keys, of which there may be two.
    pub(super) queries: Option<&'a [f32]>,
    pub(super) keys: [Option<&'a [f32]>; 2],
}

impl View<'_> {
    /// The same of one sample, of so many queries and keys.
    pub(super) fn of_sample(self, sample: usize, queries: usize, keys: usize) -> Self {
        let part = |mask: Option<_>, steps| mask.map(|mask: &[f32]| &mask[sample * steps..][..steps]);
        Self { queries: part(self.queries, queries), keys: self.keys.map(|mask| part(mask, keys)), ..self }
    }

    fn has_masks(&self) -> bool {
        self.queries.is_some() || self.keys.iter().any(Option::is_some)
    }

    fn sees(&self, query: usize, key: usize) -> bool {
        let counts = |mask: Option<&[f32]>, step: usize| mask.is_none_or(|mask| mask[step] != 0.0);
        (!self.causal || key <= query) && counts(self.queries, query) && self.keys.iter().all(|mask| counts(*mask, key))
    }

    fn sees_none(&self, query: usize, keys: usize) -> bool {
        !(0..keys).any(|key| self.sees(query, key))
    }

    fn hide(&self, query: usize, row: &mut [f32]) {
        for (_, score) in row.iter_mut().enumerate().filter(|(key, _)| !self.sees(query, *key)) {
            *score = if self.hiding == Hiding::Lowered { *score - BELOW } else { UNSEEN };
        }
    }

    /// The rows of queries that see no key become 0.
    fn clear_blind(&self, rows: &mut [f32], keys: usize) {
        let rows = rows.chunks_exact_mut(keys).enumerate();
        rows.filter(|(query, _)| self.sees_none(*query, keys)).for_each(|(_, row)| row.fill(0.0));
    }
}

/// Scores, a row of `keys` for each query, become weights: the softmax over the keys that the query sees.
pub(super) fn weigh(scores: &mut [f32], keys: usize, view: View<'_>) {
    let rows = scores.chunks_exact_mut(keys).enumerate();
    if view.has_masks() {
        rows.for_each(|(query, row)| view.hide(query, row));
    } else if view.causal {
        rows.for_each(|(query, row)| row[keys.min(query + 1)..].fill(UNSEEN));
    }
    Softmax::forward(scores, keys);
    if view.hiding == Hiding::Left && view.has_masks() {
        view.clear_blind(scores, keys);
    }
}

/// The gradient of weights becomes that of the scores they were made of.
#[cfg(feature = "training")]
pub(super) fn weigh_gradient(weights: &[f32], gradient: &mut [f32], keys: usize, view: View<'_>) {
    Softmax::backward(&[], weights, gradient, keys);
    if view.hiding == Hiding::Replaced && view.has_masks() {
        view.clear_blind(gradient, keys);
    }
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
