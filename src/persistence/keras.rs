//! Files under Keras's own paths: `{weight.path: weight.numpy() for weight in model.weights}`.
//!
//! Keras numbers the layers that a program makes, each class for itself: those within wrappers and within models are
//! counted along, in the order in which they are made, and so are those of models that were made before. Before a layer's
//! own name a path has the names of the wrappers around it and of the models that were not built before they were used,
//! which a functional model is and a `Sequential` with an input is too, but under its own name.
//!
//! So a number is not a property of the model, and no name that the compiler counts could be the same. What it does say
//! is which of two layers of a class was made first. From that, the names, the shapes and what stands before a
//! layer's name it follows which layer of the model each of the file's is, or that it could be several.

use std::collections::{HashMap, HashSet};

use fusion_core::layer::Graph;
use fusion_core::weights;

use super::header::Header;
use super::layout::Layout;
use super::names::Renames;

mod search;
#[cfg(feature = "keras")]
pub(super) mod structure;

/// So much deeper than the model's a path of Keras's may be. A hostile file may have paths of any depth.
const MORE_DEPTH: usize = 8;

/// What a file's tensors are called in the model, as far as that can be told.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    /// The file is of no model like this one.
    Another,
    /// The names, in the order of the file.
    Told(Vec<String>),
    /// The file's layer may be any of these in the model.
    Open { layer: String, may_be: Vec<String> },
}

/// A layer with weights of the model, with those of a wrapper around it but not of a model.
struct Layer<'m> {
    path: String,
    name: &'m str,
    /// Whether the user gave it its name.
    chosen: bool,
    weights: Vec<Weight<'m>>,
}

/// The layers of one model, some of which are models.
#[derive(Default)]
struct Block<'m> {
    /// Its name in the model around it, if the user gave it.
    chosen: Option<&'m str>,
    parts: Vec<Part>,
}

/// In the order of their first use.
#[derive(Clone, Copy)]
enum Part {
    Layer(usize),
    Block(usize),
}

/// A layer of the file.
struct Stored<'f> {
    /// What stands before its name, with the slash.
    scope: &'f str,
    path: &'f str,
    /// Its name without the number, and the number.
    stem: &'f str,
    number: usize,
    weights: Vec<Weight<'f>>,
}

/// One of a layer's weights: its path below the layer and its number in the model or in the file.
struct Weight<'n> {
    below: &'n str,
    shape: &'n [usize],
    index: usize,
}

/// The model's layers and blocks; the first block is the model itself.
struct Model<'m> {
    layers: Vec<Layer<'m>>,
    blocks: Vec<Block<'m>>,
}

/// What the tensors of a file without metadata are called in the model.
pub(super) fn meaning(graph: &'static Graph, layout: &Layout, header: &Header, renames: &Renames) -> Meaning {
    let depth = |name: &str| name.matches('/').count();
    let deepest =
        layout.parameters.iter().map(|parameter| depth(&parameter.name)).max().unwrap_or_default() + MORE_DEPTH;
    if header.tensors.len() != layout.parameters.len() || header.names().any(|name| depth(name) > deepest) {
        return Meaning::Another;
    }
    let mut model = Model { layers: Vec::new(), blocks: vec![Block::default()] };
    model.add(graph, "", 0, layout);
    let Some(stored) = stored_layers(&model, header) else { return Meaning::Another };
    if stored.len() != model.layers.len() {
        return Meaning::Another;
    }
    let renamed = |layer: &Layer<'_>, stored: &Stored<'_>| {
        layer.weights.iter().zip(&stored.weights).all(|(here, there)| {
            let renamed = renames.here(&header.tensors[there.index]);
            renamed.is_none_or(|renamed| renamed == layout.parameters[here.index].name)
        })
    };
    match search::assignments(&model, &stored, &renamed)[..] {
        [] => Meaning::Another,
        [ref found] => {
            let mut names = vec![String::new(); header.tensors.len()];
            for (layer, stored) in model.layers.iter().zip(found.iter().map(|index| &stored[*index])) {
                for (here, there) in layer.weights.iter().zip(&stored.weights) {
                    names[there.index].clone_from(&layout.parameters[here.index].name);
                }
            }
            Meaning::Told(names)
        }
        [ref one, ref other, ..] => open(&model, &stored, one, other),
    }
}

/// The first layer of the file that is not the same in both.
fn open(model: &Model<'_>, stored: &[Stored<'_>], one: &[usize], other: &[usize]) -> Meaning {
    let here = |found: &[usize], stored: usize| {
        let layer = found.iter().position(|index| *index == stored);
        layer.map_or_else(String::new, |layer| model.layers[layer].path.clone())
    };
    let differing = (0..stored.len()).find(|index| here(one, *index) != here(other, *index)).unwrap_or_default();
    let layer = stored[differing].path.to_owned();
    let mut may_be = vec![here(one, differing), here(other, differing)];
    may_be.sort();
    Meaning::Open { layer, may_be }
}

impl<'m> Model<'m> {
    /// Adds the layers of a graph, which stand below this path, to a block.
    fn add(&mut self, graph: &'static Graph, around: &str, block: usize, layout: &'m Layout) {
        for node in graph.layers.iter().filter(|node| weights::count(node.entries) > 0) {
            let path = format!("{around}{}", node.name);
            let weights = below(&path, layout);
            if let Some(nested) = node.nested {
                self.blocks.push(Block { chosen: node.chosen.then_some(node.name), parts: Vec::new() });
                let inner = self.blocks.len() - 1;
                self.blocks[block].parts.push(Part::Block(inner));
                let wrappers = wrappers(nested, &weights);
                self.add(nested, &format!("{path}/{wrappers}"), inner, layout);
            } else {
                self.blocks[block].parts.push(Part::Layer(self.layers.len()));
                self.layers.push(Layer { path, name: node.name, chosen: node.chosen, weights: in_order(weights) });
            }
        }
    }
}

/// The parameters below a path.
fn below<'m>(path: &str, layout: &'m Layout) -> Vec<Weight<'m>> {
    let all = layout.parameters.iter().enumerate();
    let weight = |(index, parameter): (usize, &'m super::layout::Expected)| {
        let below = parameter.name.strip_prefix(path)?.strip_prefix('/')?;
        Some(Weight { below, shape: parameter.shape.dimensions(), index })
    };
    all.filter_map(weight).collect()
}

/// The names between a layer and those of the model in it: `coder/` of a `TimeDistributed<Coder>`.
fn wrappers<'m>(nested: &Graph, weights: &[Weight<'m>]) -> &'m str {
    let inner = nested.layers.iter().filter(|node| weights::count(node.entries) > 0);
    let names: HashSet<&str> = inner.map(|node| node.name).collect();
    let Some(Weight { below: first, .. }) = weights.first() else { return "" };
    let ends = std::iter::once(0).chain(first.match_indices('/').map(|(slash, _)| slash + 1));
    let are_the_models = |end: &usize| {
        let found: Option<HashSet<&str>> =
            weights.iter().map(|weight| weight.below.strip_prefix(&first[..*end])?.split('/').next()).collect();
        found.is_some_and(|found| found == names)
    };
    ends.filter(are_the_models).map(|end| &first[..end]).next().unwrap_or("")
}

/// `dense` and 2 of `dense_2`, 0 without a number.
fn number(name: &str) -> (&str, usize) {
    let numbered = name.rsplit_once('_').and_then(|(stem, digits)| {
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
        Some((stem, digits.parse().ok().filter(|_| plain)?))
    });
    numbered.unwrap_or((name, 0))
}

/// The weight's own name, and those of the layers around it without their numbers. Of the two layers of a `Bidirectional`
/// only the directions count: they may be called anything.
fn stems(path: &str) -> impl Iterator<Item = &str> {
    let mut names = path.rsplit('/');
    let direction = |name| ["forward_", "backward_"].into_iter().find(|direction| str::starts_with(name, direction));
    names.next().into_iter().chain(names.map(move |name| direction(name).unwrap_or(number(name).0)))
}

/// As the names go, whatever the numbers are. Names that all have in common do not count: a layer within a wrapper may
/// be called anything.
fn in_order(mut weights: Vec<Weight<'_>>) -> Vec<Weight<'_>> {
    let first = weights.first().map_or("", |weight| weight.below);
    let common = |end: &usize| weights.iter().all(|weight| weight.below.starts_with(&first[..*end]));
    let end = first.match_indices('/').map(|(slash, _)| slash + 1).rfind(common).unwrap_or_default();
    weights.iter_mut().for_each(|weight| weight.below = &weight.below[end..]);
    weights.sort_by_key(|weight| weight.below.split('/').map(number).collect::<Vec<_>>());
    weights
}

/// The file's layers: what stands below the shortest paths that are like a layer of the model. None if a tensor belongs
/// to no such layer.
fn stored_layers<'f>(model: &Model<'_>, header: &'f Header) -> Option<Vec<Stored<'f>>> {
    let mut groups: HashMap<&str, Vec<Weight<'_>>> = HashMap::new();
    for (index, stored) in header.tensors.iter().enumerate() {
        for (slash, _) in stored.name.match_indices('/') {
            let weight = Weight { below: &stored.name[slash + 1..], shape: &stored.shape, index };
            groups.entry(&stored.name[..slash]).or_default().push(weight);
        }
    }
    let mut layers: HashMap<&str, Stored<'_>> = HashMap::new();
    for stored in &header.tensors {
        let paths = stored.name.match_indices('/').map(|(slash, _)| &stored.name[..slash]);
        let known = paths.clone().find(|path| layers.contains_key(path));
        let found = known.is_some()
            || paths.clone().any(|path| {
                let Some(weights) = groups.remove(path) else { return false };
                let layer = Stored::new(path, weights);
                let is_like_one = model.layers.iter().any(|known| layer.is_like(known));
                if is_like_one {
                    layers.insert(path, layer);
                }
                is_like_one
            });
        if !found {
            return None;
        }
    }
    let mut layers: Vec<_> = layers.into_values().collect();
    layers.sort_by_key(|layer| (layer.stem, layer.number, layer.path));
    Some(layers)
}

impl<'f> Stored<'f> {
    fn new(path: &'f str, weights: Vec<Weight<'f>>) -> Self {
        let (scope, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
        let (stem, number) = number(name);
        Self { scope, path, stem, number, weights: in_order(weights) }
    }

    fn name(&self) -> &'f str {
        &self.path[self.scope.len()..]
    }

    /// Whether it could be this layer, by its name, but for the number, and by names and shapes of its weights.
    fn is_like(&self, layer: &Layer<'_>) -> bool {
        let name = if layer.chosen { self.name() == layer.name } else { self.stem == number(layer.name).0 };
        let same = |(here, there): (&Weight<'_>, &Weight<'_>)| {
            here.shape == there.shape && stems(here.below).eq(stems(there.below))
        };
        name && self.weights.len() == layer.weights.len() && layer.weights.iter().zip(&self.weights).all(same)
    }
}
