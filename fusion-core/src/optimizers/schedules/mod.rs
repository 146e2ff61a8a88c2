//! Learning rates that depend on the step, with Keras's formulas in Keras's `f32` arithmetic.

mod cosine_decay;
mod exponential_decay;
mod inverse_time_decay;
mod piecewise_constant_decay;
mod polynomial_decay;

pub use cosine_decay::CosineDecay;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;

/// Fails for a decay that takes no steps at all.
#[track_caller]
fn check_decay_steps(decay_steps: u64) {
    assert!(decay_steps > 0, "a learning rate cannot decay in 0 steps");
}

/// step / decay_steps, or the whole part of it for a staircase.
fn progress(step: u64, decay_steps: u64, staircase: bool) -> f32 {
    if staircase { (step / decay_steps) as f32 } else { step as f32 / decay_steps as f32 }
}
