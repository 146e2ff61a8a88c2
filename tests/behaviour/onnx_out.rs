//! Models as ONNX files, and that the page on them says of every layer how near it is or why there is none.

use std::fs;

use fusion::persistence::{Refusal, WeightsError};
use fusion::prelude::*;

use super::layer_table::repository;

/// The rows of one of the page's tables: the name, the worst error, what is refused.
fn rows(name: &str) -> Vec<[String; 3]> {
    let page = fs::read_to_string(repository().join("docs/onnx.md")).unwrap();
    let table = page.split(&format!("<!-- {name} -->\n")).nth(1).unwrap();
    let table = table.split(&format!("<!-- end of {name} -->")).next().unwrap();
    let rows = table.lines().skip(2).map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        [
            cells[0].trim_matches('`').to_owned(),
            cells[2].to_owned(),
            cells.get(3).copied().unwrap_or_default().to_owned(),
        ]
    });
    rows.collect()
}

/// The names behind this word in the program's table of layers.
fn known(word: &str) -> Vec<String> {
    let table = fs::read_to_string(repository().join("cli/src/layers/table.rs")).unwrap();
    table.split(word).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn every_layer_has_its_row() {
    let rows: Vec<[String; 3]> = ["layers", "operations"].into_iter().flat_map(rows).collect();
    // A class that Keras writes down by a shorter name.
    let shorter = |class: &str| class == "GroupedQueryAttention";
    let missing: Vec<String> = known("class: \"")
        .into_iter()
        .filter(|class| !rows.iter().any(|[name, ..]| name == class || shorter(class) && name == "GroupQueryAttention"))
        .collect();
    assert!(missing.is_empty(), "no row in docs/onnx.md: {missing:?}; `tools/onnx/check.py --write` makes them");
    for [name, worst, refused] in &rows {
        let worst: Option<f64> = worst.parse().ok();
        assert!(
            worst.is_some_and(|worst| worst <= 1e-5) || !refused.is_empty(),
            "`{name}` is neither near nor refused"
        );
    }
}

#[test]
fn every_activation_has_its_row() {
    let rows = rows("activations");
    let table = fs::read_to_string(repository().join("cli/src/layers/table.rs")).unwrap();
    let names = table.split("ACTIVATIONS").nth(1).unwrap();
    let names = names.split('"').skip(1).step_by(2).map(fusion::keras::snake_case);
    // As an operation, since Keras has it with parameters alone.
    let missing: Vec<String> =
        names.filter(|name| !rows.iter().any(|[row, ..]| row == name) && name != "threshold").collect();
    assert!(missing.is_empty(), "no row in docs/onnx.md: {missing:?}");
}

model! {
    /// One that ONNX has operators for.
    struct Line { input x: [f32; 2]; output y = x => Dense<_, 3, Tanh> => Dense<_, 1>; }
}
model! {
    /// One that it has none for.
    struct Hashed { input x: [u32; 2]; output y = x => Hashing(7) => ids: Embedding<7, 3>; }
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("line.onnx");
    let line = Line::new(1);
    line.to_onnx(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), line.to_onnx_bytes().unwrap());
    assert_eq!(line.to_onnx_bytes().unwrap(), line.to_onnx_bytes().unwrap(), "the same model is the same file");

    let error = Hashed::new(1).to_onnx(&path).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("cannot be written as an ONNX file: ONNX cannot say the layer `hashing` (`Hashing`)"),
        "{said}"
    );
    assert!(said.contains("instead: compute the ids before the model"), "{said}");
    let WeightsError::Refused { reason: Refusal::NotForOnnx { .. }, .. } = error else { panic!("{error:?}") };
    assert_eq!(fs::read(&path).unwrap(), line.to_onnx_bytes().unwrap(), "the old file is as it was");

    let mut broken = Line::new(1);
    broken.dense.bias[0] = f32::NAN;
    assert!(matches!(broken.to_onnx(&path), Err(WeightsError::NotFinite { .. })));
    assert!(Line::new(1).to_onnx(folder.path().join("no/line.onnx")).is_err());
}
