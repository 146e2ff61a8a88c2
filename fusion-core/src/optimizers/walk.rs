//! What all optimizers do with a model: find its weights, and leave the gradient zero.

use crate::kernels::{vectorize, zero};
use crate::{Parameters, Path};

/// The weight decay of one step.
#[derive(Clone, Copy)]
pub(super) struct Decay {
    pub weight_decay: Option<f64>,
    pub learning_rate: f32,
}

impl Decay {
    /// Moves weights towards zero, as Keras does before a step: w −= w · weight_decay · learning_rate.
    fn apply(self, weights: &mut [f32]) {
        let Some(weight_decay) = self.weight_decay else { return };
        let (weight_decay, learning_rate) = (weight_decay as f32, self.learning_rate);
        vectorize(
            #[inline(always)]
            || {
                for weight in weights {
                    *weight -= *weight * weight_decay * learning_rate;
                }
            },
        );
    }
}

/// Walks a model, its gradient and its moments side by side: each trainable parameter decays and
/// `rule` moves it, then the gradient is set to zero. The second of `these` is the gradient.
///
/// `rule` is told whether [`square_rows`] has moved the second moment already.
pub(super) fn walk<P: Parameters, const K: usize>(
    these: [&mut P; K],
    decay: Decay,
    squared: bool,
    rule: &mut dyn FnMut(bool, [&mut [f32]; K]),
) {
    P::walk(these, &Path::ROOT, &mut |parameter, mut arrays| {
        if parameter.trainable {
            decay.apply(arrays[0]);
            rule(squared && parameter.sparse, arrays.each_mut().map(|array| &mut **array));
        }
        zero(arrays[1]);
    });
}

/// Has the second moment of parameters whose gradient comes in rows ([`crate::Parameter::sparse`]) take in the squares
/// of the rows, v ← kept · v + rest · squares, where others take in the square of the gradient; sets the squares to
/// zero. Whether there are any.
pub(super) fn square_rows<P: Parameters>(squares: Option<&mut P>, second: &mut P, rest: f64) -> bool {
    let Some(squares) = squares else { return false };
    let (kept, rest) = ((1.0 - rest) as f32, rest as f32);
    P::walk([second, squares], &Path::ROOT, &mut |parameter, [second, squares]| {
        if parameter.sparse && parameter.trainable {
            second.iter_mut().zip(squares.iter()).for_each(|(v, square)| *v = faded(kept * *v + rest * square));
        }
        zero(squares);
    });
    true
}

/// Sets the squares to zero, for an optimizer without second moments.
pub(super) fn forget_squares<P: Parameters>(squares: Option<&mut P>) {
    if let Some(squares) = squares {
        P::walk([squares], &Path::ROOT, &mut |_, [squares]| zero(squares));
    }
}

/// A moment, or 0 where it is smaller than any normal number.
///
/// Where a gradient has become zero for good, as below a ReLU that never opens again, its moments
/// fade away and would stay at such numbers for ever, with which arithmetic takes many times as long.
#[inline(always)]
pub(super) fn faded(moment: f32) -> f32 {
    if moment.abs() < f32::MIN_POSITIVE { 0.0 } else { moment }
}

/// The caller's mistake of giving an optimizer other moments than it asked for.
#[cold]
pub(super) fn wrong_moments(optimizer: &str, expected: usize, found: usize) -> ! {
    panic!("{optimizer} keeps {expected} moments, and {found} were given");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_gradients_fades_to_zero() {
        let (mut moment, mut stuck) = (1.0_f32, 1.0_f32);
        for _ in 0..2000 {
            moment = faded(moment * 0.9);
            stuck *= 0.9;
        }
        assert_eq!(moment, 0.0);
        assert!(stuck > 0.0 && stuck < f32::MIN_POSITIVE);
        assert_eq!(faded(-f32::MIN_POSITIVE), -f32::MIN_POSITIVE);
        assert!(faded(f32::NAN).is_nan());
    }
}
