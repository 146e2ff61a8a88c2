//! One half of an axis lets the other through.

use super::rearranging::{dimension, no_dimension, stride};
use crate::kernels::math::sigmoid;
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::OptionsOf;

/// y = a · sigmoid(b), where a and b are the two halves of an axis, `[…, 2 n]` → `[…, n]`: Keras's activation `glu`
/// (Dauphin and others, "Language Modeling with Gated Convolutional Networks", 2016).
///
/// It halves what it is given, which no activation does here: so it is a layer, `x => Dense<_, 16> => Glu`, for what Keras
/// writes as `Dense(16, activation="glu")` or `Activation("glu")`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Glu;
/// use fusion::{Forward, Layer, Shape};
/// assert_eq!(<Glu as Layer<[f32; 16]>>::OUTPUT.shape, Shape::new(&[8]));
/// let mut y = [[0.0; 2]];
/// Layer::<[f32; 4]>::forward(&Glu, &mut Forward::new(&mut [], &mut []), &[[3.0, -1.0, 0.0, 100.0]], &mut y);
/// assert_eq!(y, [[1.5, -1.0]]);
/// ```
#[doc(alias = "GatedLinearUnit")]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "Activation", options = GluOptions)]
pub struct Glu;

/// The options of [`Glu`]: `Glu(axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct GluOptions {
    /// The axis that is halved; -1 if not given. As in Keras the batch is axis 0, and negative axes count from the end.
    #[option(default = -1)]
    axis: isize,
}

impl GluOptions {
    /// With half of the axis, where there is such an axis.
    const fn shape(&self, input: &Shape) -> Shape {
        match dimension(self.axis, input.rank()) {
            Some(at) => input.with_dim(at, input.dim(at) / 2),
            None => *input,
        }
    }

    const fn mistake(&self, input: &Shape) -> Option<Mistake> {
        let Some(at) = dimension(self.axis, input.rank()) else {
            return Some(no_dimension("axis", self.axis, "a sample", input));
        };
        if input.dim(at).is_multiple_of(2) {
            return None;
        }
        let text = Text::new("takes an axis of two halves");
        Some(Mistake::shape(text).advice(Text::new("give it twice as many as it is to let through")))
    }

    /// How many numbers each half has that follow one another.
    const fn half(&self, input: &Shape) -> usize {
        match dimension(self.axis, input.rank()) {
            Some(at) => input.dim(at) / 2 * stride(input, at),
            None => 1,
        }
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Glu {
    const OUTPUT: Output = Output::new(O::VALUE.shape(&In::SHAPE))
        .or(Mistake::unless_numbers::<In>())
        .or(Mistake::unless_dimensions::<In>())
        .or(O::VALUE.mistake(&In::SHAPE));
    const NEEDS: Needs = Needs::NONE.masking(Masking::PassesOn);
    const DETAILS: &'static str = "glu";

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let half = const { O::VALUE.half(&In::SHAPE) }.max(1);
        let pairs = In::numbers(x).chunks_exact(2 * half).zip(Out::numbers_mut(y).chunks_exact_mut(half));
        vectorize(
            #[inline(always)]
            || {
                for (x, y) in pairs {
                    let (through, gate) = x.split_at(half);
                    y.iter_mut().zip(through.iter().zip(gate)).for_each(|(y, (a, b))| *y = a * sigmoid(*b));
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Glu {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let half = const { O::VALUE.half(&In::SHAPE) }.max(1);
        let pairs = In::numbers(x).chunks_exact(2 * half).zip(Out::numbers(dy).chunks_exact(half));
        let pairs = pairs.zip(In::numbers_mut(dx).chunks_exact_mut(2 * half));
        vectorize(
            #[inline(always)]
            || {
                for ((x, dy), dx) in pairs {
                    let ((through, gate), (of_through, of_gate)) = (x.split_at(half), dx.split_at_mut(half));
                    let inputs = through.iter().zip(gate).zip(dy);
                    for (((a, b), dy), (da, db)) in inputs.zip(of_through.iter_mut().zip(of_gate)) {
                        let open = sigmoid(*b);
                        *da = dy * open;
                        *db = dy * a * open * sigmoid(-b);
                    }
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference;
    use crate::layers::testing::{differences, says};
    use crate::weights::{Defaults, Options};

    struct Along<const AXIS: isize>;
    impl<const AXIS: isize> OptionsOf<Glu> for Along<AXIS> {
        const VALUE: GluOptions = GluOptions::DEFAULT.axis(AXIS);
    }

    #[test]
    fn output_and_gradient_are_those_of_the_formula() {
        type Rows = [[f32; 6]; 2];
        let x: [Rows; 2] = core::array::from_fn(|i| {
            core::array::from_fn(|j| core::array::from_fn(|k| ((12 * i + 6 * j + k) as f32).sin()))
        });
        differences::<_, Defaults, Rows, [[f32; 3]; 2]>(&Glu, &x, |_, x| {
            x.chunks(6).flat_map(|x| (0..3).map(|i| x[i] * reference::sigmoid(x[3 + i]))).collect()
        });
        differences::<_, Along<1>, Rows, [[f32; 6]; 1]>(&Glu, &x, |_, x| {
            (0..6).map(|i| x[i] * reference::sigmoid(x[6 + i])).collect()
        });
    }

    #[test]
    fn the_axis_has_two_halves() {
        assert_eq!(<Glu as Layer<[[f32; 6]; 2], Along<-2>>>::OUTPUT.shape, Shape::new(&[1, 6]));
        assert_eq!(says::<Glu, Defaults, [f32; 5]>().unwrap(), "takes an axis of two halves");
        assert!(says::<Glu, Along<2>, [f32; 6]>().unwrap().starts_with("a sample is [6], so its axes are 1 to 1"));
        assert_eq!(says::<Glu, Defaults, f32>().unwrap(), "takes at least one dimension");
        assert!(says::<Glu, Defaults, [u32; 6]>().unwrap().starts_with("takes numbers"));
    }
}
