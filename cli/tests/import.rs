//! `fusion import` as it is called, of models that Keras saved.
//!
//! What it writes stands in the package `imported`, which compiles it and compares outputs with Keras's;
//! `UPDATE_EXPECT=1 cargo test -p fusion-cli --test import` writes it anew.

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

fn import(name: &str, out: &Path) -> Output {
    let (file, golden) = (here(&format!("keras/{name}.keras")), here(&format!("keras/{name}.io.safetensors")));
    let [file, golden, out] = [file.as_path(), golden.as_path(), out].map(|path| path.to_str().unwrap());
    fusion(&["import", file, "--name", name, "--out", out, "--golden", golden, "--force"])
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
        for name in models() {
            let output = import(&name, &package.join("src"));
            assert!(output.status.success(), "{name}: {}", said(&output));
        }
        let modules: String = models().iter().map(|name| format!("mod {name};\n")).collect();
        let main = format!("//! What `fusion import` writes of Keras's models is what Keras computes.\n\n{modules}");
        fs::write(package.join("tests/main.rs"), main).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    for name in models() {
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
    models().iter().for_each(|name| assert!(main.contains(&format!("mod {name};")), "{name} is compared with nothing"));
}
