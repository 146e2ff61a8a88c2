//! The largest number of each window of a volume.

use super::pooling::{PoolingOptions, pooling};

/// y\[h\]\[i\]\[j\]\[c\] = max x\[h·s + m − o\]\[i·s + k − p\]\[j·s + l − q\]\[c\] over the window (m, k, l), with strides s
/// and padding (o, p, q), which itself does not count: `[depth, height, width, channels]` → `[…, …, …, channels]`,
/// Keras's `layers.MaxPooling3D`.
///
/// The gradient goes to the largest number, to the first of equal ones (row by row), as in
/// TensorFlow. `MaxPooling3d` has windows of 2 × 2 × 2 that do not overlap; see [`PoolingOptions`].
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{MaxPooling3d, PoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Of3; // `MaxPooling3d(3)` in `model!`
/// impl OptionsOf<MaxPooling3d> for Of3 {
///     const VALUE: PoolingOptions<3> = PoolingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[[[f32; 8]; 26]; 27]; 12];
/// assert_eq!(<MaxPooling3d as Layer<Input>>::OUTPUT.shape, Shape::new(&[6, 13, 13, 8]));
/// assert_eq!(<MaxPooling3d as Layer<Input, Of3>>::OUTPUT.shape, Shape::new(&[4, 9, 8, 8]));
/// ```
#[doc(alias("MaxPooling3D", "MaxPool3D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "MaxPooling3D", options = PoolingOptions<3>)]
pub struct MaxPooling3d;

pooling!(MaxPooling3d, Max);
