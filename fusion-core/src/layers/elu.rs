//! [`Elu`] as a layer.

use super::pointwise::pointwise;
use crate::activations::Elu;

pointwise!(Elu);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::parameters::{Curve, EluOptions};
    use crate::layer::Layer;
    use crate::layers::testing::{differences, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Half;
    impl OptionsOf<Elu> for Half {
        const VALUE: EluOptions = EluOptions::DEFAULT.positional(0.5);
    }
    struct Endless;
    impl OptionsOf<Elu> for Endless {
        const VALUE: EluOptions = EluOptions::DEFAULT.alpha(f32::INFINITY);
    }

    #[test]
    fn output_and_gradient_are_those_of_the_formula() {
        let half = |x: &f64| if *x > 0.0 { *x } else { 0.5 * libm::expm1(*x) };
        let x = [[-30.0, -0.25, 0.75, 3.0]];
        differences::<_, Half, [f32; 4], [f32; 4]>(&Elu, &x, |_, x| x.iter().map(half).collect());
        assert!(Half::VALUE.at(f32::NAN).is_nan());
    }

    #[test]
    fn alpha_is_finite() {
        assert_eq!(says::<Elu, Endless, f32>().unwrap(), "`alpha` must be finite");
        assert_eq!(says::<Elu, Defaults, f32>(), None);
        assert_eq!(<Elu as Layer<[f32; 3], Half>>::OUTPUT.shape.rank(), 1);
    }
}
