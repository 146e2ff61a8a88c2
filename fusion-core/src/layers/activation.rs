//! An activation as a layer of its own.

use core::marker::PhantomData;

use super::unless_of_one;
use crate::activations;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// y = A(x) on any shape, along the last axis where A looks at whole rows: Keras's
/// `layers.Activation`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Softmax;
/// use fusion::layers::Activation;
/// use fusion::{Layer, Shape};
/// type Scores = [f32; 10];
/// assert_eq!(<Activation<Softmax> as Layer<Scores>>::OUTPUT.shape, Shape::new(&[10]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(example = "Activation<Relu>")]
pub struct Activation<A> {
    activation: PhantomData<A>,
}

impl<In: Tensor, O: OptionsOf<Self>, A: activations::Activation> Layer<In, O> for Activation<A> {
    const OUTPUT: Output = Output::new(In::SHAPE)
        .or(Mistake::unless_numbers::<In>())
        .or(if A::OF_ROWS { Mistake::unless_dimensions::<In>() } else { None })
        .or(unless_of_one::<A>(&In::SHAPE));
    const NEEDS: Needs = Needs::NONE.logits(A::LOGITS).masking(Masking::PassesOn);
    const DETAILS: &'static str = A::NAME;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let y = Out::numbers_mut(y);
        y.copy_from_slice(In::numbers(x));
        cx.keep_logits(y);
        A::forward(y, In::SHAPE.last());
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, A: activations::TrainActivation> TrainLayer<In, O> for Activation<A> {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
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
    use crate::activations::{Gelu, Relu, Softmax};
    use crate::layers::testing::{Run, differences, run, says};
    use crate::shape::Shape;
    use crate::weights::Defaults;

    #[test]
    fn any_shape_of_numbers_fits() {
        type Rows = [[f32; 3]; 2];
        assert_eq!(<Activation<Softmax> as Layer<Rows>>::OUTPUT.shape, Shape::new(&[2, 3]));
        assert_eq!(says::<Activation<Softmax>, Defaults, Rows>(), None);
        assert_eq!(says::<Activation<Relu>, Defaults, f32>(), None);
        assert_eq!(says::<Activation<Softmax>, Defaults, f32>().unwrap(), "takes at least one dimension");
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
