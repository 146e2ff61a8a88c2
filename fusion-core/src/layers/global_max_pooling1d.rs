//! The largest number of each feature of a sequence.

use super::pooling::{GlobalPoolingOptions, global_pooling};

/// y\[c\] = max x\[i\]\[c\] over all places: `[steps, features]` → `[features]`, Keras's
/// `layers.GlobalMaxPooling1D`.
///
/// Equal largest numbers share the gradient, as in TensorFlow's `reduce_max`. See
/// [`GlobalPoolingOptions`] for `GlobalMaxPooling1d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalMaxPooling1d;
/// use fusion::{Layer, Shape};
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<GlobalMaxPooling1d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalMaxPooling1D", "GlobalMaxPool1D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalMaxPooling1D", options = GlobalPoolingOptions)]
pub struct GlobalMaxPooling1d;

global_pooling!(GlobalMaxPooling1d, 1, Largest);
