//! One mistake is one error, counted as everybody's `cargo check` counts.
//!
//! [`crate::texts`] builds without incremental compilation, where the compiler drops errors that it has said; with it,
//! which is what users have, it says them again. Here all cases are checked with it, as the programs of one package, and
//! each gives as many errors as its first line says: `// 1 error`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Each case, `folder/case`, and its file.
pub type Cases = BTreeMap<String, PathBuf>;
/// What each case's errors say.
type Errors = BTreeMap<String, Vec<String>>;

#[test]
fn each_mistake_is_as_many_errors_as_its_case_says() {
    let cases = cases();
    let (errors, notes) = check(&package("error-counts", &cases));
    let mut wrong = String::new();
    for (name, file) in &cases {
        let found = errors.get(name).cloned().unwrap_or_default();
        let expected = expected_errors(file);
        if expected != Some(found.len()) {
            let expected = expected.map_or("no count".to_owned(), |count| count.to_string());
            writeln!(wrong, "{name}: {expected} in its first line, but {} found:", found.len()).unwrap();
            found.iter().for_each(|error| writeln!(wrong, "    {error}").unwrap());
        }
    }
    assert!(wrong.is_empty(), "{wrong}{notes}");
}

/// All cases in `fail`.
fn cases() -> Cases {
    let fail = Path::new(env!("CARGO_MANIFEST_DIR")).join("fail");
    let mut cases = Cases::new();
    for folder in entries(&fail) {
        for file in entries(&folder).filter(|file| file.extension() == Some(OsStr::new("rs"))) {
            let [folder, case] = [&folder, &file].map(|path| path.file_stem().unwrap().to_str().unwrap());
            cases.insert(format!("{folder}/{case}"), file);
        }
    }
    assert!(!cases.is_empty(), "no case in {}", fail.display());
    cases
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
}

/// The number in a first line such as `// 1 error` or `// 2 errors`.
fn expected_errors(case: &Path) -> Option<usize> {
    let source = fs::read_to_string(case).unwrap();
    let (count, word) = source.lines().next()?.strip_prefix("// ")?.split_once(' ')?;
    let count = count.parse().ok()?;
    (word == if count == 1 { "error" } else { "errors" }).then_some(count)
}

/// Writes the package whose programs are the cases, with the dependencies of this workspace.
pub fn package(name: &str, cases: &Cases) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nfusion = {{ path = {root:?} }}\n\
         hostile.path = {:?}\nown-layer.path = {:?}\n",
        root.join("ui-tests/hostile"),
        root.join("tests/own-layer"),
    );
    for (name, file) in cases {
        write!(manifest, "\n[[bin]]\nname = {:?}\npath = {file:?}\n", name.replace('/', "-")).unwrap();
    }
    put_weights(&package);
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    package
}

/// Puts the weight files that cases name into the package that they are compiled in.
pub fn put_weights(package: &Path) {
    fs::create_dir_all(package).unwrap();
    for file in entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("weights")) {
        fs::copy(&file, package.join(file.file_name().unwrap())).unwrap();
    }
}

/// Checks all programs; gives what their errors say, and what Cargo says but that they have some.
fn check(package: &Path) -> (Errors, String) {
    let (messages, notes) = messages(package);
    let mut errors = Errors::new();
    for message in messages {
        let case = message["target"]["name"].as_str().unwrap().replacen('-', "/", 1);
        errors.entry(case).or_default().push(message["message"]["message"].as_str().unwrap().to_owned());
    }
    (errors, notes)
}

/// Checks all programs of a package; gives the compiler's messages of their errors, and what Cargo says but that they have
/// some.
pub fn messages(package: &Path) -> (Vec<Value>, String) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--bins", "--keep-going", "--offline", "--quiet", "--message-format=json"])
        .current_dir(package)
        .env("CARGO_INCREMENTAL", "1")
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .output()
        .unwrap();
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let errors = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap()).filter(|line| {
        let (text, level) = (&line["message"]["message"], &line["message"]["level"]);
        // After the errors the compiler says that it gives up because of them.
        level == "error" && !text.as_str().unwrap().starts_with("aborting due to ")
    });
    let errors = errors.collect();
    let notes = String::from_utf8_lossy(&output.stderr);
    let notes = notes.lines().filter(|line| !line.starts_with("error: could not compile"));
    (errors, notes.flat_map(|line| [line, "\n"]).collect())
}
