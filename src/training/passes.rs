//! The passes of a tile of samples, and the memory that they work in.

use std::marker::PhantomData;
use std::ops::Range;

use fusion_core::Random;
use fusion_core::kernels::first_not_finite;
use fusion_core::kernels::memory::AlignedVec;
use fusion_core::layer::Operand;
use fusion_core::model::{
    ActivityPass, BackwardPass, ForwardPass, GradientPlaces, Logits, MOST_OUTPUTS, Network, Outputs, PassOptions,
    StatePass, Sums, TrainNetwork, activity_penalty, logits_floats, logits_range,
};

use super::data::Data;
use super::logits::AskedLogits;
use super::losses::{LossesInOrder, Seen};
use super::step::Objective;
use super::targets::Targets;
use super::weights::SampleWeights;

/// Some samples of a batch that trains.
pub(super) struct Tile<'d, 't, 'w, N: Network, T: Targets> {
    pub data: Data<'d, 't, 'w, N, T>,
    /// Random numbers from its first sample on.
    pub random: Random,
    /// How many samples the batch has.
    pub batch: usize,
}

impl<N: Network, T: Targets> Tile<'_, '_, '_, N, T> {
    fn options(&self) -> PassOptions {
        PassOptions::training(self.data.samples, self.random).of_batch(self.batch)
    }
}

/// What the way forward writes.
#[derive(Default)]
pub(super) struct ForwardMemory {
    wires: AlignedVec,
    saved: AlignedVec,
    scratch: AlignedVec,
    /// The outputs' logits, where they are asked for.
    logits: AlignedVec,
}

impl ForwardMemory {
    /// Forward in inference.
    pub fn infer<N: Network, T: Targets>(
        &mut self,
        network: &N,
        data: &Data<'_, '_, '_, N, T>,
        asked: &AskedLogits,
    ) -> Seen<'_, N::Outputs> {
        self.run(network, PassOptions::inference(data.samples), data.inputs.as_ref(), asked)
    }

    /// Forward in training.
    pub fn train<N: Network, T: Targets>(
        &mut self,
        network: &N,
        tile: &Tile<'_, '_, '_, N, T>,
        asked: &AskedLogits,
    ) -> Seen<'_, N::Outputs> {
        self.run(network, tile.options(), tile.data.inputs.as_ref(), asked)
    }

    /// Forward, as the options say.
    pub fn run<N: Network>(
        &mut self,
        network: &N,
        options: PassOptions,
        inputs: &[Operand<'_>],
        asked: &AskedLogits,
    ) -> Seen<'_, N::Outputs> {
        let samples = options.samples;
        self.wires.grow(N::MEMORY.wires(options.keep, samples));
        self.saved.grow(N::MEMORY.kept(options.keep).of(samples));
        self.scratch.grow(N::MEMORY.scratch.of(samples));
        self.logits.grow(logits_floats::<N::Outputs>(samples));
        let Self { wires, saved, scratch, logits } = self;
        let (wires, numbers) = (wires.as_mut_slice(), logits.as_mut_slice());
        network.pass(&mut ForwardPass {
            options,
            inputs,
            wires: &mut *wires,
            saved: saved.as_mut_slice(),
            scratch: scratch.as_mut_slice(),
            logits: asked.kept(numbers),
        });
        asked.seen::<N>(wires, numbers, options.keep, samples)
    }

    /// What losses and metrics see of the pass that went forward last.
    pub fn seen<N: Network>(&self, asked: &AskedLogits, samples: usize, keep: bool) -> Seen<'_, N::Outputs> {
        asked.seen::<N>(self.wires.as_slice(), self.logits.as_slice(), keep, samples)
    }

    /// The first layer that gave a number that is NaN or infinite, in the pass of training that went forward last.
    pub fn first_not_finite<N: Network>(&self, samples: usize) -> Option<&'static str> {
        let wires = self.wires.as_slice();
        let steps = N::GRAPH.steps.iter().zip(N::PLACES);
        let mut numbers = steps.filter(|(step, _)| step.output.element.is_number());
        let (step, _) = numbers.find(|(_, place)| first_not_finite(&wires[place.wire(true, samples)]).is_some())?;
        step.layer.map(|layer| N::GRAPH.layers[layer].name)
    }

    /// What the outputs of layers add to the loss, the sum over the samples that went forward last.
    pub fn penalty<N: Network>(&mut self, network: &N, samples: usize, keep: bool) -> f64 {
        let (wires, saved) = (self.wires.as_mut_slice(), self.saved.as_mut_slice());
        activity_penalty(network, ActivityPass::new(samples, keep, wires, saved))
    }

    /// What the layers kept of so many samples.
    pub fn state<N: Network>(&mut self, samples: usize) -> StatePass<'_, N> {
        StatePass::new(samples, self.saved.as_mut_slice())
    }
}

/// What the way back writes, beside the sums of the weights' gradients.
#[derive(Default)]
pub(super) struct BackwardMemory {
    gradients: AlignedVec,
    /// The gradients with respect to the outputs' logits, where their losses are taken of these.
    logits: AlignedVec,
    scratch: AlignedVec,
    /// What each loss counts.
    weights: Vec<f32>,
}

impl BackwardMemory {
    /// Writes the gradients of the losses with respect to the outputs and their logits.
    pub fn begin<N: Network, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        Objective { losses, loss_weights }: Objective<'_, L>,
        seen: Seen<'_, N::Outputs>,
        Tile { data, batch, .. }: &Tile<'_, '_, '_, N, T>,
    ) {
        let samples = data.samples;
        self.weights.resize(seen.losses(samples), 0.0);
        weigh(&mut self.weights, &seen, data.weights, loss_weights, (samples, *batch));
        self.logits.grow(logits_floats::<N::Outputs>(samples));
        let Self { gradients, logits, weights, .. } = self;
        let gradients = of_outputs::<N>(gradients, samples, false);
        let logits = cut::<N::Outputs>(logits.as_mut_slice(), |output| logits_range::<N::Outputs>(output, samples));
        losses.gradients(data.targets, seen, weights, gradients, logits);
    }

    /// Where the gradients of the outputs go, all zero, for a way back to the inputs that are wanted.
    pub fn zeros<N: Network>(&mut self, samples: usize, inputs: bool) -> <N::Outputs as Outputs>::SlicesMut<'_> {
        let numbers = GradientPlaces::of::<N>(samples, inputs).floats::<N>();
        self.gradients.grow(numbers);
        // An input that nothing leads on from has a gradient of 0.
        self.gradients.as_mut_slice()[..numbers].fill(0.0);
        of_outputs::<N>(&mut self.gradients, samples, inputs)
    }

    /// Back from what [`BackwardMemory::begin`] wrote.
    pub fn back<N: TrainNetwork, T: Targets>(
        &mut self,
        network: &N,
        sums: Sums<'_, N>,
        forward: &mut ForwardMemory,
        asked: &AskedLogits,
        tile: &Tile<'_, '_, '_, N, T>,
    ) {
        self.back_to(network, sums, forward, asked, (tile.options(), tile.data.inputs.as_ref(), &[]));
    }

    /// Back from the gradients of the outputs, to those of the inputs that are wanted.
    pub fn back_to<N: TrainNetwork>(
        &mut self,
        network: &N,
        sums: Sums<'_, N>,
        forward: &mut ForwardMemory,
        asked: &AskedLogits,
        (options, inputs, wanted): (PassOptions, &[Operand<'_>], &[bool]),
    ) {
        let samples = options.samples;
        self.scratch.grow(N::MEMORY.backward_scratch.of(samples));
        let logits: Logits<'_> = asked.gradients::<N>(self.logits.as_mut_slice(), samples);
        let mut pass = BackwardPass {
            options,
            inputs,
            wires: forward.wires.as_mut_slice(),
            saved: forward.saved.as_mut_slice(),
            wanted,
            gradients: self.gradients.as_mut_slice(),
            scratch: self.scratch.as_mut_slice(),
            logits,
            network: PhantomData,
        };
        network.back(sums, &mut pass);
    }

    /// The gradient of an input that was wanted.
    pub fn of_input<N: Network>(&mut self, samples: usize, input: usize) -> &[f32] {
        &self.gradients.as_mut_slice()[GradientPlaces::of::<N>(samples, true).input::<N>(input)]
    }
}

/// Where the gradients of the outputs stand among all.
fn of_outputs<N: Network>(
    gradients: &mut AlignedVec,
    samples: usize,
    inputs: bool,
) -> <N::Outputs as Outputs>::SlicesMut<'_> {
    let places = GradientPlaces::of::<N>(samples, inputs);
    gradients.grow(places.floats::<N>());
    cut::<N::Outputs>(gradients.as_mut_slice(), |output| places.step::<N>(N::GRAPH.outputs[output].1))
}

/// The memory of each output, which stand in any order.
fn cut<O: Outputs>(memory: &mut [f32], range: impl Fn(usize) -> Range<usize>) -> O::SlicesMut<'_> {
    let mut order: [usize; MOST_OUTPUTS] = std::array::from_fn(|output| output);
    let order = &mut order[..O::COUNT];
    order.sort_unstable_by_key(|output| range(*output).start);
    let (mut parts, mut rest): ([&mut [f32]; MOST_OUTPUTS], _) = (Default::default(), memory);
    for output in order.iter().rev() {
        let Range { start, end } = range(*output);
        let (before, part) = rest.split_at_mut(start);
        (parts[*output], rest) = (&mut part[..end - start], before);
    }
    O::slices_mut(|output| std::mem::take(&mut parts[output]))
}

/// Writes what each loss counts in the loss of the batch: sample weight · loss weight / batch size, or of an output with
/// a mask, 0 or sample weight · loss weight / how many steps count.
fn weigh<O: Outputs>(
    weights: &mut [f32],
    seen: &Seen<'_, O>,
    sample_weights: SampleWeights<'_>,
    loss_weights: &[f32],
    (samples, batch): (usize, usize),
) {
    let mut rest = weights;
    for (output, loss_weight) in loss_weights.iter().enumerate().take(O::COUNT) {
        let (weights, after) = rest.split_at_mut(seen.losses_of(output, samples));
        rest = after;
        match seen.masks[output] {
            None => weights.fill(loss_weight / batch as f32),
            // Such a batch is one tile.
            Some(mask) => {
                let share = loss_weight * share_of_step(mask);
                weights.iter_mut().zip(mask).for_each(|(weight, counts)| *weight = counts * share);
            }
        }
        if let Some(sample_weights) = sample_weights.of(output) {
            let parts = weights.len() / samples;
            for (weights, sample_weight) in weights.chunks_exact_mut(parts).zip(sample_weights) {
                weights.iter_mut().for_each(|weight| *weight *= sample_weight);
            }
        }
    }
}

/// What a step counts that counts: 1 / how many do. Where none does, as in Keras nothing is divided.
pub(super) fn share_of_step(mask: &[f32]) -> f32 {
    let valid: f64 = mask.iter().map(|counts| f64::from(*counts)).sum();
    if valid > 0.0 { (1.0 / valid) as f32 } else { 0.0 }
}
