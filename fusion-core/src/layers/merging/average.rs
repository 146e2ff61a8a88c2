//! The mean of wires.

use super::{Merge, fold, merge, of_one_shape};
use crate::layer::Operand;
use crate::weights::NoOptions;

/// y = (x₀ + x₁ + …) / n, of n operands of one shape: Keras's `layers.Average`.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Average;

merge!(Average, of_one_shape::<Average>);

impl Merge for Average {
    fn forward(_options: &NoOptions, x: &[Operand<'_>], y: &mut [f32]) {
        fold(x, y, |sum, x| sum + x);
        y.iter_mut().for_each(|y| *y /= x.len() as f32);
    }

    #[cfg(feature = "training")]
    fn backward(_options: &NoOptions, _operand: usize, x: &[Operand<'_>], _y: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.copy_from_slice(dy);
        dx.iter_mut().for_each(|dx| *dx /= x.len() as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Average>(&[&[4], &[4]], |x| (0..4).map(|i| (x[0][i] + x[1][i]) / 2.0).collect());
        check::<Average>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| (x[0][i] + x[1][i] + x[2][i]) / 3.0).collect());
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(of_one_shape::<Average>, &[&[8], &[8], &[8]]), None);
        let sentence = says(of_one_shape::<Average>, &[&[8], &[4]]).unwrap();
        assert_eq!(sentence, "`average(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]");
    }
}
