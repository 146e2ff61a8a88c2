//! Attention of several heads on flat numbers. Sizes come at run time, so that it is compiled once.
//!
//! Queries are `[samples, queries, heads, key_dim]`, keys `[samples, keys, key_heads, key_dim]`, values `[samples, keys,
//! key_heads, value_dim]`, and what comes out is `[samples, queries, heads, value_dim]`; a head is a matrix in them, by
//! its strides. Weights are `[samples, heads, queries, keys]`.

use super::scores::{Hiding, View, additive, weigh};
#[cfg(feature = "training")]
use super::scores::{additive_gradient, weigh_gradient};
use crate::kernels::{MatrixMut, MatrixRef, Start, product, transpose};
use crate::layers::dropout::drop_some_of;
use crate::weights::Random;

#[derive(Clone, Copy)]
pub(super) struct Heads {
    pub(super) samples: usize,
    /// How many steps have a query.
    pub(super) queries: usize,
    /// How many steps have a key and a value.
    pub(super) keys: usize,
    pub(super) heads: usize,
    /// So many heads of keys and values, each for as many heads of queries.
    pub(super) key_heads: usize,
    pub(super) key_dim: usize,
    pub(super) value_dim: usize,
    /// Whether a query sees the keys of its own step and of earlier ones only.
    pub(super) causal: bool,
    /// What becomes of the scores of keys that a query does not see.
    pub(super) hiding: Hiding,
    /// How many of the weights are dropped in training.
    pub(super) dropout: f32,
}

/// How a query is compared with a key.
#[derive(Clone, Copy)]
pub(super) enum Score<'a> {
    /// query · key
    Dot,
    /// Σ factor · tanh(query + key), of one head.
    Additive(&'a [f32]),
}

impl Heads {
    /// The same of so many samples; outside of training nothing is dropped.
    pub(super) fn of(mut self, samples: usize, training: bool) -> Self {
        self.samples = samples;
        if !training {
            self.dropout = 0.0;
        }
        self
    }

    /// Which keys a query sees, where the queries have the first mask and the keys the others.
    pub(super) fn view<'a>(&self, queries: Option<&'a [f32]>, keys: [Option<&'a [f32]>; 2]) -> View<'a> {
        let of = |mask: Option<&'a [f32]>, steps| mask.filter(|mask| mask.len() == self.samples * steps);
        let (queries, keys) = (of(queries, self.queries), keys.map(|mask| of(mask, self.keys)));
        View { hiding: self.hiding, causal: self.causal, queries, keys }
    }

    /// How many numbers the queries of a sample have.
    pub(super) const fn query_length(&self) -> usize {
        self.queries.saturating_mul(self.heads).saturating_mul(self.key_dim)
    }

    pub(super) const fn key_length(&self) -> usize {
        self.keys.saturating_mul(self.key_heads).saturating_mul(self.key_dim)
    }

    pub(super) const fn value_length(&self) -> usize {
        self.keys.saturating_mul(self.key_heads).saturating_mul(self.value_dim)
    }

    /// How many numbers come out of a sample.
    pub(super) const fn output_length(&self) -> usize {
        self.queries.saturating_mul(self.heads).saturating_mul(self.value_dim)
    }

    /// How many weights a head of a sample has.
    pub(super) const fn head_weights(&self) -> usize {
        self.queries.saturating_mul(self.keys)
    }

    /// How many weights a sample has.
    pub(super) const fn weights(&self) -> usize {
        self.heads.saturating_mul(self.head_weights())
    }

    /// Numbers of scratch for `forward`, however many samples there are: the transposed keys, and the weights of a head
    /// of which some are dropped.
    pub(super) const fn scratch(&self) -> usize {
        self.key_length().saturating_add(self.head_weights())
    }

    /// The same for `backward`: the transposed values, twice the weights of a head, and the gradients of queries and keys.
    pub(super) const fn backward_scratch(&self) -> usize {
        let gradients = self.query_length().saturating_add(self.key_length());
        self.value_length().saturating_add(self.head_weights().saturating_mul(2)).saturating_add(gradients)
    }

    /// The head of keys and values that this head of queries takes, and whether it is the first that does.
    fn key_head(&self, head: usize) -> (usize, bool) {
        let each = self.heads / self.key_heads;
        (head / each, head.is_multiple_of(each))
    }

    /// A head of a sample's queries, or of what comes out, where its vectors have `dim` numbers.
    fn head<'a>(&self, values: &'a [f32], head: usize, dim: usize) -> MatrixRef<'a> {
        MatrixRef::with_strides(&values[head * dim..], (self.queries, dim), (self.heads * dim, 1))
    }

    /// A head of a sample's keys or values.
    fn of_keys<'a>(&self, values: &'a [f32], head: usize, dim: usize) -> MatrixRef<'a> {
        MatrixRef::with_strides(&values[head * dim..], (self.keys, dim), (self.key_heads * dim, 1))
    }

    /// Each query's mean of the values, by its weights. Those are left in `weights` where it is to `keep` them; otherwise
    /// there is room for one head's, which each head takes.
    pub(super) fn forward(
        &self,
        (score, view): (Score<'_>, View<'_>),
        [queries, keys, values]: [&[f32]; 3],
        y: &mut [f32],
        [weights, scratch]: [&mut [f32]; 2],
        keep: bool,
        random: Random,
    ) {
        let (transposed, dropped) = scratch.split_at_mut(self.key_length());
        let samples = queries.chunks_exact(self.query_length()).zip(keys.chunks_exact(self.key_length()));
        let samples = samples.zip(values.chunks_exact(self.value_length()));
        let samples = samples.zip(y.chunks_exact_mut(self.output_length())).enumerate();
        for (sample, (((queries, keys), values), y)) in samples {
            transpose(self.keys, self.key_heads * self.key_dim, keys, transposed);
            let view = view.of_sample(sample, self.queries, self.keys);
            for head in 0..self.heads {
                let first = if keep { (sample * self.heads + head) * self.head_weights() } else { 0 };
                let weights = &mut weights[first..][..self.head_weights()];
                self.scores(score, queries, transposed, head, weights);
                weigh(weights, self.keys, view);
                let weights = self.drop_some(weights, dropped, head, random.of_sample(sample as u64));
                self.mean(weights, values, head, y);
            }
        }
    }

    /// How well each key fits each query of a head; the keys come transposed.
    fn scores(&self, score: Score<'_>, queries: &[f32], keys: &[f32], head: usize, scores: &mut [f32]) {
        let Self { queries: rows, keys: columns, key_dim, .. } = *self;
        match score {
            Score::Dot => {
                let size = key_dim * columns;
                let keys = MatrixRef::new(&keys[self.key_head(head).0 * size..][..size], key_dim, columns);
                let scores = &mut MatrixMut::new(scores, rows, columns);
                product(self.head(queries, head, key_dim), keys, scores, Start::Zero, false);
            }
            Score::Additive(factors) => additive(queries, keys, factors, scores),
        }
    }

    /// The weights, some of them dropped in training.
    fn drop_some<'a>(&self, weights: &'a [f32], dropped: &'a mut [f32], head: usize, random: Random) -> &'a [f32] {
        if self.dropout == 0.0 {
            return weights;
        }
        let dropped = &mut dropped[..self.head_weights()];
        drop_some_of(weights, dropped, self.first_weight(head), self.dropout, random);
        dropped
    }

    /// Which random number of a sample's is for the first weight of a head.
    fn first_weight(&self, head: usize) -> u64 {
        (head * self.head_weights()) as u64
    }

    fn mean(&self, weights: &[f32], values: &[f32], head: usize, y: &mut [f32]) {
        let Self { queries, keys, heads, value_dim, .. } = *self;
        let weights = MatrixRef::new(weights, queries, keys);
        let y = &mut MatrixMut::with_stride(&mut y[head * value_dim..], (queries, value_dim), heads * value_dim);
        product(weights, self.of_keys(values, self.key_head(head).0, value_dim), y, Start::Zero, false);
    }
}

#[cfg(feature = "training")]
impl Heads {
    /// Queries, keys and values become their gradients. The gradients of additive scores' factors go to `dfactors`, a
    /// row for each query.
    pub(super) fn backward(
        &self,
        (score, view): (Score<'_>, View<'_>),
        [queries, keys, values]: [&mut [f32]; 3],
        dfactors: &mut [f32],
        [weights, dy]: [&[f32]; 2],
        scratch: &mut [f32],
        random: Random,
    ) {
        let (transposed, scratch) = scratch.split_at_mut(self.value_length());
        let (dqueries, scratch) = scratch.split_at_mut(self.query_length());
        let (dkeys, scratch) = scratch.split_at_mut(self.key_length());
        let samples = queries.chunks_exact_mut(self.query_length()).zip(keys.chunks_exact_mut(self.key_length()));
        let samples = samples.zip(values.chunks_exact_mut(self.value_length()));
        let samples = samples.zip(weights.chunks_exact(self.weights()).zip(dy.chunks_exact(self.output_length())));
        for (sample, (((queries, keys), values), (weights, dy))) in samples.enumerate() {
            transpose(self.keys, self.key_heads * self.value_dim, values, transposed);
            let random = random.of_sample(sample as u64);
            let view = view.of_sample(sample, self.queries, self.keys);
            for (head, weights) in weights.chunks_exact(self.head_weights()).enumerate() {
                let (dscores, dropped) = scratch.split_at_mut(self.head_weights());
                self.weights_gradient(transposed, dy, head, dscores);
                let dscores = self.through_dropout(dscores, dropped, head, random);
                weigh_gradient(weights, dscores, self.keys, view);
                match score {
                    Score::Dot => self.through_products([queries, keys], dscores, head, [dqueries, dkeys]),
                    Score::Additive(factors) => {
                        let dfactors = &mut dfactors[sample * dqueries.len()..][..dqueries.len()];
                        additive_gradient([queries, keys], factors, dscores, [dqueries, dkeys, dfactors]);
                    }
                }
                // Last, as what was dropped takes the place of what the gradients came through.
                let dropped = self.drop_some(weights, dscores, head, random);
                self.values_gradient(dropped, dy, head, values);
            }
            queries.copy_from_slice(dqueries);
            keys.copy_from_slice(dkeys);
        }
    }

    /// dy · valuesᵀ of a head, whose values come transposed.
    fn weights_gradient(&self, values: &[f32], dy: &[f32], head: usize, gradient: &mut [f32]) {
        let Self { queries, keys, value_dim, .. } = *self;
        let size = value_dim * keys;
        let values = MatrixRef::new(&values[self.key_head(head).0 * size..][..size], value_dim, keys);
        let gradient = &mut MatrixMut::new(gradient, queries, keys);
        product(self.head(dy, head, value_dim), values, gradient, Start::Zero, false);
    }

    /// The gradient of the weights that were not dropped, in one of two places.
    fn through_dropout<'a>(
        &self,
        gradient: &'a mut [f32],
        other: &'a mut [f32],
        head: usize,
        random: Random,
    ) -> &'a mut [f32] {
        if self.dropout == 0.0 {
            return gradient;
        }
        let other = &mut other[..gradient.len()];
        drop_some_of(gradient, other, self.first_weight(head), self.dropout, random);
        other
    }

    /// dqueries = dscores · keys, and dkeys = dscoresᵀ · queries, which all heads of the same keys add up.
    fn through_products(
        &self,
        [queries, keys]: [&[f32]; 2],
        dscores: &[f32],
        head: usize,
        [dqueries, dkeys]: [&mut [f32]; 2],
    ) {
        let dim = self.key_dim;
        let (key_head, start) = self.start(head);
        let dscores = MatrixRef::new(dscores, self.queries, self.keys);
        let dqueries = &mut MatrixMut::with_stride(&mut dqueries[head * dim..], (self.queries, dim), self.heads * dim);
        product(dscores, self.of_keys(keys, key_head, dim), dqueries, Start::Zero, false);
        let dkeys = &mut MatrixMut::with_stride(&mut dkeys[key_head * dim..], (self.keys, dim), self.key_heads * dim);
        product(dscores.transposed(), self.head(queries, head, dim), dkeys, start, false);
    }

    /// dvalues = weightsᵀ · dy, in the place of the values.
    fn values_gradient(&self, weights: &[f32], dy: &[f32], head: usize, values: &mut [f32]) {
        let dim = self.value_dim;
        let (key_head, start) = self.start(head);
        let weights = MatrixRef::new(weights, self.queries, self.keys).transposed();
        let values = &mut MatrixMut::with_stride(&mut values[key_head * dim..], (self.keys, dim), self.key_heads * dim);
        product(weights, self.head(dy, head, dim), values, start, false);
    }

    /// The head of keys that this head takes, and where its gradient starts.
    fn start(&self, head: usize) -> (usize, Start<'static>) {
        let (key_head, first) = self.key_head(head);
        (key_head, if first { Start::Zero } else { Start::Accumulate })
    }
}
