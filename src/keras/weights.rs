//! The layers of Keras 3's files, whose groups are numbered by class: `layers/dense_1/vars/0`.

use super::config::Config;
use super::legacy::WRAPPED;
use super::names::{is_known, number, of_arrays, of_field, place_of_field, snake_case, stem};
use super::tree::{Array, Group};
use super::{KerasError, LayerWeights, Weight};

/// The group with the layers of a model.
pub(crate) const LAYERS: &str = "layers";

/// All layers with weights of a model whose layers are in this group.
pub(super) fn layers(root: &Group, config: Option<&Config<'_>>) -> Result<Vec<LayerWeights>, KerasError> {
    let mut layers = Vec::new();
    add(root, config.copied(), &[], &[], &mut layers);
    if layers.is_empty() && root.inside.is_empty() { Err(KerasError::NoWeights) } else { Ok(layers) }
}

/// Adds the layers of one model, which stands at this path.
fn add(model: &Group, config: Option<Config<'_>>, path: &[String], groups: &[String], all: &mut Vec<LayerWeights>) {
    let known = config.and_then(|config| config.by_names());
    let mut found: Vec<_> = model
        .inside
        .iter()
        .map(|(group, layer)| {
            let config = known.as_ref().and_then(|known| known.get(layer.name.as_deref(), group));
            let name = layer.name.as_deref().or_else(|| config?.name()).unwrap_or(group);
            let at = known.as_ref().and_then(|known| known.place(name)).map_or(usize::MAX, |place| place.at);
            (at, stem(group), number(group), name, group, layer, config)
        })
        .collect();
    found.sort_by_key(|(at, stem, number, ..)| (*at, *stem, *number));
    for (_, _, _, name, group, layer, config) in found {
        let mut path = [path, &[name.to_owned()]].concat();
        let mut groups = [groups, std::slice::from_ref(group)].concat();
        if let Some((inner, config)) = model_within(layer, config, &mut path) {
            groups.resize(path.len(), WRAPPED.to_owned());
            add(inner, config, &path, &groups, all);
            continue;
        }
        let mut weights = Vec::new();
        collect(layer, &class_of(layer, group, config), config, "", &mut weights);
        if !weights.is_empty() {
            all.push(LayerWeights { path, weights, groups });
        }
    }
}

/// The layers of a model that a layer is, or wraps; the names of those that it is wrapped in go to its path.
fn model_within<'g, 'c>(
    mut layer: &'g Group,
    mut config: Option<Config<'c>>,
    path: &mut Vec<String>,
) -> Option<(&'g Group, Option<Config<'c>>)> {
    let mut wrapped = Vec::new();
    loop {
        if let Some(layers) = layer.get(LAYERS) {
            path.append(&mut wrapped);
            return Some((layers, config));
        }
        layer = layer.get(WRAPPED)?;
        config = config.and_then(|config| config.inside(WRAPPED));
        let name = layer.name.as_deref().or_else(|| config?.name()).unwrap_or(WRAPPED);
        wrapped.push(name.to_owned());
    }
}

/// The class of a layer, as Keras's groups are called.
fn class_of(layer: &Group, group: &str, config: Option<Config<'_>>) -> String {
    if let Some(config) = config {
        return snake_case(config.class);
    }
    let name = layer.name.as_deref().unwrap_or_default();
    let undirected = ["forward_", "backward_"].into_iter().find_map(|direction| name.strip_prefix(direction));
    let ways = [stem(group), stem(name), stem(undirected.unwrap_or_default())];
    let known = ways.into_iter().find(|class| is_known(class));
    // The layers in an attention are called for what they give.
    let known = known.or_else(|| group.ends_with("_dense").then_some("einsum_dense"));
    known.unwrap_or(if undirected.is_some() { ways[2] } else { ways[0] }).to_owned()
}

/// Adds the weights of a layer, and of those in it, whose names begin with `prefix`.
fn collect(layer: &Group, class: &str, config: Option<Config<'_>>, prefix: &str, weights: &mut Vec<Weight>) {
    let ranks: Vec<usize> = layer.own.iter().map(|array| array.shape.len()).collect();
    let names = of_arrays(class, config.as_ref(), &ranks);
    for (Array { shape, values }, name) in layer.own.iter().zip(names) {
        if let Some(name) = name {
            weights.push(Weight { name: format!("{prefix}{name}"), shape: shape.clone(), values: values.clone() });
        }
    }
    let mut inside: Vec<_> = layer.inside.iter().collect();
    inside.sort_by_key(|(field, _)| (place_of_field(field), number(field)));
    for (field, inner) in inside {
        let config = config.and_then(|config| config.inside(field));
        let named = inner.name.as_deref().or_else(|| config?.name());
        let prefix = match named {
            // A list of layers, which has no name of its own.
            None if inner.is_list => prefix.to_owned(),
            None => format!("{prefix}{}/", of_field(field, class)),
            Some(name) => format!("{prefix}{name}/"),
        };
        collect(inner, &class_of(inner, field, config), config, &prefix, weights);
    }
}
