//! Attention on the wires as they are, of one head: what layers without projections compute, and the memory for it.

use super::Places;
use super::heads::{Heads, Score};
use super::scores::{Hiding, View};
use crate::kernels::vectorize;
use crate::layer::{Floats, Masking, Needs, Operand, Wire};
use crate::weights::Random;

/// A batch of attention.
#[derive(Clone, Copy)]
pub(super) struct Unprojected {
    heads: Heads,
    places: Places,
    /// Whether scores are sums, not products.
    additive: bool,
}

/// How the scores are made.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a> {
    /// What the query, and the key too where scores are sums, is multiplied by first.
    pub(super) scale: f32,
    /// What the sums are made with; without numbers for products.
    pub(super) factors: &'a [f32],
}

impl Unprojected {
    /// Of one sample on these wires.
    pub(super) const fn new(wires: &[Wire], causal: bool, dropout: f32, additive: bool) -> Self {
        let places = Places::of(wires);
        let [queries, keys] = places.steps(wires);
        let (key_dim, value_dim) = (wires[places.query].shape.last(), wires[places.value].shape.last());
        let (heads, hiding) = (1, Hiding::Lowered);
        let heads =
            Heads { samples: 1, queries, keys, heads, key_heads: 1, key_dim, value_dim, causal, hiding, dropout };
        Self { heads, places, additive }
    }

    /// The same of so many samples; outside of training nothing is dropped.
    pub(super) fn of(mut self, samples: usize, training: bool) -> Self {
        self.heads = self.heads.of(samples, training);
        self
    }

    /// What the layer needs, where there is one sample: the weights are kept, and queries and keys copied where they are
    /// multiplied. On the way back all three are copied, as they become their gradients, and with them go those of the
    /// factors.
    pub(super) const fn needs(&self, scaled: bool) -> Needs {
        let heads = &self.heads;
        let copies = heads.query_length().saturating_add(heads.key_length());
        let factors = if self.additive { heads.query_length() } else { 0 };
        let gradients = copies.saturating_add(heads.value_length()).saturating_add(factors);
        Needs::NONE
            .saved(Floats::per_sample(heads.weights()))
            .saved_in_inference(Floats::once(heads.head_weights()))
            .scratch(Floats::per_sample(if scaled { copies } else { 0 }).and(Floats::once(heads.scratch())))
            .backward_scratch(Floats::per_sample(gradients).and(Floats::once(heads.backward_scratch())))
            .masking(Masking::PassesOnOf(self.places.query))
    }

    fn score<'a>(&self, scores: Scores<'a>) -> Score<'a> {
        if self.additive { Score::Additive(scores.factors) } else { Score::Dot }
    }

    /// What the keys are multiplied by.
    fn key_scale(&self, scores: Scores<'_>) -> f32 {
        if self.additive { scores.scale } else { 1.0 }
    }

    pub(super) fn forward(
        &self,
        scores: Scores<'_>,
        scaled: bool,
        [weights, mut scratch]: [&mut [f32]; 2],
        (keep, random): (bool, Random),
        x: &[Operand<'_>],
        y: &mut [f32],
    ) {
        let [mut query, mut key, value] = self.operands(x);
        if scaled {
            let (queries, rest) = scratch.split_at_mut(query.len());
            let (keys, rest) = rest.split_at_mut(key.len());
            scale(query, scores.scale, queries);
            scale(key, self.key_scale(scores), keys);
            (query, key, scratch) = (queries, keys, rest);
        }
        let memory = [weights, scratch];
        self.heads.forward((self.score(scores), self.view(x)), [query, key, value], y, memory, keep, random);
        self.clear_masked(x, y);
    }

    /// A query sees the keys whose values are not left out.
    fn view<'a>(&self, x: &[Operand<'a>]) -> View<'a> {
        self.heads.view(None, [x[self.places.value].mask, None])
    }

    /// What queries that do not count take in is 0.
    fn clear_masked(&self, x: &[Operand<'_>], rows: &mut [f32]) {
        let queries = self.heads.samples * self.heads.queries;
        let Some(mask) = x[self.places.query].mask.filter(|mask| mask.len() == queries) else { return };
        let rows = rows.chunks_exact_mut(self.heads.value_dim).zip(mask);
        rows.filter(|(_, counts)| **counts == 0.0).for_each(|(row, _)| row.fill(0.0));
    }

    /// The numbers of the query, the key and the value.
    fn operands<'a>(&self, x: &[Operand<'a>]) -> [&'a [f32]; 3] {
        let Places { query, key, value } = self.places;
        [query, key, value].map(|place| x[place].numbers)
    }
}

/// What the way back finds of the weights.
#[cfg(feature = "training")]
pub(super) struct Gradients<'a> {
    /// Of the scale.
    pub(super) scale: f32,
    /// Of the factors, a row for each query.
    pub(super) factors: &'a [f32],
}

#[cfg(feature = "training")]
impl Unprojected {
    pub(super) fn backward<'a>(
        &self,
        scores: Scores<'_>,
        [weights, scratch]: [&'a mut [f32]; 2],
        random: Random,
        x: &[Operand<'_>],
        dy: &mut [f32],
        dx: &mut [Option<&mut [f32]>],
    ) -> Gradients<'a> {
        self.clear_masked(x, dy);
        let [query, key, value] = self.operands(x);
        let (dquery, rest) = scratch.split_at_mut(query.len());
        let (dkey, rest) = rest.split_at_mut(key.len());
        let (dvalue, rest) = rest.split_at_mut(value.len());
        let (factors, scratch) = rest.split_at_mut(if self.additive { query.len() } else { 0 });
        scale(query, scores.scale, dquery);
        scale(key, self.key_scale(scores), dkey);
        dvalue.copy_from_slice(value);
        let gradients = [&mut *dquery, &mut *dkey, &mut *dvalue];
        self.heads.backward((self.score(scores), self.view(x)), gradients, factors, [weights, dy], scratch, random);

        let of_key = if self.additive { sum_of_products(dkey, key) } else { 0.0 };
        let of_scale = sum_of_products(dquery, query) + of_key;
        let places = self.places;
        if let Some(dx) = &mut dx[places.query] {
            scale(dquery, scores.scale, dx);
        }
        if let Some(dx) = &mut dx[places.value] {
            dx.copy_from_slice(dvalue);
        }
        if let Some(dx) = &mut dx[places.key] {
            if places.key != places.value {
                dx.fill(0.0);
            }
            add_scaled(dkey, self.key_scale(scores), dx);
        }
        Gradients { scale: of_scale as f32, factors }
    }
}

/// to = factor · from.
fn scale(from: &[f32], factor: f32, to: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || to.iter_mut().zip(from).for_each(|(to, from)| *to = factor * from),
    );
}

/// sum += factor · values.
#[cfg(feature = "training")]
fn add_scaled(values: &[f32], factor: f32, sum: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value),
    );
}

/// Σ a · b, in `f64`, as so many terms lose their digits in `f32`.
#[cfg(feature = "training")]
fn sum_of_products(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
