//! The mean of each feature of a sequence.

use super::pooling::{GlobalPoolingOptions, global_pooling};

/// y\[c\] = Σ x\[i\]\[c\] / steps: `[steps, features]` → `[features]`, Keras's
/// `layers.GlobalAveragePooling1D`.
///
/// See [`GlobalPoolingOptions`] for `GlobalAveragePooling1d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalAveragePooling1d;
/// use fusion::{Layer, Shape};
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<GlobalAveragePooling1d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalAveragePooling1D", "GlobalAvgPool1D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalAveragePooling1D", options = GlobalPoolingOptions)]
pub struct GlobalAveragePooling1d;

global_pooling!(GlobalAveragePooling1d, 1, Average);
