//! A sequence without its borders.

use super::borders::CroppingOptions;
use super::rearranging::rearranging;

/// Takes places off both ends of each side: `[steps, features]` → `[steps − before − behind, features]`,
/// Keras's `layers.Cropping1D`.
///
/// `Cropping1d(1)` takes one off each end, as it does without a number; `cropping_ends = (1, 2)`, at its beginning and its end apart.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Cropping1d, CroppingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By2; // `Cropping1d(2)` in `model!`
/// impl OptionsOf<Cropping1d> for By2 {
///     const VALUE: CroppingOptions<1> = CroppingOptions::DEFAULT.positional(2);
/// }
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<Cropping1d as Layer<Input, By2>>::OUTPUT.shape, Shape::new(&[22, 8]));
/// ```
#[doc(alias = "Cropping1D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "Cropping1D", options = CroppingOptions<1>)]
pub struct Cropping1d;

rearranging!(Cropping1d);
