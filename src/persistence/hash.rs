//! Hashes of a graph's steps, each of the whole computation that ends in it.

use fusion_core::layer::{From, Graph, LayerNode, StepNode, position};
use fusion_core::shape::Fnv;
use fusion_core::weights;

/// What of a wire, or of what becomes of it, is of the part that a step takes out of it.
pub(super) fn part(step: &StepNode, whole: u128) -> u128 {
    let Some(part) = step.part else { return whole };
    let mut hash = Fnv::of("part");
    hash.number(part);
    hash.hash(whole);
    hash.0
}

/// The hash of several that have no order.
pub(super) fn unordered(what: &str, mut hashes: Vec<u128>) -> u128 {
    hashes.sort_unstable();
    let mut hash = Fnv::of(what);
    hashes.into_iter().for_each(|one| hash.hash(one));
    hash.0
}

/// What a hash covers of each step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Covers {
    /// The class of its layer.
    Kind,
    /// All but the name of its layer: the options, the shapes, a nested model, how often the layer is used.
    Computation,
    /// The name of a layer with weights instead of how often it is used.
    Weights,
}

/// The hashes of a graph's steps. What an output that only names a wire hashes to is the wire.
pub(super) struct StepHashes {
    inputs: Vec<u128>,
    steps: Vec<u128>,
}

impl StepHashes {
    /// The hashes of a graph whose inputs have these numbers.
    pub fn new(graph: &Graph, inputs: &[usize], covers: Covers) -> Self {
        let input = |number: &usize| {
            let mut hash = Fnv::of("input");
            hash.number(*number);
            hash.0
        };
        let mut hashes = Self { inputs: inputs.iter().map(input).collect(), steps: Vec::new() };
        let mut uses = vec![0; graph.layers.len()];
        graph.steps.iter().filter_map(|step| step.layer).for_each(|layer| uses[layer] += 1);
        for step in graph.steps {
            let hash = match (step.layer, step.operands) {
                (Some(layer), _) => hashes.step(&graph.layers[layer], uses[layer], step, covers),
                (None, [named, ..]) => part(step, hashes.of(named.from)),
                (None, []) => 0,
            };
            hashes.steps.push(hash);
        }
        hashes
    }

    /// The hash of what a wire carries; 0 for one that is not there yet, which no graph of `model!` has.
    pub fn of(&self, from: From) -> u128 {
        let hash = match from {
            From::Input(input) => self.inputs.get(input),
            From::Step(step) => self.steps.get(step),
        };
        hash.copied().unwrap_or_default()
    }

    fn step(&self, layer: &LayerNode, uses: usize, step: &StepNode, covers: Covers) -> u128 {
        let mut hash = alone(layer, step, covers);
        match covers {
            Covers::Kind => {}
            Covers::Computation => hash.number(uses),
            Covers::Weights if weights::count(layer.entries) > 0 => hash.text(layer.name),
            Covers::Weights => {}
        }
        for (name, from) in operands(layer, step) {
            hash.text("from");
            hash.text(name);
            hash.hash(self.of(from));
        }
        hash.0
    }
}

/// The hash of a step without what leads to it.
pub(super) fn alone(layer: &LayerNode, step: &StepNode, covers: Covers) -> Fnv {
    let mut hash = Fnv::of(layer.class);
    if covers != Covers::Kind {
        // Writing to a hash does not fail; one that gives up is cut there every time.
        let _ = layer.write_config(&mut hash);
        hash.text("");
        hash.wire(&step.output.shape, step.output.element);
        hash.number(weights::count(layer.entries));
        if let Some(nested) = layer.nested {
            hash.text("nested");
            hash.hash(graph_hash(nested, covers));
        }
    }
    hash
}

/// The hash of what a graph computes: its inputs by position, then each output.
pub(super) fn graph_hash(graph: &Graph, covers: Covers) -> u128 {
    let inputs: Vec<usize> = (0..graph.inputs.len()).collect();
    let steps = StepHashes::new(graph, &inputs, covers);
    let mut hash = Fnv::of("graph");
    for input in graph.inputs {
        hash.text("input");
        hash.wire(&input.shape, input.element);
    }
    for (_, step) in graph.outputs {
        hash.text("output");
        hash.hash(steps.of(From::Step(*step)));
    }
    hash.0
}

/// Where a step's inputs come from, in an order that does not depend on the spelling: those given by name in the order
/// in which a nested model declares them, or by the names that another layer knows them by.
pub(super) fn operands(layer: &LayerNode, step: &StepNode) -> Vec<(&'static str, From)> {
    let from = step.operands.iter().map(|operand| operand.from);
    if step.names.is_empty() {
        return from.map(|from| ("", from)).collect();
    }
    let mut named: Vec<(&'static str, From)> = step.names.iter().map(|wire| wire.name).zip(from).collect();
    match layer.nested {
        Some(nested) => {
            named.sort_by_key(|(name, _)| position(nested.inputs, name));
            named.into_iter().map(|(_, from)| ("", from)).collect()
        }
        None => {
            named.sort_by_key(|(name, _)| *name);
            named
        }
    }
}
