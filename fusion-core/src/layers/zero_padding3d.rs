//! Zeros around a volume.

use super::borders::ZeroPaddingOptions;
use super::rearranging::rearranging;

/// Places of zeros at both ends of each side: `[depth, height, width, channels]` → `[…, …, …, channels]`,
/// Keras's `layers.ZeroPadding3D`.
///
/// `ZeroPadding3d(1)` adds one at each end, as it does without a number; `padding_dhw = (1, 2, 2)`, depth, height and width apart; `padding_ends = ((1, 1), (1, 2), (0, 1))`, each end apart. Ids are padded with the id 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{ZeroPadding3d, ZeroPaddingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By2; // `ZeroPadding3d(2)` in `model!`
/// impl OptionsOf<ZeroPadding3d> for By2 {
///     const VALUE: ZeroPaddingOptions<3> = ZeroPaddingOptions::DEFAULT.positional(2);
/// }
/// type Input = [[[[f32; 8]; 26]; 27]; 12];
/// assert_eq!(<ZeroPadding3d as Layer<Input, By2>>::OUTPUT.shape, Shape::new(&[16, 31, 30, 8]));
/// ```
#[doc(alias = "ZeroPadding3D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "ZeroPadding3D", options = ZeroPaddingOptions<3>)]
pub struct ZeroPadding3d;

rearranging!(ZeroPadding3d);
