//! The layers of files as of Keras 2, whose groups have the layers' names: `model_weights/dense/dense/kernel:0`.

use std::collections::{HashMap, HashSet};
use std::iter;

use hdf5_pure as hdf5;

use super::config::Config;
use super::names::{of_field, snake_case, stem};
use super::tree::{Array, Budget, array, attribute, check_name, damaged};
use super::{KerasError, LayerWeights, Weight};

/// How many names of a path are looked at, and how many layers of one name in models within models.
const MOST_NAMES: usize = 8;
const MOST_ALIKE: usize = 64;

/// The field of a wrapper with what it wraps.
pub(crate) const WRAPPED: &str = "layer";

/// A layer of the file's model, which may be a model, with all of its weights.
#[derive(Clone, Debug)]
pub(super) struct Named {
    name: String,
    /// With the paths that they have in Keras.
    weights: Vec<(String, Array)>,
}

/// Reads the groups that the attribute `layer_names` lists.
pub(super) fn read(group: &hdf5::Group, budget: &mut Budget) -> Result<Vec<Named>, KerasError> {
    let names = attribute(group, "layer_names")?.ok_or(KerasError::NoWeights)?;
    budget.take_things(names.len())?;
    let mut seen = HashSet::new();
    for name in &names {
        check_name(name)?;
        if !seen.insert(name) {
            return Err(KerasError::Hdf5 { group: name.clone(), problem: "`layer_names` has it twice".into() });
        }
    }
    let groups: HashMap<String, hdf5::Group> = group.iter_groups().map_err(|error| damaged("", &error))?.collect();
    let layer = |name: String| {
        // A name with slashes is one of a group in a group.
        let found = groups.get(&name).map_or_else(|| group.group(&name), |found| Ok(found.clone()));
        let found = found.map_err(|error| damaged(&name, &error))?;
        read_layer(&found, name, budget)
    };
    names.into_iter().map(layer).collect()
}

fn read_layer(layer: &hdf5::Group, name: String, budget: &mut Budget) -> Result<Named, KerasError> {
    let paths = attribute(layer, "weight_names")?.unwrap_or_default();
    budget.take_things(paths.len())?;
    let mut weights = Vec::new();
    for path in paths {
        let place = format!("{name}/{path}");
        let dataset = layer.dataset(&path).map_err(|error| damaged(&place, &error))?;
        // Keras 2 has TensorFlow's number of the output behind a name.
        let path = path.strip_suffix(":0").unwrap_or(&path).to_owned();
        weights.extend(array(&dataset, &place, budget)?.map(|array| (path, array)));
    }
    Ok(Named { name, weights })
}

/// All layers with weights.
pub(super) fn layers(named: &[Named], config: Option<&Config<'_>>) -> Result<Vec<LayerWeights>, KerasError> {
    let known = config.and_then(Config::by_names);
    let mut all: Vec<LayerWeights> = Vec::new();
    for Named { name, weights } in named {
        let config = known.as_ref().and_then(|known| known.get(Some(name), ""));
        let group =
            known.as_ref().and_then(|known| known.place(name)).map(|place| place.group.clone()).unwrap_or_default();
        let top = Place { path: vec![name.clone()], groups: vec![group], config };
        let mut places = Vec::new();
        top.leaves(&mut places);
        let mut found: Vec<Vec<Weight>> = places.iter().map(|_| Vec::new()).collect();
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, place) in places.iter().enumerate() {
            by_name.entry(place.name()).or_default().push(index);
        }
        for (path, Array { shape, values }) in weights {
            let (place, name) = belongs(&places, &by_name, path, &found);
            found[place].push(Weight { name, shape: shape.clone(), values: values.clone() });
        }
        let layers = places.into_iter().zip(found).filter(|(_, weights)| !weights.is_empty());
        all.extend(layers.map(|(place, weights)| LayerWeights { path: place.path, weights, groups: place.groups }));
    }
    Ok(all)
}

/// A layer, or a model, and where it stands.
struct Place<'c> {
    path: Vec<String>,
    groups: Vec<String>,
    config: Option<Config<'c>>,
}

impl<'c> Place<'c> {
    /// The layers in it that are no models, itself if it is none.
    fn leaves(self, all: &mut Vec<Place<'c>>) {
        let mut wrapped = Vec::new();
        let mut inner = self.config;
        while let Some(config) = inner {
            // Any layer could have an option `layers`.
            if let (Some(layers), Some(known)) = (config.layers(), config.by_names()) {
                for layer in layers {
                    let Some(name) = layer.name() else { continue };
                    let path = [&self.path, &*wrapped, &[name.to_owned()]].concat();
                    let group = known.place(name).map(|place| place.group.clone()).unwrap_or_default();
                    let mut groups = self.groups.clone();
                    groups.resize(path.len() - 1, WRAPPED.to_owned());
                    groups.push(group);
                    Place { path, groups, config: Some(layer) }.leaves(all);
                }
                return;
            }
            inner = config.inside(WRAPPED);
            wrapped.extend(inner.and_then(|inner| Some(inner.name()?.to_owned())));
        }
        all.push(self);
    }

    fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

/// Which of these layers a weight with this path is of, and what it is called below it; the first one where nothing says it.
///
/// Of several layers of one name in models within models it is the first that has no weight of that name.
fn belongs(
    places: &[Place<'_>],
    by_name: &HashMap<&str, Vec<usize>>,
    path: &str,
    found: &[Vec<Weight>],
) -> (usize, String) {
    let ends: Vec<usize> = path.match_indices('/').map(|(slash, _)| slash).take(MOST_NAMES).collect();
    let begins = iter::once(0).chain(ends.iter().map(|slash| slash + 1));
    // A name may have slashes.
    let names = begins.flat_map(|begin| ends.iter().filter(move |end| begin < **end).map(move |end| (begin, *end)));
    let mut layers = names.flat_map(|(begin, end)| {
        let layers = by_name.get(&path[begin..end]).map(Vec::as_slice).unwrap_or_default();
        layers.iter().take(MOST_ALIKE).map(move |layer| (*layer, in_keras_3(&path[end + 1..], &places[*layer])))
    });
    let is_free = |(layer, name): &(usize, String)| found[*layer].iter().all(|weight| weight.name != *name);
    layers.find(is_free).unwrap_or_else(|| (0, path.to_owned()))
}

/// The name below a layer as Keras 3 has it: the cells and layers within others have names, without numbers.
fn in_keras_3(name: &str, place: &Place<'_>) -> String {
    let Some(config) = place.config else { return name.to_owned() };
    let class = snake_case(config.class);
    if matches!(class.as_str(), "lstm" | "gru" | "simple_rnn") || class.starts_with("conv_lstm") {
        let cell = of_field("cell", &class);
        let own = name.rsplit('/').next().unwrap_or(name);
        return format!("{cell}/{own}");
    }
    let parts: Vec<&str> = name.split('/').collect();
    match (class.as_str(), parts.as_slice(), config.inside(WRAPPED).and_then(|inner| inner.name())) {
        ("bidirectional", [direction, cell, own], _) => format!("{direction}/{}/{own}", stem(cell)),
        ("time_distributed", [own], Some(inner)) => format!("{inner}/{own}"),
        _ => name.to_owned(),
    }
}
