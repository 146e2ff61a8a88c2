//! Keras's weights under the names of the model's fields.

use std::collections::{BTreeMap, HashMap};

use fusion::keras::LayerWeights;

use crate::arrays::serialize;
use crate::gaps;
use crate::layers;
use crate::network::Network;

/// The weights as a file of safetensors.
///
/// # Errors
/// A layer of the model without weights in the file.
pub fn file(network: &Network<'_>, weights: &[LayerWeights]) -> Result<Vec<u8>, String> {
    let by_path: HashMap<&[String], &LayerWeights> =
        weights.iter().map(|layer| (layer.path.as_slice(), layer)).collect();
    let mut arrays = BTreeMap::new();
    collect(network, &mut Vec::new(), "", &by_path, &mut arrays)?;
    serialize(&arrays)
}

type Arrays = BTreeMap<String, (Vec<usize>, Vec<u8>)>;

fn collect(
    network: &Network<'_>,
    path: &mut Vec<String>,
    place: &str,
    weights: &HashMap<&[String], &LayerWeights>,
    arrays: &mut Arrays,
) -> Result<(), String> {
    for (index, layer) in network.graph.model.layers.iter().enumerate() {
        let Some(field) = &network.fields[index] else { continue };
        path.push(layer.name.clone());
        if let Some(inner) = network.within.get(&index) {
            collect(inner, path, &format!("{place}{field}/"), weights, arrays)?;
        } else if let Some(found) = weights.get(path.as_slice()) {
            for weight in &found.weights {
                // A struct to be filled in has names that Rust takes.
                let name = match network.gaps.contains_key(&index) {
                    true => gaps::field_path(&weight.name),
                    false => weight.name.clone(),
                };
                let shape = if weight.shape.is_empty() { vec![1] } else { weight.shape.clone() };
                let bytes = weight.values.iter().flat_map(|value| value.to_le_bytes()).collect();
                arrays.insert(format!("{place}{field}/{name}"), (shape, bytes));
            }
        } else if !network.gaps.contains_key(&index) && layers::has_weights(layer) {
            return Err(format!("the file has no weights of the layer `{}`", path.join("/")));
        }
        path.pop();
    }
    Ok(())
}
