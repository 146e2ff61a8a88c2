//! The mean of wires.

use super::elementwise::{Elementwise, Stretched, needs, stretched};
use super::merge;

/// y = (x₀ + x₁ + …) / n, of n operands number by number, dimensions of 1 stretched as in [`Add`](super::Add): Keras's
/// `layers.Average`.
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
pub struct Average;

merge!(Average, stretched::<Average>, needs);

impl Elementwise for Average {
    fn forward(x: &Stretched<'_>, y: &mut [f32]) {
        x.fold(y, |sum, x| sum + x);
        y.iter_mut().for_each(|y| *y /= x.count() as f32);
    }

    #[cfg(feature = "training")]
    fn backward(_operand: usize, x: &Stretched<'_>, _y: &[f32], gradient: &mut [f32]) {
        gradient.iter_mut().for_each(|gradient| *gradient /= x.count() as f32);
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
        assert_eq!(says(stretched::<Average>, &[&[8], &[8], &[8]]), None);
        let sentence = says(stretched::<Average>, &[&[8], &[4]]).unwrap();
        assert_eq!(sentence, "`average(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]");
    }
}
