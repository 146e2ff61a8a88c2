//! The data of a `fit`: checked, split, cut into batches, shuffled.

use std::ops::Range;

use fusion_core::kernels::first_not_finite;
use fusion_core::layer::Operand;
use fusion_core::losses::TargetError;
use fusion_core::model::{self, OperandArray, PredictError};
use fusion_core::{InputError, Network, Random};

use super::error::TrainError;
use super::targets::Targets;
use super::weights::SampleWeights;

/// Samples: inputs, targets and weights side by side.
///
/// Each has a lifetime of its own: in generic code none of them can be made another's.
pub(super) struct Data<'d, 't, 'w, N: Network, T: Targets> {
    pub inputs: N::Operands<'d>,
    pub targets: T::Slices<'t>,
    pub weights: SampleWeights<'w>,
    pub samples: usize,
}

impl<N: Network, T: Targets> Clone for Data<'_, '_, '_, N, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<N: Network, T: Targets> Copy for Data<'_, '_, '_, N, T> {}

impl<'d, 't, 'w, N: Network, T: Targets> Data<'d, 't, 'w, N, T> {
    /// Data with nothing wrong in them; `check_ids` and `check_targets` look at what only the model and the losses know.
    pub fn checked(
        inputs: N::Inputs<'d>,
        targets: T::Slices<'t>,
        weights: SampleWeights<'w>,
        check_ids: impl FnOnce(N::Operands<'d>, usize) -> Result<(), (&'static str, InputError)>,
        check_targets: impl FnOnce(T::Slices<'t>) -> Result<(), (usize, TargetError)>,
    ) -> Result<Self, TrainError> {
        let inputs = N::many(inputs);
        let samples = count_samples::<N>(inputs.as_ref())?;
        check_counts::<N, T>(targets, weights, samples)?;
        if samples == 0 {
            return Err(TrainError::NoSamples);
        }
        check_ids(inputs, samples).map_err(|(name, error)| TrainError::Input { name, error })?;
        check_finite::<N>(inputs.as_ref())?;
        check_targets(targets).map_err(|(output, error)| TrainError::Target { output: name::<N>(output), error })?;
        match weights.find(first_not_finite) {
            Some((output, sample)) => Err(TrainError::SampleWeightNotFinite { output: output.map(name::<N>), sample }),
            None => Ok(Self { inputs, targets, weights, samples }),
        }
    }

    /// The same with other weights, with nothing wrong in them either.
    pub fn weighted<'v>(self, weights: SampleWeights<'v>) -> Data<'d, 't, 'v, N, T> {
        Data { inputs: self.inputs, targets: self.targets, weights, samples: self.samples }
    }

    pub fn slice(&self, samples: Range<usize>) -> Self {
        Self {
            inputs: model::slice::<N>(self.inputs, samples.clone()),
            targets: T::slice(self.targets, samples.clone()),
            weights: self.weights.slice(samples.clone()),
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

/// An output's name.
fn name<N: Network>(output: usize) -> &'static str {
    N::GRAPH.outputs[output].0
}

fn count_samples<N: Network>(inputs: &[Operand<'_>]) -> Result<usize, TrainError> {
    match model::samples::<N>(inputs) {
        Ok(samples) => Ok(samples),
        Err(PredictError::SampleCounts { first, other }) => Err(TrainError::SampleCounts { first, other }),
        // Counting gives no other error.
        Err(_) => Err(TrainError::NoSamples),
    }
}

fn check_counts<N: Network, T: Targets>(
    targets: T::Slices<'_>,
    weights: SampleWeights<'_>,
    samples: usize,
) -> Result<(), TrainError> {
    let (mut outputs, mut wrong) = (N::GRAPH.outputs.iter(), None);
    T::counts(targets, &mut |targets| {
        if let Some((output, _)) = outputs.next()
            && targets != samples
        {
            wrong.get_or_insert(TrainError::TargetCount { output, targets, samples });
        }
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    match weights.find(|weights| (weights.len() != samples).then_some(weights.len())) {
        Some((output, weights)) => {
            Err(TrainError::SampleWeightCount { output: output.map(name::<N>), weights, samples })
        }
        None => Ok(()),
    }
}

fn check_finite<N: Network>(inputs: &[Operand<'_>]) -> Result<(), TrainError> {
    for (wire, Operand { numbers, .. }) in N::GRAPH.inputs.iter().zip(inputs) {
        if let Some(index) = first_not_finite(numbers) {
            let (name, length) = (wire.name, wire.shape.length());
            return Err(TrainError::InputNotFinite { name, sample: index / length, position: index % length });
        }
    }
    Ok(())
}

/// The places of each batch.
pub(super) fn batches(samples: usize, batch_size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..samples).step_by(batch_size).map(move |start| start..samples.min(start.saturating_add(batch_size)))
}

/// Samples in another order, for which there is memory once.
pub(super) struct Shuffled<T: Targets> {
    order: Vec<usize>,
    /// One for each input.
    inputs: Vec<Rows>,
    targets: T::Buffers,
    weights: Vec<f32>,
}

impl<T: Targets> Default for Shuffled<T> {
    fn default() -> Self {
        Self { order: Vec::new(), inputs: Vec::new(), targets: T::buffers(), weights: Vec::new() }
    }
}

impl<T: Targets> Shuffled<T> {
    /// Draws the order of an epoch.
    pub fn draw(&mut self, samples: usize, seed: u64, epoch: u64) {
        self.order.clear();
        self.order.extend(0..samples);
        permute(&mut self.order, Random::new(seed).at_step(epoch));
    }

    /// Which sample comes at a place of an epoch, where it is shuffled or not.
    pub fn sample(&self, shuffle: Option<u64>, place: usize) -> usize {
        shuffle.map_or(place, |_| self.order[place])
    }

    /// Copies those samples that come at these places of the order.
    pub fn gather<'s, N: Network>(
        &'s mut self,
        data: Data<'_, '_, '_, N, T>,
        places: Range<usize>,
    ) -> Data<'s, 's, 's, N, T> {
        let order = &self.order[places];
        self.inputs.resize_with(N::GRAPH.inputs.len(), Rows::default);
        let mut inputs = N::Operands::EMPTY;
        for ((input, rows), from) in inputs.as_mut().iter_mut().zip(&mut self.inputs).zip(data.inputs.as_ref()) {
            *input = rows.gather(*from, order);
        }
        T::gather(data.targets, order, &mut self.targets);
        let weights = data.weights.gather(order, &mut self.weights);
        Data { inputs, targets: T::gathered(&self.targets), weights, samples: order.len() }
    }
}

/// Samples of one input, numbers or ids.
#[derive(Default)]
struct Rows {
    numbers: Vec<f32>,
    ids: Vec<u32>,
}

impl Rows {
    /// Copies these samples of a batch, in this order.
    fn gather(&mut self, from: Operand<'_>, order: &[usize]) -> Operand<'_> {
        let Operand { numbers, ids, shape, .. } = from;
        gather_rows(&mut self.numbers, numbers, order, shape.length());
        gather_rows(&mut self.ids, ids, order, shape.length());
        Operand { numbers: &self.numbers, ids: &self.ids, shape, samples: order.len(), mask: None }
    }
}

/// Copies rows of so many elements, in this order; nothing where there are none.
fn gather_rows<E: Copy>(rows: &mut Vec<E>, from: &[E], order: &[usize], length: usize) {
    rows.clear();
    if !from.is_empty() {
        // All at once, as memory that grows by and by ends at up to twice as much.
        rows.reserve(order.len() * length);
        order.iter().for_each(|index| rows.extend_from_slice(&from[index * length..][..length]));
    }
}

/// Fisher and Yates's shuffle: from the last place down, each place changes with one at or before it.
fn permute(order: &mut [usize], random: Random) {
    for last in (1..order.len()).rev() {
        let other = random.below(last as u64, last as u64 + 1) as usize;
        order.swap(last, other);
    }
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
