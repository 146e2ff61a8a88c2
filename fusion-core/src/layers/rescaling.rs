//! Numbers brought to another scale.

use super::parameterless;
use crate::kernels::vectorize;
use crate::{Backward, Configured, Fit, Forward, Layer, Mistake, OptionsOf, Tensor, Text};

/// y = scale · x + offset, for any shape: Keras's `layers.Rescaling`.
///
/// `Rescaling(1.0 / 255.0)` brings grey levels from 0–255 to 0–1.
///
/// ```
/// use fusion_core::layers::Rescaling;
/// use fusion_core::{Layer, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Rescaling as Layer<Image>>::FIT.output, Shape::new(&[28, 28, 1]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Rescaling;

parameterless!(Rescaling);

/// The options of [`Rescaling`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RescalingOptions {
    scale: f32,
    offset: f32,
}

impl RescalingOptions {
    /// The scale, written without its name.
    #[must_use]
    pub const fn positional(self, scale: f32) -> Self {
        self.scale(scale)
    }

    /// What each number is multiplied with.
    #[must_use]
    pub const fn scale(mut self, scale: f32) -> Self {
        self.scale = scale;
        self
    }

    /// What is added then; 0 by default.
    #[must_use]
    pub const fn offset(mut self, offset: f32) -> Self {
        self.offset = offset;
        self
    }

    /// Options without a scale hold NaN in its place.
    const fn mistake(&self) -> Option<Mistake> {
        if self.scale.is_nan() {
            let advice = Text::new("write `Rescaling(1.0 / 255.0)`");
            return Some(Mistake::missing(Text::new("needs a scale")).advice(advice));
        }
        if !self.scale.is_finite() || !self.offset.is_finite() {
            let name = if self.scale.is_finite() { "offset" } else { "scale" };
            return Some(Mistake::option(name, Text::new("scale and offset must be finite")));
        }
        None
    }
}

impl Configured for Rescaling {
    type Options = RescalingOptions;
    const DEFAULT: RescalingOptions = RescalingOptions { scale: f32::NAN, offset: 0.0 };
    const CLASS: &'static str = "Rescaling";
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Rescaling {
    const FIT: Fit = Fit::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(O::VALUE.mistake());

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let RescalingOptions { scale, offset } = O::VALUE;
        map(In::numbers(x), Out::numbers_mut(y), scale, offset);
    }

    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        _gradient: &mut Self,
    ) {
        if let Some(dx) = dx {
            map(Out::numbers(dy), In::numbers_mut(dx), O::VALUE.scale, 0.0);
        }
    }
}

/// to = scale · from + offset.
fn map(from: &[f32], to: &mut [f32], scale: f32, offset: f32) {
    vectorize(
        #[inline(always)]
        || to.iter_mut().zip(from).for_each(|(to, from)| *to = scale * from + offset),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Defaults;
    use crate::layers::testing::{run, says};

    struct Halved;
    impl OptionsOf<Rescaling> for Halved {
        const VALUE: RescalingOptions = Rescaling::DEFAULT.positional(0.5).offset(1.0);
    }

    struct Endless;
    impl OptionsOf<Rescaling> for Endless {
        const VALUE: RescalingOptions = Rescaling::DEFAULT.scale(1.0).offset(f32::INFINITY);
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
