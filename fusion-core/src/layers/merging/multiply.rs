//! The product of wires.

use super::constant::{self, Affine, ConstantOptions, with_constant};
use super::elementwise::{Elementwise, Stretched, needs, stretched};
use super::merge;
use crate::layer::{Output, Wire};

/// y = x₀ · x₁ · …, number by number, dimensions of 1 stretched as in [`Add`](super::Add): Keras's `layers.Multiply`; of one wire, y = `constant` · x.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ConstantOptions)]
pub struct Multiply;

merge!(Multiply, output, needs);
with_constant!(Multiply, affine, "2.0 * x");

const fn output(wires: &[Wire], options: &ConstantOptions) -> Output {
    constant::without::<Multiply>(stretched::<Multiply>(wires, options), wires, "constant", options.constant.is_some())
}

const fn affine(options: &ConstantOptions) -> Option<Affine> {
    match options.constant {
        Some(constant) => Some(Affine { scale: constant, offset: 0.0 }),
        None => None,
    }
}

impl Elementwise for Multiply {
    fn forward(x: &Stretched<'_>, y: &mut [f32]) {
        x.fold(y, |product, x| product * x);
    }

    #[cfg(feature = "training")]
    fn backward(operand: usize, x: &Stretched<'_>, _y: &[f32], gradient: &mut [f32]) {
        // Not the output divided by the operand, which may be 0.
        for other in (0..x.count()).filter(|other| *other != operand) {
            x.join(other, gradient, (), |gradient, x, ()| gradient * x);
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
        let sentence = says(output, &[&[4, 3], &[4, 2]]).unwrap();
        assert_eq!(sentence, "`multiply(x, y)` needs operands of one shape, but `x` is [4, 3] and `y` is [4, 2]");
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
