//! Each place of a volume several times.

use super::rearranging::rearranging;
use super::up_sampling::UpSamplingOptions;

/// y\[h\]\[i\]\[j\] = x\[h / size\]\[i / size\]\[j / size\], rounded down: `[depth, height, width, channels]` →
/// `[depth · size, height · size, width · size, channels]`, Keras's
/// `layers.UpSampling3D`.
///
/// `UpSampling3d` without a number doubles each side. `size_dhw = (1, 2, 2)` gives depth, height and width apart.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{UpSampling3d, UpSamplingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By3; // `UpSampling3d(3)` in `model!`
/// impl OptionsOf<UpSampling3d> for By3 {
///     const VALUE: UpSamplingOptions<3> = UpSamplingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[[[f32; 8]; 26]; 27]; 12];
/// assert_eq!(<UpSampling3d as Layer<Input>>::OUTPUT.shape, Shape::new(&[24, 54, 52, 8]));
/// assert_eq!(<UpSampling3d as Layer<Input, By3>>::OUTPUT.shape, Shape::new(&[36, 81, 78, 8]));
/// ```
#[doc(alias = "UpSampling3D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "UpSampling3D", options = UpSamplingOptions<3>)]
pub struct UpSampling3d;

rearranging!(UpSampling3d);
