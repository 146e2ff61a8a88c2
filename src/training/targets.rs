//! How users hand targets to a trainer.

use std::ops::Range;

use fusion_core::Samples;

use super::tuples::for_each_tuple;

/// The types of a model's targets, one for each output, as a tuple: `(u32,)`, `([f32; 1], [f32; 4])`.
///
/// They follow from the losses: see [`Losses::Targets`](super::Losses::Targets).
pub trait Targets: 'static {
    /// Many samples of each: `(&[u32],)`.
    type Slices<'a>: Copy;
    /// Batches that own their samples.
    type Buffers;
    /// One weight for each loss: `[f32; 2]`.
    type LossWeights: AsRef<[f32]> + Copy;
    /// Every loss counts alike.
    const ONES: Self::LossWeights;

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

/// What `fit`, `evaluate` and `train_on_batch` accept as targets of the types `T`: `&targets` for
/// one output, a tuple `(&a_targets, &b_targets)` for several.
#[diagnostic::on_unimplemented(
    message = "the losses take targets of the types `{T}`, a batch of each, but this is `{Self}`",
    label = "expected targets of the types `{T}`",
    note = "give one batch for each output: `&targets` for a single output, a tuple `(&a_targets, &b_targets)` in their order for several"
)]
pub trait IntoTargets<'a, T: Targets> {
    /// The targets as slices.
    fn into_targets(self) -> T::Slices<'a>;
}

/// A type of target that comes in batches of `S`: slices, arrays and `Vec`s of it, whatever is
/// [`Samples`] of it.
///
/// It is a trait of its own, and one of the target's type, so that the compiler can say which type
/// the loss takes.
#[diagnostic::on_unimplemented(
    message = "the loss takes targets of type `{Self}`, one for each sample, but these are `{S}`",
    label = "expected targets of type `{Self}`",
    note = "targets are a slice, an array or a `Vec` of `{Self}`; flat numbers become one by `rows::<{Self}>(&flat)?`"
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

impl<'a, T: Target<S>, S: ?Sized> IntoTargets<'a, (T,)> for &'a S {
    fn into_targets(self) -> (&'a [T],) {
        (T::of(self),)
    }
}

macro_rules! targets {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        impl<$($target: Copy + Send + Sync + 'static),+> Targets for ($($target,)+) {
            type Slices<'a> = ($(&'a [$target],)+);
            type Buffers = ($(Vec<$target>,)+);
            type LossWeights = [f32; [$($place),+].len()];
            const ONES: Self::LossWeights = [1.0; [$($place),+].len()];

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

        #[diagnostic::do_not_recommend]
        impl<'a, $($target: Target<$samples>, $samples: ?Sized),+> IntoTargets<'a, ($($target,)+)>
            for ($(&'a $samples,)+)
        {
            fn into_targets(self) -> ($(&'a [$target],)+) {
                ($($target::of(self.$place),)+)
            }
        }
    };
}
targets!((A LA MA KA TA SA 0));
for_each_tuple!(targets);
