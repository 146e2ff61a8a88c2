//! Wires on top of each other.

use super::{Merge, but, call, merge, unless_numbers, wrong};
use crate::layer::{Mistake, Operand, Output, Wire};
use crate::layers::rearranging::{dimension, no_dimension};
use crate::shape::{Shape, Text};

/// Puts the operands, which have one shape, side by side along a new dimension: what Keras makes of
/// `ops.stack([x, y], axis=1)`.
///
/// The axis is where the new dimension stands, with the batch as axis 0: two operands of `[4, 3]` give `[2, 4, 3]` with
/// `axis = 1`, and `[4, 3, 2]` with `axis = -1`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Several, Wire, Wires};
/// use fusion::layers::{Stack, StackOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Both;
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<[f32; 3]>("x"), Wire::of::<[f32; 3]>("y")];
/// }
/// struct First; // `stack(x, y, axis = 1)` in `model!`
/// impl OptionsOf<Stack> for First {
///     const VALUE: StackOptions = StackOptions::DEFAULT.axis(1);
/// }
/// assert_eq!(<Stack as Layer<Several<Both, 2>, First>>::OUTPUT.shape, Shape::new(&[2, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = StackOptions)]
pub struct Stack;

/// The options of [`Stack`]: `stack(x, y, axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct StackOptions {
    /// Which axis of the output the new dimension is. As in Keras the batch is axis 0, and negative axes count from
    /// the end.
    axis: Option<isize>,
}

merge!(Stack, output);

const fn output(wires: &[Wire], options: &StackOptions) -> Output {
    if wires.is_empty() {
        return wrong(Shape::SCALAR, call::<Stack>(wires, ")`").and(" needs operands"));
    }
    let first = wires[0].shape;
    if let Some(wrong) = unless_numbers::<Stack>(wires, first) {
        return wrong;
    }
    let Some(larger) = first.prepend(wires.len()) else {
        let text = call::<Stack>(wires, ")` of ").shape(&first).and(" would have 7 dimensions; six are the most");
        return wrong(first, text);
    };
    let Some(axis) = options.axis else {
        let text = call::<Stack>(wires, ")` needs an axis; write `").and(call_with_axis(wires).as_str());
        return wrong(larger, text.and("`: the batch is axis 0, a sample's first dimension axis 1"));
    };
    let Some(at) = dimension(axis, larger.rank()) else {
        let Mistake { takes, option, .. } = no_dimension("axis", axis, "the output", &larger);
        return Output::new(larger).or(Some(Mistake::operands(takes, option)));
    };
    let (mut shape, mut i) = (larger, 0);
    while i < at {
        shape = shape.with_dim(i, first.dim(i));
        i += 1;
    }
    shape = shape.with_dim(at, wires.len());
    let mut i = 1;
    while i < wires.len() {
        if !first.equals(&wires[i].shape) {
            let text = call::<Stack>(wires, ")`").and(" needs operands of one shape");
            return wrong(shape, but(text, &wires[0], &wires[i]));
        }
        i += 1;
    }
    Output::new(shape)
}

/// "stack(x, y, axis = 1)"
const fn call_with_axis(wires: &[Wire]) -> Text {
    let (mut text, mut i) = (Text::new("stack("), 0);
    while i < wires.len() {
        text = text.and(wires[i].name).and(", ");
        i += 1;
    }
    text.and("axis = 1)")
}

/// How many numbers of each operand follow one another in the output.
fn run(options: &StackOptions, x: &[Operand<'_>]) -> usize {
    let shape = x[0].shape;
    let at = options.axis.and_then(|axis| dimension(axis, shape.rank() + 1)).expect("the compiler checked the axis");
    shape.dimensions()[at..].iter().product()
}

impl Merge for Stack {
    fn forward(options: &StackOptions, x: &[Operand<'_>], y: &mut [f32]) {
        let (run, count) = (run(options, x).max(1), x.len());
        for (operand, x) in x.iter().enumerate() {
            let places = y.chunks_exact_mut(run).skip(operand).step_by(count);
            places.zip(x.numbers.chunks_exact(run)).for_each(|(y, x)| y.copy_from_slice(x));
        }
    }

    #[cfg(feature = "training")]
    fn backward(
        options: &StackOptions,
        operand: usize,
        x: &[Operand<'_>],
        (_, dy): (&[f32], &[f32]),
        dx: &mut [f32],
        _scratch: &mut [f32],
    ) {
        let run = run(options, x).max(1);
        let places = dy.chunks_exact(run).skip(operand).step_by(x.len());
        places.zip(dx.chunks_exact_mut(run)).for_each(|(dy, dx)| dx.copy_from_slice(dy));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check_with, says_of_ids, wires};
    use crate::weights::Options;

    const DEFAULT: StackOptions = StackOptions::DEFAULT;

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        let one_after_the_other = |x: &[Vec<f64>]| x.concat();
        check_with::<Stack>(DEFAULT.axis(1), &[&[2, 3], &[2, 3], &[2, 3]], one_after_the_other);
        let rows = |x: &[Vec<f64>]| [&x[0][..3], &x[1][..3], &x[0][3..], &x[1][3..]].concat();
        check_with::<Stack>(DEFAULT.axis(2), &[&[2, 3], &[2, 3]], rows);
        let pairs = |x: &[Vec<f64>]| x[0].iter().zip(&x[1]).flat_map(|(x, y)| [*x, *y]).collect();
        check_with::<Stack>(DEFAULT.axis(-1), &[&[2, 3], &[2, 3]], pairs);
        check_with::<Stack>(DEFAULT.axis(1), &[&[], &[]], one_after_the_other);
    }

    fn says(shapes: &[&[usize]], options: StackOptions) -> String {
        let mistake = output(&wires(shapes), &options).mistake.unwrap();
        format!("{:?} {}", mistake.option, mistake.takes.as_str())
    }

    #[test]
    fn operands_have_one_shape_and_the_axis_is_one_of_the_output() {
        let shape = |axis| output(&wires(&[&[4, 3], &[4, 3]]), &DEFAULT.axis(axis)).shape;
        assert_eq!([1, 2, -1].map(shape), [[2, 4, 3], [4, 2, 3], [4, 3, 2]].map(|shape| Shape::new(&shape)));
        assert_eq!(
            says(&[&[4], &[3]], DEFAULT.axis(1)),
            "None `stack(x, y)` needs operands of one shape, but `x` is [4] and `y` is [3]"
        );
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT),
            "None `stack(x, y)` needs an axis; write `stack(x, y, axis = 1)`: the batch is axis 0, a sample's first \
             dimension axis 1"
        );
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axis(3)),
            "Some(\"axis\") the output is [2, 4], so its axes are 1 to 2, or -2 to -1, with the batch as axis 0"
        );
        let batch = says(&[&[4], &[4]], DEFAULT.axis(0));
        assert_eq!(batch, "Some(\"axis\") axis 0 is the batch; a sample's first dimension is axis 1");
        assert!(says_of_ids(output, 1).unwrap().ends_with("`y` carries `u32` ids; put `Embedding` before it"));
    }
}
