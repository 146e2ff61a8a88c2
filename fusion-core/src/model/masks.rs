//! Which wires have masks, and where these lie: worked out once, as constants.

use core::ops::Range;

use super::wires::Wires;
use super::{Layout, Network, Place};
use crate::kernels::memory::round_up;
use crate::layer::{From, Masking, Source, StepNode};
use crate::shape::Shape;

/// Where the mask of a wire lies among those of a pass, which stand behind the wires.
///
/// A wire whose layer passes a mask on has that of its input, in the same place; so it costs nothing to pass it on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaskPlace {
    /// The step that makes it.
    pub(super) step: usize,
    /// Where it begins, for each sample, without a way back and with one.
    start: [usize; 2],
    /// How many numbers of it there are for each sample.
    pub(super) steps: usize,
    /// How many of the wire's leading dimensions these are.
    pub(super) rank: usize,
}

impl MaskPlace {
    /// One that this step makes, still without its place.
    const fn new(step: usize, steps: usize, rank: usize) -> Self {
        Self { step, start: [0; 2], steps, rank }
    }

    /// The same in its place.
    pub(super) const fn at(mut self, start: [usize; 2]) -> Self {
        self.start = start;
        self
    }

    /// That which the step of this index makes, if it makes one.
    #[inline(always)]
    pub(super) const fn made_by(index: usize, places: &[Place]) -> Option<Self> {
        match places[index].mask {
            Some(mask) if mask.step == index => Some(mask),
            _ => None,
        }
    }

    /// Where the mask of a batch lies.
    #[inline]
    pub(super) fn range(&self, layout: Layout, samples: usize) -> Range<usize> {
        let start = self.start[layout.keeps() as usize];
        start * samples..(start + self.steps) * samples
    }

    /// Where the next one may begin.
    pub(super) const fn end(&self, keep: usize) -> usize {
        self.start[keep].saturating_add(round_up(self.steps))
    }

    /// The same mask on a wire of this shape, if its leading dimensions are those of the mask and there are others.
    const fn on(self, shape: &Shape) -> Option<Self> {
        let fits = self.rank == 0 || self.rank < shape.rank() && elements(shape, self.rank) == self.steps;
        if fits { Some(self) } else { None }
    }
}

/// How many elements so many leading dimensions have.
const fn elements(shape: &Shape, rank: usize) -> usize {
    let (mut elements, mut i) = (1_usize, 0);
    while i < rank && i < shape.rank() {
        elements = elements.saturating_mul(shape.dim(i));
        i += 1;
    }
    elements
}

/// The shape that a mask goes with: of several outputs that of the first, which others that have it share as far as the
/// mask goes.
const fn masked_shape(step: &StepNode) -> Shape {
    match step.output.parts {
        [first, ..] => first.shape,
        [] => step.output.shape,
    }
}

/// The mask on what leads to a step. Those of a model's inputs have none.
const fn of_source(places: &[Place], source: &Source) -> Option<MaskPlace> {
    match source.from {
        From::Input(_) => None,
        From::Step(step) => places[step].mask,
    }
}

/// The mask of what the step of this index gives, where those of the steps before it are known; where they lie is not
/// asked.
pub(super) const fn mask_of(steps: &[StepNode], places: &[Place], index: usize) -> Option<MaskPlace> {
    let step = &steps[index];
    let shape = masked_shape(step);
    let passed = match step.needs.masking {
        Masking::Ignores | Masking::Heeds => None,
        Masking::PassesOn => of_operand(step, places, 0),
        Masking::PassesOnOf(wire) => of_operand(step, places, wire),
        Masking::Makes(rank) => return Some(MaskPlace::new(index, elements(&shape, rank), rank)),
        Masking::MakesOfAll => return of_all(step, places, &shape, index),
        Masking::MakesOfAny => return of_any(step, places, &shape, index),
    };
    match passed {
        Some(mask) if has_mask(steps, step) => mask.on(&shape),
        _ => None,
    }
}

/// Whether a mask goes on with a step; of one of several outputs the step that gives them says so.
const fn has_mask(steps: &[StepNode], step: &StepNode) -> bool {
    match (step.part, step.operands) {
        (Some(part), [Source { from: From::Step(whole), .. }, ..]) => part < steps[*whole].needs.masked_outputs,
        (part, _) => matches!(part, None | Some(0)),
    }
}

const fn of_operand(step: &StepNode, places: &[Place], wire: usize) -> Option<MaskPlace> {
    if wire < step.operands.len() { of_source(places, &step.operands[wire]) } else { None }
}

/// Where all inputs have the same mask, it is that of the output too.
const fn of_all(step: &StepNode, places: &[Place], shape: &Shape, index: usize) -> Option<MaskPlace> {
    let Some(first) = of_operand(step, places, 0) else { return None };
    let (mut maker, mut i) = (first.step, 1);
    while i < step.operands.len() {
        match of_source(places, &step.operands[i]) {
            Some(mask) if mask.rank == first.rank && mask.steps == first.steps => {
                maker = if mask.step == first.step { maker } else { index };
            }
            _ => return None,
        }
        i += 1;
    }
    MaskPlace::new(maker, first.steps, first.rank).on(shape)
}

/// The same where only some have one.
const fn of_any(step: &StepNode, places: &[Place], shape: &Shape, index: usize) -> Option<MaskPlace> {
    let (mut any, mut i): (Option<MaskPlace>, usize) = (None, 0);
    while i < step.operands.len() {
        match (any, of_source(places, &step.operands[i])) {
            (Some(first), Some(mask)) if first.rank != mask.rank => return None,
            (None, mask) => any = mask,
            _ => {}
        }
        i += 1;
    }
    let Some(MaskPlace { rank, .. }) = any else { return None };
    match of_all(step, places, shape, index) {
        Some(mask) if mask.steps == elements(shape, rank) => Some(mask),
        _ => MaskPlace::new(index, elements(shape, rank), rank).on(shape),
    }
}

/// Whether a mask comes to the step of this index that is lost there.
#[must_use]
pub const fn loses_mask<N: Network>(index: usize) -> bool {
    loses(&N::GRAPH.steps[index], N::PLACES)
}

/// What generated code asks of each step of a model with masks: where one is lost, the answer is deprecated, of which the
/// compiler warns.
pub struct MaskOfInput<const LOST: bool>;

impl MaskOfInput<false> {
    /// Nothing is lost.
    pub const fn is_lost_here() {}
}

impl MaskOfInput<true> {
    /// A mask is lost.
    #[deprecated(
        note = "the mask that comes to this layer is lost: it takes in every step, also those that do not count, and what it gives has no mask; if that is meant, write `#[allow(deprecated)]` at the model"
    )]
    pub const fn is_lost_here() {}
}

const fn loses(step: &StepNode, places: &[Place]) -> bool {
    if !matches!(step.needs.masking, Masking::Ignores) {
        return false;
    }
    let mut i = 0;
    while i < step.operands.len() {
        if of_source(places, &step.operands[i]).is_some() {
            return true;
        }
        i += 1;
    }
    false
}

/// The mask of a model's output, if it has one: how many numbers for each sample.
#[must_use]
pub const fn steps_of_output<N: Network>(output: usize) -> Option<usize> {
    match N::PLACES[N::GRAPH.outputs[output].1].mask {
        Some(mask) => Some(mask.steps),
        None => None,
    }
}

/// Whether any output of a model has a mask.
#[must_use]
pub const fn has_masked_output<N: Network>() -> bool {
    let mut output = 0;
    while output < N::GRAPH.outputs.len() {
        if steps_of_output::<N>(output).is_some() {
            return true;
        }
        output += 1;
    }
    false
}

/// The mask of a model's output among its wires, of so many samples, after a pass with or without a way back.
#[must_use]
#[inline]
pub fn output_mask<N: Network>(
    output: usize,
    wires: &[f32],
    layout: impl Into<Layout>,
    samples: usize,
) -> Option<&[f32]> {
    Wires::whole::<N>(wires, layout.into(), samples).mask(Source::step(N::GRAPH.outputs[output].1))
}

#[cfg(test)]
mod tests {
    use super::super::{PassMemory, places};
    use super::*;
    use crate::layer::{Graph, Needs, Output, Part};

    const fn step(shape: Shape, masking: Masking, operands: &'static [Source]) -> StepNode {
        StepNode::new(Output::new(shape), Needs::NONE.masking(masking)).of(0, operands)
    }

    const SEQUENCE: Shape = Shape::new(&[6, 4]);
    const FROM: [&[Source]; 7] = [
        &[Source::input(0)],
        &[Source::step(0)],
        &[Source::step(1), Source::step(0)],
        &[Source::step(0), Source::step(3)],
        &[Source::step(0), Source::step(4)],
        &[Source::step(5)],
        &[Source::step(0), Source::input(0)],
    ];
    static STEPS: [StepNode; 10] = [
        step(SEQUENCE, Masking::Makes(1), FROM[0]),
        step(Shape::new(&[6, 9]), Masking::PassesOn, FROM[1]),
        // All masks are one, which is that of what comes out.
        step(Shape::new(&[6, 13]), Masking::MakesOfAny, FROM[2]),
        step(SEQUENCE, Masking::Makes(1), FROM[0]),
        step(SEQUENCE, Masking::MakesOfAll, FROM[3]),
        step(Shape::new(&[12, 4]), Masking::MakesOfAny, FROM[4]),
        step(Shape::new(&[48]), Masking::Ignores, FROM[5]),
        step(SEQUENCE, Masking::MakesOfAll, FROM[6]),
        step(SEQUENCE, Masking::MakesOfAny, FROM[6]),
        step(SEQUENCE, Masking::PassesOnOf(1), FROM[6]),
    ];
    static PLACES: [Place; 10] = places(&STEPS, &[]);

    #[test]
    fn a_mask_is_that_of_the_step_that_makes_it() {
        let masks = PLACES.map(|place| place.mask.map(|mask| (mask.step, mask.steps)));
        let (first, own) = (Some((0, 6)), |step: usize, steps| Some((step, steps)));
        let expected = [first, first, first, own(3, 6), own(4, 6), own(5, 12), None, None, own(8, 6), None];
        assert_eq!(masks, expected);
        let made = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|step| MaskPlace::made_by(step, &PLACES).is_some());
        assert_eq!(made, [true, false, false, true, true, true, false, false, true, false]);
        assert!((0..10).all(|step| loses(&STEPS[step], &PLACES) == (step == 6)));
    }

    const PARTS: &[Part] = &[Part::in_order("output", SEQUENCE), Part::in_order("state", Shape::new(&[4]))];
    const SEVERAL: [StepNode; 4] = [
        step(SEQUENCE, Masking::Makes(1), FROM[0]),
        StepNode::new(Output::of_parts(PARTS), Needs::NONE.masking(Masking::PassesOn)).of(0, FROM[1]),
        StepNode::new(Output::new(SEQUENCE), Needs::NONE.masking(Masking::PassesOn)).alias(&[Source::step(1)]).part(0),
        StepNode::new(Output::new(PARTS[1].shape), Needs::NONE.masking(Masking::PassesOn))
            .alias(&[Source::step(1)])
            .part(1),
    ];

    #[test]
    fn of_several_outputs_the_first_has_the_mask() {
        let masks = places(&SEVERAL, &[]).map(|place| place.mask.is_some());
        assert_eq!(masks, [true, true, true, false]);
    }

    const HALVES: &[Part] = &[Part::in_order("one", SEQUENCE), Part::in_order("other", SEQUENCE), PARTS[1]];
    const HALF: StepNode = StepNode::new(Output::new(SEQUENCE), Needs::NONE.masking(Masking::PassesOn));
    const BOTH: [StepNode; 5] = [
        step(SEQUENCE, Masking::Makes(1), FROM[0]),
        StepNode::new(Output::of_parts(HALVES), Needs::NONE.masking(Masking::PassesOn).masked_outputs(2))
            .of(0, FROM[1]),
        HALF.alias(&[Source::step(1)]).part(0),
        HALF.alias(&[Source::step(1)]).part(1),
        HALF.alias(&[Source::step(1)]).part(2),
    ];

    #[test]
    fn a_step_may_say_that_more_of_its_outputs_have_it() {
        let masks = places(&BOTH, &[]).map(|place| place.mask.is_some());
        assert_eq!(masks, [true, true, true, true, false]);
    }

    #[test]
    fn without_a_mask_there_is_no_memory_for_one() {
        const PLAIN: [StepNode; 2] =
            [step(SEQUENCE, Masking::PassesOn, FROM[0]), step(SEQUENCE, Masking::PassesOn, FROM[1])];
        let places = const { &places(&PLAIN, &[1]) };
        let graph =
            Graph { name: "", sequential: true, inputs: &[], layers: &[], steps: const { &PLAIN }, outputs: &[] };
        assert_eq!(PassMemory::of(&graph, places).wires(true, 1), 2 * round_up(24));
        assert!(places.iter().all(|place| place.mask.is_none()));
    }
}
