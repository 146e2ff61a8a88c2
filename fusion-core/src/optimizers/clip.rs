//! Gradients before a rule sees them: the mean of several batches, and clipping.

use crate::kernels::vectorize;

/// How gradients are clipped.
#[derive(Clone, Copy)]
pub(super) enum Clip {
    /// Not at all.
    Nothing,
    /// The norm of an array's gradient is at most this.
    Norm(f64),
    /// The norm of all gradients together is at most this.
    GlobalNorm(f64),
    /// Each number is at most this, up or down.
    Value(f32),
}

/// What is done in one step to the gradient of each array.
#[derive(Clone, Copy)]
pub(super) struct Preparation {
    /// 1 / how many batches' gradients were added up.
    share: f32,
    clip: Clip,
    /// What all gradients are multiplied by for their norm.
    factor: f32,
}

impl Preparation {
    /// That of a step with the gradients of so many batches. `squared_norm` gives the sum of all squares.
    pub fn new(batches: u32, clip: Clip, squared_norm: impl FnOnce() -> f64) -> Self {
        let share = 1.0 / batches as f32;
        let factor = match clip {
            Clip::GlobalNorm(most) => shrinking(most, libm::sqrt(squared_norm()) * f64::from(share)),
            _ => 1.0,
        };
        Self { share, clip, factor: factor as f32 }
    }

    /// Clips a gradient and, where its rows were squared apart, their squares; gives them back where a rule is to use
    /// them. Keras keeps rows apart only as far as it multiplies an array's gradient by a number for its own norm.
    pub fn apply<'s>(self, gradient: &mut [f32], squares: Option<&'s mut [f32]>) -> Option<&'s mut [f32]> {
        let mut squares = squares.filter(|_| self.share == 1.0);
        scale(gradient, self.share * self.factor);
        match self.clip {
            Clip::Nothing => squares,
            Clip::GlobalNorm(_) => None,
            Clip::Norm(most) => {
                let norm = libm::sqrt(squared_norm(gradient, squares.as_deref()));
                let factor = shrinking(most, norm);
                scale(gradient, factor as f32);
                if let Some(squares) = &mut squares {
                    scale(squares, (factor * factor) as f32);
                }
                squares
            }
            Clip::Value(most) => {
                clip_values(gradient, most);
                None
            }
        }
    }
}

/// What makes a norm at most this: NaN where the norm is no number, so that it is seen.
fn shrinking(most: f64, norm: f64) -> f64 {
    if norm <= most { 1.0 } else { most / norm }
}

fn scale(values: &mut [f32], factor: f32) {
    if factor == 1.0 {
        return;
    }
    vectorize(
        #[inline(always)]
        || values.iter_mut().for_each(|value| *value *= factor),
    );
}

fn clip_values(gradient: &mut [f32], most: f32) {
    vectorize(
        #[inline(always)]
        || gradient.iter_mut().for_each(|g| *g = g.clamp(-most, most)),
    );
}

/// The square of a gradient's norm: where its rows were squared apart, the sum of these, as Keras's is.
pub(super) fn squared_norm(gradient: &[f32], squares: Option<&[f32]>) -> f64 {
    match squares {
        None => sum(gradient, |g| g * g),
        Some(squares) => sum(squares, |square| square),
    }
}

/// Σ function(x), in `f64` so that neither many numbers nor large ones cost digits.
#[inline(always)]
fn sum(values: &[f32], function: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 16;
    vectorize(
        #[inline(always)]
        || {
            let (blocks, rest) = values.as_chunks::<LANES>();
            let mut sums = [0.0; LANES];
            for block in blocks {
                sums.iter_mut().zip(block).for_each(|(sum, x)| *sum += function(f64::from(*x)));
            }
            sums.iter().sum::<f64>() + rest.iter().map(|x| function(f64::from(*x))).sum::<f64>()
        },
    )
}
