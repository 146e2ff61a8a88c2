//! Functions that go through slices once.

use super::dispatch::{Op, dispatch, vectorize};
use super::math;
use super::parts::SAMPLES;
use super::simd::Simd;

/// Replaces each number by its exponential; see [`math::exp`].
pub fn exp_in_place(values: &mut [f32]) {
    map_in_place(values, math::exp);
}

/// Replaces each number by its hyperbolic tangent; see [`math::tanh`].
pub fn tanh_in_place(values: &mut [f32]) {
    map_in_place(values, math::tanh);
}

/// Replaces each number by its logistic sigmoid; see [`math::sigmoid`].
pub fn sigmoid_in_place(values: &mut [f32]) {
    map_in_place(values, math::sigmoid);
}

/// Sets all numbers to zero.
///
/// As `fill` is generic it would be compiled in the user's crate, whose debug builds are slow.
pub fn zero(values: &mut [f32]) {
    values.fill(0.0);
}

/// Where the largest number is: the first of several, as in TensorFlow's `argmax`; 0 of none.
#[must_use]
pub fn first_largest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |largest, next| if values[next] > values[largest] { next } else { largest })
}

/// Where the first number is that is NaN or infinite.
#[must_use]
pub fn first_not_finite(values: &[f32]) -> Option<usize> {
    // Without a way out in the inner loop it becomes vector instructions; finite data is the usual case. Without their
    // sign, numbers are in the order of their bits, infinity and NaN behind all others.
    const FEW: usize = 1024;
    const INFINITY: u32 = f32::INFINITY.to_bits();
    let part = vectorize(
        #[inline(always)]
        || values.chunks(FEW).position(|part| part.iter().map(|x| x.abs().to_bits()).fold(0, u32::max) >= INFINITY),
    )?;
    let rest = &values[part * FEW..];
    Some(part * FEW + rest.iter().position(|x| !x.is_finite())?)
}

#[inline(always)]
fn map_in_place(values: &mut [f32], function: impl Fn(f32) -> f32) {
    struct Map<'a, F>(&'a mut [f32], F);
    impl<F: Fn(f32) -> f32> Op for Map<'_, F> {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, _: S) {
            for value in self.0 {
                *value = (self.1)(*value);
            }
        }
    }
    dispatch(Map(values, function));
}

/// The gradient of a bias: the sum of the rows of a matrix is added to `sum`,
/// sum\[c\] += Σ_r rows\[r\]\[c\]. It is added up in blocks, so that its error hardly grows with the number of rows.
///
/// # Panics
/// If `rows` is not a whole number of rows as long as `sum`.
pub fn add_rows(rows: &[f32], sum: &mut [f32]) {
    if sum.is_empty() {
        assert!(rows.is_empty(), "{} numbers in rows of none", rows.len());
        return;
    }
    assert!(rows.len().is_multiple_of(sum.len()), "{} numbers are not whole rows of {}", rows.len(), sum.len());
    let columns = sum.len();
    vectorize(
        #[inline(always)]
        || {
            let rest = add_columns::<64>(rows, columns, sum);
            let rest = add_columns::<16>(rows, columns, rest);
            let rest = add_columns::<4>(rows, columns, rest);
            add_columns::<1>(rows, columns, rest);
        },
    );
}

/// [`add_rows`] for the last columns, as far as they are whole blocks of `N`, whose sums stay in registers;
/// gives the columns that are left.
#[inline(always)]
fn add_columns<'s, const N: usize>(rows: &[f32], columns: usize, sum: &'s mut [f32]) -> &'s mut [f32] {
    let first = columns - sum.len();
    let (blocks, rest) = sum.as_chunks_mut::<N>();
    for (index, block) in blocks.iter_mut().enumerate() {
        let (mut totals, first) = ([0.0_f64; N], first + index * N);
        for rows in rows.chunks(SAMPLES * columns) {
            let mut sums = [0.0; N];
            for row in rows.chunks_exact(columns) {
                for (sum, value) in sums.iter_mut().zip(&row[first..][..N]) {
                    *sum += value;
                }
            }
            totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += f64::from(sum));
        }
        block.iter_mut().zip(totals).for_each(|(sum, total)| *sum = (f64::from(*sum) + total) as f32);
    }
    rest
}

/// The gradient of max(0, x), from its result `y`: `dy` becomes zero where y ≤ 0.
///
/// # Panics
/// If the slices differ in length.
#[cfg(feature = "training")]
pub fn relu_gradient(y: &[f32], dy: &mut [f32]) {
    assert!(y.len() == dy.len(), "{} results and {} gradients", y.len(), dy.len());
    vectorize(
        #[inline(always)]
        || {
            for (dy, y) in dy.iter_mut().zip(y) {
                *dy = if *y <= 0.0 { 0.0 } else { *dy };
            }
        },
    );
}
