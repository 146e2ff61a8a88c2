//! One step of training: forward, loss, back, and the optimizer.

use std::sync::{Mutex, PoisonError};

use fusion_core::kernels::{Threads, first_not_finite};
use fusion_core::model::{
    self, MOST_OUTPUTS, Network, Outputs, TrainNetwork, Workspace, couples_samples, has_masked_output, takes_ids,
};
use fusion_core::optimizers::{Optimizer, OptimizerState};
use fusion_core::weights::{add_penalty_gradient, constrain, penalty};
use fusion_core::{InputError, Random};

use super::data::Data;
use super::logits::AskedLogits;
use super::losses::{LossesInOrder, Seen, without_left_out};
use super::not_finite::{NotFinite, parameter_not_finite};
use super::passes::{BackwardMemory, ForwardMemory, Tile};
use super::running::Running;
use super::sums::Shards;
use super::targets::Targets;
use super::turns::{Cut, Turns, training_tile};

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

/// The memory and the state of training, made at the first step.
pub(super) struct Engine<N> {
    /// Zero between steps.
    pub sums: Option<Shards<N>>,
    /// The gradients of batches whose step is still to come, where a step takes those of several.
    pub pending: Option<Shards<N>>,
    pub optimizer: OptimizerState,
    /// Those of each thread that works on tiles.
    memories: Vec<Mutex<Worker>>,
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
    pub threads: Threads,
    /// Whether a step is between its first change of the model and its last: where it ended there, by a panic, the model
    /// is of two steps.
    pub moving: bool,
}

impl<N: Network> Default for Engine<N> {
    fn default() -> Self {
        Self {
            sums: None,
            pending: None,
            optimizer: OptimizerState::default(),
            memories: Vec::new(),
            workspace: None,
            steps: 0,
            samples_before: 0,
            seed: 0,
            tile: const { training_tile::<N>() },
            threads: Threads::all(),
            moving: false,
        }
    }
}

/// What a thread needs to work on a tile.
#[derive(Default)]
struct Worker {
    forward: ForwardMemory,
    backward: BackwardMemory,
    /// The losses of a tile's samples, those of the first output first.
    losses: Vec<f32>,
    /// Which positions of each output count, where targets leave some out.
    counts: [Vec<f32>; MOST_OUTPUTS],
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
        let tile = if whole { data.samples } else { model::tile::<N>() };
        let asked = AskedLogits::new::<N, L, T>(objective.losses, running);
        let cut = Cut::plain::<N>(data.samples, tile);
        let batch = Batch { network, objective, asked, data: &data, cut };
        let turns = Turns::<_, NotFinite>::new(cut, running);
        let workers = cut.workers(&self.threads);
        self.on_threads(workers == 1 && cut.is_large(), |engine| {
            engine.work(workers, |index, worker| {
                turns.work(|tile| batch.evaluate_tile(tile, index, worker, &turns));
            });
        });
        turns.finish(|running| {
            running.add_penalty(penalty(network), data.samples);
            running.end_batch();
        });
    }

    /// Does work on this engine's threads, if it is large.
    fn on_threads<R: Send>(&mut self, is_large: bool, work: impl FnOnce(&mut Self) -> R + Send) -> R {
        match is_large {
            true => self.threads.clone().share(|| work(self)),
            false => work(self),
        }
    }

    /// Calls `work` with the number and the memory of each of so many workers.
    fn work(&mut self, workers: usize, work: impl Fn(usize, &mut Worker) + Sync) {
        self.memories.resize_with(self.memories.len().max(workers), Mutex::default);
        let each = |index: usize| work(index, &mut self.memories[index].lock().unwrap_or_else(PoisonError::into_inner));
        match workers {
            1 => each(0),
            _ => self.threads.each(workers, &each),
        }
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
        // All of it together, as each time threads have to be woken.
        let cut = self.cut::<L, T>(batch.samples, objective, running);
        self.on_threads(self.workers(cut) == 1 && cut.is_large(), |engine| {
            let mut sums = engine.accumulate_cut(cut, network, objective, &batch, running)?;
            if let Some(pending) = &mut engine.pending {
                sums.take(pending);
            }
            let (gradient, squares) = sums.parts();
            engine.apply(network, optimizer, gradient, squares);
            if engine.steps % optimizer.gradient_accumulation_steps() == 0 {
                engine.sums = Some(sums);
            } else {
                engine.sums = engine.pending.replace(sums);
            }
            Ok(())
        })
    }

    /// How a batch of so many samples is cut to train on it.
    fn cut<L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &self,
        samples: usize,
        objective: Objective<'_, L>,
        running: &Running<N::Outputs, T>,
    ) -> Cut {
        let coupled = const { couples_samples(N::GRAPH) || has_masked_output::<N>() };
        match coupled || by_batch(objective.losses, running) {
            true => Cut::plain::<N>(samples, samples),
            false => Cut::for_training::<N>(samples, self.tile),
        }
    }

    /// How many threads train on it: one, where its tiles are added to one sum in turn.
    fn workers(&self, cut: Cut) -> usize {
        if cut.shards() > 1 { cut.workers(&self.threads) } else { 1 }
    }

    /// The gradient of a batch's loss, with what its penalties add, in memory that is given back as
    /// [`Engine::sums`]; moves what layers keep. Where the loss is not finite nothing moves.
    pub fn accumulate<L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &mut N,
        objective: Objective<'_, L>,
        data: &Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<Shards<N>, NotFinite> {
        let cut = self.cut::<L, T>(data.samples, objective, running);
        self.accumulate_cut(cut, network, objective, data, running)
    }

    fn accumulate_cut<L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        cut: Cut,
        network: &mut N,
        objective: Objective<'_, L>,
        data: &Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<Shards<N>, NotFinite> {
        let penalty = penalty(network);
        if !penalty.is_finite() {
            return Err(NotFinite::of_loss(penalty));
        }
        // A gradient that a failed step leaves behind is dropped, so that it is always zero here.
        let mut sums = self.sums.take().unwrap_or_default();
        sums.make_shards(cut.shards());
        let random = (Random::new(self.seed).at_step(self.steps), self.samples_before);
        let asked = AskedLogits::new::<N, L, T>(objective.losses, running);
        let batch = Batch { network: &*network, objective, asked, data, cut };
        let turns = Turns::new(cut, &mut *running);
        let workers = self.workers(cut);
        self.on_threads(workers == 1 && cut.is_large(), |engine| {
            engine.work(workers, |index, worker| {
                turns.work(|tile| batch.train_tile((tile, index), random, worker, &turns, &sums));
            });
        });
        let last = turns.end()?;
        sums.finish();
        if let Some(parameter) = parameter_not_finite(&*sums.parts().0) {
            return Err(NotFinite { gradient: Some(parameter), ..NotFinite::of_loss(running.loss()) });
        }
        let worker = self.memories[last].get_mut().unwrap_or_else(PoisonError::into_inner);
        self.moving = true;
        network.update_state(&mut worker.forward.state(cut.samples(cut.tiles() - 1).len()));
        add_penalty_gradient(network, sums.parts().0);
        self.samples_before += data.samples as u64;
        running.add_penalty(penalty, data.samples);
        running.end_batch();
        self.moving = false;
        Ok(sums)
    }

    /// Makes one step along a gradient, which is zero then.
    pub fn apply<O: Optimizer>(&mut self, network: &mut N, optimizer: &O, gradient: &mut N, squares: Option<&mut N>) {
        self.moving = true;
        self.on_threads(N::COUNT >= LARGE, |engine| {
            optimizer.apply(engine.steps, network, gradient, squares, &mut engine.optimizer);
        });
        constrain(network);
        self.moving = false;
        self.steps += 1;
        self.samples_before = 0;
    }

    /// Makes the weights what the optimizer wants them to be after the last step.
    pub fn finalize<O: Optimizer>(&mut self, network: &mut N, optimizer: &O) {
        optimizer.finalize_variable_values(network, &mut self.optimizer);
    }
}

/// What all workers on a batch see.
struct Batch<'b, 'd, 't, 'w, N: Network, L, T: Targets> {
    network: &'b N,
    objective: Objective<'b, L>,
    asked: AskedLogits,
    data: &'b Data<'d, 't, 'w, N, T>,
    cut: Cut,
}

type BatchTurns<'r, N, T> = Turns<&'r mut Running<<N as Network>::Outputs, T>, NotFinite>;

impl<N: Network, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets> Batch<'_, '_, '_, '_, N, L, T> {
    /// Takes in a tile's losses and metrics.
    fn evaluate_tile(
        &self,
        tile: usize,
        index: usize,
        worker: &mut Worker,
        turns: &BatchTurns<'_, N, T>,
    ) -> Option<()> {
        let data = self.data.slice(self.cut.samples(tile));
        worker.forward.infer(self.network, &data, &self.asked);
        let penalty = worker.forward.penalty(self.network, data.samples, false);
        let seen = worker.forward.seen::<N>(&self.asked, data.samples, false);
        let counted = self.losses(&data, seen, &mut worker.losses, &mut worker.counts);
        turns.take(tile, index, |running| {
            self.take_in(&data, (seen, counted), &worker.losses, running);
            running.add_penalty(penalty, 1);
            Ok(())
        })
    }

    /// Computes the losses of some samples, and gives what they see.
    fn losses<'s>(
        &self,
        data: &Data<'_, '_, '_, N, T>,
        seen: Seen<'s, N::Outputs>,
        losses: &mut Vec<f32>,
        counts: &'s mut [Vec<f32>; MOST_OUTPUTS],
    ) -> Seen<'s, N::Outputs> {
        let counted = without_left_out(self.objective.losses, data.targets, seen, counts);
        losses.resize(counted.losses(data.samples), 0.0);
        self.objective.losses.losses(data.targets, counted, losses);
        counted
    }

    /// Takes in the losses and metrics of some samples, and gives the sum of their losses, each times its weights.
    fn take_in(
        &self,
        data: &Data<'_, '_, '_, N, T>,
        (seen, counted): (Seen<'_, N::Outputs>, Seen<'_, N::Outputs>),
        losses: &[f32],
        running: &mut Running<N::Outputs, T>,
    ) -> f64 {
        let loss = running.add_losses(losses, &counted, data.samples, data.weights, self.objective.loss_weights);
        running.update_metrics(data.targets, seen, data.weights);
        loss
    }
}

impl<N: TrainNetwork, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets> Batch<'_, '_, '_, '_, N, L, T> {
    /// Takes one tile forward and back.
    fn train_tile(
        &self,
        (tile, index): (usize, usize),
        (random, before): (Random, u64),
        worker: &mut Worker,
        turns: &BatchTurns<'_, N, T>,
        sums: &Shards<N>,
    ) -> Option<()> {
        let samples = self.cut.samples(tile);
        let (start, data) = (samples.start, self.data.slice(samples));
        let part = Tile { data, random: random.from_sample(before + start as u64), batch: self.data.samples };
        let Worker { forward, backward, losses, counts } = worker;
        forward.train(self.network, &part, &self.asked);
        let penalty = forward.penalty(self.network, data.samples, true);
        let seen = forward.seen::<N>(&self.asked, data.samples, true);
        let counted = self.losses(&data, seen, losses, counts);
        turns.take(tile, index, |running| {
            let loss = self.take_in(&data, (seen, counted), losses, running);
            running.add_penalty(penalty, 1);
            if (loss + penalty).is_finite() {
                return Ok(());
            }
            let sample = if loss.is_finite() { None } else { first_sample(losses, data.samples, &counted) };
            Err(NotFinite {
                loss: (loss + penalty) / data.samples as f64,
                sample: sample.map(|sample| start + sample),
                layer: forward.first_not_finite::<N>(data.samples),
                gradient: None,
            })
        })?;
        backward.begin(self.objective, counted, &part);
        turns.add(tile, |shard| {
            let mut sums = sums.shard(shard);
            sums.make_room(data.samples);
            let (gradient, squares) = sums.parts();
            let sums = model::Sums { gradient: Some(gradient), squares };
            backward.back(self.network, sums, forward, &self.asked, &part);
        })
    }
}

/// So many weights are moved on several threads.
const LARGE: usize = 1 << 16;

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
