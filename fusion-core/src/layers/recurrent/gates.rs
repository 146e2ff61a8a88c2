//! The activations of gates. Tanh and the sigmoid stand within the loops over a step's units, others are applied to each
//! sample's gates before these loops and behind them.

use crate::activations::Activation;
#[cfg(feature = "training")]
use crate::activations::TrainActivation;

/// The numbers of a sample, so many, among those of all; none where there are none at all.
#[cfg(feature = "training")]
#[inline(always)]
pub(in super::super) fn sample_of(values: &[f32], sample: usize, length: usize) -> &[f32] {
    if values.is_empty() { values } else { &values[sample * length..][..length] }
}

/// The same to write.
#[inline(always)]
pub(in super::super) fn sample_of_mut(values: &mut [f32], sample: usize, length: usize) -> &mut [f32] {
    if values.is_empty() { values } else { &mut values[sample * length..][..length] }
}

/// Whether it stands within a loop.
const fn is_within<A: Activation>() -> bool {
    A::TANH || A::SIGMOID
}

/// Applies an activation to a gate, and keeps what it is applied to where there is room for it.
#[inline(always)]
pub(in super::super) fn activate<A: Activation>(gate: &mut [f32], input: &mut [f32]) {
    if !input.is_empty() {
        input.copy_from_slice(gate);
    }
    A::forward(gate, gate.len());
}

/// Applies one that does not stand within the loop that follows.
#[inline(always)]
pub(in super::super) fn activate_before<A: Activation>(gate: &mut [f32], input: &mut [f32]) {
    if !is_within::<A>() {
        activate::<A>(gate, input);
    }
}

/// A of x within a loop.
#[inline(always)]
pub(in super::super) fn within<A: Activation>(x: f32) -> f32 {
    if A::TANH {
        crate::kernels::math::tanh(x)
    } else if A::SIGMOID {
        crate::kernels::math::sigmoid(x)
    } else {
        x
    }
}

/// The way back of [`activate`].
#[cfg(feature = "training")]
#[inline(always)]
pub(in super::super) fn activate_back<A: TrainActivation>(input: &[f32], output: &[f32], gradient: &mut [f32]) {
    A::backward(input, output, gradient, gradient.len());
}

/// The slope within a loop, from what A gave.
#[cfg(feature = "training")]
#[inline(always)]
pub(in super::super) fn slope<A: Activation>(y: f32) -> f32 {
    if A::TANH {
        1.0 - y * y
    } else if A::SIGMOID {
        y * (1.0 - y)
    } else {
        1.0
    }
}

/// The slope behind a loop, of one that does not stand within it.
#[cfg(feature = "training")]
#[inline(always)]
pub(in super::super) fn slope_behind<A: TrainActivation>(input: &[f32], output: &[f32], gradient: &mut [f32]) {
    if !is_within::<A>() {
        activate_back::<A>(input, output, gradient);
    }
}
