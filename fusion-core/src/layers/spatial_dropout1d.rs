//! Zeros in whole features of a sequence, at random.

use super::dropout::RateOptions;
use super::noise::noise;
use super::spatial_dropping::{drop_channels, output};

/// While training, each feature of a sample becomes 0 at all steps with probability `rate`, and the others are divided
/// by 1 − `rate`; otherwise y = x: `[steps, features]`, Keras's `layers.SpatialDropout1D` (Tompson and others, 2014).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RateOptions, SpatialDropout1d};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Half; // `SpatialDropout1d(0.5)` in `model!`
/// impl OptionsOf<SpatialDropout1d> for Half {
///     const VALUE: RateOptions = RateOptions::DEFAULT.positional(0.5);
/// }
/// assert_eq!(<SpatialDropout1d as Layer<[[f32; 8]; 26], Half>>::OUTPUT.shape, Shape::new(&[26, 8]));
/// ```
#[doc(alias = "SpatialDropout1D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "SpatialDropout1D", options = RateOptions)]
pub struct SpatialDropout1d;

const fn of_rank<In: crate::shape::Tensor>(options: &RateOptions) -> crate::layer::Output {
    output::<In, 1>(options)
}

noise!(SpatialDropout1d, of_rank, drop_channels, drop_channels);
