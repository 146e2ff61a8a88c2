//! One of several outputs of a step.

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Needs, Output, PartPlace};
use crate::shape::{Shape, Tensor};
use crate::weights::OptionsOf;

/// What `branch (h, c) = …` takes out of a wire that several outputs share.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = PartOptions)]
pub struct Part;

/// Which part it is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct PartOptions {
    /// Where it stands.
    #[option(default = PartPlace { index: 0, offset: 0, shape: Shape::new(&[0]) })]
    of: PartPlace,
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Part {
    const OUTPUT: Output = Output::same_as::<In>(O::VALUE.of.shape);
    const NEEDS: Needs = Needs::NONE.masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (place, samples) = (const { O::VALUE.of }, In::memory(x).chunks_exact(In::SHAPE.length()));
        for (x, y) in samples.zip(Out::memory_mut(y).chunks_exact_mut(Out::SHAPE.length())) {
            y.copy_from_slice(&x[place.offset..][..Out::SHAPE.length()]);
        }
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Part {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let (place, Some(dx)) = (const { O::VALUE.of }, dx) else { return };
        let samples = In::numbers_mut(dx).chunks_exact_mut(In::SHAPE.length());
        for (dx, dy) in samples.zip(Out::numbers(dy).chunks_exact(Out::SHAPE.length())) {
            dx.fill(0.0);
            dx[place.offset..][..dy.len()].copy_from_slice(dy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer;
    use crate::layers::testing::differences;
    use crate::weights::Options;

    const BOTH: Output = Output::of_parts(&[
        layer::Part::in_order("one", Shape::new(&[3])),
        layer::Part::in_order("two", Shape::new(&[2, 2])),
        layer::Part::in_order("three", Shape::SCALAR),
    ]);
    struct Of<const INDEX: usize>;
    impl<const INDEX: usize> OptionsOf<Part> for Of<INDEX> {
        const VALUE: PartOptions = PartOptions::DEFAULT.of(BOTH.part(INDEX));
    }

    #[test]
    fn each_part_is_taken_out_and_its_gradient_put_back() {
        let x: [[f32; 8]; 2] = core::array::from_fn(|i| core::array::from_fn(|j| ((8 * i + j) as f32).sin()));
        differences::<_, Of<0>, [f32; 8], [f32; 3]>(&Part, &x, |_, x| x[..3].to_vec());
        differences::<_, Of<1>, [f32; 8], [[f32; 2]; 2]>(&Part, &x, |_, x| x[3..7].to_vec());
        differences::<_, Of<2>, [f32; 8], f32>(&Part, &x, |_, x| x[7..].to_vec());
    }
}
