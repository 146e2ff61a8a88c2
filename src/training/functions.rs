//! What a trainer does with its losses and its optimizer, as functions that are found where it is made.
//!
//! Its methods then need no bounds on them: a loss that fits no output is one error, at `Trainer::new`, and not another
//! one at `fit`.

use fusion_core::losses::TargetError;
use fusion_core::model::{Network, TrainNetwork};
use fusion_core::optimizers::{Optimizer, OptimizerError};

use super::callbacks::AnyOptimizer;
use super::data::Data;
use super::losses::LossesInOrder;
use super::running::Running;
use super::step::{Engine, NotFinite, Objective};
use super::targets::Targets;

type Outputs<N> = <N as Network>::Outputs;
/// [`LossesInOrder::check`].
type Check<L, T> = fn(&L, <T as Targets>::Slices<'_>) -> Result<(), (usize, TargetError)>;

/// [`Engine::train`].
type Train<N, O, L, T> = fn(
    &mut Engine<N>,
    &mut N,
    &O,
    Objective<'_, L>,
    Data<'_, '_, '_, N, T>,
    &mut Running<Outputs<N>, T>,
) -> Result<(), NotFinite>;

/// [`Engine::evaluate`].
type Evaluate<N, L, T> = fn(&mut Engine<N>, &N, Objective<'_, L>, Data<'_, '_, '_, N, T>, &mut Running<Outputs<N>, T>);

pub(super) struct Functions<N: Network, O, L, T: Targets> {
    pub check: Check<L, T>,
    pub train: Train<N, O, L, T>,
    pub evaluate: Evaluate<N, L, T>,
    pub learning_rate_at: fn(&O, u64) -> f32,
    pub check_optimizer: fn(&O) -> Result<(), OptimizerError>,
    pub optimizer: fn(&mut O) -> &mut dyn AnyOptimizer,
}

impl<N: TrainNetwork, O: Optimizer, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets> Functions<N, O, L, T> {
    pub fn new() -> Self {
        Self {
            check: L::check,
            train: Engine::train::<O, L, T>,
            evaluate: Engine::evaluate::<L, T>,
            learning_rate_at: O::learning_rate_at,
            check_optimizer: O::check,
            optimizer: |optimizer| optimizer,
        }
    }
}
