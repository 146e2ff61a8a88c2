//! The header of a safetensors file: which tensors it has, and where.
//!
//! The format: <https://huggingface.co/docs/safetensors/index#format>.

use std::collections::{HashMap, HashSet};

use safetensors::Dtype;
use safetensors::tensor::Metadata;

use fusion_core::layer::Graph;
use fusion_core::persistence::{NO_PARAMETER, STRUCTURE_KEY, Structure};

use super::digest::{VERSION, digest};
use super::keras::{Meaning, meaning};
use super::layout::{LENGTH_BYTES, Layout};
use super::names::Renames;
use super::places::{self, Places};
use super::{FIRST_FORMAT, FORMAT, FORMAT_KEY, GRAPH_KEY, INPUTS_KEY, OUTPUTS_KEY, PLACES_KEY, PREPARED_KEY, Refusal};
use crate::nesting::nests_deeper;

/// The longest header that safetensors allows; a larger number at the beginning is something else's bytes.
const FORMAT_LIMIT: u64 = 100_000_000;
/// How deep JSON nests in a header: the header, a tensor, its shape.
const DEPTH: usize = 3;

/// A tensor of the file.
pub(super) struct Stored {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Where its bytes begin, behind the header.
    pub begin: usize,
}

/// What the header says.
pub(super) struct Header {
    /// In the order of their data.
    pub tensors: Vec<Stored>,
    /// How many bytes all tensors have.
    pub data_bytes: usize,
    /// The version of the layout, if the file has one.
    format: Option<String>,
    /// The digest of the graph, if the file has one.
    graph: Option<String>,
    /// The digest of the graph's structure, if the file has one.
    structure: Option<String>,
    /// Of which kind the weights of a prepared model are, if it is a file of one.
    prepared: Option<String>,
    /// Where the layers stand, if the file says it.
    pub places: Option<Places>,
}

/// The length of the header, from the file's first bytes and the number of all of them.
///
/// A header of this length is in the file, and not longer than `limit`.
pub(super) fn header_length(start: &[u8], total: u64, limit: usize) -> Result<usize, Refusal> {
    if total == 0 {
        return Err(Refusal::Empty);
    }
    if let Some(problem) = other_kind(start) {
        return Err(Refusal::NotSafetensors { problem: problem.into() });
    }
    let Some(length) = start.first_chunk::<LENGTH_BYTES>() else {
        return Err(Refusal::NotSafetensors {
            problem: format!("{total} bytes are too few for the length of a header"),
        });
    };
    let length = u64::from_le_bytes(*length);
    if length > FORMAT_LIMIT {
        return Err(Refusal::NotSafetensors { problem: "it does not begin with the length of a header".into() });
    }
    if length > limit as u64 {
        return Err(Refusal::HeaderTooLong { bytes: length, limit: limit as u64 });
    }
    let header_end = LENGTH_BYTES as u64 + length;
    if header_end > total {
        return Err(Refusal::WrongLength { expected: header_end, found: total });
    }
    // Not longer than the limit, which is a usize.
    Ok(length as usize)
}

/// What else the file is, going by its first bytes.
fn other_kind(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"\x89HDF\r\n\x1a\n") {
        return Some("it is an HDF5 file, such as Keras's `.weights.h5`, which is read with fusion's feature `keras`");
    }
    let is_zip = start.starts_with(b"PK\x03\x04");
    is_zip.then_some("it is a ZIP archive, such as Keras's `.keras`, which is read with fusion's feature `keras`")
}

impl Header {
    /// Reads the JSON of a header.
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let refuse = |problem: String| Refusal::NotSafetensors { problem };
        if nests_deeper(json, DEPTH) {
            return Err(refuse("its header nests too deep".into()));
        }
        let metadata: Metadata =
            serde_json::from_slice(json).map_err(|error| refuse(format!("its header: {error}")))?;
        let entry = |key: &str| metadata.metadata().as_ref().and_then(|entries| entries.get(key)).cloned();
        let (format, graph) = (entry(FORMAT_KEY), entry(GRAPH_KEY));
        let (structure, prepared) = (entry(STRUCTURE_KEY), entry(PREPARED_KEY));
        let places = if format.as_deref() == Some(FORMAT) { Some(stored_places(entry)?) } else { None };
        if format.is_some() != graph.is_some() {
            return Err(refuse(format!("its metadata must have both `{FORMAT_KEY}` and `{GRAPH_KEY}`, or neither")));
        }
        let stored = |name: String| {
            let info = metadata.info(&name)?;
            Some(Stored { dtype: info.dtype, shape: info.shape.clone(), begin: info.data_offsets.0, name })
        };
        let mut tensors: Vec<Stored> = metadata.offset_keys().into_iter().filter_map(stored).collect();
        tensors.retain(|stored| !stored.name.starts_with(NO_PARAMETER));
        leave_out_counts(&mut tensors);
        Ok(Self { tensors, data_bytes: metadata.data_len(), format, graph, structure, prepared, places })
    }

    /// The header of a file that has these tensors and says nothing of its graph.
    #[cfg(feature = "keras")]
    pub fn of(tensors: Vec<Stored>, data_bytes: usize) -> Self {
        Self { tensors, data_bytes, format: None, graph: None, structure: None, prepared: None, places: None }
    }

    /// The names of the tensors, in the order of their data.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tensors.iter().map(|stored| stored.name.as_str())
    }

    /// The tensors by their names.
    pub fn by_name(&self) -> HashMap<&str, &Stored> {
        self.names().zip(&self.tensors).collect()
    }

    /// Whether the file ends where its last tensor does.
    pub fn check_length(&self, header_length: usize, total: u64) -> Result<(), Refusal> {
        // Both are at least as wide as a usize, and what saturates is more than any file has.
        let expected = ((LENGTH_BYTES + header_length) as u64).saturating_add(self.data_bytes as u64);
        if expected == total { Ok(()) } else { Err(Refusal::WrongLength { expected, found: total }) }
    }

    /// Whether this version knows the layout.
    pub fn check_format(&self) -> Result<(), Refusal> {
        match &self.format {
            Some(found) if found != FORMAT && found != FIRST_FORMAT => {
                Err(Refusal::UnknownFormat { found: found.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Whether the file is of a prepared model with weights of this kind, or of a model that is not prepared.
    pub fn check_prepared(&self, kind: Option<&'static str>) -> Result<(), Refusal> {
        if self.prepared.as_deref() == kind {
            return Ok(());
        }
        Err(Refusal::Prepared { expected: kind, found: self.prepared.clone() })
    }

    /// Whether the file was saved by a model of this graph, with the same layers in the same places, if it says.
    ///
    /// The digest of a file of the first format covered other things, and is not compared.
    pub fn check_graph(&self, graph: &Graph) -> Result<(), Refusal> {
        let (Some(found), Some(places)) = (&self.graph, &self.places) else { return Ok(()) };
        if !found.starts_with(VERSION) {
            return Err(Refusal::UnknownDigest { found: found.clone() });
        }
        let (expected, own) = (digest(graph), Places::as_in(graph, places));
        let displaced = own.all_displaced(places);
        if *found != expected {
            return Err(Refusal::OtherGraph { expected, found: found.clone(), displaced });
        }
        if !displaced.is_empty() {
            return Err(Refusal::OtherOrder { displaced });
        }
        let structure = Structure::of(graph);
        if self.structure.as_deref().is_some_and(|found| found != structure.as_str()) {
            return Err(Refusal::contradiction(STRUCTURE_KEY));
        }
        if places.agree(&own) { Ok(()) } else { Err(Refusal::contradiction(PLACES_KEY)) }
    }

    /// Leaves out the name of a Keras `Sequential`, which begins all of its names, `sequential/dense/kernel`.
    ///
    /// Keras's functional models do not put their name there, nor does this crate.
    pub fn leave_out_sequential(&mut self, layout: &Layout) {
        let known = layout.names();
        if self.graph.is_some() || self.names().any(|name| known.contains(name)) {
            return;
        }
        let Some(prefix) = self.names().next().and_then(|first| first.split_inclusive('/').next()) else { return };
        let rests: Option<Vec<&str>> = self.names().map(|name| name.strip_prefix(prefix)).collect();
        let Some(rests) = rests.filter(|rests| rests.iter().any(|rest| known.contains(rest))) else { return };
        let rests: Vec<String> = rests.into_iter().map(str::to_owned).collect();
        for (tensor, rest) in self.tensors.iter_mut().zip(rests) {
            tensor.name = rest;
        }
    }

    /// Calls the tensors of a file with Keras's own paths what they are in this model, with what the user renamed, and
    /// says whether it did.
    ///
    /// Names that all are the model's are left as they are, and so are those of a file of another model.
    pub fn translate(&mut self, graph: &'static Graph, layout: &Layout, renames: &Renames) -> Result<bool, Refusal> {
        let known = layout.names();
        if self.graph.is_some() || self.names().all(|name| known.contains(name)) {
            return Ok(false);
        }
        match meaning(graph, layout, self, renames) {
            Meaning::Another => Ok(false),
            Meaning::Told(names) => {
                self.tensors.iter_mut().zip(names).for_each(|(tensor, name)| tensor.name = name);
                Ok(true)
            }
            Meaning::Open { layer, may_be } => Err(Refusal::Ambiguous { layer, may_be }),
        }
    }
}

/// Leaves out `normalization/count`, which Keras writes beside mean and variance and never reads.
fn leave_out_counts(tensors: &mut Vec<Stored>) {
    let beside: HashSet<String> = tensors.iter().map(|stored| stored.name.clone()).collect();
    tensors.retain(|stored| {
        let Some(layer) = stored.name.strip_suffix("count") else { return true };
        let is_number = stored.shape.is_empty() && stored.dtype != Dtype::F32;
        !(is_number && ["mean", "variance"].iter().all(|name| beside.contains(&format!("{layer}{name}"))))
    });
}

/// Where the layers stand, as the metadata of the newest format say.
fn stored_places(entry: impl Fn(&str) -> Option<String>) -> Result<Places, Refusal> {
    let required = |key| {
        let problem = || format!("its metadata of format `{FORMAT}` must have `{key}`");
        entry(key).ok_or_else(|| Refusal::NotSafetensors { problem: problem() })
    };
    let names = |text: String| text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let (inputs, outputs) = (names(required(INPUTS_KEY)?), names(required(OUTPUTS_KEY)?));
    places::parse(&required(PLACES_KEY)?, inputs, outputs)
}
