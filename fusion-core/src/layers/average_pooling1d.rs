//! The mean of each window of a sequence.

use super::pooling::{PoolingOptions, pooling};

/// y\[i\]\[c\] = mean of x\[i·s + k − p\]\[c\] over the window k, with strides s
/// and padding p, which itself does not count: `[steps, features]` → `[…, features]`,
/// Keras's `layers.AveragePooling1D`.
///
/// `AveragePooling1d` has windows of 2 that do not overlap; see [`PoolingOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{AveragePooling1d, PoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `AveragePooling1d(3)` in `model!`
/// impl OptionsOf<AveragePooling1d> for Of3 {
///     const VALUE: PoolingOptions<1> = PoolingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<AveragePooling1d as Layer<Input>>::OUTPUT.shape, Shape::new(&[13, 8]));
/// assert_eq!(<AveragePooling1d as Layer<Input, Of3>>::OUTPUT.shape, Shape::new(&[8, 8]));
/// ```
#[doc(alias("AveragePooling1D", "AvgPool1D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "AveragePooling1D", options = PoolingOptions<1>)]
pub struct AveragePooling1d;

pooling!(AveragePooling1d, Mean);
