//! What a trainer does with its losses and its optimizer, as functions that are found where it is made.
//!
//! Its methods then need no bounds on them: a loss that fits no output is one error, at `Trainer::new`, and not another
//! one at `fit`.

use fusion_core::losses::TargetError;
use fusion_core::model::{MOST_OUTPUTS, Network, TrainNetwork, has_masked_output, steps_of_output};
use fusion_core::optimizers::{Optimizer, OptimizerError, OptimizerState};

use super::callbacks::AnyOptimizer;
use super::data::Data;
use super::losses::LossesInOrder;
use super::not_finite::NotFinite;
use super::running::Running;
use super::step::{Engine, Objective};
use super::sums::Shards;
use super::targets::Targets;

/// The first output with a mask whose loss takes whole samples.
fn without_steps<N: Network, L: LossesInOrder<Outputs<N>>>(losses: &L) -> Option<usize> {
    if !const { has_masked_output::<N>() } {
        return None;
    }
    let mut by_step = [false; MOST_OUTPUTS];
    losses.by_step(&mut by_step);
    (0..N::GRAPH.outputs.len()).find(|output| steps_of_output::<N>(*output).is_some() && !by_step[*output])
}

type Outputs<N> = <N as Network>::Outputs;
/// [`LossesInOrder::check`].
type Check<L, T> = fn(&L, <T as Targets>::Slices<'_>) -> Result<(), (usize, TargetError)>;

/// [`LossesInOrder::classes`].
type Classes<L, T> = fn(&L, <T as Targets>::Slices<'_>, usize, &mut dyn FnMut(Option<usize>));

/// [`Engine::train`].
type Train<N, O, L, T> = fn(
    &mut Engine<N>,
    &mut N,
    &O,
    Objective<'_, L>,
    Data<'_, '_, '_, N, T>,
    &mut Running<Outputs<N>, T>,
) -> Result<(), NotFinite>;

/// [`Engine::accumulate`].
type Accumulate<N, L, T> = fn(
    &mut Engine<N>,
    &mut N,
    Objective<'_, L>,
    &Data<'_, '_, '_, N, T>,
    &mut Running<Outputs<N>, T>,
) -> Result<Shards<N>, NotFinite>;

/// [`Engine::apply`].
type Apply<N, O> = fn(&mut Engine<N>, &mut N, &O, &mut N, Option<&mut N>);

/// [`Engine::evaluate`].
type Evaluate<N, L, T> = fn(&mut Engine<N>, &N, Objective<'_, L>, Data<'_, '_, '_, N, T>, &mut Running<Outputs<N>, T>);

pub(super) struct Functions<N: Network, O, L, T: Targets> {
    /// The first output with a mask whose loss takes whole samples.
    pub without_steps: fn(&L) -> Option<usize>,
    pub check: Check<L, T>,
    pub classes: Classes<L, T>,
    pub train: Train<N, O, L, T>,
    pub accumulate: Accumulate<N, L, T>,
    pub apply: Apply<N, O>,
    pub evaluate: Evaluate<N, L, T>,
    pub learning_rate_at: fn(&O, u64) -> f32,
    pub check_optimizer: fn(&O) -> Result<(), OptimizerError>,
    pub optimizer: fn(&mut O) -> &mut dyn AnyOptimizer,
    /// [`Optimizer::slots`].
    pub slots: fn(&O) -> Vec<&'static str>,
    /// [`Optimizer::restored`].
    pub state: fn(&O, &mut N, Option<&[f32]>) -> Option<OptimizerState>,
    /// [`Engine::finalize`].
    pub finalize: fn(&mut Engine<N>, &mut N, &O),
    /// [`Optimizer::swap_averages`].
    pub swap_averages: fn(&mut Engine<N>, &mut N, &O) -> bool,
}

impl<N: TrainNetwork, O: Optimizer, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets> Functions<N, O, L, T> {
    pub fn new() -> Self {
        Self {
            without_steps: without_steps::<N, L>,
            check: L::check,
            classes: L::classes,
            train: Engine::train::<O, L, T>,
            accumulate: Engine::accumulate::<L, T>,
            apply: Engine::apply::<O>,
            evaluate: Engine::evaluate::<L, T>,
            learning_rate_at: O::learning_rate_at,
            check_optimizer: O::check_for::<N>,
            optimizer: |optimizer| optimizer,
            slots: |optimizer| optimizer.slots().collect(),
            state: O::restored::<N>,
            finalize: Engine::finalize::<O>,
            swap_averages: |engine, network, optimizer| optimizer.swap_averages(network, &mut engine.optimizer),
        }
    }
}
