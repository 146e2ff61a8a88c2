//! The product of wires.

#[cfg(feature = "training")]
use super::zip;
use super::{Merge, fold, merge, of_one_shape};
use crate::layer::Operand;
use crate::weights::NoOptions;

/// y = x₀ · x₁ · …, of operands of one shape: Keras's `layers.Multiply`.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Multiply;

merge!(Multiply, of_one_shape::<Multiply>);

impl Merge for Multiply {
    fn forward(_options: &NoOptions, x: &[Operand<'_>], y: &mut [f32]) {
        fold(x, y, |product, x| product * x);
    }

    #[cfg(feature = "training")]
    fn backward(_options: &NoOptions, operand: usize, x: &[Operand<'_>], _y: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.copy_from_slice(dy);
        // Not the output divided by the operand, which may be 0.
        for (_, other) in x.iter().enumerate().filter(|(index, _)| *index != operand) {
            zip(dx, other.numbers, |dx, x| dx * x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Multiply>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] * x[1][i]).collect());
        check::<Multiply>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| x[0][i] * x[1][i] * x[2][i]).collect());
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(of_one_shape::<Multiply>, &[&[8], &[8], &[8]]), None);
        let sentence = says(of_one_shape::<Multiply>, &[&[4, 3], &[4, 1]]).unwrap();
        assert_eq!(sentence, "`multiply(x, y)` needs operands of one shape, but `x` is [4, 3] and `y` is [4, 1]");
    }
}
