//! The mean of wires.

use super::{fit_of_one_shape, fold, merge_of_one_shape};

merge_of_one_shape! {
    /// y = (x₀ + x₁ + …) / n, of n operands of one shape: Keras's `layers.Average`.
    Average, "average", ", ",
    fit: fit_of_one_shape,
    forward: forward,
    backward: backward
}

fn forward(operands: &[&[f32]], output: &mut [f32]) {
    fold(operands, output, |sum, x| sum + x);
    output.iter_mut().for_each(|y| *y /= operands.len() as f32);
}

fn backward(_operand: usize, operands: &[&[f32]], _output: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
    dx.iter_mut().for_each(|dx| *dx /= operands.len() as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Average>(&[&[4], &[4]], |x| (0..4).map(|i| (x[0][i] + x[1][i]) / 2.0).collect());
        check::<Average>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| (x[0][i] + x[1][i] + x[2][i]) / 3.0).collect());
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(Average::fit, &[&[8], &[8], &[8]]), None);
        let sentence = says(Average::fit, &[&[8], &[4]]).unwrap().1;
        assert_eq!(sentence, "`average(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]");
    }
}
