//! Ctrl-C ends a `fit` after its batch, with everything finished, and the next one goes on where it was.
#![cfg(target_os = "linux")]

use super::*;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

const CHILD: &str = "FUSION_TEST_INTERRUPTED";
const HANGS: &str = "FUSION_TEST_HANGS";
const EPOCHS: usize = 60;

/// Trains with everything that writes files; `slow` is what happens after each batch.
fn train(directory: &Path, slow: impl Fn() + 'static) -> (Vec<f32>, History) {
    let (x, y) = sums(24);
    let mut model = Dropping::new(3);
    let history = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .epochs(EPOCHS)
        .batch_size(4)
        .validation_split(0.25)
        .callback(EarlyStopping::default().patience(EPOCHS).restore_best_weights(true))
        .callback(CsvLogger::new(directory.join("log.csv")))
        .callback(ModelCheckpoint::new(directory.join("last.safetensors")))
        .callback(BackupAndRestore::new(directory.join("backup")))
        .callback(LambdaCallback::new().on_batch_end(move |_, _, _| slow()))
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    (weights(&*model), history)
}

/// A program of its own, once it trains.
fn start(directory: &Path, hangs: bool) -> (Child, BufReader<ChildStdout>) {
    // What runs in the background of a shell does not hear of Ctrl-C, and neither would the child.
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").arg(std::env::current_exe().unwrap());
    command.args(["--exact", "training::interrupts::a_child_trains_until_it_is_interrupted", "--nocapture"]);
    command.env(CHILD, directory).stdout(Stdio::piped());
    if hangs {
        command.env(HANGS, "");
    }
    let mut child = command.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("a batch has ended") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child trains");
    }
    (child, output)
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("fusion-interrupted-{name}-{}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn ctrl_c_ends_a_fit_after_its_batch_with_everything_saved() {
    let (here, whole) = (directory("ends"), directory("whole"));
    let expected = train(&whole, || ());
    assert!(!expected.1.interrupted());
    for wait in [0, 30, 61] {
        let (mut child, mut output) = start(&here, false);
        std::thread::sleep(Duration::from_millis(wait));
        interrupt(&child);
        let mut said = String::new();
        output.read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
        assert!(said.contains("interrupted: true") && said.contains("Ctrl-C: ended in epoch "), "{said}");
        assert!(said.contains(&format!("; the next `fit` goes on from `{}`", here.join("backup").display())), "{said}");
        assert!(here.join("backup").exists());
        // As many lines as the history has epochs.
        let epochs: usize = said.split_once("epochs: ").unwrap().1.split_whitespace().next().unwrap().parse().unwrap();
        let lines = fs::read_to_string(here.join("log.csv")).map_or(1, |table| table.lines().count());
        assert_eq!(lines, 1 + epochs, "{said}");
    }
    let resumed = train(&here, || ());
    assert_eq!(format!("{resumed:?}"), format!("{expected:?}"));
    for file in ["log.csv", "last.safetensors"] {
        assert_eq!(fs::read(here.join(file)).unwrap(), fs::read(whole.join(file)).unwrap(), "{file}");
    }
    assert!(!here.join("backup").exists());
    [here, whole].iter().for_each(|directory| fs::remove_dir_all(directory).unwrap());
}

#[test]
fn a_second_ctrl_c_ends_the_program() {
    let here = directory("twice");
    let (mut child, _output) = start(&here, true);
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "the first one waits for the batch");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    fs::remove_dir_all(&here).unwrap();
}

#[test]
fn a_child_trains_until_it_is_interrupted() {
    let Some(here) = std::env::var_os(CHILD) else { return };
    let hangs = std::env::var_os(HANGS).is_some();
    let (_, history) = train(Path::new(&here), move || {
        println!("a batch has ended");
        std::thread::sleep(if hangs { Duration::from_secs(600) } else { Duration::from_millis(10) });
    });
    println!("epochs: {} interrupted: {} {:?}", history.epochs(), history.interrupted(), history.notes());
}
