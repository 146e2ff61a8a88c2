//! Keras's sketch of the quantiles of numbers (`keras/src/layers/preprocessing/discretization.py`).

use alloc::vec::Vec;

/// Keras's default `epsilon`: the sketch has its inverse of parts.
const EPSILON: f64 = 0.01;

/// Values in ascending order, and how many numbers each stands for.
struct Sketch {
    values: Vec<f32>,
    weights: Vec<f32>,
}

/// Where so many bins end, but the last; fewer where there are fewer numbers.
pub(super) fn boundaries(numbers: &[f32], bins: usize) -> Vec<f32> {
    let mut values = Sketch::of(numbers).compressed(EPSILON).compressed(1.0 / bins as f64).values;
    values.truncate(bins.min(values.len()) - 1);
    values
}

impl Sketch {
    /// Every so many of the numbers.
    fn of(numbers: &[f32]) -> Self {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f32::total_cmp);
        let step = (numbers.len() as f64 / (1.0 / EPSILON)).max(1.0);
        let values: Vec<f32> = sorted[(step - 1.0) as usize..].iter().step_by(step as usize).copied().collect();
        let weights = values.iter().map(|_| step as f32).collect();
        Self { values, weights }
    }

    /// Values at each `epsilon` of the sum of the weights, between those that there are.
    fn compressed(self, epsilon: f64) -> Self {
        if (self.values.len() as f64) * epsilon < 1.0 {
            return self;
        }
        let sums = sums(&self.weights);
        let total = sums.last().copied().unwrap_or(1.0);
        let parts: Vec<f64> = sums.iter().map(|sum| f64::from(sum / total)).collect();
        let wide = |numbers: &[f32]| numbers.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let (values, sums) = (wide(&self.values), wide(&sums));
        let mut compressed = Self { values: Vec::new(), weights: Vec::new() };
        let mut before = 0.0;
        for part in (0..libm::ceil(1.0 / epsilon) as usize).map(|index| epsilon + index as f64 * epsilon) {
            let sum = interpolated(part, &parts, &sums);
            compressed.values.push(interpolated(part, &parts, &values) as f32);
            compressed.weights.push((sum - before) as f32);
            before = sum;
        }
        compressed
    }
}

/// The sum up to each.
fn sums(weights: &[f32]) -> Vec<f32> {
    let mut sum = 0.0;
    let add = |weight: &f32| {
        sum += weight;
        sum
    };
    weights.iter().map(add).collect()
}

/// NumPy's `interp`: on the line between the neighbours of `at`, whose places ascend.
fn interpolated(at: f64, places: &[f64], values: &[f64]) -> f64 {
    let above = places.partition_point(|place| *place <= at);
    if above == 0 || above == places.len() {
        return values[above.saturating_sub(1)];
    }
    let slope = (values[above] - values[above - 1]) / (places[above] - places[above - 1]);
    slope * (at - places[above - 1]) + values[above - 1]
}
