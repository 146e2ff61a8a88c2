//! Searching the documentation for what Keras calls something finds it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::layer_table::{public, repository};

/// A room of ours, and those of Keras that it is like.
const ROOMS: [(&str, &[&str]); 5] = [
    ("fusion-core/src/layers", &["layers"]),
    ("fusion-core/src/activations", &["activations", "layers"]),
    ("fusion-core/src/losses", &["losses"]),
    ("fusion-core/src/metrics", &["metrics"]),
    ("fusion-core/src/optimizers", &["optimizers"]),
];

/// Capitals and underscores do not count: a search leaves them out of account, and Rust has rules for them.
fn folded(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

/// Names that mean one thing in a room of Keras.
fn spellings(room: &str) -> Vec<Vec<String>> {
    let names = fs::read(repository().join("tests/fixtures/keras/names.json")).unwrap();
    let names: serde_json::Value = serde_json::from_slice(&names).unwrap();
    if room != "layers" {
        let groups = names["spellings"][room].as_array().unwrap().iter();
        return groups.map(|group| group.as_str().unwrap().split(' ').map(str::to_owned).collect()).collect();
    }
    let mut groups: HashMap<&str, Vec<String>> = HashMap::new();
    for name in names["names"].as_object().unwrap().keys() {
        groups.entry(names["aliases"][name].as_str().unwrap_or(name)).or_default().push(name.clone());
    }
    groups.into_values().collect()
}

/// The aliases of each item that is declared in the files of a folder.
fn aliases(folder: &Path, found: &mut HashMap<String, HashSet<String>>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            aliases(&entry, found);
            continue;
        }
        let mut pending: HashSet<String> = HashSet::new();
        for line in fs::read_to_string(&entry).unwrap().lines().map(str::trim) {
            if line.starts_with("#[doc(alias") {
                pending.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
            } else if !line.starts_with("//") && !line.starts_with("#[") {
                // A struct, or what a macro of ours makes one of.
                let item = line.strip_prefix("pub struct ").unwrap_or(line);
                let name: String = item.chars().take_while(|c| c.is_alphanumeric()).collect();
                found.entry(name).or_default().extend(pending.drain());
            }
        }
    }
}

/// What Keras calls this and a search for its name would not find; nothing if Keras has no such thing.
fn missing(name: &str, rooms: &[&str], aliases: &HashSet<String>) -> Vec<String> {
    let groups: Vec<Vec<String>> = rooms.iter().flat_map(|room| spellings(room)).collect();
    let groups = groups.into_iter().filter(|group| group.iter().any(|other| folded(other) == folded(name)));
    let mut known: HashSet<String> = aliases.iter().map(|alias| folded(alias)).collect();
    known.insert(folded(name));
    // A class is written as Keras writes it.
    let is_missing = |other: &String| {
        let class = folded(other) == folded(name) && other.starts_with(char::is_uppercase);
        !known.contains(&folded(other)) || class && other != name && !aliases.contains(other)
    };
    groups.flatten().filter(is_missing).collect()
}

#[test]
fn what_keras_calls_otherwise_has_aliases() {
    let mut without = Vec::new();
    let mut check = |folder: &str, names: &[String], rooms: &[&str]| {
        let mut found = HashMap::new();
        // Some activations are layers too.
        for folder in [folder, "fusion-core/src/activations"] {
            aliases(&repository().join(folder), &mut found);
        }
        for name in names {
            let missing = missing(name, rooms, &found.remove(name).unwrap_or_default());
            if !missing.is_empty() {
                without.push(format!("{folder}: {name} needs #[doc(alias(\"{}\"))]", missing.join("\", \"")));
            }
        }
    };
    for (folder, rooms) in ROOMS {
        check(folder, &public(folder), rooms);
    }
    let callbacks = ["EarlyStopping", "ReduceLrOnPlateau"].map(str::to_owned);
    check("src/training", &callbacks, &["callbacks"]);
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn what_has_no_alias_is_found() {
    let none = HashSet::new();
    assert_eq!(missing("Dense", &["layers"], &none), Vec::<String>::new());
    assert_eq!(missing("OfOurOwn", &["layers"], &none), Vec::<String>::new());
    assert_eq!(missing("Lstm", &["layers"], &none), ["LSTM"]);
    assert_eq!(missing("Silu", &["activations"], &none), ["swish"]);
    let mut pooling = missing("MaxPooling2d", &["layers"], &none);
    pooling.sort();
    assert_eq!(pooling, ["MaxPool2D", "MaxPooling2D"]);
    assert_eq!(missing("MaxPooling2d", &["layers"], &HashSet::from(["MaxPool2D".to_owned()])), ["MaxPooling2D"]);
}
