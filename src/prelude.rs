//! What a program that declares, trains and uses models needs in scope: `use fusion::prelude::*;`.

pub use crate::model;
#[doc(no_inline)]
pub use fusion_core::activations::{
    Celu, Elu, Exponential, Gelu, HardShrink, HardSigmoid, HardSilu, HardTanh, LeakyRelu, Linear, LogSigmoid,
    LogSoftmax, Mish, Relu, Relu6, Selu, Sigmoid, Silu, SoftShrink, Softmax, Softplus, Softsign, SparsePlus,
    SparseSigmoid, Sparsemax, Squareplus, Tanh, TanhShrink, Threshold,
};
#[doc(no_inline)]
pub use fusion_core::layers::*;
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use fusion_core::{TrainLayer, model::TrainNetwork};
// So that options read as in Keras: `padding = Same`. A name of the user's own comes before these.
#[doc(no_inline)]
pub use fusion_core::layers::{
    FlipMode::{Horizontal, HorizontalAndVertical, Vertical},
    Interpolation::{Bicubic, Bilinear, Lanczos3, Lanczos5, Nearest},
    MergeMode::{Ave, Concat, Mul, Sum},
    OutputMode::{Count, Int, MultiHot, OneHot, TfIdf},
    Padding::{Causal, Same, Valid},
};
#[doc(no_inline)]
pub use fusion_core::{IntoInputs, Layer, Model, Network, OptionsOf, Samples, Tensor, rows};
// Methods are in scope where a model of the user's own has a trait's name, too.
#[cfg(feature = "std")]
#[doc(no_inline)]
pub use crate::{
    persistence::{PreparedFiles as _, WeightFiles as _},
    plot::Plot as _,
    summary::Summarize as _,
};
#[doc(no_inline)]
pub use fusion_core::Model as _;
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use fusion_core::{losses::prelude::*, metrics::prelude::*, optimizers::prelude::*};
/// Derives the weights of a layer from its fields.
pub use fusion_macros::Parameters;

#[cfg(not(feature = "std"))]
#[doc(no_inline)]
pub use crate::persistence::WeightFiles;
#[cfg(feature = "training")]
#[doc(no_inline)]
pub use crate::training::{
    Gradient, History, IntoTargets, Losses, Mode, Scores, TrainError, Trainer, callbacks::prelude::*, weighted,
};
#[cfg(feature = "std")]
#[doc(no_inline)]
pub use crate::{
    classification::ConfusionMatrix,
    persistence::{PreparedFiles, WeightFiles},
    plot::Plot,
    summary::Summarize,
};
