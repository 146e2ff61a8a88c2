//! Files for Keras. `tools/keras/load.py` has loaded them, and `written.json` says which: their hashes.

use std::env;
use std::fs;
use std::path::Path;

use fusion::keras::Archive;
use fusion::prelude::*;

use super::fixtures;

/// Where these tests write the files to, for Keras to load them.
pub const FILES: &str = "FUSION_KERAS_FILES";

/// Writes a model of `names.json` whose weights are full of their numbers, and loads it again: it must be the file that Keras
/// has loaded.
#[track_caller]
pub fn check<M: Model>(model: &mut M, name: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(format!("{name}.weights.h5"));
    model.save_weights(&path).unwrap();
    let (bytes, before) = (fs::read(&path).unwrap(), model.weights_to_bytes());
    super::clear(model);
    model.load_weights(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(model.weights_to_bytes(), before, "{name}");
    if let Some(files) = env::var_os(FILES) {
        fs::copy(&path, Path::new(&files).join(format!("{name}.weights.h5"))).unwrap();
        return;
    }
    let loaded: serde_json::Value =
        serde_json::from_slice(&fs::read(fixtures().join("written.json")).unwrap()).unwrap();
    assert_eq!(
        loaded[name],
        format!("{:016x}", hash(&bytes)),
        "{name} is not what Keras has loaded: tools/keras/load.py"
    );
}

/// FNV-1a.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

model! { struct Net = [f32; 3] => BatchNormalization<_> => Normalization<_> => Dense<_, 2>; }

#[test]
fn what_is_trained_stands_before_what_is_not() {
    let mut net = Net::new(1);
    net.batch_normalization.moving_mean = [7.0; 3];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("net.weights.h5");
    net.save_weights(&path).unwrap();
    let archive = Archive::open(&path).unwrap();
    let names = archive.layers().iter().map(|layer| {
        let weights: Vec<&str> = layer.weights.iter().map(|weight| weight.name.as_str()).collect();
        (layer.path.join("/"), weights.join(" "))
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    let expected = [
        ("batch_normalization", "gamma beta moving_mean moving_variance"),
        ("dense", "kernel bias"),
        ("normalization", "mean variance"),
    ];
    assert_eq!(names, expected.map(|(layer, weights)| (layer.to_owned(), weights.to_owned())));
}

/// An error leaves what was there.
#[test]
fn what_is_not_written_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("net.weights.h5");
    let mut net = Net::new(1);
    net.save_weights(&path).unwrap();
    let before = fs::read(&path).unwrap();
    net.dense.bias[1] = f32::NAN;
    let error = net.save_weights(&path).unwrap_err().to_string();
    assert!(error.contains("`dense/bias` has the value NaN at [1]"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
}

model! {
    struct Sides {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<_, 2>;
        branch y = b => Dense<_, 2>;
        output z = add(x, y);
    }
}
model! {
    struct Turned {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<_, 2>;
        branch y = b => Dense<_, 2>;
        output z = add(y, x);
    }
}

/// By its name a layer is one, by its place another: nothing but the user says which.
#[test]
fn names_that_contradict_places_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sides.weights.h5");
    let sides = Sides::new(1);
    sides.save_weights(&path).unwrap();
    let mut turned = Turned::new(2);
    let before = turned.weights_to_bytes();
    let error = turned.load_weights(&path).unwrap_err().to_string();
    assert!(error.contains("`dense` may be `dense` or `dense_1` of this model"), "{error}");
    assert_eq!(turned.weights_to_bytes(), before);
    let matching = turned.matching_weights(&path).rename("dense", "dense_1").rename("dense_1", "dense").load().unwrap();
    assert_eq!(matching.loaded.len(), 4);
    assert_eq!((&turned.dense, &turned.dense_1), (&sides.dense_1, &sides.dense));
}

/// What does not fit is said as of any file, and in the names of this model.
#[test]
fn what_does_not_fit_is_named() {
    model! { struct Wide = [f32; 3] => BatchNormalization<_> => Normalization<_> => last: Dense<_, 4>; }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("net.weights.h5");
    Net::new(1).save_weights(&path).unwrap();
    let mut wide = Wide::new(1);
    let error = wide.load_weights(&path).unwrap_err().to_string();
    assert!(error.contains("`last/kernel` has shape [3, 2] in the file, but [3, 4] in the model"), "{error}");
    let matching = wide.load_matching_weights(&path).unwrap();
    assert_eq!(matching.loaded.len(), 6);
}

model! {
    struct Coder {
        input a: [f32; 3];
        layer head: Dense<4, 3>;
        branch h = a => Dense<_, 4> => Dropout(0.5);
        branch decoded = h => head;
        output z = add(a, decoded);
    }
}
model! { struct Around = [f32; 3] => Coder => Dense<_, 1>; }

/// Layers without weights have a group too, and a layer that is declared first may be the last one.
#[test]
fn a_model_within_is_written_with_all_its_layers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("around.weights.h5");
    let around = Around::new(1);
    around.save_weights(&path).unwrap();
    let archive = Archive::open(&path).unwrap();
    let mut paths: Vec<String> = archive.layers().iter().map(|layer| layer.path.join("/")).collect();
    paths.sort();
    assert_eq!(paths, ["coder/dense", "coder/head", "dense"]);
    let mut other = Around::new(2);
    other.load_weights(&path).unwrap();
    assert_eq!(other.weights_to_bytes(), around.weights_to_bytes());
}

/// A file without them could not be loaded again.
#[test]
fn weights_that_no_output_needs_are_refused() {
    model! {
        struct Unused {
            input a: [f32; 3];
            branch _aside = a => Dense<_, 2>;
            output z = a => Dense<_, 1>;
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("unused.weights.h5");
    let error = Unused::new(1).save_weights(&path).unwrap_err().to_string();
    assert!(error.contains("no output needs `dense/"), "{error}");
    assert!(!path.exists());
}

/// Whoever asks for Keras's ending gets Keras's file, or an error.
#[test]
fn the_ending_says_what_is_written_wherever_weights_are() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("best.weights.h5");
    let mut net = Net::new(1);
    let (x, y) = (vec![[0.5; 3]; 4], vec![[1.0; 2]; 4]);
    let mut trainer =
        Trainer::new(&mut net, Adam::default(), MeanSquaredError).verbose(false).callback(ModelCheckpoint::new(&path));
    trainer.fit(&x, &y).unwrap();
    assert!(Archive::open(&path).is_ok());
    let other = directory.path().join("other.weights.h5");
    for error in [net.weights_file().save(&other).unwrap_err(), net.prepare().save_weights(&other).unwrap_err()] {
        assert!(error.to_string().contains("give it another ending than `.weights.h5`"), "{error}");
    }
    assert!(!other.exists());
}
