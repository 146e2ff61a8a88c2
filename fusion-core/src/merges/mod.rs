//! Merges: what makes one wire of several, under Keras's names and with Keras's formulas.
//!
//! `model!` writes `concatenate(x, y)`. Each merge is a type without size that is a [`Merge`] and
//! has, beside that, a constant function of one signature, which says what comes out or what is
//! wrong:
//!
//! ```
//! use fusion_core::Shape;
//! use fusion_core::merges::{Concatenate, Merge, MergeFit};
//! use fusion_core::site::Part;
//! const PARTS: &[Part] = &[
//!     Part { name: "x", shape: Shape::new(&[4]), numbers: true },
//!     Part { name: "y", shape: Shape::new(&[2]), numbers: true },
//! ];
//! const FIT: MergeFit = Concatenate::fit(PARTS, Concatenate::DEFAULT);
//! assert_eq!(FIT.output, Shape::new(&[6]));
//! assert!(FIT.mistake.is_none());
//! ```

mod add;
mod average;
mod concatenate;
mod dot;
mod identity;
mod maximum;
mod minimum;
mod multiply;
mod subtract;
#[cfg(test)]
mod testing;

pub use add::Add;
pub use average::Average;
pub use concatenate::{Concatenate, ConcatenateOptions};
pub use dot::{Dot, DotOptions};
pub use identity::Identity;
pub use maximum::Maximum;
pub use minimum::Minimum;
pub use multiply::Multiply;
pub use subtract::Subtract;

use core::fmt::Debug;

use crate::kernels::vectorize;
use crate::operands::Operand;
use crate::site::Part;
use crate::{Shape, Tensor, Text};

/// A function of several wires.
///
/// Batches are flat here: `samples` times the numbers of the shape.
pub trait Merge {
    /// A plain value with a `const` builder method for each option.
    type Options: Copy + Debug;
    /// The options when none is given.
    const DEFAULT: Self::Options;
    /// Keras's class name, `Concatenate`.
    const CLASS: &'static str;
    /// Keras's function, as it is written in `model!`: `concatenate`.
    const NAME: &'static str;
    /// What joins the operands in a message, "(x: 4 + y: 4)".
    const SIGN: &'static str;

    /// Writes the whole of `output`.
    fn forward(options: &Self::Options, operands: &[&[f32]], shapes: &[Shape], output: &mut [f32], samples: usize);

    /// Given the gradient `dy` with respect to `output`, writes the whole of that with respect to
    /// the operand of this index.
    #[expect(clippy::too_many_arguments, reason = "generated code calls it, with all of a merge at hand")]
    fn backward(
        options: &Self::Options,
        operand: usize,
        operands: &[&[f32]],
        shapes: &[Shape],
        output: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        samples: usize,
    );
}

/// What a merge makes of its operands' shapes.
#[derive(Clone, Copy)]
pub struct MergeFit {
    /// The output's shape; a likely one where there is a mistake, so that the chain goes on.
    pub output: Shape,
    /// What is wrong, as a whole sentence.
    pub mistake: Option<Text>,
    /// The operand that is to blame.
    pub operand: usize,
    /// The option that is to blame, if it is none of the operands.
    pub option: Option<&'static str>,
}

impl MergeFit {
    /// The operands fit.
    #[must_use]
    pub const fn new(output: Shape) -> Self {
        Self { output, mistake: None, operand: 0, option: None }
    }

    /// The operand of this index does not fit.
    #[must_use]
    pub const fn wrong(output: Shape, operand: usize, mistake: Text) -> Self {
        Self { output, mistake: Some(mistake), operand, option: None }
    }

    /// The option of this name has a value that it cannot have.
    #[must_use]
    pub const fn wrong_option(output: Shape, option: &'static str, mistake: Text) -> Self {
        Self { output, mistake: Some(mistake), operand: 0, option: Some(option) }
    }
}

/// "`add(x, y)`", where `end` closes the parenthesis.
const fn call(name: &str, parts: &[Part], end: &str) -> Text {
    let mut text = Text::new("`").and(name).and("(");
    let mut i = 0;
    while i < parts.len() {
        text = text.and(if i == 0 { "" } else { ", " }).and(parts[i].name);
        i += 1;
    }
    text.and(end)
}

/// The mistake of operands that are ids.
const fn unless_numbers(name: &str, parts: &[Part], output: Shape) -> Option<MergeFit> {
    let mut i = 0;
    while i < parts.len() {
        if !parts[i].numbers {
            let text = call(name, parts, ")`").and(" needs numbers (`f32`), but `").and(parts[i].name);
            let text = text.and("` carries `u32` ids; put `Embedding` before it");
            return Some(MergeFit::wrong(output, i, text));
        }
        i += 1;
    }
    None
}

/// "but `x` is [8] and `y` is [4]".
const fn but(text: Text, first: &Part, second: &Part) -> Text {
    let text = text.and(", but `").and(first.name).and("` is ").shape(&first.shape);
    text.and(" and `").and(second.name).and("` is ").shape(&second.shape)
}

/// The fit of a merge of numbers that have one shape.
///
/// Keras stretches dimensions of 1 to fit. Here that is an error, as it hides a wrong shape.
const fn fit_of_one_shape(name: &str, parts: &[Part]) -> MergeFit {
    if parts.is_empty() {
        return MergeFit::wrong(Shape::new(&[]), 0, call(name, parts, ")`").and(" needs operands"));
    }
    let output = parts[0].shape;
    if let Some(wrong) = unless_numbers(name, parts, output) {
        return wrong;
    }
    let mut i = 1;
    while i < parts.len() {
        if !output.equals(&parts[i].shape) {
            let text = call(name, parts, ")`").and(" needs operands of one shape");
            return MergeFit::wrong(output, i, but(text, &parts[0], &parts[i]));
        }
        i += 1;
    }
    MergeFit::new(output)
}

/// Writes the first operand, and then takes in the others one after the other.
#[inline(always)]
fn fold(operands: &[&[f32]], output: &mut [f32], join: impl Fn(f32, f32) -> f32) {
    let Some((first, others)) = operands.split_first() else { return };
    output.copy_from_slice(first);
    for other in others {
        zip(output, other, &join);
    }
}

/// Changes each number by the one at its place in `others`.
#[inline(always)]
fn zip(values: &mut [f32], others: &[f32], change: impl Fn(f32, f32) -> f32) {
    assert_eq!(values.len(), others.len(), "operands of one shape");
    vectorize(
        #[inline(always)]
        || {
            for (value, other) in values.iter_mut().zip(others) {
                *value = change(*value, *other);
            }
        },
    );
}

/// The gradient of a merge that takes one of its operands at each place: the first that equals
/// the output gets all of it, as in Keras, which compares them in pairs and prefers the earlier.
fn gradient_of_the_taken(operand: usize, operands: &[&[f32]], output: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
    select(dx, operands[operand], output, |x, y| x == y);
    for earlier in &operands[..operand] {
        select(dx, earlier, output, |x, y| x != y);
    }
}

/// Leaves only the gradients where `keep` says so.
#[inline(always)]
fn select(dx: &mut [f32], x: &[f32], y: &[f32], keep: impl Fn(f32, f32) -> bool) {
    vectorize(
        #[inline(always)]
        || {
            for ((dx, x), y) in dx.iter_mut().zip(x).zip(y) {
                *dx = if keep(*x, *y) { *dx } else { 0.0 };
            }
        },
    );
}

/// Declares a merge of operands of one shape, without options.
macro_rules! merge_of_one_shape {
    ($(#[$documentation:meta])* $merge:ident, $name:literal, $sign:literal, fit: $fit:path, forward: $forward:path, backward: $backward:path) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Default)]
        pub struct $merge;

        impl $merge {
            /// What comes out of these operands, or what is wrong with them.
            #[must_use]
            pub const fn fit(parts: &[$crate::site::Part], _options: $crate::NoOptions) -> $crate::merges::MergeFit {
                $fit($name, parts)
            }
        }

        impl $crate::merges::Merge for $merge {
            type Options = $crate::NoOptions;
            const DEFAULT: $crate::NoOptions = $crate::NoOptions;
            const CLASS: &'static str = stringify!($merge);
            const NAME: &'static str = $name;
            const SIGN: &'static str = $sign;

            fn forward(
                _options: &$crate::NoOptions,
                operands: &[&[f32]],
                _shapes: &[$crate::Shape],
                output: &mut [f32],
                _samples: usize,
            ) {
                $forward(operands, output);
            }

            fn backward(
                _options: &$crate::NoOptions,
                operand: usize,
                operands: &[&[f32]],
                _shapes: &[$crate::Shape],
                output: &[f32],
                dy: &[f32],
                dx: &mut [f32],
                _samples: usize,
            ) {
                $backward(operand, operands, output, dy, dx);
            }
        }
    };
}
use merge_of_one_shape;
/// [`Merge::forward`] on wires.
pub fn forward<M: Merge, Out: Tensor, const K: usize>(
    options: &M::Options,
    operands: [Operand<'_>; K],
    output: &mut [Out],
) {
    let samples = output.len();
    M::forward(options, &operands.map(|o| o.numbers), &operands.map(|o| o.shape), Out::numbers_mut(output), samples);
}

/// [`Merge::backward`] on wires, where the operand's gradient is asked for.
pub fn backward<M: Merge, Out: Tensor, In: Tensor, const K: usize>(
    options: &M::Options,
    operand: usize,
    operands: [Operand<'_>; K],
    output: &[Out],
    dy: &[Out],
    dx: Option<&mut [In]>,
) {
    let Some(dx) = dx else { return };
    let (numbers, shapes) = (operands.map(|o| o.numbers), operands.map(|o| o.shape));
    let (y, dy) = (Out::numbers(output), Out::numbers(dy));
    M::backward(options, operand, &numbers, &shapes, y, dy, In::numbers_mut(dx), output.len());
}
