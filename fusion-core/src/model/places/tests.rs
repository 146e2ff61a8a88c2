//! Random graphs: each step finds what the steps before it wrote, whatever was written meanwhile.

use super::super::wires::Wires;
use super::*;
use crate::layer::{Folding, Masking, Needs, Output, Source};
use crate::shape::Shape;
use crate::weights::{Random, Regularizer};

const STEPS: usize = 24;
const SAMPLES: usize = 3;

/// Draws one of so many.
struct Draws {
    random: Random,
    count: u64,
}

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.count += 1;
        ((self.random.uniform(self.count) * end as f32) as usize).min(end - 1)
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// All steps.
    fn steps(&mut self) -> &'static [StepNode; STEPS] {
        let mut steps: Vec<StepNode> = Vec::new();
        for index in 0..STEPS {
            let step = match steps.last() {
                Some(before) if self.once_in(4) => Self::scaling(before, index),
                _ => self.step(index).folding(if self.once_in(4) { Folding::Nothing } else { Folding::Linear }),
            };
            steps.push(step);
        }
        Box::leak(steps.into_boxed_slice().try_into().ok().unwrap())
    }

    /// A step that may be folded into the one before.
    fn scaling(before: &StepNode, index: usize) -> StepNode {
        let step = StepNode::new(before.output, Needs::NONE.masking(Masking::PassesOn)).folding(Folding::Scales);
        step.of(index, Vec::leak(vec![Source::step(index - 1)]))
    }

    /// A step that takes up to four wires of those before it, most of them near ones.
    fn step(&mut self, index: usize) -> StepNode {
        let operands: Vec<Source> = (0..1 + self.below(4))
            .map(|_| match (index, self.once_in(3)) {
                (0, _) => Source::input(0),
                (_, true) => Source::step(self.below(index)),
                (_, false) => Source::step(index - 1 - self.below(index.min(3))),
            })
            .collect();
        // Some of no numbers, some of many.
        let shape = Shape::new(Vec::leak(vec![self.below(4), 1 + self.below(3), 1 + self.below(50)]));
        let masking = [
            Masking::Ignores,
            Masking::Heeds,
            Masking::PassesOn,
            Masking::PassesOn,
            Masking::Makes(1),
            Masking::MakesOfAny,
        ];
        let saved = Floats { per_sample: self.below(40), once: self.below(40) };
        let needs = Needs::NONE
            .masking(masking[self.below(masking.len())])
            .saved(saved)
            .activity(self.once_in(9).then_some(Regularizer::L2(1.0)))
            .activity_within(self.once_in(9));
        StepNode::new(Output::new(shape), needs).of(index, operands.leak())
    }
}

/// A pass over this memory in which every number is that of the step which wrote it.
struct Simulation<'a> {
    graph: &'static Graph,
    places: &'static [Place],
    memory: PassMemory,
    layout: Layout,
    wires: &'a mut [f32],
    saved: &'a mut [f32],
}

impl Simulation<'_> {
    fn run(mut self) {
        for index in 0..STEPS {
            if !self.is_folded(index) {
                self.step(index);
            }
        }
        let wires = Wires::of((self.graph, self.places), &self.memory, self.wires, self.layout, SAMPLES);
        for (_, step) in self.graph.outputs {
            self.finds(wires, Source::step(*step));
        }
        for (index, step) in self.graph.steps.iter().enumerate() {
            if self.layout.keeps() || step.needs.activity.is_some() {
                let wrote = writer(self.places, self.layout, index) as f32;
                assert!(wires.numbers(index).iter().all(|number| *number == wrote), "the wire {index}");
            }
            if self.layout.keeps() || step.needs.activity_within && !self.is_folded(index) {
                let saved = &self.saved[self.places[index].saved(self.layout.keeps(), SAMPLES)];
                assert!(saved.iter().all(|number| *number == index as f32), "kept by {index}");
            }
        }
    }

    /// Whether another step writes what this one gives.
    fn is_folded(&self, index: usize) -> bool {
        writer(self.places, self.layout, index) != index
    }

    fn step(&mut self, index: usize) {
        let keep = self.layout.keeps();
        let saved = &mut self.saved[self.places[index].saved(keep, SAMPLES)];
        assert_eq!(saved.len(), self.graph.steps[index].needs.kept(keep).of(SAMPLES));
        saved.fill(index as f32);
        let model = (self.graph, self.places);
        let (wires, [y, mask]) = Wires::cut_of(model, &self.memory, &mut *self.wires, index, self.layout, SAMPLES);
        y.fill(index as f32);
        mask.fill(index as f32);
        let operands = self.graph.steps[index].operands.iter();
        for source in operands.filter(|source| matches!(source.from, From::Step(_))) {
            finds((self.graph, self.places), self.layout, wires, *source);
        }
    }

    fn finds(&self, wires: Wires<'_>, source: Source) {
        finds((self.graph, self.places), self.layout, wires, source);
    }
}

/// The step that writes what a step gives.
fn writer(places: &[Place], layout: Layout, step: usize) -> usize {
    match places[step].folds {
        Folds::IntoStep(before) if layout == Layout::Folded => before,
        _ => step,
    }
}

/// The wire and the mask are those that their steps wrote.
fn finds((graph, places): (&Graph, &[Place]), layout: Layout, wires: Wires<'_>, source: Source) {
    let From::Step(step) = source.from else { return };
    let numbers = wires.operand(source, &[]).numbers;
    assert_eq!(numbers.len(), SAMPLES * graph.steps[step].output.shape.length());
    let wrote = writer(places, layout, step) as f32;
    assert!(numbers.iter().all(|number| *number == wrote), "the wire {step}: {numbers:?}");
    let (mask, place) = (wires.mask(source), places[step].mask);
    assert_eq!(mask.map(<[f32]>::len), place.map(|place| SAMPLES * place.steps));
    if let Some((mask, place)) = mask.zip(place) {
        assert!(mask.iter().all(|number| *number == place.step as f32), "the mask of the wire {step}: {mask:?}");
    }
}

/// The most that the wires take which are needed at one time: no places take less.
fn least(graph: &Graph) -> usize {
    let last = |step: usize| {
        let kept =
            graph.steps[step].needs.activity.is_some() || graph.outputs.iter().any(|(_, output)| *output == step);
        let reads = |later: &usize| graph.steps[*later].operands.iter().any(|source| source.from == From::Step(step));
        if kept { STEPS } else { (step..STEPS).rev().find(reads).unwrap_or(step) }
    };
    let length = |step: usize| round_up(graph.steps[step].output.shape.length());
    let at = |now: usize| (0..=now).filter(|step| last(*step) >= now).map(length).sum();
    (0..STEPS).map(at).max().unwrap()
}

#[test]
fn every_step_of_a_random_graph_finds_its_wires() {
    let (mut took, mut kept, mut needed, mut folded) = (0, 0, 0, 0);
    for graph in 0..400 {
        let mut draws = Draws { random: Random::new(graph), count: 0 };
        let steps = draws.steps();
        let outputs = [STEPS - 1, draws.below(STEPS), draws.below(STEPS)];
        let places: &'static [Place] = Vec::leak(places(steps, &outputs).to_vec());
        let outputs = Vec::leak(outputs.map(|output| ("", output)).to_vec());
        let graph: &'static Graph =
            Box::leak(Box::new(Graph { name: "", sequential: false, inputs: &[], layers: &[], steps, outputs }));
        let memory = PassMemory::of(graph, places);
        folded += places.iter().filter(|place| matches!(place.folds, Folds::IntoStep(_))).count();
        for layout in [Layout::Shared, Layout::Apart, Layout::Folded] {
            let mut wires = vec![f32::NAN; memory.wires(layout.keeps(), SAMPLES)];
            let mut saved = vec![f32::NAN; memory.kept(layout.keeps()).of(SAMPLES)];
            Simulation { graph, places, memory, layout, wires: &mut wires, saved: &mut saved }.run();
        }
        (took, kept, needed) = (took + memory.numbers(false), kept + memory.numbers(true), needed + least(graph));
    }
    assert!(folded > 300, "only {folded} steps are folded");
    // Of gaps that nothing fits into there are few.
    assert!(took < needed + needed / 20 && 5 * took < 3 * kept, "{took} of {kept}, where {needed} are needed");
}

/// A chain of wires of these lengths.
fn chain<const N: usize>(lengths: [usize; N]) -> (usize, usize) {
    let steps = core::array::from_fn(|index| {
        let from = if index == 0 { Source::input(0) } else { Source::step(index - 1) };
        let shape = Shape::new(Vec::leak(vec![lengths[index]]));
        StepNode::new(Output::new(shape), Needs::NONE).of(0, Vec::leak(vec![from]))
    });
    let places = places::<N>(Box::leak(Box::new(steps)), &[N - 1]);
    let end = |keep: bool| places.iter().map(|place| place.wire(keep, 1).end.next_multiple_of(16)).max().unwrap();
    (end(false), end(true))
}

#[test]
fn a_chain_takes_what_two_of_its_wires_take() {
    assert_eq!(chain([32; 100]), (64, 3200));
    assert_eq!(chain([160, 80, 48, 16]), (240, 304));
    assert_eq!(chain([16, 48, 80, 160]), (240, 304));
    // Down and up again, as in an autoencoder.
    assert_eq!(chain([160, 80, 48, 16, 48, 80, 160]), (240, 592));
    assert_eq!(chain([100]), (112, 112));
}
