//! Steps that do not count.

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking as Masks, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::OptionsOf;

/// Leaves out each step of a sequence whose numbers all are `mask_value`, `[…, FEATURES]` → `[…, FEATURES]`: Keras's
/// `layers.Masking`.
///
/// y = x at the other steps, and 0 at those. What comes out has a mask, by which the layers behind it, and losses, leave
/// these steps out. `Masking` masks the steps of zeros, `Masking(-1.0)` those of −1.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Masking;
/// use fusion::{Forward, Layer};
/// let (x, mut y, mut mask) = ([[[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]]], [[[f32::NAN; 2]; 3]], [f32::NAN; 3]);
/// let mut cx = Forward::new(&mut [], &mut []);
/// cx.output_mask = &mut mask;
/// Layer::<[[f32; 2]; 3]>::forward(&Masking, &mut cx, &x, &mut y);
/// assert_eq!((y, mask), (x, [1.0, 0.0, 1.0]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = MaskingOptions)]
pub struct Masking;

/// The options of [`Masking`]: `Masking(-1.0)` or `Masking(mask_value = -1.0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct MaskingOptions {
    /// What all numbers of a step are that does not count; 0 by default.
    #[option(positional, default = 0.0)]
    mask_value: f32,
}

impl MaskingOptions {
    const fn mistake(&self) -> Option<Mistake> {
        if !self.mask_value.is_nan() {
            return None;
        }
        Some(Mistake::option("mask_value", Text::new("the mask value must be a number: NaN is equal to none")))
    }

    fn counts(&self, step: &[f32]) -> bool {
        step.iter().any(|x| *x != self.mask_value)
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Masking {
    const OUTPUT: Output = Output::new(In::SHAPE)
        .or(Mistake::unless_numbers::<In>())
        .or(Mistake::unless_dimensions::<In>())
        .or(O::VALUE.mistake());
    const NEEDS: Needs = Needs::NONE.masking(Masks::Makes(In::SHAPE.rank().saturating_sub(1)));

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let features = In::SHAPE.last().max(1);
        let steps = In::numbers(x).chunks_exact(features);
        for (step, counts) in steps.clone().zip(&mut *cx.output_mask) {
            *counts = f32::from(O::VALUE.counts(step));
        }
        for (x, y) in steps.zip(Out::numbers_mut(y).chunks_exact_mut(features)) {
            if O::VALUE.counts(x) { y.copy_from_slice(x) } else { y.fill(0.0) }
        }
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Masking {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let (features, Some(dx)) = (In::SHAPE.last().max(1), dx) else { return };
        let steps = In::numbers(x).chunks_exact(features).zip(Out::numbers(dy).chunks_exact(features));
        for ((x, dy), dx) in steps.zip(In::numbers_mut(dx).chunks_exact_mut(features)) {
            if O::VALUE.counts(x) { dx.copy_from_slice(dy) } else { dx.fill(0.0) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{run, says};
    use crate::weights::{Defaults, Options};

    struct MinusOne;
    impl OptionsOf<Masking> for MinusOne {
        const VALUE: MaskingOptions = MaskingOptions::DEFAULT.positional(-1.0);
    }
    struct NoNumber;
    impl OptionsOf<Masking> for NoNumber {
        const VALUE: MaskingOptions = MaskingOptions::DEFAULT.mask_value(f32::NAN);
    }

    #[test]
    fn steps_of_the_value_become_zeros_and_have_no_gradient() {
        let run = run::<_, MinusOne, _, [[f32; 2]; 3]>(&Masking, &[[[-1.0, 2.0], [-1.0, -1.0], [0.0, 0.0]]]);
        assert_eq!(run.y, [[[-1.0, 2.0], [0.0, 0.0], [0.0, 0.0]]]);
        assert_eq!(run.dx, [[run.dy[0][0], [0.0; 2], run.dy[0][2]]]);
    }

    #[test]
    fn it_takes_numbers_and_a_value_that_numbers_can_have() {
        assert_eq!(says::<Masking, Defaults, [f32; 3]>(), None);
        assert_eq!(says::<Masking, Defaults, [u32; 3]>().unwrap(), "takes numbers (`f32`)");
        assert_eq!(says::<Masking, Defaults, f32>().unwrap(), "takes at least one dimension");
        let nan = "the mask value must be a number: NaN is equal to none";
        assert_eq!(says::<Masking, NoNumber, [f32; 3]>().unwrap(), nan);
    }
}
