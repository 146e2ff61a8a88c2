//! Wires side by side.

use super::{Merge, MergeFit, but, call, unless_numbers};
use crate::site::Part;
use crate::{Shape, Text};

/// Puts the operands one after the other along an axis: Keras's `layers.Concatenate`.
///
/// All other dimensions must be equal: `[4]` and `[3]` give `[7]`, `[5, 4]` and `[5, 3]` give
/// `[5, 7]`.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Concatenate;

/// The options of [`Concatenate`]: `concatenate(x, y, axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcatenateOptions {
    axis: isize,
}

impl ConcatenateOptions {
    /// The axis along which the operands follow one another. As in Keras the batch is axis 0, so
    /// a sample's first dimension is 1, and negative axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    /// The dimension of a sample that is meant, from 0; none if it is the batch or out of range.
    const fn dimension(&self, rank: usize) -> Option<usize> {
        let axes = rank as isize + 1;
        let axis = if self.axis < 0 { self.axis + axes } else { self.axis };
        if axis >= 1 && axis < axes { Some(axis as usize - 1) } else { None }
    }

    /// "`concatenate(x, y, axis = 1)`", with the axis where it is not the default.
    const fn call(&self, parts: &[Part]) -> Text {
        if self.axis == Concatenate::DEFAULT.axis {
            return call(Concatenate::NAME, parts, ")`");
        }
        let text = call(Concatenate::NAME, parts, ", axis = ").and(if self.axis < 0 { "-" } else { "" });
        text.number(self.axis.unsigned_abs()).and(")`")
    }

    /// What is wrong with the axis, for operands like this one.
    const fn mistake(&self, parts: &[Part]) -> Text {
        let (first, rank) = (&parts[0], parts[0].shape.rank);
        if self.axis == 0 || self.axis == -(rank as isize) - 1 {
            let text = self.call(parts).and(": axis 0 is the batch, which cannot be concatenated");
            return text.and("; a sample's first dimension is axis 1");
        }
        let text = self.call(parts).and(": `").and(first.name).and("` is ").shape(&first.shape);
        let text = text.and(", so its axes are 1 to ").number(rank).and(", or -").number(rank).and(" to -1");
        text.and(", with the batch as axis 0")
    }
}

impl Concatenate {
    /// What comes out of these operands, or what is wrong with them.
    #[must_use]
    pub const fn fit(parts: &[Part], options: ConcatenateOptions) -> MergeFit {
        if parts.is_empty() {
            return MergeFit::wrong(Shape::new(&[]), 0, options.call(parts).and(" needs operands"));
        }
        let first = parts[0].shape;
        let Some(axis) = options.dimension(first.rank) else {
            return MergeFit::wrong_option(first, "axis", options.mistake(parts));
        };
        let mut output = first;
        let mut odd = 0;
        let mut i = 1;
        while i < parts.len() {
            if parts[i].shape.rank == first.rank {
                output.dims[axis] += parts[i].shape.dims[axis];
            }
            if odd == 0 && !equal_but(axis, &first, &parts[i].shape) {
                odd = i;
            }
            i += 1;
        }
        if let Some(wrong) = unless_numbers(Concatenate::NAME, parts, output) {
            return wrong;
        }
        if odd == 0 {
            return MergeFit::new(output);
        }
        let text = options.call(parts).and(if parts[odd].shape.rank == first.rank {
            " needs operands that are equal in all dimensions but the one it joins"
        } else {
            " needs operands of as many dimensions"
        });
        MergeFit::wrong(output, odd, but(text, &parts[0], &parts[odd]))
    }
}

/// Whether both shapes are the same apart from one dimension.
const fn equal_but(axis: usize, first: &Shape, other: &Shape) -> bool {
    let mut other = *other;
    other.dims[axis] = first.dims[axis];
    first.equals(&other)
}

impl Merge for Concatenate {
    type Options = ConcatenateOptions;
    const DEFAULT: ConcatenateOptions = ConcatenateOptions { axis: -1 };
    const CLASS: &'static str = "Concatenate";
    const NAME: &'static str = "concatenate";
    const SIGN: &'static str = " + ";

    fn forward(
        options: &ConcatenateOptions,
        operands: &[&[f32]],
        shapes: &[Shape],
        output: &mut [f32],
        _samples: usize,
    ) {
        let mut start = 0;
        for (index, operand) in operands.iter().enumerate() {
            let Slab { length, total, .. } = Slab::of(index, shapes, options);
            if length > 0 {
                for (from, to) in operand.chunks_exact(length).zip(output.chunks_exact_mut(total)) {
                    to[start..start + length].copy_from_slice(from);
                }
            }
            start += length;
        }
    }

    fn backward(
        options: &ConcatenateOptions,
        operand: usize,
        _operands: &[&[f32]],
        shapes: &[Shape],
        _output: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        _samples: usize,
    ) {
        let Slab { start, length, total } = Slab::of(operand, shapes, options);
        if length > 0 {
            for (from, to) in dy.chunks_exact(total).zip(dx.chunks_exact_mut(length)) {
                to.copy_from_slice(&from[start..start + length]);
            }
        }
    }
}

/// Where an operand's numbers lie in what is one piece of the output: all that comes before the
/// axis counts as rows.
struct Slab {
    start: usize,
    length: usize,
    total: usize,
}

impl Slab {
    fn of(operand: usize, shapes: &[Shape], options: &ConcatenateOptions) -> Self {
        let length = |shape: &Shape| -> usize {
            let axis = options.dimension(shape.rank).expect("the compiler checked the axis");
            shape.dimensions()[axis..].iter().product()
        };
        let lengths = |shapes: &[Shape]| shapes.iter().map(length).sum();
        Self { start: lengths(&shapes[..operand]), length: length(&shapes[operand]), total: lengths(shapes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, check_with, parts, says_of_ids};

    const DEFAULT: ConcatenateOptions = Concatenate::DEFAULT;

    fn says(shapes: &[&[usize]], options: ConcatenateOptions) -> String {
        let fit = Concatenate::fit(&parts(shapes), options);
        format!("{} {:?} {}", fit.operand, fit.option, fit.mistake.unwrap().as_str())
    }

    #[test]
    fn the_joined_dimensions_add_up() {
        let output = |shapes: &[&[usize]], options| Concatenate::fit(&parts(shapes), options).output;
        assert_eq!(output(&[&[4], &[3], &[1]], DEFAULT), Shape::new(&[8]));
        assert_eq!(output(&[&[2, 4], &[2, 3]], DEFAULT), Shape::new(&[2, 7]));
        assert_eq!(output(&[&[2, 4], &[3, 4]], DEFAULT.axis(1)), Shape::new(&[5, 4]));
        assert_eq!(output(&[&[2, 4], &[3, 4]], DEFAULT.axis(-2)), Shape::new(&[5, 4]));
        assert!(Concatenate::fit(&parts(&[&[2, 4], &[2, 3]]), DEFAULT.axis(2)).mistake.is_none());
    }

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Concatenate>(&[&[4], &[2], &[1]], |x| x.concat());
        check_with::<Concatenate>(DEFAULT.axis(1), &[&[1, 2], &[2, 2]], |x| x.concat());
        check::<Concatenate>(&[&[2, 2], &[2, 1]], |x| vec![x[0][0], x[0][1], x[1][0], x[0][2], x[0][3], x[1][1]]);
    }

    #[test]
    fn other_dimensions_must_be_equal() {
        assert_eq!(
            says(&[&[2, 4], &[2, 4], &[3, 4]], DEFAULT),
            "2 None `concatenate(x, y, z)` needs operands that are equal in all dimensions but the one it joins, \
             but `x` is [2, 4] and `z` is [3, 4]"
        );
        assert_eq!(
            says(&[&[4], &[3, 4]], DEFAULT),
            "1 None `concatenate(x, y)` needs operands of as many dimensions, but `x` is [4] and `y` is [3, 4]"
        );
    }

    #[test]
    fn the_axis_counts_the_batch() {
        let batch = "axis 0 is the batch, which cannot be concatenated; a sample's first dimension is axis 1";
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axis(0)),
            format!("0 Some(\"axis\") `concatenate(x, y, axis = 0)`: {batch}")
        );
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axis(-2)),
            format!("0 Some(\"axis\") `concatenate(x, y, axis = -2)`: {batch}")
        );
        assert_eq!(
            says(&[&[4, 5], &[4, 5]], DEFAULT.axis(3)),
            "0 Some(\"axis\") `concatenate(x, y, axis = 3)`: `x` is [4, 5], so its axes are 1 to 2, or -2 to -1, \
             with the batch as axis 0"
        );
    }

    #[test]
    fn ids_are_no_numbers() {
        let (operand, sentence) = says_of_ids(|parts, _| Concatenate::fit(parts, DEFAULT), 0).unwrap();
        assert_eq!(operand, 0);
        assert!(sentence.ends_with("`x` carries `u32` ids; put `Embedding` before it"), "{sentence}");
    }
}
