//! The largest of wires, number by number.

use super::elementwise::{Elementwise, Stretched, needs, stretched};
use super::merge;

/// y = max(x₀, x₁, …), number by number, dimensions of 1 stretched as in [`Add`](super::Add): Keras's `layers.Maximum`. Among equal operands the
/// first gets the gradient; a NaN in any of them comes through.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Maximum;

merge!(Maximum, stretched::<Maximum>, needs);

impl Elementwise for Maximum {
    fn forward(x: &Stretched<'_>, y: &mut [f32]) {
        x.fold(y, |y, x| if x > y || x.is_nan() { x } else { y });
    }

    #[cfg(feature = "training")]
    fn backward(operand: usize, x: &Stretched<'_>, y: &[f32], gradient: &mut [f32]) {
        x.gradient_of_the_taken(operand, y, gradient);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::merging::Merge;
    use crate::layers::merging::testing::{check, pair, says};
    use crate::weights::NoOptions;

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Maximum>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i].max(x[1][i])).collect());
        check::<Maximum>(&[&[4], &[4], &[4]], |x| (0..4).map(|i| x[0][i].max(x[1][i]).max(x[2][i])).collect());
    }

    #[test]
    fn the_first_of_equals_gets_the_gradient() {
        let operands = [&[1.0, 2.0], &[1.0, 1.0], &[1.0, 1.0]].map(pair);
        let mut y = [0.0; 2];
        <Maximum as Merge>::forward(&NoOptions, &operands, &mut y);
        let gradients = [0, 1, 2].map(|operand| {
            let mut dx = [f32::NAN; 2];
            <Maximum as Merge>::backward(&NoOptions, operand, &operands, (&y, &[5.0, 7.0]), &mut dx, &mut []);
            dx
        });
        assert_eq!(gradients, [[5.0, 7.0], [0.0, 0.0], [0.0, 0.0]]);
    }

    #[test]
    fn a_nan_comes_through_from_either_side() {
        let operands = [&[f32::NAN, 1.0], &[1.0, f32::NAN], &[2.0, 2.0]].map(pair);
        let mut y = [0.0; 2];
        <Maximum as Merge>::forward(&NoOptions, &operands, &mut y);
        assert!(y.iter().all(|y| y.is_nan()), "{y:?}");
    }

    #[test]
    fn operands_must_have_one_shape() {
        assert_eq!(says(stretched::<Maximum>, &[&[8], &[8], &[8]]), None);
        let sentence = says(stretched::<Maximum>, &[&[8], &[4]]).unwrap();
        assert_eq!(sentence, "`maximum(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]");
    }
}
