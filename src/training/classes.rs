//! What the samples of each class count.

use std::any::Any;

use fusion_core::model::{Broken, MOST_OUTPUTS, Outputs};
use fusion_core::{Network, Tensor};

use super::error::TrainError;
use super::weights::SampleWeights;

/// What [`Trainer::class_weight`](super::Trainer::class_weight) accepts: numbers for the classes from 0 on,
/// `[1.0, 5.0, 10.0]`, or with several outputs some for each in the struct of the model's name and `ClassWeights`,
/// `TicketsClassWeights { priority: &[1.0, 9.0], department: &[] }`, with `&[]` for an output whose classes count alike.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what each class counts for `{N}`",
    label = "expected numbers for the classes from 0 on, such as `[1.0, 5.0]`",
    note = "a model with several outputs takes them by the outputs' names: `{N}ClassWeights {{ a: &[1.0, 5.0], b: &[] }}`"
)]
pub trait IntoClassWeights<N: Network, O = <N as Network>::Outputs> {
    /// The numbers of each output, in order.
    #[doc(hidden)]
    fn into_class_weights(self) -> ClassNumbers;
}

/// What each class counts, of each output.
#[doc(hidden)]
pub type ClassNumbers = Vec<Vec<f32>>;

/// These for the outputs in order.
#[doc(hidden)]
#[must_use]
pub fn class_numbers(outputs: &[&[f32]]) -> ClassNumbers {
    outputs.iter().map(|classes| classes.to_vec()).collect()
}

impl<N: Network, A, const CLASSES: usize> IntoClassWeights<N, (A,)> for [f32; CLASSES] {
    fn into_class_weights(self) -> ClassNumbers {
        vec![self.to_vec()]
    }
}

impl<N: Network, A> IntoClassWeights<N, (A,)> for &[f32] {
    fn into_class_weights(self) -> ClassNumbers {
        vec![self.to_vec()]
    }
}

impl<N: Network, A> IntoClassWeights<N, (A,)> for Vec<f32> {
    fn into_class_weights(self) -> ClassNumbers {
        vec![self]
    }
}

#[diagnostic::do_not_recommend]
impl<N: Network, O: Outputs, X> IntoClassWeights<N, Broken<O>> for X {
    fn into_class_weights(self) -> ClassNumbers {
        Vec::new()
    }
}

/// The class that a target stands for, as Keras finds it whatever the loss: an id is its own, so is a single number, and
/// of several numbers the largest one's place is.
pub(super) fn class_of<A: Tensor<Element = f32>, T: 'static>(target: &T) -> Option<usize> {
    let target: &dyn Any = target;
    if let Some(id) = target.downcast_ref::<u32>() {
        return Some(*id as usize);
    }
    match A::numbers(std::slice::from_ref(target.downcast_ref::<A>()?)) {
        [class] => (*class >= 0.0 && class.fract() == 0.0).then_some(*class as usize),
        numbers if A::SHAPE.rank() == 1 => {
            let largest = numbers.iter().enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best });
            largest.map(|(class, _)| class)
        }
        _ => None,
    }
}

/// What each sample counts by its class and by its own weight, for each output.
pub(super) struct ByClass(Vec<Vec<f32>>);

impl ByClass {
    /// `classes` shows the class of each target of an output. A class beyond those that have a number counts 1, as in
    /// Keras.
    pub fn new<N: Network>(
        numbers: &[Vec<f32>],
        weights: SampleWeights<'_>,
        samples: usize,
        mut classes: impl FnMut(usize, &mut dyn FnMut(Option<usize>)),
    ) -> Result<Self, TrainError> {
        let mut all = Vec::new();
        for (output, (name, _)) in N::GRAPH.outputs.iter().enumerate() {
            let mut of_output = weights.of(output).map_or_else(|| vec![1.0; samples], <[f32]>::to_vec);
            let numbers = numbers.get(output).map_or(&[][..], Vec::as_slice);
            if let Some(class) = numbers.iter().position(|number| !number.is_finite()) {
                return Err(TrainError::ClassWeightNotFinite { output: name, class });
            }
            if !numbers.is_empty() {
                let (mut sample, mut without) = (0, None);
                classes(output, &mut |class| {
                    match class {
                        Some(class) => of_output[sample] *= numbers.get(class).copied().unwrap_or(1.0),
                        None => without = without.or(Some(sample)),
                    }
                    sample += 1;
                });
                if let Some(sample) = without {
                    return Err(TrainError::NoClass { output: name, sample });
                }
            }
            all.push(of_output);
        }
        Ok(Self(all))
    }

    pub fn weights(&self) -> SampleWeights<'_> {
        let mut batches: [&[f32]; MOST_OUTPUTS] = [&[]; MOST_OUTPUTS];
        batches.iter_mut().zip(&self.0).for_each(|(batch, weights)| *batch = weights);
        match &self.0[..] {
            [of_all] => SampleWeights::alike(of_all),
            several => SampleWeights::each(&batches[..several.len()]),
        }
    }
}
