//! The mean of each channel of a volume.

use super::pooling::{GlobalPoolingOptions, global_pooling};

/// y\[c\] = Σ x\[h\]\[i\]\[j\]\[c\] / (depth · height · width): `[depth, height, width, channels]` → `[channels]`, Keras's
/// `layers.GlobalAveragePooling3D`.
///
/// See [`GlobalPoolingOptions`] for `GlobalAveragePooling3d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalAveragePooling3d;
/// use fusion::{Layer, Shape};
/// type Input = [[[[f32; 8]; 26]; 27]; 12];
/// assert_eq!(<GlobalAveragePooling3d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalAveragePooling3D", "GlobalAvgPool3D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalAveragePooling3D", options = GlobalPoolingOptions)]
pub struct GlobalAveragePooling3d;

global_pooling!(GlobalAveragePooling3d, 3, Average);
