//! A volume without its borders.

use super::borders::CroppingOptions;
use super::rearranging::rearranging;

/// Takes places off both ends of each side: `[depth, height, width, channels]` → `[…, …, …, channels]`,
/// Keras's `layers.Cropping3D`.
///
/// `Cropping3d(1)` takes one off each end, as it does without a number; `cropping_dhw = (1, 2, 2)`, depth, height and width apart; `cropping_ends = ((1, 1), (1, 2), (0, 1))`, each end apart.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Cropping3d, CroppingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By2; // `Cropping3d(2)` in `model!`
/// impl OptionsOf<Cropping3d> for By2 {
///     const VALUE: CroppingOptions<3> = CroppingOptions::DEFAULT.positional(2);
/// }
/// type Input = [[[[f32; 8]; 26]; 27]; 12];
/// assert_eq!(<Cropping3d as Layer<Input, By2>>::OUTPUT.shape, Shape::new(&[8, 23, 22, 8]));
/// ```
#[doc(alias = "Cropping3D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "Cropping3D", options = CroppingOptions<3>)]
pub struct Cropping3d;

rearranging!(Cropping3d);
