//! The product of wires.

use super::constant::{self, Affine, ConstantOptions, with_constant};
#[cfg(feature = "training")]
use super::zip;
use super::{Merge, fold, merge, of_one_shape};
use crate::layer::{Operand, Output, Wire};

/// y = x₀ · x₁ · …, of operands of one shape: Keras's `layers.Multiply`; of one wire, y = `constant` · x.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ConstantOptions)]
pub struct Multiply;

merge!(Multiply, output);
with_constant!(Multiply, affine, "2.0 * x");

const fn output(wires: &[Wire], options: &ConstantOptions) -> Output {
    constant::without::<Multiply>(
        of_one_shape::<Multiply>(wires, options),
        wires,
        "constant",
        options.constant.is_some(),
    )
}

const fn affine(options: &ConstantOptions) -> Option<Affine> {
    match options.constant {
        Some(constant) => Some(Affine { scale: constant, offset: 0.0 }),
        None => None,
    }
}

impl Merge for Multiply {
    fn forward(_options: &ConstantOptions, x: &[Operand<'_>], y: &mut [f32]) {
        fold(x, y, |product, x| product * x);
    }

    #[cfg(feature = "training")]
    fn backward(_options: &ConstantOptions, operand: usize, x: &[Operand<'_>], _y: &[f32], dy: &[f32], dx: &mut [f32]) {
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
    use crate::layers::testing::differences;
    use crate::weights::{Options, OptionsOf};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Multiply>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] * x[1][i]).collect());
        check::<Multiply>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| x[0][i] * x[1][i] * x[2][i]).collect());
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(output, &[&[8], &[8], &[8]]), None);
        let sentence = says(output, &[&[4, 3], &[4, 1]]).unwrap();
        assert_eq!(sentence, "`multiply(x, y)` needs operands of one shape, but `x` is [4, 3] and `y` is [4, 1]");
    }

    struct Twice;
    impl OptionsOf<Multiply> for Twice {
        const VALUE: ConstantOptions = ConstantOptions::DEFAULT.constant(2.0);
    }

    #[test]
    fn one_wire_is_multiplied_by_a_constant() {
        differences::<_, Twice, [f32; 2], [f32; 2]>(&Multiply, &[[0.5, -2.0]], |_, x| vec![2.0 * x[0], 2.0 * x[1]]);
    }
}
