//! Keras's own files of the models of `names.json`, whose weights are full of their numbers: `files.zip` are of Keras 3,
//! `files_of_keras_2.zip` of Keras 2.

mod damaged;
mod reading;
mod whole;
mod writing;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use fusion::prelude::*;
use fusion::weights::{walk, walk_ref};
use zip::ZipArchive;

const OF_KERAS_3: &str = "files.zip";
const OF_KERAS_2: &str = "files_of_keras_2.zip";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keras")
}

fn open(archive: &str) -> ZipArchive<File> {
    ZipArchive::new(File::open(fixtures().join(archive)).unwrap()).unwrap()
}

/// All files of an archive, by their names.
fn all(archive: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
    let names: Vec<String> = open(archive).file_names().map(|name| name.unwrap().into_owned()).collect();
    names.into_iter().map(move |name| {
        let bytes = file(archive, &name).unwrap();
        (name, bytes)
    })
}

/// The file of this name, if there is one.
fn file(archive: &str, name: &str) -> Option<Vec<u8>> {
    let (mut archive, mut bytes) = (open(archive), Vec::new());
    archive.by_name(name).ok()?.read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

/// Loads a model of `names.json` from each file of it that there is: its weights must have their numbers.
#[track_caller]
pub fn loads<M: Model>(model: &mut M, name: &str) {
    for suffix in [".keras", ".weights.h5", ".h5"] {
        check(model, &file(OF_KERAS_3, &format!("{name}{suffix}")).unwrap(), &format!("{name}{suffix}"));
    }
    if let Some(bytes) = file(OF_KERAS_2, &format!("{name}.h5")) {
        check(model, &bytes, &format!("{name}.h5 of Keras 2"));
    }
    writing::check(model, name);
}

#[track_caller]
fn check<M: Model>(model: &mut M, bytes: &[u8], name: &str) {
    clear(model);
    model.load_weights_from_bytes(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut numbers = vec![];
    walk_ref(model.network(), &mut |_, values| {
        assert!(values.iter().all(|value| *value == values[0]));
        numbers.push(values[0] as usize);
    });
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{name}");
}

/// Fills all weights with 0.
fn clear<M: Model>(model: &mut M) {
    walk([model.network_mut()], &mut |_, [values]| values.fill(0.0));
}
