//! The product of two wires along an axis.

use core::fmt;

use super::{Merge, but, call, merge, unless_dimensions, unless_numbers, wrong, wrong_option};
use crate::layer::{Masking, Operand, Output, Wire};
use crate::shape::{Shape, Text};

/// y = Σ x₀ · x₁ along an axis of each: Keras's `layers.Dot`.
///
/// The output has the other dimensions of the first operand and then those of the second: `[5]` and `[5]` give `[1]`,
/// `[3, 5]` and `[4, 5]` give `[3, 4]` along their last axes. With `normalize = true` each vector is first divided by
/// its length, which makes the product the cosine of the angle; a vector shorter than 10⁻⁷ is multiplied by 10⁷.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Operand, Several, Wire, Wires};
/// use fusion::layers::{Dot, DotOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Both;
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<[f32; 2]>("x"), Wire::of::<[f32; 2]>("y")];
/// }
/// struct Cosine; // `dot(x, y, axes = 1, normalize = true)` in `model!`
/// impl OptionsOf<Dot> for Cosine {
///     const VALUE: DotOptions = DotOptions::DEFAULT.axes(1).normalize(true);
/// }
/// let (operands, mut cosine) = ([Operand::of(&[[2.0, 0.0]]), Operand::of(&[[3.0, 4.0]])], [[0.0]]);
/// Layer::<Several<Both, 2>, Cosine>::forward(&Dot, &mut Forward::new(&mut [], &mut []), &operands, &mut cosine);
/// assert_eq!(cosine, [[0.6]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = DotOptions)]
pub struct Dot;

/// The options of [`Dot`]: `dot(x, y, axes = 1, normalize = true)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct DotOptions {
    #[option(default = Axes { of_each: [-1, -1], given_as: "axes" }, by_hand)]
    axes: Axes,
    /// Whether each vector is first divided by its length; `false` by default.
    #[option(default = false)]
    normalize: bool,
}

/// The axis of each operand, and the option that gave them.
#[derive(Clone, Copy)]
struct Axes {
    of_each: [isize; 2],
    given_as: &'static str,
}

// How they were given does not count.
impl PartialEq for Axes {
    fn eq(&self, other: &Self) -> bool {
        self.of_each == other.of_each
    }
}

impl fmt::Debug for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of_each.fmt(f)
    }
}

impl DotOptions {
    /// The axis of both operands along which products are added up. As in Keras the batch is axis 0, so a sample's
    /// first dimension is 1, and negative axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axes(mut self, axes: isize) -> Self {
        self.axes = Axes { of_each: [axes, axes], given_as: "axes" };
        self
    }

    /// An axis for each operand, Keras's `axes=(2, 1)`.
    #[must_use]
    pub const fn axes_of_each(mut self, axes: [isize; 2]) -> Self {
        self.axes = Axes { of_each: axes, given_as: "axes_of_each" };
        self
    }
}

impl Axes {
    /// The dimension of an operand's sample that is meant, from 0; none if it is the batch or out of range.
    const fn dimension(&self, operand: usize, rank: usize) -> Option<usize> {
        let (given, axes) = (self.of_each[operand], rank as isize + 1);
        let axis = if given < 0 { given + axes } else { given };
        if axis >= 1 && axis < axes { Some(axis as usize - 1) } else { None }
    }

    /// What is wrong with the axis of an operand.
    const fn mistake(&self, wires: &[Wire], operand: usize) -> Text {
        let (axes, wire) = (self.of_each, &wires[operand]);
        let rank = wire.shape.rank();
        let text = call::<Dot>(wires, ", ").and(self.given_as).and(" = ");
        let text = match self.given_as.as_bytes() {
            b"axes" => signed(text, axes[operand]),
            _ => signed(signed(text.and("["), axes[0]).and(", "), axes[1]).and("]"),
        };
        let text = text.and(")`: ");
        if axes[operand] == 0 || axes[operand] == -(rank as isize) - 1 {
            return text.and("axis 0 is the batch, which is not added up; a sample's first dimension is axis 1");
        }
        let text = text.and("`").and(wire.name).and("` is ").shape(&wire.shape);
        let text = text.and(", so its axes are 1 to ").number(rank).and(", or -").number(rank).and(" to -1");
        text.and(", with the batch as axis 0")
    }
}

const fn signed(text: Text, number: isize) -> Text {
    text.and(if number < 0 { "-" } else { "" }).number(number.unsigned_abs())
}

merge!(Dot, output);

const fn output(wires: &[Wire], options: &DotOptions) -> Output {
    const ONE: Shape = Shape::new(&[1]);
    if wires.len() != 2 {
        return wrong(ONE, call::<Dot>(wires, ")` takes two operands, but is given ").number(wires.len()));
    }
    if let Some(wrong) = unless_numbers::<Dot>(wires, ONE) {
        return wrong;
    }
    if let Some(wrong) = unless_dimensions::<Dot>(wires, ONE, call::<Dot>(wires, ")`")) {
        return wrong;
    }
    let (x, y, axes) = (&wires[0].shape, &wires[1].shape, &options.axes);
    let Some(x_axis) = axes.dimension(0, x.rank()) else {
        return wrong_option(ONE, axes.given_as, axes.mistake(wires, 0));
    };
    let Some(y_axis) = axes.dimension(1, y.rank()) else {
        return wrong_option(ONE, axes.given_as, axes.mistake(wires, 1));
    };
    let Some(shape) = others(x, x_axis, y, y_axis) else {
        let text = call::<Dot>(wires, ")` of ").shape(x).and(" and ").shape(y).and(" would have ");
        return wrong(ONE, text.number(x.rank() + y.rank() - 2).and(" dimensions; six are the most"));
    };
    let shape = if shape.rank() == 0 { ONE } else { shape };
    if x.dim(x_axis) == y.dim(y_axis) {
        return Output::new(shape);
    }
    let text = call::<Dot>(wires, ")` multiplies axis ").number(x_axis + 1).and(" of `").and(wires[0].name);
    let text = text.and("` with axis ").number(y_axis + 1).and(" of `").and(wires[1].name);
    wrong(shape, but(text.and("`, which must be equal"), &wires[0], &wires[1]))
}

/// The dimensions of both but for one of each; none where there are too many.
const fn others(x: &Shape, x_axis: usize, y: &Shape, y_axis: usize) -> Option<Shape> {
    let (mut shape, mut i) = (Shape::SCALAR, 0);
    while i < x.rank() + y.rank() {
        let (of, axis, index) = if i < x.rank() { (x, x_axis, i) } else { (y, y_axis, i - x.rank()) };
        if index != axis {
            shape = match shape.append(of.dim(index)) {
                Some(shape) => shape,
                None => return None,
            };
        }
        i += 1;
    }
    Some(shape)
}

impl Merge for Dot {
    /// Keras drops them, and says nothing of it.
    const MASKING: Masking = Masking::Heeds;

    fn forward(options: &DotOptions, x: &[Operand<'_>], y: &mut [f32]) {
        let [a, b] = [0, 1].map(|operand| Vectors::of(options, operand, x));
        for (sample, y) in y.chunks_exact_mut((a.count * b.count).max(1)).enumerate() {
            for (index, y) in y.iter_mut().enumerate() {
                let (a, b) = (a.get(sample, index / b.count), b.get(sample, index % b.count));
                let sum: f64 = a.values().zip(b.values()).map(|(a, b)| a * b).sum();
                *y = (sum * a.factor() * b.factor()) as f32;
            }
        }
    }

    #[cfg(feature = "training")]
    fn backward(
        options: &DotOptions,
        operand: usize,
        x: &[Operand<'_>],
        (_, dy): (&[f32], &[f32]),
        dx: &mut [f32],
        _scratch: &mut [f32],
    ) {
        let this = Vectors::of(options, operand, x);
        let other = Vectors::of(options, 1 - operand, x);
        // From one vector of the other operand to the next, and of this one, in the output.
        let (step, own_step) = if operand == 0 { (1, other.count) } else { (this.count, 1) };
        dx.fill(0.0);
        for (sample, dy) in dy.chunks_exact((this.count * other.count).max(1)).enumerate() {
            for index in 0..this.count {
                let dy = dy[index * own_step..].iter().step_by(step);
                for (other_index, dy) in dy.take(other.count).enumerate() {
                    let other = other.get(sample, other_index);
                    let scale = f64::from(*dy) * other.factor();
                    this.places(sample, index)
                        .zip(other.values())
                        .for_each(|(place, x)| dx[place] += (scale * x) as f32);
                }
                if options.normalize {
                    through_length(&this, sample, index, dx);
                }
            }
        }
    }
}

/// From the gradient of a vector divided by its length to that of the vector.
#[cfg(feature = "training")]
fn through_length(vectors: &Vectors<'_>, sample: usize, index: usize, dx: &mut [f32]) {
    let vector = vectors.get(sample, index);
    let factor = vector.factor();
    let along: f64 =
        vectors.places(sample, index).zip(vector.values()).map(|(place, x)| f64::from(dx[place]) * x).sum();
    // The factor of a vector shorter than 10⁻⁷ is a constant.
    let along = if factor < LARGEST_FACTOR { along * factor * factor } else { 0.0 };
    for (place, x) in vectors.places(sample, index).zip(vector.values()) {
        dx[place] = (factor * (f64::from(dx[place]) - along * x)) as f32;
    }
}

/// 1 / Keras's `backend.epsilon()`.
const LARGEST_FACTOR: f64 = 1e7;

/// The vectors of an operand along its axis.
struct Vectors<'a> {
    numbers: &'a [f32],
    /// How many a sample has.
    count: usize,
    length: usize,
    /// From one number of a vector to the next.
    stride: usize,
    normalize: bool,
}

/// One of them.
struct Vector<'a> {
    vectors: &'a Vectors<'a>,
    start: usize,
}

impl<'a> Vectors<'a> {
    fn of(options: &DotOptions, operand: usize, x: &[Operand<'a>]) -> Self {
        let dimensions = x[operand].shape.dimensions();
        let axis = options.axes.dimension(operand, dimensions.len()).expect("the compiler checked the axis");
        let (length, stride) = (dimensions[axis], dimensions[axis + 1..].iter().product());
        let count = dimensions[..axis].iter().product::<usize>() * stride;
        Self { numbers: x[operand].numbers, count, length, stride, normalize: options.normalize }
    }

    fn start(&self, sample: usize, index: usize) -> usize {
        let (outer, inner) = (index / self.stride, index % self.stride);
        (sample * self.count / self.stride + outer) * self.length * self.stride + inner
    }

    fn get(&self, sample: usize, index: usize) -> Vector<'_> {
        Vector { vectors: self, start: self.start(sample, index) }
    }

    /// Where the numbers of a vector lie.
    #[cfg(feature = "training")]
    fn places(&self, sample: usize, index: usize) -> impl Iterator<Item = usize> {
        let (start, stride) = (self.start(sample, index), self.stride);
        (0..self.length).map(move |i| start + i * stride)
    }
}

impl Vector<'_> {
    fn values(&self) -> impl Iterator<Item = f64> {
        let Vectors { numbers, length, stride, .. } = *self.vectors;
        (0..length).map(move |i| f64::from(numbers[self.start + i * stride]))
    }

    /// What the vector is multiplied by.
    fn factor(&self) -> f64 {
        if !self.vectors.normalize {
            return 1.0;
        }
        let square: f64 = self.values().map(|x| x * x).sum();
        (1.0 / libm::sqrt(square)).min(LARGEST_FACTOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, check_with, pair, says_of_ids, wires};
    use crate::weights::Options;

    const DEFAULT: DotOptions = DotOptions::DEFAULT;

    /// The option that is to blame, and the sentence.
    fn says(shapes: &[&[usize]], options: DotOptions) -> String {
        let mistake = output(&wires(shapes), &options).mistake.unwrap();
        format!("{:?} {}", mistake.option, mistake.takes.as_str())
    }

    #[test]
    fn a_single_number_has_no_axis() {
        let sentence = output(&wires(&[&[], &[4]]), &DotOptions::DEFAULT).mistake.unwrap().takes;
        assert_eq!(
            sentence.as_str(),
            "`dot(x, y)` needs operands of at least one dimension, but `x` is a single number; \
             declare the input as `[f32; 1]`, or put `Reshape([1])` before it"
        );
    }

    #[test]
    fn the_other_dimensions_are_left() {
        let output = |shapes: &[&[usize]], options| {
            let output = output(&wires(shapes), &options);
            assert!(output.mistake.is_none());
            output.shape
        };
        assert_eq!(output(&[&[5], &[5]], DEFAULT.axes(1)), Shape::new(&[1]));
        assert_eq!(output(&[&[3, 5], &[4, 5]], DEFAULT.axes(2)), Shape::new(&[3, 4]));
        assert_eq!(output(&[&[3, 5], &[3, 4]], DEFAULT.axes(1)), Shape::new(&[5, 4]));
        assert_eq!(output(&[&[3, 5], &[5]], DEFAULT), Shape::new(&[3]));
        assert_eq!(output(&[&[3, 5], &[5, 4]], DEFAULT.axes_of_each([2, 1])), Shape::new(&[3, 4]));
    }

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        let dot = |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
        let unit = move |x: &[f64]| -> Vec<f64> { x.iter().map(|v| v / dot(x, x).sqrt()).collect() };
        check_with::<Dot>(DEFAULT.axes(1), &[&[5], &[5]], |x| vec![dot(&x[0], &x[1])]);
        check_with::<Dot>(DEFAULT.normalize(true), &[&[5], &[5]], |x| vec![dot(&unit(&x[0]), &unit(&x[1]))]);
        check::<Dot>(&[&[2, 3], &[4, 3]], |x| {
            x[0].chunks(3).flat_map(|a| x[1].chunks(3).map(move |b| dot(a, b))).collect()
        });
        let column =
            |x: &[f64], columns: usize, c: usize| -> Vec<f64> { x[c..].iter().step_by(columns).copied().collect() };
        check_with::<Dot>(DEFAULT.axes_of_each([2, 1]).normalize(true), &[&[2, 3], &[3, 2]], move |x| {
            let y: Vec<_> = (0..2).map(|c| unit(&column(&x[1], 2, c))).collect();
            x[0].chunks(3).flat_map(|a| y.iter().map(move |b| dot(&unit(a), b)).collect::<Vec<_>>()).collect()
        });
        check_with::<Dot>(DEFAULT.axes(2), &[&[2, 3, 2], &[2, 3]], move |x| {
            let at = |i: usize, k: usize| column(&x[0][6 * i..6 * i + 6], 2, k);
            let pairs = (0..4).flat_map(|p| (0..2).map(move |j| (p, j)));
            pairs.map(|(p, j)| dot(&at(p / 2, p % 2), &x[1][3 * j..3 * j + 3])).collect()
        });
    }

    #[test]
    fn a_vector_of_zeros_has_no_direction() {
        let (x, y, options) = ([0.0_f32, 0.0], [3.0_f32, 4.0], DEFAULT.normalize(true));
        let (operands, mut output, mut dx) = ([pair(&x), pair(&y)], [9.0], [9.0; 2]);
        Dot::forward(&options, &operands, &mut output);
        Dot::backward(&options, 0, &operands, (&output, &[1.0]), &mut dx, &mut []);
        assert_eq!((output, dx), ([0.0], [6e6, 8e6]));
    }

    #[test]
    fn the_summed_dimensions_must_be_equal() {
        assert_eq!(
            says(&[&[4], &[3]], DEFAULT.axes(1)),
            "None `dot(x, y)` multiplies axis 1 of `x` with axis 1 of `y`, which must be equal, but `x` is [4] and \
             `y` is [3]"
        );
        assert_eq!(
            says(&[&[4, 2, 1, 3], &[5, 6, 7, 1, 3]], DEFAULT),
            "None `dot(x, y)` of [4, 2, 1, 3] and [5, 6, 7, 1, 3] would have 7 dimensions; six are the most"
        );
        assert_eq!(says(&[&[3], &[3], &[3]], DEFAULT), "None `dot(x, y, z)` takes two operands, but is given 3");
    }

    #[test]
    fn the_axis_counts_the_batch() {
        let batch = "axis 0 is the batch, which is not added up; a sample's first dimension is axis 1";
        assert_eq!(says(&[&[4], &[4]], DEFAULT.axes(0)), format!("Some(\"axes\") `dot(x, y, axes = 0)`: {batch}"));
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axes_of_each([1, -2])),
            format!("Some(\"axes_of_each\") `dot(x, y, axes_of_each = [1, -2])`: {batch}")
        );
        assert_eq!(
            says(&[&[4, 5], &[4]], DEFAULT.axes(2)),
            "Some(\"axes\") `dot(x, y, axes = 2)`: `y` is [4], so its axes are 1 to 1, or -1 to -1, with the batch \
             as axis 0"
        );
    }

    #[test]
    fn axes_are_the_same_however_they_are_given() {
        let mut text = String::new();
        DEFAULT.axes_of_each([-1, -1]).write_changes(&mut text).unwrap();
        assert_eq!(text, "");
        DEFAULT.axes_of_each([2, 1]).write_changes(&mut text).unwrap();
        assert_eq!(text, "axes=[2, 1] ");
    }

    #[test]
    fn ids_are_no_numbers() {
        let sentence = says_of_ids(output, 1).unwrap();
        assert!(sentence.ends_with("`y` carries `u32` ids; put `Embedding` before it"), "{sentence}");
    }
}
