//! Statistics of the rows that count.

#[cfg(feature = "training")]
use super::columns::Statistics;

/// How many rows count, and Keras's `epsilon()`, which keeps the division from zero.
fn rows(mask: &[f32]) -> f64 {
    mask.iter().map(|counts| f64::from(*counts)).sum::<f64>() + 1e-7
}

/// The mean and the variance of each feature over the rows that count.
pub(super) fn moments(x: &[f32], mask: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    let (features, rows) = (mean.len(), rows(mask));
    let sum = |feature: usize, term: &dyn Fn(f64) -> f64| -> f32 {
        let column = x.iter().skip(feature).step_by(features.max(1)).zip(mask);
        (column.map(|(x, counts)| f64::from(*counts) * term(f64::from(*x))).sum::<f64>() / rows) as f32
    };
    for (feature, (mean, variance)) in mean.iter_mut().zip(variance).enumerate() {
        *mean = sum(feature, &|x| x);
        let mean = f64::from(*mean);
        *variance = sum(feature, &|x| (x - mean) * (x - mean));
    }
}

/// As the gradient of a batch without a mask; the statistics depend on the rows that count alone.
#[cfg(feature = "training")]
pub(super) fn input_gradient(
    [x, dy]: [&[f32]; 2],
    mask: &[f32],
    dx: &mut [f32],
    statistics: &Statistics<'_>,
    gamma: &[f32],
    [mean_dy, slope]: [&[f32]; 2],
) {
    let features = gamma.len().max(1);
    // The means are over all rows.
    let scale = (mask.len() as f64 / rows(mask)) as f32;
    let batch = x.chunks_exact(features).zip(dy.chunks_exact(features)).zip(dx.chunks_exact_mut(features));
    for (((x, dy), dx), counts) in batch.zip(mask) {
        let scale = scale * counts;
        for (feature, dx) in dx.iter_mut().enumerate() {
            let through = mean_dy[feature] + (x[feature] - statistics.mean[feature]) * slope[feature];
            *dx = gamma[feature] * statistics.inverse[feature] * (dy[feature] - scale * through);
        }
    }
}
