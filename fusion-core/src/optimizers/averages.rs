//! Moving averages of the weights: Keras's `use_ema`.

use super::faded;
use crate::kernels::memory::piece;
use crate::kernels::vectorize;
use crate::weights::{Parameters, walk};

/// What becomes of the averages after a batch.
#[derive(Clone, Copy)]
pub(super) struct Average {
    /// How much of an average is kept.
    pub momentum: f32,
    /// Whether they then take the place of the weights.
    pub overwrites: bool,
}

/// average = momentum · average + (1 − momentum) · w; and then, where they overwrite, w = average.
pub(super) fn follow<P: Parameters>(model: &mut P, averages: &mut [f32], Average { momentum, overwrites }: Average) {
    each(model, averages, &mut |weights, averages| {
        vectorize(
            #[inline(always)]
            || {
                for (average, w) in averages.iter_mut().zip(&*weights) {
                    *average = faded(momentum * *average + (1.0 - momentum) * w);
                }
            },
        );
        if overwrites {
            weights.copy_from_slice(averages);
        }
    });
}

/// The averages take the place of the weights.
pub(super) fn replace<P: Parameters>(model: &mut P, averages: &mut [f32]) {
    each(model, averages, &mut |weights, averages| weights.copy_from_slice(averages));
}

/// The averages and the weights change places.
pub(super) fn swap<P: Parameters>(model: &mut P, averages: &mut [f32]) {
    each(model, averages, &mut |weights, averages| weights.swap_with_slice(averages));
}

fn each<P: Parameters>(model: &mut P, averages: &mut [f32], visit: &mut dyn FnMut(&mut [f32], &mut [f32])) {
    let mut rest = averages;
    walk([model], &mut |parameter, [weights]| {
        if parameter.trainable {
            let (averages, after) = piece(core::mem::take(&mut rest), weights.len());
            visit(weights, averages);
            rest = after;
        }
    });
}
