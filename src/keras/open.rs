//! Which kind of file it is, and what is in it.

use std::io::{Cursor, Read};

use hdf5_pure::File;
use zip::ZipArchive;

use super::config;
use super::source::Limited;
use super::tree::{Budget, Group, attribute, damaged};
use super::{Archive, KerasError, Source, legacy};

const ZIP: &[u8] = b"PK\x03\x04";
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";
/// The files within a `.keras`.
pub(super) const CONFIG: &str = "config.json";
pub(super) const WEIGHTS: &str = "model.weights.h5";
/// Keras stores without packing; of what was packed anew no more comes out than so many times as much.
const LARGEST_RATIO: u64 = 16;
const ALLOWANCE: u64 = 1024 * 1024;
/// Where Keras 2 keeps a whole model's weights.
const LEGACY: &str = "model_weights";
/// Where Keras 3 keeps a model's layers, and where its first version did.
const LAYERS: [&str; 2] = ["layers", "_layer_checkpoint_dependencies"];

/// Whether a file that begins with these bytes is of a kind that Keras writes.
pub(crate) fn is_archive(start: &[u8]) -> bool {
    start.starts_with(HDF5) || start.starts_with(ZIP)
}

pub(super) fn open(bytes: &[u8]) -> Result<Archive, KerasError> {
    if bytes.starts_with(HDF5) {
        return read(bytes.to_vec(), None);
    }
    if !bytes.starts_with(ZIP) {
        return Err(KerasError::UnknownKind);
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| wrong(&error))?;
    let limit = LARGEST_RATIO * bytes.len() as u64 + ALLOWANCE;
    let weights = unpack(&mut zip, WEIGHTS, limit)?;
    let json = unpack(&mut zip, CONFIG, config::LONGEST as u64)?;
    let json = String::from_utf8(json).map_err(|_| KerasError::Config { problem: "it is not UTF-8".into() })?;
    read(weights, Some(&json))
}

fn wrong(error: &impl ToString) -> KerasError {
    KerasError::Zip { problem: error.to_string() }
}

/// The bytes of a file of the archive, whatever it says that they are.
fn unpack(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, limit: u64) -> Result<Vec<u8>, KerasError> {
    let file = zip.by_name(name).map_err(|error| KerasError::Zip { problem: format!("`{name}`: {error}") })?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    if bytes.len() as u64 > limit {
        return Err(KerasError::TooMuch { what: "bytes when unpacked", limit });
    }
    Ok(bytes)
}

/// Reads an HDF5 file, with the configuration beside it.
fn read(bytes: Vec<u8>, json: Option<&str>) -> Result<Archive, KerasError> {
    let mut budget = Budget::of(&bytes);
    let file = File::from_source(Limited::new(bytes)).map_err(|error| damaged("", &error))?;
    let root = file.root();
    let groups = root.groups().map_err(|error| damaged("", &error))?;
    if groups.iter().any(|name| name == LEGACY) {
        let inside = attribute(&root, "model_config")?.and_then(|texts| texts.into_iter().next());
        let weights = root.group(LEGACY).map_err(|error| damaged(LEGACY, &error))?;
        let config = json.map(str::to_owned).or(inside).map(|json| config::parse(&json)).transpose()?;
        return Archive::new(Source::Named(legacy::read(&weights, &mut budget)?), config);
    }
    let config = json.map(config::parse).transpose()?;
    if attribute(&root, "layer_names")?.is_some() {
        return Archive::new(Source::Named(legacy::read(&root, &mut budget)?), config);
    }
    let layers = LAYERS.into_iter().find(|layers| groups.iter().any(|name| name == layers));
    let layers = layers.ok_or(KerasError::NoWeights)?;
    let inside = root.group(layers).map_err(|error| damaged(layers, &error))?;
    Archive::new(Source::Groups(Group::read(&inside, layers, &mut budget)?), config)
}
