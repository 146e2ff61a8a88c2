//! The product of wires.

use super::{fit_of_one_shape, fold, merge_of_one_shape, zip};

merge_of_one_shape! {
    /// y = x₀ · x₁ · …, of operands of one shape: Keras's `layers.Multiply`.
    Multiply, "multiply", ", ",
    fit: fit_of_one_shape,
    forward: forward,
    backward: backward
}

fn forward(operands: &[&[f32]], output: &mut [f32]) {
    fold(operands, output, |product, x| product * x);
}

fn backward(operand: usize, operands: &[&[f32]], _output: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
    // Not the output divided by the operand, which may be 0.
    for (_, other) in operands.iter().enumerate().filter(|(index, _)| *index != operand) {
        zip(dx, other, |dx, x| dx * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Multiply>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] * x[1][i]).collect());
        check::<Multiply>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| x[0][i] * x[1][i] * x[2][i]).collect());
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(Multiply::fit, &[&[8], &[8], &[8]]), None);
        let sentence = says(Multiply::fit, &[&[4, 3], &[4, 1]]).unwrap().1;
        assert_eq!(sentence, "`multiply(x, y)` needs operands of one shape, but `x` is [4, 3] and `y` is [4, 1]");
    }
}
