//! A batch of targets and predictions as flat numbers, and the means that losses are made of.

use crate::kernels::lanes::sum_of_pairs;
use crate::kernels::vectorize;
use crate::shape::Tensor;

/// Sums of this many terms run side by side, so that they become vector instructions. It is one
/// number for all processors, so that all of them give the same sum.
const LANES: usize = 16;

/// Terms that are added up in `f32`; their sums are added up in `f64`, so that rounding does not grow with the number.
const TERMS: usize = 32 * LANES;

/// A batch as flat numbers.
///
/// It has no type parameter: what a loss does with it is compiled once, in this crate, and so is
/// fast in a debug build of the user's program too.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    /// How many numbers a sample has, or one of its steps.
    pub length: usize,
    /// How many of them form one vector of scores, the last dimension.
    pub classes: usize,
    /// The targets, sample by sample.
    pub targets: &'a [f32],
    /// The predictions, sample by sample.
    pub predictions: &'a [f32],
}

impl<'a> Batch<'a> {
    /// # Panics
    /// If there are not as many targets as predictions.
    pub fn new<Out: Tensor<Element = f32>>(targets: &'a [Out], predictions: &'a [Out]) -> Self {
        samples(targets, predictions);
        // An output without numbers has no vectors either; 1 only keeps the divisions from zero.
        let (length, classes) = (Out::SHAPE.length().max(1), Out::SHAPE.last().max(1));
        Self { length, classes, targets: Out::numbers(targets), predictions: Out::numbers(predictions) }
    }

    /// The same cut into so many parts, all samples together: into these, or into their steps.
    pub fn in_parts(mut self, parts: usize) -> Self {
        self.length = self.predictions.len().checked_div(parts).unwrap_or(0).max(1);
        self
    }

    /// How many vectors a sample has, or a step.
    pub fn positions(&self) -> usize {
        self.length / self.classes
    }

    /// The target and the prediction of one vector, counted from the first sample's first.
    pub fn vectors(&self, index: usize) -> (&'a [f32], &'a [f32]) {
        let range = index * self.classes..(index + 1) * self.classes;
        (&self.targets[range.clone()], &self.predictions[range])
    }

    /// Writes each sample's mean of `value(target, prediction)`.
    #[inline(always)]
    pub fn means(&self, losses: &mut [f32], value: impl Fn(f32, f32) -> f32) {
        vectorize(
            #[inline(always)]
            || {
                let samples = self.targets.chunks_exact(self.length).zip(self.predictions.chunks_exact(self.length));
                for ((targets, predictions), loss) in samples.zip(losses) {
                    *loss = sum(targets, predictions, &value) / self.length as f32;
                }
            },
        );
    }

    /// Writes the gradient of [`Batch::means`], each sample's times its weight, from
    /// `derivative(target, prediction)`.
    #[inline(always)]
    pub fn mean_gradients(&self, weights: &[f32], gradient: &mut [f32], derivative: impl Fn(f32, f32) -> f32) {
        vectorize(
            #[inline(always)]
            || {
                let samples = self.targets.chunks_exact(self.length).zip(self.predictions.chunks_exact(self.length));
                let gradients = gradient.chunks_exact_mut(self.length).zip(weights);
                for ((targets, predictions), (gradient, weight)) in samples.zip(gradients) {
                    let scale = weight / self.length as f32;
                    for ((target, prediction), gradient) in targets.iter().zip(predictions).zip(gradient) {
                        *gradient = scale * derivative(*target, *prediction);
                    }
                }
            },
        );
    }
}

/// How many samples there are.
///
/// # Panics
/// If there are not as many targets as predictions.
pub(super) fn samples<T, P>(targets: &[T], predictions: &[P]) -> usize {
    assert!(targets.len() == predictions.len(), "{} targets, {} predictions", targets.len(), predictions.len());
    predictions.len()
}

/// Σ `term(a, b)` over two slices of one length.
#[inline(always)]
pub(super) fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    if a.len() <= TERMS {
        return sum_of_pairs(a, b, &term);
    }
    let parts = a.chunks(TERMS).zip(b.chunks(TERMS));
    parts.map(|(a, b)| f64::from(sum_of_pairs(a, b, &term))).sum::<f64>() as f32
}

/// Σ of numbers that come one by one.
#[inline(always)]
pub(super) fn total(terms: impl Iterator<Item = f32>) -> f32 {
    terms.map(f64::from).sum::<f64>() as f32
}

/// Writes each sample's mean of the losses of its vectors; `loss_of` takes a vector's index,
/// counted from the first sample's first.
pub(super) fn mean_of_positions(positions: usize, losses: &mut [f32], loss_of: impl Fn(usize) -> f32) {
    for (sample, loss) in losses.iter_mut().enumerate() {
        let vectors = sample * positions..(sample + 1) * positions;
        *loss = total(vectors.map(&loss_of)) / positions as f32;
    }
}

/// The gradient of [`mean_of_positions`]: `write` gets each vector's index, its weight and its
/// `classes` numbers of the gradient to fill.
pub(super) fn gradient_of_positions(
    (positions, classes): (usize, usize),
    weights: &[f32],
    gradient: &mut [f32],
    write: impl Fn(usize, f32, &mut [f32]),
) {
    for (index, vector) in gradient.chunks_exact_mut(classes.max(1)).enumerate() {
        write(index, weights[index / positions] / positions as f32, vector);
    }
}

/// Makes a loss, for outputs of any shape, of a type's `values(&self, Batch, losses)` and
/// `derivatives(&self, Batch, weights, gradient)`. The target has the output's own type, and its numbers are as
/// [`Targets`](super::targets::Targets) checks them.
macro_rules! loss_of_numbers {
    ($Loss:ty, $name:literal, $targets:ident $(, of_logits $of_logits:expr)?) => {
        impl<Out: crate::shape::Tensor<Element = f32>> crate::losses::Loss<Out> for $Loss {
            type Target = Out;
            fn name(&self) -> &'static str {
                $name
            }
            $(fn of_logits(&self) -> Option<Self> {
                Some($of_logits(*self))
            })?
            fn by_step(&self) -> bool {
                true
            }
            fn losses(&self, targets: &[Out], predictions: &[Out], losses: &mut [f32]) {
                let batch = crate::losses::batch::Batch::new(targets, predictions).in_parts(losses.len());
                self.values(batch, losses);
            }
            fn gradient(&self, targets: &[Out], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
                let batch = crate::losses::batch::Batch::new(targets, predictions).in_parts(weights.len());
                self.derivatives(batch, weights, Out::numbers_mut(gradient));
            }
            fn check(&self, targets: &[Out]) -> Result<(), crate::losses::TargetError> {
                crate::losses::targets::Targets::of(targets).$targets()
            }
        }
    };
}
pub(super) use loss_of_numbers;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_takes_every_term_once() {
        let ones = [1.0; 3 * TERMS + LANES + 5];
        for length in [0, 1, LANES - 1, LANES, LANES + 1, TERMS, TERMS + 1, ones.len()] {
            assert_eq!(sum(&ones[..length], &ones[..length], |a, b| a * b), length as f32);
        }
    }

    #[test]
    fn the_losses_of_steps_are_those_of_so_many_samples() {
        use super::super::{Loss, MeanSquaredError};
        let targets: [[[f32; 2]; 3]; 2] =
            core::array::from_fn(|i| core::array::from_fn(|j| [i as f32, j as f32 / 2.0]));
        let predictions = targets.map(|sample| sample.map(|step| step.map(|x| 1.25 * x * x - 0.5)));
        let (mut losses, mut expected) = ([0.0; 6], [0.0; 6]);
        MeanSquaredError.losses(&targets, &predictions, &mut losses);
        MeanSquaredError.losses(targets.as_flattened(), predictions.as_flattened(), &mut expected);
        assert_eq!(losses, expected);

        let weights = [0.5, 1.0, 0.0, 2.0, 0.25, 1.5];
        let (mut gradient, mut of_steps) = ([[[0.0; 2]; 3]; 2], [[0.0; 2]; 6]);
        MeanSquaredError.gradient(&targets, &predictions, &weights, &mut gradient);
        MeanSquaredError.gradient(targets.as_flattened(), predictions.as_flattened(), &weights, &mut of_steps);
        assert_eq!(gradient.as_flattened(), of_steps);
    }
}
