//! [`LeakyRelu`] as a layer.

use super::pointwise::pointwise;
use super::relu::below_0;
use crate::activations::LeakyRelu;
use crate::activations::options::LeakyReluOptions;
use crate::layer::Mistake;

impl LeakyReluOptions {
    #[inline(always)]
    fn value(&self, x: f32) -> f32 {
        if x <= 0.0 { self.negative_slope * x } else { x }
    }

    #[cfg(feature = "training")]
    #[inline(always)]
    fn slope(&self, x: f32) -> f32 {
        if x <= 0.0 { self.negative_slope } else { 1.0 }
    }

    const fn mistake(&self) -> Option<Mistake> {
        if self.negative_slope >= 0.0 { None } else { Some(below_0("negative_slope", "the slope")) }
    }
}

pointwise!(LeakyRelu);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::{differences, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Falling;
    impl OptionsOf<LeakyRelu> for Falling {
        const VALUE: LeakyReluOptions = LeakyReluOptions::DEFAULT.positional(-0.1);
    }

    #[test]
    fn output_and_gradient_are_those_of_the_formula() {
        let leaky = |x: &f64| if *x > 0.0 { *x } else { f64::from(0.3_f32) * x };
        let x = [[-1.5, -0.25, 0.75, 3.0]];
        differences::<_, Defaults, [f32; 4], [f32; 4]>(&LeakyRelu, &x, |_, x| x.iter().map(leaky).collect());
        assert!(LeakyReluOptions::DEFAULT.value(f32::NAN).is_nan());
    }

    #[test]
    fn the_slope_is_not_below_0() {
        assert_eq!(says::<LeakyRelu, Falling, f32>().unwrap(), "the slope must be at least 0");
        assert_eq!(<LeakyRelu as Layer<f32>>::OUTPUT.shape.rank(), 0);
    }
}
