//! The smallest of wires, number by number.

use super::{fit_of_one_shape, fold, gradient_of_the_taken, merge_of_one_shape};

merge_of_one_shape! {
    /// y = min(x₀, x₁, …), of operands of one shape: Keras's `layers.Minimum`. Among equal operands the
    /// first gets the gradient; a NaN in any of them comes through.
    Minimum, "minimum", ", ",
    fit: fit_of_one_shape,
    forward: forward,
    backward: backward
}

fn forward(operands: &[&[f32]], output: &mut [f32]) {
    fold(operands, output, |y, x| if x < y || x.is_nan() { x } else { y });
}

fn backward(operand: usize, operands: &[&[f32]], output: &[f32], dy: &[f32], dx: &mut [f32]) {
    gradient_of_the_taken(operand, operands, output, dy, dx);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Minimum>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i].min(x[1][i])).collect());
        check::<Minimum>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| x[0][i].min(x[1][i]).min(x[2][i])).collect());
    }

    #[test]
    fn the_first_of_equals_gets_the_gradient() {
        let operands: [&[f32]; 3] = [&[1.0, 2.0], &[1.0, 1.0], &[1.0, 1.0]];
        let mut output = [0.0; 2];
        forward(&operands, &mut output);
        let gradients = [0, 1, 2].map(|operand| {
            let mut dx = [f32::NAN; 2];
            backward(operand, &operands, &output, &[5.0, 7.0], &mut dx);
            dx
        });
        assert_eq!(gradients, [[5.0, 0.0], [0.0, 7.0], [0.0, 0.0]]);
    }

    #[test]
    fn a_nan_comes_through_from_either_side() {
        let mut output = [0.0; 2];
        forward(&[&[f32::NAN, 1.0], &[1.0, f32::NAN], &[2.0, 2.0]], &mut output);
        assert!(output.iter().all(|y| y.is_nan()), "{output:?}");
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(Minimum::fit, &[&[8], &[8], &[8]]), None);
        let sentence = says(Minimum::fit, &[&[8], &[4]]).unwrap().1;
        assert_eq!(sentence, "`minimum(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]");
    }
}
