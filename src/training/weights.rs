//! What losses and samples count: for all outputs alike, or for each of several.

use std::ops::Range;

use fusion_core::model::{Broken, MOST_OUTPUTS, Outputs};
use fusion_core::{Network, Samples};

use super::in_order::LossWeightsInOrderOf;
use super::tuples::for_each_tuple;

/// A number for each output, and 1 where there is none.
#[doc(hidden)]
pub type Numbers = [f32; MOST_OUTPUTS];

/// These numbers, and 1 for outputs that there are not.
///
/// # Panics
/// When there are more than outputs can be.
#[doc(hidden)]
pub fn numbers(first: &[f32]) -> Numbers {
    let mut numbers = [1.0; MOST_OUTPUTS];
    numbers[..first.len()].copy_from_slice(first);
    numbers
}

/// What [`Trainer::loss_weights`](super::Trainer::loss_weights) accepts: the struct of the model's name and `LossWeights`,
/// `TicketsLossWeights { priority: 1.0, department: 0.2 }`. An array in the order of the outputs does where no two outputs
/// have the same shape.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what each loss of `{N}` counts",
    label = "expected one number for each of the outputs `{O}`",
    note = "give each output's by its name: `{N}LossWeights {{ a: 1.0, b: 0.2 }}`"
)]
pub trait LossWeights<N: Network, O = <N as Network>::Outputs> {
    /// The numbers in the order of the outputs.
    #[doc(hidden)]
    fn in_order(self) -> Numbers;
}

/// As many numbers as there are outputs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what each loss of `{N}` counts",
    label = "expected one number for each of the outputs `{O}`",
    note = "give each output's by its name: `{N}LossWeights {{ a: 1.0, b: 0.2 }}`"
)]
#[doc(hidden)]
pub trait NumbersInOrder<N, O> {
    /// `Differ`. What is said of the order is said only where these are numbers.
    type Order<Differ>;
    fn numbers(self) -> Numbers;
}

/// What [`Trainer::sample_weight`](super::Trainer::sample_weight) accepts: a batch of weights for all outputs alike, or the
/// struct of the model's name and `SampleWeights`, `TicketsSampleWeights { priority: &p, department: &d }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no sample weights for `{N}`",
    label = "expected one `f32` for each sample",
    note = "give one batch for all outputs alike, `&weights`, or for several outputs one by each name, `{N}SampleWeights {{ a: &a_weights, b: &b_weights }}`"
)]
pub trait IntoSampleWeights<'a, N: Network, O = <N as Network>::Outputs> {
    /// The weights as slices.
    #[doc(hidden)]
    fn into_weights(self) -> SampleWeights<'a>;
}

/// Weights for all outputs alike.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no sample weights for `{N}`",
    label = "expected one `f32` for each sample",
    note = "give one batch for all outputs alike, `&weights`, or for several outputs one by each name, `{N}SampleWeights {{ a: &a_weights, b: &b_weights }}`"
)]
#[doc(hidden)]
pub trait Alike<'a, N> {
    fn alike(self) -> &'a [f32];
}
impl<'a, N, S: Samples<f32> + ?Sized> Alike<'a, N> for &'a S {
    fn alike(self) -> &'a [f32] {
        self.samples()
    }
}

/// What each sample counts.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct SampleWeights<'a> {
    weigh: Weigh,
    /// One batch for all outputs, or one for each.
    batches: [&'a [f32]; MOST_OUTPUTS],
}

/// Which batches of weights there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weigh {
    /// None: each sample counts 1.
    Nothing,
    /// One for all outputs.
    Alike,
    /// One for each of so many outputs.
    Each(usize),
}

impl<'a> SampleWeights<'a> {
    /// Each sample counts 1.
    pub(super) const NONE: Self = Self { weigh: Weigh::Nothing, batches: [&[]; MOST_OUTPUTS] };

    /// These, unless each sample counts 1: then the others.
    pub(super) fn or(self, others: Self) -> Self {
        if self.weigh == Weigh::Nothing { others } else { self }
    }

    /// The same for all outputs.
    pub(super) fn alike(weights: &'a [f32]) -> Self {
        Self::of_batches(Weigh::Alike, &[weights])
    }

    /// For each output its own.
    #[must_use]
    pub fn each(batches: &[&'a [f32]]) -> Self {
        Self::of_batches(Weigh::Each(batches.len()), batches)
    }

    fn of_batches(weigh: Weigh, first: &[&'a [f32]]) -> Self {
        let mut batches = Self::NONE.batches;
        batches[..first.len()].copy_from_slice(first);
        Self { weigh, batches }
    }

    /// The batches that there are.
    fn given(&self) -> &[&'a [f32]] {
        match self.weigh {
            Weigh::Nothing => &[],
            Weigh::Alike => &self.batches[..1],
            Weigh::Each(outputs) => &self.batches[..outputs],
        }
    }

    /// Those of an output, unless each sample counts 1.
    pub(super) fn of(&self, output: usize) -> Option<&'a [f32]> {
        match self.weigh {
            Weigh::Nothing => None,
            Weigh::Alike => Some(self.batches[0]),
            Weigh::Each(_) => Some(self.batches[output]),
        }
    }

    /// The first batch of which this says something, and its output where it is not for all.
    pub(super) fn find<F>(&self, find: impl Fn(&[f32]) -> Option<F>) -> Option<(Option<usize>, F)> {
        let found = self.given().iter().enumerate().find_map(|(output, weights)| Some((output, find(weights)?)));
        found.map(|(output, found)| ((self.weigh != Weigh::Alike).then_some(output), found))
    }

    /// Those of some samples.
    pub(super) fn slice(mut self, samples: Range<usize>) -> Self {
        let count = self.given().len();
        self.batches[..count].iter_mut().for_each(|weights| *weights = &weights[samples.clone()]);
        self
    }

    /// Those of some samples, in another order, one batch after the other in this memory.
    pub(super) fn gather<'m>(&self, order: &[usize], memory: &'m mut Vec<f32>) -> SampleWeights<'m> {
        memory.clear();
        self.given().iter().for_each(|weights| memory.extend(order.iter().map(|index| weights[*index])));
        let mut gathered = SampleWeights { weigh: self.weigh, ..SampleWeights::NONE };
        gathered.batches.iter_mut().zip(memory.chunks_exact(order.len())).for_each(|(batch, rows)| *batch = rows);
        gathered
    }
}

/// For any type, so that the compiler does not list arrays and tuples where it is given something else.
macro_rules! weights {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        #[diagnostic::do_not_recommend]
        impl<Net, $($out),+> NumbersInOrder<Net, ($($out,)+)> for [f32; [$($place),+].len()] {
            type Order<Differ> = Differ;
            fn numbers(self) -> Numbers {
                numbers(&self)
            }
        }

        impl<Net: Network, All, $($out),+> LossWeights<Net, ($($out,)+)> for All
        where
            All: NumbersInOrder<Net, ($($out,)+)>,
            All::Order<Net::OutputsDiffer>: LossWeightsInOrderOf<Net>,
        {
            fn in_order(self) -> Numbers {
                self.numbers()
            }
        }

        impl<'a, Net: Network, All: Alike<'a, Net>, $($out),+> IntoSampleWeights<'a, Net, ($($out,)+)> for All {
            fn into_weights(self) -> SampleWeights<'a> {
                SampleWeights::alike(self.alike())
            }
        }
    };
}
weights!((A LA MA KA TA SA 0));
for_each_tuple!(weights);

#[diagnostic::do_not_recommend]
impl<N: Network, O: Outputs, X> LossWeights<N, Broken<O>> for X {
    fn in_order(self) -> Numbers {
        numbers(&[])
    }
}

#[diagnostic::do_not_recommend]
impl<'a, N: Network, O: Outputs, X> IntoSampleWeights<'a, N, Broken<O>> for X {
    fn into_weights(self) -> SampleWeights<'a> {
        SampleWeights::NONE
    }
}
