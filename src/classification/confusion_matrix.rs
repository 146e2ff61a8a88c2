//! How often each class was taken for each.

use std::fmt;

use super::report::ClassificationReport;
use super::shortened;

/// More classes are not counted: a matrix of them would have more than 10⁸ numbers.
const MOST_CLASSES: usize = 10_000;

/// How often each actual class, a row, was predicted as each class, a column: scikit-learn's `confusion_matrix`.
///
/// `println!("{matrix}")` shows it as a table of at most 80 columns, and `{matrix:120}` of at most 120: where the classes do
/// not fit side by side, their columns stand below each other.
/// [`plot`](Self::plot) draws it.
///
/// ```
/// use fusion::classification::ConfusionMatrix;
///
/// let matrix = ConfusionMatrix::named(&[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0], ["no", "yes"])?;
/// assert_eq!(matrix.rows().collect::<Vec<_>>(), [[1.0, 1.0], [1.0, 2.0]]);
/// let table = [
///     "        predicted",
///     "actual   no  yes",
///     "no        1    1",
///     "yes       1    2",
///     "",
/// ];
/// assert_eq!(matrix.to_string(), table.join("\n"));
/// # Ok::<(), fusion::classification::ClassesError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    /// Row by row.
    counts: Vec<f64>,
    /// What the numbers are shares of, where they are no counts.
    normalized: Option<Normalize>,
}

/// Of what the numbers of a normalized [`ConfusionMatrix`] are shares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Normalize {
    /// Of all samples of an actual class: each row adds up to 1.
    True,
    /// Of all predictions of a class: each column adds up to 1.
    Pred,
    /// Of all samples.
    All,
}

impl ConfusionMatrix {
    /// Of class ids, whose names are these numbers; there are as many classes as the largest id says.
    ///
    /// # Errors
    /// When there are not as many predictions as targets, or an id is too large to count.
    pub fn new(actual: &[u32], predicted: &[u32]) -> Result<Self, ClassesError> {
        let classes = match actual.iter().chain(predicted).max() {
            None => 0,
            Some(id) if *id as usize >= MOST_CLASSES => return Err(ClassesError::IdTooLarge { class: *id }),
            Some(id) => *id as usize + 1,
        };
        Self::named(actual, predicted, (0..classes).map(|class| class.to_string()))
    }

    /// Of class ids of classes with these names.
    ///
    /// # Errors
    /// When there are not as many predictions as targets, or an id has no name.
    pub fn named<S: Into<String>>(
        actual: &[u32],
        predicted: &[u32],
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, ClassesError> {
        Self::count_all(actual, predicted, None, names)
    }

    /// The same where each sample counts its weight.
    ///
    /// # Errors
    /// When there are not as many predictions or weights as targets, or an id has no name.
    pub fn weighted<S: Into<String>>(
        actual: &[u32],
        predicted: &[u32],
        weights: &[f32],
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, ClassesError> {
        Self::count_all(actual, predicted, Some(weights), names)
    }

    fn count_all<S: Into<String>>(
        actual: &[u32],
        predicted: &[u32],
        weights: Option<&[f32]>,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, ClassesError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let (samples, classes) = (actual.len(), names.len());
        for (what, count) in [("predictions", predicted.len()), ("weights", weights.map_or(samples, <[f32]>::len))] {
            if count != samples {
                return Err(ClassesError::Lengths { samples, what, count });
            }
        }
        if classes > MOST_CLASSES {
            return Err(ClassesError::TooManyNames { names: classes });
        }
        let mut counts = vec![0.0; classes * classes];
        for (sample, (actual, predicted)) in actual.iter().zip(predicted).enumerate() {
            for (what, class) in [("target", *actual), ("prediction", *predicted)] {
                if class as usize >= classes {
                    return Err(ClassesError::OutOfRange { what, sample, class, classes });
                }
            }
            let weight = weights.map_or(1.0, |weights| f64::from(weights[sample]));
            counts[*actual as usize * classes + *predicted as usize] += weight;
        }
        Ok(Self { names, counts, normalized: None })
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// The names of the classes.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How often a class was predicted as another one, or itself.
    ///
    /// # Panics
    /// If there is no such class.
    #[must_use]
    pub fn count(&self, actual: usize, predicted: usize) -> f64 {
        let classes = self.classes();
        assert!(actual < classes && predicted < classes, "class {} of {classes}", actual.max(predicted));
        self.counts[actual * classes + predicted]
    }

    /// The counts of each actual class.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.counts.chunks_exact(self.classes().max(1))
    }

    /// The counts as shares: scikit-learn's `normalize`. Where there is nothing to share they are 0. A
    /// [`report`](Self::report) is of counts: it is made before.
    ///
    /// ```
    /// use fusion::classification::{ConfusionMatrix, Normalize};
    ///
    /// let matrix = ConfusionMatrix::new(&[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0])?.normalized(Normalize::True);
    /// assert_eq!(matrix.count(0, 1), 0.5);
    /// # Ok::<(), fusion::classification::ClassesError>(())
    /// ```
    #[must_use]
    pub fn normalized(mut self, normalize: Normalize) -> Self {
        let classes = self.classes();
        let sums: Vec<f64> = match normalize {
            Normalize::True => self.rows().map(|row| row.iter().sum()).collect(),
            Normalize::Pred => (0..classes).map(|class| self.rows().map(|row| row[class]).sum()).collect(),
            Normalize::All => vec![self.counts.iter().sum()],
        };
        for (index, count) in self.counts.iter_mut().enumerate() {
            let sum = match normalize {
                Normalize::True => sums[index / classes],
                Normalize::Pred => sums[index % classes],
                Normalize::All => sums[0],
            };
            *count = if sum == 0.0 { 0.0 } else { *count / sum };
        }
        self.normalized = Some(normalize);
        self
    }

    /// How strongly the picture shows each number: as its share of the actual class, or what else it is a share of.
    pub(crate) fn shares(&self) -> Vec<f64> {
        match self.normalized {
            None => self.clone().normalized(Normalize::True).counts,
            Some(_) => self.counts.clone(),
        }
    }

    /// Precision, recall and F1 score of each class, and their means.
    ///
    /// # Panics
    /// If the matrix is [`normalized`](Self::normalized): how many samples there are is not known any more.
    #[must_use]
    pub fn report(&self) -> ClassificationReport {
        assert!(self.normalized.is_none(), "a report is of counts: call `report` before `normalized`");
        ClassificationReport::of(self)
    }

    /// The numbers as texts, row by row: whole ones as such, others with two digits.
    pub(crate) fn texts(&self) -> Vec<String> {
        let whole = self.counts.iter().all(|count| count.fract() == 0.0);
        let digits = if whole { 0 } else { 2 };
        self.counts.iter().map(|count| format!("{count:.digits$}")).collect()
    }
}

/// The longest name in a table.
const LONGEST: usize = 20;
/// The longest above a column.
const LONGEST_ABOVE: usize = 12;
const WIDTH: usize = 80;

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, classes, texts) = (f.width().unwrap_or(WIDTH), self.classes(), self.texts());
        let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let beside: Vec<String> = self.names.iter().map(|name| shortened(name, LONGEST)).collect();
        let above: Vec<String> = self.names.iter().map(|name| shortened(name, LONGEST_ABOVE)).collect();
        let first = longest(&mut beside.iter().map(|name| name.chars().count())).max("actual".len());
        let column = longest(&mut above.iter().chain(&texts).map(|text| text.chars().count())) + 2;
        // One column at least, however narrow the table is to be.
        let side_by_side = (width.saturating_sub(first) / column).clamp(1, classes.max(1));
        for start in (0..classes).step_by(side_by_side) {
            let shown = start..classes.min(start + side_by_side);
            if start > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{:first$}  predicted", "")?;
            write!(f, "{:first$}", "actual")?;
            above[shown.clone()].iter().try_for_each(|name| write!(f, "{name:>column$}"))?;
            writeln!(f)?;
            for (class, name) in beside.iter().enumerate() {
                write!(f, "{name:first$}")?;
                let row = &texts[class * classes..(class + 1) * classes];
                row[shown.clone()].iter().try_for_each(|text| write!(f, "{text:>column$}"))?;
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// Targets and predictions that cannot be counted.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClassesError {
    /// There are not as many of something as there are targets.
    Lengths {
        /// How many targets there are.
        samples: usize,
        /// Of what there are not as many: `predictions` or `weights`.
        what: &'static str,
        /// How many of it there are.
        count: usize,
    },
    /// A class id is not below the number of names.
    OutOfRange {
        /// Whose id it is: `target` or `prediction`.
        what: &'static str,
        /// The sample, from 0.
        sample: usize,
        /// The id found.
        class: u32,
        /// How many names there are.
        classes: usize,
    },
    /// A class id is beyond those that can be counted.
    IdTooLarge {
        /// The id found.
        class: u32,
    },
    /// There are more names than classes that can be counted.
    TooManyNames {
        /// How many there are.
        names: usize,
    },
}

impl fmt::Display for ClassesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths { samples, what, count } => write!(f, "there are {samples} targets, but {count} {what}"),
            Self::OutOfRange { what, sample, class, classes } => write!(
                f,
                "the {what} of sample {sample} is the class id {class}, but there are {classes} names, so ids are below {classes}"
            ),
            Self::IdTooLarge { class } => write!(
                f,
                "a class id is {class}: at most {MOST_CLASSES} classes are counted, so ids are below {MOST_CLASSES}"
            ),
            Self::TooManyNames { names } => {
                write!(f, "there are {names} names, but at most {MOST_CLASSES} classes are counted")
            }
        }
    }
}
fusion_core::debug_is_display!(ClassesError);
impl std::error::Error for ClassesError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_count_and_shares_add_up() {
        let matrix =
            ConfusionMatrix::weighted(&[0, 1, 1, 2], &[0, 1, 2, 2], &[1.0, 0.5, 1.5, 2.0], ["a", "b", "c"]).unwrap();
        assert_eq!(matrix.rows().collect::<Vec<_>>(), [[1.0, 0.0, 0.0], [0.0, 0.5, 1.5], [0.0, 0.0, 2.0]]);
        let shares = |normalize| matrix.clone().normalized(normalize).counts;
        assert_eq!(shares(Normalize::True), [1.0, 0.0, 0.0, 0.0, 0.25, 0.75, 0.0, 0.0, 1.0]);
        assert_eq!(shares(Normalize::Pred)[5], 1.5 / 3.5);
        assert_eq!(shares(Normalize::All)[8], 0.4);
        // Class 1 never occurs.
        let matrix = ConfusionMatrix::new(&[0, 2], &[2, 0]).unwrap();
        assert_eq!(matrix.normalized(Normalize::True).count(1, 1), 0.0);
    }

    #[test]
    fn what_cannot_be_counted_is_named() {
        let error = |result: Result<ConfusionMatrix, ClassesError>| result.unwrap_err().to_string();
        assert_eq!(error(ConfusionMatrix::new(&[0, 1], &[0])), "there are 2 targets, but 1 predictions");
        assert_eq!(
            error(ConfusionMatrix::weighted(&[0, 1], &[0, 1], &[1.0; 3], ["a", "b"])),
            "there are 2 targets, but 3 weights"
        );
        assert_eq!(
            error(ConfusionMatrix::named(&[0, 1], &[0, 2], ["a", "b"])),
            "the prediction of sample 1 is the class id 2, but there are 2 names, so ids are below 2"
        );
        assert_eq!(
            error(ConfusionMatrix::new(&[0, u32::MAX], &[0, 1])),
            "a class id is 4294967295: at most 10000 classes are counted, so ids are below 10000"
        );
        assert_eq!(
            error(ConfusionMatrix::named(&[0], &[0], vec!["a"; 10_001])),
            "there are 10001 names, but at most 10000 classes are counted"
        );
        assert_eq!(ConfusionMatrix::new(&[], &[]).unwrap().to_string(), "");
    }

    #[test]
    fn a_table_is_as_wide_as_it_may_be() {
        let names: Vec<String> = (0..30).map(|class| format!("a kind of thing {class}")).collect();
        let ids: Vec<u32> = (0..30).collect();
        let matrix = ConfusionMatrix::named(&ids, &ids, names).unwrap();
        for width in [40, 60, 80, 120] {
            let table = format!("{matrix:width$}");
            assert!(table.lines().all(|line| line.chars().count() <= width), "{table}");
            // Each class once in each part.
            assert_eq!(table.matches("a kind of thing 7 ").count(), table.matches("predicted").count(), "{table}");
            let ones = table.split_whitespace().filter(|word| *word == "1").count();
            assert_eq!(ones, 30 + table.matches("thing 1 ").count(), "{table}");
        }
        assert!(format!("{matrix:5}").lines().count() > 30);
    }
}
