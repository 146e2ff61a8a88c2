//! One step of training: forward, loss, back, and the optimizer.

use fusion_core::memory::AlignedVec;
use fusion_core::model;
use fusion_core::network::{Floats, Logits, Pass, output_floats};
use fusion_core::optimizers::Optimizer;
use fusion_core::parameters::zeroed_box;
use fusion_core::{Network, Random};

use super::data::{Data, outputs};
use super::look_through::LookThrough;
use super::losses::Losses;
use super::running::Running;
use super::sums::Sums;
use super::targets::Targets;

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
    moments: Vec<Box<N>>,
    wires: AlignedVec,
    gradients: AlignedVec,
    /// The outputs' logits, where something looks at them, and the gradients with respect to them.
    logits: AlignedVec,
    logit_gradients: AlignedVec,
    scratch: AlignedVec,
    losses: Vec<f32>,
    weights: Vec<f32>,
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
            moments: Vec::new(),
            wires: AlignedVec::default(),
            gradients: AlignedVec::default(),
            logits: AlignedVec::default(),
            logit_gradients: AlignedVec::default(),
            scratch: AlignedVec::default(),
            losses: Vec::new(),
            weights: Vec::new(),
            steps: 0,
            seed: 0,
            tile: const { training_tile::<N>() },
        }
    }
}

impl<N: Network> Engine<N> {
    /// Makes one step with a batch. Where the loss is not finite the weights stay as they are.
    pub fn train<O: Optimizer, L: Losses<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        objective: Objective<'_, L>,
        batch: Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<(), NotFinite> {
        let tile = if N::COUPLES_SAMPLES { batch.samples } else { self.tile.min(batch.samples) };
        self.reserve(tile);
        let look_through = LookThrough::new::<N, L, T>(objective.losses, running);
        // A gradient that a failed step leaves behind is dropped, so that it is always zero here.
        let mut sums = self.sums.take().unwrap_or_default();
        let mut start = 0;
        while start < batch.samples {
            let end = batch.samples.min(start + tile);
            let random = Random::new(self.seed).at_step(self.steps).from_sample(start as u64);
            sums.make_room(end - start);
            let pass = TilePass { objective, look_through, random, batch: batch.samples };
            self.train_tile(network, &mut sums, pass, batch.slice(start..end), running)?;
            start = end;
        }
        sums.finish();
        self.moments.resize_with(optimizer.moments(), zeroed_box);
        let Sums { gradient, squares, .. } = &mut sums;
        let squares = squares.as_mut().map(|squares| &mut *squares.part);
        optimizer.apply(self.steps, network, &mut *gradient.part, squares, &mut self.moments);
        self.sums = Some(sums);
        self.steps += 1;
        Ok(())
    }

    /// Takes one tile forward and back.
    fn train_tile<L: Losses<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &mut N,
        Sums { gradient, squares, .. }: &mut Sums<N>,
        step: TilePass<'_, L>,
        tile: Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) -> Result<(), NotFinite> {
        let samples = tile.samples;
        let TilePass { objective: Objective { losses, loss_weights }, look_through, random, batch } = step;
        let (wires, scratch) = (self.wires.as_mut_slice(), self.scratch.as_mut_slice());
        let numbers = self.logits.as_mut_slice();
        let logits = look_through.wanted(numbers);
        network.forward(&mut training_pass(samples, random, logits, scratch), tile.inputs, wires);

        let seen = look_through.seen::<N>(wires, numbers, samples);
        let sample_losses = &mut self.losses[..samples * outputs::<N>()];
        losses.losses(tile.targets, seen, sample_losses);
        let loss = running.add_losses(sample_losses, samples, tile.weights, loss_weights);
        if !loss.is_finite() {
            return Err(NotFinite(loss / samples as f64));
        }
        running.update_metrics(tile.targets, seen, tile.weights);

        let weights = &mut self.weights[..samples * outputs::<N>()];
        weigh(weights, samples, tile.weights, loss_weights, batch);
        let (gradients, logit_gradients) = (self.gradients.as_mut_slice(), self.logit_gradients.as_mut_slice());
        let of_logits = N::output_gradients(logit_gradients, samples);
        losses.gradients(tile.targets, seen, weights, N::output_gradients(gradients, samples), of_logits);
        let logits = look_through.gradients::<N>(logit_gradients, samples);
        network.backward(
            &mut training_pass(samples, random, logits, scratch),
            tile.inputs,
            wires,
            gradients,
            Default::default(),
            &mut gradient.part,
            squares.as_mut().map(|squares| &mut *squares.part),
        );
        network.update_state(samples, wires);
        Ok(())
    }

    /// Takes in losses and metrics of some samples without training.
    pub fn evaluate<L: Losses<N::Outputs, Targets = T>, T: Targets>(
        &mut self,
        network: &N,
        Objective { losses, loss_weights }: Objective<'_, L>,
        data: Data<'_, '_, '_, N, T>,
        running: &mut Running<N::Outputs, T>,
    ) {
        let tile = model::tile::<N>().min(data.samples);
        self.reserve_for_inference(tile);
        let look_through = LookThrough::new::<N, L, T>(losses, running);
        let mut start = 0;
        while start < data.samples {
            let part = data.slice(start..data.samples.min(start + tile));
            let samples = part.samples;
            let (wires, scratch) = (self.wires.as_mut_slice(), self.scratch.as_mut_slice());
            let (random, numbers) = (Random::new(0), self.logits.as_mut_slice());
            let logits = look_through.wanted(numbers);
            let mut pass = Pass { samples, training: false, trainable: false, keep: false, random, logits, scratch };
            network.forward(&mut pass, part.inputs, wires);
            let seen = look_through.seen::<N>(wires, numbers, samples);
            let sample_losses = &mut self.losses[..samples * outputs::<N>()];
            losses.losses(part.targets, seen, sample_losses);
            running.add_losses(sample_losses, samples, part.weights, loss_weights);
            running.update_metrics(part.targets, seen, part.weights);
            start += samples;
        }
    }

    /// Makes the memory large enough for so many samples, forward and back.
    fn reserve(&mut self, samples: usize) {
        self.wires.grow(N::WIRES.of(samples));
        self.gradients.grow(N::GRADIENTS.of(samples));
        self.logit_gradients.grow(output_floats::<N::Outputs>(samples));
        self.scratch.grow(N::BACKWARD_SCRATCH.of(samples));
        self.reserve_for_inference(samples);
    }

    /// The same for the way forward alone.
    fn reserve_for_inference(&mut self, samples: usize) {
        self.wires.grow(N::INFERENCE_WIRES.of(samples));
        self.logits.grow(output_floats::<N::Outputs>(samples));
        self.scratch.grow(N::SCRATCH.of(samples));
        let losses = samples * outputs::<N>();
        if self.losses.len() < losses {
            self.losses.resize(losses, 0.0);
            self.weights.resize(losses, 0.0);
        }
    }
}

fn training_pass<'a>(samples: usize, random: Random, logits: Logits<'a>, scratch: &'a mut [f32]) -> Pass<'a> {
    Pass { samples, training: true, trainable: true, keep: true, random, logits, scratch }
}

/// What a tile is told of the step it belongs to.
struct TilePass<'a, L> {
    objective: Objective<'a, L>,
    look_through: LookThrough,
    /// Random numbers from the tile's first sample on.
    random: Random,
    /// How many samples the batch has.
    batch: usize,
}

/// Writes what each loss counts in the loss of the batch: sample weight · loss weight / batch size.
fn weigh(weights: &mut [f32], samples: usize, sample_weights: Option<&[f32]>, loss_weights: &[f32], batch: usize) {
    for (weights, loss_weight) in weights.chunks_exact_mut(samples).zip(loss_weights) {
        let share = loss_weight / batch as f32;
        match sample_weights {
            None => weights.fill(share),
            Some(sample_weights) => {
                weights.iter_mut().zip(sample_weights).for_each(|(weight, sample)| *weight = sample * share);
            }
        }
    }
}

/// How many samples of a batch go through the network at once in training: as many as take no more
/// memory than half a second cache or than the weights, whose gradients are gone through once for
/// each tile. Large tiles are multiples of 48, a multiple of the kernels' 6, 8, 12 and 16 rows.
const fn training_tile<N: Network>() -> usize {
    const CACHE: usize = 512 * 1024 / size_of::<f32>();
    const fn larger(a: usize, b: usize) -> usize {
        if a > b { a } else { b }
    }
    const fn per_sample(floats: Floats) -> usize {
        floats.per_sample
    }
    let scratch = larger(per_sample(N::SCRATCH), per_sample(N::BACKWARD_SCRATCH));
    let floats = per_sample(N::WIRES) + per_sample(N::GRADIENTS) + scratch;
    let samples = larger(CACHE, N::COUNT) / larger(floats, 1);
    match samples {
        0 => 1,
        1..48 => samples,
        _ => samples - samples % 48,
    }
}
