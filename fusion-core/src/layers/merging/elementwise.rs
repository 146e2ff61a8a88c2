//! Merges that work at each place alone, and stretch dimensions of 1.

use super::{Merge, but, call, unless_numbers, wrong};
use crate::kernels::{Beside, Moves};
use crate::layer::{Floats, Needs, Operand, Output, Wire};
use crate::layers::rearranging::{self, behind_ones};
use crate::shape::{Shape, Text};
use crate::weights::Configured;

/// The formula of a merge at each place.
pub(super) trait Elementwise: Configured {
    /// Writes the whole of `y`, where the operands are stretched to its shape.
    fn forward(x: &Stretched<'_>, y: &mut [f32]);

    /// Turns the gradient with respect to `y` into that with respect to the operand of this index, as stretched.
    #[cfg(feature = "training")]
    fn backward(operand: usize, x: &Stretched<'_>, y: &[f32], gradient: &mut [f32]);
}

impl<M: Elementwise> Merge for M {
    fn forward(_options: &M::Options, x: &[Operand<'_>], y: &mut [f32]) {
        <M as Elementwise>::forward(&Stretched::new(x), y);
    }

    #[cfg(feature = "training")]
    fn backward(
        _options: &M::Options,
        operand: usize,
        x: &[Operand<'_>],
        (y, dy): (&[f32], &[f32]),
        dx: &mut [f32],
        scratch: &mut [f32],
    ) {
        let stretched = Stretched::new(x);
        if x[operand].shape.length() == stretched.output.length() {
            dx.copy_from_slice(dy);
            <M as Elementwise>::backward(operand, &stretched, y, dx);
            return;
        }
        let gradient = &mut scratch[..dy.len()];
        gradient.copy_from_slice(dy);
        <M as Elementwise>::backward(operand, &stretched, y, gradient);
        stretched.moves(operand).back().apply(gradient, dx);
    }
}

/// What comes out of a merge of numbers: their shape, in which dimensions of 1 are stretched to those of the others.
///
/// An operand of fewer dimensions has 1s in front of them, as in Keras, whose layers put them behind the batch.
pub(super) const fn stretched<M: Configured>(wires: &[Wire], _options: &M::Options) -> Output {
    if wires.is_empty() {
        return wrong(Shape::SCALAR, call::<M>(wires, ")`").and(" needs operands"));
    }
    let shape = joined(wires);
    if let Some(wrong) = unless_numbers::<M>(wires, shape) {
        return wrong;
    }
    let mut i = 1;
    while i < wires.len() {
        let mut before = 0;
        while before < i {
            if let Some(wrong) = unless_together::<M>(wires, before, i, shape) {
                return wrong;
            }
            before += 1;
        }
        i += 1;
    }
    Output::new(shape)
}

/// The shape to which operands that go together are stretched.
const fn joined(wires: &[Wire]) -> Shape {
    let (mut shape, mut i) = (wires[0].shape, 1);
    while i < wires.len() {
        let other = wires[i].shape;
        let (larger, smaller) = if other.rank() > shape.rank() { (other, shape) } else { (shape, other) };
        shape = larger;
        let mut axis = 0;
        while axis < shape.rank() {
            if shape.dim(axis) == 1 {
                shape = shape.with_dim(axis, behind_ones(&smaller, axis, shape.rank()));
            }
            axis += 1;
        }
        i += 1;
    }
    shape
}

/// The mistake of two operands of which neither is stretched to the other.
const fn unless_together<M: Configured>(wires: &[Wire], a: usize, b: usize, likely: Shape) -> Option<Output> {
    let (larger, smaller) = if wires[a].shape.rank() < wires[b].shape.rank() { (b, a) } else { (a, b) };
    let (x, y) = (&wires[larger].shape, &wires[smaller].shape);
    let mut axis = 0;
    while axis < x.rank() {
        let (of_x, of_y) = (x.dim(axis), behind_ones(y, axis, x.rank()));
        if of_x != of_y && of_x != 1 && of_y != 1 {
            let text = call::<M>(wires, ")`").and(" needs operands of one shape");
            let text = but(text, &wires[a], &wires[b]);
            return Some(wrong(likely, if x.rank() == y.rank() { text } else { with_ones(text, x, &wires[smaller]) }));
        }
        axis += 1;
    }
    None
}

/// ", where `y` counts as [1, 1, 5]; to lay it along other dimensions, put `Reshape([1, 5, 1])` before it", the latter if
/// there are such dimensions.
const fn with_ones(text: Text, larger: &Shape, smaller: &Wire) -> Text {
    let (rank, shape) = (larger.rank(), &smaller.shape);
    let spare = rank - shape.rank();
    let text = text.and(", where `").and(smaller.name).and("` counts as ").shape(&placed(shape, spare, rank));
    let mut at = spare;
    while at > 0 {
        at -= 1;
        let (mut fits, mut i) = (true, 0);
        while i < shape.rank() {
            fits = fits && larger.dim(at + i) == shape.dim(i);
            i += 1;
        }
        if fits {
            let text = text.and("; to lay it along other dimensions, put `Reshape(").shape(&placed(shape, at, rank));
            return text.and(")` before it");
        }
    }
    text
}

/// A shape among dimensions of 1, of which so many are in front.
const fn placed(shape: &Shape, front: usize, rank: usize) -> Shape {
    let mut placed = Shape::new([1; Shape::MAXIMUM_RANK].split_at(rank).0);
    let mut i = 0;
    while i < shape.rank() {
        placed = placed.with_dim(front + i, shape.dim(i));
        i += 1;
    }
    placed
}

/// The gradient of what is stretched is worked out in the output's shape, and then added up.
pub(super) const fn needs(wires: &[Wire]) -> Needs {
    if wires.is_empty() {
        return Needs::NONE;
    }
    let (length, mut i) = (joined(wires).length(), 0);
    while i < wires.len() {
        if wires[i].shape.length() != length {
            return Needs::NONE.backward_scratch(Floats::per_sample(length));
        }
        i += 1;
    }
    Needs::NONE
}

/// Operands of which dimensions of 1 are stretched to those of the output.
pub(super) struct Stretched<'a> {
    x: &'a [Operand<'a>],
    output: Shape,
}

impl<'a> Stretched<'a> {
    fn new(x: &'a [Operand<'a>]) -> Self {
        let rank = x.iter().map(|operand| operand.shape.rank()).max().unwrap_or(0);
        let mut output = placed(&Shape::SCALAR, 0, rank);
        for axis in 0..rank {
            let most = x.iter().map(|operand| behind_ones(operand.shape, axis, rank)).max();
            output = output.with_dim(axis, most.unwrap_or(1));
        }
        Self { x, output }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.x.len()
    }

    /// Where the numbers of an operand lie in the output.
    fn moves(&self, operand: usize) -> Moves {
        let Operand { shape, samples, .. } = self.x[operand];
        rearranging::stretched(shape, &self.output, samples, shape.length())
    }

    /// Changes each number, of the output's shape, by the one of an operand at its place, and what stands beside it.
    #[inline(always)]
    pub(super) fn join<B: Beside>(
        &self,
        operand: usize,
        values: &mut [f32],
        beside: B,
        change: impl Fn(f32, f32, B::Item) -> f32,
    ) {
        self.moves(operand).join(self.x[operand].numbers, values, beside, change);
    }

    /// Writes the first operand, and then takes in the others one after the other.
    #[inline(always)]
    pub(super) fn fold(&self, y: &mut [f32], join: impl Fn(f32, f32) -> f32) {
        self.moves(0).write(self.x[0].numbers, y);
        (1..self.count()).for_each(|operand| self.join(operand, y, (), |y, x, ()| join(y, x)));
    }

    /// The gradient of a merge that takes one of its operands at each place: the first that equals the output gets all
    /// of it, as in Keras, which compares them in pairs and prefers the earlier.
    #[cfg(feature = "training")]
    pub(super) fn gradient_of_the_taken(&self, operand: usize, y: &[f32], gradient: &mut [f32]) {
        self.join(operand, gradient, y, |gradient, x, y| if x == y { gradient } else { 0.0 });
        for earlier in 0..operand {
            self.join(earlier, gradient, y, |gradient, x, y| if x == y { 0.0 } else { gradient });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, says};
    use crate::layers::{Add, Average, Maximum, Minimum, Multiply, Subtract};
    use crate::weights::Options;

    /// At each place of [4, 2, 3], the operands that are [4, 1, 3], [1, 2, 3] and [1, 1, 1].
    fn at_each_place(x: &[Vec<f64>], value: fn(f64, f64, f64) -> f64) -> Vec<f64> {
        (0..24).map(|at| value(x[0][at / 6 * 3 + at % 3], x[1][at % 6], x[2][0])).collect()
    }

    #[test]
    fn dimensions_of_1_are_stretched() {
        let shapes: &[&[usize]] = &[&[4, 1, 3], &[1, 2, 3], &[1, 1, 1]];
        check::<Add>(shapes, |x| at_each_place(x, |a, b, c| a + b + c));
        check::<Multiply>(shapes, |x| at_each_place(x, |a, b, c| a * b * c));
        check::<Average>(shapes, |x| at_each_place(x, |a, b, c| (a + b + c) / 3.0));
        check::<Maximum>(shapes, |x| at_each_place(x, |a, b, c| a.max(b).max(c)));
        check::<Minimum>(shapes, |x| at_each_place(x, |a, b, c| a.min(b).min(c)));
        check::<Subtract>(&[&[1, 3], &[4, 3]], |x| (0..12).map(|at| x[0][at % 3] - x[1][at]).collect());
        check::<Multiply>(&[&[4, 3], &[4, 1]], |x| (0..12).map(|at| x[0][at] * x[1][at / 3]).collect());
    }

    #[test]
    fn fewer_dimensions_are_the_last_ones() {
        check::<Multiply>(&[&[4, 3], &[3]], |x| (0..12).map(|at| x[0][at] * x[1][at % 3]).collect());
        check::<Subtract>(&[&[3], &[4, 3]], |x| (0..12).map(|at| x[0][at % 3] - x[1][at]).collect());
        check::<Subtract>(&[&[], &[2, 2]], |x| (0..4).map(|at| x[0][0] - x[1][at]).collect());
        check::<Add>(&[&[4, 1], &[3], &[]], |x| (0..12).map(|at| x[0][at / 3] + x[1][at % 3] + x[2][0]).collect());
        // As long as the output, so that there is nothing to add up.
        check::<Maximum>(&[&[1, 3], &[3]], |x| (0..3).map(|at| x[0][at].max(x[1][at])).collect());
        let of = |shapes: &[&[usize]]| stretched::<Add>(&super::super::testing::wires(shapes), &Options::DEFAULT).shape;
        assert_eq!(of(&[&[3], &[5, 1], &[4, 1, 1]]), Shape::new(&[4, 5, 3]));
        assert_eq!(of(&[&[], &[], &[]]), Shape::SCALAR);
    }

    #[test]
    fn what_is_not_stretched_is_a_mistake_that_names_both() {
        let says = |shapes: &[&[usize]]| says(stretched::<Add>, shapes);
        assert_eq!(says(&[&[4, 5, 3], &[1, 1, 3], &[4, 1, 1]]), None);
        let shape = stretched::<Add>(&super::super::testing::wires(&[&[1, 5, 1], &[4, 1, 1]]), &Options::DEFAULT).shape;
        assert_eq!(shape, Shape::new(&[4, 5, 1]));
        assert_eq!(
            says(&[&[1, 3], &[4, 3], &[5, 3]]).unwrap(),
            "`add(x, y, z)` needs operands of one shape, but `y` is [4, 3] and `z` is [5, 3]"
        );
        assert_eq!(says(&[&[4, 5, 3], &[3]]), None);
        assert_eq!(
            says(&[&[4, 5, 3], &[4]]).unwrap(),
            "`add(x, y)` needs operands of one shape, but `x` is [4, 5, 3] and `y` is [4], where `y` counts as [1, 1, 4]; \
             to lay it along other dimensions, put `Reshape([4, 1, 1])` before it"
        );
        assert_eq!(
            says(&[&[5], &[4, 5, 3]]).unwrap(),
            "`add(x, y)` needs operands of one shape, but `x` is [5] and `y` is [4, 5, 3], where `x` counts as [1, 1, 5]; \
             to lay it along other dimensions, put `Reshape([1, 5, 1])` before it"
        );
        assert_eq!(
            says(&[&[7], &[5, 3]]).unwrap(),
            "`add(x, y)` needs operands of one shape, but `x` is [7] and `y` is [5, 3], where `x` counts as [1, 7]"
        );
    }
}
