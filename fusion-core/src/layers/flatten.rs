//! Many dimensions as one.

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::OptionsOf;

/// `[a, b, c]` becomes `[a · b · c]`, row by row, of numbers or of ids: Keras's `layers.Flatten`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Flatten;
/// use fusion::{Layer, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Flatten as Layer<Image>>::OUTPUT.shape, Shape::new(&[784]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Flatten;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Flatten {
    const OUTPUT: Output = Output::same_as::<In>(Shape::new(&[In::SHAPE.length()]));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::memory_mut(y).copy_from_slice(In::memory(x));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Flatten {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        if let Some(dx) = dx {
            In::numbers_mut(dx).copy_from_slice(Out::numbers(dy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{run, says};
    use crate::shape::ElementType;
    use crate::weights::Defaults;

    #[test]
    fn any_shape_fits() {
        assert_eq!(<Flatten as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[6]));
        assert_eq!(<Flatten as Layer<f32>>::OUTPUT.shape, Shape::new(&[1]));
        assert_eq!(says::<Flatten, Defaults, [[f32; 3]; 2]>(), None);
        assert_eq!(<Flatten as Layer<[[u32; 3]; 2]>>::OUTPUT.element, ElementType::U32);
        assert_eq!(says::<Flatten, Defaults, [[u32; 3]; 2]>(), None);
    }

    #[test]
    fn ids_stay_ids() {
        let mut y = [[0; 4]];
        Layer::<[[u32; 2]; 2]>::forward(
            &Flatten,
            &mut Forward::new(&mut [], &mut []),
            &[[[1, 2], [3, u32::MAX]]],
            &mut y,
        );
        assert_eq!(y, [[1, 2, 3, u32::MAX]]);
    }

    #[test]
    fn rows_follow_one_another_both_ways() {
        let run = run::<_, Defaults, _, [f32; 4]>(&Flatten, &[[[1.0, 2.0], [3.0, 4.0]]]);
        assert_eq!(run.y, [[1.0, 2.0, 3.0, 4.0]]);
        assert_eq!(run.dx.as_flattened().as_flattened(), run.dy.as_flattened());
    }
}
