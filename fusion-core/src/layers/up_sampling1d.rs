//! Each step of a sequence several times.

use super::rearranging::rearranging;
use super::up_sampling::UpSamplingOptions;

/// y\[i\] = x\[i / size\], rounded down: `[steps, features]` → `[steps · size, features]`, Keras's
/// `layers.UpSampling1D`.
///
/// `UpSampling1d` without a number doubles the sequence.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{UpSampling1d, UpSamplingOptions};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct By3; // `UpSampling1d(3)` in `model!`
/// impl OptionsOf<UpSampling1d> for By3 {
///     const VALUE: UpSamplingOptions<1> = UpSamplingOptions::DEFAULT.positional(3);
/// }
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<UpSampling1d as Layer<Input>>::OUTPUT.shape, Shape::new(&[52, 8]));
/// assert_eq!(<UpSampling1d as Layer<Input, By3>>::OUTPUT.shape, Shape::new(&[78, 8]));
/// ```
#[doc(alias = "UpSampling1D")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "UpSampling1D", options = UpSamplingOptions<1>)]
pub struct UpSampling1d;

rearranging!(UpSampling1d);
