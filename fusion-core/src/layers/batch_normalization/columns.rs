//! The arithmetic of features that lie side by side: each column has a mean and a variance.

use crate::kernels::vectorize;

/// What each feature is normalized by.
pub(super) struct Statistics<'a> {
    pub(super) mean: &'a mut [f32],
    pub(super) variance: &'a mut [f32],
    /// 1 / √(variance + epsilon).
    pub(super) inverse: &'a mut [f32],
}

impl<'a> Statistics<'a> {
    pub(super) fn split(saved: &'a mut [f32], features: usize) -> Self {
        let (mean, rest) = saved.split_at_mut(features);
        let (variance, rest) = rest.split_at_mut(features);
        Self { mean, variance, inverse: &mut rest[..features] }
    }
}

pub(super) fn moments(x: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    column_means([x, x], mean, |x, _, _| x);
    variance.copy_from_slice(mean);
    column_means([x, x], variance, |x, _, mean| (x - mean) * (x - mean));
}

/// Features that are added up side by side.
const LANES: usize = 16;

/// Replaces each of `columns` by the mean over all rows of a term of two numbers in that column and of what `columns`
/// held. Sums are in `f64`, as those of large batches lose their digits in `f32`.
#[inline(always)]
pub(super) fn column_means(rows: [&[f32]; 2], columns: &mut [f32], term: impl Fn(f64, f64, f64) -> f64) {
    let features = columns.len();
    if features == 0 {
        return;
    }
    let count = (rows[0].len() / features) as f64;
    let [a, b] = rows.map(|rows| rows.chunks_exact(features));
    for (block, columns) in columns.chunks_mut(LANES).enumerate() {
        let (start, width) = (block * LANES, columns.len());
        let (mut sums, mut old) = ([0.0; LANES], [0.0; LANES]);
        old.iter_mut().zip(&*columns).for_each(|(old, column)| *old = f64::from(*column));
        vectorize(
            #[inline(always)]
            || {
                for (a, b) in a.clone().zip(b.clone()) {
                    let (a, b) = (&a[start..start + width], &b[start..start + width]);
                    // Sixteen at a time become a few vector instructions.
                    if let (Some(a), Some(b)) = (a.first_chunk::<LANES>(), b.first_chunk::<LANES>()) {
                        add_terms(&mut sums, &old, a, b, &term);
                    } else {
                        add_terms(&mut sums, &old, a, b, &term);
                    }
                }
            },
        );
        columns.iter_mut().zip(sums).for_each(|(column, sum)| *column = (sum / count) as f32);
    }
}

#[inline(always)]
fn add_terms(sums: &mut [f64], old: &[f64], a: &[f32], b: &[f32], term: &impl Fn(f64, f64, f64) -> f64) {
    for (((sum, old), a), b) in sums.iter_mut().zip(old).zip(a).zip(b) {
        *sum += term(f64::from(*a), f64::from(*b), *old);
    }
}

pub(super) fn normalize(x: &[f32], y: &mut [f32], statistics: &Statistics<'_>, gamma: &[f32], beta: &[f32]) {
    let features = gamma.len().max(1);
    let Statistics { mean, inverse, .. } = statistics;
    vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(features).zip(y.chunks_exact_mut(features)) {
                let columns = mean.iter().zip(&**inverse).zip(gamma.iter().zip(beta));
                for ((x, y), ((mean, inverse), (gamma, beta))) in x.iter().zip(y).zip(columns) {
                    *y = (x - mean) * (gamma * inverse) + beta;
                }
            }
        },
    );
}

/// y = x · scale + offset.
pub(super) fn scale(x: &[f32], y: &mut [f32], [scale, offset]: [&[f32]; 2]) {
    let features = scale.len().max(1);
    vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(features).zip(y.chunks_exact_mut(features)) {
                for ((x, y), (scale, offset)) in x.iter().zip(y).zip(scale.iter().zip(offset)) {
                    *y = x * scale + offset;
                }
            }
        },
    );
}

/// dx = gamma · inverse · (dy − mean of dy − (x − mean) · slope), with the last two of each feature given.
#[cfg(feature = "training")]
pub(super) fn input_gradient(
    [x, dy]: [&[f32]; 2],
    dx: &mut [f32],
    statistics: &Statistics<'_>,
    gamma: &[f32],
    [mean_dy, slope]: [&[f32]; 2],
) {
    let features = gamma.len().max(1);
    let Statistics { mean, inverse, .. } = statistics;
    vectorize(
        #[inline(always)]
        || {
            let rows = x.chunks_exact(features).zip(dy.chunks_exact(features));
            for ((x, dy), dx) in rows.zip(dx.chunks_exact_mut(features)) {
                let columns = mean.iter().zip(&**inverse).zip(gamma).zip(mean_dy.iter().zip(slope));
                let row = x.iter().zip(dy).zip(dx);
                for (((x, dy), dx), (((mean, inverse), gamma), (mean_dy, slope))) in row.zip(columns) {
                    *dx = gamma * inverse * (dy - mean_dy - (x - mean) * slope);
                }
            }
        },
    );
}

#[cfg(feature = "training")]
pub(super) fn add_scaled(sum: &mut [f32], means: &[f32], factor: impl Fn(usize) -> f32) {
    for (feature, (sum, mean)) in sum.iter_mut().zip(means).enumerate() {
        *sum += mean * factor(feature);
    }
}
