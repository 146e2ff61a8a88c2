//! The digest of a graph that a constant can compute: which model a file's tensors belong to.

use crate::layer::{From, Graph, LayerNode, StepNode, position};
use crate::model::Network;
use crate::shape::{Fnv, same_bytes as same};
use crate::weights;

/// Version of the layout of the files, the value of [`FORMAT_KEY`].
pub const FORMAT: &str = "2";
/// Where the metadata say which version of the layout the file has.
pub const FORMAT_KEY: &str = "fusion.format";
/// Where they carry the digest of the graph, with all options.
pub const GRAPH_KEY: &str = "fusion.graph";
/// Where they carry the names of the inputs.
pub const INPUTS_KEY: &str = "fusion.inputs";
/// Where they carry the digest of the graph's structure.
pub const STRUCTURE_KEY: &str = "fusion.structure";

/// Begins the digest: the version of what it covers, and how.
const VERSION: &[u8; 2] = b"1:";
/// How many steps are hashed with all that leads to them. Those of a larger graph are hashed by their number.
const MOST_STEPS: usize = 1024;

/// The digest of a graph's structure: its version and 32 hexadecimal digits.
///
/// It covers what the digest of the graph covers but for the options in parentheses, which no constant can write as
/// text: the inputs by position, and of all that the outputs need classes, activations, shapes, nested models, the
/// wiring, and the names of layers with weights.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Structure([u8; 34]);

impl Structure {
    /// That of this graph.
    #[must_use]
    pub const fn of(graph: &Graph) -> Self {
        let mut text = [0; 34];
        text[0] = VERSION[0];
        text[1] = VERSION[1];
        let (hash, mut i) = (graph_hash(graph), 0);
        while i < 32 {
            text[33 - i] = b"0123456789abcdef"[((hash >> (4 * i)) & 15) as usize];
            i += 1;
        }
        Self(text)
    }

    /// As it stands in a file.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(&self.0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Whether a file's digest is of the version that is compared.
    pub(super) const fn is_known(stored: &[u8]) -> bool {
        stored.len() == 34 && stored[0] == VERSION[0] && stored[1] == VERSION[1]
    }

    pub(super) const fn is(&self, stored: &[u8]) -> bool {
        same(&self.0, stored)
    }
}

/// The structure of a network, computed by the compiler.
pub(super) struct Of<N>(core::marker::PhantomData<N>);

impl<N: Network> Of<N> {
    pub const STRUCTURE: Structure = Structure::of(N::GRAPH);
}

/// The hash of what a graph computes: its inputs by position, then each output.
const fn graph_hash(graph: &Graph) -> u128 {
    let (mut steps, mut hash, mut i) = ([0; MOST_STEPS], Fnv::of("graph"), 0);
    while i < graph.steps.len() && i < MOST_STEPS {
        steps[i] = step_hash(graph, &graph.steps[i], &steps);
        i += 1;
    }
    i = 0;
    while i < graph.inputs.len() {
        hash.text("input");
        hash.wire(&graph.inputs[i].shape, graph.inputs[i].element);
        i += 1;
    }
    i = 0;
    while i < graph.outputs.len() {
        hash.text("output");
        hash.hash(hash_of(From::Step(graph.outputs[i].1), &steps));
        i += 1;
    }
    hash.0
}

/// The hash of what a wire carries.
const fn hash_of(from: From, steps: &[u128]) -> u128 {
    let (mut hash, number) = match from {
        From::Step(step) if step < steps.len() => return steps[step],
        From::Step(step) => (Fnv::of("step"), step),
        From::Input(input) => (Fnv::of("input"), input),
    };
    hash.number(number);
    hash.0
}

const fn step_hash(graph: &Graph, step: &StepNode, steps: &[u128]) -> u128 {
    let Some(layer) = step.layer else {
        // An output that only names a wire, or a part of one.
        let whole = if step.operands.is_empty() { 0 } else { hash_of(step.operands[0].from, steps) };
        let Some(part) = step.part else { return whole };
        let mut hash = Fnv::of("part");
        hash.number(part);
        hash.hash(whole);
        return hash.0;
    };
    let layer = &graph.layers[layer];
    let mut hash = Fnv::of(layer.class);
    hash.text(layer.details);
    hash.wire(&step.output.shape, step.output.element);
    hash.number(weights::count(layer.entries));
    if let Some(nested) = layer.nested {
        hash.text("nested");
        hash.hash(graph_hash(nested));
    }
    if weights::count(layer.entries) > 0 {
        hash.text(layer.name);
    }
    let mut i = 0;
    while i < step.operands.len() {
        let (name, operand) = operand(layer, step, i);
        hash.text("from");
        hash.text(name);
        hash.hash(hash_of(step.operands[operand].from, steps));
        i += 1;
    }
    hash.0
}

/// Which operand comes so far in an order that does not depend on the spelling, and its name where it goes by that: as
/// written, in the order in which a nested model declares its inputs, or in that of the names.
const fn operand(layer: &LayerNode, step: &StepNode, place: usize) -> (&'static str, usize) {
    if step.names.is_empty() {
        return ("", place);
    }
    let mut i = 0;
    while i < step.operands.len() {
        let (name, mut before, mut j) = (step.names[i].name, 0, 0);
        while j < step.operands.len() {
            before += match layer.nested {
                Some(nested) => comes_before(nested, step.names[j].name, name),
                None => is_less(step.names[j].name.as_bytes(), name.as_bytes()),
            } as usize;
            j += 1;
        }
        if before == place {
            return (if layer.nested.is_some() { "" } else { name }, i);
        }
        i += 1;
    }
    ("", place)
}

/// Whether a nested model declares the input `a` before `b`.
const fn comes_before(nested: &Graph, a: &str, b: &str) -> bool {
    match (position(nested.inputs, a), position(nested.inputs, b)) {
        (Some(a), Some(b)) => a < b,
        (a, _) => a.is_some(),
    }
}

const fn is_less(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if a[i] != b[i] {
            return a[i] < b[i];
        }
        i += 1;
    }
    a.len() < b.len()
}
