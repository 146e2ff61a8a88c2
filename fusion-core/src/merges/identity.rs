//! A wire as it is.

use super::{fit_of_one_shape, fold, merge_of_one_shape};

merge_of_one_shape! {
    /// y = x, of one operand: Keras's `layers.Identity`. Generated code copies wires with it.
    Identity, "identity", ", ",
    fit: fit_of_one_shape,
    forward: forward,
    backward: backward
}

fn forward(operands: &[&[f32]], output: &mut [f32]) {
    fold(operands, output, |y, _| y);
}

fn backward(_operand: usize, _operands: &[&[f32]], _output: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, says};

    #[test]
    fn value_and_gradient_are_those_of_the_formula() {
        check::<Identity>(&[&[2, 2]], |x| x[0].to_vec());
        assert_eq!(says(Identity::fit, &[&[2, 2]]), None);
    }
}
