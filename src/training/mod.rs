//! Training: the [`Trainer`], what it reports and what may watch it.
//!
//! A [`Trainer`] holds a model, an optimizer and a loss, as Keras's `compile` does, and offers
//! Keras's `fit`, `evaluate` and `train_on_batch`. Everything has Keras's names and defaults; the
//! running losses and metrics are weighted as Keras weighs them.
//!
//! ```
//! use fusion::prelude::*;
//!
//! model! {
//!     pub struct Line = [f32; 1] => Dense<1, 1>;
//! }
//!
//! let mut line = Line::new(1);
//! let x: Vec<[f32; 1]> = (0..100).map(|i| [i as f32 / 100.0]).collect();
//! let y: Vec<[f32; 1]> = x.iter().map(|[x]| [3.0 * x - 1.0]).collect();
//!
//! let mut trainer = Trainer::new(&mut line, Sgd::new(0.5), MeanSquaredError)
//!     .metric(MeanAbsoluteError)
//!     .epochs(200)
//!     .validation_split(0.2)
//!     .shuffle(7)
//!     .verbose(false);
//! let history = trainer.fit(&x, &y)?;
//! assert!(history["val_loss"].last().unwrap() < &1e-3);
//! # Ok::<(), TrainError>(())
//! ```
//!
//! # What a step is
//! A batch is cut into tiles that fit the processor's cache (not where samples depend on each
//! other, as under batch normalization). Each tile goes forward and back, and the weights'
//! gradients of all tiles add up; then the optimizer makes one step. After the first steps
//! nothing is allocated any more.
//!
//! # What is reproducible
//! The same model, data, seeds and calls give the same weights on one machine. Nothing depends on
//! the clock, on threads or on addresses.

mod backup;
mod batches;
pub(crate) mod callbacks;
mod called;
mod checks;
mod classes;
mod data;
mod error;
mod evaluate;
mod fit;
mod functions;
mod gradient;
mod history;
mod in_order;
mod interrupt;
mod logits;
mod losses;
mod metrics;
mod not_finite;
mod one_step;
mod passes;
mod progress;
mod resume;
mod running;
mod settings;
mod shuffle;
mod step;
mod sums;
mod targets;
mod together;
mod trainer;
mod tuples;
mod turns;
mod weighted;
mod weights;

#[cfg(test)]
mod tests;

pub use fusion_core::model::TrainNetwork;

pub use batches::{BatchError, Prefetch, TrainBatch, prefetch};
pub use callbacks::prelude::*;
pub use callbacks::{CallbackState, Mode, Weights};
pub use classes::IntoClassWeights;
#[doc(hidden)]
pub use classes::{ClassNumbers, class_numbers};
pub use error::TrainError;
pub use gradient::Gradient;
pub use history::{History, Scores};
pub use losses::{Losses, LossesInOrder, Seen};
#[doc(hidden)]
pub use metrics::{BoxedTracker, MetricsInOrder};
pub use metrics::{Metrics, Tracker};
pub use progress::Verbosity;
pub use shuffle::Shuffle;
pub use targets::{IntoTargets, Target, Targets};
pub use trainer::Trainer;
pub use weighted::{Weighted, weighted};
pub use weights::{IntoSampleWeights, LossWeights};
#[doc(hidden)]
pub use weights::{Numbers, SampleWeights, numbers};
