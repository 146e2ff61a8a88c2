//! The tutorial's fusion model against the same network through `matrixmultiply`, layer by layer.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench fusion`.

mod support;

use std::hint::black_box;

use fusion::prelude::*;
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

/// One layer as one would write it by hand: the bias, the product, the activation.
fn dense<const IN: usize, const OUT: usize, A: fusion::activations::Activation>(
    layer: &Dense<IN, OUT, A>,
    x: &[f32],
    y: &mut Vec<f32>,
    samples: usize,
) {
    y.clear();
    (0..samples).for_each(|_| y.extend_from_slice(&layer.bias));
    assert!(x.len() == samples * IN && y.len() == samples * OUT);
    // SAFETY: `x` is samples × IN, the kernel IN × OUT and `y` samples × OUT, row by row.
    unsafe {
        matrixmultiply::sgemm(
            samples,
            IN,
            OUT,
            1.0,
            x.as_ptr(),
            IN as isize,
            1,
            layer.kernel.as_ptr().cast(),
            OUT as isize,
            1,
            1.0,
            y.as_mut_ptr(),
            OUT as isize,
            1,
        );
    }
    A::forward(y, OUT);
}

/// The buffers of the network by hand.
#[derive(Default)]
struct ByHand {
    wires: [Vec<f32>; 8],
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
}
