//! From a file of Keras's to the texts of a module and of its test.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fusion::keras::{Archive, LayerWeights};
use serde_json::Value;

use crate::config;
use crate::golden::Golden;
use crate::names::{self, Names};
use crate::network::{Findings, Lengths, Network, Reading};
use crate::{gaps, harness, onnx, weights, write};

/// Of how many layers a model's constants are computed without a word of the compiler's.
const MOST_CALLS: usize = 400;

/// What an import makes.
#[derive(Debug)]
pub struct Imported {
    /// `tickets`
    file: String,
    /// The module with the `model!` block.
    module: String,
    weights: Vec<u8>,
    test: String,
    /// What the test compares with, by the names of the files.
    golden: Vec<(String, Vec<u8>)>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Where the files of an import go.
#[derive(Debug)]
pub struct Places {
    /// The folder of the module.
    out: PathBuf,
    /// That of the package around it, below which the tests are.
    package: PathBuf,
    /// The way from there to the module: `src/`.
    pub within: String,
}

impl Places {
    /// The package is the folder above `out` that has a `Cargo.toml`; where none has, the one that `out` is in.
    ///
    /// # Errors
    /// Where there is no such folder.
    pub fn new(out: &Path) -> Result<Self, String> {
        let unknown = |error: std::io::Error| format!("`{}`: {error}", out.display());
        let absolute = std::path::absolute(out).map_err(unknown)?;
        let is_package = |folder: &&Path| folder.join("Cargo.toml").is_file();
        let package = absolute.ancestors().find(is_package).or(absolute.parent()).unwrap_or(&absolute);
        let within = absolute.strip_prefix(package).unwrap_or(Path::new(""));
        let within = within.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect();
        Ok(Self { package: package.to_owned(), out: out.to_owned(), within })
    }
}

impl Imported {
    /// What is written where.
    pub fn files(self, places: &Places) -> Vec<(PathBuf, Vec<u8>)> {
        let (out, tests, name) = (&places.out, places.package.join("tests"), self.file);
        let mut files = vec![
            (out.join(format!("{name}.rs")), self.module.into_bytes()),
            (out.join(format!("{name}.safetensors")), self.weights),
            (tests.join(format!("{name}.rs")), self.test.into_bytes()),
        ];
        files.extend(self.golden.into_iter().map(|(file, bytes)| (tests.join(&name).join(file), bytes)));
        files
    }
}

/// The module alone, of a configuration.
///
/// # Errors
/// All that has no counterpart.
#[cfg(test)]
pub fn module(config: &Value, name: &str, lengths: &Lengths) -> Result<String, String> {
    let wanted = Wanted { name, lengths, partial: false };
    with_network(config, &wanted, |network, ty| Ok(text_of(network, "Keras", ty, &[]))).map(|(text, _)| text)
}

/// What the user asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What the model is called.
    pub name: &'a str,
    pub lengths: &'a Lengths,
    /// Whether what has no counterpart is left to be written, and not refused.
    pub partial: bool,
}

/// Reads the files that an import is of, whose module goes to a folder [within](Places::within) the package.
///
/// # Errors
/// All that has no counterpart, or what is wrong with a file.
pub fn open(
    file: &Path,
    config: Option<&Path>,
    wanted: &Wanted<'_>,
    golden: Option<&Path>,
    within: &str,
) -> Result<Imported, String> {
    if onnx::is_onnx(file) {
        let read = onnx::Onnx::open(file)?;
        let golden = golden.map(Golden::open).transpose()?.map(|golden| read.turned(golden));
        let mut imported = import(&read.model.archive, read.origin(), wanted, golden.as_ref(), within)?;
        imported.notes.extend(read.notes());
        return Ok(imported);
    }
    let mut archive = Archive::open(file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    if let Some(config) = config {
        let json = std::fs::read_to_string(config)
            .map_err(|error| format!("`{}` cannot be read: {error}", config.display()))?;
        archive = archive.with_config(&json).map_err(|error| format!("`{}`: {error}", config.display()))?;
    }
    let golden = golden.map(Golden::open).transpose()?;
    import(&archive, "Keras", wanted, golden.as_ref(), within)
}

/// All of an import.
///
/// # Errors
/// All that has no counterpart, or what is wrong with the file.
fn import(
    archive: &Archive,
    origin: &str,
    wanted: &Wanted<'_>,
    golden: Option<&Golden>,
    within: &str,
) -> Result<Imported, String> {
    let config = archive.config().ok_or(
        "the file has weights alone, and no model; give the model's JSON with `--config model.json`, \
         which Keras writes with `open(\"model.json\", \"w\").write(model.to_json())`",
    )?;
    let (mut imported, notes) = with_network(config, wanted, |network, ty| {
        let module = text_of(network, origin, ty, archive.layers());
        let weights = weights::file(network, archive.layers())?;
        let test = harness::test(network, origin, &file_name(ty), within, golden)?;
        let golden = golden.map(|golden| harness::files(network, golden)).unwrap_or_default();
        Ok(Imported { file: file_name(ty), module, weights, test, golden, notes: Vec::new() })
    })?;
    imported.notes = notes;
    Ok(imported)
}

fn with_network<T>(
    config: &Value,
    wanted: &Wanted<'_>,
    then: impl FnOnce(&Network<'_>, &str) -> Result<T, String>,
) -> Result<(T, Vec<String>), String> {
    let Wanted { name, lengths, partial } = *wanted;
    let ty = names::type_of_model(name)?;
    let model = config::model(config)?;
    let (types, findings) = (Names::default(), Findings::default());
    let mut reading = Reading { lengths, types, bodies: Vec::new(), findings, partial };
    reading.types.fresh(&ty);
    names::kept_types().for_each(|kept| drop(reading.types.fresh(kept)));
    let network = Network::of(&model, ty.clone(), false, ("", &[]), &mut reading)?;
    let findings = reading.findings;
    if let Some(text) = mistakes(&findings) {
        return Err(text);
    }
    if let Some(name) = lengths.keys().find(|name| !findings.lengths_used.contains(name)) {
        return Err(format!(
            "`--length {name}=…` names no input of the model; its inputs are {}",
            findings.inputs.join(", ")
        ));
    }
    Ok((then(&network, &ty)?, findings.notes))
}

/// All that is in the way, at once.
fn mistakes(findings: &Findings) -> Option<String> {
    let mut text = String::new();
    if !findings.problems.is_empty() {
        let _ = writeln!(text, "{} no counterpart, and nothing is written:", counted(findings.problems.len()));
        for problem in &findings.problems {
            let _ = writeln!(text, "  {} ({}): {}", problem.layer, problem.class, problem.what);
            let _ = writeln!(text, "      instead: {}", problem.instead);
        }
    }
    for input in &findings.lengths_wanted {
        let _ = writeln!(
            text,
            "the input `{input}` varies in length, which here is fixed: say which, `--length {input}=50`"
        );
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

fn counted(count: usize) -> String {
    if count == 1 { "one thing in the model has".to_owned() } else { format!("{count} things in the model have") }
}

fn text_of(network: &Network<'_>, origin: &str, ty: &str, weights: &[LayerWeights]) -> String {
    let file = file_name(ty);
    let keras = match network.graph.model.name.as_str() {
        name if names::is_numbered(name, &["functional", "model", "sequential"]) => format!("A model of {origin}"),
        name => format!("{origin}'s model `{name}`"),
    };
    let models = write::models(network, &format!("{keras}."));
    let [before, behind, structs] = gaps::texts(network, weights);
    // The compiler wonders at constants of so many steps.
    let long = if network.graph.calls.len() > MOST_CALLS { "#![allow(long_running_const_eval)]\n\n" } else { "" };
    format!(
        "//! {keras}, as `fusion import` wrote it. Its weights are in `{file}.safetensors`.\n\n{long}{before}use fusion::prelude::*;\n{behind}\n{models}{structs}"
    )
}

/// `ticket_router` of `TicketRouter`
pub fn file_name(ty: &str) -> String {
    names::identifier(&names::snake_case(ty))
}
