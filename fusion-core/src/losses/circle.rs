use alloc::vec::Vec;

use super::batch::samples;
use super::{Loss, TargetError};
use crate::kernels::math::{exp, ln, ln_1p, sigmoid};
use crate::shape::Tensor;

/// How much embeddings of one class are farther from each other than from those of other classes (Sun et al., 2020):
/// Keras's `Circle`.
///
/// The targets are labels, one `u32` for each sample, which need not be below any number; the outputs are embeddings of
/// length 1, as after `UnitNormalization`. With the distances d = max(1 − ŷᵢ · ŷⱼ, 0) and the margin m, a sample's loss is
/// ln(1 + Σ exp(−γ (m + d)(m − d)) · Σ exp(γ (1 + m − d)(1 − m − d))): the first sum is over the other samples of its
/// batch with its label, the second over those with another one. A sample without both is left out, so that batches of
/// several samples of each label are what it learns from. Keras's defaults are γ = 80 and m = 0.4.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Circle, Loss};
///
/// let (labels, mut losses) = ([0, 0, 1], [0.0; 3]);
/// Circle::default().losses(&labels, &[[1.0_f32, 0.0], [1.0, 0.0], [0.0, 1.0]], &mut losses);
/// assert!(losses[0] < 1e-3 && losses[2] == 0.0);
/// Circle::default().losses(&labels, &[[1.0_f32, 0.0], [0.0, 1.0], [1.0, 0.0]], &mut losses);
/// assert!(losses[0] > 100.0);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Circle {
    gamma: f32,
    margin: f32,
    remove_diagonal: bool,
}

impl Default for Circle {
    fn default() -> Self {
        Self { gamma: 80.0, margin: 0.4, remove_diagonal: true }
    }
}

/// The embeddings of a batch.
#[derive(Clone, Copy)]
struct Embeddings<'a> {
    labels: &'a [u32],
    numbers: &'a [f32],
    /// How many numbers an embedding has.
    length: usize,
}

impl Embeddings<'_> {
    fn of(&self, sample: usize) -> &[f32] {
        &self.numbers[sample * self.length..(sample + 1) * self.length]
    }
}

/// What another sample adds to a sample's loss: the exponent, and its slope for the product of both embeddings.
struct Pair {
    other: usize,
    is_positive: bool,
    exponent: f32,
    slope: f32,
}

/// The logarithm of the sum of some exponentials; −∞ of none.
fn ln_sum(pairs: &[Pair], is_positive: bool) -> f32 {
    let exponents = pairs.iter().filter(|pair| pair.is_positive == is_positive).map(|pair| pair.exponent);
    let most = exponents.clone().fold(f32::NEG_INFINITY, |most, x| if x <= most { most } else { x });
    if most == f32::NEG_INFINITY { most } else { most + ln(exponents.map(|x| exp(x - most)).sum()) }
}

impl Circle {
    /// How steep it is.
    #[must_use]
    pub const fn gamma(mut self, gamma: f32) -> Self {
        self.gamma = gamma;
        self
    }

    /// How near embeddings of one class are to come, and how far others are to stay beyond 1 − margin.
    #[must_use]
    pub const fn margin(mut self, margin: f32) -> Self {
        self.margin = margin;
        self
    }

    /// Whether a sample is none of those with its label, as by default.
    #[must_use]
    pub const fn remove_diagonal(mut self, remove_diagonal: bool) -> Self {
        self.remove_diagonal = remove_diagonal;
        self
    }

    /// Writes the pairs of a sample with the others.
    fn pairs(self, embeddings: Embeddings<'_>, sample: usize, pairs: &mut Vec<Pair>) {
        let (label, own) = (embeddings.labels[sample], embeddings.of(sample));
        pairs.clear();
        for (other, other_label) in embeddings.labels.iter().enumerate() {
            if self.remove_diagonal && other == sample {
                continue;
            }
            let product: f32 = own.iter().zip(embeddings.of(other)).map(|(a, b)| a * b).sum();
            let distance = if 1.0 - product < 0.0 { 0.0 } else { 1.0 - product };
            let is_positive = *other_label == label;
            let (weight, missing, slope) = if is_positive {
                (self.margin + distance, distance - self.margin, 2.0 * distance)
            } else {
                (1.0 + self.margin - distance, 1.0 - self.margin - distance, -2.0 * (1.0 - distance))
            };
            // Neither counts less than nothing, and what is as near as can be comes no nearer.
            let slope = if weight < 0.0 || 1.0 - product < 0.0 { 0.0 } else { -self.gamma * slope };
            let exponent = self.gamma * if weight < 0.0 { 0.0 } else { weight } * missing;
            pairs.push(Pair { other, is_positive, exponent, slope });
        }
    }

    fn values(self, embeddings: Embeddings<'_>, losses: &mut [f32]) {
        let mut pairs = Vec::new();
        for (sample, loss) in losses.iter_mut().enumerate() {
            self.pairs(embeddings, sample, &mut pairs);
            let x = ln_sum(&pairs, true) + ln_sum(&pairs, false);
            *loss = if x > 0.0 { x } else { 0.0 } + ln_1p(exp(-x.abs()));
        }
    }

    fn derivatives(self, embeddings: Embeddings<'_>, weights: &[f32], gradient: &mut [f32]) {
        gradient.fill(0.0);
        let (mut pairs, length) = (Vec::new(), embeddings.length);
        for (sample, weight) in weights.iter().enumerate() {
            self.pairs(embeddings, sample, &mut pairs);
            let (positive, negative) = (ln_sum(&pairs, true), ln_sum(&pairs, false));
            let scale = weight * sigmoid(positive + negative);
            for Pair { other, is_positive, exponent, slope } in &pairs {
                let share = scale * slope * exp(exponent - if *is_positive { positive } else { negative });
                for i in 0..length {
                    gradient[sample * length + i] += share * embeddings.numbers[other * length + i];
                    gradient[other * length + i] += share * embeddings.numbers[sample * length + i];
                }
            }
        }
    }

    /// Whether a sample has others with its label and with another one.
    fn has_both(self, labels: &[u32], sample: usize) -> bool {
        let alike = labels.iter().filter(|label| **label == labels[sample]).count();
        alike > usize::from(self.remove_diagonal) && alike < labels.len()
    }
}

fn embeddings<'a, Out: Tensor<Element = f32>>(labels: &'a [u32], predictions: &'a [Out]) -> Embeddings<'a> {
    samples(labels, predictions);
    Embeddings { labels, numbers: Out::numbers(predictions), length: Out::SHAPE.length() }
}

impl<Out: Tensor<Element = f32>> Loss<Out> for Circle {
    type Target = u32;

    fn name(&self) -> &'static str {
        "circle"
    }

    fn by_batch(&self) -> bool {
        true
    }

    fn counts(&self, targets: &[u32], counts: &mut Vec<f32>) {
        counts.extend((0..targets.len()).map(|sample| f32::from(self.has_both(targets, sample))));
    }

    fn losses(&self, targets: &[u32], predictions: &[Out], losses: &mut [f32]) {
        self.values(embeddings(targets, predictions), losses);
    }

    fn gradient(&self, targets: &[u32], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
        self.derivatives(embeddings(targets, predictions), weights, Out::numbers_mut(gradient));
    }

    fn check(&self, _: &[u32]) -> Result<(), TargetError> {
        Ok(())
    }
}
