//! One number of many, in as many lanes as a vector has: a plain loop waits for each addition before the next. For loops
//! within [`vectorize`](super::vectorize).

const LANES: usize = 16;

/// Σ `term(a, b)` over two slices of one length.
#[inline(always)]
pub(crate) fn sum_of_pairs(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| term(*a, *b)).sum();
    if a.is_empty() {
        return rest;
    }
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += term(*a, *b);
        }
    }
    rest + lanes.iter().sum::<f32>()
}

/// Σ values.
#[inline(always)]
pub(crate) fn sum(values: &[f32]) -> f32 {
    sum_of_pairs(values, values, |x, _| x)
}

/// The largest number; NaN is none.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let larger = |most: f32, x: f32| if x > most { x } else { most };
    let (whole, rest) = values.as_chunks::<LANES>();
    let rest = rest.iter().fold(f32::NEG_INFINITY, |most, x| larger(most, *x));
    if whole.is_empty() {
        return rest;
    }
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for values in whole {
        lanes.iter_mut().zip(values).for_each(|(lane, x)| *lane = larger(*lane, *x));
    }
    lanes.into_iter().fold(rest, larger)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::vectorize;

    #[test]
    fn each_number_counts_once_whatever_the_length() {
        for length in 0..70 {
            let values: Vec<f32> = (0..length).map(|i| ((i * 37) % 71) as f32 - 60.0).collect();
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let expected = [values.iter().sum::<f32>(), values.iter().map(|x| 2.0 * x * x).sum(), most];
            let found = vectorize(
                #[inline(always)]
                || [sum(&values), sum_of_pairs(&values, &values, |a, b| 2.0 * a * b), largest(&values)],
            );
            assert_eq!(found, expected, "{length}");
        }
        assert_eq!(largest(&[f32::NAN, -1.0]), -1.0);
    }
}
