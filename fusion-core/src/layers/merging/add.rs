//! The sum of wires.

use super::constant::{self, Affine, ConstantOptions, with_constant};
use super::elementwise::{Elementwise, Stretched, needs, stretched};
use super::merge;
use crate::layer::{Output, Wire};

/// y = x₀ + x₁ + …, number by number: Keras's `layers.Add`; of one wire, y = x + `constant`.
///
/// Operands have one shape, or 1 in a dimension of another's, over which they are stretched: `[4, 5, 3]` and `[1, 1, 3]`
/// give `[4, 5, 3]`. One of fewer dimensions counts as if it had 1s in front of them, so that `[3]` is laid along the last
/// dimension of `[4, 5, 3]`. Beware of `[4, 1]` and `[4]`, or `[1, 4]`, which are both stretched, to `[4, 4]`, as in Keras.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = ConstantOptions)]
pub struct Add;

merge!(Add, output, needs);
with_constant!(Add, affine, "x + 1.0");

const fn output(wires: &[Wire], options: &ConstantOptions) -> Output {
    constant::without::<Add>(stretched::<Add>(wires, options), wires, "constant", options.constant.is_some())
}

const fn affine(options: &ConstantOptions) -> Option<Affine> {
    match options.constant {
        Some(constant) => Some(Affine { scale: 1.0, offset: constant }),
        None => None,
    }
}

impl Elementwise for Add {
    fn forward(x: &Stretched<'_>, y: &mut [f32]) {
        x.fold(y, |sum, x| sum + x);
    }

    #[cfg(feature = "training")]
    fn backward(_operand: usize, _x: &Stretched<'_>, _y: &[f32], _gradient: &mut [f32]) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::testing::{check, says, says_of_ids, wires};
    use crate::layers::testing::{differences, says as says_of_one};
    use crate::weights::{Defaults, Options, OptionsOf};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Add>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] + x[1][i]).collect());
        check::<Add>(&[&[2, 2], &[2, 2], &[2, 2]], |x| (0..4).map(|i| x[0][i] + x[1][i] + x[2][i]).collect());
    }

    #[test]
    fn operands_must_be_numbers_of_one_shape() {
        assert_eq!(says(output, &[&[8], &[8]]), None);
        let sentence = says(output, &[&[8], &[8], &[4]]).unwrap();
        assert_eq!(sentence, "`add(x, y, z)` needs operands of one shape, but `x` is [8] and `z` is [4]");
        let ids = says_of_ids(output, 1).unwrap();
        let sentence = "`add(x, y)` needs numbers (`f32`), but `y` carries `u32` ids; put `Embedding` before it";
        assert_eq!(ids, sentence);
    }

    struct One;
    impl OptionsOf<Add> for One {
        const VALUE: ConstantOptions = ConstantOptions::DEFAULT.constant(1.5);
    }
    struct NoNumber;
    impl OptionsOf<Add> for NoNumber {
        const VALUE: ConstantOptions = ConstantOptions::DEFAULT.constant(f32::NAN);
    }

    #[test]
    fn a_constant_is_added_to_one_wire() {
        differences::<_, One, [f32; 2], [f32; 2]>(&Add, &[[0.5, -2.0]], |_, x| vec![x[0] + 1.5, x[1] + 1.5]);
        differences::<_, One, f32, f32>(&Add, &[0.5], |_, x| vec![x[0] + 1.5]);
        let says = [says_of_one::<Add, Defaults, f32>(), says_of_one::<Add, NoNumber, f32>()].map(Option::unwrap);
        assert_eq!(says, ["needs a constant for one wire", "has a constant that is not finite"]);
        assert_eq!(says_of_one::<Add, One, [u32; 2]>().unwrap(), "takes numbers (`f32`)");
    }

    #[test]
    fn a_constant_is_none_of_several_wires() {
        let mistake = output(&wires(&[&[8], &[8]]), &One::VALUE).mistake.unwrap();
        let sentence = "`add(x, y)` joins wires, and `constant` is for one alone";
        assert_eq!((mistake.takes.as_str(), mistake.option), (sentence, Some("constant")));
    }
}
