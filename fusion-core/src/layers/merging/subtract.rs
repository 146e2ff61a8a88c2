//! The difference of two wires.

use super::{Merge, call, fold, merge, of_one_shape, wrong};
use crate::layer::{Operand, Output, Wire};
use crate::weights::NoOptions;

/// y = x₀ − x₁, of two operands of one shape: Keras's `layers.Subtract`.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Subtract;

merge!(Subtract, output);

const fn output(wires: &[Wire], options: &NoOptions) -> Output {
    let output = of_one_shape::<Subtract>(wires, options);
    if wires.len() == 2 || wires.is_empty() {
        return output;
    }
    let text = call::<Subtract>(wires, ")`").and(" takes exactly 2 operands, but is given ").number(wires.len());
    wrong(output.shape, text)
}

impl Merge for Subtract {
    fn forward(_options: &NoOptions, x: &[Operand<'_>], y: &mut [f32]) {
        fold(x, y, |from, x| from - x);
    }

    #[cfg(feature = "training")]
    fn backward(_options: &NoOptions, operand: usize, _x: &[Operand<'_>], _y: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.copy_from_slice(dy);
        if operand == 1 {
            dx.iter_mut().for_each(|dx| *dx = -*dx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Subtract>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] - x[1][i]).collect());
    }

    #[test]
    fn it_takes_two_operands_of_one_shape() {
        assert_eq!(says(output, &[&[8], &[8]]), None);
        let three = says(output, &[&[8], &[8], &[8]]).unwrap();
        assert_eq!(three, "`subtract(x, y, z)` takes exactly 2 operands, but is given 3");
        let shapes = says(output, &[&[8], &[4]]).unwrap();
        assert_eq!(shapes, "`subtract(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]");
    }
}
