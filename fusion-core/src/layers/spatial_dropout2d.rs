//! Zeros in whole channels of an image, at random.

use super::dropout::RateOptions;
use super::noise::noise;
use super::spatial_dropping::{drop_channels, output};

/// While training, each channel of a sample becomes 0 at all places with probability `rate`, and the others are divided
/// by 1 − `rate`; otherwise y = x: `[height, width, channels]`, Keras's `layers.SpatialDropout2D` (Tompson and others, 2014).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RateOptions, SpatialDropout2d};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Half; // `SpatialDropout2d(0.5)` in `model!`
/// impl OptionsOf<SpatialDropout2d> for Half {
///     const VALUE: RateOptions = RateOptions::DEFAULT.positional(0.5);
/// }
/// assert_eq!(<SpatialDropout2d as Layer<[[[f32; 8]; 26]; 27], Half>>::OUTPUT.shape, Shape::new(&[27, 26, 8]));
/// ```
#[doc(alias = "SpatialDropout2D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "SpatialDropout2D", options = RateOptions)]
pub struct SpatialDropout2d;

const fn of_rank<In: crate::shape::Tensor>(options: &RateOptions) -> crate::layer::Output {
    output::<In, 2>(options)
}

noise!(SpatialDropout2d, of_rank, drop_channels, drop_channels);
