//! The mean of each window of an image.

use super::pooling::{PoolingOptions, pooling};

/// y\[i\]\[j\]\[c\] = mean of x\[i·s + k − p\]\[j·s + l − q\]\[c\] over the window (k, l), with strides s
/// and padding (p, q), which itself does not count: `[height, width, channels]` → `[…, …, channels]`,
/// Keras's `layers.AveragePooling2D`.
///
/// `AveragePooling2d` has windows of 2 × 2 that do not overlap; see [`PoolingOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{AveragePooling2d, PoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `AveragePooling2d(3)` in `model!`
/// impl OptionsOf<AveragePooling2d> for Of3 {
///     const VALUE: PoolingOptions<2> = PoolingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<AveragePooling2d as Layer<Input>>::OUTPUT.shape, Shape::new(&[13, 13, 8]));
/// assert_eq!(<AveragePooling2d as Layer<Input, Of3>>::OUTPUT.shape, Shape::new(&[9, 8, 8]));
/// ```
#[doc(alias("AveragePooling2D", "AvgPool2D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "AveragePooling2D", options = PoolingOptions<2>)]
pub struct AveragePooling2d;

pooling!(AveragePooling2d, Mean);
