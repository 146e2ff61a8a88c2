//! Merges: layers that make one wire of several, under Keras's names and with Keras's formulas.
//!
//! `model!` writes `concatenate(x, y)`. What is the same for all is here: how operands that do not go together are
//! told, and the layer around a formula on flat numbers. One file holds one merge.

mod add;
mod average;
mod concatenate;
mod constant;
mod dot;
mod elementwise;
mod maximum;
mod minimum;
mod multiply;
mod stack;
mod subtract;
#[cfg(test)]
mod testing;

pub use add::Add;
pub use average::Average;
pub use concatenate::{Concatenate, ConcatenateOptions};
pub use constant::ConstantOptions;
pub use dot::{Dot, DotOptions};
pub use maximum::Maximum;
pub use minimum::Minimum;
pub use multiply::Multiply;
pub use stack::{Stack, StackOptions};
pub use subtract::{Subtract, SubtractOptions};

use crate::layer::{Masking, Mistake, Needs, Operand, Output, Wire};
use crate::shape::{Shape, Text};
use crate::weights::Configured;

/// The formula of a merge, on batches that are flat: `samples` times the numbers of the shape.
trait Merge: Configured {
    /// What becomes of its operands' masks.
    const MASKING: Masking = Masking::MakesOfAll;

    /// Writes the mask of what comes out, of operands that have some: a step counts where it does in any of them.
    fn mask(_options: &Self::Options, x: &[Operand<'_>], mask: &mut [f32]) {
        any(x, mask);
    }

    /// Writes the whole of `y`.
    fn forward(options: &Self::Options, x: &[Operand<'_>], y: &mut [f32]);

    /// Given `y` and the gradient with respect to it, writes the whole of that with respect to the operand of this
    /// index; `scratch` is what the merge needs.
    #[cfg(feature = "training")]
    fn backward(
        options: &Self::Options,
        operand: usize,
        x: &[Operand<'_>],
        values: (&[f32], &[f32]),
        dx: &mut [f32],
        scratch: &mut [f32],
    );
}

/// What most merges need: nothing.
const fn nothing(_wires: &[Wire]) -> Needs {
    Needs::NONE
}

/// Makes a [`Merge`] a layer of wires; the first constant function says what comes out of these with its options, the
/// second, if there is one, what it needs.
macro_rules! merge {
    ($merge:ident, $output:expr) => {
        $crate::layers::merging::merge!($merge, $output, $crate::layers::merging::nothing);
    };
    ($merge:ident, $output:expr, $needs:path) => {
        #[diagnostic::do_not_recommend]
        impl<W, const K: usize, O> $crate::layer::Layer<$crate::layer::Several<W, K>, O> for $merge
        where
            W: $crate::layer::Wires,
            O: $crate::weights::OptionsOf<Self>,
        {
            const OUTPUT: $crate::layer::Output = $output(W::WIRES, &O::VALUE);
            const NEEDS: $crate::layer::Needs =
                $needs(W::WIRES).masking(<Self as $crate::layers::merging::Merge>::MASKING);

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[$crate::layer::Operand<'_>],
                y: &mut [Out],
            ) {
                if !cx.output_mask.is_empty() {
                    <Self as $crate::layers::merging::Merge>::mask(&O::VALUE, x, cx.output_mask);
                }
                <Self as $crate::layers::merging::Merge>::forward(&O::VALUE, x, Out::numbers_mut(y));
            }
        }

        #[cfg(feature = "training")]
        #[diagnostic::do_not_recommend]
        impl<W, const K: usize, O> $crate::layer::TrainLayer<$crate::layer::Several<W, K>, O> for $merge
        where
            W: $crate::layer::Wires,
            O: $crate::weights::OptionsOf<Self>,
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[$crate::layer::Operand<'_>],
                y: &[Out],
                dy: &mut [Out],
                dx: &mut [Option<&mut [f32]>],
            ) {
                let (y, dy) = (Out::numbers(y), Out::numbers(dy));
                for (operand, dx) in dx.iter_mut().enumerate() {
                    if let Some(dx) = dx {
                        let scratch = &mut *cx.scratch;
                        <Self as $crate::layers::merging::Merge>::backward(&O::VALUE, operand, x, (y, dy), dx, scratch);
                    }
                }
            }
        }
    };
}
use merge;

/// A step counts where it does in any of the operands; one without a mask counts at all.
fn any(x: &[Operand<'_>], mask: &mut [f32]) {
    mask.fill(0.0);
    for operand in x {
        match operand.mask {
            Some(other) => mask.iter_mut().zip(other).for_each(|(counts, other)| *counts = counts.max(*other)),
            None => mask.fill(1.0),
        }
    }
}

/// Operands that do not go together; the likely shape of what comes out, so that the chain goes on.
const fn wrong(likely: Shape, sentence: Text) -> Output {
    Output::new(likely).or(Some(Mistake::operands(sentence, None)))
}

/// An option of this name with a value that it cannot have.
const fn wrong_option(likely: Shape, option: &'static str, sentence: Text) -> Output {
    Output::new(likely).or(Some(Mistake::operands(sentence, Some(option))))
}

/// "`add(x, y)`", where `end` closes the parenthesis.
const fn call<M: Configured>(wires: &[Wire], end: &str) -> Text {
    let mut text = Text::new("`").and(M::NAME).and("(");
    let mut i = 0;
    while i < wires.len() {
        text = text.and(if i == 0 { "" } else { ", " }).and(wires[i].name);
        i += 1;
    }
    text.and(end)
}

/// The mistake of operands that are ids.
const fn unless_numbers<M: Configured>(wires: &[Wire], likely: Shape) -> Option<Output> {
    let mut i = 0;
    while i < wires.len() {
        if !wires[i].element.is_number() {
            let text = call::<M>(wires, ")`").and(" needs numbers (`f32`), but `").and(wires[i].name);
            return Some(wrong(likely, text.and("` carries `u32` ids; put `Embedding` before it")));
        }
        i += 1;
    }
    None
}

/// The mistake of a merge along a dimension of operands of which one is a single number.
const fn unless_dimensions<M: Configured>(wires: &[Wire], likely: Shape, call: Text) -> Option<Output> {
    let mut i = 0;
    while i < wires.len() {
        if wires[i].shape.rank() == 0 {
            if let Some(wrong) = unless_numbers::<M>(wires, likely) {
                return Some(wrong);
            }
            let text = call.and(" needs operands of at least one dimension, but `").and(wires[i].name);
            let text =
                text.and("` is a single number; declare the input as `[f32; 1]`, or put `Reshape([1])` before it");
            return Some(wrong(likely, text));
        }
        i += 1;
    }
    None
}

/// "but `x` is [8] and `y` is [4]".
const fn but(text: Text, first: &Wire, second: &Wire) -> Text {
    let text = text.and(", but `").and(first.name).and("` is ").shape(&first.shape);
    text.and(" and `").and(second.name).and("` is ").shape(&second.shape)
}
