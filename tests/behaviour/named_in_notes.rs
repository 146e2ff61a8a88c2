//! Who writes `"mse"`, as in Keras, is told which types there are: all of them.

use std::fs;

use super::layer_table::repository;

fn read(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap()
}

/// The types that a room has in a file each, as its `mod.rs` lists them: `file::Type`, `file::{Type, Type}`.
fn types(room: &str) -> Vec<String> {
    let source = read(&format!("{room}/mod.rs"));
    let files = fs::read_dir(repository().join(room)).unwrap().map(|entry| entry.unwrap().path());
    let mut types = Vec::new();
    for file in files.filter(|path| !path.ends_with("mod.rs")) {
        let before = format!("{}::", file.file_stem().unwrap().to_str().unwrap());
        for (at, _) in source.match_indices(&before) {
            // Of what is public by its module alone, users are not told.
            let line = source[..at].rsplit('\n').next().unwrap();
            if line.starts_with("pub use") {
                continue;
            }
            let names = source[at + before.len()..].split([';', '\n']).next().unwrap();
            let names = names.split(['{', '}', ',', ' ']).filter(|name| name.starts_with(char::is_uppercase));
            types.extend(names.map(str::to_owned));
        }
    }
    assert!(types.len() > 1, "{room}: {types:?}");
    types
}

/// The notes of a file name each type of a room.
fn check(room: &str, file: &str, not: &[&str]) {
    let source = read(file);
    let notes: Vec<&str> = source.lines().filter(|line| line.trim_start().starts_with("note = ")).collect();
    for name in types(room).iter().filter(|name| !not.contains(&name.as_str())) {
        let named = |note: &&str| note.contains(&format!("`{name}`"));
        assert!(notes.iter().any(named), "no note in {file} names `{name}`");
    }
}

#[test]
fn every_type_is_named() {
    check("fusion-core/src/losses", "src/training/losses.rs", &[]);
    check("fusion-core/src/metrics", "src/training/metrics.rs", &[]);
    check("fusion-core/src/optimizers", "fusion-core/src/optimizers/mod.rs", &["LearningRate"]);
    check("src/training/callbacks", "src/training/callbacks/mod.rs", &[]);
}
