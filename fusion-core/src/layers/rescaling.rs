//! Numbers brought to another scale.

use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::OptionsOf;

/// y = scale · x + offset, for any shape: Keras's `layers.Rescaling`.
///
/// `Rescaling(1.0 / 255.0)` brings grey levels from 0–255 to 0–1.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Rescaling;
/// use fusion::{Layer, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Rescaling as Layer<Image>>::OUTPUT.shape, Shape::new(&[28, 28, 1]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RescalingOptions)]
pub struct Rescaling;

/// The options of [`Rescaling`]: `Rescaling(1.0 / 255.0)` or `Rescaling(scale = 2.0, offset = -1.0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct RescalingOptions {
    /// What each number is multiplied with.
    #[option(positional)]
    scale: Option<f32>,
    /// What is added then; 0 by default.
    #[option(default = 0.0)]
    offset: f32,
}

impl RescalingOptions {
    const fn mistake(&self) -> Option<Mistake> {
        let Some(scale) = self.scale else {
            let advice = Text::new("write `Rescaling(1.0 / 255.0)`");
            return Some(Mistake::missing(Text::new("needs a scale")).advice(advice));
        };
        if !scale.is_finite() || !self.offset.is_finite() {
            let name = if scale.is_finite() { "offset" } else { "scale" };
            return Some(Mistake::option(name, Text::new("scale and offset must be finite")));
        }
        None
    }

    /// The scale; where none is given, nothing is computed.
    fn factor(&self) -> f32 {
        self.scale.unwrap_or(1.0)
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Rescaling {
    const OUTPUT: Output = Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(O::VALUE.mistake());
    const NEEDS: Needs = Needs::NONE.masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        map(In::numbers(x), Out::numbers_mut(y), O::VALUE.factor(), O::VALUE.offset);
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Rescaling {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        if let Some(dx) = dx {
            map(Out::numbers(dy), In::numbers_mut(dx), O::VALUE.factor(), 0.0);
        }
    }
}

/// to = scale · from + offset.
pub(super) fn map(from: &[f32], to: &mut [f32], scale: f32, offset: f32) {
    vectorize(
        #[inline(always)]
        || to.iter_mut().zip(from).for_each(|(to, from)| *to = scale * from + offset),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{run, says};
    use crate::weights::{Defaults, Options};

    struct Halved;
    impl OptionsOf<Rescaling> for Halved {
        const VALUE: RescalingOptions = RescalingOptions::DEFAULT.positional(0.5).offset(1.0);
    }

    struct Endless;
    impl OptionsOf<Rescaling> for Endless {
        const VALUE: RescalingOptions = RescalingOptions::DEFAULT.scale(1.0).offset(f32::INFINITY);
    }

    #[test]
    fn numbers_are_scaled_and_their_gradient_too() {
        let run = run::<_, Halved, _, [f32; 2]>(&Rescaling, &[[2.0, -4.0], [0.0, 8.0]]);
        assert_eq!(run.y, [[2.0, -1.0], [1.0, 5.0]]);
        for (dx, dy) in run.dx.as_flattened().iter().zip(run.dy.as_flattened()) {
            assert_eq!(*dx, 0.5 * dy);
        }
    }

    #[test]
    fn a_scale_is_needed_and_must_be_finite() {
        assert_eq!(says::<Rescaling, Halved, [[f32; 3]; 2]>(), None);
        assert_eq!(says::<Rescaling, Defaults, [f32; 3]>().unwrap(), "needs a scale");
        assert_eq!(says::<Rescaling, Endless, [f32; 3]>().unwrap(), "scale and offset must be finite");
        assert!(says::<Rescaling, Halved, [u32; 3]>().unwrap().starts_with("takes numbers"));
    }
}
