use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::{Callback, CallbackState, Training};
use crate::training::history::Scores;

/// Writes a line of a table for each epoch: Keras's `CSVLogger`.
///
/// The first column is the epoch, from 0; the others are what is logged, sorted by name. Each line is in the file when its
/// epoch has ended. A file that cannot be written ends the training with an error.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let path = std::env::temp_dir().join(format!("fusion-log-{}.csv", std::process::id()));
/// Trainer::new(&mut tiny, Sgd::new(0.1), MeanSquaredError)
///     .metric(MeanAbsoluteError.named("mae"))
///     .epochs(2)
///     .callback(CsvLogger::new(&path))
///     .verbose(false)
///     .fit(&[[1.0]], &[[2.0]])?;
/// let table = std::fs::read_to_string(&path)?;
/// assert_eq!(table.lines().next(), Some("epoch,loss,mae"));
/// assert!(table.lines().nth(2).unwrap().starts_with("1,"));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "CSVLogger")]
pub struct CsvLogger {
    path: PathBuf,
    separator: char,
    append: bool,
    file: Option<File>,
    /// How long the file is that an interrupted training has left, as far as its epochs count.
    length: Option<u64>,
}

impl CsvLogger {
    /// Writes to this file, which is begun anew with each `fit`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), separator: ',', append: false, file: None, length: None }
    }

    /// What stands between columns; `,` by default.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Whether lines are added to a file that is there; `false` by default.
    #[must_use]
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    /// The file, with the names of the columns if it is new.
    fn open(&self, logs: &Scores) -> io::Result<File> {
        let append = self.append || self.length.is_some();
        let mut options = OpenOptions::new();
        if append {
            options.create(true).append(true);
        } else {
            options.create(true).write(true).truncate(true);
        }
        let mut file = options.open(&self.path)?;
        if let Some(length) = self.length.filter(|length| file.metadata().is_ok_and(|of| of.len() > *length)) {
            file.set_len(length)?;
        }
        if file.metadata()?.len() == 0 {
            self.line(&mut file, "epoch", logs.keys().map(str::to_owned))?;
        }
        Ok(file)
    }

    fn line(&self, file: &mut File, first: &str, rest: impl Iterator<Item = String>) -> io::Result<()> {
        let line = rest.fold(first.to_owned(), |line, value| format!("{line}{}{value}", self.separator));
        writeln!(file, "{line}")
    }

    fn write(&mut self, epoch: usize, logs: &Scores) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open(logs)?,
        };
        self.line(&mut file, &epoch.to_string(), logs.iter().map(|(_, value)| value.to_string()))?;
        self.file = Some(file);
        Ok(())
    }
}

impl Callback for CsvLogger {
    fn watches_batches(&self) -> bool {
        false
    }

    fn state(&self) -> CallbackState {
        let mut state = CallbackState::default();
        // What was written to a file is as long as the file.
        let length = self.file.as_ref().and_then(|file| file.metadata().ok()).map(|of| of.len());
        // One that goes on has not opened it before the end of its first epoch.
        let length = length.or(self.length.filter(|_| self.file.is_none()));
        length.iter().for_each(|length| state.set("length", *length as f64));
        state
    }

    fn set_state(&mut self, state: CallbackState) {
        self.length = state.get("length").map(|length| length as u64);
    }

    fn on_train_begin(&mut self, _training: &mut Training<'_>) {
        (self.file, self.length) = (None, None);
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Scores, training: &mut Training<'_>) {
        if let Err(error) = self.write(epoch, logs) {
            training.fail(format!("cannot write `{}`: {error}", self.path.display()));
        }
    }
}
