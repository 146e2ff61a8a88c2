//! [`Relu`] as a layer.

use super::pointwise::pointwise;
use crate::activations::Relu;

pointwise!(Relu);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::parameters::{Curve, ReluOptions};
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
        assert!(Capped::VALUE.at(f32::NAN).is_nan());
    }

    #[test]
    fn options_are_not_below_0() {
        let mistake = <Relu as Layer<f32, Below>>::OUTPUT.mistake.unwrap();
        assert_eq!((mistake.option, mistake.takes.as_str()), (Some("threshold"), "the threshold must be at least 0"));
        assert_eq!(says::<Relu, Capped, f32>(), None);
        assert_eq!(says::<Relu, Capped, u32>().unwrap(), "takes numbers (`f32`)");
    }
}
