//! A learnt vector of each step of a sequence.

use super::unless_features;
#[cfg(feature = "training")]
use crate::kernels::add_rows;
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf};

/// y\[t\] = x\[t\] + embeddings\[t\] for each step t, `[steps, FEATURES]` → `[steps, FEATURES]`: `keras_hub`'s
/// `layers.PositionEmbedding`, added to what it is the position of, as "Attention Is All You Need" (Vaswani and others,
/// 2017) does.
///
/// Without it attention knows no order. `STEPS` are the most steps that a sequence may have; shorter ones take the first
/// vectors. These begin Glorot-uniform.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::PositionEmbedding;
/// use fusion::{Forward, Layer, Parameters};
/// let layer = PositionEmbedding { embeddings: [[0.5, 0.0], [1.0, 2.0], [0.0, 0.0]] };
/// let mut y = [[[0.0; 2]; 2]];
/// Layer::<[[f32; 2]; 2]>::forward(&layer, &mut Forward::new(&mut [], &mut []), &[[[1.0, 1.0]; 2]], &mut y);
/// assert_eq!(y, [[[1.5, 1.0], [2.0, 3.0]]]);
/// assert_eq!(<PositionEmbedding<2, 3> as Parameters>::COUNT, 6);
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = PositionEmbeddingOptions, example = "PositionEmbedding<_, 100>")]
pub struct PositionEmbedding<const FEATURES: usize, const STEPS: usize> {
    /// The vector of each step.
    #[parameter(initializer = Initializer::GlorotUniform, given = options.embeddings)]
    pub embeddings: [[f32; FEATURES]; STEPS],
}

/// The options of [`PositionEmbedding`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct PositionEmbeddingOptions {
    /// `GlorotUniform` if not given.
    #[option(array)]
    embeddings: ArrayOptions,
}

/// A sequence of at most so many steps.
const fn unless_sequence(input: &Shape, most: usize) -> Option<Mistake> {
    if input.rank() != 2 {
        return Some(Mistake::shape(Text::new("takes a sequence [steps, features]")));
    }
    if input.dim(0) <= most {
        return None;
    }
    let takes = Text::new("takes at most ").number(most).and(if most == 1 { " step" } else { " steps" });
    Some(Mistake::shape(takes).advice(Text::new("its first argument is the number of steps that it knows")))
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, const STEPS: usize> Layer<In, O>
    for PositionEmbedding<FEATURES, STEPS>
{
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(FEATURES))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_sequence(&In::SHAPE, STEPS))
        .or(unless_features::<In>(FEATURES, 0));
    const NEEDS: Needs = Needs::NONE.masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let length = In::SHAPE.length();
        let embeddings = &self.embeddings.as_flattened()[..length];
        let samples = In::numbers(x).chunks_exact(length).zip(Out::numbers_mut(y).chunks_exact_mut(length));
        vectorize(
            #[inline(always)]
            || {
                for (x, y) in samples {
                    y.iter_mut().zip(x).zip(embeddings).for_each(|((y, x), embedding)| *y = x + embedding);
                }
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, const STEPS: usize> TrainLayer<In, O>
    for PositionEmbedding<FEATURES, STEPS>
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let dy = Out::numbers(dy);
        if let Some(gradient) = &mut cx.gradient {
            add_rows(dy, &mut gradient.embeddings.as_flattened_mut()[..In::SHAPE.length()]);
        }
        if let Some(dx) = dx {
            In::numbers_mut(dx).copy_from_slice(dy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, initialized, says};
    use crate::weights::Defaults;

    type Four = PositionEmbedding<3, 4>;

    #[test]
    fn each_step_has_its_own_vector() {
        let x: [[[f32; 3]; 2]; 2] = [[[0.5, -1.0, 2.0], [0.1, 0.7, -0.4]], [[-0.6, 0.3, 0.9], [1.5, -0.2, 0.8]]];
        let formula = |weights: &[f64], x: &[f64]| x.iter().zip(weights).map(|(x, w)| x + w).collect();
        differences::<_, Defaults, [[f32; 3]; 2], [[f32; 3]; 2]>(&*initialized::<Four>(), &x, formula);
    }

    #[test]
    fn a_sequence_is_no_longer_than_what_it_knows() {
        assert_eq!(says::<Four, Defaults, [[f32; 3]; 4]>(), None);
        assert_eq!(says::<Four, Defaults, [[f32; 3]; 5]>().unwrap(), "takes at most 4 steps");
        assert_eq!(says::<Four, Defaults, [[f32; 2]; 4]>().unwrap(), "takes 3 features");
        assert_eq!(says::<Four, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, features]");
        assert!(says::<Four, Defaults, [[u32; 3]; 4]>().unwrap().starts_with("takes numbers"));
    }
}
