//! Zeros around an image.

use super::borders::ZeroPaddingOptions;
use super::rearranging::rearranging;

/// Places of zeros at both ends of each side: `[height, width, channels]` → `[…, …, channels]`,
/// Keras's `layers.ZeroPadding2D`.
///
/// `ZeroPadding2d(1)` adds one at each end, as it does without a number; `padding_hw = (1, 2)`, height and width apart; `padding_ends = ((1, 2), (0, 1))`, each end apart. Ids are padded with the id 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{ZeroPadding2d, ZeroPaddingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By2; // `ZeroPadding2d(2)` in `model!`
/// impl OptionsOf<ZeroPadding2d> for By2 {
///     const VALUE: ZeroPaddingOptions<2> = ZeroPaddingOptions::DEFAULT.positional(2);
/// }
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<ZeroPadding2d as Layer<Input, By2>>::OUTPUT.shape, Shape::new(&[31, 30, 8]));
/// ```
#[doc(alias = "ZeroPadding2D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "ZeroPadding2D", options = ZeroPaddingOptions<2>)]
pub struct ZeroPadding2d;

rearranging!(ZeroPadding2d);
