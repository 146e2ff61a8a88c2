//! `fusion`: turns files of Keras's, and ONNX files, into `model!` blocks, and looks into weight files.

mod arrays;
mod chains;
mod config;
mod files;
mod golden;
mod graph;
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

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use network::Lengths;

/// The lines of Python that make a golden file, as `--help` prints them.
const GOLDEN: &str = r#"What `--golden` reads is made by

    import keras, numpy as np
    model, rng = keras.saving.load_model("model.keras"), np.random.default_rng(1)
    x = [rng.integers(0, 5, (4, *i.shape[1:])) if "int" in i.dtype else rng.random((4, *i.shape[1:]), "float32") for i in model.inputs]
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
        /// How long an input is that varies in Keras: `title=50`, `image=224,224`.
        #[arg(long, value_name = "INPUT=LENGTH", value_parser = length)]
        length: Vec<(String, Vec<usize>)>,
        /// Inputs and outputs of the model in Keras or PyTorch, which the test then compares.
        #[arg(long, value_name = "FILE")]
        golden: Option<PathBuf>,
        /// Write over files that are there.
        #[arg(long)]
        force: bool,
    },
    /// Print what a file of weights or a model holds.
    Inspect { file: PathBuf },
    /// Print which arrays of two files differ, and by how much.
    Diff { a: PathBuf, b: PathBuf },
    /// Write the weights of a file as safetensors.
    Convert {
        from: PathBuf,
        to: PathBuf,
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
        Command::Import { file, name, out, config, length, golden, force } => {
            let lengths: Lengths = length.into_iter().collect();
            let places = import::Places::new(&out)?;
            let imported = import::open(&file, config.as_deref(), &name, &lengths, golden.as_deref(), &places.within)?;
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
        Command::Convert { from, to, force } => {
            if to.extension().is_none_or(|extension| extension != "safetensors") {
                return Err(format!("`{}` does not end in `.safetensors`, which is what is written", to.display()));
            }
            files::write(vec![(to, arrays::Arrays::open(&from)?.to_safetensors()?)], force)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
