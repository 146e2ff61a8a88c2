//! Training and prediction on one thread and on all, in one run.
//!
//! `cargo bench --bench threads`

mod support;

use fusion::prelude::*;
use std::hint::black_box;
use support::{Timing, report, side_by_side};

model! {
    struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

model! {
    struct Wide = [f32; 784] => Dense<_, 512, Relu> => Dense<_, 512, Relu> => Dense<_, 10>;
}

model! {
    struct ToyResNet {
        input img: [f32; 32, 32, 3];
        branch stem = img => Conv2d<3, 32, 3>(activation = Relu) => Conv2d<_, 64, 3>(activation = Relu)
            => MaxPooling2d(pool_size = 3);
        branch inner_1 = stem => Conv2d<_, 64, 3>(activation = Relu, padding = Same)
            => Conv2d<_, 64, 3>(activation = Relu, padding = Same);
        branch block_1 = add(inner_1, stem);
        branch inner_2 = block_1 => Conv2d<_, 64, 3>(activation = Relu, padding = Same)
            => Conv2d<_, 64, 3>(activation = Relu, padding = Same);
        branch block_2 = add(inner_2, block_1);
        output class = block_2 => Conv2d<_, 64, 3>(activation = Relu) => GlobalAveragePooling2d => Dense<_, 256, Relu>
            => Dropout(0.5) => Dense<_, 10>;
    }
}

fn numbers<const N: usize>(count: usize) -> Vec<[f32; N]> {
    (0..count).map(|s| std::array::from_fn(|i| ((s * 7 + i * 3) % 23) as f32 / 11.5 - 1.0)).collect()
}

/// For each of so many samples.
fn line(what: &str, samples: usize, [all, one]: [Timing; 2]) {
    report(what, samples as f64, all, "one", one);
}

/// So many steps of training on all threads and on one: threads that share products find each other from step to step.
macro_rules! train {
    ($what:literal, $samples:literal x $steps:literal, $Model:ident, $loss:expr, $x:expr, $y:expr) => {
        let (mut model, mut other) = ($Model::new(1), $Model::new(1));
        let mut all = Trainer::new(&mut *model, Adam::default(), $loss);
        let mut one = Trainer::new(&mut *other, Adam::default(), $loss).threads(1);
        let mut all = || (0..$steps).for_each(|_| _ = black_box(all.train_on_batch($x, $y).unwrap()));
        let mut one = || (0..$steps).for_each(|_| _ = black_box(one.train_on_batch($x, $y).unwrap()));
        line($what, $steps * $samples, side_by_side([&mut all, &mut one]));
    };
}

fn main() {
    let (a, b) = (numbers::<32>(100_000), numbers::<128>(100_000));
    let y: Vec<[f32; 1]> = a.iter().map(|a| [a[0]]).collect();
    println!("{} threads", fusion::kernels::Threads::all().count());
    train!("fusion model, batch 100,000", 100_000 x 1, Fusion, MeanSquaredError, (&a, &b), &y);
    let model = Fusion::new(1);
    let (mut outputs, mut workspace) = (vec![[0.0]; a.len()], Fusion::workspace());
    let mut all = || _ = black_box(model.predict_batch((&a, &b)).unwrap());
    let mut one = || model.predict_batch_into((&a, &b), black_box(&mut outputs), &mut workspace).unwrap();
    line("predictions of 100,000", 100_000, side_by_side([&mut all, &mut one]));

    let x = numbers::<784>(128);
    let ids: Vec<u32> = (0..128).map(|i| i % 10).collect();
    train!("784-512-512-10, batch 128", 128 x 20, Wide, SparseCategoricalCrossentropy::from_logits(), &x, &ids);
    let (a, b) = (&a[..32], &b[..32]);
    train!("fusion model, batch 32", 32 x 1, Fusion, MeanSquaredError, (a, b), &y[..32]);

    let x: Vec<[[[f32; 3]; 32]; 32]> = vec![std::array::from_fn(|i| [[i as f32 / 32.0 - 0.5; 3]; 32]); 32];
    train!("toy ResNet, batch 32", 32 x 1, ToyResNet, SparseCategoricalCrossentropy::from_logits(), &x, &ids[..32]);
    let model = ToyResNet::new(1);
    let (mut outputs, mut workspace) = (vec![[0.0; 10]; x.len()], ToyResNet::workspace());
    let mut all = || _ = black_box(model.predict_batch(&x).unwrap());
    let mut one = || model.predict_batch_into(&x, black_box(&mut outputs), &mut workspace).unwrap();
    line("toy ResNet, predictions of 32", 32, side_by_side([&mut all, &mut one]));
}
