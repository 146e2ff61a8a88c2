use super::{Callback, Training};
use crate::training::history::Scores;

/// Validates with the moving averages of the weights in their place: Keras's `SwapEMAWeights`.
///
/// The optimizer keeps them where it is told to by `use_ema(true)`; with any other, `fit` is an error before a weight
/// moves. Training itself goes on with the weights. Callbacks are called in the order in which they were added: one behind
/// this one sees the averages at the end of an epoch where [`swap_on_epoch`](SwapEmaWeights::swap_on_epoch) says so.
///
/// In the end the model has the averages, as always with `use_ema`; so it does where another callback has stopped the
/// training, where Keras with `swap_on_epoch` leaves it the weights.
///
/// ```
/// use fusion::prelude::*;
/// # model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
/// # let mut tiny = Tiny::new(1);
/// # let path = std::env::temp_dir().join(format!("fusion-averages-{}.safetensors", std::process::id()));
/// let optimizer = Sgd::new(0.1).use_ema(true).ema_momentum(0.9);
/// let history = Trainer::new(&mut tiny, optimizer, MeanSquaredError)
///     .epochs(5)
///     .validation_data(&[[2.0]], &[[4.0]])
///     .callback(SwapEmaWeights::new().swap_on_epoch(true))
///     .callback(ModelCheckpoint::new(&path).save_best_only(true)) // of the averages
///     .verbose(false)
///     .fit(&[[1.0]], &[[2.0]])?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "SwapEMAWeights")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SwapEmaWeights {
    swap_on_epoch: bool,
}

impl SwapEmaWeights {
    /// Only for validation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the averages take the place of the weights from the end of each epoch to the beginning of the next too,
    /// for the callbacks behind this one; `false` by default.
    #[must_use]
    pub fn swap_on_epoch(mut self, swap_on_epoch: bool) -> Self {
        self.swap_on_epoch = swap_on_epoch;
        self
    }
}

impl Callback for SwapEmaWeights {
    fn watches_batches(&self) -> bool {
        false
    }

    fn on_train_begin(&mut self, training: &mut Training<'_>) {
        if !training.has_averages() {
            training.fail(
                "`SwapEmaWeights` needs an optimizer that keeps moving averages of the weights; \
                 add `.use_ema(true)` to it",
            );
        }
    }

    fn on_epoch_begin(&mut self, _epoch: usize, training: &mut Training<'_>) {
        if self.swap_on_epoch {
            training.show_averages(false);
        }
    }

    fn on_test_begin(&mut self, training: &mut Training<'_>) {
        training.show_averages(true);
    }

    fn on_test_end(&mut self, _logs: &Scores, training: &mut Training<'_>) {
        training.show_averages(false);
    }

    fn on_epoch_end(&mut self, _epoch: usize, _logs: &Scores, training: &mut Training<'_>) {
        if self.swap_on_epoch {
            training.show_averages(true);
        }
    }
}
