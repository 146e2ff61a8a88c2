//! The gradient of the whole fusion model, against differences of a plain reference in f64.

use super::*;

/// A dense layer by its sizes, its kernel and bias among the flat weights.
fn dense(weights: &mut &[f64], x: &[f64], outputs: usize, relu: bool) -> Vec<f64> {
    let (kernel, rest) = weights.split_at(x.len() * outputs);
    let (bias, rest) = rest.split_at(outputs);
    *weights = rest;
    let mut y = bias.to_vec();
    for (x, kernel) in x.iter().zip(kernel.chunks_exact(outputs)) {
        y.iter_mut().zip(kernel).for_each(|(y, w)| *y += x * w);
    }
    y.into_iter().map(|y| if relu { y.max(0.0) } else { y }).collect()
}

/// The mean squared error of the fusion model.
fn loss(weights: &[f64], a: &[[f32; 32]], b: &[[f32; 128]], z: &[[f32; 1]]) -> f64 {
    let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
    let mut total = 0.0;
    for ((a, b), z) in a.iter().zip(b).zip(z) {
        let weights = &mut &*weights;
        let (mut x, mut y) = (wide(a), wide(b));
        for outputs in [8, 4] {
            x = dense(weights, &x, outputs, true);
        }
        for outputs in [64, 32, 4] {
            y = dense(weights, &y, outputs, true);
        }
        x.extend(y);
        let hidden = dense(weights, &x, 2, true);
        total += (dense(weights, &hidden, 1, false)[0] - f64::from(z[0])).powi(2);
    }
    total / z.len() as f64
}

#[test]
fn the_gradient_of_the_fusion_model_is_exact() {
    // Two tiles' worth of samples would take long in f64; more than one vector's is enough.
    let (a, b, z) = (rows::<32>(3, 0), rows::<128>(3, 500), rows::<1>(3, 1000));
    let mut model = Fusion::new(11);
    // Some biases, and both hidden units of the last layer alive.
    model.dense.bias = [0.2; 8];
    model.dense_5.bias = [0.3, 0.7];
    let before = weights(&*model);
    let wide: Vec<f64> = before.iter().map(|w| f64::from(*w)).collect();

    // With a learning rate of 1 a step is the gradient.
    let mut trainer = Trainer::new(&mut model, Sgd::new(1.0), MeanSquaredError).verbose(false);
    let scores = trainer.train_on_batch((&a, &b), &z).unwrap();
    assert!((scores["loss"] - loss(&wide, &a, &b, &z)).abs() < 1e-6);
    let gradient: Vec<f64> = before.iter().zip(weights(&*model)).map(|(w, moved)| f64::from(w - moved)).collect();

    let (mut worst, mut largest) = (0.0_f64, 0.0_f64);
    // Every seventh weight, and all of the small layers at the end.
    for index in (0..wide.len()).filter(|index| index % 7 == 0 || *index > 10_500) {
        let at = |change: f64| {
            let mut weights = wide.clone();
            weights[index] += change;
            loss(&weights, &a, &b, &z)
        };
        let exact = (at(1e-6) - at(-1e-6)) / 2e-6;
        worst = worst.max((gradient[index] - exact).abs());
        largest = largest.max(exact.abs());
    }
    println!("the gradient differs by at most {worst:.1e}, its largest number being {largest:.1e}");
    assert!(worst < 1e-6 && largest > 0.1);
}
