//! Zeros in whole channels of a volume, at random.

use super::dropout::RateOptions;
use super::noise::noise;
use super::spatial_dropping::{drop_channels, output};

/// While training, each channel of a sample becomes 0 at all places with probability `rate`, and the others are divided
/// by 1 − `rate`; otherwise y = x: `[depth, height, width, channels]`, Keras's `layers.SpatialDropout3D` (Tompson and others, 2014).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RateOptions, SpatialDropout3d};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Half; // `SpatialDropout3d(0.5)` in `model!`
/// impl OptionsOf<SpatialDropout3d> for Half {
///     const VALUE: RateOptions = RateOptions::DEFAULT.positional(0.5);
/// }
/// assert_eq!(<SpatialDropout3d as Layer<[[[[f32; 8]; 26]; 27]; 12], Half>>::OUTPUT.shape, Shape::new(&[12, 27, 26, 8]));
/// ```
#[doc(alias = "SpatialDropout3D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "SpatialDropout3D", options = RateOptions)]
pub struct SpatialDropout3d;

const fn of_rank<In: crate::shape::Tensor>(options: &RateOptions) -> crate::layer::Output {
    output::<In, 3>(options)
}

noise!(SpatialDropout3d, of_rank, drop_channels, drop_channels);
