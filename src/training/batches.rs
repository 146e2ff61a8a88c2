//! Batches that come one by one: from files, from an augmentation, from a thread that reads ahead.

use std::error::Error;
use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use fusion_core::{IntoInputs, Network};

use super::error::TrainError;
use super::targets::{IntoTargets, Targets};
use super::weights::SampleWeights;

/// A batch that owns its samples, for [`Trainer::fit_batches`](super::Trainer::fit_batches).
///
/// A pair of inputs and targets is one, `(Vec<[f32; 4]>, Vec<[f32; 1]>)`. Where there are several inputs or outputs, a
/// struct of one's own says which is which:
///
/// ```
/// use fusion::prelude::*;
/// use fusion::training::TrainBatch;
///
/// model! {
///     struct Fusion {
///         input a: [f32; 3];
///         input b: [f32; 3];
///         output z = concatenate(a, b) => Dense<_, 1>;
///     }
/// }
///
/// struct Stones {
///     measures: Vec<[f32; 3]>,
///     grades: Vec<[f32; 3]>,
///     prices: Vec<[f32; 1]>,
/// }
///
/// impl TrainBatch<Fusion, ([f32; 1],)> for Stones {
///     fn inputs(&self) -> impl IntoInputs<'_, Fusion> {
///         FusionInputs { a: &self.measures, b: &self.grades }
///     }
///     fn targets(&self) -> impl IntoTargets<'_, Fusion, ([f32; 1],)> {
///         &self.prices
///     }
/// }
///
/// let read = |file: usize| -> Result<Stones, std::io::Error> {
///     let x = vec![[file as f32, 0.5, 1.0]; 8];
///     Ok(Stones { measures: x.clone(), grades: x, prices: vec![[file as f32]; 8] })
/// };
/// let mut model = Fusion::new(1);
/// let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError).epochs(3).verbose(false);
/// let history = trainer.fit_batches(|_epoch| (0..4).map(read))?;
/// assert_eq!((history.epochs(), trainer.steps()), (3, 12));
/// # Ok::<(), TrainError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no batch of inputs of `{N}` and targets of the types `{T}`",
    label = "expected a pair of inputs and targets, or a type of your own with `impl TrainBatch`"
)]
pub trait TrainBatch<N: Network, T: Targets> {
    /// The inputs, as `fit` takes them.
    fn inputs(&self) -> impl IntoInputs<'_, N>;
    /// The targets, as `fit` takes them; they may be [`weighted`](super::weighted).
    fn targets(&self) -> impl IntoTargets<'_, N, T>;
}

impl<N: Network, T: Targets, X, Y> TrainBatch<N, T> for (X, Y)
where
    for<'b> &'b X: IntoInputs<'b, N>,
    for<'b> &'b Y: IntoTargets<'b, N, T>,
{
    fn inputs(&self) -> impl IntoInputs<'_, N> {
        &self.0
    }
    fn targets(&self) -> impl IntoTargets<'_, N, T> {
        &self.1
    }
}

/// What `fit_batches` takes in place of an error of the user's.
pub type BatchError = Box<dyn Error + Send + Sync>;

/// Takes what is in a batch.
pub(super) type Take<'t, N, T> = dyn for<'b> FnMut(<N as Network>::Inputs<'b>, <T as Targets>::Slices<'b>, SampleWeights<'b>) -> Result<(), TrainError>
    + 't;

/// Shows so many batches at most.
pub(super) type Show<N, T> = Box<dyn FnMut(usize, &mut Take<'_, N, T>) -> Result<(), TrainError> + Send>;

/// Shows the batches that are made anew each time.
pub(super) fn show<N: Network, T: Targets, I, B, E>(mut batches: impl FnMut() -> I + Send + 'static) -> Show<N, T>
where
    I: IntoIterator<Item = Result<B, E>>,
    B: TrainBatch<N, T>,
    E: Into<BatchError>,
{
    Box::new(move |most, take| {
        go_through(batches(), 0..most, None, |step, batch: B| {
            let (targets, weights) = batch.targets().into_weighted();
            let taken = take(batch.inputs().into_inputs(), targets, weights);
            taken.map(|()| true).map_err(|error| in_batch(None, step, error))
        })
    })
}

/// Goes through the batches of these steps of an epoch, until `take` says that it is enough. Those before the first step
/// are passed over.
pub(super) fn go_through<B, E: Into<BatchError>>(
    batches: impl IntoIterator<Item = Result<B, E>>,
    steps: Range<usize>,
    epoch: Option<usize>,
    mut take: impl FnMut(usize, B) -> Result<bool, TrainError>,
) -> Result<(), TrainError> {
    let mut any = steps.start > 0;
    for (step, batch) in batches.into_iter().take(steps.end).enumerate().skip(steps.start) {
        any = true;
        let unread = |error: E| TrainError::Reader { message: error.into().to_string() };
        if !take(step, batch.map_err(|error| in_batch(epoch, step, unread(error)))?)? {
            break;
        }
    }
    if any { Ok(()) } else { Err(TrainError::NoSamples) }
}

/// The error of a batch, with its place.
pub(super) fn in_batch(epoch: Option<usize>, step: usize, error: TrainError) -> TrainError {
    let (epoch, batch) = (epoch.map(|epoch| epoch + 1), step + 1);
    TrainError::Batch { epoch, batch, error: Box::new(error), history: None }
}

/// Lets a thread run an iterator ahead of whoever takes from it, by at most so many items: reading and decoding the next
/// batches while the model trains on this one.
///
/// Where the iterator panics, so does whoever takes its next item. The thread ends with the iterator, or at its next item
/// after this one is dropped.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::training::prefetch;
///
/// model! { struct Line = [f32; 1] => Dense<1, 1>; }
/// let mut line = Line::new(1);
/// let batch = |i: usize| Ok::<_, std::io::Error>((vec![[i as f32 / 10.0]; 32], vec![[i as f32]; 32]));
/// let mut trainer = Trainer::new(&mut line, Sgd::new(0.1), MeanSquaredError).epochs(5).verbose(false);
/// let history = trainer.fit_batches(|_epoch| prefetch((0..10).map(batch), 2))?;
/// assert!(history["loss"][4] < history["loss"][0]);
/// # Ok::<(), TrainError>(())
/// ```
pub fn prefetch<I>(items: I, ahead: usize) -> Prefetch<I::Item>
where
    I: IntoIterator<IntoIter: Send + 'static, Item: Send + 'static>,
{
    let items = items.into_iter();
    // The thread holds one item while the channel has no room.
    let (sender, receiver) = sync_channel(ahead.saturating_sub(1));
    let thread = std::thread::spawn(move || {
        for item in items {
            if sender.send(item).is_err() {
                return;
            }
        }
    });
    Prefetch { receiver, thread: Some(thread) }
}

/// The items of [`prefetch`].
pub struct Prefetch<T> {
    receiver: Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T> Iterator for Prefetch<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if let Ok(item) = self.receiver.recv() {
            return Some(item);
        }
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        None
    }
}
