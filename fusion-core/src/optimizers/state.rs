//! What an optimizer keeps from step to step, and the step itself.

use super::base::Decay;
use super::clip::{Preparation, squared_norm};
use super::{Optimizer, OptimizerError, Rule, Step, Update};
use crate::kernels::memory::{AlignedVec, piece, round_up};
use crate::kernels::zero;
use crate::shape::Shape;
use crate::weights::{Parameter, Parameters, walk, walk_entries};

/// What an optimizer keeps of a model from step to step, in one piece of memory: first what there is once
/// ([`Rule::SHARED`]), then each trainable array's slots ([`Rule::SLOTS`]), in the order of the arrays.
///
/// It takes no memory before the first step, and allocates nothing after it.
#[derive(Default)]
pub struct OptimizerState {
    memory: Option<AlignedVec>,
}

impl OptimizerState {
    /// All its numbers, none before the first step; [`Optimizer::restored`] makes it of them again.
    #[must_use]
    pub fn numbers(&mut self) -> Option<&[f32]> {
        self.memory.as_mut().map(|memory| &*memory.as_mut_slice())
    }

    /// The memory of a rule's slots for a model, as they are before the first step where there was none.
    fn memory_of<P: Parameters, R: Rule>(&mut self, rule: &R) -> &mut [f32] {
        self.memory.get_or_insert_with(|| initial::<P, R>(rule)).as_mut_slice()
    }
}

/// The slots before the first step.
fn initial<P: Parameters, R: Rule>(rule: &R) -> AlignedVec {
    let mut length = round_up(R::SHARED.len());
    each_array::<P>(&mut |shape| length += length_of(rule, shape));
    let mut memory = AlignedVec::zeroed(length);
    let (shared, mut rest) = piece(memory.as_mut_slice(), R::SHARED.len());
    shared.iter_mut().zip(R::SHARED).for_each(|(number, slot)| *number = slot.initial_of(rule));
    each_array::<P>(&mut |shape| {
        for slot in R::SLOTS {
            let (numbers, after) = piece(core::mem::take(&mut rest), slot.length_of(rule, shape));
            numbers.fill(slot.initial_of(rule));
            rest = after;
        }
    });
    memory
}

/// Calls back with the shape of each array that an optimizer moves.
fn each_array<P: Parameters>(visit: &mut dyn FnMut(&Shape)) {
    walk_entries::<P>(&mut |parameter| {
        if parameter.trainable {
            visit(&parameter.array.shape);
        }
    });
}

/// How much memory the slots of an array take.
fn length_of<R: Rule>(rule: &R, shape: &Shape) -> usize {
    R::SLOTS.iter().map(|slot| round_up(slot.length_of(rule, shape))).sum()
}

#[diagnostic::do_not_recommend]
impl<R: Rule> Optimizer for R {
    fn slots(&self) -> impl Iterator<Item = &'static str> {
        R::SLOTS.iter().filter(|slot| slot.is_kept(self)).map(|slot| slot.name())
    }

    fn learning_rate_at(&self, steps: u64) -> f32 {
        self.as_ref().learning_rate.at(steps)
    }

    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.as_mut().learning_rate = learning_rate.into();
    }

    fn restored<P: Parameters>(&self, model: &mut P, numbers: Option<&[f32]>) -> Option<OptimizerState> {
        let mut state = OptimizerState::default();
        if let Some(numbers) = numbers {
            state.memory_of::<P, R>(self);
            let memory = state.memory.as_mut()?.as_mut_slice();
            if memory.len() != numbers.len() {
                return None;
            }
            memory.copy_from_slice(numbers);
        }
        let _ = model;
        Some(state)
    }

    fn check(&self) -> Result<(), OptimizerError> {
        self.as_ref().check()?;
        self.check_options()
    }

    fn apply<P: Parameters>(
        &self,
        steps: u64,
        model: &mut P,
        gradient: &mut P,
        mut squares: Option<&mut P>,
        state: &mut OptimizerState,
    ) {
        let base = self.as_ref();
        let batches = u64::from(base.gradient_accumulation_steps.unwrap_or(1).max(1));
        if !(steps + 1).is_multiple_of(batches) {
            // The gradients of the batches to come are added to these.
            return;
        }
        let learning_rate = self.learning_rate_at(steps);
        let preparation = Preparation::new(batches as u32, base.clip(), || {
            norm_of_all(gradient, squares.as_deref_mut().filter(|_| batches == 1))
        });
        let memory = state.memory_of::<P, R>(self);
        let (shared, memory) = piece(memory, R::SHARED.len());
        let constants = self.constants(Step::new(steps / batches, learning_rate), shared);
        let decay = base.decay(learning_rate);
        let mut pass = Pass { rule: self, constants, decay, preparation, memory };
        match squares {
            None => walk([model, gradient], &mut |parameter, [w, g]| pass.update(parameter, w, g, None)),
            Some(squares) => walk([model, gradient, squares], &mut |parameter, [w, g, squares]| {
                pass.update(parameter, w, g, Some(squares));
            }),
        }
        assert!(pass.memory.is_empty(), "{MISTAKEN}");
    }
}

/// One step over the arrays of a model.
struct Pass<'a, R: Rule> {
    rule: &'a R,
    constants: R::Constants,
    decay: Decay,
    preparation: Preparation,
    /// The slots of the arrays to come.
    memory: &'a mut [f32],
}

impl<R: Rule> Pass<'_, R> {
    /// Moves one array, if it is trainable, and leaves its gradient zero.
    fn update(
        &mut self,
        parameter: &Parameter<'_>,
        weights: &mut [f32],
        gradient: &mut [f32],
        squares: Option<&mut [f32]>,
    ) {
        let mut squares = squares.filter(|_| parameter.array.sparse);
        if !(parameter.trainable && self.move_array(parameter, weights, gradient, squares.as_deref_mut())) {
            zero(gradient);
        }
        if let Some(squares) = squares {
            zero(squares);
        }
    }

    /// Moves one array. Whether its gradient is zero then.
    fn move_array(
        &mut self,
        parameter: &Parameter<'_>,
        weights: &mut [f32],
        gradient: &mut [f32],
        squares: Option<&mut [f32]>,
    ) -> bool {
        let shape = parameter.array.shape;
        let length = length_of(self.rule, &shape);
        assert!(length <= self.memory.len(), "{MISTAKEN}");
        let (memory, rest) = core::mem::take(&mut self.memory).split_at_mut(length);
        self.memory = rest;
        let squares = self.preparation.apply(gradient, squares).map(|squares| &*squares);
        self.decay.apply(weights);
        let mut update = Update { weights, gradient, squares, shape, rule: self.rule, memory, cleared: false };
        self.rule.update(self.constants, &mut update);
        update.cleared
    }
}

/// The caller's mistake of giving an optimizer another one's memory.
const MISTAKEN: &str = "the state is that of another optimizer or of another model";

/// The square of the norm of all gradients that an optimizer uses.
fn norm_of_all<P: Parameters>(gradient: &mut P, squares: Option<&mut P>) -> f64 {
    let mut sum = 0.0;
    match squares {
        None => walk([gradient], &mut |parameter, [g]| {
            if parameter.trainable {
                sum += squared_norm(g, None);
            }
        }),
        Some(squares) => walk([gradient, squares], &mut |parameter, [g, squares]| {
            if parameter.trainable {
                sum += squared_norm(g, parameter.array.sparse.then_some(squares));
            }
        }),
    }
    sum
}
