//! A wire as it is.

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Needs, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;

/// y = x, numbers or ids of any shape: Keras's `layers.Identity`.
///
/// An output that only names a wire is one.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Identity;
/// use fusion::{Layer, Shape};
/// assert_eq!(<Identity as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Identity;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Identity {
    const OUTPUT: Output = Output::same_as::<In>(In::SHAPE);
    const NEEDS: Needs = Needs::NONE.masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::memory_mut(y).copy_from_slice(In::memory(x));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Identity {
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
    use crate::layers::testing::{differences, says};
    use crate::shape::ElementType;
    use crate::weights::Defaults;

    #[test]
    fn value_and_gradient_are_those_of_the_formula() {
        differences::<_, Defaults, [[f32; 2]; 2], [[f32; 2]; 2]>(
            &Identity,
            &[[[0.5, -1.0], [2.0, 0.1]], [[0.7, -0.4], [-0.6, 0.3]]],
            |_, x| x.to_vec(),
        );
        assert_eq!(says::<Identity, Defaults, [[f32; 2]; 2]>(), None);
    }

    #[test]
    fn ids_stay_ids() {
        assert_eq!(says::<Identity, Defaults, [u32; 2]>(), None);
        assert_eq!(<Identity as Layer<[u32; 2]>>::OUTPUT.element, ElementType::U32);
        let mut y = [[0; 2]];
        Layer::<[u32; 2]>::forward(&Identity, &mut Forward::new(&mut [], &mut []), &[[7, u32::MAX]], &mut y);
        assert_eq!(y, [[7, u32::MAX]]);
    }
}
