//! What a confusion matrix says of each class.

use std::fmt;

use super::{ConfusionMatrix, shortened};

/// Precision, recall and F1 score of each class, and their means: scikit-learn's `classification_report`, with its numbers
/// and its text.
///
/// Of the samples of a class that were predicted as it, TP, of others that were, FP, and of those that were not, FN:
/// precision is TP / (TP + FP), recall TP / (TP + FN), the F1 score 2 TP / (2 TP + FP + FN), each 0 where it would be
/// divided by 0, and the support is TP + FN. `{report:.4}` shows four digits instead of two. Each class of the
/// matrix counts in the means, also one that does not occur.
///
/// ```
/// use fusion::classification::ConfusionMatrix;
///
/// let report = ConfusionMatrix::named(&[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0], ["no", "yes"])?.report();
/// assert_eq!(report["no"].precision, 0.5);
/// assert_eq!(report.accuracy(), 0.6);
/// assert_eq!(report.to_string(), "              \
///               precision    recall  f1-score   support
///
///           no       0.50      0.50      0.50         2
///          yes       0.67      0.67      0.67         3
///
///     accuracy                           0.60         5
///    macro avg       0.58      0.58      0.58         5
/// weighted avg       0.60      0.60      0.60         5
/// ");
/// # Ok::<(), fusion::classification::ClassesError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct ClassificationReport {
    classes: Vec<(String, ClassScores)>,
    accuracy: f64,
    macro_average: ClassScores,
    weighted_average: ClassScores,
}

/// The scores of a class, or their mean.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct ClassScores {
    /// How many of the predictions of the class were right.
    pub precision: f64,
    /// How many of the samples of the class were found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1_score: f64,
    /// How many samples of the class there were.
    pub support: f64,
}

fn divide(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

impl ClassScores {
    fn of(matrix: &ConfusionMatrix, class: usize) -> Self {
        let right = matrix.count(class, class);
        let sum = |count: &dyn Fn(usize) -> f64| (0..matrix.classes()).map(count).sum::<f64>();
        let (actual, predicted) = (sum(&|other| matrix.count(class, other)), sum(&|other| matrix.count(other, class)));
        Self {
            precision: divide(right, predicted),
            recall: divide(right, actual),
            f1_score: divide(2.0 * right, actual + predicted),
            support: actual,
        }
    }

    /// The mean of some, each with its weight.
    fn mean(scores: &[(String, Self)], weight: impl Fn(&Self) -> f64) -> Self {
        let total: f64 = scores.iter().map(|(_, scores)| weight(scores)).sum();
        let mean = |number: fn(&Self) -> f64| {
            divide(scores.iter().map(|(_, scores)| weight(scores) * number(scores)).sum(), total)
        };
        Self {
            precision: mean(|scores| scores.precision),
            recall: mean(|scores| scores.recall),
            f1_score: mean(|scores| scores.f1_score),
            support: scores.iter().map(|(_, scores)| scores.support).sum(),
        }
    }
}

impl ClassificationReport {
    pub(super) fn of(matrix: &ConfusionMatrix) -> Self {
        let classes: Vec<(String, ClassScores)> = (0..matrix.classes())
            .map(|class| (matrix.names()[class].clone(), ClassScores::of(matrix, class)))
            .collect();
        let right: f64 = (0..matrix.classes()).map(|class| matrix.count(class, class)).sum();
        Self {
            accuracy: divide(right, matrix.rows().flatten().sum()),
            macro_average: ClassScores::mean(&classes, |_| 1.0),
            weighted_average: ClassScores::mean(&classes, |scores| scores.support),
            classes,
        }
    }

    /// The names and scores of the classes.
    pub fn classes(&self) -> impl Iterator<Item = (&str, &ClassScores)> {
        self.classes.iter().map(|(name, scores)| (name.as_str(), scores))
    }

    /// The scores of the class of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ClassScores> {
        self.classes().find(|(class, _)| *class == name).map(|(_, scores)| scores)
    }

    /// How many samples were predicted right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// The mean over the classes: `macro avg`.
    #[must_use]
    pub fn macro_average(&self) -> &ClassScores {
        &self.macro_average
    }

    /// The mean over the classes, each as often as it occurs: `weighted avg`.
    #[must_use]
    pub fn weighted_average(&self) -> &ClassScores {
        &self.weighted_average
    }
}

impl std::ops::Index<&str> for ClassificationReport {
    type Output = ClassScores;
    /// # Panics
    /// When there is no class of this name; the message lists those there are.
    fn index(&self, name: &str) -> &ClassScores {
        let names = || self.classes().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        self.get(name).unwrap_or_else(|| panic!("`{name}` is no class; there are: {}", names()))
    }
}

/// The longest name, with which the text has 80 columns.
const LONGEST: usize = 39;
const WEIGHTED: &str = "weighted avg";

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        let names: Vec<String> = self.classes.iter().map(|(name, _)| shortened(name, LONGEST)).collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = longest.max(WEIGHTED.len()).max(digits);
        let whole = self.classes.iter().all(|(_, scores)| scores.support.fract() == 0.0);
        let support = |support: f64| if whole { format!("{support:.0}") } else { format!("{support:.2}") };
        let line = |f: &mut fmt::Formatter<'_>, name: &str, scores: &ClassScores| {
            write!(f, "{name:>width$} ")?;
            for number in [scores.precision, scores.recall, scores.f1_score] {
                write!(f, " {number:>9.digits$}")?;
            }
            writeln!(f, " {:>9}", support(scores.support))
        };
        write!(f, "{:width$} ", "")?;
        ["precision", "recall", "f1-score", "support"].iter().try_for_each(|head| write!(f, " {head:>9}"))?;
        writeln!(f, "\n")?;
        names.iter().zip(&self.classes).try_for_each(|(name, (_, scores))| line(f, name, scores))?;
        let samples = support(self.macro_average.support);
        writeln!(f, "\n{:>width$}  {:9} {:9} {:>9.digits$} {samples:>9}", "accuracy", "", "", self.accuracy)?;
        line(f, "macro avg", &self.macro_average)?;
        line(f, WEIGHTED, &self.weighted_average)
    }
}
