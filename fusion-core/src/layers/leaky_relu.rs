//! [`LeakyRelu`] as a layer.

use super::pointwise::pointwise;
use crate::activations::LeakyRelu;

pointwise!(LeakyRelu);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::parameters::{Curve, LeakyReluOptions};
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
        assert!(LeakyReluOptions::DEFAULT.at(f32::NAN).is_nan());
    }

    #[test]
    fn the_slope_is_not_below_0() {
        assert_eq!(says::<LeakyRelu, Falling, f32>().unwrap(), "the slope must be at least 0");
        assert_eq!(<LeakyRelu as Layer<f32>>::OUTPUT.shape.rank(), 0);
    }
}
