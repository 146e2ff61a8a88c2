//! The sum of wires.

use super::{Merge, fold, merge, of_one_shape};
use crate::layer::Operand;
use crate::weights::NoOptions;

/// y = x₀ + x₁ + …, of operands of one shape: Keras's `layers.Add`.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Add;

merge!(Add, of_one_shape::<Add>);

impl Merge for Add {
    fn forward(_options: &NoOptions, x: &[Operand<'_>], y: &mut [f32]) {
        fold(x, y, |sum, x| sum + x);
    }

    #[cfg(feature = "training")]
    fn backward(_options: &NoOptions, _operand: usize, _x: &[Operand<'_>], _y: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.copy_from_slice(dy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, says, says_of_ids};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Add>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] + x[1][i]).collect());
        check::<Add>(&[&[2, 2], &[2, 2], &[2, 2]], |x| (0..4).map(|i| x[0][i] + x[1][i] + x[2][i]).collect());
    }

    #[test]
    fn operands_must_be_numbers_of_one_shape() {
        assert_eq!(says(of_one_shape::<Add>, &[&[8], &[8]]), None);
        let sentence = says(of_one_shape::<Add>, &[&[8], &[8], &[4, 1]]).unwrap();
        assert_eq!(sentence, "`add(x, y, z)` needs operands of one shape, but `x` is [8] and `z` is [4, 1]");
        let ids = says_of_ids(of_one_shape::<Add>, 1).unwrap();
        let sentence = "`add(x, y)` needs numbers (`f32`), but `y` carries `u32` ids; put `Embedding` before it";
        assert_eq!(ids, sentence);
    }
}
