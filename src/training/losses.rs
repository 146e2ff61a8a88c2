//! One loss for each output.

use fusion_core::Tensor;
use fusion_core::losses::{Loss, TargetError};
use fusion_core::network::Outputs;

use super::targets::Targets;

/// What a model is trained for: a loss for a model with one output, a tuple of losses in the order
/// of the outputs for a model with several.
///
/// Generic code names it to train any model that a loss fits:
///
/// ```
/// use fusion::{Network, prelude::*};
///
/// fn train<'a, M: Model>(
///     model: &mut M,
///     inputs: <M::Network as Network>::Inputs<'a>,
///     targets: impl IntoTargets<'a, <MeanSquaredError as Losses<<M::Network as Network>::Outputs>>::Targets>,
/// ) -> Result<f64, TrainError>
/// where
///     MeanSquaredError: Losses<<M::Network as Network>::Outputs>,
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
    message = "`{Self}` is no loss for a model with the outputs `{O}`",
    label = "expected one loss for each output",
    note = "a model with one output takes a loss, a model with several a tuple of losses, one for each output, in order"
)]
pub trait Losses<O: Outputs>: Send + Sync {
    /// What the losses compare the outputs with.
    type Targets: Targets;

    /// Checks targets that no type can check. The error comes with the output's index.
    ///
    /// # Errors
    /// Names the first target that a loss cannot take.
    fn check(&self, targets: <Self::Targets as Targets>::Slices<'_>) -> Result<(), (usize, TargetError)>;

    /// Writes each sample's losses, those of the first output first.
    fn losses(&self, targets: <Self::Targets as Targets>::Slices<'_>, outputs: O::Slices<'_>, losses: &mut [f32]);

    /// Writes the gradients of the sum of weight · loss, the weights laid out as the losses are.
    fn gradients(
        &self,
        targets: <Self::Targets as Targets>::Slices<'_>,
        outputs: O::Slices<'_>,
        weights: &[f32],
        gradients: O::SlicesMut<'_>,
    );
}

impl<A: Tensor<Element = f32>, L: Loss<A>> Losses<(A,)> for L {
    type Targets = (L::Target,);

    fn check(&self, targets: (&[L::Target],)) -> Result<(), (usize, TargetError)> {
        Loss::check(self, targets.0).map_err(|error| (0, error))
    }
    fn losses(&self, targets: (&[L::Target],), outputs: (&[A],), losses: &mut [f32]) {
        Loss::losses(self, targets.0, outputs.0, losses);
    }
    fn gradients(&self, targets: (&[L::Target],), outputs: (&[A],), weights: &[f32], gradients: (&mut [A],)) {
        Loss::gradient(self, targets.0, outputs.0, weights, gradients.0);
    }
}

macro_rules! losses {
    ($($out:ident $loss:ident $place:tt),+) => {
        impl<$($out: Tensor<Element = f32>, $loss: Loss<$out>),+> Losses<($($out,)+)> for ($($loss,)+) {
            type Targets = ($($loss::Target,)+);

            fn check(&self, targets: ($(&[$loss::Target],)+)) -> Result<(), (usize, TargetError)> {
                $(self.$place.check(targets.$place).map_err(|error| ($place, error))?;)+
                Ok(())
            }
            fn losses(&self, targets: ($(&[$loss::Target],)+), outputs: ($(&[$out],)+), losses: &mut [f32]) {
                let mut rest = losses;
                $(
                    let (losses, after) = rest.split_at_mut(outputs.$place.len());
                    self.$place.losses(targets.$place, outputs.$place, losses);
                    rest = after;
                )+
                debug_assert!(rest.is_empty());
            }
            fn gradients(
                &self,
                targets: ($(&[$loss::Target],)+),
                outputs: ($(&[$out],)+),
                weights: &[f32],
                gradients: ($(&mut [$out],)+),
            ) {
                let mut rest = weights;
                $(
                    let (weights, after) = rest.split_at(outputs.$place.len());
                    self.$place.gradient(targets.$place, outputs.$place, weights, gradients.$place);
                    rest = after;
                )+
                debug_assert!(rest.is_empty());
            }
        }
    };
}
losses!(A LA 0, B LB 1);
losses!(A LA 0, B LB 1, C LC 2);
losses!(A LA 0, B LB 1, C LC 2, D LD 3);
losses!(A LA 0, B LB 1, C LC 2, D LD 3, E LE 4);
losses!(A LA 0, B LB 1, C LC 2, D LD 3, E LE 4, F LF 5);
