//! Loading what fits, for transfer learning.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use fusion_core::model::Network;

use super::header::{Header, Stored, header_length};
use super::layout::{Expected, LENGTH_BYTES, Layout};
use super::names::{Pair, Renames};
use super::places::Places;
use super::read::{assign, misfit, not_finite, open};
use super::report::{Displaced, Matching};
use super::{MismatchReason, Refusal, TensorMismatch, WeightsError};
#[cfg(feature = "keras")]
use super::{
    archive,
    read::{is_archive, read_file},
};

/// The longest header of another model's file: some thousand tensors.
const HEADER_LIMIT: usize = 1024 * 1024;

/// Takes from a file what fits; made by [`WeightFiles::matching_weights`](super::WeightFiles::matching_weights).
#[must_use = "nothing is read before `load`"]
pub struct MatchingWeights<'m, N> {
    network: &'m mut N,
    path: PathBuf,
    renames: Renames,
}

impl<'m, N: Network> MatchingWeights<'m, N> {
    pub(super) fn new(network: &'m mut N, path: &Path) -> Self {
        Self { network, path: path.into(), renames: Renames::default() }
    }

    /// What the file calls `in_file` is `here` in this model: a layer, `dense_2`, a layer within a model,
    /// `encoder/dense`, or one of its weights, `dense/kernel`.
    ///
    /// It is then taken wherever it stands.
    pub fn rename(mut self, in_file: &str, here: &str) -> Self {
        self.renames.add(in_file, here);
        self
    }

    /// Reads what fits: the tensors whose name, dtype and shape are those of a parameter, whose values are finite, and
    /// whose layers are the same as in the file's model.
    ///
    /// A layer that the user did not name, `dense_1`, is left out where it [is another](Displaced) in the file's model;
    /// files that say nothing of that are taken by name. The other parameters stay as they are. The file may be larger
    /// than this model: of safetensors no more than what fits is read, a file of Keras's own kinds is read whole.
    ///
    /// # Errors
    /// [`WeightsError::Read`] if the system cannot read the file; [`WeightsError::Refused`] if it is not a whole
    /// safetensors file, if it or the model does not have a name that was given to
    /// [`rename`](MatchingWeights::rename), or if nothing fits. The model is then as it was.
    pub fn load(mut self) -> Result<Matching, WeightsError> {
        let path = self.path.as_path();
        let unreadable = |source| WeightsError::Read { path: path.into(), source };
        let refused = |reason| WeightsError::Refused { path: Some(path.into()), reason };
        let layout = Layout::of(self.network);
        let (header, mut data, translated) = read_names::<N>(path, &layout, &self.renames)?;
        if translated {
            self.renames = Renames::default();
        }

        let mut found = Found::new::<N>(&layout, &header, &self.renames);
        let mut values = Vec::new();
        for (index, expected) in layout.parameters.iter().enumerate() {
            let Some(stored) = found.taken[index] else {
                values.push(None);
                continue;
            };
            let bytes = data.read(stored, expected).map_err(unreadable)?;
            let mismatch = not_finite(expected, &bytes);
            values.push(mismatch.is_none().then_some(bytes));
            if let Some(TensorMismatch { reason, .. }) = mismatch {
                found.reject(index, reason);
            }
        }
        let matching = found.report(&layout, &header, &self.renames);
        if matching.loaded.is_empty() && !layout.parameters.is_empty() {
            return Err(refused(Refusal::NothingMatches(Box::new(matching))));
        }
        assign(self.network, |index| values[index].as_deref());
        Ok(matching)
    }
}

/// Where the values of a file are.
enum Data {
    /// In the file, behind so many bytes.
    File(File, usize),
    #[cfg(feature = "keras")]
    Bytes(Vec<u8>),
}

impl Data {
    fn read(&mut self, stored: &Stored, expected: &Expected) -> io::Result<Vec<u8>> {
        match self {
            Self::File(file, begin) => read_tensor(file, *begin, stored, expected),
            #[cfg(feature = "keras")]
            Self::Bytes(bytes) => Ok(bytes[stored.begin..][..expected.bytes()].to_vec()),
        }
    }
}

/// The file's tensors, under their names in this model as far as these can be told, where their values are, and whether the
/// names that the user gave are among them.
fn read_names<N: Network>(
    path: &Path,
    layout: &Layout,
    renames: &Renames,
) -> Result<(Header, Data, bool), WeightsError> {
    let refused = |reason| WeightsError::Refused { path: Some(path.into()), reason };
    #[cfg(feature = "keras")]
    if is_archive(path)? {
        let bytes = read_file(path, usize::MAX)?;
        let archive::Weights { header, data, translated } =
            archive::read::<N>(&bytes, layout, renames).map_err(refused)?;
        return Ok((header, Data::Bytes(data), translated));
    }
    let (mut file, total) = open(path)?;
    let (mut header, begin) = read_header(&mut file, total, layout, path)?;
    header.check_prepared(None).map_err(refused)?;
    header.leave_out_sequential(layout);
    renames.check(&header, layout).map_err(refused)?;
    let translated = header.translate(N::GRAPH, layout, renames).map_err(refused)?;
    Ok((header, Data::File(file, begin), translated))
}

/// The header, and where the data begin.
fn read_header(file: &mut File, total: u64, layout: &Layout, path: &Path) -> Result<(Header, usize), WeightsError> {
    let unreadable = |source| WeightsError::Read { path: path.into(), source };
    let refused = |reason| WeightsError::Refused { path: Some(path.into()), reason };
    let mut start = Vec::new();
    file.by_ref().take(LENGTH_BYTES as u64).read_to_end(&mut start).map_err(unreadable)?;
    let limit = HEADER_LIMIT.max(layout.header_limit());
    let length = header_length(&start, total, limit).map_err(refused)?;
    let mut json = vec![0; length];
    file.read_exact(&mut json).map_err(unreadable)?;
    let header = Header::parse(&json).map_err(refused)?;
    header.check_length(length, total).map_err(refused)?;
    Ok((header, LENGTH_BYTES + length))
}

fn read_tensor(file: &mut File, data_begin: usize, stored: &Stored, expected: &Expected) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; expected.bytes()];
    // Within the file, whose length was checked.
    file.seek(SeekFrom::Start((data_begin + stored.begin) as u64))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Which tensor each parameter takes, and why others are not taken.
struct Found<'h> {
    taken: Vec<Option<&'h Stored>>,
    /// By the tensors' names in the file.
    rejected: HashMap<&'h str, MismatchReason>,
    displaced: Vec<Displaced>,
    /// The layers of which each parameter is, where they may be others.
    doubtful: Vec<Option<Displaced>>,
    missing: Vec<String>,
}

impl<'h> Found<'h> {
    fn new<N: Network>(layout: &Layout, header: &'h Header, renames: &Renames) -> Self {
        let pairs = renames.pairs(header);
        let places = header.places.as_ref().map(|file| (Places::as_in(N::GRAPH, file), file));
        let mut found = Self {
            taken: Vec::new(),
            rejected: HashMap::new(),
            displaced: Vec::new(),
            doubtful: vec![None; layout.parameters.len()],
            missing: Vec::new(),
        };
        for (index, expected) in layout.parameters.iter().enumerate() {
            let Some(Pair { stored, .. }) = pairs.get(&expected.name) else {
                found.taken.push(None);
                found.missing.push(expected.name.clone());
                continue;
            };
            found.taken.push(Some(*stored));
            let displaced = places.as_ref().and_then(|(own, file)| pairs[&expected.name].displaced(own, file));
            if let Some(displaced) = displaced {
                found.reject(index, MismatchReason::Displaced);
                if !found.displaced.contains(&displaced) {
                    found.displaced.push(displaced);
                }
            } else if let Some(reason) = misfit(expected, stored) {
                found.reject(index, reason);
            } else {
                let doubtful = places.as_ref().and_then(|(own, file)| pairs[&expected.name].doubtful(own, file));
                found.doubtful[index] = doubtful;
            }
        }
        found
    }

    /// Leaves out what was to be taken for the parameter of this index.
    fn reject(&mut self, index: usize, reason: MismatchReason) {
        if let Some(stored) = self.taken[index].take() {
            self.rejected.insert(&stored.name, reason);
        }
    }

    fn report(mut self, layout: &Layout, header: &Header, renames: &Renames) -> Matching {
        let taken: HashSet<&str> = self.taken.iter().flatten().map(|stored| stored.name.as_str()).collect();
        let known = layout.names();
        let others = header.tensors.iter().filter(|stored| !taken.contains(stored.name.as_str()));
        let unmatched = others.map(|stored| {
            let reason = self.rejected.remove(stored.name.as_str()).unwrap_or_else(|| {
                let here = renames.pair(stored).here;
                if known.contains(here.as_str()) { MismatchReason::Replaced } else { MismatchReason::Unknown }
            });
            TensorMismatch { tensor: stored.name.clone(), reason }
        });
        let unmatched = unmatched.collect();
        let mut doubtful: Vec<Displaced> = Vec::new();
        for (layer, _) in self.doubtful.into_iter().zip(&self.taken).filter(|(_, stored)| stored.is_some()) {
            doubtful.extend(layer.filter(|layer| !doubtful.contains(layer)));
        }
        let loaded = layout.parameters.iter().zip(&self.taken).filter(|(_, stored)| stored.is_some());
        Matching {
            loaded: loaded.map(|(expected, _)| expected.name.clone()).collect(),
            missing: self.missing,
            unmatched,
            displaced: self.displaced,
            doubtful,
        }
    }
}
