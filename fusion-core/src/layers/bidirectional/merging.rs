//! What two layers give of the same steps, the second one in the contrary order, as one.

use core::ops::Range;

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

    /// Numbers that one layer gives of so many samples.
    pub(super) const fn length(&self, samples: usize) -> usize {
        self.length * samples
    }

    /// Each vector of the one layer: its index, where it begins, and where that of the other layer begins which is of the
    /// same step.
    fn both(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let Self { steps, vectors, features, .. } = *self;
        (0..steps * vectors).map(move |index| {
            let (step, vector) = (index / vectors, index % vectors);
            (index, features * index, features * ((steps - 1 - step) * vectors + vector))
        })
    }

    /// Whether both stay as they are, and do not become one vector.
    fn keeps_both(&self) -> bool {
        matches!(self.mode, MergeMode::Concat | MergeMode::None)
    }

    /// Where in the output what a layer gives is, of its vector of this index.
    fn place(&self, index: usize, layer: usize) -> Range<usize> {
        let vector = match self.mode {
            MergeMode::Concat => 2 * index + layer,
            MergeMode::None => layer * self.steps * self.vectors + index,
            MergeMode::Sum | MergeMode::Mul | MergeMode::Ave => index,
        };
        vector * self.features..(vector + 1) * self.features
    }

    /// How many numbers of the one layer's output are no states.
    fn outputs(&self) -> usize {
        self.steps * self.vectors * self.features
    }

    /// How many numbers of the output are no states.
    fn merged(&self) -> usize {
        if self.keeps_both() { 2 * self.outputs() } else { self.outputs() }
    }

    /// Numbers of a sample of the output, with the states of both.
    fn given(&self) -> usize {
        self.merged() + 2 * (self.length - self.outputs())
    }

    pub(super) fn merge(&self, forwards: &[f32], backwards: &[f32], y: &mut [f32]) {
        if self.length == 0 {
            return;
        }
        let (features, outputs) = (self.features, self.outputs());
        let samples = forwards.chunks_exact(self.length).zip(backwards.chunks_exact(self.length));
        for ((forwards, backwards), y) in samples.zip(y.chunks_exact_mut(self.given())) {
            let (y, states) = y.split_at_mut(self.merged());
            for (index, one, other) in self.both() {
                let (one, other) = (&forwards[one..][..features], &backwards[other..][..features]);
                if self.keeps_both() {
                    y[self.place(index, 0)].copy_from_slice(one);
                    y[self.place(index, 1)].copy_from_slice(other);
                } else {
                    self.merge_vectors(one, other, &mut y[self.place(index, 0)]);
                }
            }
            let (one, other) = states.split_at_mut(self.length - outputs);
            one.copy_from_slice(&forwards[outputs..]);
            other.copy_from_slice(&backwards[outputs..]);
        }
    }

    fn merge_vectors(&self, one: &[f32], other: &[f32], y: &mut [f32]) {
        let numbers = y.iter_mut().zip(one.iter().zip(other));
        match self.mode {
            MergeMode::Mul => numbers.for_each(|(y, (one, other))| *y = one * other),
            MergeMode::Ave => numbers.for_each(|(y, (one, other))| *y = (one + other) / 2.0),
            MergeMode::Sum | MergeMode::Concat | MergeMode::None => {
                numbers.for_each(|(y, (one, other))| *y = one + other);
            }
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
    fn gradient(&self, dy: &[f32], others: &[f32], gradient: &mut [f32], layer: usize) {
        if self.length == 0 {
            return;
        }
        let (features, outputs) = (self.features, self.outputs());
        let samples = others.chunks_exact(self.length).zip(gradient.chunks_exact_mut(self.length));
        for ((others, gradient), dy) in samples.zip(dy.chunks_exact(self.given())) {
            let (dy, states) = dy.split_at(self.merged());
            for (index, one, other) in self.both() {
                let (own, other) = if layer == 0 { (one, other) } else { (other, one) };
                let (other, gradient) = (&others[other..][..features], &mut gradient[own..][..features]);
                let dy = &dy[self.place(index, layer)];
                match self.mode {
                    MergeMode::Concat | MergeMode::None | MergeMode::Sum => gradient.copy_from_slice(dy),
                    MergeMode::Mul => {
                        gradient.iter_mut().zip(dy.iter().zip(other)).for_each(|(x, (dy, other))| *x = dy * other);
                    }
                    MergeMode::Ave => gradient.iter_mut().zip(dy).for_each(|(x, dy)| *x = dy / 2.0),
                }
            }
            let states = &states[layer * (self.length - outputs)..][..self.length - outputs];
            gradient[outputs..].copy_from_slice(states);
        }
    }
}
