//! Wires side by side.

use super::{Merge, any, but, call, merge, unless_dimensions, unless_numbers, wrong, wrong_option};
use crate::layer::{Masking, Operand, Output, Wire};
use crate::shape::{Shape, Text};
use crate::weights::Options;

/// Puts the operands one after the other along an axis: Keras's `layers.Concatenate`.
///
/// All other dimensions must be equal: `[4]` and `[3]` give `[7]`, `[5, 4]` and `[5, 3]` give
/// `[5, 7]`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Several, Wire, Wires};
/// use fusion::layers::Concatenate;
/// use fusion::{Layer, Shape};
/// struct Both; // `concatenate(x, y)` in `model!`
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<[f32; 4]>("x"), Wire::of::<[f32; 2]>("y")];
/// }
/// assert_eq!(<Concatenate as Layer<Several<Both, 2>>>::OUTPUT.shape, Shape::new(&[6]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ConcatenateOptions)]
pub struct Concatenate;

/// The options of [`Concatenate`]: `concatenate(x, y, axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ConcatenateOptions {
    /// The axis along which the operands follow one another. As in Keras the batch is axis 0, so
    /// a sample's first dimension is 1, and negative axes count from the end; −1 is the default.
    #[option(default = -1)]
    axis: isize,
}

impl ConcatenateOptions {
    /// The dimension of a sample that is meant, from 0; none if it is the batch or out of range.
    const fn dimension(&self, rank: usize) -> Option<usize> {
        let axes = rank as isize + 1;
        let axis = if self.axis < 0 { self.axis + axes } else { self.axis };
        if axis >= 1 && axis < axes { Some(axis as usize - 1) } else { None }
    }

    /// "`concatenate(x, y, axis = 1)`", with the axis where it is not the default.
    const fn call(&self, wires: &[Wire]) -> Text {
        if self.axis == Self::DEFAULT.axis {
            return call::<Concatenate>(wires, ")`");
        }
        let text = call::<Concatenate>(wires, ", axis = ").and(if self.axis < 0 { "-" } else { "" });
        text.number(self.axis.unsigned_abs()).and(")`")
    }

    /// What is wrong with the axis, for operands like this one.
    const fn mistake(&self, wires: &[Wire]) -> Text {
        let (first, rank) = (&wires[0], wires[0].shape.rank());
        if self.axis == 0 || self.axis == -(rank as isize) - 1 {
            let text = self.call(wires).and(": axis 0 is the batch, which cannot be concatenated");
            return text.and("; a sample's first dimension is axis 1");
        }
        let text = self.call(wires).and(": `").and(first.name).and("` is ").shape(&first.shape);
        let text = text.and(", so its axes are 1 to ").number(rank).and(", or -").number(rank).and(" to -1");
        text.and(", with the batch as axis 0")
    }
}

merge!(Concatenate, output);

const fn output(wires: &[Wire], options: &ConcatenateOptions) -> Output {
    if wires.is_empty() {
        return wrong(Shape::SCALAR, options.call(wires).and(" needs operands"));
    }
    let first = wires[0].shape;
    if let Some(wrong) = unless_dimensions::<Concatenate>(wires, first, options.call(wires)) {
        return wrong;
    }
    let Some(axis) = options.dimension(first.rank()) else {
        return wrong_option(first, "axis", options.mistake(wires));
    };
    let (mut joined, mut odd, mut i) = (first.dim(axis), 0, 1);
    while i < wires.len() {
        if wires[i].shape.rank() == first.rank() {
            joined = joined.saturating_add(wires[i].shape.dim(axis));
        }
        if odd == 0 && !equal_but(axis, &first, &wires[i].shape) {
            odd = i;
        }
        i += 1;
    }
    let shape = first.with_dim(axis, joined);
    if let Some(wrong) = unless_numbers::<Concatenate>(wires, shape) {
        return wrong;
    }
    if odd == 0 {
        return Output::new(shape);
    }
    let text = options.call(wires).and(if wires[odd].shape.rank() == first.rank() {
        " needs operands that are equal in all dimensions but the one it joins"
    } else {
        " needs operands of as many dimensions"
    });
    wrong(shape, but(text, &wires[0], &wires[odd]))
}

/// Whether both shapes are the same apart from one dimension.
const fn equal_but(axis: usize, first: &Shape, other: &Shape) -> bool {
    first.rank() == other.rank() && first.equals(&other.with_dim(axis, first.dim(axis)))
}

impl Merge for Concatenate {
    const MASKING: Masking = Masking::MakesOfAny;

    fn mask(options: &ConcatenateOptions, x: &[Operand<'_>], mask: &mut [f32]) {
        let Some((first, length)) = x.iter().find_map(|operand| Some((operand, operand.mask?.len()))) else { return };
        if length == mask.len() {
            return any(x, mask);
        }
        // The steps themselves are joined.
        let (rows, axis) = (rows(x, options), axis(x, options));
        let (each, total) = (length / (rows * first.shape.dim(axis)), mask.len() / rows);
        let mut start = 0;
        for operand in x {
            let length = each * operand.shape.dim(axis);
            for (row, mask) in mask.chunks_exact_mut(total).enumerate() {
                let mask = &mut mask[start..start + length];
                match operand.mask {
                    Some(from) => mask.copy_from_slice(&from[row * length..][..length]),
                    None => mask.fill(1.0),
                }
            }
            start += length;
        }
    }

    #[inline]
    fn forward(options: &ConcatenateOptions, x: &[Operand<'_>], y: &mut [f32]) {
        let rows = rows(x, options);
        let (mut start, total) = (0, y.len().checked_div(rows).unwrap_or(0));
        for operand in x {
            let length = operand.numbers.len().checked_div(rows).unwrap_or(0);
            if length > 0 {
                for (from, to) in operand.numbers.chunks_exact(length).zip(y.chunks_exact_mut(total)) {
                    to[start..start + length].copy_from_slice(from);
                }
            }
            start += length;
        }
    }

    #[cfg(feature = "training")]
    fn backward(
        options: &ConcatenateOptions,
        operand: usize,
        x: &[Operand<'_>],
        (_, dy): (&[f32], &[f32]),
        dx: &mut [f32],
        _scratch: &mut [f32],
    ) {
        let rows = rows(x, options);
        let in_row = |numbers: usize| numbers.checked_div(rows).unwrap_or(0);
        let start = in_row(x[..operand].iter().map(|operand| operand.numbers.len()).sum());
        let (length, total) = (in_row(dx.len()), in_row(dy.len()));
        if length > 0 {
            for (from, to) in dy.chunks_exact(total).zip(dx.chunks_exact_mut(length)) {
                to.copy_from_slice(&from[start..start + length]);
            }
        }
    }
}

/// How many pieces each operand is cut into, which the output has in turns: all that comes before the axis counts as
/// rows.
#[inline]
fn rows(x: &[Operand<'_>], options: &ConcatenateOptions) -> usize {
    x[0].shape.dimensions()[..axis(x, options)].iter().product::<usize>() * x[0].samples
}

/// The dimension that is joined.
#[inline]
fn axis(x: &[Operand<'_>], options: &ConcatenateOptions) -> usize {
    options.dimension(x[0].shape.rank()).expect("the compiler checked the axis")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, check_with, says_of_ids, wires};
    use crate::shape::Tensor;

    const DEFAULT: ConcatenateOptions = ConcatenateOptions::DEFAULT;

    /// The option that is to blame, and the sentence.
    fn says(shapes: &[&[usize]], options: ConcatenateOptions) -> String {
        let mistake = output(&wires(shapes), &options).mistake.unwrap();
        format!("{:?} {}", mistake.option, mistake.takes.as_str())
    }

    #[test]
    fn the_joined_dimensions_add_up() {
        let output = |shapes: &[&[usize]], options| output(&wires(shapes), &options);
        assert_eq!(output(&[&[4], &[3], &[1]], DEFAULT).shape, Shape::new(&[8]));
        assert_eq!(output(&[&[2, 4], &[2, 3]], DEFAULT).shape, Shape::new(&[2, 7]));
        assert_eq!(output(&[&[2, 4], &[3, 4]], DEFAULT.axis(1)).shape, Shape::new(&[5, 4]));
        assert_eq!(output(&[&[2, 4], &[3, 4]], DEFAULT.axis(-2)).shape, Shape::new(&[5, 4]));
        assert!(output(&[&[2, 4], &[2, 3]], DEFAULT.axis(2)).mistake.is_none());
    }

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Concatenate>(&[&[4], &[2], &[1]], |x| x.concat());
        check_with::<Concatenate>(DEFAULT.axis(1), &[&[1, 2], &[2, 2]], |x| x.concat());
        check::<Concatenate>(&[&[2, 2], &[2, 1]], |x| vec![x[0][0], x[0][1], x[1][0], x[0][2], x[0][3], x[1][1]]);
    }

    /// The mask of two samples of two wires, the first without a mask or with one.
    fn masks<const OUT: usize>(axis: isize, first: Option<&[f32]>, second: Option<&[f32]>) -> [f32; OUT] {
        let numbers = [0.0; 12];
        let wire = |mask| Operand { mask, ..Operand::of(<[[f32; 2]; 3]>::rows(&numbers)) };
        let mut mask = [f32::NAN; OUT];
        Concatenate::mask(&DEFAULT.axis(axis), &[wire(first), wire(second)], &mut mask);
        mask
    }

    #[test]
    fn masks_are_joined_with_the_steps_or_count_where_one_does() {
        let (a, b) = ([1.0, 0.0, 0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(masks(2, Some(&a), Some(&b)), [1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
        assert_eq!(masks(2, None, Some(&b)), [1.0; 6]);
        let both = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0];
        assert_eq!(masks(1, Some(&a), Some(&b)), both);
        assert_eq!(masks(1, Some(&a), None), [1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn where_operands_do_not_fit_the_likely_shape_goes_on() {
        assert_eq!(output(&wires(&[&[2, 4], &[3, 4]]), &DEFAULT).shape, Shape::new(&[2, 8]));
        assert_eq!(output(&wires(&[&[4], &[3, 4]]), &DEFAULT).shape, Shape::new(&[4]));
        assert_eq!(output(&wires(&[&[usize::MAX], &[2]]), &DEFAULT).shape, Shape::new(&[usize::MAX]));
    }

    #[test]
    fn other_dimensions_must_be_equal() {
        assert_eq!(
            says(&[&[2, 4], &[2, 4], &[3, 4]], DEFAULT),
            "None `concatenate(x, y, z)` needs operands that are equal in all dimensions but the one it joins, \
             but `x` is [2, 4] and `z` is [3, 4]"
        );
        assert_eq!(
            says(&[&[4], &[3, 4]], DEFAULT),
            "None `concatenate(x, y)` needs operands of as many dimensions, but `x` is [4] and `y` is [3, 4]"
        );
    }

    #[test]
    fn a_single_number_has_no_dimension_to_join() {
        assert_eq!(
            says(&[&[4], &[]], DEFAULT),
            "None `concatenate(x, y)` needs operands of at least one dimension, but `y` is a single number; \
             declare the input as `[f32; 1]`, or put `Reshape([1])` before it"
        );
    }

    #[test]
    fn the_axis_counts_the_batch() {
        let batch = "axis 0 is the batch, which cannot be concatenated; a sample's first dimension is axis 1";
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axis(0)),
            format!("Some(\"axis\") `concatenate(x, y, axis = 0)`: {batch}")
        );
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axis(-2)),
            format!("Some(\"axis\") `concatenate(x, y, axis = -2)`: {batch}")
        );
        assert_eq!(
            says(&[&[4, 5], &[4, 5]], DEFAULT.axis(3)),
            "Some(\"axis\") `concatenate(x, y, axis = 3)`: `x` is [4, 5], so its axes are 1 to 2, or -2 to -1, \
             with the batch as axis 0"
        );
    }

    #[test]
    fn ids_are_no_numbers() {
        let sentence = says_of_ids(output, 0).unwrap();
        assert!(sentence.ends_with("`x` carries `u32` ids; put `Embedding` before it"), "{sentence}");
    }
}
