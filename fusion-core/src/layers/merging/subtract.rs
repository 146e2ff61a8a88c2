//! The difference of two wires.

use super::constant::{self, Affine, with_constant};
use super::elementwise::{Elementwise, Stretched, needs, stretched};
use super::{call, merge, wrong};
use crate::layer::{Output, Wire};

/// y = x₀ − x₁, number by number, dimensions of 1 stretched as in [`Add`](super::Add): Keras's `layers.Subtract`; of one wire, y = x − `constant`, or
/// y = `from_constant` − x.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = SubtractOptions)]
pub struct Subtract;

/// The options of [`Subtract`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct SubtractOptions {
    /// What is taken off one wire, `x - 1.0`; merges have none.
    constant: Option<f32>,
    /// What one wire is taken off, `1.0 - x`; merges have none.
    from_constant: Option<f32>,
}

merge!(Subtract, output, needs);
with_constant!(Subtract, affine, "1.0 - x");

const fn affine(options: &SubtractOptions) -> Option<Affine> {
    match (options.constant, options.from_constant) {
        (Some(constant), _) => Some(Affine { scale: 1.0, offset: -constant }),
        (None, Some(constant)) => Some(Affine { scale: -1.0, offset: constant }),
        (None, None) => None,
    }
}

const fn output(wires: &[Wire], options: &SubtractOptions) -> Output {
    let output = stretched::<Subtract>(wires, options);
    let output = constant::without::<Subtract>(output, wires, "constant", options.constant.is_some());
    let output = constant::without::<Subtract>(output, wires, "from_constant", options.from_constant.is_some());
    if wires.len() == 2 || wires.is_empty() {
        return output;
    }
    let text = call::<Subtract>(wires, ")`").and(" takes exactly 2 operands, but is given ").number(wires.len());
    wrong(output.shape, text)
}

impl Elementwise for Subtract {
    fn forward(x: &Stretched<'_>, y: &mut [f32]) {
        x.fold(y, |from, x| from - x);
    }

    #[cfg(feature = "training")]
    fn backward(operand: usize, _x: &Stretched<'_>, _y: &[f32], gradient: &mut [f32]) {
        if operand == 1 {
            gradient.iter_mut().for_each(|gradient| *gradient = -*gradient);
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

    struct Less;
    impl OptionsOf<Subtract> for Less {
        const VALUE: SubtractOptions = SubtractOptions::DEFAULT.constant(1.5);
    }
    struct From;
    impl OptionsOf<Subtract> for From {
        const VALUE: SubtractOptions = SubtractOptions::DEFAULT.from_constant(1.5);
    }

    #[test]
    fn a_constant_is_taken_off_or_taken_from() {
        let x = &[[0.5, -2.0]];
        differences::<_, Less, [f32; 2], [f32; 2]>(&Subtract, x, |_, x| vec![x[0] - 1.5, x[1] - 1.5]);
        differences::<_, From, [f32; 2], [f32; 2]>(&Subtract, x, |_, x| vec![1.5 - x[0], 1.5 - x[1]]);
    }
}
