use super::Callback;

/// Lets a loss that is NaN or infinite end training quietly: Keras's `TerminateOnNaN`.
///
/// Without it such a loss is an error of `fit`. With it `fit` gives the history of the epochs before, whose
/// [`notes`](crate::training::History::notes) say what happened; no weight was moved by the step in question.
///
/// ```
/// use fusion::prelude::*;
/// model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// let mut tiny = Tiny::new(1);
/// let mut trainer = Trainer::new(&mut tiny, Sgd::new(1e4), MeanSquaredError)
///     .epochs(100)
///     .callback(TerminateOnNan)
///     .verbose(false);
/// let history = trainer.fit(&[[1.0], [2.0]], &[[3.0], [4.0]])?;
/// assert!(history.epochs() < 100);
/// assert!(history.notes()[0].starts_with("the loss became "));
/// # Ok::<(), TrainError>(())
/// ```
#[doc(alias = "TerminateOnNaN")]
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminateOnNan;

impl Callback for TerminateOnNan {
    fn watches_batches(&self) -> bool {
        false
    }
    fn takes_not_finite(&self) -> bool {
        true
    }
}
