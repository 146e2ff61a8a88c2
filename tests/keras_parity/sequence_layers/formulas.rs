//! The layers in plain `f64`, on flat batches and flat weights.

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// An LSTM of (steps, features, units), with (`return_sequences`, `go_backwards`).
pub fn lstm(
    weights: &[f64],
    x: &[f64],
    (steps, features, units): (usize, usize, usize),
    (all, from_end): (bool, bool),
) -> Vec<f64> {
    let columns = 4 * units;
    let (kernel, rest) = weights.split_at(features * columns);
    let (recurrent, bias) = rest.split_at(units * columns);
    let mut y = vec![];
    for sequence in x.chunks(steps * features) {
        let (mut h, mut c) = (vec![0.0; units], vec![0.0; units]);
        for count in 0..steps {
            let time = if from_end { steps - 1 - count } else { count };
            let step = &sequence[time * features..][..features];
            let gate = |gate: usize, unit: usize| -> f64 {
                let column = gate * units + unit;
                let from_x: f64 = step.iter().enumerate().map(|(i, x)| x * kernel[i * columns + column]).sum();
                let from_h: f64 = h.iter().enumerate().map(|(v, h)| h * recurrent[v * columns + column]).sum();
                from_x + from_h + bias[column]
            };
            let gates: Vec<[f64; 4]> = (0..units).map(|u| [0, 1, 2, 3].map(|which| gate(which, u))).collect();
            for (u, [i, f, g, o]) in gates.into_iter().enumerate() {
                c[u] = sigmoid(f) * c[u] + sigmoid(i) * g.tanh();
                h[u] = sigmoid(o) * c[u].tanh();
            }
            if all || count + 1 == steps {
                y.extend(&h);
            }
        }
    }
    y
}

/// Mean and variance of every column.
pub fn moments(x: &[f64], features: usize) -> (Vec<f64>, Vec<f64>) {
    let mean_of = |term: &dyn Fn(f64, usize) -> f64| -> Vec<f64> {
        let column = |f: usize| x[f..].iter().step_by(features).map(move |x| term(*x, f)).sum::<f64>();
        (0..features).map(|f| column(f) / (x.len() / features) as f64).collect()
    };
    let mean = mean_of(&|x, _| x);
    let variance = mean_of(&|x, f| (x - mean[f]) * (x - mean[f]));
    (mean, variance)
}

/// Batch normalization, with the batch's moments or the moving ones.
pub fn batch_normalization(weights: &[f64], x: &[f64], features: usize, epsilon: f64, training: bool) -> Vec<f64> {
    let [gamma, beta, mean, variance] = [0, 1, 2, 3].map(|i| weights[i * features..][..features].to_vec());
    let (mean, variance) = if training { moments(x, features) } else { (mean, variance) };
    let y = |(i, x): (usize, &f64)| {
        let f = i % features;
        gamma[f] * (x - mean[f]) / (variance[f] + epsilon).sqrt() + beta[f]
    };
    x.iter().enumerate().map(y).collect()
}

/// The gradients in training of the input, of gamma and of beta, where differences would take too long.
pub fn batch_normalization_gradients(
    weights: &[f64],
    x: &[f64],
    dy: &[f64],
    features: usize,
    epsilon: f64,
) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let (mean, variance) = moments(x, features);
    let normal: Vec<f64> = (x.iter().enumerate())
        .map(|(i, x)| (x - mean[i % features]) / (variance[i % features] + epsilon).sqrt())
        .collect();
    let column = |values: &[f64], f: usize| values[f..].iter().step_by(features).sum::<f64>();
    let products: Vec<f64> = dy.iter().zip(&normal).map(|(dy, normal)| dy * normal).collect();
    let gamma: Vec<f64> = (0..features).map(|f| column(&products, f)).collect();
    let beta: Vec<f64> = (0..features).map(|f| column(dy, f)).collect();
    let count = (x.len() / features) as f64;
    let dx = |(i, dy): (usize, &f64)| {
        let f = i % features;
        weights[f] / (variance[f] + epsilon).sqrt() * (dy - beta[f] / count - normal[i] * gamma[f] / count)
    };
    (dy.iter().enumerate().map(dx).collect(), gamma, beta)
}
