//! A scale and an offset of each feature that go into the weights of the layer before them.

use crate::activations::Activation;
use crate::layer::Folding;

/// What a layer of kernel and bias with this activation is.
pub(super) const fn linear<A: Activation>() -> Folding {
    if A::LINEAR { Folding::Linear } else { Folding::Nothing }
}

/// Scales a kernel, of each feature so many numbers one behind the other, and adds the scaled bias to the offset: what the
/// layer [folds](crate::layer::Layer::fold).
pub(super) fn fold(kernel: &mut [f32], run: usize, bias: Option<&[f32]>, scale: &[f32], offset: &mut [f32]) {
    for (numbers, scale) in kernel.chunks_exact_mut(run.max(1)).zip(scale.iter().cycle()) {
        numbers.iter_mut().for_each(|number| *number *= scale);
    }
    let Some(bias) = bias else { return };
    for ((offset, bias), scale) in offset.iter_mut().zip(bias).zip(scale) {
        *offset += bias * scale;
    }
}
