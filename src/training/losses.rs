//! One loss for each output.

use fusion_core::kernels::zero;
use fusion_core::losses::{Loss, TargetError, join_masks};
use fusion_core::model::{Broken, MOST_OUTPUTS, Outputs};
use fusion_core::{Network, Tensor};

use super::classes::class_of;
use super::in_order::LossesInOrderOf;
use super::targets::{Anything, Targets};
use super::tuples::for_each_tuple;

/// What a model is trained for: a loss for a model with one output, for several the struct of the model's name and
/// `Losses`, `TicketsLosses { priority: BinaryCrossentropy::default(), department: MeanSquaredError }`. A tuple of losses
/// in the order of the outputs does where no two outputs have the same shape.
///
/// Generic code names it to train any model that a loss fits:
///
/// ```
/// use fusion::prelude::*;
///
/// fn train<'a, M: Model<Network: TrainNetwork>>(
///     model: &mut M,
///     inputs: <M::Network as Network>::Inputs<'a>,
///     targets: impl IntoTargets<'a, M::Network, <MeanSquaredError as Losses<M::Network>>::Targets>,
/// ) -> Result<f64, TrainError>
/// where
///     MeanSquaredError: Losses<M::Network>,
/// {
///     let history = Trainer::new(model, Adam::default(), MeanSquaredError).verbose(false).fit(inputs, targets)?;
///     Ok(history["loss"][0])
/// }
///
/// model! { struct Tiny = [f32; 2] => Dense<2, 1>; }
/// let loss = train(&mut Tiny::new(1), TinyInputs { input: &[[1.0, 2.0]] }, &[[3.0]])?;
/// assert!(loss.is_finite());
/// # Ok::<(), TrainError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss for `{N}`, whose outputs are `{O}`",
    label = "expected one loss for each output",
    note = "a model with one output takes a loss, a model with several `{N}Losses {{ a: .., b: .. }}` with the outputs' names",
    note = "losses are `MeanSquaredError`, `MeanAbsoluteError`, `MeanAbsolutePercentageError`, `MeanSquaredLogarithmicError`, `Huber`, `LogCosh`, `BinaryCrossentropy`, `CategoricalCrossentropy`, `SparseCategoricalCrossentropy`, `BinaryFocalCrossentropy`, `CategoricalFocalCrossentropy`, `CategoricalGeneralizedCrossEntropy`, `KlDivergence`, `Poisson`, `Hinge`, `SquaredHinge`, `CategoricalHinge`, `CosineSimilarity`, `Circle`, `Ctc`, `Dice` and `Tversky`",
    note = "functions of your own, of the loss and its gradient, are a loss as a `LossFunctionWrapper`: `LossFunctionWrapper::new(\"name\", |y: &[f32; 1], z: &[f32; 1]| .., |y: &[f32; 1], z: &[f32; 1], gradient: &mut [f32; 1]| ..)`",
    note = "what Keras knows by a text is a type: `\"mse\"` is `MeanSquaredError`, `\"mae\"` `MeanAbsoluteError`, `\"mape\"` `MeanAbsolutePercentageError`, `\"huber\"` `Huber::default()`, and `\"binary_crossentropy\"` `BinaryCrossentropy::default()`, as all crossentropies"
)]
pub trait Losses<N: Network, O: Outputs = <N as Network>::Outputs> {
    /// What the losses compare the outputs with.
    type Targets: Targets;
    /// The loss of a model with one output, or a tuple of losses.
    type InOrder: LossesInOrder<O, Targets = Self::Targets>;
    /// The losses in the order of the outputs.
    fn in_order(self) -> Self::InOrder;
}

/// A loss, or a tuple of one for each output.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no losses for the outputs `{O}`",
    label = "expected a loss for each of the outputs `{O}`, in their order",
    note = "losses are `MeanSquaredError`, `MeanAbsoluteError`, `MeanAbsolutePercentageError`, `MeanSquaredLogarithmicError`, `Huber`, `LogCosh`, `BinaryCrossentropy`, `CategoricalCrossentropy`, `SparseCategoricalCrossentropy`, `BinaryFocalCrossentropy`, `CategoricalFocalCrossentropy`, `CategoricalGeneralizedCrossEntropy`, `KlDivergence`, `Poisson`, `Hinge`, `SquaredHinge`, `CategoricalHinge`, `CosineSimilarity`, `Circle`, `Ctc`, `Dice` and `Tversky`",
    note = "functions of your own, of the loss and its gradient, are a loss as a `LossFunctionWrapper`: `LossFunctionWrapper::new(\"name\", |y: &[f32; 1], z: &[f32; 1]| .., |y: &[f32; 1], z: &[f32; 1], gradient: &mut [f32; 1]| ..)`",
    note = "what Keras knows by a text is a type: `\"mse\"` is `MeanSquaredError`, `\"mae\"` `MeanAbsoluteError`, `\"mape\"` `MeanAbsolutePercentageError`, `\"huber\"` `Huber::default()`, and `\"binary_crossentropy\"` `BinaryCrossentropy::default()`, as all crossentropies"
)]
pub trait LossesInOrder<O: Outputs>: Send + Sync {
    /// What the losses compare the outputs with.
    type Targets: Targets;
    /// `Differ`. What is said of the order is said only where these are losses.
    #[doc(hidden)]
    type Order<Differ>;

    /// Checks targets that no type can check. The error comes with the output's index.
    ///
    /// # Errors
    /// Names the first target that a loss cannot take.
    fn check(&self, targets: <Self::Targets as Targets>::Slices<'_>) -> Result<(), (usize, TargetError)>;

    /// Marks the outputs with losses that are taken of logits where there are any: see [`Loss::of_logits`].
    fn of_logits(&self, of_logits: &mut [bool]);

    /// Marks the outputs with losses that take steps, as outputs with masks need it: see [`Loss::by_step`].
    fn by_step(&self, by_step: &mut [bool]);

    /// Shows the class that each target of an output stands for, none where it stands for none: an id, a single number,
    /// the place of the largest of several.
    fn classes(
        &self,
        targets: <Self::Targets as Targets>::Slices<'_>,
        output: usize,
        class: &mut dyn FnMut(Option<usize>),
    );

    /// Whether a batch cannot be cut into parts: see [`Loss::by_batch`].
    fn by_batch(&self) -> bool;

    /// Appends for each output which of its positions count, where targets leave some out: see [`Loss::counts`].
    fn counts(&self, targets: <Self::Targets as Targets>::Slices<'_>, counts: &mut [Vec<f32>]);

    /// Writes each sample's losses, or each step's of an output with a mask, those of the first output first.
    fn losses(&self, targets: <Self::Targets as Targets>::Slices<'_>, outputs: Seen<'_, O>, losses: &mut [f32]);

    /// Writes the gradients of the sum of weight · loss, the weights laid out as the losses are: those with respect
    /// to logits to `logits` and 0 to `gradients`.
    fn gradients(
        &self,
        targets: <Self::Targets as Targets>::Slices<'_>,
        outputs: Seen<'_, O>,
        weights: &[f32],
        gradients: O::SlicesMut<'_>,
        logits: O::SlicesMut<'_>,
    );
}

/// A batch's outputs, and the logits that some of them are made of.
pub struct Seen<'a, O: Outputs> {
    /// What the model predicts.
    pub outputs: O::Slices<'a>,
    /// The logits, for outputs that have some; of others anything.
    pub logits: O::Slices<'a>,
    /// Which outputs have logits.
    pub has_logits: [bool; MOST_OUTPUTS],
    /// The masks of those that have some.
    pub masks: [Option<&'a [f32]>; MOST_OUTPUTS],
}

impl<O: Outputs> Seen<'_, O> {
    /// How many losses an output has: one for each sample, or for each step of its mask.
    pub(super) fn losses_of(&self, output: usize, samples: usize) -> usize {
        self.masks[output].map_or(samples, <[f32]>::len)
    }

    /// Of all outputs.
    pub(super) fn losses(&self, samples: usize) -> usize {
        (0..O::COUNT).map(|output| self.losses_of(output, samples)).sum()
    }
}

impl<O: Outputs> Clone for Seen<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<O: Outputs> Copy for Seen<'_, O> {}

/// What the losses see where targets leave positions out, which are added to the masks in this memory.
pub(super) fn without_left_out<'a, O: Outputs, L: LossesInOrder<O>>(
    losses: &L,
    targets: <L::Targets as Targets>::Slices<'_>,
    mut seen: Seen<'a, O>,
    counts: &'a mut [Vec<f32>; MOST_OUTPUTS],
) -> Seen<'a, O> {
    counts.iter_mut().for_each(Vec::clear);
    losses.counts(targets, counts);
    for (counts, mask) in counts.iter_mut().zip(&mut seen.masks).filter(|(counts, _)| !counts.is_empty()) {
        if let Some(mask) = mask {
            join_masks(counts, mask);
        }
        *mask = Some(counts);
    }
    seen
}

/// One loss of one output.
struct OneLoss<'a, A, L> {
    loss: &'a L,
    /// The loss of the logits, where the output has some and the loss is taken of them.
    of_logits: Option<L>,
    outputs: &'a [A],
    logits: &'a [A],
}

impl<'a, A: Tensor<Element = f32>, L: Loss<A>> OneLoss<'a, A, L> {
    fn new(loss: &'a L, has_logits: bool, outputs: &'a [A], logits: &'a [A]) -> Self {
        let of_logits = if has_logits { loss.of_logits() } else { None };
        Self { loss, of_logits, outputs, logits }
    }

    fn losses(&self, targets: &[L::Target], losses: &mut [f32]) {
        match &self.of_logits {
            Some(loss) => loss.losses(targets, self.logits, losses),
            None => self.loss.losses(targets, self.outputs, losses),
        }
    }

    fn gradient(&self, targets: &[L::Target], weights: &[f32], gradient: &mut [A], logits: &mut [A]) {
        match &self.of_logits {
            Some(loss) => {
                loss.gradient(targets, self.logits, weights, logits);
                zero(A::numbers_mut(gradient));
            }
            None => self.loss.gradient(targets, self.outputs, weights, gradient),
        }
    }
}

impl<N: Network, A: Tensor<Element = f32>, L: Loss<A>> Losses<N, (A,)> for L {
    type Targets = (L::Target,);
    type InOrder = L;
    fn in_order(self) -> L {
        self
    }
}

impl<A: Tensor<Element = f32>, L: Loss<A>> LossesInOrder<(A,)> for L {
    type Targets = (L::Target,);
    type Order<Differ> = Differ;

    fn check(&self, targets: (&[L::Target],)) -> Result<(), (usize, TargetError)> {
        Loss::check(self, targets.0).map_err(|error| (0, error))
    }
    fn of_logits(&self, of_logits: &mut [bool]) {
        of_logits[0] = Loss::of_logits(self).is_some();
    }
    fn by_step(&self, by_step: &mut [bool]) {
        by_step[0] = Loss::by_step(self);
    }
    fn classes(&self, targets: (&[L::Target],), _: usize, class: &mut dyn FnMut(Option<usize>)) {
        targets.0.iter().for_each(|target| class(class_of::<A, _>(target)));
    }
    fn by_batch(&self) -> bool {
        Loss::by_batch(self)
    }
    fn counts(&self, targets: (&[L::Target],), counts: &mut [Vec<f32>]) {
        Loss::counts(self, targets.0, &mut counts[0]);
    }
    fn losses(&self, targets: (&[L::Target],), seen: Seen<'_, (A,)>, losses: &mut [f32]) {
        OneLoss::new(self, seen.has_logits[0], seen.outputs.0, seen.logits.0).losses(targets.0, losses);
    }
    fn gradients(
        &self,
        targets: (&[L::Target],),
        seen: Seen<'_, (A,)>,
        weights: &[f32],
        gradients: (&mut [A],),
        logits: (&mut [A],),
    ) {
        let loss = OneLoss::new(self, seen.has_logits[0], seen.outputs.0, seen.logits.0);
        loss.gradient(targets.0, weights, gradients.0, logits.0);
    }
}

macro_rules! losses {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        // For any type, so that the compiler does not list the tuples where it is given something else.
        impl<Net: Network, All, $($out: Tensor),+> Losses<Net, ($($out,)+)> for All
        where
            All: LossesInOrder<($($out,)+)>,
            All::Order<Net::OutputsDiffer>: LossesInOrderOf<Net>,
        {
            type Targets = All::Targets;
            type InOrder = All;
            fn in_order(self) -> All {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($out: Tensor<Element = f32>, $loss: Loss<$out>),+> LossesInOrder<($($out,)+)> for ($($loss,)+) {
            type Targets = ($($loss::Target,)+);
            type Order<Differ> = Differ;

            fn check(&self, targets: ($(&[$loss::Target],)+)) -> Result<(), (usize, TargetError)> {
                $(self.$place.check(targets.$place).map_err(|error| ($place, error))?;)+
                Ok(())
            }
            fn of_logits(&self, of_logits: &mut [bool]) {
                $(of_logits[$place] = self.$place.of_logits().is_some();)+
            }
            fn by_step(&self, by_step: &mut [bool]) {
                $(by_step[$place] = self.$place.by_step();)+
            }
            fn classes(
                &self,
                targets: ($(&[$loss::Target],)+),
                output: usize,
                class: &mut dyn FnMut(Option<usize>),
            ) {
                $(if output == $place {
                    targets.$place.iter().for_each(|target| class(class_of::<$out, _>(target)));
                })+
            }
            fn by_batch(&self) -> bool {
                false $(|| self.$place.by_batch())+
            }
            fn counts(&self, targets: ($(&[$loss::Target],)+), counts: &mut [Vec<f32>]) {
                $(self.$place.counts(targets.$place, &mut counts[$place]);)+
            }
            fn losses(&self, targets: ($(&[$loss::Target],)+), seen: Seen<'_, ($($out,)+)>, losses: &mut [f32]) {
                let Seen { outputs, logits, has_logits, .. } = seen;
                let mut rest = losses;
                $(
                    let (losses, after) = rest.split_at_mut(seen.losses_of($place, outputs.$place.len()));
                    OneLoss::new(&self.$place, has_logits[$place], outputs.$place, logits.$place)
                        .losses(targets.$place, losses);
                    rest = after;
                )+
                debug_assert!(rest.is_empty());
            }
            fn gradients(
                &self,
                targets: ($(&[$loss::Target],)+),
                seen: Seen<'_, ($($out,)+)>,
                weights: &[f32],
                gradients: ($(&mut [$out],)+),
                logit_gradients: ($(&mut [$out],)+),
            ) {
                let Seen { outputs, logits, has_logits, .. } = seen;
                let mut rest = weights;
                $(
                    let (weights, after) = rest.split_at(seen.losses_of($place, outputs.$place.len()));
                    OneLoss::new(&self.$place, has_logits[$place], outputs.$place, logits.$place)
                        .gradient(targets.$place, weights, gradients.$place, logit_gradients.$place);
                    rest = after;
                )+
                debug_assert!(rest.is_empty());
            }
        }
    };
}
for_each_tuple!(losses);

#[diagnostic::do_not_recommend]
impl<N: Network, O: Outputs, X> Losses<N, Broken<O>> for X {
    type Targets = Anything;
    type InOrder = Anything;
    fn in_order(self) -> Anything {
        Anything
    }
}

#[diagnostic::do_not_recommend]
impl<O: Outputs> LossesInOrder<Broken<O>> for Anything {
    type Targets = Anything;
    type Order<Differ> = Differ;

    fn check(&self, (): ()) -> Result<(), (usize, TargetError)> {
        Ok(())
    }
    fn of_logits(&self, _: &mut [bool]) {}
    fn by_step(&self, _: &mut [bool]) {}
    fn classes(&self, (): (), _: usize, _: &mut dyn FnMut(Option<usize>)) {}
    fn by_batch(&self) -> bool {
        false
    }
    fn counts(&self, (): (), _: &mut [Vec<f32>]) {}
    fn losses(&self, (): (), _: Seen<'_, Broken<O>>, _: &mut [f32]) {}
    fn gradients(&self, (): (), _: Seen<'_, Broken<O>>, _: &[f32], _: O::SlicesMut<'_>, _: O::SlicesMut<'_>) {}
}
