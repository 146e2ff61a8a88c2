//! A penalty of what flows through.

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{OptionsOf, Regularizer};

/// y = x, which adds l1 · Σ |x| + l2 · Σ x² over the samples of the batch to the loss: Keras's
/// `layers.ActivityRegularization`.
///
/// `ActivityRegularization(l1 = 0.01)`; other layers have the option `activity_regularizer`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{ActivityRegularization, ActivityRegularizationOptions};
/// use fusion::weights::{Options, Regularizer};
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Sparse;
/// impl OptionsOf<ActivityRegularization> for Sparse {
///     const VALUE: ActivityRegularizationOptions = ActivityRegularizationOptions::DEFAULT.l1(0.01);
/// }
/// assert_eq!(<ActivityRegularization as Layer<[f32; 4], Sparse>>::OUTPUT.shape, Shape::new(&[4]));
/// assert_eq!(
///     <ActivityRegularization as Layer<[f32; 4], Sparse>>::NEEDS.activity,
///     Some(Regularizer::L1L2(0.01, 0.0)),
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ActivityRegularizationOptions)]
pub struct ActivityRegularization;

/// The options of [`ActivityRegularization`]: `ActivityRegularization(l1 = 0.01, l2 = 0.02)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ActivityRegularizationOptions {
    /// The factor of Σ |x|, at least 0; 0 if not given.
    #[option(training, default = 0.0)]
    l1: f32,
    /// The factor of Σ x², at least 0; 0 if not given.
    #[option(training, default = 0.0)]
    l2: f32,
}

impl ActivityRegularizationOptions {
    /// None where it adds nothing.
    const fn regularizer(&self) -> Option<Regularizer> {
        if self.l1 == 0.0 && self.l2 == 0.0 { None } else { Some(Regularizer::L1L2(self.l1, self.l2)) }
    }

    const fn mistake(&self) -> Option<Mistake> {
        if !(self.l1 >= 0.0 && self.l1.is_finite()) {
            return Some(Mistake::option("l1", Text::new("the factor must be at least 0, and finite")));
        }
        if !(self.l2 >= 0.0 && self.l2.is_finite()) {
            return Some(Mistake::option("l2", Text::new("the factor must be at least 0, and finite")));
        }
        None
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for ActivityRegularization {
    const OUTPUT: Output = Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(O::VALUE.mistake());
    const NEEDS: Needs = Needs::NONE.activity(O::VALUE.regularizer()).masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::numbers_mut(y).copy_from_slice(In::numbers(x));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for ActivityRegularization {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        // The pass has added the penalty's own gradient to what comes from behind.
        if let Some(dx) = dx {
            In::numbers_mut(dx).copy_from_slice(Out::numbers(dy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::says;
    use crate::weights::{Defaults, Options};

    struct Below;
    impl OptionsOf<ActivityRegularization> for Below {
        const VALUE: ActivityRegularizationOptions = ActivityRegularizationOptions::DEFAULT.l2(-0.5);
    }

    #[test]
    fn factors_are_at_least_0() {
        assert_eq!(
            says::<ActivityRegularization, Below, [f32; 3]>().unwrap(),
            "the factor must be at least 0, and finite"
        );
        assert_eq!(<ActivityRegularization as Layer<[f32; 3]>>::NEEDS.activity, None);
        assert!(says::<ActivityRegularization, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
    }
}
