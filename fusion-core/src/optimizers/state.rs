//! What an optimizer keeps from step to step, and the step itself.

use super::averages::{follow, replace, swap};
use super::clip::{Preparation, squared_norm};
use super::names::check_names;
use super::{LearningRate, Optimizer, OptimizerError, Rule, Step, Update};
use crate::kernels::memory::{AlignedVec, piece, round_up};
use crate::kernels::zero;
use crate::weights::{Parameter, Parameters, walk, walk_entries};

/// What an optimizer keeps of a model from step to step, in one piece of memory: first what there is once
/// ([`Rule::SHARED`]), then each trainable array's slots ([`Rule::SLOTS`]), in the order of the arrays, and then their
/// averages, where [`Base::use_ema`](super::Base#structfield.use_ema) asks for them.
///
/// It takes no memory before the first step, and allocates nothing after it.
#[derive(Default)]
pub struct OptimizerState {
    memory: Option<AlignedVec>,
    /// Room to compute in, of which nothing is kept.
    scratch: AlignedVec,
}

impl OptimizerState {
    /// All its numbers, none before the first step; [`Optimizer::restored`] makes it of them again.
    #[must_use]
    pub fn numbers(&mut self) -> Option<&[f32]> {
        self.memory.as_mut().map(|memory| &*memory.as_mut_slice())
    }

    /// The memory of a rule for a model, as it is before the first step where there was none: all but the averages,
    /// these, and the room to compute in.
    fn memory_of<P: Parameters, R: Rule>(&mut self, rule: &R, model: &mut P) -> [&mut [f32]; 3] {
        let Self { memory, scratch } = self;
        let memory = memory.get_or_insert_with(|| {
            scratch.grow(scratch_of::<P, R>(rule));
            initial(rule, model)
        });
        let memory = memory.as_mut_slice();
        let slots = memory.len().checked_sub(averages_of::<P, R>(rule)).expect(MISTAKEN);
        let (slots, averages) = memory.split_at_mut(slots);
        [slots, averages, scratch.as_mut_slice()]
    }
}

/// The memory before the first step.
fn initial<P: Parameters, R: Rule>(rule: &R, model: &mut P) -> AlignedVec {
    let mut length = round_up(R::SHARED.len()) + averages_of::<P, R>(rule);
    each_array::<P>(&mut |parameter| length += length_of(rule, parameter, parameter.array.shape.length()));
    let mut memory = AlignedVec::zeroed(length);
    let (shared, mut rest) = piece(memory.as_mut_slice(), R::SHARED.len());
    shared.chunks_exact_mut(1).zip(R::SHARED).for_each(|(number, slot)| slot.begin(rule, &[], number));
    walk([model], &mut |parameter, [weights]| {
        for slot in R::SLOTS.iter().filter(|_| parameter.trainable) {
            let (numbers, after) = piece(core::mem::take(&mut rest), slot.length_of(rule, parameter, weights.len()));
            // A slot may be kept of some arrays only.
            if !numbers.is_empty() {
                slot.begin(rule, weights, numbers);
            }
            rest = after;
        }
    });
    memory
}

/// Calls back with each array that an optimizer moves.
fn each_array<P: Parameters>(visit: &mut dyn FnMut(&Parameter<'_>)) {
    walk_entries::<P>(&mut |parameter| {
        if parameter.trainable {
            visit(parameter);
        }
    });
}

/// How much memory the slots of an array of so many numbers take.
fn length_of<R: Rule>(rule: &R, parameter: &Parameter<'_>, numbers: usize) -> usize {
    R::SLOTS.iter().map(|slot| round_up(slot.length_of(rule, parameter, numbers))).sum()
}

/// How much memory the averages of a model take.
fn averages_of<P: Parameters, R: Rule>(rule: &R) -> usize {
    let mut length = 0;
    if rule.as_ref().use_ema {
        each_array::<P>(&mut |parameter| length += round_up(parameter.array.shape.length()));
    }
    length
}

/// How much room a step needs: twice what there is once, and what a rule asks for.
fn scratch_of<P: Parameters, R: Rule>(rule: &R) -> usize {
    let mut most = 0;
    each_array::<P>(&mut |parameter| most = most.max(rule.scratch(parameter)));
    2 * round_up(R::SHARED.len()) + most
}

#[diagnostic::do_not_recommend]
impl<R: Rule> Optimizer for R {
    fn slots(&self) -> impl Iterator<Item = &'static str> {
        let average = self.as_ref().use_ema.then_some("average");
        average.into_iter().chain(R::SLOTS.iter().filter(|slot| slot.is_kept(self)).map(|slot| slot.name()))
    }

    fn learning_rate_at(&self, steps: u64) -> f32 {
        self.as_ref().learning_rate.at(steps)
    }

    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.as_mut().set_learning_rate(learning_rate);
    }

    fn has_schedule(&self) -> bool {
        matches!(self.as_ref().learning_rate, LearningRate::Schedule(_))
    }

    fn has_averages(&self) -> bool {
        self.as_ref().use_ema
    }

    fn restored<P: Parameters>(&self, model: &mut P, numbers: Option<&[f32]>) -> Option<OptimizerState> {
        let mut state = OptimizerState::default();
        if let Some(numbers) = numbers {
            state.memory_of(self, model);
            let memory = state.memory.as_mut()?.as_mut_slice();
            if memory.len() != numbers.len() {
                return None;
            }
            memory.copy_from_slice(numbers);
        }
        Some(state)
    }

    fn check(&self) -> Result<(), OptimizerError> {
        self.as_ref().check()?;
        self.check_options()
    }

    fn check_for<P: Parameters>(&self) -> Result<(), OptimizerError> {
        self.check()?;
        let base = self.as_ref();
        base.named().chain(self.named()).try_for_each(|(option, name)| check_names::<P>(option, name))
    }

    fn gradient_accumulation_steps(&self) -> u64 {
        self.as_ref().batches()
    }

    fn apply<P: Parameters>(
        &self,
        steps: u64,
        model: &mut P,
        gradient: &mut P,
        squares: Option<&mut P>,
        state: &mut OptimizerState,
    ) {
        let base = self.as_ref();
        let batches = base.batches();
        let is_step = (steps + 1).is_multiple_of(batches);
        if !is_step && !base.use_ema {
            // The gradients of the batches to come are added to these.
            return;
        }
        let [slots, averages, scratch] = state.memory_of(self, model);
        if is_step {
            step(self, steps, (model, gradient, squares), slots, scratch);
        }
        if base.use_ema {
            follow(model, averages, base.average(steps / batches));
        }
    }

    fn finalize_variable_values<P: Parameters>(&self, model: &mut P, state: &mut OptimizerState) {
        if self.as_ref().use_ema && state.memory.is_some() {
            let [_, averages, _] = state.memory_of(self, model);
            replace(model, averages);
        }
    }

    fn swap_averages<P: Parameters>(&self, model: &mut P, state: &mut OptimizerState) -> bool {
        let there = self.has_averages() && state.memory.is_some();
        if there {
            let [_, averages, _] = state.memory_of(self, model);
            swap(model, averages);
        }
        there
    }
}

/// The step with the gradients of the last batches.
fn step<P: Parameters, R: Rule>(
    rule: &R,
    steps: u64,
    (model, gradient, mut squares): (&mut P, &mut P, Option<&mut P>),
    memory: &mut [f32],
    scratch: &mut [f32],
) {
    let base = rule.as_ref();
    let batches = base.batches();
    let preparation = Preparation::new(batches as u32, base.clip(), || {
        norm_of_all(gradient, squares.as_deref_mut().filter(|_| batches == 1))
    });
    let (shared, memory) = piece(memory, R::SHARED.len());
    let (before, scratch) = piece(scratch, R::SHARED.len());
    before.copy_from_slice(shared);
    let now = Step::new(steps / batches, rule.learning_rate_at(steps));
    let constants = rule.constants(now, shared);
    let mut pass = Pass { rule, steps, now, constants, before, preparation, memory, scratch };
    match squares {
        None => walk([model, gradient], &mut |parameter, [w, g]| pass.update(parameter, w, g, None)),
        Some(squares) => walk([model, gradient, squares], &mut |parameter, [w, g, squares]| {
            pass.update(parameter, w, g, Some(squares));
        }),
    }
    assert!(pass.memory.is_empty(), "{MISTAKEN}");
}

/// One step over the arrays of a model.
struct Pass<'a, R: Rule> {
    rule: &'a R,
    /// How many batches there were before.
    steps: u64,
    now: Step,
    constants: R::Constants,
    /// What there is once, as it was before the step.
    before: &'a [f32],
    preparation: Preparation,
    /// The slots of the arrays to come.
    memory: &'a mut [f32],
    scratch: &'a mut [f32],
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
        let rule = self.rule;
        let length = length_of(rule, parameter, weights.len());
        assert!(length <= self.memory.len(), "{MISTAKEN}");
        let (memory, rest) = core::mem::take(&mut self.memory).split_at_mut(length);
        self.memory = rest;
        if weights.is_empty() {
            return true;
        }
        let (learning_rate, constants) = self.constants_of(parameter);
        let squares = self.preparation.apply(gradient, squares).map(|squares| &*squares);
        rule.as_ref().decay(rule.weight_decay(parameter), parameter, learning_rate, weights);
        let (_, scratch) = piece(self.scratch, R::SHARED.len());
        let scratch = &mut scratch[..rule.scratch(parameter)];
        let shape = parameter.array.shape;
        let mut update = Update { weights, gradient, squares, shape, parameter, scratch, rule, memory, cleared: false };
        rule.update(constants, &mut update);
        update.cleared
    }

    /// The learning rate of an array, and what is the same for all weights of it.
    fn constants_of(&mut self, parameter: &Parameter<'_>) -> (f32, R::Constants) {
        match self.rule.as_ref().own_learning_rate(parameter, self.steps) {
            None => (self.now.learning_rate, self.constants),
            Some(learning_rate) => {
                let (shared, _) = piece(self.scratch, R::SHARED.len());
                shared.copy_from_slice(self.before);
                (learning_rate, self.rule.constants(Step { learning_rate, ..self.now }, shared))
            }
        }
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
