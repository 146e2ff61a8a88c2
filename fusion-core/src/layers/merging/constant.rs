//! Arithmetic with a constant: what Keras makes of `2.0 * x`, `x + 1.0`, `x - 1.0` and `1.0 - x`, operations of the same
//! classes and names as the merges.

use crate::layer::{Mistake, Output, Wire};
use crate::shape::{Tensor, Text};
use crate::weights::Configured;

/// The options of [`Add`](super::Add) and [`Multiply`](super::Multiply).
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ConstantOptions {
    /// What one wire is added to or multiplied by; merges have none.
    pub(super) constant: Option<f32>,
}

/// y = scale · x + offset.
#[derive(Clone, Copy)]
pub(super) struct Affine {
    pub(super) scale: f32,
    pub(super) offset: f32,
}

/// What comes out of one wire; `example` says how it is written.
pub(super) const fn output<M: Configured, In: Tensor>(affine: Option<&Affine>, example: &str) -> Output {
    let output = Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>());
    match affine {
        Some(Affine { scale, offset }) if scale.is_finite() && offset.is_finite() => output,
        Some(_) => output.or(Some(Mistake::sentence(Text::new("has a constant that is not finite")))),
        None => {
            let advice = Text::new("write `").and(example).and("`, or `").and(M::NAME).and("(x, y)` for several wires");
            output.or(Some(Mistake::missing(Text::new("needs a constant for one wire")).advice(advice)))
        }
    }
}

/// The same merge, unless it is given a constant beside its wires.
pub(super) const fn without<M: Configured>(merge: Output, wires: &[Wire], option: &'static str, given: bool) -> Output {
    if !given {
        return merge;
    }
    let text = super::call::<M>(wires, ")` joins wires, and `").and(option).and("` is for one alone");
    merge.or(Some(Mistake::operands(text, Some(option))))
}

/// Makes a merge a layer of one wire, too; the constant function says what is computed with its options.
macro_rules! with_constant {
    ($merge:ident, $affine:path, $example:literal) => {
        #[diagnostic::do_not_recommend]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $merge {
            const OUTPUT: $crate::layer::Output =
                $crate::layers::merging::constant::output::<Self, In>($affine(&O::VALUE).as_ref(), $example);

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                if let Some(affine) = const { $affine(&O::VALUE) } {
                    affine.apply(In::numbers(x), Out::numbers_mut(y));
                }
            }
        }

        #[cfg(feature = "training")]
        #[diagnostic::do_not_recommend]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<In, O>
            for $merge
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Backward<'_, Self>,
                _x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                if let (Some(affine), Some(dx)) = (const { $affine(&O::VALUE) }, dx) {
                    affine.slope().apply(Out::numbers(dy), In::numbers_mut(dx));
                }
            }
        }
    };
}
pub(super) use with_constant;

impl Affine {
    pub(super) fn apply(&self, from: &[f32], to: &mut [f32]) {
        crate::layers::rescaling::map(from, to, self.scale, self.offset);
    }

    #[cfg(feature = "training")]
    pub(super) const fn slope(&self) -> Self {
        Self { offset: 0.0, ..*self }
    }
}
