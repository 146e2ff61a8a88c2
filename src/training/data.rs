//! The data of a `fit`: checked, split, cut into batches, shuffled.

use std::ops::Range;

use fusion_core::kernels::first_not_finite;
use fusion_core::losses::TargetError;
use fusion_core::model::{self, PredictError};
use fusion_core::network::Outputs;
use fusion_core::{Network, Random};

use super::error::TrainError;
use super::targets::Targets;

/// Samples: inputs, targets and weights side by side.
///
/// Each has a lifetime of its own: in generic code none of them can be made another's.
pub(super) struct Data<'d, 't, 'w, N: Network, T: Targets> {
    pub inputs: N::Inputs<'d>,
    pub targets: T::Slices<'t>,
    pub weights: Option<&'w [f32]>,
    pub samples: usize,
}

impl<N: Network, T: Targets> Clone for Data<'_, '_, '_, N, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<N: Network, T: Targets> Copy for Data<'_, '_, '_, N, T> {}

impl<'d, 't, 'w, N: Network, T: Targets> Data<'d, 't, 'w, N, T> {
    /// Data with nothing wrong in them.
    pub fn checked(
        inputs: N::Inputs<'d>,
        targets: T::Slices<'t>,
        weights: Option<&'w [f32]>,
        check_targets: impl Fn(T::Slices<'t>) -> Result<(), (usize, TargetError)>,
    ) -> Result<Self, TrainError> {
        let samples = count_samples::<N>(&inputs)?;
        check_counts::<N, T>(targets, weights, samples)?;
        if samples == 0 {
            return Err(TrainError::NoSamples);
        }
        N::check(inputs).map_err(|(name, error)| TrainError::Input { name, error })?;
        check_finite::<N>(&inputs, samples)?;
        check_targets(targets)
            .map_err(|(output, error)| TrainError::Target { output: N::OUTPUT_NAMES[output], error })?;
        match weights.and_then(first_not_finite) {
            Some(sample) => Err(TrainError::SampleWeightNotFinite { sample }),
            None => Ok(Self { inputs, targets, weights, samples }),
        }
    }

    pub fn slice(&self, samples: Range<usize>) -> Self {
        Self {
            inputs: N::slice(self.inputs, samples.clone()),
            targets: T::slice(self.targets, samples.clone()),
            weights: self.weights.map(|weights| &weights[samples.clone()]),
            samples: samples.len(),
        }
    }

    /// The first samples and the rest, which validates: Keras's `validation_split`.
    pub fn split(&self, split: f64) -> Result<(Self, Self), TrainError> {
        let at = (self.samples as f64 * (1.0 - split)).floor() as usize;
        let inside = split > 0.0 && split < 1.0;
        if !inside || at == 0 || at >= self.samples {
            return Err(TrainError::ValidationSplit { split, samples: self.samples });
        }
        Ok((self.slice(0..at), self.slice(at..self.samples)))
    }
}

fn count_samples<N: Network>(inputs: &N::Inputs<'_>) -> Result<usize, TrainError> {
    match model::samples::<N>(inputs) {
        Ok(samples) => Ok(samples),
        Err(PredictError::SampleCounts { first, other }) => Err(TrainError::SampleCounts { first, other }),
        // Counting gives no other error.
        Err(_) => Err(TrainError::NoSamples),
    }
}

fn check_counts<N: Network, T: Targets>(
    targets: T::Slices<'_>,
    weights: Option<&[f32]>,
    samples: usize,
) -> Result<(), TrainError> {
    let (mut outputs, mut wrong) = (N::OUTPUT_NAMES.iter(), None);
    T::counts(targets, &mut |targets| {
        if let Some(output) = outputs.next()
            && targets != samples
        {
            wrong.get_or_insert(TrainError::TargetCount { output, targets, samples });
        }
    });
    match (wrong, weights.map(<[f32]>::len)) {
        (Some(wrong), _) => Err(wrong),
        (None, Some(weights)) if weights != samples => Err(TrainError::SampleWeightCount { weights, samples }),
        (None, _) => Ok(()),
    }
}

fn check_finite<N: Network>(inputs: &N::Inputs<'_>, samples: usize) -> Result<(), TrainError> {
    let (mut names, mut wrong) = (N::INPUT_NAMES.iter(), None);
    N::numbers(inputs, &mut |numbers| {
        let name = names.next().copied().unwrap_or_default();
        if wrong.is_none()
            && let Some(index) = first_not_finite(numbers)
        {
            let length = numbers.len() / samples;
            wrong = Some(TrainError::InputNotFinite { name, sample: index / length, position: index % length });
        }
    });
    wrong.map_or(Ok(()), Err)
}

/// Samples in another order, for which there is memory once.
pub(super) struct Shuffled<N: Network, T: Targets> {
    order: Vec<usize>,
    inputs: N::Buffers,
    targets: T::Buffers,
    weights: Vec<f32>,
}

impl<N: Network, T: Targets> Default for Shuffled<N, T> {
    fn default() -> Self {
        let (inputs, targets) = (N::Buffers::default(), T::Buffers::default());
        Self { order: Vec::new(), inputs, targets, weights: Vec::new() }
    }
}

impl<N: Network, T: Targets> Shuffled<N, T> {
    /// Draws the order of an epoch.
    pub fn draw(&mut self, samples: usize, seed: u64, epoch: u64) {
        self.order.clear();
        self.order.extend(0..samples);
        permute(&mut self.order, Random::new(seed).at_step(epoch));
    }

    /// Copies those samples that come at these places of the order.
    pub fn gather<'s>(&'s mut self, data: Data<'_, '_, '_, N, T>, places: Range<usize>) -> Data<'s, 's, 's, N, T> {
        let order = &self.order[places];
        N::gather(data.inputs, order, &mut self.inputs);
        T::gather(data.targets, order, &mut self.targets);
        let weights = data.weights.map(|weights| {
            self.weights.clear();
            self.weights.extend(order.iter().map(|index| weights[*index]));
            self.weights.as_slice()
        });
        let (inputs, targets) = (N::gathered(&self.inputs), T::gathered(&self.targets));
        Data { inputs, targets, weights, samples: order.len() }
    }
}

/// Fisher and Yates's shuffle: from the last place down, each place changes with one at or before it.
fn permute(order: &mut [usize], random: Random) {
    for last in (1..order.len()).rev() {
        let other = random.below(last as u64, last as u64 + 1) as usize;
        order.swap(last, other);
    }
}

/// How many outputs a model has.
pub(super) const fn outputs<N: Network>() -> usize {
    <N::Outputs as Outputs>::COUNT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_keeps_every_sample_and_gives_each_the_same_chance() {
        let mut first = [0; 5];
        for seed in 0..5000 {
            let mut order = [0, 1, 2, 3, 4];
            permute(&mut order, Random::new(seed));
            first[order[0]] += 1;
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3, 4]);
        }
        assert!(first.iter().all(|count| (900..1100).contains(count)), "{first:?}");
    }
}
