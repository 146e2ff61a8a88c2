//! The sum of wires.

use super::{fit_of_one_shape, fold, merge_of_one_shape};

merge_of_one_shape! {
    /// y = x₀ + x₁ + …, of operands of one shape: Keras's `layers.Add`.
    Add, "add", ", ",
    fit: fit_of_one_shape,
    forward: forward,
    backward: backward
}

fn forward(operands: &[&[f32]], output: &mut [f32]) {
    fold(operands, output, |sum, x| sum + x);
}

fn backward(_operand: usize, _operands: &[&[f32]], _output: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Add>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] + x[1][i]).collect());
        check::<Add>(&[&[2, 2], &[2, 2], &[2, 2]], |x| (0..4).map(|i| x[0][i] + x[1][i] + x[2][i]).collect());
    }

    #[test]
    fn operands_must_be_numbers_of_one_shape() {
        assert_eq!(says(Add::fit, &[&[8], &[8]]), None);
        let sentence = says(Add::fit, &[&[8], &[8], &[4, 1]]).unwrap();
        assert_eq!(
            sentence,
            (2, "`add(x, y, z)` needs operands of one shape, but `x` is [8] and `z` is [4, 1]".into())
        );
        let ids = crate::merges::testing::says_of_ids(Add::fit, 1).unwrap();
        let sentence = "`add(x, y)` needs numbers (`f32`), but `y` carries `u32` ids; put `Embedding` before it";
        assert_eq!(ids, (1, sentence.into()));
    }
}
