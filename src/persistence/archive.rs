//! Files of Keras's own, as weights with names.

use std::collections::HashMap;

use fusion_core::model::Network;
use safetensors::Dtype;

use super::Refusal;
use super::header::{Header, Stored};
use super::keras::{Meaning, meaning, structure};
use super::layout::{Expected, Layout};
use super::names::Renames;
use super::read::misfit;
use crate::keras::{Archive, LayerWeights};

/// A file's weights, their names being those of this model as far as that can be told.
pub(super) struct Weights {
    pub header: Header,
    /// The values of all of them, one behind the other.
    pub data: Vec<u8>,
    /// Whether names were translated, and with them what the user renamed.
    pub translated: bool,
}

/// Reads a file of Keras's for a model.
pub(super) fn read<N: Network>(bytes: &[u8], layout: &Layout, renames: &Renames) -> Result<Weights, Refusal> {
    let archive = Archive::from_bytes(bytes).map_err(|error| Refusal::NotKeras { problem: error.to_string() })?;
    let (tensors, data) = tensors(archive.layers());
    let mut header = Header::of(tensors, data.len());
    renames.check(&header, layout)?;
    let names = names::<N>(&header, archive.layers(), layout, renames)?;
    let translated = names.is_some();
    for (tensor, name) in header.tensors.iter_mut().zip(names.into_iter().flatten()) {
        tensor.name = name;
    }
    Ok(Weights { header, data, translated })
}

/// Each weight under its layer's path, and their values.
fn tensors(layers: &[LayerWeights]) -> (Vec<Stored>, Vec<u8>) {
    let (mut tensors, mut data) = (Vec::new(), Vec::new());
    for layer in layers {
        for weight in &layer.weights {
            let (name, shape) = (format!("{}/{}", layer.path.join("/"), weight.name), weight.shape.clone());
            tensors.push(Stored { name, dtype: Dtype::F32, shape, begin: data.len() });
            data.extend(weight.values.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    (tensors, data)
}

/// What the tensors are called here; none where that cannot be told.
///
/// Two things tell: the order of the layers in both graphs, by which Keras itself loads, and the names. Where both lead
/// somewhere, and not to the same, the file is refused.
fn names<N: Network>(
    header: &Header,
    layers: &[LayerWeights],
    layout: &Layout,
    renames: &Renames,
) -> Result<Option<Vec<String>>, Refusal> {
    let structure = structure::names(N::GRAPH, layout, header, layers, renames);
    let named = match as_here(header, layout, renames) {
        Some(names) => Meaning::Told(names),
        None => meaning(N::GRAPH, layout, header, renames),
    };
    match (structure, named) {
        (Some(structure), Meaning::Told(names)) if structure.fits => {
            let differing = names.iter().zip(&structure.names).position(|(named, placed)| named != placed);
            let Some(at) = differing else { return Ok(Some(names)) };
            let layer = |path: &str| path.rsplit_once('/').map_or(path, |(layer, _)| layer).to_owned();
            let may_be = vec![layer(&names[at]), layer(&structure.names[at])];
            Err(Refusal::Ambiguous { layer: layer(&header.tensors[at].name), may_be })
        }
        (_, Meaning::Told(names)) => Ok(Some(names)),
        (Some(structure), _) => Ok(Some(structure.names)),
        (None, Meaning::Open { layer, may_be }) => Err(Refusal::Ambiguous { layer, may_be }),
        (None, Meaning::Another) => Ok(None),
    }
}

/// The names as the file has them, with what the user renamed, if they are those of the model and what they name fits.
fn as_here(header: &Header, layout: &Layout, renames: &Renames) -> Option<Vec<String>> {
    let names: Vec<String> = header.tensors.iter().map(|tensor| renames.pair(tensor).here).collect();
    let tensors: HashMap<&str, &Stored> = names.iter().map(String::as_str).zip(&header.tensors).collect();
    let fits = |expected: &Expected| {
        tensors.get(expected.name.as_str()).is_some_and(|stored| misfit(expected, stored).is_none())
    };
    // As many as the model has, and all of these: no two have one name.
    let whole = names.len() == layout.parameters.len() && layout.parameters.iter().all(fits);
    whole.then_some(names)
}
