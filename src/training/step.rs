//! One step of training: forward, loss, back, and the optimizer.

use fusion_core::model::{
    self, Network, Outputs, TrainNetwork, Workspace, couples_samples, has_masked_output, takes_ids,
};
use fusion_core::optimizers::{Optimizer, OptimizerState};
use fusion_core::weights::{add_penalty_gradient, constrain, penalty};
use fusion_core::{InputError, Random};

use super::data::Data;
use super::logits::AskedLogits;
use super::losses::{LossesInOrder, Seen};
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
pub(super) struct NotFinite(pub f64);

/// The memory and the state of training, made at the first step.
pub(super) struct Engine<N> {
    sums: Option<Sums<N>>,
    optimizer: OptimizerState,
    forward: ForwardMemory,
    backward: BackwardMemory,
    /// The losses of a tile's samples, those of the first output first.
    losses: Vec<f32>,
    /// For the checks of ids.
    workspace: Option<Workspace<N>>,
    /// How many steps were made.
    pub steps: u64,
    /// For dropout.
    pub seed: u64,
    /// How many samples go through at once.
    pub tile: usize,
}

impl<N: Network> Default for Engine<N> {
    fn default() -> Self {
        Self {
            sums: None,
            optimizer: OptimizerState::default(),
            forward: ForwardMemory::default(),
            backward: BackwardMemory::default(),
            losses: Vec::new(),
            workspace: None,
            steps: 0,
            seed: 0,
            tile: const { training_tile::<N>() },
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
        let whole = const { has_masked_output::<N>() };
        let tile = if whole { data.samples } else { model::tile::<N>().min(data.samples) };
        let asked = AskedLogits::new::<N, L, T>(objective.losses, running);
        for start in (0..data.samples).step_by(tile) {
            let part = data.slice(start..data.samples.min(start + tile));
            let seen = self.forward.infer(network, &part, &asked);
            add_losses(objective, (part.targets, part.weights, part.samples), seen, &mut self.losses, running);
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
        let whole = const { couples_samples(N::GRAPH) || has_masked_output::<N>() };
        let tile = if whole { batch.samples } else { self.tile.min(batch.samples) };
        let asked = AskedLogits::new::<N, L, T>(objective.losses, running);
        let penalty = penalty(network);
        if !penalty.is_finite() {
            return Err(NotFinite(penalty));
        }
        // A gradient that a failed step leaves behind is dropped, so that it is always zero here.
        let mut sums = self.sums.take().unwrap_or_default();
        let mut last = 0;
        for start in (0..batch.samples).step_by(tile) {
            let part = batch.slice(start..batch.samples.min(start + tile));
            let random = Random::new(self.seed).at_step(self.steps).from_sample(start as u64);
            sums.make_room(part.samples);
            let tile = Tile { data: part, random, batch: batch.samples };
            self.train_tile(network, &mut sums, objective, &asked, tile, running)?;
            last = part.samples;
        }
        network.update_state(&mut self.forward.state(last));
        sums.finish();
        let (gradient, squares) = sums.parts();
        add_penalty_gradient(network, gradient);
        optimizer.apply(self.steps, network, gradient, squares, &mut self.optimizer);
        constrain(network);
        running.add_penalty(penalty, batch.samples);
        self.sums = Some(sums);
        self.steps += 1;
        running.end_batch();
        Ok(())
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
        let loss = add_losses(objective, (data.targets, data.weights, data.samples), seen, &mut self.losses, running);
        running.update_metrics(data.targets, seen, data.weights);
        self.backward.begin(objective, seen, &tile);
        let penalty = self.forward.penalty(network, data.samples, true);
        if !(loss + penalty).is_finite() {
            return Err(NotFinite((loss + penalty) / data.samples as f64));
        }
        running.add_penalty(penalty, 1);
        let (gradient, squares) = sums.parts();
        let sums = model::Sums { gradient: Some(gradient), squares };
        self.backward.back(network, sums, &mut self.forward, asked, &tile);
        Ok(())
    }
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
