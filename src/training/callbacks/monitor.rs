//! What callbacks watch, and whether it gets better.

use crate::training::error::TrainError;

/// Which values of a monitored quantity are the better ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// Told by the name: losses and errors should be small, accuracies large.
    #[default]
    Auto,
    /// The smaller ones.
    Min,
    /// The larger ones.
    Max,
}

/// A quantity among the logs: Keras's `MonitorCallback`.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    pub name: String,
    pub mode: Mode,
    pub min_delta: f64,
}

/// Words in names of what should be small.
const SMALL: &str = "loss error mse mae mape msle rmse crossentropy entropy huber hinge divergence cosh poisson";
/// Words in names of what should be large.
const LARGE: &str = "accuracy acc auc precision recall f1 fbeta iou r2 similarity specificity sensitivity correlation";

impl Monitor {
    pub fn new(name: &str, min_delta: f64) -> Self {
        Self { name: name.to_owned(), mode: Mode::Auto, min_delta }
    }

    pub fn check(&self, names: &[String]) -> Result<(), TrainError> {
        if !names.contains(&self.name) {
            return Err(TrainError::UnknownMonitor { monitor: self.name.clone(), known: names.to_vec() });
        }
        match self.direction() {
            Mode::Auto => Err(TrainError::UnknownDirection { monitor: self.name.clone() }),
            Mode::Min | Mode::Max => Ok(()),
        }
    }

    /// `Auto` where the name does not tell.
    fn direction(&self) -> Mode {
        let says = |words: &str| self.name.split('_').any(|word| words.split(' ').any(|known| known == word));
        match (self.mode, says(SMALL), says(LARGE)) {
            (Mode::Auto, true, false) => Mode::Min,
            (Mode::Auto, false, true) => Mode::Max,
            (mode, ..) => mode,
        }
    }

    /// Whether a value is better than another by more than `min_delta`; anything is better than none.
    pub fn is_improvement(&self, value: f64, reference: Option<f64>) -> bool {
        let Some(reference) = reference else { return true };
        // Keras compares in f32.
        let (delta, reference) = (self.min_delta.abs(), reference as f32);
        match self.direction() {
            Mode::Max => ((value - delta) as f32) > reference,
            Mode::Min | Mode::Auto => ((value + delta) as f32) < reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_direction() {
        let direction = |name: &str| Monitor::new(name, 0.0).direction();
        for name in ["loss", "val_loss", "priority_loss", "val_mean_absolute_error", "mae_1", "binary_crossentropy"] {
            assert_eq!(direction(name), Mode::Min, "{name}");
        }
        for name in ["accuracy", "val_department_accuracy", "auc", "f1_score", "top_k_categorical_accuracy", "recall_1"]
        {
            assert_eq!(direction(name), Mode::Max, "{name}");
        }
        assert_eq!(direction("val_profit"), Mode::Auto);
    }
}
