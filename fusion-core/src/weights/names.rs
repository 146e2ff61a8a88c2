//! The names of initializers, regularizers and constraints, as they are written in the parentheses of a layer.
//!
//! `model!` has them in scope in the values of options that end in `_initializer`, `_regularizer` and `_constraint`, and
//! nowhere else.
#![allow(non_snake_case, non_upper_case_globals, reason = "Keras's names")]

pub use super::Constraint::NonNeg;
pub use super::Distribution::{self, Uniform, UntruncatedNormal};
pub use super::Fan::{self, FanAvg, FanIn, FanOut};
pub use super::Initializer::{
    self, Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal, LecunUniform, Ones,
    Orthogonal, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, Zeros,
};
pub use super::Regularizer::{self, L1, L1L2, L2, OrthogonalRegularizer};
pub use super::Vectors::{self, Columns, Rows};
pub use super::{Axes, Constraint};
use crate::shape::Tensor;

/// [`Initializer::values`].
#[must_use]
pub const fn Values<T: Tensor<Element = f32>>(array: &'static T) -> Initializer {
    Initializer::values(array)
}

/// [`Constraint::max_norm`].
#[must_use]
pub const fn MaxNorm(max_value: f32) -> Constraint {
    Constraint::max_norm(max_value)
}

/// [`Constraint::min_max_norm`].
#[must_use]
pub const fn MinMaxNorm(min_value: f32, max_value: f32, rate: f32) -> Constraint {
    Constraint::min_max_norm(min_value, max_value, rate)
}

/// [`Constraint::unit_norm`].
pub const UnitNorm: Constraint = Constraint::unit_norm();
