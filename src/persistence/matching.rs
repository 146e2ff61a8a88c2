//! Loading what fits, for transfer learning.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use fusion_core::Parameters;

use super::header::{Header, Stored, header_length};
use super::layout::{Expected, LENGTH_BYTES, Layout};
use super::read::{assign, misfit, not_finite, open};
use super::{MismatchReason, TensorMismatch, WeightsError};

/// The longest header of another model's file: some thousand tensors.
const HEADER_LIMIT: usize = 1024 * 1024;

/// What [`load_matching`](super::load_matching) took from a file, and what it did not.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "what does not match is left out without an error"]
pub struct Matching {
    /// The model's parameters that now have the file's values, in the model's order.
    pub loaded: Vec<String>,
    /// The model's parameters that the file has no tensor for, in the model's order.
    pub missing: Vec<String>,
    /// The file's tensors that were not taken and why, in the file's order.
    pub unmatched: Vec<TensorMismatch>,
}

impl fmt::Display for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "loaded {} tensors, {} missing, {} unmatched",
            self.loaded.len(),
            self.missing.len(),
            self.unmatched.len()
        )?;
        for missing in &self.missing {
            write!(f, "\n  `{missing}` is missing in the file")?;
        }
        for unmatched in &self.unmatched {
            write!(f, "\n  {unmatched}")?;
        }
        Ok(())
    }
}

/// Reads what fits from a file.
pub(super) fn load_matching<P: Parameters>(model: &mut P, path: &Path) -> Result<Matching, WeightsError> {
    let layout = Layout::of(model);
    let unreadable = |source| WeightsError::Read { path: path.into(), source };
    let (mut file, total) = open(path)?;
    let (mut header, data_begin) = read_header(&mut file, total, &layout, path)?;
    header.leave_out_sequential(&layout);
    let tensors = fitting(&layout, &header);
    let mut values = Vec::new();
    let mut rejected = HashMap::new();
    for (expected, tensor) in layout.parameters.iter().zip(&tensors) {
        let mut bytes = match tensor {
            Some(stored) => Some(read_tensor(&mut file, data_begin, stored, expected).map_err(unreadable)?),
            None => None,
        };
        if let Some(mismatch) = bytes.as_deref().and_then(|bytes| not_finite(expected, bytes)) {
            rejected.insert(expected.name.as_str(), mismatch.reason);
            bytes = None;
        }
        values.push(bytes);
    }
    let matching = report(&layout, &header, &values, &mut rejected);
    assign(model, |index| values[index].as_deref());
    Ok(matching)
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

/// The tensor for each parameter, where one fits.
fn fitting<'h>(layout: &Layout, header: &'h Header) -> Vec<Option<&'h Stored>> {
    let by_name = header.by_name();
    let fitting = |expected: &Expected| {
        by_name.get(expected.name.as_str()).copied().filter(|stored| misfit(expected, stored).is_none())
    };
    layout.parameters.iter().map(fitting).collect()
}

fn read_tensor(file: &mut File, data_begin: usize, stored: &Stored, expected: &Expected) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; expected.bytes()];
    // Within the file, whose length was checked.
    file.seek(SeekFrom::Start((data_begin + stored.begin) as u64))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn report(
    layout: &Layout,
    header: &Header,
    values: &[Option<Vec<u8>>],
    rejected: &mut HashMap<&str, MismatchReason>,
) -> Matching {
    let stored: HashSet<&str> = header.names().collect();
    let expected: HashMap<&str, &Expected> =
        layout.parameters.iter().map(|expected| (expected.name.as_str(), expected)).collect();
    let loaded = layout.parameters.iter().zip(values).filter(|(_, bytes)| bytes.is_some());
    let missing = layout.parameters.iter().filter(|expected| !stored.contains(expected.name.as_str()));
    let unmatched = header.tensors.iter().filter_map(|stored| {
        let reason = match expected.get(stored.name.as_str()) {
            None => MismatchReason::Unknown,
            Some(expected) => misfit(expected, stored).or_else(|| rejected.remove(stored.name.as_str()))?,
        };
        Some(TensorMismatch { tensor: stored.name.clone(), reason })
    });
    Matching {
        loaded: loaded.map(|(expected, _)| expected.name.clone()).collect(),
        missing: missing.map(|expected| expected.name.clone()).collect(),
        unmatched: unmatched.collect(),
    }
}
