//! How users hand targets to a trainer.

use std::ops::Range;

use fusion_core::{Network, Samples};

use super::in_order::{AtMostOneTakesIds, Counted, TargetsInOrderOf};
use super::tuples::for_each_tuple;
use super::weights::SampleWeights;

/// The types of a model's targets, one for each output, as a tuple: `(u32,)`, `([f32; 1], [f32; 4])`.
///
/// They follow from the losses: see [`Losses::Targets`](super::Losses::Targets).
pub trait Targets: 'static {
    /// Many samples of each: `(&[u32],)`.
    type Slices<'a>: Copy + Send + Sync;
    /// Batches that own their samples.
    type Buffers;
    /// How many targets there are for each output, in order.
    fn counts(targets: Self::Slices<'_>, count: &mut dyn FnMut(usize));
    /// Those of some samples.
    fn slice(targets: Self::Slices<'_>, samples: Range<usize>) -> Self::Slices<'_>;
    /// Batches of no samples.
    fn buffers() -> Self::Buffers;
    /// Copies those of some samples into buffers, in another order.
    fn gather(targets: Self::Slices<'_>, order: &[usize], buffers: &mut Self::Buffers);
    /// The buffers as targets.
    fn gathered(buffers: &Self::Buffers) -> Self::Slices<'_>;
}

/// What `fit`, `evaluate` and `train_on_batch` accept as targets of the types `T`: `&targets` for one output, for several
/// the struct of the model's name and `Targets`, `TicketsTargets { priority: &p, department: &d }`.
///
/// Where their types tell which is which, a tuple `(&p, &d)` in the order of the outputs does: no two outputs have the
/// same shape, and at most one of the losses takes class ids.
#[diagnostic::on_unimplemented(
    message = "the losses for `{N}` take targets of the types `{T}`, a batch of each, but this is `{Self}`",
    label = "expected targets of the types `{T}`",
    note = "give one batch for each output: `&targets` for a single output, `{N}Targets {{ a: &a_targets, b: &b_targets }}` with the outputs' names for several"
)]
pub trait IntoTargets<'a, N: Network, T: Targets>: Sized {
    /// The targets as slices.
    fn into_targets(self) -> T::Slices<'a>;

    /// The targets, and what each sample counts: 1, unless they are [`weighted`](super::weighted).
    #[doc(hidden)]
    fn into_weighted(self) -> (T::Slices<'a>, SampleWeights<'a>) {
        (self.into_targets(), SampleWeights::NONE)
    }
}

/// A batch of targets of the type `T`.
#[diagnostic::on_unimplemented(
    message = "the loss takes targets of type `{T}`, one for each sample, but this is `{Self}`",
    label = "expected targets of type `{T}`",
    note = "give one batch, `&targets`: a slice, an array or a `Vec` of `{T}`"
)]
#[doc(hidden)]
pub trait Batch<'a, N, T>: Sized {
    fn slice(self) -> &'a [T];
    fn weighted_slice(self) -> (&'a [T], SampleWeights<'a>) {
        (self.slice(), SampleWeights::NONE)
    }
}

/// Batches of targets of the types `T` in a tuple.
#[diagnostic::on_unimplemented(
    message = "the losses for `{N}` take targets of the types `{T}`, a batch of each, but this is `{Self}`",
    label = "expected targets of the types `{T}`",
    note = "give one batch for each output: `&targets` for a single output, `{N}Targets {{ a: &a_targets, b: &b_targets }}` with the outputs' names for several"
)]
#[doc(hidden)]
pub trait Batches<'a, N, T: Targets>: Sized {
    /// `Differ`. What is said of the order is said only where these are batches.
    type Order<Differ>;
    fn slices(self) -> T::Slices<'a>;
    fn weighted_slices(self) -> (T::Slices<'a>, SampleWeights<'a>) {
        (self.slices(), SampleWeights::NONE)
    }
}

/// A type of target that comes in batches of `S`: slices, arrays and `Vec`s of it, whatever is
/// [`Samples`] of it.
///
/// It is a trait of its own, and one of the target's type, so that the compiler can say which type
/// the loss takes.
#[diagnostic::on_unimplemented(
    message = "the loss takes targets of type `{Self}`, one for each sample, but these are `{S}`",
    label = "expected targets of type `{Self}`",
    note = "targets are a slice, an array or a `Vec` of `{Self}` (`fusion::rows(&flat)?` makes rows of flat `f32`s)",
    note = "one-hot rows go with `CategoricalCrossentropy`, class ids, `u32` from 0, with `SparseCategoricalCrossentropy`; a name's id is its place in a list, `names.iter().position(|known| known == name)`"
)]
pub trait Target<S: ?Sized>: Copy + Send + Sync + 'static {
    /// The targets of a batch.
    fn of(batch: &S) -> &[Self];
}

// Not recommended, so that the compiler shows the text above and not that of `Samples`.
#[diagnostic::do_not_recommend]
impl<T: Copy + Send + Sync + 'static, S: Samples<T> + ?Sized> Target<S> for T {
    fn of(batch: &S) -> &[T] {
        batch.samples()
    }
}

impl<'a, N, T: Target<S>, S: ?Sized> Batch<'a, N, T> for &'a S {
    fn slice(self) -> &'a [T] {
        T::of(self)
    }
}

impl<'a, N: Network, T: Copy + Send + Sync + 'static, B: Batch<'a, N, T>> IntoTargets<'a, N, (T,)> for B {
    fn into_targets(self) -> (&'a [T],) {
        (self.slice(),)
    }
    fn into_weighted(self) -> ((&'a [T],), SampleWeights<'a>) {
        let (targets, weights) = self.weighted_slice();
        ((targets,), weights)
    }
}

macro_rules! targets {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        impl<$($target: Copy + Send + Sync + 'static),+> Targets for ($($target,)+) {
            type Slices<'a> = ($(&'a [$target],)+);
            type Buffers = ($(Vec<$target>,)+);

            fn counts(targets: Self::Slices<'_>, count: &mut dyn FnMut(usize)) {
                $(count(targets.$place.len());)+
            }
            fn slice(targets: Self::Slices<'_>, samples: Range<usize>) -> Self::Slices<'_> {
                ($(&targets.$place[samples.clone()],)+)
            }
            fn buffers() -> Self::Buffers {
                ($(Vec::<$target>::new(),)+)
            }
            fn gather(targets: Self::Slices<'_>, order: &[usize], buffers: &mut Self::Buffers) {
                $(
                    buffers.$place.clear();
                    buffers.$place.extend(order.iter().map(|index| targets.$place[*index]));
                )+
            }
            fn gathered(buffers: &Self::Buffers) -> Self::Slices<'_> {
                ($(buffers.$place.as_slice(),)+)
            }
        }
    };
}
targets!((A LA MA KA TA SA 0));
for_each_tuple!(targets);

/// In order, each target counted after those before it.
macro_rules! into_targets_in_order {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        #[diagnostic::do_not_recommend]
        impl<'a, Net, $($target: Target<$samples>, $samples: ?Sized),+> Batches<'a, Net, ($($target,)+)>
            for ($(&'a $samples,)+)
        {
            type Order<Differ> = Differ;
            fn slices(self) -> ($(&'a [$target],)+) {
                ($($target::of(self.$place),)+)
            }
        }

        into_targets_in_order!(@ [$($target $samples $kind)+] [] [Net::OutputsDiffer] $($target $kind)+);
    };
    (@ $all:tt [$($bounds:tt)*] [$($before:tt)+] $target:ident $after:ident $($rest:ident)*) => {
        into_targets_in_order!(@ $all [$($bounds)* $target: Counted<$($before)+, Then = $after>,] [$after] $($rest)*);
    };
    (@ [$($target:ident $samples:ident $counted:ident)+] [$($bounds:tt)*] [$last:ident]) => {
        // For any type, so that the compiler does not list the tuples where it is given something else.
        impl<'a, Net: Network, All, $($target, $counted),+> IntoTargets<'a, Net, ($($target,)+)> for All
        where
            $($target: Copy + Send + Sync + 'static,)+
            $($bounds)*
            All: Batches<'a, Net, ($($target,)+)>,
            All::Order<Net::OutputsDiffer>: TargetsInOrderOf<Net>,
            All::Order<$last>: AtMostOneTakesIds<Net>,
        {
            fn into_targets(self) -> ($(&'a [$target],)+) {
                self.slices()
            }
            fn into_weighted(self) -> (($(&'a [$target],)+), SampleWeights<'a>) {
                self.weighted_slices()
            }
        }
    };
}
for_each_tuple!(into_targets_in_order);

/// The targets of a model whose declaration has a mistake: anything.
pub struct Anything;

impl Targets for Anything {
    type Slices<'a> = ();
    type Buffers = ();

    fn counts((): (), _: &mut dyn FnMut(usize)) {}
    fn slice(_: Self::Slices<'_>, _: Range<usize>) -> Self::Slices<'_> {}
    fn buffers() {}
    fn gather((): (), _: &[usize], (): &mut ()) {}
    fn gathered((): &()) {}
}

#[diagnostic::do_not_recommend]
impl<'a, N: Network, X> IntoTargets<'a, N, Anything> for X {
    fn into_targets(self) {}
}
