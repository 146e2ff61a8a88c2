//! What every peer written in Rust does alike: it reads what the cases are made of and answers `run.py`, which asks one
//! process after the other, so that all are measured in turn.

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A case that can be run.
pub struct Work {
    /// What it computes, to be compared with what the others do: all outputs, or the losses of the first steps.
    pub computes: Vec<f32>,
    /// Runs it once.
    pub run: Box<dyn FnMut()>,
}

/// Answers each line of the standard input: `check CASE FILE` writes what the case computes and says `ok`, `time CASE
/// MILLISECONDS` says how many nanoseconds a run takes. Anything but these answers is the reason why there is none.
pub fn serve(mut make: impl FnMut(&str) -> Option<Work>) {
    let mut works: Vec<(String, Work)> = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line.expect("the standard input is text");
        let words: Vec<&str> = line.split_whitespace().collect();
        let [what, case, rest] = words[..] else { panic!("not a question: {line}") };
        if !works.iter().any(|(name, _)| name == case) {
            match make(case) {
                Some(work) => works.push((case.to_owned(), work)),
                None => {
                    answer("not one of its cases");
                    continue;
                }
            }
        }
        let work = works.iter_mut().find(|(name, _)| name == case).map(|(_, work)| work).expect("it was just made");
        match what {
            "check" => {
                let bytes: Vec<u8> = work.computes.iter().flat_map(|number| number.to_le_bytes()).collect();
                std::fs::write(rest, bytes).expect("the folder can be written");
                answer("ok");
            }
            _ => answer(&time(&mut *work.run, rest.parse().expect("milliseconds")).to_string()),
        }
    }
}

fn answer(text: &str) {
    println!("{text}");
    io::stdout().flush().expect("someone reads");
}

/// Nanoseconds of a run, the mean of a slice of time. A fifth of it is spent before: another process was here.
fn time(run: &mut dyn FnMut(), milliseconds: f64) -> f64 {
    let slice = Duration::from_secs_f64(milliseconds / 1e3);
    let start = Instant::now();
    let mut runs = 0_u32;
    while runs == 0 || start.elapsed() < slice / 5 {
        run();
        runs += 1;
    }
    let one = start.elapsed() / runs;
    let runs = (slice.as_secs_f64() / one.as_secs_f64().max(1e-9)).max(1.0) as u32;
    let start = Instant::now();
    (0..runs).for_each(|_| run());
    start.elapsed().as_nanos() as f64 / f64::from(runs)
}

/// The folder of weights and inputs, the first argument.
pub fn folder() -> PathBuf {
    std::env::args_os().nth(1).expect("the folder of the cases").into()
}

/// The numbers of a file as they lie.
pub fn numbers(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// The kernel and bias of each `Dense` of a network, in the order of `names`.
pub fn dense(folder: &Path, network: &str, names: &[&str]) -> Vec<[Vec<f32>; 2]> {
    let of = |name: &str, array: &str| numbers(&folder.join(format!("{network}.{name}.{array}.bin")));
    names.iter().map(|name| [of(name, "kernel"), of(name, "bias")]).collect()
}

/// A network's name, whether it is trained, and its samples: `m1-train-b32`.
pub fn parts(case: &str) -> (&str, bool, usize) {
    let (what, samples) = case.rsplit_once("-b").expect("a case ends with its samples");
    let samples = samples.parse().expect("samples are a number");
    what.strip_suffix("-train").map_or((what, false, samples), |network| (network, true, samples))
}
