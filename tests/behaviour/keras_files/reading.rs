//! What an `Archive` finds in a file.

use fusion::keras::{Archive, KerasError};

use super::{OF_KERAS_2, OF_KERAS_3, all, file, fixtures};

/// The paths of a model's weights in Keras, in its order.
fn paths(model: &str) -> Vec<String> {
    let names: serde_json::Value =
        serde_json::from_slice(&std::fs::read(fixtures().join("names.json")).unwrap()).unwrap();
    let weights = names["models"][model]["weights"].as_array().unwrap_or_else(|| panic!("no {model}"));
    weights.iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

/// Each weight with the path it has below the file's model, and the number that it is full of.
fn numbered(archive: &Archive) -> Vec<(String, usize)> {
    let weights = archive.layers().iter().flat_map(|layer| layer.weights.iter().map(move |weight| (layer, weight)));
    let numbered = weights.map(|(layer, weight)| {
        assert_eq!(weight.values.len(), weight.shape.iter().product::<usize>());
        assert!(weight.values.iter().all(|value| *value == weight.values[0]));
        (format!("{}/{}", layer.path.join("/"), weight.name), weight.values[0] as usize)
    });
    numbered.collect()
}

/// Keras leaves out the names of functional models, and puts that of a sequential one before all.
fn is_path(found: &str, path: &str) -> bool {
    found == path || found.ends_with(&format!("/{path}")) || path.ends_with(&format!("/{found}"))
}

#[test]
fn every_weight_has_the_name_that_keras_gives_it() {
    for (name, bytes) in all(OF_KERAS_3) {
        let archive = Archive::from_bytes(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let has_config = !name.ends_with(".weights.h5");
        assert_eq!(archive.config().is_some(), has_config, "{name}");
        let paths = paths(name.split('.').next().unwrap());
        let found = numbered(&archive);
        assert_eq!(found.len(), paths.len(), "{name}: {found:?}");
        for (path, number) in found {
            assert!(is_path(&path, &paths[number - 1]), "{name}: `{path}` is `{}`", paths[number - 1]);
        }
    }
}

#[test]
fn a_configuration_beside_a_file_changes_no_name_that_the_file_has() {
    for (name, bytes) in all(OF_KERAS_3).filter(|(name, _)| name.ends_with(".keras")) {
        let whole = Archive::from_bytes(&bytes).unwrap();
        let weights = file(OF_KERAS_3, &name.replace(".keras", ".weights.h5")).unwrap();
        let json = whole.config().unwrap().to_string();
        let beside = Archive::from_bytes(&weights).unwrap().with_config(&json).unwrap();
        assert_eq!(beside.layers(), whole.layers(), "{name}");
    }
}

/// Keras 2 numbers some layers otherwise, and its weights come in another order; their number and names are the same.
#[test]
fn files_of_keras_2_have_the_same_weights() {
    for (name, bytes) in all(OF_KERAS_2) {
        let archive = Archive::from_bytes(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(archive.config().unwrap()["class_name"].is_string(), "{name}");
        let mut found = numbered(&archive);
        found.sort_by_key(|(_, number)| *number);
        let own = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let mut names: Vec<String> = found.iter().map(|(path, _)| own(path)).collect();
        let mut expected: Vec<String> = paths(name.split('.').next().unwrap()).iter().map(|path| own(path)).collect();
        names.sort();
        expected.sort();
        assert_eq!(names, expected, "{name}");
    }
}

#[test]
fn what_is_no_file_of_kerass_says_so() {
    let error = |bytes: &[u8]| Archive::from_bytes(bytes).unwrap_err();
    assert!(matches!(error(b""), KerasError::UnknownKind));
    assert!(matches!(error(b"\x10\0\0\0\0\0\0\0{\"a\":1}"), KerasError::UnknownKind));
    let text = error(b"PK\x03\x04").to_string();
    assert!(text.starts_with("it is not a whole `.keras` archive: "), "{text}");
    let text = error(b"\x89HDF\r\n\x1a\n").to_string();
    assert!(text.starts_with("it is not a whole HDF5 file: "), "{text}");
    let whole = file(OF_KERAS_3, "functional.weights.h5").unwrap();
    let error = Archive::from_bytes(&whole).unwrap().with_config("{\"class_name\": \"Functional\"}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "its configuration is not that of a model: it must have `class_name` and `config` with `layers`, as a functional or \
         sequential model's"
    );
}
