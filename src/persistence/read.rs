//! Reading weight files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use fusion_core::model::Network;
use fusion_core::shape::Shape;
use fusion_core::weights::{Parameters, walk};

#[cfg(feature = "keras")]
use super::archive;
use super::error::LISTED;
use super::header::{Header, Stored, header_length};
use super::layout::{Expected, LENGTH_BYTES, Layout};
use super::names::Renames;
use super::{MismatchReason, Refusal, TensorMismatch, WeightsError};
use crate::similar::nearest;

/// Reads the model's weights from a file.
pub(super) fn load<N: Network>(model: &mut N, path: &Path) -> Result<(), WeightsError> {
    let bytes = read_file(path, file_limit(&Layout::with_extras(model), path)?)?;
    read(model, &bytes).map_err(|reason| WeightsError::Refused { path: Some(path.into()), reason })
}

/// Reads the model's weights from the bytes of a file.
pub(crate) fn load_from_bytes<N: Network>(model: &mut N, bytes: &[u8]) -> Result<(), WeightsError> {
    read(model, bytes).map_err(|reason| WeightsError::Refused { path: None, reason })
}

/// The largest file of the model of the kind that this file is.
#[cfg(feature = "keras")]
fn file_limit(layout: &Layout, path: &Path) -> Result<usize, WeightsError> {
    let limit = if is_archive(path)? { layout.archive_limit() } else { layout.file_limit() };
    Ok(limit)
}

#[cfg(not(feature = "keras"))]
fn file_limit(layout: &Layout, _: &Path) -> Result<usize, WeightsError> {
    Ok(layout.file_limit())
}

/// Whether a file is of a kind that Keras writes.
#[cfg(feature = "keras")]
pub(super) fn is_archive(path: &Path) -> Result<bool, WeightsError> {
    let mut start = Vec::new();
    let (file, _) = open(path)?;
    file.take(LENGTH_BYTES as u64)
        .read_to_end(&mut start)
        .map_err(|source| WeightsError::Read { path: path.into(), source })?;
    Ok(crate::keras::is_archive(&start))
}

fn read<N: Network>(model: &mut N, bytes: &[u8]) -> Result<(), Refusal> {
    let layout = Layout::with_extras(model);
    #[cfg(feature = "keras")]
    if crate::keras::is_archive(bytes) {
        check_size(bytes.len() as u64, layout.archive_limit())?;
        let archive::Weights { header, data, .. } = archive::read::<N>(bytes, &layout, &Renames::default())?;
        return take(model, &layout, &header, &data);
    }
    let (mut header, data) = header_and_data(&layout, bytes)?;
    header.check_prepared(None)?;
    header.leave_out_sequential(&layout);
    header.translate(N::GRAPH, &layout, &Renames::default())?;
    take(model, &layout, &header, data)
}

/// Takes all tensors, whose names are the model's, from these data.
fn take<N: Network>(model: &mut N, layout: &Layout, header: &Header, data: &[u8]) -> Result<(), Refusal> {
    let values = values::<N>(layout, header, data)?;
    check_values(layout, &values)?;
    assign(model, |index| Some(values[index]));
    Ok(())
}

/// The bytes of each tensor of the layout, in a file of this graph.
pub(super) fn values<'b, N: Network>(
    layout: &Layout,
    header: &Header,
    data: &'b [u8],
) -> Result<Vec<&'b [u8]>, Refusal> {
    let stored = pair(layout, header).map_err(Refusal::Tensors)?;
    header.check_graph(N::GRAPH)?;
    let values = |(expected, stored): (&Expected, &Stored)| &data[stored.begin..][..expected.bytes()];
    Ok(layout.parameters.iter().zip(stored).map(values).collect())
}

/// The header of a file of this layout, and what stands behind it.
pub(super) fn header_and_data<'b>(layout: &Layout, bytes: &'b [u8]) -> Result<(Header, &'b [u8]), Refusal> {
    let total = bytes.len() as u64;
    check_size(total, layout.file_limit())?;
    let header_length = header_length(bytes, total, layout.header_limit())?;
    let (header, data) = bytes[LENGTH_BYTES..].split_at(header_length);
    let header = Header::parse(header)?;
    header.check_length(header_length, total)?;
    header.check_format()?;
    Ok((header, data))
}

/// Whether all values are finite.
fn check_values(layout: &Layout, values: &[&[u8]]) -> Result<(), Refusal> {
    let checked = layout.parameters.iter().zip(values);
    let mismatches: Vec<_> = checked.filter_map(|(expected, values)| not_finite(expected, values)).collect();
    if mismatches.is_empty() { Ok(()) } else { Err(Refusal::Tensors(mismatches)) }
}

/// The whole file, which is read only if it is not too large.
pub(crate) fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, WeightsError> {
    let (file, total) = open(path)?;
    check_size(total, limit).map_err(|reason| WeightsError::Refused { path: Some(path.into()), reason })?;
    // Not larger than the limit, which is a usize; and no more is read should the file grow now.
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(total as usize).map_err(|error| {
        let source = io::Error::new(io::ErrorKind::OutOfMemory, error);
        WeightsError::Read { path: path.into(), source }
    })?;
    file.take(total).read_to_end(&mut bytes).map_err(|source| WeightsError::Read { path: path.into(), source })?;
    Ok(bytes)
}

/// The file and its size. What is no file is refused before it is opened: a pipe would wait for a writer.
pub(super) fn open(path: &Path) -> Result<(File, u64), WeightsError> {
    let opened = || -> io::Result<_> {
        if !fs::metadata(path)?.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        let total = file.metadata()?.len();
        Ok(Some((file, total)))
    };
    let opened = opened().map_err(|source| WeightsError::Read { path: path.into(), source })?;
    opened.ok_or_else(|| WeightsError::Refused { path: Some(path.into()), reason: Refusal::NotAFile })
}

fn check_size(bytes: u64, limit: usize) -> Result<(), Refusal> {
    let limit = limit as u64;
    if bytes <= limit { Ok(()) } else { Err(Refusal::TooLarge { bytes, limit }) }
}

/// The file's tensor for each parameter, or all that does not fit.
pub(super) fn pair<'h>(layout: &Layout, header: &'h Header) -> Result<Vec<&'h Stored>, Vec<TensorMismatch>> {
    let by_name = header.by_name();
    let names = layout.names();
    let unknown: Vec<&str> = header.names().filter(|name| !names.contains(name)).collect();
    let (mut pairs, mut mismatches) = (Vec::new(), Vec::new());
    for expected in &layout.parameters {
        match by_name.get(expected.name.as_str()) {
            Some(stored) => match misfit(expected, stored) {
                Some(reason) => mismatches.push(mismatch(&expected.name, reason)),
                None => pairs.push(*stored),
            },
            None => mismatches.push(mismatch(&expected.name, MismatchReason::Missing { similar: None })),
        }
    }
    suggest(&mut mismatches, &unknown);
    mismatches.extend(unknown.into_iter().map(|name| mismatch(name, MismatchReason::Unknown)));
    if mismatches.is_empty() { Ok(pairs) } else { Err(mismatches) }
}

fn mismatch(tensor: &str, reason: MismatchReason) -> TensorMismatch {
    TensorMismatch { tensor: tensor.into(), reason }
}

/// Says of missing tensors which of the file's may be meant.
fn suggest(mismatches: &mut [TensorMismatch], unknown: &[&str]) {
    // No more than a message shows: each is compared with all the names of the file.
    for TensorMismatch { tensor, reason } in mismatches.iter_mut().take(LISTED) {
        if let MismatchReason::Missing { similar } = reason {
            *similar = nearest(tensor, unknown.iter().copied()).map(str::to_owned);
        }
    }
}

/// Why a tensor of the right name does not fit, going by the header.
pub(super) fn misfit(expected: &Expected, stored: &Stored) -> Option<MismatchReason> {
    if stored.dtype != expected.dtype {
        let (expected, found) = (expected.dtype.to_string(), stored.dtype.to_string());
        return Some(MismatchReason::Dtype { expected, found });
    }
    let fits = stored.shape == expected.shape.dimensions();
    (!fits).then(|| MismatchReason::Shape { expected: expected.shape, found: stored.shape.clone() })
}

/// The first value that is no finite number.
pub(super) fn not_finite(expected: &Expected, bytes: &[u8]) -> Option<TensorMismatch> {
    let (values, _) = bytes.as_chunks();
    let index = values.iter().position(|value| !f32::from_le_bytes(*value).is_finite())?;
    Some(not_finite_at(&expected.name, &expected.shape, index, f32::from_le_bytes(values[index])))
}

/// A value that is no finite number, the one of this index.
pub(super) fn not_finite_at(tensor: &str, shape: &Shape, index: usize, value: f32) -> TensorMismatch {
    mismatch(tensor, MismatchReason::NotFinite { position: position(shape.dimensions(), index), value })
}

/// The index in each dimension of the value at this index of all.
fn position(dimensions: &[usize], mut index: usize) -> Vec<usize> {
    let mut position = vec![0; dimensions.len()];
    for (place, dimension) in position.iter_mut().zip(dimensions).rev() {
        *place = index % dimension;
        index /= dimension;
    }
    position
}

/// Sets the parameters for which there are bytes, by their number in the order of the walk.
pub(super) fn assign<'b, P: Parameters>(model: &mut P, bytes: impl Fn(usize) -> Option<&'b [u8]>) {
    let mut index = 0;
    walk([model], &mut |_, [values]| {
        let (stored, _) = bytes(index).unwrap_or_default().as_chunks();
        for (value, bytes) in values.iter_mut().zip(stored) {
            *value = f32::from_le_bytes(*bytes);
        }
        index += 1;
    });
}
