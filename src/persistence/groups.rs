//! A model's weights in the groups in which Keras looks for them.
//!
//! Keras loads by its own order of the layers, `layers/dense_1`, and by the numbers of a layer's arrays: those that are
//! trained first.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use fusion_core::layer::{Graph, LayerNode};
use fusion_core::model::Network;
use fusion_core::weights::{Entry, Kind, walk_ref};

use super::write::{check_finite, check_place, write_file};
use super::{Refusal, WeightsError};
use crate::as_keras;
use crate::keras::{Array, Group, LAYERS, field_of, snake_case, write_weights};
use crate::order::{Node, Nodes, Order};

/// The classes that keep in other files what are weights here.
const ELSEWHERE: [&str; 2] = ["Discretization", "IntegerLookup"];

/// Writes the model's weights as Keras's `.weights.h5`, beside `path`, and then renames the file.
pub(super) fn save<N: Network>(model: &N, path: &Path) -> Result<(), WeightsError> {
    check_place(path)?;
    check_finite(model, path)?;
    let bytes = to_bytes(model).map_err(|reason| WeightsError::Refused { path: Some(path.into()), reason })?;
    write_file(path, &bytes, &mut |_| {})
}

/// The bytes of that file.
pub(super) fn to_bytes<N: Network>(model: &N) -> Result<Vec<u8>, Refusal> {
    write_weights(&groups(model)?).map_err(|error| Refusal::NotForKeras { problem: error.to_string() })
}

/// The groups of that file.
pub(super) fn groups<N: Network>(model: &N) -> Result<Group, Refusal> {
    let mut arrays = HashMap::new();
    walk_ref(model, &mut |parameter, values| {
        let array = Array { shape: parameter.array.shape.dimensions().to_vec(), values: values.to_vec() };
        arrays.insert(parameter.to_string(), array);
    });
    let name = snake_case(N::GRAPH.name);
    let mut writer = Writer { arrays };
    let groups = writer.model(N::GRAPH, name, "")?;
    if let Some(path) = writer.arrays.keys().min() {
        let problem = format!("no output needs `{path}`, and so it has no place there");
        return Err(Refusal::NotForKeras { problem });
    }
    Ok(groups)
}

/// The arrays that are not in a group yet, by their paths.
struct Writer {
    arrays: HashMap<String, Array>,
}

impl Writer {
    /// A model of this name, whose layers' paths begin with `around`.
    fn model(&mut self, graph: &'static Graph, name: String, around: &str) -> Result<Group, Refusal> {
        let (nodes, mut counted) = (Nodes::of(graph), HashMap::<String, usize>::new());
        let mut layers = Group { is_list: true, ..Group::default() };
        for (index, node) in Order::new(&nodes).layers() {
            let class = snake_case(class_in_keras(node));
            let count = counted.entry(class.clone()).or_default();
            let group = if *count == 0 { class.clone() } else { format!("{class}_{count}") };
            *count += 1;
            let layer = match index.checked_sub(nodes.inputs) {
                Some(layer) => self.layer(&graph.layers[layer], &class, around)?,
                None => Group { name: Some(node.name.to_owned()), ..Group::default() },
            };
            layers.inside.push((group, layer));
        }
        Ok(Group { name: Some(name), inside: vec![(LAYERS.to_owned(), layers)], ..Group::default() })
    }

    fn layer(&mut self, node: &LayerNode, class: &str, around: &str) -> Result<Group, Refusal> {
        let (name, path) = (node.name.to_owned(), format!("{around}{}/", node.name));
        if ELSEWHERE.contains(&node.class) && !node.entries.is_empty() {
            let problem = format!("Keras keeps what `{}` found in data in no file of weights", node.name);
            return Err(Refusal::NotForKeras { problem });
        }
        match node.nested {
            Some(graph) if is_model(node.entries, graph) => self.model(graph, name, &path),
            nested => self.group(node.entries, nested, class, name, &path),
        }
    }

    /// A layer that is no model, but may be around one.
    fn group(
        &mut self,
        entries: &[Entry],
        nested: Option<&'static Graph>,
        class: &str,
        name: String,
        path: &str,
    ) -> Result<Group, Refusal> {
        let mut group = Group { name: Some(name), counts: class == "normalization", ..Group::default() };
        let arrays = |trained: bool| {
            let is = move |entry: &&Entry| matches!(entry.kind, Kind::Array(array) if array.trainable == trained);
            entries.iter().filter(is)
        };
        for entry in arrays(true).chain(arrays(false)) {
            group.own.extend(self.arrays.remove(&format!("{path}{}", entry.name)));
        }
        for entry in entries {
            let Kind::Layer { entries, .. } = entry.kind else { continue };
            let (name, path) = (entry.name.to_owned(), format!("{path}{}/", entry.name));
            let inside = match nested {
                Some(graph) if is_model(entries, graph) => self.model(graph, name, &path)?,
                nested => self.group(entries, nested, class_within(entry.name, class), name, &path)?,
            };
            if class == "spectral_normalization" {
                // It has its layer's kernel as one of its own too.
                group.own.splice(0..0, inside.own.first().cloned());
            }
            group.inside.push((field_of(entry.name, class), inside));
        }
        Ok(group)
    }
}

/// Whether these are the layers of a model, and not a layer around it. They stand in the order of their declaration, and
/// there may be some that no output needs.
fn is_model(entries: &[Entry], graph: &Graph) -> bool {
    let declared: HashSet<&str> = entries.iter().map(|entry| entry.name).collect();
    graph.layers.iter().filter(|layer| !layer.entries.is_empty()).all(|layer| declared.contains(layer.name))
}

/// The class of a layer or a model in Keras.
fn class_in_keras(node: &Node) -> &'static str {
    let is_other = |graph| node.class == "Sequential" && !as_keras::is_sequential(graph);
    if node.nested.is_some_and(is_other) { "Functional" } else { node.class }
}

/// The class of a layer within another, as far as its fields depend on it: it is called for its class.
fn class_within<'n>(name: &'n str, around: &str) -> &'n str {
    if around == "bidirectional" { name.split_once('_').map_or(name, |(_, class)| class) } else { name }
}
