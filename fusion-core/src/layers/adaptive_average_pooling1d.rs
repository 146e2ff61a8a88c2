//! The mean of each of so many windows of a sequence.

use super::pooling::{AdaptivePoolingOptions, pooling};

/// The mean of each window and channel, of as many windows as the output has places: `[steps, features]` →
/// `[…, features]`, Keras's `layers.AdaptiveAveragePooling1D`.
///
/// Window o of n begins at o · steps / n, rounded down, and ends before (o + 1) · steps / n, rounded up;
/// neighbours may overlap. `AdaptiveAveragePooling1d(7)` gives 7 places.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{AdaptiveAveragePooling1d, AdaptivePoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct To7; // `AdaptiveAveragePooling1d(7)` in `model!`
/// impl OptionsOf<AdaptiveAveragePooling1d> for To7 {
///     const VALUE: AdaptivePoolingOptions<1> = AdaptivePoolingOptions::DEFAULT.positional(7);
/// }
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<AdaptiveAveragePooling1d as Layer<Input, To7>>::OUTPUT.shape, Shape::new(&[7, 8]));
/// ```
#[doc(alias = "AdaptiveAveragePooling1D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "AdaptiveAveragePooling1D", options = AdaptivePoolingOptions<1>)]
pub struct AdaptiveAveragePooling1d;

pooling!(AdaptiveAveragePooling1d, Mean);
