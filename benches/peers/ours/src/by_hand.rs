//! Networks of `Dense` layers through `matrixmultiply`, layer by layer, as one would write it by hand.

use std::hint::black_box;

use common::{Work, dense, folder, numbers, parts, serve};

/// y = x · kernel + bias, and perhaps 0 for what is below.
fn layer([kernel, bias]: &[Vec<f32>; 2], x: &[f32], y: &mut Vec<f32>, samples: usize, relu: bool) {
    let (inputs, outputs) = (kernel.len() / bias.len(), bias.len());
    assert_eq!(x.len(), samples * inputs);
    y.clear();
    (0..samples).for_each(|_| y.extend_from_slice(bias));
    let (down, across) = (inputs as isize, outputs as isize);
    // SAFETY: x, kernel and y have samples × inputs, inputs × outputs and samples × outputs numbers, row by row.
    unsafe {
        matrixmultiply::sgemm(
            samples,
            inputs,
            outputs,
            1.0,
            x.as_ptr(),
            down,
            1,
            kernel.as_ptr(),
            across,
            1,
            1.0,
            y.as_mut_ptr(),
            across,
            1,
        );
    }
    if relu {
        y.iter_mut().for_each(|y| *y = y.max(0.0));
    }
}

/// Layers in a row; all but the last of a network have `Relu`.
struct Chain {
    layers: Vec<[Vec<f32>; 2]>,
    ends: bool,
    wires: Vec<Vec<f32>>,
}

impl Chain {
    fn of(network: &str, names: &[&str], ends: bool) -> Self {
        Self { layers: dense(&folder(), network, names), ends, wires: vec![Vec::new(); names.len()] }
    }

    fn run(&mut self, x: &[f32], samples: usize) -> &[f32] {
        for (index, weights) in self.layers.iter().enumerate() {
            let relu = !self.ends || index + 1 < self.layers.len();
            let (before, after) = self.wires.split_at_mut(index);
            layer(weights, before.last().map_or(x, Vec::as_slice), &mut after[0], samples, relu);
        }
        &self.wires[self.layers.len() - 1]
    }
}

fn input(name: &str, samples: usize, width: usize) -> Vec<f32> {
    let mut rows = numbers(&folder().join(format!("{name}.bin")));
    rows.truncate(samples * width);
    rows
}

fn main() {
    serve(|case| {
        let (network, trains, samples) = parts(case);
        if trains {
            return None;
        }
        let chain = |width: usize| {
            let mut chain = Chain::of(network, &["dense", "dense_1", "dense_2"], true);
            let x = input(&format!("{network}.x"), samples, width);
            let computes = chain.run(&x, samples).to_vec();
            Work { computes, run: Box::new(move || _ = black_box(chain.run(black_box(&x), samples))) }
        };
        match network {
            "m1" => Some(fused(samples)),
            "m2" => Some(chain(10)),
            "m3" => Some(chain(784)),
            _ => None,
        }
    });
}

fn fused(samples: usize) -> Work {
    let mut x = Chain::of("m1", &["dense", "dense_1"], false);
    let mut y = Chain::of("m1", &["dense_2", "dense_3", "dense_4"], false);
    let mut z = Chain::of("m1", &["dense_5", "dense_6"], true);
    let (a, b) = (input("m1.a", samples, 32), input("m1.b", samples, 128));
    let mut joined = Vec::new();
    let mut run = move |computes: Option<&mut Vec<f32>>| {
        let (x, y) = (x.run(black_box(&a), samples), y.run(black_box(&b), samples));
        joined.clear();
        for (x, y) in x.as_chunks::<4>().0.iter().zip(y.as_chunks::<4>().0) {
            joined.extend_from_slice(x);
            joined.extend_from_slice(y);
        }
        let z = black_box(z.run(&joined, samples));
        if let Some(computes) = computes {
            computes.extend_from_slice(z);
        }
    };
    let mut computes = Vec::new();
    run(Some(&mut computes));
    Work { computes, run: Box::new(move || run(None)) }
}
