//! What the outputs of layers add to the loss: Keras's `activity_regularizer`.

use super::{Network, Pass};
use crate::layer::{Graph, Inputs, Layer};
use crate::shape::{Element, Tensor};
use crate::weights::OptionsOf;

/// Whether the output of any layer adds to the loss.
#[must_use]
pub const fn regularizes_activity(graph: &Graph) -> bool {
    let mut i = 0;
    while i < graph.steps.len() {
        if graph.steps[i].needs.activity.is_some() || graph.steps[i].needs.activity_within {
            return true;
        }
        i += 1;
    }
    false
}

/// After a way forward: the sum of what outputs add to the loss.
pub struct ActivityPass<'a> {
    samples: usize,
    keep: bool,
    wires: &'a [f32],
    saved: &'a [f32],
    sum: f64,
}

impl<'a> ActivityPass<'a> {
    /// After so many samples, with or without a way back that follows: the value of every wire, and what the layers kept.
    #[must_use]
    pub const fn new(samples: usize, keep: bool, wires: &'a [f32], saved: &'a [f32]) -> Self {
        Self { samples, keep, wires, saved, sum: 0.0 }
    }
}

impl<N: Network> Pass<N> for ActivityPass<'_> {
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize) {
        let place = &N::PLACES[index];
        if let Some(regularizer) = L::NEEDS.activity
            && Out::Element::IS_NUMBER
        {
            self.sum += regularizer.penalty_of_outputs(&Out::SHAPE, &self.wires[place.wire(self.keep, self.samples)]);
        }
        if L::NEEDS.activity_within {
            let saved = &self.saved[place.saved(self.keep, self.samples)];
            self.sum += layer.penalty_within(self.samples, self.keep, saved);
        }
    }
}

/// What all samples together add; what each counts, 1 / the samples of the batch, is not in it.
pub fn activity_penalty<N: Network>(network: &N, mut pass: ActivityPass<'_>) -> f64 {
    if const { regularizes_activity(N::GRAPH) } {
        network.pass(&mut pass);
    }
    pass.sum
}
