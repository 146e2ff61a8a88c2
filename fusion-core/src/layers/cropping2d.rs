//! An image without its borders.

use super::borders::CroppingOptions;
use super::rearranging::rearranging;

/// Takes places off both ends of each side: `[height, width, channels]` → `[…, …, channels]`,
/// Keras's `layers.Cropping2D`.
///
/// `Cropping2d(1)` takes one off each end; `cropping_hw = (1, 2)`, height and width apart; `cropping_ends = ((1, 2), (0, 1))`, each end apart. Without a number nothing is taken off.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Cropping2d, CroppingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By2; // `Cropping2d(2)` in `model!`
/// impl OptionsOf<Cropping2d> for By2 {
///     const VALUE: CroppingOptions<2> = CroppingOptions::DEFAULT.positional(2);
/// }
/// type Input = [[[f32; 8]; 26]; 27];
/// assert_eq!(<Cropping2d as Layer<Input, By2>>::OUTPUT.shape, Shape::new(&[23, 22, 8]));
/// ```
#[doc(alias = "Cropping2D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "Cropping2D", options = CroppingOptions<2>)]
pub struct Cropping2d;

rearranging!(Cropping2d);
