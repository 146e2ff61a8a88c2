//! Functions that go through slices once.

use super::math;
use super::simd::{Op, Simd, dispatch, vectorize};

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
/// sum\[c\] += Σ_r rows\[r\]\[c\].
///
/// # Panics
/// If `rows` is not a whole number of rows as long as `sum`.
pub fn add_rows(rows: &[f32], sum: &mut [f32]) {
    if sum.is_empty() {
        assert!(rows.is_empty(), "{} numbers in rows of none", rows.len());
        return;
    }
    assert!(rows.len().is_multiple_of(sum.len()), "{} numbers are not whole rows of {}", rows.len(), sum.len());
    vectorize(
        #[inline(always)]
        || {
            for row in rows.chunks_exact(sum.len()) {
                for (sum, value) in sum.iter_mut().zip(row) {
                    *sum += value;
                }
            }
        },
    );
}

/// The gradient of max(0, x), from its result `y`: `dy` becomes zero where y ≤ 0.
///
/// # Panics
/// If the slices differ in length.
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
