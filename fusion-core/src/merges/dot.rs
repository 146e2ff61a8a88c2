//! The product of two wires along an axis.

use super::{Merge, MergeFit, but, call, unless_numbers};
use crate::site::Part;
use crate::{Shape, Text};

/// y = Σ x₀ · x₁ along an axis of each: Keras's `layers.Dot`.
///
/// The output has the other dimensions of the first operand and then those of the second: `[5]` and `[5]` give `[1]`,
/// `[3, 5]` and `[4, 5]` give `[3, 4]` along their last axes. With `normalize = true` each vector is first divided by
/// its length, which makes the product the cosine of the angle; a vector shorter than 10⁻⁷ is multiplied by 10⁷.
///
/// ```
/// use fusion_core::Shape;
/// use fusion_core::merges::{Dot, Merge};
/// let options = Dot::DEFAULT.axes(1).normalize(true); // `dot(x, y, axes = 1, normalize = true)` in `model!`
/// let (shapes, mut cosine) = ([Shape::new(&[2]); 2], [0.0]);
/// Dot::forward(&options, &[&[2.0, 0.0], &[3.0, 4.0]], &shapes, &mut cosine, 1);
/// assert_eq!(cosine, [0.6]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Dot;

/// The options of [`Dot`]: `dot(x, y, axes = 1, normalize = true)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DotOptions {
    axes: [isize; 2],
    /// The option that gave them.
    given_as: &'static str,
    normalize: bool,
}

impl DotOptions {
    /// The axis of both operands along which products are added up. As in Keras the batch is axis 0, so a sample's
    /// first dimension is 1, and negative axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axes(mut self, axes: isize) -> Self {
        self.axes = [axes, axes];
        self.given_as = "axes";
        self
    }

    /// An axis for each operand, Keras's `axes=(2, 1)`.
    #[must_use]
    pub const fn axes_of_each(mut self, axes: [isize; 2]) -> Self {
        self.axes = axes;
        self.given_as = "axes_of_each";
        self
    }

    /// Whether each vector is first divided by its length; `false` by default.
    #[must_use]
    pub const fn normalize(mut self, normalize: bool) -> Self {
        self.normalize = normalize;
        self
    }

    /// The dimension of an operand's sample that is meant, from 0; none if it is the batch or out of range.
    const fn dimension(&self, operand: usize, rank: usize) -> Option<usize> {
        let axes = rank as isize + 1;
        let axis = if self.axes[operand] < 0 { self.axes[operand] + axes } else { self.axes[operand] };
        if axis >= 1 && axis < axes { Some(axis as usize - 1) } else { None }
    }

    /// What is wrong with the axis of an operand.
    const fn mistake(&self, parts: &[Part], operand: usize) -> Text {
        let (axis, part) = (self.axes[operand], &parts[operand]);
        let rank = part.shape.rank;
        let text = call(Dot::NAME, parts, ", ").and(self.given_as).and(" = ");
        let text = match self.given_as.as_bytes() {
            b"axes" => signed(text, axis),
            _ => signed(signed(text.and("["), self.axes[0]).and(", "), self.axes[1]).and("]"),
        };
        let text = text.and(")`: ");
        if axis == 0 || axis == -(rank as isize) - 1 {
            return text.and("axis 0 is the batch, which is not added up; a sample's first dimension is axis 1");
        }
        let text = text.and("`").and(part.name).and("` is ").shape(&part.shape);
        let text = text.and(", so its axes are 1 to ").number(rank).and(", or -").number(rank).and(" to -1");
        text.and(", with the batch as axis 0")
    }
}

const fn signed(text: Text, number: isize) -> Text {
    text.and(if number < 0 { "-" } else { "" }).number(number.unsigned_abs())
}

impl Dot {
    /// What comes out of these operands, or what is wrong with them.
    #[must_use]
    pub const fn fit(parts: &[Part], options: DotOptions) -> MergeFit {
        const ONE: Shape = Shape::new(&[1]);
        if parts.len() != 2 {
            let text = call(Self::NAME, parts, ")` takes two operands, but is given ").number(parts.len());
            let odd = if parts.len() > 2 { 2 } else { 0 };
            return MergeFit::wrong(ONE, odd, text);
        }
        if let Some(wrong) = unless_numbers(Self::NAME, parts, ONE) {
            return wrong;
        }
        let (x, y) = (&parts[0].shape, &parts[1].shape);
        let Some(x_axis) = options.dimension(0, x.rank) else {
            return MergeFit::wrong_option(ONE, options.given_as, options.mistake(parts, 0));
        };
        let Some(y_axis) = options.dimension(1, y.rank) else {
            return MergeFit::wrong_option(ONE, options.given_as, options.mistake(parts, 1));
        };
        let rank = x.rank + y.rank - 2;
        if rank > Shape::MAXIMUM_RANK {
            let text = call(Self::NAME, parts, ")` of ").shape(x).and(" and ").shape(y).and(" would have ");
            return MergeFit::wrong(ONE, 1, text.number(rank).and(" dimensions; four are the most"));
        }
        let output = others(y, y_axis, others(x, x_axis, Shape::new(&[])));
        let output = if rank == 0 { ONE } else { output };
        if x.dims[x_axis] == y.dims[y_axis] {
            return MergeFit::new(output);
        }
        let text = call(Self::NAME, parts, ")` multiplies axis ").number(x_axis + 1).and(" of `").and(parts[0].name);
        let text = text.and("` with axis ").number(y_axis + 1).and(" of `").and(parts[1].name);
        MergeFit::wrong(output, 1, but(text.and("`, which must be equal"), &parts[0], &parts[1]))
    }
}

/// Adds all dimensions but one.
const fn others(shape: &Shape, axis: usize, mut output: Shape) -> Shape {
    let mut i = 0;
    while i < shape.rank {
        if i != axis {
            output.dims[output.rank] = shape.dims[i];
            output.rank += 1;
        }
        i += 1;
    }
    output
}

impl Merge for Dot {
    type Options = DotOptions;
    const DEFAULT: DotOptions = DotOptions { axes: [-1, -1], given_as: "axes", normalize: false };
    const CLASS: &'static str = "Dot";
    const NAME: &'static str = "dot";
    const SIGN: &'static str = ", ";

    fn forward(options: &DotOptions, operands: &[&[f32]], shapes: &[Shape], output: &mut [f32], samples: usize) {
        let [x, y] = [0, 1].map(|operand| Vectors::of(options, operand, operands, shapes));
        let length = x.count * y.count;
        for sample in 0..samples {
            for (index, output) in output[sample * length..][..length].iter_mut().enumerate() {
                let (x, y) = (x.get(sample, index / y.count), y.get(sample, index % y.count));
                let sum: f64 = x.values().zip(y.values()).map(|(x, y)| x * y).sum();
                *output = (sum * x.factor() * y.factor()) as f32;
            }
        }
    }

    fn backward(
        options: &DotOptions,
        operand: usize,
        operands: &[&[f32]],
        shapes: &[Shape],
        _output: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        samples: usize,
    ) {
        let this = Vectors::of(options, operand, operands, shapes);
        let other = Vectors::of(options, 1 - operand, operands, shapes);
        // From one vector of the other operand to the next, and of this one, in the output.
        let (step, own_step) = if operand == 0 { (1, other.count) } else { (this.count, 1) };
        dx.fill(0.0);
        for sample in 0..samples {
            let dy = &dy[sample * this.count * other.count..];
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
    fn of(options: &DotOptions, operand: usize, operands: &[&'a [f32]], shapes: &[Shape]) -> Self {
        let dimensions = shapes[operand].dimensions();
        let axis = options.dimension(operand, dimensions.len()).expect("the compiler checked the axis");
        let (length, stride) = (dimensions[axis], dimensions[axis + 1..].iter().product());
        let count = dimensions[..axis].iter().product::<usize>() * stride;
        Self { numbers: operands[operand], count, length, stride, normalize: options.normalize }
    }

    fn start(&self, sample: usize, index: usize) -> usize {
        let (outer, inner) = (index / self.stride, index % self.stride);
        (sample * self.count / self.stride + outer) * self.length * self.stride + inner
    }

    fn get(&self, sample: usize, index: usize) -> Vector<'_> {
        Vector { vectors: self, start: self.start(sample, index) }
    }

    /// Where the numbers of a vector lie.
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
    use crate::merges::testing::{check, check_with, parts, says_of_ids};

    const DEFAULT: DotOptions = Dot::DEFAULT;

    fn says(shapes: &[&[usize]], options: DotOptions) -> String {
        let fit = Dot::fit(&parts(shapes), options);
        format!("{} {:?} {}", fit.operand, fit.option, fit.mistake.unwrap().as_str())
    }

    #[test]
    fn the_other_dimensions_are_left() {
        let output = |shapes: &[&[usize]], options| {
            let fit = Dot::fit(&parts(shapes), options);
            assert!(fit.mistake.is_none());
            fit.output
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
        let (shapes, mut output, mut dx) = ([Shape::new(&[2]); 2], [9.0], [9.0; 2]);
        Dot::forward(&options, &[&x, &y], &shapes, &mut output, 1);
        Dot::backward(&options, 0, &[&x, &y], &shapes, &output, &[1.0], &mut dx, 1);
        assert_eq!((output, dx), ([0.0], [6e6, 8e6]));
    }

    #[test]
    fn the_summed_dimensions_must_be_equal() {
        assert_eq!(
            says(&[&[4], &[3]], DEFAULT.axes(1)),
            "1 None `dot(x, y)` multiplies axis 1 of `x` with axis 1 of `y`, which must be equal, but `x` is [4] and \
             `y` is [3]"
        );
        assert_eq!(
            says(&[&[4, 2, 3], &[5, 6, 7, 3]], DEFAULT),
            "1 None `dot(x, y)` of [4, 2, 3] and [5, 6, 7, 3] would have 5 dimensions; four are the most"
        );
        assert_eq!(says(&[&[3], &[3], &[3]], DEFAULT), "2 None `dot(x, y, z)` takes two operands, but is given 3");
    }

    #[test]
    fn the_axis_counts_the_batch() {
        let batch = "axis 0 is the batch, which is not added up; a sample's first dimension is axis 1";
        assert_eq!(says(&[&[4], &[4]], DEFAULT.axes(0)), format!("0 Some(\"axes\") `dot(x, y, axes = 0)`: {batch}"));
        assert_eq!(
            says(&[&[4], &[4]], DEFAULT.axes_of_each([1, -2])),
            format!("0 Some(\"axes_of_each\") `dot(x, y, axes_of_each = [1, -2])`: {batch}")
        );
        assert_eq!(
            says(&[&[4, 5], &[4]], DEFAULT.axes(2)),
            "0 Some(\"axes\") `dot(x, y, axes = 2)`: `y` is [4], so its axes are 1 to 1, or -1 to -1, with the batch \
             as axis 0"
        );
    }

    #[test]
    fn ids_are_no_numbers() {
        let (operand, sentence) = says_of_ids(|parts, _| Dot::fit(parts, DEFAULT), 1).unwrap();
        assert_eq!(operand, 1);
        assert!(sentence.ends_with("`y` carries `u32` ids; put `Embedding` before it"), "{sentence}");
    }
}
