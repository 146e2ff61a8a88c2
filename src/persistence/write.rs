//! Writing weight files.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use fusion_core::kernels::first_not_finite;
use fusion_core::model::Network;
use fusion_core::persistence::{STRUCTURE_KEY, Structure};
use fusion_core::weights::{Parameters, walk_ref};

use super::extras::Extra;
use super::layout::{LENGTH_BYTES, Layout};
use super::places::{Places, to_text};
use super::read::not_finite_at;
use super::replace::replace;
use super::{
    FORMAT, FORMAT_KEY, GRAPH_KEY, INPUTS_KEY, OUTPUTS_KEY, PLACES_KEY, PREPARED_KEY, Refusal, TensorMismatch,
    WeightsError, digest,
};

/// Shows the bytes of all values to what it is given, a few at a time.
type EachChunk<'a> = dyn FnMut(&mut dyn FnMut(&[u8])) + 'a;

/// How many numbers become bytes at a time.
const CHUNK: usize = 4096;

/// The bytes of the model's file.
pub(crate) fn to_bytes<N: Network>(model: &N, extras: &[Extra]) -> Vec<u8> {
    let layout = Layout::of(model);
    let header = header::<N>(&layout, extras, None);
    let mut bytes = Vec::with_capacity(header.len() + layout.data_bytes());
    bytes.extend(header);
    for_each_chunk(model, &mut |chunk| bytes.extend_from_slice(chunk));
    extras.iter().for_each(|extra| bytes.extend_from_slice(&extra.bytes));
    bytes
}

/// Writes the model's file beside `path` and then renames it.
pub(crate) fn save<N: Network>(model: &N, extras: &[Extra], path: &Path) -> Result<(), WeightsError> {
    check_place(path)?;
    check_finite(model, path)?;
    let header = header::<N>(&Layout::of(model), extras, None);
    write_file(path, &header, &mut |show| {
        for_each_chunk(model, show);
        extras.iter().for_each(|extra| show(&extra.bytes));
    })
}

/// Writes the model's file, of the kind that the path's ending says.
pub(crate) fn save_as<N: Network>(model: &N, path: &Path) -> Result<(), WeightsError> {
    if !is_kerass(path) {
        return save(model, &[], path);
    }
    #[cfg(feature = "keras")]
    return super::groups::save(model, path);
    #[cfg(not(feature = "keras"))]
    Err(without_feature(path))
}

/// Fails where the path's ending says that it is Keras's own kind of file, and what is written is not.
pub(super) fn check_ending(path: &Path) -> Result<(), WeightsError> {
    if is_kerass(path) {
        let problem = "this is safetensors: give it another ending than `.weights.h5`";
        return Err(WeightsError::Refused {
            path: Some(path.into()),
            reason: Refusal::NotForKeras { problem: problem.into() },
        });
    }
    Ok(())
}

/// Whether a path is that of a weight file of Keras's own, as Keras itself tells it.
fn is_kerass(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(b".weights.h5"))
}

/// Such a file is not written.
#[cfg(not(feature = "keras"))]
fn without_feature(path: &Path) -> WeightsError {
    let problem = "that takes fusion's feature `keras`; a path with another ending gets safetensors";
    WeightsError::Refused { path: Some(path.into()), reason: Refusal::NotForKeras { problem: problem.into() } }
}

/// What is something else than a file is not replaced: renaming over a device such as /dev/null would do so.
pub(super) fn check_place(path: &Path) -> Result<(), WeightsError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(WeightsError::Refused { path: Some(path.into()), reason: Refusal::NotAFile });
    }
    Ok(())
}

/// Writes a file beside `path`, which [is one](check_place), and then renames it: a header, and the bytes that are shown.
pub(super) fn write_file(path: &Path, header: &[u8], each: &mut EachChunk<'_>) -> Result<(), WeightsError> {
    replace(path, |file| write(header, each, file)).map_err(|source| WeightsError::Write { path: path.into(), source })
}

/// Weights that could not be loaded again are not written.
pub(crate) fn check_finite<P: Parameters>(model: &P, path: &Path) -> Result<(), WeightsError> {
    let tensors = not_finite(model);
    if tensors.is_empty() { Ok(()) } else { Err(WeightsError::NotFinite { path: path.into(), tensors }) }
}

/// The parameters with values that are no finite numbers.
fn not_finite<P: Parameters>(model: &P) -> Vec<TensorMismatch> {
    let mut found = Vec::new();
    walk_ref(model, &mut |parameter, values| {
        if let Some(index) = first_not_finite(values) {
            found.push(not_finite_at(&parameter.to_string(), &parameter.array.shape, index, values[index]));
        }
    });
    found
}

/// The length of the header and the header itself, with spaces up to the next eight bytes; of a prepared model the kind of
/// its weights too.
pub(super) fn header<N: Network>(layout: &Layout, extras: &[Extra], prepared: Option<&str>) -> Vec<u8> {
    let places = Places::of(N::GRAPH);
    let metadata = [
        (FORMAT_KEY, FORMAT.to_owned()),
        (GRAPH_KEY, digest(N::GRAPH)),
        (INPUTS_KEY, places.inputs.join(",")),
        (OUTPUTS_KEY, places.outputs.join(",")),
        (PLACES_KEY, to_text(&places)),
        (STRUCTURE_KEY, Structure::of(N::GRAPH).as_str().to_owned()),
    ];
    let metadata = metadata.into_iter().chain(prepared.map(|kind| (PREPARED_KEY, kind.to_owned())));
    let metadata = metadata.map(|(key, value)| format!(r#""{key}":{}"#, serde_json::Value::from(value)));
    let metadata = metadata.collect::<Vec<_>>().join(",");
    let mut json = format!(r#"{{"__metadata__":{{{metadata}}}"#);
    let mut begin = 0;
    let mut tensor = |name: &str, dtype: &dyn Display, shape: &dyn Display, bytes: usize| {
        let (name, end) = (serde_json::Value::from(name), begin + bytes);
        json += &format!(r#",{name}:{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#);
        begin = end;
    };
    layout.parameters.iter().for_each(|of| tensor(&of.name, &of.dtype, &of.shape, of.bytes()));
    extras.iter().for_each(|extra| tensor(&extra.name, &extra.dtype, &extra.shape, extra.bytes.len()));
    json.push('}');
    let length = json.len().next_multiple_of(LENGTH_BYTES);
    let mut bytes = (length as u64).to_le_bytes().to_vec();
    bytes.extend(json.into_bytes());
    bytes.resize(LENGTH_BYTES + length, b' ');
    bytes
}

/// Shows all values as bytes, a few at a time: there is no second copy of the model.
fn for_each_chunk<P: Parameters>(model: &P, show: &mut dyn FnMut(&[u8])) {
    let mut buffer = vec![[0; size_of::<f32>()]; CHUNK];
    walk_ref(model, &mut |_, values| {
        for chunk in values.chunks(CHUNK) {
            let bytes = &mut buffer[..chunk.len()];
            for (bytes, value) in bytes.iter_mut().zip(chunk) {
                *bytes = value.to_le_bytes();
            }
            show(bytes.as_flattened());
        }
    });
}

fn write(header: &[u8], each: &mut EachChunk<'_>, file: &File) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    let mut written = writer.write_all(header);
    each(&mut |chunk| {
        if written.is_ok() {
            written = writer.write_all(chunk);
        }
    });
    written?;
    writer.flush()
}
