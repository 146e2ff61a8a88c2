//! Running losses and metrics, weighted as Keras weighs them.

use fusion_core::metrics::MetricState;
use fusion_core::model::Outputs;

use super::history::{Layout, Scores};
use super::losses::Seen;
use super::metrics::Tracker;
use super::passes::share_of_step;
use super::targets::Targets;
use super::weights::SampleWeights;

/// What was seen since the beginning of an epoch.
///
/// Keras's loss tracker is the mean of the batches' losses weighted by the batches' sizes, which is
/// the sum over all samples of loss · sample weight, divided by the number of samples. Its trackers of
/// the outputs' losses weigh all batches alike, also a last one that is shorter.
pub(super) struct Running<O, T> {
    output_names: Vec<&'static str>,
    samples: usize,
    loss: f64,
    batches: usize,
    /// The sums of the batches' means for each output, without loss weights.
    outputs: Vec<f64>,
    /// The sums of the samples' losses in the batch that is not at its end.
    batch: Vec<f64>,
    samples_of_batch: usize,
    trackers: Vec<(Weighing, Box<dyn Tracker<O, T>>)>,
    layout: Layout,
}

/// Whether a metric takes sample weights: Keras's `weighted_metrics` and `metrics`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weighing {
    Unweighted,
    Weighted,
}

impl<O: Outputs, T: Targets> Running<O, T> {
    pub fn new(output_names: Vec<&'static str>) -> Self {
        let outputs = vec![0.0; output_names.len()];
        let layout = Layout::new(&[]);
        let mut running = Self {
            output_names,
            samples: 0,
            loss: 0.0,
            batches: 0,
            batch: outputs.clone(),
            outputs,
            samples_of_batch: 0,
            trackers: Vec::new(),
            layout,
        };
        running.layout = Layout::new(&running.names());
        running
    }

    pub fn add_metrics(&mut self, weighing: Weighing, tracker: Box<dyn Tracker<O, T>>) {
        self.trackers.push((weighing, tracker));
        // Keras names unweighted metrics first.
        self.trackers.sort_by_key(|(weighing, _)| *weighing);
        self.layout = Layout::new(&self.names());
    }

    pub fn reset(&mut self) {
        (self.samples, self.loss, self.batches, self.samples_of_batch) = (0, 0.0, 0, 0);
        self.outputs.fill(0.0);
        self.batch.fill(0.0);
        self.trackers.iter_mut().for_each(|(_, tracker)| tracker.reset());
    }

    /// What it has seen, as numbers.
    pub fn numbers(&mut self) -> Vec<f64> {
        let mut numbers = Vec::new();
        self.each_number(&mut |number| numbers.push(*number));
        numbers
    }

    /// Goes on from what [`Running::numbers`] gave, where anything was seen then. Whether these are such numbers, of the
    /// same outputs and metrics; where they are not, it has seen nothing.
    pub fn restore(&mut self, numbers: &[f64]) -> bool {
        self.reset();
        if numbers.is_empty() {
            return true;
        }
        let (mut rest, mut missing) = (numbers.iter(), false);
        self.each_number(&mut |number| match rest.next() {
            Some(kept) => *number = *kept,
            None => missing = true,
        });
        let all = !missing && rest.as_slice().is_empty();
        if !all {
            self.reset();
        }
        all
    }

    fn each_number(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.samples.each(number);
        self.batches.each(number);
        number(&mut self.loss);
        self.outputs.iter_mut().for_each(&mut *number);
        self.trackers.iter_mut().for_each(|(_, tracker)| tracker.numbers(number));
    }

    /// Takes in the losses of some samples, those of the first output first, and gives the sum of
    /// their weighted losses.
    pub fn add_losses(
        &mut self,
        losses: &[f32],
        seen: &Seen<'_, O>,
        samples: usize,
        weights: SampleWeights<'_>,
        loss_weights: &[f32],
    ) -> f64 {
        let (mut total, mut rest) = (0.0, losses);
        for (output, (sum, loss_weight)) in self.batch.iter_mut().zip(loss_weights).enumerate() {
            let (losses, after) = rest.split_at(seen.losses_of(output, samples));
            rest = after;
            let loss: f64 = match (seen.masks[output], weights.of(output)) {
                (Some(mask), weights) => masked_sum(losses, mask, samples, weights),
                (None, None) => losses.iter().map(|loss| f64::from(*loss)).sum(),
                (None, Some(weights)) => {
                    losses.iter().zip(weights).map(|(loss, w)| f64::from(*loss) * f64::from(*w)).sum()
                }
            };
            *sum += loss;
            total += loss * f64::from(*loss_weight);
        }
        self.loss += total;
        self.samples += samples;
        self.samples_of_batch += samples;
        total
    }

    /// The mean loss of all samples so far; 0 where there are none.
    pub fn loss(&self) -> f64 {
        self.loss / self.samples.max(1) as f64
    }

    /// Takes in what the weights add to the loss of a batch of so many samples.
    pub fn add_penalty(&mut self, penalty: f64, samples: usize) {
        self.loss += penalty * samples as f64;
    }

    /// The losses so far are those of a batch.
    pub fn end_batch(&mut self) {
        let samples = self.samples_of_batch as f64;
        for (mean, sum) in self.outputs.iter_mut().zip(&mut self.batch) {
            *mean += *sum / samples;
            *sum = 0.0;
        }
        self.batches += 1;
        self.samples_of_batch = 0;
    }

    /// Marks the outputs with metrics that are taken of logits.
    pub fn of_logits(&self, of_logits: &mut [bool]) {
        self.trackers.iter().for_each(|(_, tracker)| tracker.of_logits(of_logits));
    }

    /// Whether a metric takes whole batches.
    pub fn by_batch(&self) -> bool {
        self.trackers.iter().any(|(_, tracker)| tracker.by_batch())
    }

    /// Takes in some samples' outputs.
    pub fn update_metrics(&mut self, targets: T::Slices<'_>, seen: Seen<'_, O>, weights: SampleWeights<'_>) {
        for (weighing, tracker) in &mut self.trackers {
            let weights = if *weighing == Weighing::Weighted { weights } else { SampleWeights::NONE };
            tracker.update(targets, seen, weights);
        }
    }

    /// The names of the logs, sorted.
    pub fn log_names(&self) -> &[String] {
        self.layout.names()
    }

    /// The values so far.
    pub fn scores(&self) -> Scores {
        let mut scores = self.layout.empty();
        let mut index = 0;
        let mut set = |value| {
            self.layout.set(&mut scores, index, value);
            index += 1;
        };
        set(self.loss());
        if self.outputs.len() > 1 {
            let batches = self.batches.max(1) as f64;
            self.outputs.iter().for_each(|sum| set(sum / batches));
        }
        self.trackers.iter().for_each(|(_, tracker)| tracker.results(&mut set));
        scores
    }

    /// The names as Keras gives them, in the order in which [`Running::scores`] sets the values.
    fn names(&self) -> Vec<String> {
        let several = self.output_names.len() > 1;
        let mut names = vec!["loss".to_owned()];
        if several {
            names.extend(self.output_names.iter().map(|output| format!("{output}_loss")));
        }
        for (weighing, tracker) in &self.trackers {
            tracker.names(&mut |output, metric| {
                let output = output.filter(|_| several).map(|output| self.output_names[output]);
                let prefix = output.map_or_else(String::new, |output| format!("{output}_"));
                names.push(free_name(&names, &prefix, metric, *weighing));
            });
        }
        names
    }
}

/// The mean of the losses of the steps that count, each times its sample's weight, times the number of samples: so much
/// is the sum of the losses of an output without a mask.
fn masked_sum(losses: &[f32], mask: &[f32], samples: usize, weights: Option<&[f32]>) -> f64 {
    let steps = mask.len() / samples;
    let weight = |step: usize| weights.map_or(1.0, |weights| f64::from(weights[step / steps]));
    let terms = losses.iter().zip(mask).enumerate();
    let sum: f64 = terms.map(|(step, (loss, counts))| f64::from(*loss) * f64::from(*counts) * weight(step)).sum();
    sum * f64::from(share_of_step(mask)) * samples as f64
}

/// The metric's name, with Keras's additions where it is taken: `weighted_mae`, `mae_1`.
fn free_name(taken: &[String], prefix: &str, metric: &str, weighing: Weighing) -> String {
    let plain = format!("{prefix}{metric}");
    let weighted = format!("{prefix}weighted_{metric}");
    let base = if weighing == Weighing::Weighted && taken.contains(&plain) { weighted } else { plain };
    let numbered = (1..).map(|number| format!("{base}_{number}"));
    std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(base)
}

/// Keras's name of it.
const LEARNING_RATE: &str = "learning_rate";

/// The logs of an epoch: those of training, as `val_…` those of validation, and the learning rate.
pub(super) struct EpochLayout {
    layout: Layout,
    validation: bool,
    learning_rate: bool,
}

impl EpochLayout {
    pub fn new(names: &[String], validation: bool, learning_rate: bool) -> Self {
        let mut all = names.to_vec();
        if validation {
            all.extend(names.iter().map(|name| format!("val_{name}")));
        }
        // A metric may be called so, as one of the user's that shows it.
        let learning_rate = learning_rate && !all.iter().any(|name| name == LEARNING_RATE);
        all.extend(learning_rate.then(|| LEARNING_RATE.to_owned()));
        Self { layout: Layout::new(&all), validation, learning_rate }
    }

    pub fn names(&self) -> &std::sync::Arc<[String]> {
        self.layout.names()
    }

    /// Whether there are logs of a validation.
    pub fn validates(&self) -> bool {
        self.validation
    }

    pub fn join(&self, training: &Scores, validation: Option<&Scores>, learning_rate: f32) -> Scores {
        let mut scores = self.layout.empty();
        let validation = validation.filter(|_| self.validation);
        let values = training.iter().chain(validation.into_iter().flat_map(Scores::iter)).map(|(_, value)| value);
        let rate = self.learning_rate.then_some(f64::from(learning_rate));
        for (index, value) in values.chain(rate).enumerate() {
            self.layout.set(&mut scores, index, value);
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_kerass_additions() {
        let taken = ["loss", "mae", "z_mae"].map(str::to_owned);
        assert_eq!(free_name(&taken, "", "mse", Weighing::Unweighted), "mse");
        assert_eq!(free_name(&taken, "", "mae", Weighing::Unweighted), "mae_1");
        assert_eq!(free_name(&taken, "", "mae", Weighing::Weighted), "weighted_mae");
        assert_eq!(free_name(&taken, "z_", "mae", Weighing::Weighted), "z_weighted_mae");
    }
}
