//! A bend whose slope is learnt.

use super::rearranging::stretched;
use crate::kernels::Moves;
#[cfg(feature = "training")]
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};

/// y = x for x > 0, otherwise alpha · x, with an alpha that is learnt: Keras's `layers.PReLU`.
///
/// `Alpha` is the shape of alpha: that of a sample, with 1 where places share it. `PRelu<[f32; 32]>` has one for each of
/// 32 features; of images `[height, width, 8]`, `PRelu<[[[f32; 8]; 1]; 1]>` has one for each channel, Keras's
/// `shared_axes=[1, 2]`. It begins at 0.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::PRelu;
/// use fusion::{Layer, Parameters, Shape};
/// type OfChannels = PRelu<[[[f32; 8]; 1]; 1]>;
/// assert_eq!(<OfChannels as Layer<[[[f32; 8]; 5]; 6]>>::OUTPUT.shape, Shape::new(&[6, 5, 8]));
/// assert_eq!(<OfChannels as Parameters>::COUNT, 8);
/// ```
#[doc(alias = "PReLU")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(class = "PReLU", options = PReluOptions, example = "PRelu<[f32; 32]>")]
pub struct PRelu<Alpha: Tensor<Element = f32>> {
    /// The slope below 0.
    #[parameter(initializer = Initializer::Zeros, given = options.alpha)]
    pub alpha: Alpha,
}

/// The options of [`PRelu`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct PReluOptions {
    /// `Zeros` if not given.
    #[option(array)]
    alpha: ArrayOptions,
}

/// The mistake of a sample to whose shape alpha is not stretched.
const fn unless_stretched(alpha: &Shape, input: &Shape) -> Option<Mistake> {
    let (mut fits, mut axis) = (alpha.rank() == input.rank(), 0);
    while axis < alpha.rank() && fits {
        fits = alpha.dim(axis) == input.dim(axis) || alpha.dim(axis) == 1;
        axis += 1;
    }
    if fits {
        return None;
    }
    let takes = Text::new("has a slope for each place of ").shape(alpha).and(", where 1 is for all");
    let advice = Text::new("its argument has the dimensions of a sample, or 1: `[f32; 32]`, `[[[f32; 8]; 1]; 1]`");
    Some(Mistake::shape(takes).advice(advice))
}

impl<Alpha: Tensor<Element = f32>> PRelu<Alpha> {
    /// The slope of each number of so many samples.
    fn slopes<In: Tensor>(samples: usize) -> Moves {
        stretched(&Alpha::SHAPE, &In::SHAPE, samples, 0)
    }

    fn alpha(&self) -> &[f32] {
        Alpha::numbers(core::slice::from_ref(&self.alpha))
    }
}

impl<In: Tensor, O: OptionsOf<Self>, Alpha: Tensor<Element = f32>> Layer<In, O> for PRelu<Alpha> {
    const OUTPUT: Output =
        Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(unless_stretched(&Alpha::SHAPE, &In::SHAPE));
    const NEEDS: Needs = Needs::NONE.multiplications(In::SHAPE.length()).masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let y = Out::numbers_mut(y);
        y.copy_from_slice(In::numbers(x));
        Self::slopes::<In>(x.len()).join(self.alpha(), y, (), |x, alpha, ()| if x <= 0.0 { alpha * x } else { x });
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, Alpha: Tensor<Element = f32>> TrainLayer<In, O> for PRelu<Alpha> {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let (slopes, x, dy) = (Self::slopes::<In>(x.len()), In::numbers(x), Out::numbers_mut(dy));
        if let Some(dx) = dx {
            let dx = In::numbers_mut(dx);
            dx.copy_from_slice(dy);
            slopes.join(self.alpha(), dx, x, |dy, alpha, x| if x <= 0.0 { alpha * dy } else { dy });
        }
        if let Some(gradient) = &mut cx.gradient {
            vectorize(
                #[inline(always)]
                || dy.iter_mut().zip(x).for_each(|(dy, x)| *dy = if *x <= 0.0 { *dy * x } else { 0.0 }),
            );
            let alpha = Alpha::numbers_mut(core::slice::from_mut(&mut gradient.alpha));
            slopes.back().add(dy, alpha);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, initialized, says};
    use crate::layers::window::testing::{Image, numbers};
    use crate::weights::Defaults;

    fn bent(x: &f64, alpha: f64) -> f64 {
        if *x > 0.0 { *x } else { alpha * x }
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_formula() {
        let of_features = initialized::<PRelu<[f32; 7]>>();
        differences::<_, Defaults, [f32; 7], [f32; 7]>(&*of_features, &numbers(3), |alpha, x| {
            x.iter().zip(alpha).map(|(x, alpha)| bent(x, *alpha)).collect()
        });
        let of_channels = initialized::<PRelu<Image<1, 1, 3>>>();
        differences::<_, Defaults, Image<4, 2, 3>, Image<4, 2, 3>>(&*of_channels, &numbers(3), |alpha, x| {
            x.iter().enumerate().map(|(at, x)| bent(x, alpha[at % 3])).collect()
        });
        let of_rows = initialized::<PRelu<Image<4, 1, 1>>>();
        differences::<_, Defaults, Image<4, 2, 3>, Image<4, 2, 3>>(&*of_rows, &numbers(3), |alpha, x| {
            x.iter().enumerate().map(|(at, x)| bent(x, alpha[at / 6])).collect()
        });
    }

    #[test]
    fn alpha_goes_with_the_input() {
        assert_eq!(says::<PRelu<[f32; 1]>, Defaults, [f32; 3]>(), None);
        let sentence = "has a slope for each place of [3], where 1 is for all";
        assert_eq!(says::<PRelu<[f32; 3]>, Defaults, [f32; 4]>().unwrap(), sentence);
        assert_eq!(says::<PRelu<[f32; 3]>, Defaults, [[f32; 3]; 4]>().unwrap(), sentence);
        assert_eq!(says::<PRelu<[f32; 3]>, Defaults, [u32; 3]>().unwrap(), "takes numbers (`f32`)");
    }
}
