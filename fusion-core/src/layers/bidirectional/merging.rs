//! What two layers give of the same steps, the second one in the contrary order, as one.

use super::MergeMode;
use crate::shape::Shape;

/// How the outputs of a sample lie: steps of so many vectors, and the states behind them.
pub(super) struct Merging {
    mode: MergeMode,
    steps: usize,
    /// Vectors of a step.
    vectors: usize,
    features: usize,
    /// Numbers that one layer gives of a sample.
    length: usize,
}

impl Merging {
    pub(super) const fn new(mode: MergeMode, shape: &Shape, steps: usize, length: usize) -> Self {
        let features = shape.last();
        let vectors = match shape.length().checked_div(steps * features) {
            Some(vectors) => vectors,
            None => 0,
        };
        Self { mode, steps, vectors, features, length }
    }

    /// Where a vector of the one layer begins, and where that of the other layer which is of the same step.
    fn both(&self) -> impl Iterator<Item = (usize, usize)> {
        let Self { steps, vectors, features, .. } = *self;
        (0..steps).flat_map(move |step| {
            let begin = move |step: usize| step * vectors;
            (0..vectors)
                .map(move |vector| (features * (begin(step) + vector), features * (begin(steps - 1 - step) + vector)))
        })
    }

    /// The features of a vector of the output.
    fn merged(&self) -> usize {
        if self.mode == MergeMode::Concat { 2 * self.features } else { self.features }
    }

    /// How many numbers of the one layer's output are no states.
    fn outputs(&self) -> usize {
        self.steps * self.vectors * self.features
    }

    /// Numbers of a sample of the output, with the states of both.
    fn given(&self) -> usize {
        self.steps * self.vectors * self.merged() + 2 * (self.length - self.outputs())
    }

    pub(super) fn merge(&self, forwards: &[f32], backwards: &[f32], y: &mut [f32]) {
        if self.length == 0 {
            return;
        }
        let (features, outputs) = (self.features, self.outputs());
        let samples = forwards.chunks_exact(self.length).zip(backwards.chunks_exact(self.length));
        for ((forwards, backwards), y) in samples.zip(y.chunks_exact_mut(self.given())) {
            let (y, states) = y.split_at_mut(self.steps * self.vectors * self.merged());
            for ((one, other), y) in self.both().zip(y.chunks_exact_mut(self.merged())) {
                let (one, other) = (&forwards[one..one + features], &backwards[other..other + features]);
                self.merge_vectors(one, other, y);
            }
            let (one, other) = states.split_at_mut(self.length - outputs);
            one.copy_from_slice(&forwards[outputs..]);
            other.copy_from_slice(&backwards[outputs..]);
        }
    }

    fn merge_vectors(&self, one: &[f32], other: &[f32], y: &mut [f32]) {
        let numbers = one.iter().zip(other);
        match self.mode {
            MergeMode::Concat => {
                let (first, second) = y.split_at_mut(self.features);
                first.copy_from_slice(one);
                second.copy_from_slice(other);
            }
            MergeMode::Sum => y.iter_mut().zip(numbers).for_each(|(y, (one, other))| *y = one + other),
            MergeMode::Mul => y.iter_mut().zip(numbers).for_each(|(y, (one, other))| *y = one * other),
            MergeMode::Ave => y.iter_mut().zip(numbers).for_each(|(y, (one, other))| *y = (one + other) / 2.0),
        }
    }

    /// The gradient of what the first layer gives, from that of the output and what the second one gave.
    #[cfg(feature = "training")]
    pub(super) fn forwards_gradient(&self, dy: &[f32], backwards: &[f32], gradient: &mut [f32]) {
        self.gradient(dy, backwards, gradient, 0);
    }

    /// The gradient of what the second layer gives.
    #[cfg(feature = "training")]
    pub(super) fn backwards_gradient(&self, dy: &[f32], forwards: &[f32], gradient: &mut [f32]) {
        self.gradient(dy, forwards, gradient, 1);
    }

    /// The gradient of what the layer of this index gives, where the other one gave `others`.
    #[cfg(feature = "training")]
    fn gradient(&self, dy: &[f32], others: &[f32], gradient: &mut [f32], index: usize) {
        if self.length == 0 {
            return;
        }
        let (features, outputs) = (self.features, self.outputs());
        let samples = others.chunks_exact(self.length).zip(gradient.chunks_exact_mut(self.length));
        for ((others, gradient), dy) in samples.zip(dy.chunks_exact(self.given())) {
            let (dy, states) = dy.split_at(self.steps * self.vectors * self.merged());
            for ((one, other), dy) in self.both().zip(dy.chunks_exact(self.merged())) {
                let (own, other) = if index == 0 { (one, other) } else { (other, one) };
                let (other, gradient) = (&others[other..other + features], &mut gradient[own..own + features]);
                match self.mode {
                    MergeMode::Concat => gradient.copy_from_slice(&dy[index * features..][..features]),
                    MergeMode::Sum => gradient.copy_from_slice(dy),
                    MergeMode::Mul => {
                        gradient.iter_mut().zip(dy.iter().zip(other)).for_each(|(x, (dy, other))| *x = dy * other);
                    }
                    MergeMode::Ave => gradient.iter_mut().zip(dy).for_each(|(x, dy)| *x = dy / 2.0),
                }
            }
            let states = &states[index * (self.length - outputs)..][..self.length - outputs];
            gradient[outputs..].copy_from_slice(states);
        }
    }
}
