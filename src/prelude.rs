//! What a program that declares, trains and uses models needs in scope: `use fusion::prelude::*;`.

pub use crate::model;
#[doc(no_inline)]
pub use fusion_core::activations::{
    Celu, Elu, Exponential, Gelu, HardShrink, HardSigmoid, HardSilu, HardTanh, LeakyRelu, Linear, LogSigmoid,
    LogSoftmax, Mish, Relu, Relu6, Selu, Sigmoid, Silu, SoftShrink, Softmax, Softplus, Softsign, SparsePlus,
    Squareplus, Tanh, TanhShrink,
};
#[doc(no_inline)]
pub use fusion_core::layers::*;
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use fusion_core::{TrainLayer, model::TrainNetwork};
// So that options read as in Keras: `padding = Same`. A name of the user's own comes before these.
#[doc(no_inline)]
pub use fusion_core::layers::{
    Interpolation::{Bilinear, Nearest},
    OutputMode::{Count, MultiHot, OneHot},
    Padding::{Same, Valid},
};
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use fusion_core::losses::{
    BinaryCrossentropy, CategoricalCrossentropy, Huber, Loss, MeanAbsoluteError, MeanAbsolutePercentageError,
    MeanSquaredError, SparseCategoricalCrossentropy,
};
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use fusion_core::metrics::{
    Auc, BinaryAccuracy, CategoricalAccuracy, F1Score, MetricName, Precision, Recall, RootMeanSquaredError,
    SparseCategoricalAccuracy, SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy,
};
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use fusion_core::optimizers::{
    Adam, AdamW, CosineDecay, ExponentialDecay, InverseTimeDecay, Optimizer, PiecewiseConstantDecay, PolynomialDecay,
    RmsProp, Sgd,
};
#[doc(no_inline)]
pub use fusion_core::{IntoInputs, Layer, Model, Network, OptionsOf, Samples, Tensor, rows};
/// Derives the weights of a layer from its fields.
pub use fusion_macros::Parameters;

#[cfg(feature = "training")]
#[doc(no_inline)]
pub use crate::training::{
    Callback, EarlyStopping, History, IntoTargets, Losses, Mode, ReduceLrOnPlateau, Scores, TrainError, Trainer,
    Training,
};
#[cfg(feature = "std")]
#[doc(no_inline)]
pub use crate::{persistence::WeightFiles, summary::Summarize};
