//! Weights in Keras 3's groups, as an HDF5 file; and such a file with a configuration, as an archive.

use std::io::{Cursor, Write};

use hdf5_pure::{AttrValue, FileBuilder, FinishedGroup, GroupBuilder, LibVer};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::KerasError;
use super::open::{CONFIG, WEIGHTS};
use super::tree::{Group, OWN, damaged};

/// The version of Keras whose configurations are written. No date stands beside it, as the same model is to give the same
/// bytes: that of a ZIP archive without one.
const METADATA: &str = r#"{"keras_version": "3.15.1", "date_saved": "1980-01-01@00:00:00"}"#;

/// The bytes of a `.keras` with this configuration and these weights.
pub(crate) fn archive(config: &str, weights: &[u8]) -> Result<Vec<u8>, KerasError> {
    let wrong = |error: String| KerasError::Zip { problem: error };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("metadata.json", METADATA.as_bytes()), (CONFIG, config.as_bytes()), (WEIGHTS, weights)] {
        let large = u32::try_from(bytes.len()).is_err();
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(large);
        zip.start_file(name, options).map_err(|error| wrong(error.to_string()))?;
        zip.write_all(bytes).map_err(|error| wrong(error.to_string()))?;
    }
    let file = zip.finish().map_err(|error| wrong(error.to_string()))?;
    Ok(file.into_inner())
}

/// The bytes of a `.weights.h5` with these groups.
pub(crate) fn weights(model: &Group) -> Result<Vec<u8>, KerasError> {
    let mut file = FileBuilder::new();
    // What every libhdf5 since 2008 reads.
    file.with_libver_bounds(LibVer::Earliest, LibVer::V18);
    let own = own(file.create_group(OWN), model);
    file.add_group(own);
    for (name, inside) in &model.inside {
        let group = group(file.create_group(name), inside);
        file.add_group(group);
    }
    file.finish().map_err(|error| damaged("", &error))
}

fn group(mut builder: GroupBuilder, from: &Group) -> FinishedGroup {
    if !from.is_list {
        let own = own(builder.create_group(OWN), from);
        builder.add_group(own);
    }
    for (name, inside) in &from.inside {
        let group = group(builder.create_group(name), inside);
        builder.add_group(group);
    }
    builder.finish()
}

/// A layer's own arrays, by their numbers.
fn own(mut builder: GroupBuilder, of: &Group) -> FinishedGroup {
    if let Some(name) = &of.name {
        builder.set_attr("name", AttrValue::VarLenString(name.clone()));
    }
    for (number, array) in of.own.iter().enumerate() {
        let shape: Vec<u64> = array.shape.iter().map(|dimension| *dimension as u64).collect();
        builder.create_dataset(&number.to_string()).with_f32_data(&array.values).with_shape(&shape);
    }
    if of.counts {
        builder.create_dataset(&of.own.len().to_string()).with_i64_data(&[0]).with_shape(&[]);
    }
    builder.finish()
}
