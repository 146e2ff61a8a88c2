//! An array of weights that a layer has or has not.

use crate::shape::Tensor;

/// Whether a layer has one of its arrays, such as a bias: Keras's `use_bias`.
///
/// In `model!` it is an option of the layer, `Dense<_, 64>(use_bias = false)`, whose value is any constant. Among the
/// arguments of a type it stands as `Use<false>`, of which [`NoBias`] is another name.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Linear;
/// use fusion::layers::{Dense, NoBias, Use};
/// use fusion::Parameters;
/// const USE_BIAS: bool = false;
/// assert_eq!(<Dense<8, 4, Linear, Use<USE_BIAS>> as Parameters>::COUNT, 32);
/// let layer: Dense<2, 1, Linear, NoBias> = Dense::new([[0.5], [-1.0]], []);
/// assert_eq!(layer.bias, []);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Use<const USED: bool>;

/// The layer adds a bias: Keras's `use_bias=True`, the default.
pub type UseBias = Use<true>;

/// The layer adds no bias: Keras's `use_bias=False`.
pub type NoBias = Use<false>;

/// Whether an array is there: [`Use<true>`](Use) or [`Use<false>`](Use).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither `UseBias` nor `NoBias`",
    label = "this says nothing about the bias"
)]
pub trait Optional: Send + Sync + 'static {
    /// An array of `N` numbers, or of none.
    type Values<const N: usize>: Tensor<Element = f32>;
    /// Whether it is there.
    const USED: bool;
    /// The numbers, if there are any.
    fn values<const N: usize>(values: &Self::Values<N>) -> Option<&[f32; N]>;
    /// The numbers, or ones where there are none.
    fn or_ones<const N: usize>(values: &Self::Values<N>) -> &[f32; N] {
        Self::values(values).unwrap_or(const { &[1.0; N] })
    }
    /// The numbers, or zeros where there are none.
    fn or_zeros<const N: usize>(values: &Self::Values<N>) -> &[f32; N] {
        Self::values(values).unwrap_or(const { &[0.0; N] })
    }
    /// The numbers to write, if there are any.
    fn values_mut<const N: usize>(values: &mut Self::Values<N>) -> Option<&mut [f32; N]>;
}

impl Optional for Use<true> {
    type Values<const N: usize> = [f32; N];
    const USED: bool = true;
    fn values<const N: usize>(values: &[f32; N]) -> Option<&[f32; N]> {
        Some(values)
    }
    fn values_mut<const N: usize>(values: &mut [f32; N]) -> Option<&mut [f32; N]> {
        Some(values)
    }
}

impl Optional for Use<false> {
    type Values<const N: usize> = [f32; 0];
    const USED: bool = false;
    fn values<const N: usize>(_: &[f32; 0]) -> Option<&[f32; N]> {
        None
    }
    fn values_mut<const N: usize>(_: &mut [f32; 0]) -> Option<&mut [f32; N]> {
        None
    }
}
