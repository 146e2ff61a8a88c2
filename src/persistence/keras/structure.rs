//! Which layer of the model each of a file's is, going by the order of the layers in both.
//!
//! Keras numbers the groups of its files by class, in the order of `model.layers`, which follows from the graph and not from
//! when a layer was made. It is how Keras itself loads a file, and it tells layers in models within models apart.

use std::collections::{BTreeMap, HashMap};

use fusion_core::layer::Graph;
use fusion_core::weights;

use super::super::header::Header;
use super::super::layout::Layout;
use super::super::names::Renames;
use super::{Weight, below, in_order, number, stems, wrappers};
use crate::keras::{LayerWeights, WRAPPED, snake_case};
use crate::order::{Nodes, Order};

/// Keras's classes of models.
const MODELS: [&str; 2] = ["functional", "sequential"];

/// What a file's tensors are called in the model.
pub(in crate::persistence) struct Structure {
    /// The names, in the order of the file.
    pub names: Vec<String>,
    /// Whether all shapes are the model's.
    pub fits: bool,
}

/// A layer, or a model within the model, among those of one model.
struct Part<'n> {
    /// Its group without the number, and the number.
    class: String,
    number: usize,
    name: &'n str,
    /// Whether the user gave it its name, as far as that is known.
    chosen: bool,
    /// The layer's index in the graph, or those of the file's layers.
    layers: Vec<usize>,
}

/// What the tensors of these layers, one after the other, are called in the model. None where the models have other
/// layers, or layers with other weights, or where the user says otherwise.
pub(in crate::persistence) fn names(
    graph: &'static Graph,
    layout: &Layout,
    header: &Header,
    layers: &[LayerWeights],
    renames: &Renames,
) -> Option<Structure> {
    let mut tensors = 0;
    let first = layers.iter().map(|layer| {
        tensors += layer.weights.len();
        tensors - layer.weights.len()
    });
    let first = first.collect();
    let mut found = Pairs { layout, layers, first, names: vec![None; tensors], fits: true };
    found.add(graph, "", &(0..layers.len()).collect::<Vec<_>>(), 0)?;
    let names: Vec<String> = found.names.into_iter().collect::<Option<_>>()?;
    // No two have one name, so that as many are all.
    let is_whole = names.len() == layout.parameters.len();
    let mut renamed = header.tensors.iter().zip(&names).map(|(tensor, name)| (renames.here(tensor), name));
    let allowed = renamed.all(|(renamed, name)| renamed.is_none_or(|renamed| renamed == *name));
    (is_whole && allowed).then_some(Structure { names, fits: found.fits })
}

/// The pairs that were found so far.
struct Pairs<'f> {
    layout: &'f Layout,
    layers: &'f [LayerWeights],
    /// Of each layer the number of its first tensor.
    first: Vec<usize>,
    /// By the file's tensors.
    names: Vec<Option<String>>,
    fits: bool,
}

impl Pairs<'_> {
    /// Adds the layers of one model, whose names begin with `around` here and have `depth` names before them there.
    fn add(&mut self, graph: &'static Graph, around: &str, stored: &[usize], depth: usize) -> Option<()> {
        for (node, stored) in pairs(here(graph), self.there(stored, depth)?)? {
            let node = &graph.layers[node];
            let path = format!("{around}{}", node.name);
            let Some(nested) = node.nested else {
                let [stored] = stored[..] else { return None };
                (self.layers[stored].groups.len() == depth + 1).then_some(())?;
                self.add_weights(&path, stored)?;
                continue;
            };
            let is_wrapped = |depth: usize| {
                stored.iter().all(|layer| self.layers[*layer].groups.get(depth).is_some_and(|group| group == WRAPPED))
            };
            let inner = (depth + 1..).find(|depth| !is_wrapped(*depth))?;
            let around = format!("{path}/{}", wrappers(nested, &below(&path, self.layout)));
            self.add(nested, &around, &stored, inner)?;
        }
        Some(())
    }

    /// Adds the weights of one layer: by their names, or in their order where the file cannot tell these.
    fn add_weights(&mut self, path: &str, stored: usize) -> Option<()> {
        let (layout, layer, first) = (self.layout, &self.layers[stored], self.first[stored]);
        let weights = layer.weights.iter().enumerate();
        let there = || {
            weights.clone().map(|(at, weight)| Weight { below: &weight.name, shape: &weight.shape, index: first + at })
        };
        let here = below(path, layout);
        (here.len() == layer.weights.len()).then_some(())?;
        let is_plain = here.iter().chain(&there().collect::<Vec<_>>()).all(|weight| !weight.below.contains('/'));
        let mut pairs: Vec<_> = in_order(here).into_iter().zip(in_order(there().collect())).collect();
        if !pairs.iter().all(|(here, there)| stems(here.below).eq(stems(there.below))) {
            is_plain.then_some(())?;
            pairs = below(path, layout).into_iter().zip(there()).collect();
        }
        for (here, there) in pairs {
            self.fits &= here.shape == there.shape;
            self.names[there.index] = Some(layout.parameters[here.index].name.clone());
        }
        Some(())
    }

    /// The file's layers, those of each model within the model together. None where the file does not tell them apart.
    fn there(&self, stored: &[usize], depth: usize) -> Option<Vec<Part<'_>>> {
        let (mut parts, mut known): (Vec<Part<'_>>, HashMap<&str, usize>) = Default::default();
        for layer in stored {
            let LayerWeights { path, groups, .. } = &self.layers[*layer];
            let group = groups.get(depth).filter(|group| !group.is_empty())?.as_str();
            let part = *known.entry(group).or_insert(parts.len());
            if part == parts.len() {
                let (class, number) = number(group);
                parts.push(Part { class: class.into(), number, name: path.get(depth)?, chosen: false, layers: vec![] });
            }
            parts[part].layers.push(*layer);
        }
        Some(parts)
    }
}

/// The layers with weights of a graph, in Keras's order.
fn here(graph: &'static Graph) -> Vec<Part<'static>> {
    let nodes = Nodes::of(graph);
    let layers = Order::new(&nodes).layers().filter_map(|(index, _)| index.checked_sub(nodes.inputs));
    let with_weights = layers.filter(|layer| weights::count(graph.layers[*layer].entries) > 0);
    let part = |(number, layer): (usize, usize)| {
        let node = &graph.layers[layer];
        Part { class: snake_case(node.class), number, name: node.name, chosen: node.chosen, layers: vec![layer] }
    };
    with_weights.enumerate().map(part).collect()
}

/// Which is which, class by class: a layer of the graph and those of the file.
///
/// A name that the user gave and that the file has too decides; the others go in their order.
fn pairs(here: Vec<Part<'_>>, there: Vec<Part<'_>>) -> Option<Vec<(usize, Vec<usize>)>> {
    let count = |parts: &[Part<'_>], class: &str| parts.iter().filter(|part| part.class == class).count();
    let differ = MODELS.iter().any(|class| count(&here, class) != count(&there, class));
    // Numbers of one class only say in which order they are.
    if differ && MODELS.iter().all(|class| count(&there, class) > 0) {
        return None;
    }
    let (here, mut there) = (by_class(here, differ), by_class(there, differ));
    let mut pairs = Vec::new();
    for (class, here) in here {
        let mut there = there.remove(&class).filter(|there| there.len() == here.len())?;
        let (mut chosen, mut others) = (Vec::new(), Vec::new());
        for part in here {
            match there.iter().position(|other| part.chosen && other.name == part.name) {
                Some(named) => chosen.push((part, there.remove(named))),
                None => others.push(part),
            }
        }
        let all = chosen.into_iter().chain(others.into_iter().zip(there));
        pairs.extend(all.map(|(here, there)| (here.layers[0], there.layers)));
    }
    there.is_empty().then_some(pairs)
}

/// The parts of each class, by their numbers; models may be one class, whichever way they were written.
fn by_class(parts: Vec<Part<'_>>, models_are_one: bool) -> BTreeMap<String, Vec<Part<'_>>> {
    let mut classes: BTreeMap<String, Vec<Part<'_>>> = BTreeMap::new();
    for part in parts {
        let is_model = MODELS.contains(&part.class.as_str());
        let class = if is_model && models_are_one { MODELS[0] } else { &part.class };
        classes.entry(class.to_owned()).or_default().push(part);
    }
    for parts in classes.values_mut() {
        parts.sort_by_key(|part| part.number);
    }
    classes
}
