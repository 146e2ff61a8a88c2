//! Arithmetic of what is known.

use std::rc::Rc;

use super::error::Refused;
use super::fold::{Budget, stretched, together};
use super::tensor::{Data, Tensor, product};

/// The outcome of an operation on arrays; none where it is not known.
pub(super) fn arithmetic(
    operation: &str,
    inputs: &[Option<Rc<Tensor>>],
    budget: &mut Budget,
) -> Result<Option<Vec<Tensor>>, Refused> {
    let all: Vec<&Tensor> = inputs.iter().flatten().map(Rc::as_ref).collect();
    let done = match all.as_slice() {
        [x] => of_one(operation, x),
        [a, b] => {
            let shape = together(&a.shape, &b.shape)?;
            budget.take(product(&shape))?;
            of_two(operation, &stretched(a, &shape), &stretched(b, &shape))
        }
        _ => None,
    };
    Ok(done.map(|tensor| vec![tensor]))
}

/// What becomes of a number.
pub(super) type OfNumber = fn(f32) -> f32;

/// What becomes of a number at each place.
pub(super) fn function(operation: &str) -> Option<OfNumber> {
    Some(match operation {
        "Neg" => |x| -x,
        "Abs" => f32::abs,
        "Sqrt" => f32::sqrt,
        "Exp" => f32::exp,
        "Log" => f32::ln,
        "Reciprocal" => |x| 1.0 / x,
        "Floor" => f32::floor,
        "Ceil" => f32::ceil,
        "Tanh" => f32::tanh,
        "Sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "Relu" => |x| x.max(0.0),
        "Softplus" => |x| x.exp().ln_1p(),
        "Erf" => erf,
        "Not" => |x| if x == 0.0 { 1.0 } else { 0.0 },
        _ => return None,
    })
}

/// The error function, by its series and for large x by its continued fraction.
#[allow(clippy::cast_possible_truncation, reason = "computed with more digits than are given")]
pub(super) fn erf(x: f32) -> f32 {
    let x = f64::from(x);
    let size = x.abs();
    if size > 4.0 {
        return x.signum() as f32;
    }
    let (mut term, mut sum) = (size, size);
    for n in 1..120 {
        term *= -size * size / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    (x.signum() * sum * 2.0 / std::f64::consts::PI.sqrt()) as f32
}

fn of_one(operation: &str, x: &Tensor) -> Option<Tensor> {
    match (&x.data, operation) {
        (Data::Ints(values), "Neg") => {
            Some(Tensor::ints(x.shape.clone(), values.iter().map(|v| v.wrapping_neg()).collect()))
        }
        (Data::Ints(values), "Not") => {
            Some(Tensor::ints(x.shape.clone(), values.iter().map(|v| i64::from(*v == 0)).collect()))
        }
        (Data::Ints(_), "Floor" | "Ceil") => Some(x.clone()),
        _ => {
            let of = function(operation)?;
            Some(Tensor::floats(x.shape.clone(), x.to_floats().into_iter().map(of).collect()))
        }
    }
}

fn of_two(operation: &str, a: &Tensor, b: &Tensor) -> Option<Tensor> {
    let compare: Option<fn(f32, f32) -> bool> = match operation {
        "Equal" => Some(|a, b| a == b),
        "Greater" => Some(|a, b| a > b),
        "GreaterOrEqual" => Some(|a, b| a >= b),
        "Less" => Some(|a, b| a < b),
        "LessOrEqual" => Some(|a, b| a <= b),
        "And" => Some(|a, b| a != 0.0 && b != 0.0),
        "Or" => Some(|a, b| a != 0.0 || b != 0.0),
        _ => None,
    };
    if let Some(compare) = compare {
        let pairs = a.to_floats().into_iter().zip(b.to_floats());
        return Some(Tensor::ints(a.shape.clone(), pairs.map(|(a, b)| i64::from(compare(a, b))).collect()));
    }
    if let (Data::Ints(x), Data::Ints(y)) = (&a.data, &b.data) {
        let of: fn(i64, i64) -> i64 = match operation {
            "Add" => i64::wrapping_add,
            "Sub" => i64::wrapping_sub,
            "Mul" => i64::wrapping_mul,
            "Div" => |a, b| a.checked_div(b).unwrap_or_default(),
            "Mod" => |a, b| a.checked_rem_euclid(b).unwrap_or_default(),
            "Min" => i64::min,
            "Max" => i64::max,
            _ => return None,
        };
        return Some(Tensor::ints(a.shape.clone(), x.iter().zip(y).map(|(x, y)| of(*x, *y)).collect()));
    }
    let of = function_of_two(operation)?;
    let pairs = a.to_floats().into_iter().zip(b.to_floats());
    Some(Tensor::floats(a.shape.clone(), pairs.map(|(a, b)| of(a, b)).collect()))
}

/// What becomes of two numbers.
pub(super) fn function_of_two(operation: &str) -> Option<fn(f32, f32) -> f32> {
    Some(match operation {
        "Add" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Div" => |a, b| a / b,
        "Pow" => f32::powf,
        "Min" => f32::min,
        "Max" => f32::max,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_is_that_of_the_tables() {
        for (x, y) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (-2.0, -0.995_322_3), (3.5, 0.999_999_3)] {
            assert!((erf(x) - y).abs() < 1e-6, "{x}: {}", erf(x));
        }
    }
}
