//! The arrays of a file of weights, Keras's or ours.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::path::Path;

use fusion::keras::Archive;
use safetensors::tensor::{Dtype, TensorView};

use crate::golden::{Array, of_safetensors};

/// Arrays by their names, and what else a file says.
#[derive(Debug, Default)]
pub struct Arrays {
    pub arrays: Vec<(String, Array)>,
    /// Names and texts of the header; of a model the classes of its layers.
    pub metadata: Vec<(String, String)>,
}

impl Arrays {
    /// Reads a file; which kind it is, its first bytes say.
    pub fn open(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let bytes = std::fs::read(path).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        if crate::onnx::is_onnx(path) {
            return Ok(Self::of_keras(&crate::onnx::Onnx::open(path)?.model.archive));
        }
        if bytes.starts_with(b"PK") || bytes.starts_with(b"\x89HDF") {
            let archive = Archive::from_bytes(&bytes).map_err(|error| format!("`{name}`: {error}"))?;
            return Ok(Self::of_keras(&archive));
        }
        let arrays = of_safetensors(&bytes).map_err(|error| format!("`{name}`: {error}"))?;
        let (_, header) =
            safetensors::SafeTensors::read_metadata(&bytes).map_err(|error| format!("`{name}`: {error}"))?;
        let texts: BTreeMap<String, String> =
            header.metadata().iter().flatten().map(|(name, text)| (name.clone(), text.clone())).collect();
        Ok(Self { arrays, metadata: texts.into_iter().collect() })
    }

    fn of_keras(archive: &Archive) -> Self {
        let mut arrays = Vec::new();
        for layer in archive.layers() {
            for weight in &layer.weights {
                let values = weight.values.iter().map(|value| f64::from(*value)).collect();
                arrays.push((
                    format!("{}/{}", layer.path.join("/"), weight.name),
                    Array { shape: weight.shape.clone(), values },
                ));
            }
        }
        let mut metadata = Vec::new();
        if let Some(Ok(model)) = archive.config().map(crate::config::model) {
            metadata.push(("model".to_owned(), model.name.clone()));
            metadata.extend(model.layers.iter().map(|layer| (layer.name.clone(), layer.class.clone())));
        }
        Self { arrays, metadata }
    }

    /// The same as safetensors, `f32`.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, String> {
        #[allow(clippy::cast_possible_truncation, reason = "weights are `f32`")]
        let bytes =
            |array: &Array| array.values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect::<Vec<u8>>();
        let of_each = self.arrays.iter().map(|(name, array)| (name.clone(), (array.shape.clone(), bytes(array))));
        serialize(&of_each.collect())
    }
}

/// Arrays of `f32` as safetensors: by their names the shape, and the bytes.
pub fn serialize(arrays: &BTreeMap<String, (Vec<usize>, Vec<u8>)>) -> Result<Vec<u8>, String> {
    let mut views = BTreeMap::new();
    for (name, (shape, bytes)) in arrays {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        views.insert(name.as_str(), view.map_err(|error| format!("the array `{name}` is damaged: {error}"))?);
    }
    safetensors::serialize(views, None).map_err(|error| format!("the weights cannot be written: {error}"))
}

impl fmt::Display for Arrays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in &self.metadata {
            writeln!(f, "{name}: {text}")?;
        }
        if !self.metadata.is_empty() {
            writeln!(f)?;
        }
        let width = self.arrays.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, array) in &self.arrays {
            writeln!(f, "{name:width$}  {:?}", array.shape)?;
        }
        let numbers: usize = self.arrays.iter().map(|(_, array)| array.values.len()).sum();
        writeln!(f, "{} arrays, {numbers} numbers", self.arrays.len())
    }
}

/// What differs between two files, and whether nothing does.
pub fn difference(a: &Arrays, b: &Arrays) -> (String, bool) {
    let (mut text, mut same) = (String::new(), 0);
    let (a, b): (BTreeMap<&str, &Array>, BTreeMap<&str, &Array>) = (by_name(a), by_name(b));
    for (name, array) in &a {
        match b.get(name) {
            None => text.push_str(&format!("{name}: only in the first file\n")),
            Some(other) if other.shape != array.shape => {
                text.push_str(&format!("{name}: {:?} and {:?}\n", array.shape, other.shape));
            }
            Some(other) => {
                let pairs = array.values.iter().zip(&other.values);
                let unlike = |(a, b): &(&f64, &f64)| a != b && !(a.is_nan() && b.is_nan());
                let count = pairs.clone().filter(unlike).count();
                if count == 0 {
                    same += 1;
                    continue;
                }
                let most = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, |most, difference| {
                    if difference > most || difference.is_nan() { difference } else { most }
                });
                let _ =
                    writeln!(text, "{name}: {count} of {} numbers differ, by {most:.3e} at most", array.values.len());
            }
        }
    }
    for name in b.keys().filter(|name| !a.contains_key(*name)) {
        text.push_str(&format!("{name}: only in the second file\n"));
    }
    let all_same = text.is_empty();
    let _ = writeln!(text, "{same} arrays are the same");
    (text, all_same)
}

fn by_name(arrays: &Arrays) -> BTreeMap<&str, &Array> {
    arrays.arrays.iter().map(|(name, array)| (name.as_str(), array)).collect()
}
