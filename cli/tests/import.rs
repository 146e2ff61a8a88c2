//! `fusion import` as it is called, of models that Keras saved.
//!
//! What it writes stands in the package `imported`, which compiles it and compares outputs with Keras's;
//! `UPDATE_EXPECT=1 cargo test -p fusion-cli --test import` writes it anew.

mod round_trip;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

fn fusion(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fusion")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The names of the fixtures.
fn models() -> Vec<String> {
    let files = fs::read_dir(here("keras")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|name| Some(name.strip_suffix(".keras")?.to_owned())).collect();
    names.sort();
    assert!(names.len() > 10, "{names:?}");
    names
}

/// Those of ONNX files, which each say in their names who wrote them: `torch_mlp`, of PyTorch's exporter.
fn onnx_models() -> Vec<String> {
    let files = fs::read_dir(here("onnx")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|name| Some(name.strip_suffix(".onnx")?.to_owned())).collect();
    names.sort();
    assert!(names.len() > 15, "{names:?}");
    names
}

fn all_models() -> Vec<String> {
    let mut all = [models(), onnx_models()].concat();
    all.sort();
    all
}

fn import(name: &str, out: &Path) -> Output {
    let of_onnx = here(&format!("onnx/{name}.onnx"));
    let (file, golden) = match name.split_once('_') {
        // Both of PyTorch's exporters are given the same model.
        Some(("torch" | "script" | "old", model)) => (of_onnx, here(&format!("onnx/{model}.io.safetensors"))),
        Some(("keras", model)) => (of_onnx, here(&format!("keras/{model}.io.safetensors"))),
        _ => (here(&format!("keras/{name}.keras")), here(&format!("keras/{name}.io.safetensors"))),
    };
    let [file, compared, out] = [file.as_path(), golden.as_path(), out].map(|path| path.to_str().unwrap());
    let import = ["import", file, "--name", name, "--out", out, "--force"];
    // What is not computed yet is compared with nothing.
    let rest = if golden.exists() { &["--golden", compared][..] } else { &["--partial"] };
    fusion(&[&import, rest].concat())
}

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut pending, mut files) = (vec![folder.to_owned()], BTreeMap::new());
    while let Some(path) = pending.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn what_is_written_is_what_the_package_has() {
    let package = here("imported");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for name in all_models() {
            let output = import(&name, &package.join("src"));
            assert!(output.status.success(), "{name}: {}", said(&output));
        }
        let modules: String = all_models().iter().map(|name| format!("mod {name};\n")).collect();
        let main = format!(
            "//! What `fusion import` writes of Keras's and `PyTorch`'s models is what they compute.\n\n\
             // Each is a program of its own where a user has it.\n#![allow(clippy::module_inception)]\n\n{modules}"
        );
        fs::write(package.join("tests/main.rs"), main).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    for name in all_models() {
        let output = import(&name, &folder.path().join("src"));
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
    let (written, expected) = (files(folder.path()), files(&package));
    for (path, content) in &written {
        let known = expected.get(path).unwrap_or_else(|| panic!("the package has no {}", path.display()));
        assert!(
            content == known,
            "{} is not what is written now:\n{}",
            path.display(),
            String::from_utf8_lossy(content)
        );
    }
    let main = String::from_utf8(expected[Path::new("tests/main.rs")].clone()).unwrap();
    assert_eq!(models().iter().filter(|name| !here(&format!("keras/{name}.io.safetensors")).exists()).count(), 1);
    all_models()
        .iter()
        .for_each(|name| assert!(main.contains(&format!("mod {name};")), "{name} is compared with nothing"));
}

#[test]
fn the_page_shows_what_is_written() {
    let page = fs::read_to_string(here("../../docs/import.md")).unwrap();
    for module in ["tickets", "toy_resnet"] {
        let written = fs::read_to_string(here(&format!("imported/src/{module}.rs"))).unwrap();
        assert!(page.contains(&written), "{module}");
    }
}

/// The arguments of an import of this fixture.
fn arguments(out: &Path) -> Vec<String> {
    let file = here("keras/tickets.keras");
    ["import", file.to_str().unwrap(), "--name", "Tickets", "--out", out.to_str().unwrap()].map(str::to_owned).to_vec()
}

fn run(arguments: &[String]) -> Output {
    fusion(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_file_that_is_there_stays_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (src, tests) = (folder.path().join("src"), folder.path().join("tests"));
    fs::create_dir_all(&tests).unwrap();
    fs::write(tests.join("tickets.rs"), "mine").unwrap();
    let output = run(&arguments(&src));
    assert!(!output.status.success());
    assert!(said(&output).contains("tickets.rs` is there already; `--force` writes over it"), "{}", said(&output));
    assert_eq!(files(folder.path()).len(), 1);
    let mut with_force = arguments(&src);
    with_force.push("--force".to_owned());
    let output = run(&with_force);
    assert!(output.status.success(), "{}", said(&output));
    let names: Vec<String> = files(folder.path()).keys().map(|path| path.display().to_string()).collect();
    assert_eq!(names, ["src/tickets.rs", "src/tickets.safetensors", "tests/tickets.rs"]);
    assert!(!fs::read_to_string(tests.join("tickets.rs")).unwrap().contains("compare"));
}

#[test]
fn golden_arrays_of_another_model_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = arguments(&folder.path().join("src"));
    arguments.extend(["--golden".to_owned(), here("keras/ensemble.io.safetensors").to_str().unwrap().to_owned()]);
    let output = run(&arguments);
    let text = "the golden file has 1 inputs and 1 outputs, but the model has 3 and 2";
    assert!(!output.status.success() && said(&output).contains(text), "{}", said(&output));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn what_is_no_file_of_kerass_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("model.keras"), folder.path().join("src"));
    let whole = fs::read(here("keras/tickets.keras")).unwrap();
    for content in [&b""[..], b"PK", b"\x89HDF\r\n\x1a\n", &whole[..whole.len() / 2]] {
        fs::write(&file, content).unwrap();
        let output = fusion(&["import", file.to_str().unwrap(), "--name", "net", "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).starts_with("error: "), "{}", said(&output));
        assert!(!out.exists());
    }
}

#[test]
fn files_are_inspected_converted_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let keras = here("keras/tickets.keras").to_str().unwrap().to_owned();
    let inspected = said(&fusion(&["inspect", &keras]));
    assert!(inspected.contains("priority: Dense\n") && inspected.contains("lstm/lstm_cell/kernel"), "{inspected}");
    assert!(inspected.ends_with("1351 numbers\n"), "{inspected}");

    let weights = path("weights.safetensors");
    assert!(fusion(&["convert", &keras, &weights]).status.success());
    let output = fusion(&["diff", &keras, &weights]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!fusion(&["convert", &keras, &weights]).status.success(), "it is there already");
    assert!(
        said(&fusion(&["convert", &keras, &path("weights.h5")])).contains("does not end in `.safetensors` or `.onnx`")
    );

    // The last number of the file is that of its last array.
    let mut changed = fs::read(&weights).unwrap();
    let end = changed.len();
    changed[end - 4..].copy_from_slice(&100.0_f32.to_le_bytes());
    fs::write(path("changed.safetensors"), changed).unwrap();
    let output = fusion(&["diff", &weights, &path("changed.safetensors")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("1 of ") && said(&output).contains(" numbers differ, by "), "{}", said(&output));
}

#[test]
fn a_model_is_converted_to_onnx() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let keras = here("keras/toy_resnet.keras").to_str().unwrap().to_owned();
    let output = fusion(&["convert", &keras, &path("model.onnx")]);
    assert!(output.status.success(), "{}", said(&output));
    let written = fs::read(path("model.onnx")).unwrap();
    let holds = |text: &str| written.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(holds("fusion") && holds("Conv") && holds("batch"));
    assert!(said(&fusion(&["convert", &keras, &path("model.onnx")])).contains("is there already"));

    // Its texts are of any length in Keras.
    let texts = here("texts.keras").to_str().unwrap().to_owned();
    let refused = said(&fusion(&["convert", &texts, &path("texts.onnx")]));
    let wanted = "ONNX cannot say the layer `title` (`InputLayer`): it has 1 dimension without a length, and none is given; \
                  instead: say how long it is: `--length title=50`";
    assert!(refused.contains(wanted), "{refused}");
    assert!(!folder.path().join("texts.onnx").exists());
    let output = fusion(&["convert", &texts, &path("texts.onnx"), "--length", "title=7", "--length", "body=11"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn the_test_finds_the_module_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    let run = |out: &str| {
        let output = run(&arguments(&folder.path().join(out)));
        assert!(output.status.success(), "{}", said(&output));
    };
    // No package yet: the folder around the module's is taken for one.
    run("lib");
    let test = read("tests/tickets.rs");
    assert!(
        test.contains("#[path = \"../lib/tickets.rs\"]") && test.contains("\"/lib/tickets.safetensors\""),
        "{test}"
    );
    fs::remove_file(folder.path().join("tests/tickets.rs")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "").unwrap();
    run("src/models");
    let test = read("tests/tickets.rs");
    assert!(test.contains("#[path = \"../src/models/tickets.rs\"]"), "{test}");
    assert!(test.contains("\"/src/models/tickets.safetensors\""), "{test}");
}

#[test]
fn the_help_prints_how_a_golden_file_is_made() {
    assert!(said(&fusion(&["import", "--help"])).contains("np.savez(\"io.npz\""));
}
