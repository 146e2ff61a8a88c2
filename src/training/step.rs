//! One step of training: forward, loss, back, and the optimizer.

use fusion_core::kernels::first_not_finite;
use fusion_core::model::{
    self, MOST_OUTPUTS, Network, Outputs, TrainNetwork, Workspace, couples_samples, has_masked_output, takes_ids,
};
use fusion_core::optimizers::{Optimizer, OptimizerState};
use fusion_core::weights::{add_penalty_gradient, constrain, penalty};
use fusion_core::{InputError, Random};

use super::data::Data;
use super::logits::AskedLogits;
use super::losses::{LossesInOrder, Seen, without_left_out};
use super::passes::{BackwardMemory, ForwardMemory, Tile};
use super::running::Running;
use super::sums::Sums;
use super::targets::Targets;
use super::weights::SampleWeights;

/// What a model is trained for.
pub(super) struct Objective<'a, L> {
    pub losses: &'a L,
    pub loss_weights: &'a [f32],
}

impl<L> Clone for Objective<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<L> Copy for Objective<'_, L> {}

/// A loss that is NaN or infinite.
#[derive(Debug)]
pub(super) struct NotFinite {
    /// The mean over the samples that went through together.
    pub loss: f64,
    /// The first sample whose loss is no number, by its place in the batch; none where only their sum is none.
    pub sample: Option<usize>,
    /// The first layer whose output is NaN or infinite.
    pub layer: Option<&'static str>,
}

/// The memory and the state of training, made at the first step.
pub(super) struct Engine<N> {
    pub sums: Option<Sums<N>>,
    pub optimizer: OptimizerState,
    forward: ForwardMemory,
    backward: BackwardMemory,
    /// The losses of a tile's samples, those of the first output first.
    losses: Vec<f32>,
    /// Which positions of each output count, where targets leave some out.
    counts: [Vec<f32>; MOST_OUTPUTS],
    /// For the checks of ids.
    workspace: Option<Workspace<N>>,
    /// How many steps were made.
    pub steps: u64,
    /// How many samples' gradients were added up since: those of a batch to come draw other random numbers.
    pub samples_before: u64,
    /// For dropout.
    pub seed: u64,
    /// How many samples go through at once.
    pub tile: usize,
    /// Whether a step is between its first change of the model and its last: where it ended there, by a panic, the model
    /// is of two steps.
    pub moving: bool,
}

impl<N: Network> Default for Engine<N> {
    fn default() -> Self {
        Self {
            sums: None,
            optimizer: OptimizerState::default(),
            forward: ForwardMemory::default(),
            backward: BackwardMemory::default(),
            losses: Vec::new(),
            counts: Default::default(),
            workspace: None,
            steps: 0,
            samples_before: 0,
            seed: 0,
            tile: const { training_tile::<N>() },
            moving: false,
        }
    }
}

impl<N: Network> Engine<N> {
    /// Checks ids, which only the model can tell to be out of range.
    pub fn check_ids(
        &mut self,
        network: &N,
        inputs: N::Operands<'_>,
        samples: usize,
    ) -> Result<(), (&'static str, InputError)> {
        if !const { takes_ids(N::GRAPH) } {
            return Ok(());
        }
        model::check_inputs(network, inputs, samples, self.workspace.get_or_insert_default())
    }

    /// Takes in losses and metrics of some samples without training.
    pub fn evaluate<L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &N,
        objective: Objective<'_, L>,
        data: Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) {
        // How many steps of an output count is known of the whole batch alone.
        let whole = const { has_masked_output::<N>() } || by_batch(objective.losses, running);
        let tile = if whole { data.samples } else { model::tile::<N>().min(data.samples) };
        let asked = AskedLogits::new::<N, L, T>(objective.losses, running);
        for start in (0..data.samples).step_by(tile) {
            let part = data.slice(start..data.samples.min(start + tile));
            let seen = self.forward.infer(network, &part, &asked);
            let counted = without_left_out(objective.losses, part.targets, seen, &mut self.counts);
            add_losses(objective, (part.targets, part.weights, part.samples), counted, &mut self.losses, running);
            running.update_metrics(part.targets, seen, part.weights);
            running.add_penalty(self.forward.penalty(network, part.samples, false), 1);
        }
        running.add_penalty(penalty(network), data.samples);
        running.end_batch();
    }
}

impl<N: TrainNetwork> Engine<N> {
    /// Makes one step with a batch. Where the loss is not finite the weights stay as they are.
    pub fn train<O: Optimizer, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        objective: Objective<'_, L>,
        batch: Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<(), NotFinite> {
        let mut sums = self.accumulate(network, objective, batch, running)?;
        let (gradient, squares) = sums.parts();
        self.apply(network, optimizer, gradient, squares);
        self.sums = Some(sums);
        Ok(())
    }

    /// The gradient of a batch's loss, with what its penalties add, in memory that is given back as
    /// [`Engine::sums`]; moves what layers keep. Where the loss is not finite nothing moves.
    pub fn accumulate<L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &mut N,
        objective: Objective<'_, L>,
        batch: Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<Sums<N>, NotFinite> {
        let whole =
            const { couples_samples(N::GRAPH) || has_masked_output::<N>() } || by_batch(objective.losses, running);
        let tile = if whole { batch.samples } else { self.tile.min(batch.samples) };
        let asked = AskedLogits::new::<N, L, T>(objective.losses, running);
        let penalty = penalty(network);
        if !penalty.is_finite() {
            return Err(NotFinite { loss: penalty, sample: None, layer: None });
        }
        // A gradient that a failed step leaves behind is dropped, so that it is always zero here.
        let mut sums = self.sums.take().unwrap_or_default();
        let random = Random::new(self.seed).at_step(self.steps);
        let mut last = 0;
        for start in (0..batch.samples).step_by(tile) {
            let part = batch.slice(start..batch.samples.min(start + tile));
            sums.make_room(part.samples);
            let random = random.from_sample(self.samples_before + start as u64);
            let tile = Tile { data: part, random, batch: batch.samples };
            self.train_tile(network, &mut sums, objective, &asked, tile, running)
                .map_err(|wrong| NotFinite { sample: wrong.sample.map(|sample| start + sample), ..wrong })?;
            last = part.samples;
        }
        self.moving = true;
        network.update_state(&mut self.forward.state(last));
        sums.finish();
        add_penalty_gradient(network, sums.parts().0);
        self.samples_before += batch.samples as u64;
        running.add_penalty(penalty, batch.samples);
        running.end_batch();
        self.moving = false;
        Ok(sums)
    }

    /// Makes one step along a gradient, which is zero then.
    pub fn apply<O: Optimizer>(&mut self, network: &mut N, optimizer: &O, gradient: &mut N, squares: Option<&mut N>) {
        self.moving = true;
        optimizer.apply(self.steps, network, gradient, squares, &mut self.optimizer);
        constrain(network);
        self.moving = false;
        self.steps += 1;
        self.samples_before = 0;
    }

    /// Makes the weights what the optimizer wants them to be after the last step.
    pub fn finalize<O: Optimizer>(&mut self, network: &mut N, optimizer: &O) {
        optimizer.finalize_variable_values(network, &mut self.optimizer);
    }

    /// Takes one tile forward and back.
    fn train_tile<L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &N,
        sums: &mut Sums<N>,
        objective: Objective<'_, L>,
        asked: &AskedLogits,
        tile: Tile<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<(), NotFinite> {
        let Tile { data, .. } = tile;
        let seen = self.forward.train(network, &tile, asked);
        let counted = without_left_out(objective.losses, data.targets, seen, &mut self.counts);
        let loss =
            add_losses(objective, (data.targets, data.weights, data.samples), counted, &mut self.losses, running);
        running.update_metrics(data.targets, seen, data.weights);
        let sample = if loss.is_finite() { None } else { first_sample(&self.losses, data.samples, &counted) };
        self.backward.begin(objective, counted, &tile);
        let penalty = self.forward.penalty(network, data.samples, true);
        if !(loss + penalty).is_finite() {
            return Err(NotFinite {
                loss: (loss + penalty) / data.samples as f64,
                sample,
                layer: self.forward.first_not_finite::<N>(data.samples),
            });
        }
        running.add_penalty(penalty, 1);
        let (gradient, squares) = sums.parts();
        let sums = model::Sums { gradient: Some(gradient), squares };
        self.backward.back(network, sums, &mut self.forward, asked, &tile);
        Ok(())
    }
}

/// The first sample one of whose losses is NaN or infinite.
fn first_sample<O: Outputs>(losses: &[f32], samples: usize, seen: &Seen<'_, O>) -> Option<usize> {
    let (mut first, mut rest) = (None, losses);
    for output in 0..O::COUNT {
        let (losses, after) = rest.split_at(seen.losses_of(output, samples));
        rest = after;
        let wrong = first_not_finite(losses).map(|index| index / (losses.len() / samples).max(1));
        first = first.into_iter().chain(wrong).min();
    }
    first
}

/// Whether losses or metrics take whole batches.
fn by_batch<O: Outputs, L: LossesInOrder<O, Targets = T>, T: Targets>(losses: &L, running: &Running<O, T>) -> bool {
    losses.by_batch() || running.by_batch()
}

/// Takes in the losses of some samples, and gives the sum of them, each times its weights.
fn add_losses<O: Outputs, L: LossesInOrder<O, Targets = T>, T: Targets>(
    Objective { losses, loss_weights }: Objective<'_, L>,
    (targets, weights, samples): (T::Slices<'_>, SampleWeights<'_>, usize),
    seen: Seen<'_, O>,
    memory: &mut Vec<f32>,
    running: &mut Running<O, T>,
) -> f64 {
    memory.resize(seen.losses(samples), 0.0);
    losses.losses(targets, seen, memory);
    running.add_losses(memory, &seen, samples, weights, loss_weights)
}

/// How many samples of a batch go through the network at once in training: as many as take no more
/// memory than half a second cache or than the weights, whose gradients are gone through once for
/// each tile. Large tiles are multiples of 48, a multiple of the kernels' 6, 8, 12 and 16 rows.
const fn training_tile<N: Network>() -> usize {
    const CACHE: usize = 512 * 1024 / size_of::<f32>();
    const fn larger(a: usize, b: usize) -> usize {
        if a > b { a } else { b }
    }
    let memory = N::MEMORY;
    let scratch = larger(memory.scratch.per_sample, memory.backward_scratch.per_sample);
    let floats = memory.wires + memory.saved.per_sample + memory.gradients(1) + scratch;
    let samples = larger(CACHE, N::COUNT) / larger(floats, 1);
    match samples {
        0 => 1,
        1..48 => samples,
        _ => samples - samples % 48,
    }
}
