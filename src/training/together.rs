//! A metric of all outputs together.

use std::marker::PhantomData;

use fusion_core::Network;
use fusion_core::metrics::{Mean, MetricState};
use fusion_core::shape::zeroed_box;

use super::losses::Seen;
use super::metrics::Tracker;
use super::targets::Targets;
use super::weights::SampleWeights;

/// The mean of what a function gives for each sample, and what it has seen so far.
pub(super) struct Together<N: Network, F, T> {
    name: &'static str,
    value: F,
    mean: Mean,
    /// One sample's outputs, which may be too large for the stack.
    output: Box<N::Output>,
    targets: PhantomData<fn() -> T>,
}

impl<N: Network, F, T> Together<N, F, T> {
    pub fn new<V>(name: &'static str, value: F) -> Self
    where
        T: Targets,
        F: Fn(T::Sample<'_>, &N::Output) -> V,
    {
        Self { name, value, mean: Mean::default(), output: zeroed_box(), targets: PhantomData }
    }
}

impl<N: Network, F, V, T: Targets> Tracker<N::Outputs, T> for Together<N, F, T>
where
    V: Into<f64>,
    F: Fn(T::Sample<'_>, &N::Output) -> V + Send,
    N::Output: Send,
{
    fn names(&self, name: &mut dyn FnMut(Option<usize>, &str)) {
        name(None, self.name);
    }
    fn results(&self, result: &mut dyn FnMut(f64)) {
        result(self.mean.value());
    }
    fn of_logits(&self, _: &mut [bool]) {}
    fn by_batch(&self) -> bool {
        false
    }
    fn update(&mut self, targets: T::Slices<'_>, seen: Seen<'_, N::Outputs>, _: SampleWeights<'_>) {
        let mut samples = 0;
        T::counts(targets, &mut |count| samples = count);
        for sample in 0..samples {
            N::read(seen.outputs, sample, &mut self.output);
            self.mean.add((self.value)(T::sample(targets, sample), &self.output).into(), 1.0);
        }
    }
    fn numbers(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.mean.each(number);
    }
    fn reset(&mut self) {
        self.mean = Mean::default();
    }
}
