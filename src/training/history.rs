//! What training reports: values under Keras's names.

use std::fmt;
use std::ops::Index;
use std::path::Path;
use std::sync::Arc;

use crate::plot::{Curves, PlotError};

/// So many values need no memory on the heap, so that a training step allocates nothing.
const INLINE: usize = 8;

/// Losses and metrics under their names, sorted by name as Keras's logs are.
///
/// ```
/// # use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError)
/// #     .metric(MeanAbsoluteError.named("mae")).verbose(false);
/// let scores = trainer.evaluate(&[[1.0, 2.0]], &[[3.0]])?;
/// assert!((scores["loss"].sqrt() - scores["mae"]).abs() < 1e-6); // of one sample
/// assert_eq!(scores.get("accuracy"), None);
/// assert_eq!(scores.keys().collect::<Vec<_>>(), ["loss", "mae"]);
/// println!("{scores}"); // loss: 2.1034 - mae: 1.4503
/// # Ok::<(), TrainError>(())
/// ```
#[derive(Clone)]
pub struct Scores {
    names: Arc<[String]>,
    few: [f64; INLINE],
    many: Vec<f64>,
}

impl Scores {
    fn values(&self) -> &[f64] {
        if self.names.len() <= INLINE { &self.few[..self.names.len()] } else { &self.many }
    }

    fn values_mut(&mut self) -> &mut [f64] {
        if self.names.len() <= INLINE { &mut self.few[..self.names.len()] } else { &mut self.many }
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        Some(self.values()[position(&self.names, name)?])
    }

    /// The names, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.keys().zip(self.values().iter().copied())
    }
}

impl Index<&str> for Scores {
    type Output = f64;
    /// # Panics
    /// When there is no such name; the message lists those there are.
    fn index(&self, name: &str) -> &f64 {
        match position(&self.names, name) {
            Some(position) => &self.values()[position],
            None => unknown(&self.names, name),
        }
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { " - " };
            // As Keras shows numbers.
            if value.abs() > 1e-3 {
                write!(f, "{separator}{name}: {value:.4}")?;
            } else {
                write!(f, "{separator}{name}: {value:.4e}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Losses and metrics of each epoch of a `fit`, as Keras's `History`.
///
/// ```
/// # use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let (x, y) = ([[1.0, 2.0], [2.0, 0.0]], [[3.0], [1.0]]);
/// let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).epochs(3).verbose(false);
/// let history = trainer.fit(&x, &y)?;
/// assert_eq!(history.epochs(), 3);
/// let losses: &[f64] = &history["loss"];
/// assert!(losses[2] < losses[0]);
/// assert_eq!(history.get("val_loss"), None);
/// # Ok::<(), TrainError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct History {
    names: Arc<[String]>,
    columns: Vec<Vec<f64>>,
    epochs: usize,
    notes: Vec<String>,
    interrupted: bool,
}

impl History {
    pub(super) fn new(names: &Arc<[String]>) -> Self {
        Self {
            names: names.clone(),
            columns: vec![Vec::new(); names.len()],
            epochs: 0,
            notes: Vec::new(),
            interrupted: false,
        }
    }

    /// One of these columns, each with a value for each epoch; none where that is not so.
    pub(super) fn of_columns(columns: Vec<(String, Vec<f64>)>, notes: Vec<String>, epochs: usize) -> Option<Self> {
        let (names, columns): (Vec<String>, Vec<Vec<f64>>) = columns.into_iter().unzip();
        let fits = columns.iter().all(|column| column.len() == epochs) && names.is_sorted();
        fits.then(|| Self { names: names.into(), columns, epochs, notes, interrupted: false })
    }

    pub(super) fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    pub(super) fn push(&mut self, logs: &Scores) {
        self.epochs += 1;
        for (column, value) in self.columns.iter_mut().zip(logs.values()) {
            column.push(*value);
        }
    }

    /// A picture of it: a panel for each loss and metric, with the curves of training and validation.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
    /// # let mut tiny = Tiny::new(1);
    /// # let (x, y) = ([[1.0, 2.0], [2.0, 0.0]], [[3.0], [1.0]]);
    /// # let mut trainer = Trainer::new(&mut tiny, Adam::default(), MeanSquaredError).epochs(3).verbose(false);
    /// let history = trainer.fit(&x, &y)?;
    /// let path = std::env::temp_dir().join(format!("fusion-curves-{}.svg", std::process::id()));
    /// history.plot(&path)?;
    /// history.curves().log_scale(true).save(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn curves(&self) -> Curves<'_> {
        Curves::of(self)
    }

    /// Writes its picture to a file that ends with `.svg`.
    ///
    /// # Errors
    /// When the file has another ending, or cannot be written.
    pub fn plot(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        self.curves().save(path)
    }

    /// How many epochs there were; fewer than asked for where a callback stopped training.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    pub(super) fn set_interrupted(&mut self) {
        self.interrupted = true;
    }

    /// Whether Ctrl-C ended the training, with the feature `ctrlc`.
    ///
    /// `fit` then ends after the batch or the validation that it is in: callbacks finish, and the epochs before are here. The epoch that was
    /// not finished is not validated; with [`BackupAndRestore`](super::BackupAndRestore) the next `fit` goes on in its
    /// middle. A second Ctrl-C ends the program at once, with the exit code 130. A program that has set a handler of its
    /// own before its first `fit` keeps that one.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }

    pub(super) fn take_notes(&mut self, notes: &mut Vec<String>) {
        self.notes.append(notes);
    }

    /// What callbacks have to say of the training, in order: that one stopped it and why, which epoch's weights were
    /// restored. `fit` shows the same unless it is told to be quiet.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
    /// # let mut tiny = Tiny::new(1);
    /// let history = Trainer::new(&mut tiny, Sgd::new(0.0), MeanSquaredError)
    ///     .epochs(100)
    ///     .callback(EarlyStopping::new("loss").patience(2).restore_best_weights(true))
    ///     .verbose(false)
    ///     .fit(&[[1.0]], &[[3.0]])?;
    /// assert_eq!(history.notes()[0], "early stopping: after epoch 3 `loss` has not got better for 2 epochs");
    /// assert!(history.notes()[1].starts_with("the weights of epoch 1 are restored, the best (`loss`: "));
    /// # Ok::<(), TrainError>(())
    /// ```
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The values of this name, one for each epoch.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        Some(&self.columns[position(&self.names, name)?])
    }

    /// The names, sorted as in Keras's logs.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.keys().zip(self.columns.iter().map(Vec::as_slice))
    }
}

impl Index<&str> for History {
    type Output = [f64];
    /// # Panics
    /// When there is no such name; the message lists those there are.
    fn index(&self, name: &str) -> &[f64] {
        match position(&self.names, name) {
            Some(position) => &self.columns[position],
            None => unknown(&self.names, name),
        }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

fn position(names: &[String], name: &str) -> Option<usize> {
    names.binary_search_by(|known| known.as_str().cmp(name)).ok()
}

#[cold]
fn unknown(names: &[String], name: &str) -> ! {
    panic!("`{name}` is not logged; there are: {}", names.join(", "))
}

/// Where values that are computed in one order stand among the sorted names.
pub(super) struct Layout {
    names: Arc<[String]>,
    places: Vec<usize>,
}

impl Layout {
    pub fn new(names: &[String]) -> Self {
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        // The names differ from each other.
        let places = names.iter().filter_map(|name| position(&sorted, name)).collect();
        Self { names: sorted.into(), places }
    }

    pub fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    /// The scores without values yet.
    pub fn empty(&self) -> Scores {
        let many = if self.names.len() > INLINE { vec![0.0; self.names.len()] } else { Vec::new() };
        Scores { names: self.names.clone(), few: [0.0; INLINE], many }
    }

    /// Sets the value that comes at this place in the order of computation.
    pub fn set(&self, scores: &mut Scores, index: usize, value: f64) {
        scores.values_mut()[self.places[index]] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(count: usize) -> Scores {
        let names: Vec<String> = (0..count).rev().map(|i| format!("m{i:02}")).collect();
        let layout = Layout::new(&names);
        let mut scores = layout.empty();
        (0..count).for_each(|i| layout.set(&mut scores, i, (count - 1 - i) as f64));
        scores
    }

    #[test]
    fn values_stand_under_their_names_however_many_there_are() {
        for count in [0, 1, INLINE, INLINE + 1, 20] {
            let scores = scores(count);
            assert!(
                scores.iter().enumerate().all(|(i, (name, value))| name == format!("m{i:02}") && value == i as f64)
            );
            assert_eq!(scores.get("x"), None);
        }
    }

    #[test]
    #[should_panic(expected = "`loss` is not logged; there are: m00, m01")]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let _ = scores(2)["loss"];
    }

    #[test]
    fn numbers_look_as_keras_shows_them() {
        let layout = Layout::new(&["loss".to_owned(), "lr".to_owned()]);
        let mut scores = layout.empty();
        layout.set(&mut scores, 0, 0.123_456);
        layout.set(&mut scores, 1, 0.000_123_456);
        assert_eq!(scores.to_string(), "loss: 0.1235 - lr: 1.2346e-4");
    }
}
