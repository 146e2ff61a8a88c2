//! The largest number of each window of a sequence.

use super::pooling::{PoolingOptions, pooling};

/// y\[i\]\[c\] = max x\[i·s + k − p\]\[c\] over the window k, with strides s
/// and padding p, which itself does not count: `[steps, features]` → `[…, features]`,
/// Keras's `layers.MaxPooling1D`.
///
/// The gradient goes to the largest number, to the first of equal ones (row by row), as in
/// TensorFlow. `MaxPooling1d` has windows of 2 that do not overlap; see [`PoolingOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{MaxPooling1d, PoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `MaxPooling1d(3)` in `model!`
/// impl OptionsOf<MaxPooling1d> for Of3 {
///     const VALUE: PoolingOptions<1> = PoolingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<MaxPooling1d as Layer<Input>>::OUTPUT.shape, Shape::new(&[13, 8]));
/// assert_eq!(<MaxPooling1d as Layer<Input, Of3>>::OUTPUT.shape, Shape::new(&[8, 8]));
/// ```
#[doc(alias("MaxPooling1D", "MaxPool1D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "MaxPooling1D", options = PoolingOptions<1>)]
pub struct MaxPooling1d;

pooling!(MaxPooling1d, Max);
