//! Many dimensions as one.

use super::parameterless;
use crate::layer::NoOptions;
use crate::{Backward, Configured, Fit, Forward, Layer, Mistake, OptionsOf, Shape, Tensor};

/// `[a, b, c]` becomes `[a · b · c]`, row by row: Keras's `layers.Flatten`.
///
/// ```
/// use fusion_core::layers::Flatten;
/// use fusion_core::{Layer, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Flatten as Layer<Image>>::FIT.output, Shape::new(&[784]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Flatten;

parameterless!(Flatten);

impl Configured for Flatten {
    type Options = NoOptions;
    const DEFAULT: NoOptions = NoOptions;
    const CLASS: &'static str = "Flatten";
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Flatten {
    const FIT: Fit = Fit::new(Shape::new(&[In::SHAPE.length()])).or(Mistake::unless_numbers::<In>());

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::numbers_mut(y).copy_from_slice(In::numbers(x));
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
            In::numbers_mut(dx).copy_from_slice(Out::numbers(dy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Defaults;
    use crate::layers::testing::{run, says};

    #[test]
    fn any_shape_of_numbers_fits() {
        assert_eq!(<Flatten as Layer<[[f32; 3]; 2]>>::FIT.output, Shape::new(&[6]));
        assert_eq!(<Flatten as Layer<f32>>::FIT.output, Shape::new(&[1]));
        assert_eq!(says::<Flatten, Defaults, [[f32; 3]; 2]>(), None);
        let sentence = says::<Flatten, Defaults, [u32; 3]>().unwrap();
        assert!(sentence.starts_with("takes numbers"), "{sentence}");
    }

    #[test]
    fn rows_follow_one_another_both_ways() {
        let run = run::<_, Defaults, _, [f32; 4]>(&Flatten, &[[[1.0, 2.0], [3.0, 4.0]]]);
        assert_eq!(run.y, [[1.0, 2.0, 3.0, 4.0]]);
        assert_eq!(run.dx.as_flattened().as_flattened(), run.dy.as_flattened());
    }
}
