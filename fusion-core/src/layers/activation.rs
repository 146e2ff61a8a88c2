//! An activation as a layer of its own.

use core::marker::PhantomData;

use super::parameterless;
use crate::layer::NoOptions;
use crate::{Backward, Configured, Fit, Forward, Layer, Mistake, OptionsOf, Tensor, activations};

/// y = A(x) on any shape, along the last axis where A looks at whole rows: Keras's
/// `layers.Activation`.
///
/// ```
/// use fusion_core::activations::Softmax;
/// use fusion_core::layers::Activation;
/// use fusion_core::{Defaults, Layer, Shape};
/// type Scores = [f32; 10];
/// assert_eq!(<Activation<Softmax> as Layer<Scores>>::FIT.output, Shape::new(&[10]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Activation<A>(PhantomData<A>);

parameterless!(Activation<A>, A: Send + Sync + 'static);

impl<A: Send + Sync + 'static> Configured for Activation<A> {
    type Options = NoOptions;
    const DEFAULT: NoOptions = NoOptions;
    const CLASS: &'static str = "Activation";
}

impl<In: Tensor, O: OptionsOf<Self>, A: activations::Activation> Layer<In, O> for Activation<A> {
    const FIT: Fit = Fit::new(In::SHAPE).or(Mistake::unless_numbers::<In>());
    const DETAILS: &'static str = A::NAME;
    const PROBABILITIES: bool = A::PROBABILITIES;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let y = Out::numbers_mut(y);
        y.copy_from_slice(In::numbers(x));
        cx.keep_logits(y);
        A::forward(y, In::SHAPE.last());
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        _gradient: &mut Self,
    ) {
        let Some(dx) = dx else { return };
        let dx = In::numbers_mut(dx);
        dx.copy_from_slice(Out::numbers(dy));
        let input = if A::NEEDS_INPUT { In::numbers(x) } else { &[] };
        A::backward(input, Out::numbers(y), dx, In::SHAPE.last());
        cx.add_logits_gradient(dx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::{Gelu, Softmax};
    use crate::layers::testing::{Run, differences, run, says};
    use crate::{Defaults, Shape};

    #[test]
    fn any_shape_of_numbers_fits() {
        type Rows = [[f32; 3]; 2];
        assert_eq!(<Activation<Softmax> as Layer<Rows>>::FIT.output, Shape::new(&[2, 3]));
        assert_eq!(says::<Activation<Softmax>, Defaults, Rows>(), None);
        let sentence = says::<Activation<Softmax>, Defaults, [u32; 3]>().unwrap();
        assert!(sentence.starts_with("takes numbers"), "{sentence}");
    }

    #[test]
    fn softmax_goes_along_the_last_axis() {
        let Run { y, .. } =
            run::<_, Defaults, _, [[f32; 2]; 2]>(&Activation::<Softmax>::default(), &[[[0.0, 0.0], [5.0, 5.0]]]);
        assert_eq!(y, [[[0.5, 0.5], [0.5, 0.5]]]);
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        let gelu =
            |_: &[f64], x: &[f64]| x.iter().map(|x| 0.5 * x * libm::erfc(-x / core::f64::consts::SQRT_2)).collect();
        differences::<_, Defaults, [f32; 4], [f32; 4]>(&Activation::<Gelu>::default(), &[[-2.0, -0.3, 0.4, 1.5]], gelu);
    }
}
