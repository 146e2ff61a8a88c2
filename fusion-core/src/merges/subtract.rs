//! The difference of two wires.

use crate::site::Part;

use super::{MergeFit, call, fit_of_one_shape, fold, merge_of_one_shape};

merge_of_one_shape! {
    /// y = x₀ − x₁, of two operands of one shape: Keras's `layers.Subtract`.
    Subtract, "subtract", ", ",
    fit: fit,
    forward: forward,
    backward: backward
}

const fn fit(name: &str, parts: &[Part]) -> MergeFit {
    let fit = fit_of_one_shape(name, parts);
    if parts.len() == 2 || parts.is_empty() {
        return fit;
    }
    let text = call(name, parts, ")`").and(" takes exactly 2 operands, but is given ").number(parts.len());
    MergeFit::wrong(fit.output, parts.len() - 1, text)
}

fn forward(operands: &[&[f32]], output: &mut [f32]) {
    fold(operands, output, |from, x| from - x);
}

fn backward(operand: usize, _operands: &[&[f32]], _output: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
    if operand == 1 {
        dx.iter_mut().for_each(|dx| *dx = -*dx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merges::testing::{check, says};

    #[test]
    fn value_and_gradients_are_those_of_the_formula() {
        check::<Subtract>(&[&[4], &[4]], |x| (0..4).map(|i| x[0][i] - x[1][i]).collect());
    }

    #[test]
    fn it_takes_two_operands_of_one_shape() {
        assert_eq!(says(Subtract::fit, &[&[8], &[8]]), None);
        let three = says(Subtract::fit, &[&[8], &[8], &[8]]).unwrap();
        assert_eq!(three, (2, "`subtract(x, y, z)` takes exactly 2 operands, but is given 3".into()));
        let shapes = says(Subtract::fit, &[&[8], &[4]]).unwrap();
        assert_eq!(shapes, (1, "`subtract(x, y)` needs operands of one shape, but `x` is [8] and `y` is [4]".into()));
    }
}
