//! The largest number of each of so many windows of an image.

use super::pooling::{AdaptivePoolingOptions, pooling};

/// The largest number of each window and channel, of as many windows as the output has places: `[height, width, channels]` →
/// `[…, …, channels]`, Keras's `layers.AdaptiveMaxPooling2D`.
///
/// Window o of n begins at o · places / n, rounded down, and ends before (o + 1) · places / n, rounded up, along each side;
/// neighbours may overlap. The gradient goes to the largest number, to the first of equal ones. `AdaptiveMaxPooling2d(7)` gives 7 places, along each side. `output_size_hw = (7, 5)` gives height and width apart.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{AdaptiveMaxPooling2d, AdaptivePoolingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct To7; // `AdaptiveMaxPooling2d(7)` in `model!`
/// impl OptionsOf<AdaptiveMaxPooling2d> for To7 {
///     const VALUE: AdaptivePoolingOptions<2> = AdaptivePoolingOptions::DEFAULT.positional(7);
/// }
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<AdaptiveMaxPooling2d as Layer<Input, To7>>::OUTPUT.shape, Shape::new(&[7, 7, 8]));
/// ```
#[doc(alias = "AdaptiveMaxPooling2D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "AdaptiveMaxPooling2D", options = AdaptivePoolingOptions<2>)]
pub struct AdaptiveMaxPooling2d;

pooling!(AdaptiveMaxPooling2d, Max);
