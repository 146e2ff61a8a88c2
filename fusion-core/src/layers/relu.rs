//! [`Relu`] as a layer.

use super::pointwise::pointwise;
use crate::activations::Relu;
use crate::activations::options::ReluOptions;
use crate::layer::Mistake;
use crate::shape::Text;

impl ReluOptions {
    #[inline(always)]
    fn value(&self, x: f32) -> f32 {
        let Self { max_value, negative_slope, threshold } = *self;
        let y = if x <= threshold { negative_slope * (x - threshold) } else { x };
        match max_value {
            Some(most) if y > most => most,
            _ => y,
        }
    }

    #[cfg(feature = "training")]
    #[inline(always)]
    fn slope(&self, x: f32) -> f32 {
        let Self { max_value, negative_slope, threshold } = *self;
        let slope = if x <= threshold { negative_slope } else { 1.0 };
        match max_value {
            Some(most) if x > most => 0.0,
            _ => slope,
        }
    }

    const fn mistake(&self) -> Option<Mistake> {
        let most = match self.max_value {
            Some(most) => most,
            None => 0.0,
        };
        match () {
            () if is_below_0(most) => Some(below_0("max_value", "the largest value")),
            () if is_below_0(self.negative_slope) => Some(below_0("negative_slope", "the slope")),
            () if is_below_0(self.threshold) => Some(below_0("threshold", "the threshold")),
            () => None,
        }
    }
}

/// Whether a number is below 0, or none.
const fn is_below_0(number: f32) -> bool {
    number < 0.0 || number.is_nan()
}

/// The mistake of an option that must not be below 0.
pub(super) const fn below_0(option: &'static str, what: &str) -> Mistake {
    Mistake::option(option, Text::new(what).and(" must be at least 0"))
}

pointwise!(Relu);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::{differences, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Capped;
    impl OptionsOf<Relu> for Capped {
        const VALUE: ReluOptions = ReluOptions::DEFAULT.max_value(2.0).negative_slope(0.1).threshold(0.5);
    }
    struct Below;
    impl OptionsOf<Relu> for Below {
        const VALUE: ReluOptions = ReluOptions::DEFAULT.threshold(-1.0);
    }

    #[test]
    fn output_and_gradient_are_those_of_the_formula() {
        let x = [[-1.5, 0.25, 0.75, 3.0]];
        differences::<_, Defaults, [f32; 4], [f32; 4]>(&Relu, &x, |_, x| x.iter().map(|x| x.max(0.0)).collect());
        let capped = |x: &f64| if *x > 0.5 { x.min(2.0) } else { f64::from(0.1_f32) * (x - 0.5) };
        differences::<_, Capped, [f32; 4], [f32; 4]>(&Relu, &x, |_, x| x.iter().map(capped).collect());
        assert!(Capped::VALUE.value(f32::NAN).is_nan());
    }

    #[test]
    fn options_are_not_below_0() {
        let mistake = <Relu as Layer<f32, Below>>::OUTPUT.mistake.unwrap();
        assert_eq!((mistake.option, mistake.takes.as_str()), (Some("threshold"), "the threshold must be at least 0"));
        assert_eq!(says::<Relu, Capped, f32>(), None);
        assert_eq!(says::<Relu, Capped, u32>().unwrap(), "takes numbers (`f32`)");
    }
}
