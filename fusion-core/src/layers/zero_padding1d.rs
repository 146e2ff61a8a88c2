//! Zeros around a sequence.

use super::borders::ZeroPaddingOptions;
use super::rearranging::rearranging;

/// Places of zeros at both ends of each side: `[steps, features]` → `[before + steps + behind, features]`,
/// Keras's `layers.ZeroPadding1D`.
///
/// `ZeroPadding1d(1)` adds one at each end, as it does without a number; `padding_ends = (1, 2)`, at its beginning and its end apart. Ids are padded with the id 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{ZeroPadding1d, ZeroPaddingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By2; // `ZeroPadding1d(2)` in `model!`
/// impl OptionsOf<ZeroPadding1d> for By2 {
///     const VALUE: ZeroPaddingOptions<1> = ZeroPaddingOptions::DEFAULT.positional(2);
/// }
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<ZeroPadding1d as Layer<Input, By2>>::OUTPUT.shape, Shape::new(&[30, 8]));
/// ```
#[doc(alias = "ZeroPadding1D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "ZeroPadding1D", options = ZeroPaddingOptions<1>)]
pub struct ZeroPadding1d;

rearranging!(ZeroPadding1d);
