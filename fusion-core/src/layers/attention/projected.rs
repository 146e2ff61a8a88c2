//! Attention between products with weights: what a layer of several heads computes, and the memory for it.

use super::Places;
use super::heads::{Heads, Score};
use super::projection::Flat;
#[cfg(feature = "training")]
use super::projection::FlatMut;
use super::scores::View;
#[cfg(feature = "training")]
use crate::kernels::Start;
use crate::kernels::{math::sqrt, parts_scratch, vectorize};
use crate::layer::{Floats, Forward, Masking, Needs, Operand, larger};
#[cfg(feature = "training")]
use crate::weights::Random;

/// A batch of attention, and what is computed around it.
#[derive(Clone, Copy)]
pub(super) struct Projected {
    pub(super) heads: Heads,
    /// Features of the query, the key, the value and the output.
    pub(super) features: [usize; 4],
    pub(super) places: Places,
}

/// The weights, flat.
pub(super) struct Weights<'a> {
    pub(super) query: Flat<'a>,
    pub(super) key: Flat<'a>,
    pub(super) value: Flat<'a>,
    pub(super) output: Flat<'a>,
}

/// Where their gradients are added.
#[cfg(feature = "training")]
pub(super) struct Gradients<'a> {
    pub(super) query: FlatMut<'a>,
    pub(super) key: FlatMut<'a>,
    pub(super) value: FlatMut<'a>,
    pub(super) output: FlatMut<'a>,
}

/// What is kept: the queries, keys and values of all heads, what comes out of these, and the weights.
struct Saved<'a> {
    projected: [&'a mut [f32]; 3],
    mean: &'a mut [f32],
    weights: &'a mut [f32],
}

impl Projected {
    /// What the layer needs, where there is one sample.
    pub(super) const fn needs(&self) -> Needs {
        let heads = &self.heads;
        let kept = heads.query_length().saturating_add(heads.key_length());
        let kept = kept.saturating_add(heads.value_length()).saturating_add(heads.output_length());
        let (kernels, largest) = self.kernels();
        Needs::NONE
            .saved(Floats::per_sample(kept.saturating_add(heads.weights())))
            .saved_in_inference(Floats::per_sample(kept).and(Floats::once(heads.head_weights())))
            .scratch(Floats::once(heads.scratch()))
            .backward_scratch(Floats::once(larger(heads.backward_scratch(), parts_scratch(largest))))
            .multiplications(kernels)
            .masking(Masking::PassesOnOf(self.places.query))
    }

    /// Multiplications with a weight of a sample, and the numbers of the largest kernel.
    const fn kernels(&self) -> (usize, usize) {
        let (heads, [query, key, value, output]) = (&self.heads, self.features);
        let products = [
            (heads.query_length(), query, heads.queries),
            (heads.key_length(), key, heads.keys),
            (heads.value_length(), value, heads.keys),
            (heads.output_length(), output, heads.queries),
        ];
        let (mut multiplications, mut largest, mut i) = (0_usize, 0, 0);
        while i < products.len() {
            let (length, features, steps) = products[i];
            let of_all_steps = length.saturating_mul(features);
            multiplications = multiplications.saturating_add(of_all_steps);
            if let Some(kernel) = of_all_steps.checked_div(steps) {
                largest = larger(largest, kernel);
            }
            i += 1;
        }
        (multiplications, largest)
    }

    /// The same of so many samples; outside of training nothing is dropped.
    pub(super) fn of(mut self, samples: usize, training: bool) -> Self {
        self.heads = self.heads.of(samples, training);
        self
    }

    /// A query sees a key where neither it, nor the key, nor the key's value is left out.
    fn view<'a>(&self, x: &[Operand<'a>]) -> View<'a> {
        let Places { query, key, value } = self.places;
        self.heads.view(x[query].mask, [x[value].mask, x[key].mask.filter(|_| key != value)])
    }

    fn split<'a>(&self, saved: &'a mut [f32]) -> Saved<'a> {
        let Heads { samples, .. } = self.heads;
        let (queries, rest) = saved.split_at_mut(samples * self.heads.query_length());
        let (keys, rest) = rest.split_at_mut(samples * self.heads.key_length());
        let (values, rest) = rest.split_at_mut(samples * self.heads.value_length());
        let (mean, weights) = rest.split_at_mut(samples * self.heads.output_length());
        Saved { projected: [queries, keys, values], mean, weights }
    }

    /// Queries are divided by √`key_dim`, which is less than to divide the scores.
    fn scale(&self, queries: &mut [f32]) {
        let factor = 1.0 / sqrt(self.heads.key_dim as f32);
        vectorize(
            #[inline(always)]
            || queries.iter_mut().for_each(|query| *query *= factor),
        );
    }

    pub(super) fn forward(&self, weights: &Weights<'_>, cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [f32]) {
        let Places { query, key, value } = self.places;
        let Saved { projected: [queries, keys, values], mean, weights: of_keys } = self.split(cx.saved);
        weights.query.forward(x[query].numbers, queries);
        self.scale(queries);
        weights.key.forward(x[key].numbers, keys);
        weights.value.forward(x[value].numbers, values);
        let (view, memory) = (self.view(x), [of_keys, &mut *cx.scratch]);
        self.heads.forward((Score::Dot, view), [queries, keys, values], mean, memory, cx.keep, cx.random);
        weights.output.forward(mean, y);
    }

    #[cfg(feature = "training")]
    #[expect(clippy::too_many_arguments, reason = "what a layer's way back is given, without the layer's type")]
    pub(super) fn backward(
        &self,
        weights: &Weights<'_>,
        gradients: Option<Gradients<'_>>,
        [saved, scratch]: [&mut [f32]; 2],
        random: Random,
        x: &[Operand<'_>],
        dy: &[f32],
        dx: &mut [Option<&mut [f32]>],
    ) {
        let Places { query, key, value } = self.places;
        let Saved { projected: [queries, keys, values], mean, weights: of_keys } = self.split(saved);
        let gradients = gradients.map(|Gradients { query, key, value, output }| {
            weights.output.add_gradient(mean, dy, output, scratch);
            [query, key, value]
        });
        // From here on what was kept becomes its gradient.
        weights.output.input_gradient(dy, mean, Start::Zero, scratch);
        let projected = [&mut *queries, &mut *keys, &mut *values];
        self.heads.backward((Score::Dot, self.view(x)), projected, &mut [], [of_keys, mean], scratch, random);
        self.scale(queries);
        if let Some([of_query, of_key, of_value]) = gradients {
            weights.query.add_gradient(x[query].numbers, queries, of_query, scratch);
            weights.key.add_gradient(x[key].numbers, keys, of_key, scratch);
            weights.value.add_gradient(x[value].numbers, values, of_value, scratch);
        }
        if let Some(dx) = &mut dx[query] {
            weights.query.input_gradient(queries, dx, Start::Zero, scratch);
        }
        if let Some(dx) = &mut dx[value] {
            weights.value.input_gradient(values, dx, Start::Zero, scratch);
        }
        if let Some(dx) = &mut dx[key] {
            let start = if key == value { Start::Accumulate } else { Start::Zero };
            weights.key.input_gradient(keys, dx, start, scratch);
        }
    }
}

/// Makes a struct of these four projections a layer of wires: what it says of them is its own, `output` and `projected`.
macro_rules! projected {
    ([$($generics:tt)*] $layer:ty) => {
        impl<$($generics)*> $layer {
            fn weights(&self) -> $crate::layers::attention::projected::Weights<'_> {
                let Self { query, key, value, attention_output } = self;
                $crate::layers::attention::projected::Weights {
                    query: query.flat(),
                    key: key.flat(),
                    value: value.flat(),
                    output: attention_output.flat(),
                }
            }

            #[cfg(feature = "training")]
            fn gradients(&mut self) -> $crate::layers::attention::projected::Gradients<'_> {
                let Self { query, key, value, attention_output } = self;
                $crate::layers::attention::projected::Gradients {
                    query: query.flat_mut(),
                    key: key.flat_mut(),
                    value: value.flat_mut(),
                    output: attention_output.flat_mut(),
                }
            }
        }

        impl<W: $crate::layer::Wires, const K: usize, O, $($generics)*>
            $crate::layer::Layer<$crate::layer::Several<W, K>, O> for $layer
        where
            O: $crate::weights::OptionsOf<Self>,
        {
            const OUTPUT: $crate::layer::Output = Self::output(W::WIRES, &O::VALUE);
            const NEEDS: $crate::layer::Needs = Self::projected(W::WIRES, &O::VALUE).needs();
            const DETAILS: &'static str = if B::USED { "" } else { "no bias" };

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[$crate::layer::Operand<'_>],
                y: &mut [Out],
            ) {
                let projected = const { Self::projected(W::WIRES, &O::VALUE) }.of(x[0].samples, cx.training);
                projected.forward(&self.weights(), cx, x, Out::numbers_mut(y));
            }
        }

        #[cfg(feature = "training")]
        impl<W: $crate::layer::Wires, const K: usize, O, $($generics)*>
            $crate::layer::TrainLayer<$crate::layer::Several<W, K>, O> for $layer
        where
            O: $crate::weights::OptionsOf<Self>,
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[$crate::layer::Operand<'_>],
                _y: &[Out],
                dy: &mut [Out],
                dx: &mut [Option<&mut [f32]>],
            ) {
                let projected = const { Self::projected(W::WIRES, &O::VALUE) }.of(x[0].samples, cx.training);
                let $crate::layer::Backward { gradient, saved, scratch, random, .. } = cx;
                let gradients = gradient.as_deref_mut().map(Self::gradients);
                projected.backward(&self.weights(), gradients, [saved, scratch], *random, x, Out::numbers(dy), dx);
            }
        }
    };
}
pub(super) use projected;
