//! Where each layer stands in a model's graph.
//!
//! Names such as `dense_1` count layers in the order of their declaration: of two models, or of one that was changed,
//! they may mean different layers. A file therefore says of each layer with weights where it stood, in hashes that no
//! name enters.

use std::collections::{BTreeSet, HashSet};

use fusion_core::layer::{From, Graph, StepNode};
use fusion_core::shape::Fnv;
use fusion_core::weights;

mod text;

pub(super) use text::{parse, to_text};

use super::Displaced;
use super::hash::{Covers, StepHashes, alone, operands, part, unordered};

/// The inputs, the outputs and the layers of a model.
#[derive(Debug, PartialEq)]
pub(super) struct Places {
    /// The names of the inputs, in order.
    pub inputs: Vec<String>,
    /// The names of the outputs, in order.
    pub outputs: Vec<String>,
    /// The layers with weights.
    pub layers: Vec<Place>,
}

/// Where a layer with weights stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// The models around it and its own name, `encoder/dense`.
    pub path: String,
    /// Whether the user gave it its own name. Files do not say that.
    pub chosen: bool,
    /// The layers like it that take what it gives, or what layers without weights make of it: their paths. Files do not
    /// say that.
    followers: Vec<String>,
    /// Of the kinds of the layers that lead to its uses.
    feeds: u64,
    /// Of all that is computed up to its uses and in them, with options and shapes.
    computes: u64,
    /// Of all of the graph, as seen from it.
    whole: u64,
}

impl Place {
    /// What a file says of a layer.
    fn stored(path: &str, [feeds, computes, whole]: [u64; 3]) -> Self {
        Self { path: path.to_owned(), chosen: false, followers: Vec::new(), feeds, computes, whole }
    }
}

impl Places {
    /// Those of a graph.
    pub fn of(graph: &Graph) -> Self {
        let names = |names: &mut dyn Iterator<Item = &'static str>| names.map(str::to_owned).collect();
        let inputs: Vec<String> = names(&mut graph.inputs.iter().map(|input| input.name));
        let outputs: Vec<String> = names(&mut graph.outputs.iter().map(|(output, _)| *output));
        let layers = layers(graph, "", &numbers(inputs.len()), &numbers(outputs.len()));
        Self { inputs, outputs, layers }
    }

    /// Those of a graph whose inputs and outputs are those of the file that have the same names.
    pub fn as_in(graph: &Graph, file: &Self) -> Self {
        let own = Self::of(graph);
        let (inputs, outputs) = (numbers_in(&own.inputs, &file.inputs), numbers_in(&own.outputs, &file.outputs));
        Self { layers: layers(graph, "", &inputs, &outputs), ..own }
    }

    /// The layer of this path.
    pub fn get(&self, path: &str) -> Option<&Place> {
        self.layers.iter().find(|place| place.path == path)
    }

    /// Whether this model's layer `here` is another one than the file's layer `there`, as far as both say where they
    /// stand.
    pub fn displaced(&self, here: &str, file: &Self, there: &str) -> Option<Displaced> {
        let (own, stored) = (self.get(here)?, file.get(there)?);
        let is_another = |hash: fn(&Place) -> u64| {
            hash(own) != hash(stored) && self.layers.iter().any(|other| hash(other) == hash(stored))
        };
        if own.feeds == stored.feeds && !is_another(|place| place.computes) && !is_another(|place| place.whole) {
            return None;
        }
        let the_one = |hash: fn(&Place) -> u64| {
            let mut alike = self.layers.iter().filter(|other| hash(other) == hash(stored));
            alike.next().filter(|_| alike.next().is_none()).map(|place| place.path.clone())
        };
        let same = the_one(|place| place.whole).or_else(|| the_one(|place| place.computes));
        Some(Displaced { layer: there.to_owned(), same: same.filter(|same| same != here) })
    }

    /// The layer of this model that the file's may be instead of this one, of the same name and place.
    ///
    /// A layer like it follows here, and none did in the file's model. Whether that one is the new one, or this one was
    /// put in before it, is the same graph.
    pub fn doubtful(&self, path: &str, file: &Self) -> Option<Displaced> {
        let (own, stored) = (self.get(path)?, file.get(path)?);
        if own.computes != stored.computes {
            return None;
        }
        let mut followers: Vec<&Place> = own.followers.iter().filter_map(|path| self.get(path)).collect();
        let same = followers.first()?.path.clone();
        while let Some(follower) = followers.pop() {
            if file.layers.iter().all(|stored| stored.computes != follower.computes) {
                return Some(Displaced { layer: path.to_owned(), same: Some(same) });
            }
            followers.extend(follower.followers.iter().filter_map(|path| self.get(path)));
        }
        None
    }

    /// Whether both say the same of the same layers, which two models of one graph do.
    pub fn agree(&self, other: &Self) -> bool {
        let hashes = |place: &Place| (place.path.clone(), place.feeds, place.computes, place.whole);
        let [own, others] = [self, other].map(|places| places.layers.iter().map(hashes).collect::<BTreeSet<_>>());
        (self.inputs.len(), self.outputs.len()) == (other.inputs.len(), other.outputs.len()) && own == others
    }

    /// The layers of both that stand elsewhere in the file's model, whoever named them.
    pub fn all_displaced(&self, file: &Self) -> Vec<Displaced> {
        self.layers.iter().filter_map(|place| self.displaced(&place.path, file, &place.path)).collect()
    }
}

/// The layers with weights, in models of these paths and numbers of inputs and outputs.
fn layers(graph: &Graph, around: &str, inputs: &[usize], outputs: &[usize]) -> Vec<Place> {
    let (kinds, computations) =
        (StepHashes::new(graph, inputs, Covers::Kind), StepHashes::new(graph, inputs, Covers::Computation));
    let uses = uses(graph, &computations, outputs);
    let mut places = Vec::new();
    for (index, layer) in graph.layers.iter().enumerate().filter(|(_, layer)| weights::count(layer.entries) > 0) {
        let steps = || graph.steps.iter().enumerate().filter(|(_, node)| node.layer == Some(index));
        let feeds = steps().map(|(_, node)| {
            let mut feeds = Fnv::of("feeds");
            operands(layer, node).iter().for_each(|(_, from)| feeds.hash(kinds.of(*from)));
            feeds.0
        });
        let computes = steps().map(|(step, _)| computations.of(From::Step(step)));
        let whole = steps().map(|(step, _)| {
            let mut whole = Fnv::of("whole");
            whole.hash(computations.of(From::Step(step)));
            whole.hash(uses[step]);
            whole.0
        });
        let [feeds, computes, whole] =
            [feeds.collect(), computes.collect(), whole.collect()].map(|hashes| unordered("uses", hashes) as u64);
        let path = format!("{around}{}", layer.name);
        if let Some(nested) = layer.nested {
            let (inputs, outputs) = (numbers(nested.inputs.len()), numbers(nested.outputs.len()));
            places.extend(self::layers(nested, &format!("{path}/"), &inputs, &outputs));
        }
        let followers = followers(graph, index).into_iter().map(|name| format!("{around}{name}")).collect();
        places.push(Place { path, chosen: layer.chosen, followers, feeds, computes, whole });
    }
    places
}

/// The names of the layers like this one that take what it gives, or what layers without weights make of it.
fn followers(graph: &Graph, layer: usize) -> Vec<&'static str> {
    let like = |step: &StepNode, layer: usize| alone(&graph.layers[layer], step, Covers::Computation).0;
    let uses = graph.steps.iter().enumerate().filter(|(_, step)| step.layer == Some(layer));
    let (mut open, mut found): (Vec<usize>, Vec<usize>) = (uses.map(|(index, _)| index).collect(), Vec::new());
    let Some(own) = open.first().map(|first| like(&graph.steps[*first], layer)) else { return Vec::new() };
    while let Some(source) = open.pop() {
        let takes = |step: &StepNode| step.operands.iter().any(|operand| operand.from == From::Step(source));
        for (index, step) in graph.steps.iter().enumerate().filter(|(_, step)| takes(step)) {
            let Some(next) = step.layer else { continue };
            if weights::count(graph.layers[next].entries) == 0 {
                open.push(index);
            } else if next != layer && like(step, next) == own && !found.contains(&next) {
                found.push(next);
            }
        }
    }
    found.into_iter().map(|layer| graph.layers[layer].name).collect()
}

/// Of each step, the hash of what becomes of it: which steps take it, and which outputs it is.
fn uses(graph: &Graph, computations: &StepHashes, outputs: &[usize]) -> Vec<u128> {
    let mut found: Vec<Vec<u128>> = vec![Vec::new(); graph.steps.len()];
    for ((_, step), number) in graph.outputs.iter().zip(outputs) {
        let mut hash = Fnv::of("output");
        hash.number(*number);
        found[*step].push(hash.0);
    }
    let mut uses = vec![0; graph.steps.len()];
    for (index, step) in graph.steps.iter().enumerate().rev() {
        let mut of = std::mem::take(&mut found[index]);
        let Some(layer) = step.layer else {
            // An output that only names a wire: what becomes of it becomes of the wire.
            if let Some(From::Step(named)) = step.operands.first().map(|named| named.from) {
                of.iter_mut().for_each(|hash| *hash = part(step, *hash));
                found[named].append(&mut of);
            }
            continue;
        };
        uses[index] = unordered("uses", of);
        for (place, (name, from)) in operands(&graph.layers[layer], step).into_iter().enumerate() {
            let From::Step(source) = from else { continue };
            let mut hash = Fnv::of(name);
            hash.number(place);
            hash.hash(computations.of(From::Step(index)));
            hash.hash(uses[index]);
            found[source].push(hash.0);
        }
    }
    uses
}

fn numbers(count: usize) -> Vec<usize> {
    (0..count).collect()
}

/// The number of each of these names in the file: that of the same name, otherwise that of the same position if no
/// other has it, otherwise one that the file does not have.
fn numbers_in(names: &[String], file: &[String]) -> Vec<usize> {
    let same = |name: &String| file.iter().position(|other| other == name);
    let taken: HashSet<usize> = names.iter().filter_map(same).collect();
    let number = |(position, name): (usize, &String)| {
        let free = position < file.len() && !taken.contains(&position);
        same(name).unwrap_or(if free { position } else { file.len() + position })
    };
    names.iter().enumerate().map(number).collect()
}
