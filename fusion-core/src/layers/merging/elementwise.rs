//! Merges that work at each place alone, and stretch dimensions of 1.

use super::{but, call, unless_numbers, wrong};
use crate::kernels::{Beside, Moves};
use crate::layer::{Floats, Masking, Needs, Operand, Output, Wire};
use crate::layers::rearranging;
use crate::shape::Shape;
use crate::weights::Configured;

/// The formula of a merge at each place.
pub(super) trait Elementwise: Configured {
    /// Writes the whole of `y`, where the operands are stretched to its shape.
    fn forward(x: &Stretched<'_>, y: &mut [f32]);

    /// Turns the gradient with respect to `y` into that with respect to the operand of this index, as stretched.
    #[cfg(feature = "training")]
    fn backward(operand: usize, x: &Stretched<'_>, y: &[f32], gradient: &mut [f32]);
}

/// Makes an [`Elementwise`] a layer of wires; the constant function says what comes out of these with its options.
macro_rules! elementwise {
    ($merge:ident, $output:expr) => {
        #[diagnostic::do_not_recommend]
        impl<W, const K: usize, O> $crate::layer::Layer<$crate::layer::Several<W, K>, O> for $merge
        where
            W: $crate::layer::Wires,
            O: $crate::weights::OptionsOf<Self>,
        {
            const OUTPUT: $crate::layer::Output = $output(W::WIRES, &O::VALUE);
            const NEEDS: $crate::layer::Needs = $crate::layers::merging::elementwise::needs(W::WIRES);

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[$crate::layer::Operand<'_>],
                y: &mut [Out],
            ) {
                if !cx.output_mask.is_empty() {
                    $crate::layers::merging::any(x, cx.output_mask);
                }
                $crate::layers::merging::elementwise::forward::<Self>(x, Out::numbers_mut(y));
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
                        $crate::layers::merging::elementwise::backward::<Self>(operand, x, (y, dy), dx, cx.scratch);
                    }
                }
            }
        }
    };
}
pub(super) use elementwise;

/// What comes out of a merge of numbers: their shape, in which dimensions of 1 are stretched to those of the others.
///
/// As many dimensions are asked of all operands. Where Keras's ranks differ, its `+` lays the batch of one along a
/// dimension of the other, and its layer does not.
pub(super) const fn stretched<M: Configured>(wires: &[Wire], _options: &M::Options) -> Output {
    if wires.is_empty() {
        return wrong(Shape::SCALAR, call::<M>(wires, ")`").and(" needs operands"));
    }
    let mut shape = wires[0].shape;
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
        let mut axis = 0;
        while axis < shape.rank() {
            if shape.dim(axis) == 1 {
                shape = shape.with_dim(axis, wires[i].shape.dim(axis));
            }
            axis += 1;
        }
        i += 1;
    }
    Output::new(shape)
}

/// The mistake of two operands of which neither is stretched to the other.
const fn unless_together<M: Configured>(wires: &[Wire], a: usize, b: usize, likely: Shape) -> Option<Output> {
    let (x, y) = (&wires[a].shape, &wires[b].shape);
    if x.rank() != y.rank() {
        let text = but(call::<M>(wires, ")` needs operands of as many dimensions"), &wires[a], &wires[b]);
        let text = text.and("; to stretch one, give it dimensions of 1 where they are to be, with `Reshape`");
        return Some(wrong(likely, text));
    }
    let mut axis = 0;
    while axis < x.rank() {
        if x.dim(axis) != y.dim(axis) && x.dim(axis) != 1 && y.dim(axis) != 1 {
            let text = call::<M>(wires, ")`").and(" needs operands of one shape");
            return Some(wrong(likely, but(text, &wires[a], &wires[b])));
        }
        axis += 1;
    }
    None
}

/// The gradient of what is stretched is worked out in the output's shape, and then added up.
pub(super) const fn needs(wires: &[Wire]) -> Needs {
    let (mut length, mut equal, mut axis) = (1_usize, true, 0);
    while axis < Shape::MAXIMUM_RANK {
        let (mut most, mut i) = (1, 0);
        while i < wires.len() {
            let places = wires[i].shape.dim(axis);
            most = if places > most { places } else { most };
            equal = equal && places == wires[0].shape.dim(axis);
            i += 1;
        }
        length = length.saturating_mul(most);
        axis += 1;
    }
    let scratch = if equal { Floats::NONE } else { Floats::per_sample(length) };
    Needs::NONE.backward_scratch(scratch).masking(Masking::MakesOfAll)
}

/// Operands of which dimensions of 1 are stretched to those of the output.
pub(super) struct Stretched<'a> {
    x: &'a [Operand<'a>],
    output: Shape,
}

impl<'a> Stretched<'a> {
    fn new(x: &'a [Operand<'a>]) -> Self {
        let mut output = *x[0].shape;
        for axis in 0..output.rank() {
            let most = x.iter().map(|operand| operand.shape.dim(axis)).max();
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

pub(super) fn forward<M: Elementwise>(x: &[Operand<'_>], y: &mut [f32]) {
    M::forward(&Stretched::new(x), y);
}

/// Of the operand of this index, given the output and its gradient.
#[cfg(feature = "training")]
pub(super) fn backward<M: Elementwise>(
    operand: usize,
    x: &[Operand<'_>],
    (y, dy): (&[f32], &[f32]),
    dx: &mut [f32],
    scratch: &mut [f32],
) {
    let stretched = Stretched::new(x);
    if x[operand].shape.equals(&stretched.output) {
        dx.copy_from_slice(dy);
        M::backward(operand, &stretched, y, dx);
        return;
    }
    let gradient = &mut scratch[..dy.len()];
    gradient.copy_from_slice(dy);
    M::backward(operand, &stretched, y, gradient);
    stretched.moves(operand).back().apply(gradient, dx);
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
    fn what_is_not_stretched_is_a_mistake_that_names_both() {
        let says = |shapes: &[&[usize]]| says(stretched::<Add>, shapes);
        assert_eq!(says(&[&[4, 5, 3], &[1, 1, 3], &[4, 1, 1]]), None);
        let shape = stretched::<Add>(&super::super::testing::wires(&[&[1, 5, 1], &[4, 1, 1]]), &Options::DEFAULT).shape;
        assert_eq!(shape, Shape::new(&[4, 5, 1]));
        assert_eq!(
            says(&[&[1, 3], &[4, 3], &[5, 3]]).unwrap(),
            "`add(x, y, z)` needs operands of one shape, but `y` is [4, 3] and `z` is [5, 3]"
        );
        assert_eq!(
            says(&[&[4, 5, 3], &[3]]).unwrap(),
            "`add(x, y)` needs operands of as many dimensions, but `x` is [4, 5, 3] and `y` is [3]; to stretch one, give \
             it dimensions of 1 where they are to be, with `Reshape`"
        );
    }
}
