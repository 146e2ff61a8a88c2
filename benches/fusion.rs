//! The tutorial's fusion model against the same network through `matrixmultiply`, layer by layer: inference, and a
//! training step with Adam.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench fusion`.

mod support;

use std::hint::black_box;

use fusion::activations::{Activation, TrainActivation};
use fusion::prelude::*;
use fusion::shape::zeroed_box;
use fusion::weights::walk;
use support::{report, side_by_side};

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<128, 64, Relu> => Dense<64, 32, Relu> => Dense<32, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

/// A product as one would write it by hand: c = a · b + beta · c, `a` and `b` by strides.
fn product(
    (rows, depth, columns): (usize, usize, usize),
    (a, a_strides): (&[f32], [usize; 2]),
    (b, b_strides): (&[f32], [usize; 2]),
    beta: f32,
    c: &mut [f32],
) {
    let [[a_down, a_right], [b_down, b_right]] = [a_strides, b_strides].map(|strides| strides.map(|x| x as isize));
    assert!(a.len() == rows * depth && b.len() == depth * columns && c.len() == rows * columns);
    let (a, b, c, columns_stride) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), columns as isize);
    // SAFETY: the matrices have these sizes, and their elements lie without gaps, row by row or column by column.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            depth,
            columns,
            1.0,
            a,
            a_down,
            a_right,
            b,
            b_down,
            b_right,
            beta,
            c,
            columns_stride,
            1,
        );
    }
}

/// One layer by hand: the bias, the product, the activation.
fn dense<const IN: usize, const OUT: usize, A: Activation>(
    layer: &Dense<IN, OUT, A>,
    x: &[f32],
    y: &mut Vec<f32>,
    samples: usize,
) {
    y.clear();
    (0..samples).for_each(|_| y.extend_from_slice(&layer.bias));
    product((samples, IN, OUT), (x, [IN, 1]), (layer.kernel.as_flattened(), [OUT, 1]), 1.0, y);
    A::forward(y, OUT);
}

/// One layer's way back by hand: the activation, the three gradients.
fn dense_back<const IN: usize, const OUT: usize, A: TrainActivation>(
    (layer, gradient): (&Dense<IN, OUT, A>, &mut Dense<IN, OUT, A>),
    x: &[f32],
    y: &[f32],
    dy: &mut [f32],
    dx: Option<&mut Vec<f32>>,
) {
    let samples = dy.len() / OUT;
    A::backward(&[], y, dy, OUT);
    product((IN, samples, OUT), (x, [1, IN]), (dy, [OUT, 1]), 0.0, gradient.kernel.as_flattened_mut());
    gradient.bias = [0.0; OUT];
    for dy in dy.chunks_exact(OUT) {
        gradient.bias.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
    }
    if let Some(dx) = dx {
        dx.resize(samples * IN, 0.0);
        product((samples, OUT, IN), (dy, [OUT, 1]), (layer.kernel.as_flattened(), [1, OUT]), 0.0, dx);
    }
}

/// The buffers of the network by hand.
#[derive(Default)]
struct ByHand {
    wires: [Vec<f32>; 8],
    gradients: [Vec<f32>; 8],
}

impl ByHand {
    fn run(&mut self, model: &Fusion, a: &[[f32; 32]], b: &[[f32; 128]]) -> f32 {
        let samples = a.len();
        let [x_1, x, y_1, y_2, y, joined, z_1, z] = &mut self.wires;
        dense(&model.dense, a.as_flattened(), x_1, samples);
        dense(&model.dense_1, x_1, x, samples);
        dense(&model.dense_2, b.as_flattened(), y_1, samples);
        dense(&model.dense_3, y_1, y_2, samples);
        dense(&model.dense_4, y_2, y, samples);
        joined.clear();
        for (x, y) in x.chunks_exact(4).zip(y.chunks_exact(4)) {
            joined.extend_from_slice(x);
            joined.extend_from_slice(y);
        }
        dense(&model.dense_5, joined, z_1, samples);
        dense(&model.dense_6, z_1, z, samples);
        z[0]
    }

    /// One step with Adam and the mean squared error; gives the loss.
    fn train(&mut self, adam: &mut AdamByHand, model: &mut Fusion, batch: Batch<'_>) -> f32 {
        let Batch { a, b, targets } = batch;
        self.run(model, a, b);
        let [x_1, x, y_1, y_2, y, joined, z_1, z] = &self.wires;
        let [dx_1, dx, dy_1, dy_2, dy, d_joined, dz_1, dz] = &mut self.gradients;
        let (share, mut loss) = (1.0 / a.len() as f32, 0.0);
        dz.clear();
        for (z, target) in z.iter().zip(targets.as_flattened()) {
            loss += (z - target) * (z - target) * share;
            dz.push(2.0 * (z - target) * share);
        }
        let g = &mut *adam.gradient;
        dense_back((&model.dense_6, &mut g.dense_6), z_1, z, dz, Some(dz_1));
        dense_back((&model.dense_5, &mut g.dense_5), joined, z_1, dz_1, Some(d_joined));
        dx.clear();
        dy.clear();
        for row in d_joined.chunks_exact(8) {
            dx.extend_from_slice(&row[..4]);
            dy.extend_from_slice(&row[4..]);
        }
        dense_back((&model.dense_4, &mut g.dense_4), y_2, y, dy, Some(dy_2));
        dense_back((&model.dense_3, &mut g.dense_3), y_1, y_2, dy_2, Some(dy_1));
        dense_back((&model.dense_2, &mut g.dense_2), b.as_flattened(), y_1, dy_1, None);
        dense_back((&model.dense_1, &mut g.dense_1), x_1, x, dx, Some(dx_1));
        dense_back((&model.dense, &mut g.dense), a.as_flattened(), x_1, dx_1, None);
        adam.step(model);
        loss
    }
}

#[derive(Clone, Copy)]
struct Batch<'a> {
    a: &'a [[f32; 32]],
    b: &'a [[f32; 128]],
    targets: &'a [[f32; 1]],
}

/// Adam in plain loops.
struct AdamByHand {
    steps: i32,
    gradient: Box<Fusion>,
    moments: [Box<Fusion>; 2],
}

impl Default for AdamByHand {
    fn default() -> Self {
        Self { steps: 0, gradient: zeroed_box(), moments: [zeroed_box(), zeroed_box()] }
    }
}

impl AdamByHand {
    fn step(&mut self, model: &mut Fusion) {
        self.steps += 1;
        let rate = RATE * (1.0 - 0.999_f32.powi(self.steps)).sqrt() / (1.0 - 0.9_f32.powi(self.steps));
        let ([first, second], gradient) = (&mut self.moments, &mut self.gradient);
        let these = [model, &mut **gradient, &mut **first, &mut **second];
        walk(these, &mut |_, [weights, gradient, first, second]| {
            for (((w, g), m), v) in weights.iter_mut().zip(&*gradient).zip(first).zip(second) {
                *m = faded(*m + (g - *m) * 0.1);
                *v = faded(*v + (g * g - *v) * 0.001);
                *w -= rate * *m / (v.sqrt() + 1e-7);
            }
        });
    }
}

/// Keeps moments whose gradients became zero from numbers so small that arithmetic is slow.
fn faded(moment: f32) -> f32 {
    if moment.abs() < f32::MIN_POSITIVE { 0.0 } else { moment }
}

/// So small that the loss hardly moves, however many steps are timed.
const RATE: f32 = 1e-6;

/// Times a training step; both models begin alike and have to come to the same losses.
fn train(batch: Batch<'_>) {
    let (mut model, mut model_by_hand) = (Fusion::new(1), Fusion::new(1));
    let (mut by_hand, mut adam) = (ByHand::default(), AdamByHand::default());
    let mut trainer = Trainer::new(&mut model, Adam::new(f64::from(RATE)), MeanSquaredError);
    let Batch { a, b, targets } = batch;
    let mut ours = || trainer.train_on_batch((black_box(a), black_box(b)), black_box(targets)).unwrap()["loss"];
    let mut other = || by_hand.train(&mut adam, &mut model_by_hand, black_box(batch));
    for _ in 0..10 {
        let (ours, other) = (ours(), f64::from(other()));
        assert!((ours - other).abs() < 1e-5 * other, "both train one network: {ours} and {other}");
    }
    let [ours, other] = side_by_side([&mut || _ = black_box(ours()), &mut || _ = black_box(other())]);
    report(&format!("training step, batch {}", a.len()), 1.0, ours, "matrixmultiply", other);
}

fn numbers<const N: usize>(samples: usize, seed: u64) -> Vec<[f32; N]> {
    let random = fusion::Random::new(seed);
    (0..samples as u64)
        .map(|sample| std::array::from_fn(|index| random.of_sample(sample).uniform(index as u64)))
        .collect()
}

fn main() {
    let model = Fusion::new(1);
    let (a, b) = (numbers::<32>(1024, 2), numbers::<128>(1024, 3));
    let mut by_hand = ByHand::default();
    let difference = (model.predict(&a[0], &b[0])[0] - by_hand.run(&model, &a[..1], &b[..1])).abs();
    assert!(difference < 1e-5, "both compute one network: {difference}");

    println!("minimum / median of 200 rounds, kernels at {:?}", fusion::kernels::level());
    let mut ours = || {
        black_box(model.predict(black_box(&a[0]), black_box(&b[0])));
    };
    let mut other_by_hand = ByHand::default();
    let mut other = || {
        black_box(other_by_hand.run(&model, black_box(&a[..1]), black_box(&b[..1])));
    };
    let [ours, other] = side_by_side([&mut ours, &mut other]);
    report("inference, batch 1", 1.0, ours, "matrixmultiply", other);

    let (mut outputs, mut workspace) = (vec![[0.0]; 1024], Fusion::workspace());
    let mut ours = || {
        model
            .predict_batch_into((black_box(&a), black_box(&b)), &mut outputs, &mut workspace)
            .expect("all inputs have 1024 samples");
        black_box(&mut outputs);
    };
    let mut other = || {
        black_box(by_hand.run(&model, black_box(&a), black_box(&b)));
    };
    let [ours, other] = side_by_side([&mut ours, &mut other]);
    report("inference, batch 1024, per sample", 1024.0, ours, "matrixmultiply", other);

    let targets = numbers::<1>(1024, 4);
    for samples in [32, 128] {
        train(Batch { a: &a[..samples], b: &b[..samples], targets: &targets[..samples] });
    }
}
