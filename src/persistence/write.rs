//! Writing weight files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use fusion_core::kernels::first_not_finite;
use fusion_core::model::Network;
use fusion_core::weights::{Parameters, walk_ref};

use super::layout::{LENGTH_BYTES, Layout};
use super::places::{Places, to_text};
use super::read::not_finite_at;
use super::{
    FORMAT, FORMAT_KEY, GRAPH_KEY, INPUTS_KEY, OUTPUTS_KEY, PLACES_KEY, Refusal, TensorMismatch, WeightsError, digest,
};

/// How many numbers become bytes at a time.
const CHUNK: usize = 4096;
/// How many names are tried for the new file. Each process counts them up, so one is usually enough.
const ATTEMPTS: usize = 100;

/// The bytes of the model's file.
pub(super) fn to_bytes<N: Network>(model: &N) -> Vec<u8> {
    let layout = Layout::of(model);
    let header = header::<N>(&layout);
    let mut bytes = Vec::with_capacity(header.len() + layout.data_bytes());
    bytes.extend(header);
    for_each_chunk(model, &mut |chunk| bytes.extend_from_slice(chunk));
    bytes
}

/// Writes the model's file beside `path` and then renames it.
pub(crate) fn save<N: Network>(model: &N, path: &Path) -> Result<(), WeightsError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        // Renaming over a device such as /dev/null would replace it.
        return Err(WeightsError::Refused { path: Some(path.into()), reason: Refusal::NotAFile });
    }
    let tensors = not_finite(model);
    if !tensors.is_empty() {
        return Err(WeightsError::NotFinite { path: path.into(), tensors });
    }
    let header = header::<N>(&Layout::of(model));
    let write = |file: &File| write(model, &header, file);
    replace(path, write).map_err(|source| WeightsError::Write { path: path.into(), source })
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

/// The length of the header and the header itself, with spaces up to the next eight bytes.
fn header<N: Network>(layout: &Layout) -> Vec<u8> {
    let places = Places::of(N::GRAPH);
    let metadata = [
        (FORMAT_KEY, FORMAT.to_owned()),
        (GRAPH_KEY, digest(N::GRAPH)),
        (INPUTS_KEY, places.inputs.join(",")),
        (OUTPUTS_KEY, places.outputs.join(",")),
        (PLACES_KEY, to_text(&places)),
    ];
    let metadata = metadata.map(|(key, value)| format!(r#""{key}":{}"#, serde_json::Value::from(value))).join(",");
    let mut json = format!(r#"{{"__metadata__":{{{metadata}}}"#);
    let mut begin = 0;
    for parameter in &layout.parameters {
        let name = serde_json::Value::from(parameter.name.as_str());
        let (shape, end) = (parameter.shape, begin + parameter.bytes());
        json += &format!(r#",{name}:{{"dtype":"F32","shape":{shape},"data_offsets":[{begin},{end}]}}"#);
        begin = end;
    }
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

fn write<P: Parameters>(model: &P, header: &[u8], file: &File) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    let mut written = writer.write_all(header);
    for_each_chunk(model, &mut |chunk| {
        if written.is_ok() {
            written = writer.write_all(chunk);
        }
    });
    written?;
    writer.flush()
}

/// Gives `path` to a new file with what `write` writes; on an error, the old one stays and the new one goes.
pub(super) fn replace(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    if path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"));
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (file, temporary) = Temporary::create_in(directory)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    write(&file)?;
    file.sync_all()?;
    // Windows does not rename an open file.
    drop(file);
    temporary.rename(path)?;
    // The name, too, should outlast a power failure. Not every system can sync a directory; the file is whole anyway.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// A file that is removed unless it is renamed.
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// A new file of a name that no other has.
    fn create_in(directory: &Path) -> io::Result<(File, Self)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut last = io::ErrorKind::AlreadyExists.into();
        for _ in 0..ATTEMPTS {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = directory.join(format!(".fusion-{}-{count}.tmp", process::id()));
            match File::create_new(&path) {
                Ok(file) => return Ok((file, Self { path, renamed: false })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // The error that led here is the one to report.
            let _ = fs::remove_file(&self.path);
        }
    }
}
