//! How users hand targets to a trainer.

use std::ops::Range;

use fusion_core::Samples;
use fusion_core::memory::Rows;

/// The types of a model's targets, one for each output, as a tuple: `(u32,)`, `([f32; 1], [f32; 4])`.
///
/// They follow from the losses: see [`Losses::Targets`](super::Losses::Targets).
pub trait Targets: 'static {
    /// Many samples of each: `(&[u32],)`.
    type Slices<'a>: Copy;
    /// Batches that own their samples.
    type Buffers: Default;
    /// One weight for each loss: `[f32; 2]`.
    type LossWeights: AsRef<[f32]> + Copy;
    /// Every loss counts alike.
    const ONES: Self::LossWeights;

    /// How many targets there are for each output, in order.
    fn counts(targets: Self::Slices<'_>, count: &mut dyn FnMut(usize));
    /// Those of some samples.
    fn slice(targets: Self::Slices<'_>, samples: Range<usize>) -> Self::Slices<'_>;
    /// Copies those of some samples into buffers, in another order.
    fn gather(targets: Self::Slices<'_>, order: &[usize], buffers: &mut Self::Buffers);
    /// The buffers as targets.
    fn gathered(buffers: &Self::Buffers) -> Self::Slices<'_>;
}

/// What `fit`, `evaluate` and `train_on_batch` accept as targets of the types `T`: `&targets` for
/// one output, a tuple `(&a_targets, &b_targets)` for several.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the targets of this model's outputs, whose types are `{T}`",
    label = "the losses take targets of the types `{T}`",
    note = "give one batch for each output: `&targets` for a single output, a tuple `(&a_targets, &b_targets)` in their order for several"
)]
pub trait IntoTargets<'a, T: Targets> {
    /// The targets as slices.
    fn into_targets(self) -> T::Slices<'a>;
}

/// Many targets of `T` in a row: a slice, an array, a `Vec`, whatever is [`Samples<T>`].
///
/// It is a trait of its own so that targets of the wrong type are told from inputs.
#[diagnostic::on_unimplemented(
    message = "the loss takes targets of type `{T}`, one for each sample, but these are `{Self}`",
    label = "expected targets of type `{T}`",
    note = "targets are a slice, an array or a `Vec` of `{T}`; flat numbers become one by `rows::<{T}>(&flat)?`"
)]
pub trait TargetSamples<T> {
    /// The targets.
    fn targets(&self) -> &[T];
}

// Not recommended, so that the compiler shows the text above and not that of `Samples`.
#[diagnostic::do_not_recommend]
impl<T, S: Samples<T> + ?Sized> TargetSamples<T> for S {
    fn targets(&self) -> &[T] {
        self.samples()
    }
}

impl<'a, T: Copy + Send + Sync + 'static, S: TargetSamples<T> + ?Sized> IntoTargets<'a, (T,)> for &'a S {
    fn into_targets(self) -> (&'a [T],) {
        (self.targets(),)
    }
}

macro_rules! targets {
    ($count:literal: $($target:ident $samples:ident $place:tt),+) => {
        impl<$($target: Copy + Send + Sync + 'static),+> Targets for ($($target,)+) {
            type Slices<'a> = ($(&'a [$target],)+);
            type Buffers = ($(Rows<$target>,)+);
            type LossWeights = [f32; $count];
            const ONES: [f32; $count] = [1.0; $count];

            fn counts(targets: Self::Slices<'_>, count: &mut dyn FnMut(usize)) {
                $(count(targets.$place.len());)+
            }
            fn slice(targets: Self::Slices<'_>, samples: Range<usize>) -> Self::Slices<'_> {
                ($(&targets.$place[samples.clone()],)+)
            }
            fn gather(targets: Self::Slices<'_>, order: &[usize], buffers: &mut Self::Buffers) {
                $(buffers.$place.gather(targets.$place, order);)+
            }
            fn gathered(buffers: &Self::Buffers) -> Self::Slices<'_> {
                ($(buffers.$place.rows(),)+)
            }
        }

        impl<'a, $($target: Copy + Send + Sync + 'static, $samples: TargetSamples<$target> + ?Sized),+>
            IntoTargets<'a, ($($target,)+)> for ($(&'a $samples,)+)
        {
            fn into_targets(self) -> ($(&'a [$target],)+) {
                ($(self.$place.targets(),)+)
            }
        }
    };
}
targets!(1: A SA 0);
targets!(2: A SA 0, B SB 1);
targets!(3: A SA 0, B SB 1, C SC 2);
targets!(4: A SA 0, B SB 1, C SC 2, D SD 3);
targets!(5: A SA 0, B SB 1, C SC 2, D SD 3, E SE 4);
targets!(6: A SA 0, B SB 1, C SC 2, D SD 3, E SE 4, F SF 5);
