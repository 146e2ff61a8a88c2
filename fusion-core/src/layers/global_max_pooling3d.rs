//! The largest number of each channel of a volume.

use super::pooling::{GlobalPoolingOptions, global_pooling};

/// y\[c\] = max x\[h\]\[i\]\[j\]\[c\] over all places: `[depth, height, width, channels]` → `[channels]`, Keras's
/// `layers.GlobalMaxPooling3D`.
///
/// Equal largest numbers share the gradient, as in TensorFlow's `reduce_max`. See
/// [`GlobalPoolingOptions`] for `GlobalMaxPooling3d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalMaxPooling3d;
/// use fusion::{Layer, Shape};
/// type Input = [[[[f32; 8]; 26]; 27]; 12];
/// assert_eq!(<GlobalMaxPooling3d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalMaxPooling3D", "GlobalMaxPool3D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalMaxPooling3D", options = GlobalPoolingOptions)]
pub struct GlobalMaxPooling3d;

global_pooling!(GlobalMaxPooling3d, 3, Largest);
