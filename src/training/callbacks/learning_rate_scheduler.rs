use super::{Callback, Training};

/// Sets the learning rate before each epoch: Keras's `LearningRateScheduler`.
///
/// The closure is given the epoch, from 0, and the learning rate so far. The learning rate is logged as `learning_rate`;
/// one that is NaN, infinite or below 0 is an error of `fit`.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// let history = Trainer::new(&mut tiny, Sgd::new(0.1), MeanSquaredError)
///     .epochs(4)
///     .callback(LearningRateScheduler::new(|epoch, rate| if epoch < 2 { rate } else { rate * 0.5 }))
///     .verbose(false)
///     .fit(&[[1.0]], &[[2.0]])?;
/// let rates: Vec<f32> = history["learning_rate"].iter().map(|rate| *rate as f32).collect();
/// assert_eq!(rates, [0.1, 0.1, 0.05, 0.025]);
/// # Ok::<(), TrainError>(())
/// ```
pub struct LearningRateScheduler<F> {
    schedule: F,
}

impl<F: FnMut(usize, f32) -> f32> LearningRateScheduler<F> {
    /// From the epoch and the learning rate so far to the next one.
    #[must_use]
    pub fn new(schedule: F) -> Self {
        Self { schedule }
    }
}

impl<F: FnMut(usize, f32) -> f32> Callback for LearningRateScheduler<F> {
    fn watches_batches(&self) -> bool {
        false
    }
    fn changes_learning_rate(&self) -> bool {
        true
    }
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) {
        let learning_rate = (self.schedule)(epoch, training.learning_rate());
        training.set_learning_rate(learning_rate);
    }
}
