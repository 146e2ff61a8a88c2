//! `fusion`: turns files of Keras's, and ONNX files, into `model!` blocks, and looks into weight files.

mod arrays;
mod chains;
mod files;
mod gaps;
mod golden;
mod harness;
mod import;
mod inputs;
mod layers;
mod names;
mod naming;
mod network;
mod onnx;
#[cfg(test)]
mod tests;
mod weights;
mod write;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
// What a configuration says is read where ONNX's files are written too.
use fusion::keras::Archive;
use fusion::keras::model::{self as config, graph};

use network::Lengths;

/// The lines of Python that make a golden file, as `--help` prints them.
const GOLDEN: &str = r#"What `--golden` reads is made by

    import keras, numpy as np
    model, rng, length = keras.saving.load_model("model.keras"), np.random.default_rng(1), 50
    of_ids = {"Embedding", "CategoryEncoding", "IntegerLookup", "Hashing", "HashedCrossing"}
    ids = {id(i) for l in model.layers if type(l).__name__ in of_ids for n in l._inbound_nodes for i in n.input_tensors}
    shape = lambda i: (4, *(side or length for side in i.shape[1:]))
    x = [rng.integers(0, 5, shape(i)) if id(i) in ids or "int" in i.dtype else rng.random(shape(i), "float32") for i in model.inputs]
    y = model.predict(x if len(x) > 1 else x[0], verbose=0)
    y = [y[k] for k in sorted(y)] if isinstance(y, dict) else y if isinstance(y, list) else [y]
    np.savez("io.npz", **{f"input{i}": a for i, a in enumerate(x)}, **{f"output{i}": a for i, a in enumerate(y)})"#;

/// Turns files of Keras's, and ONNX files, into `model!` blocks, and looks into weight files.
#[derive(Parser)]
#[command(name = "fusion", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a model of Keras or of PyTorch as a `model!` block, its weights, and a test of both.
    #[command(after_help = format!("{GOLDEN}\n\n{}", onnx::GOLDEN))]
    Import {
        /// `model.keras`, `model.h5`, `model.weights.h5` with `--config`, or `model.onnx`.
        file: PathBuf,
        /// What the model is called in Rust: `Tickets`, in `tickets.rs`.
        #[arg(long)]
        name: String,
        /// Where `tickets.rs` and `tickets.safetensors` go; the test goes to `tests` of the package around it.
        #[arg(long, default_value = "src")]
        out: PathBuf,
        /// The model's JSON, where the file has weights alone.
        #[arg(long)]
        config: Option<PathBuf>,
        /// How long an input is that varies in Keras: `title=50`, `image=224,224`, `encoder/title=50` of a model within.
        #[arg(long, value_name = "INPUT=LENGTH", value_parser = length)]
        length: Vec<(String, Vec<usize>)>,
        /// Inputs and outputs of the model in Keras or PyTorch, which the test then compares.
        #[arg(long, value_name = "FILE")]
        golden: Option<PathBuf>,
        /// Leave a struct of your own to fill in for each layer without a counterpart.
        #[arg(long)]
        partial: bool,
        /// Write over files that are there.
        #[arg(long)]
        force: bool,
    },
    /// Print what a file of weights or a model holds.
    Inspect { file: PathBuf },
    /// Print which arrays of two files differ, and by how much.
    Diff { a: PathBuf, b: PathBuf },
    /// Write the weights of a file as safetensors, or a Keras model as ONNX.
    Convert {
        /// `model.keras`, `model.h5`, or any file of weights.
        from: PathBuf,
        /// `weights.safetensors` or `model.onnx`.
        to: PathBuf,
        /// How long an input of an ONNX file is that varies in Keras: `title=50`, `image=224,224`.
        #[arg(long, value_name = "INPUT=LENGTH", value_parser = length)]
        length: Vec<(String, Vec<usize>)>,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
}

fn length(text: &str) -> Result<(String, Vec<usize>), String> {
    let (name, lengths) = text.split_once('=').ok_or("expected `INPUT=LENGTH`, such as `title=50`")?;
    let lengths = lengths.split(',').map(|length| match length.trim().parse() {
        Ok(length) if length > 0 => Ok(length),
        _ => Err(format!("`{length}` is no length")),
    });
    Ok((name.to_owned(), lengths.collect::<Result<_, _>>()?))
}

/// The bytes of an ONNX file of a Keras file.
fn onnx(file: &Path, lengths: &Lengths) -> Result<Vec<u8>, String> {
    let said = |error: &dyn std::fmt::Display| format!("`{}`: {error}", file.display());
    let archive = Archive::open(file).map_err(|error| said(&error))?;
    fusion::onnx::from_archive(&archive, lengths).map_err(|error| said(&error))
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Import { file, name, out, config, length, golden, partial, force } => {
            let lengths: Lengths = length.into_iter().collect();
            let places = import::Places::new(&out)?;
            let wanted = import::Wanted { name: &name, lengths: &lengths, partial };
            let imported = import::open(&file, config.as_deref(), &wanted, golden.as_deref(), &places.within)?;
            let notes = imported.notes.clone();
            let written = files::write(imported.files(&places), force)?;
            notes.iter().for_each(|note| println!("note: {note}"));
            written.iter().for_each(|path| println!("wrote {}", path.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Inspect { file } => {
            print!("{}", arrays::Arrays::open(&file)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Diff { a, b } => {
            let (text, same) = arrays::difference(&arrays::Arrays::open(&a)?, &arrays::Arrays::open(&b)?);
            print!("{text}");
            Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Convert { from, to, length, force } => {
            let written = match to.extension().and_then(OsStr::to_str) {
                Some("safetensors") => arrays::Arrays::open(&from)?.to_safetensors()?,
                Some("onnx") => onnx(&from, &length.into_iter().collect())?,
                _ => {
                    let to = to.display();
                    return Err(format!("`{to}` does not end in `.safetensors` or `.onnx`, which is what is written"));
                }
            };
            files::write(vec![(to, written)], force)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
