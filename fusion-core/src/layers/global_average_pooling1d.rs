//! The mean of each feature of a sequence.

use super::pooling::{Average, GlobalPoolingOptions};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Needs, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// y\[c\] = Σ x\[i\]\[c\] / steps: `[steps, features]` → `[features]`, Keras's
/// `layers.GlobalAveragePooling1D`.
///
/// With a mask it is the mean of the steps that count; where none does, it is no number, as in Keras.
///
/// See [`GlobalPoolingOptions`] for `GlobalAveragePooling1d(keepdims = true)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GlobalAveragePooling1d;
/// use fusion::{Layer, Shape};
/// type Input = [[f32; 8]; 26];
/// assert_eq!(<GlobalAveragePooling1d as Layer<Input>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[doc(alias("GlobalAveragePooling1D", "GlobalAvgPool1D"))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "GlobalAveragePooling1D", options = GlobalPoolingOptions)]
pub struct GlobalAveragePooling1d;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for GlobalAveragePooling1d {
    const OUTPUT: Output = O::VALUE.output::<In, 1>();
    const NEEDS: Needs = Needs::NONE.masking(Masking::Heeds);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (length, features, steps) = (In::SHAPE.length(), In::SHAPE.last(), In::SHAPE.dim(0));
        let mask = cx.mask_of(x.len() * steps);
        let (x, y) = (In::numbers(x), Out::numbers_mut(y));
        match mask {
            None => Average::forward(length, features, x, y),
            Some(mask) => masked_mean(x, mask.chunks_exact(steps.max(1)), features, y),
        }
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for GlobalAveragePooling1d {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let (length, features, steps) = (In::SHAPE.length(), In::SHAPE.last(), In::SHAPE.dim(0));
        let mask = cx.mask_of(x.len() * steps);
        let (x, y, dy, dx) = (In::numbers(x), Out::numbers(y), Out::numbers_mut(dy), In::numbers_mut(dx));
        match mask {
            None => Average::backward(length, features, x, y, dy, dx),
            Some(mask) => masked_gradient(dy, mask.chunks_exact(steps.max(1)), features, dx),
        }
    }
}

/// Σ mask · x / Σ mask of each sample.
fn masked_mean<'a>(x: &[f32], masks: impl Iterator<Item = &'a [f32]>, features: usize, y: &mut [f32]) {
    let features = features.max(1);
    let mut steps = x.chunks_exact(features);
    for (mask, y) in masks.zip(y.chunks_exact_mut(features)) {
        let count: f32 = mask.iter().sum();
        y.fill(0.0);
        for (counts, x) in mask.iter().zip(steps.by_ref()) {
            y.iter_mut().zip(x).for_each(|(y, x)| *y += counts * x);
        }
        y.iter_mut().for_each(|y| *y /= count);
    }
}

#[cfg(feature = "training")]
fn masked_gradient<'a>(dy: &[f32], masks: impl Iterator<Item = &'a [f32]>, features: usize, dx: &mut [f32]) {
    let features = features.max(1);
    let mut steps = dx.chunks_exact_mut(features);
    for (mask, dy) in masks.zip(dy.chunks_exact(features)) {
        let count: f32 = mask.iter().sum();
        for (counts, dx) in mask.iter().zip(steps.by_ref()) {
            dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx = counts * dy / count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Defaults;

    #[test]
    fn steps_that_do_not_count_are_left_out() {
        type Steps = [[f32; 2]; 3];
        let (x, mask) =
            ([[[1.0, 2.0], [3.0, 5.0], [9.0, 9.0]], [[4.0, 6.0], [7.0, 7.0], [8.0, 2.0]]], [1., 1., 0., 1., 0., 1.]);
        let (mut y, mut dx) = ([[0.0; 2]; 2], [[[f32::NAN; 2]; 3]; 2]);
        let mut cx = Forward::new(&mut [], &mut []).with_mask(Some(&mask));
        Layer::<Steps, Defaults>::forward(&GlobalAveragePooling1d, &mut cx, &x, &mut y);
        assert_eq!(y, [[2.0, 3.5], [6.0, 4.0]]);
        let mut cx = Backward::new(None, &mut [], &mut []).with_mask(Some(&mask));
        let mut dy = [[2.0, 4.0], [6.0, 8.0]];
        TrainLayer::<Steps, Defaults>::backward(&GlobalAveragePooling1d, &mut cx, &x, &y, &mut dy, Some(&mut dx));
        assert_eq!(dx, [[[1.0, 2.0], [1.0, 2.0], [0.0; 2]], [[3.0, 4.0], [0.0; 2], [3.0, 4.0]]]);
    }
}
