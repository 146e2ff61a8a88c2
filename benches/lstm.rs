//! A whole LSTM forward against `matrixmultiply`: first against nothing but its two products, x · kernel of all steps
//! at once and h · `recurrent_kernel` step by step, then against the same network by hand with these products.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench lstm`.

mod support;

use std::hint::black_box;

use fusion::kernels::{sigmoid_in_place, tanh_in_place};
use fusion::layer::{Forward, Layer};
use fusion::layers::Lstm;
use fusion::shape::{Tensor, zeroed_box};
use fusion::weights::{Random, walk};
use support::{report, side_by_side};

/// A row-major product: c = a · b, or c += a · b.
fn product(a: &[f32], b: &[f32], c: &mut [f32], (rows, depth, columns): (usize, usize, usize), add: bool) {
    assert!(a.len() >= rows * depth && b.len() == depth * columns && c.len() >= rows * columns);
    // SAFETY: all three are row-major matrices of these sizes.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            depth,
            columns,
            1.0,
            a.as_ptr(),
            depth as isize,
            1,
            b.as_ptr(),
            columns as isize,
            1,
            if add { 1.0 } else { 0.0 },
            c.as_mut_ptr(),
            columns as isize,
            1,
        );
    }
}

/// Runs `samples` sequences of `STEPS` steps.
fn compare<const STEPS: usize, const FEATURES: usize, const UNITS: usize>(samples: usize) {
    type In<const STEPS: usize, const FEATURES: usize> = [[f32; FEATURES]; STEPS];
    let mut layer = zeroed_box::<Lstm<FEATURES, UNITS>>();
    walk([&mut *layer], &mut |parameter, [values]| {
        parameter.array.initializer.fill(Random::new(1), &parameter.array.shape, values);
    });
    let numbers: Vec<f32> = (0..samples * STEPS * FEATURES).map(|i| (i % 13) as f32 / 6.0 - 1.0).collect();
    let x = In::<STEPS, FEATURES>::rows(&numbers);
    let mut y = vec![[0.0; UNITS]; samples];
    let needs = <Lstm<FEATURES, UNITS> as Layer<In<STEPS, FEATURES>>>::NEEDS;
    let mut saved = vec![0.0; needs.saved_in_inference.of(samples)];
    let mut ours = || {
        let cx = &mut Forward::new(&mut saved, &mut []);
        Layer::<In<STEPS, FEATURES>>::forward(&*layer, cx, black_box(x), &mut y);
        black_box(&y);
    };

    let columns = 4 * UNITS;
    let (kernel, recurrent_kernel) = (layer.kernel.as_flattened(), layer.recurrent_kernel.as_flattened());
    let (bias, sizes) = (layer.bias.as_flattened(), (samples * STEPS, FEATURES, columns));
    let mut gates = vec![0.0; samples * STEPS * columns];
    let h = vec![0.5; samples * UNITS];
    let mut products = || {
        product(black_box(&numbers), kernel.as_flattened(), &mut gates, sizes, false);
        for step in gates.chunks_exact_mut(samples * columns) {
            product(black_box(&h), recurrent_kernel.as_flattened(), step, (samples, UNITS, columns), true);
        }
        black_box(&gates);
    };

    let (mut all_gates, mut cells) = (vec![0.0; samples * STEPS * columns], vec![[0.0; UNITS]; samples]);
    let mut outputs = cells.clone();
    let mut by_hand = || {
        all_gates.chunks_exact_mut(columns).for_each(|gates| gates.copy_from_slice(bias));
        product(black_box(&numbers), kernel.as_flattened(), &mut all_gates, sizes, true);
        cells.fill([0.0; UNITS]);
        outputs.fill([0.0; UNITS]);
        for step in all_gates.chunks_exact_mut(samples * columns) {
            let sizes = (samples, UNITS, columns);
            product(outputs.as_flattened(), recurrent_kernel.as_flattened(), step, sizes, true);
            for ((gates, cell), output) in step.chunks_exact_mut(columns).zip(&mut cells).zip(&mut outputs) {
                gates_by_hand(gates, cell, output);
            }
        }
        black_box(&outputs);
    };
    let [ours, products, by_hand] = side_by_side([&mut ours, &mut products, &mut by_hand]);
    let what = format!("LSTM {FEATURES} → {UNITS}, {STEPS} steps, batch {samples}");
    report(&what, samples as f64, ours, "its products alone", products);
    report(&what, samples as f64, ours, "by hand           ", by_hand);
}

/// The activations of one sample, with this crate's own functions.
fn gates_by_hand<const UNITS: usize>(gates: &mut [f32], cell: &mut [f32; UNITS], output: &mut [f32; UNITS]) {
    sigmoid_in_place(&mut gates[..2 * UNITS]);
    tanh_in_place(&mut gates[2 * UNITS..3 * UNITS]);
    sigmoid_in_place(&mut gates[3 * UNITS..]);
    for unit in 0..UNITS {
        cell[unit] = gates[UNITS + unit] * cell[unit] + gates[unit] * gates[2 * UNITS + unit];
    }
    *output = *cell;
    tanh_in_place(output);
    output.iter_mut().zip(&gates[3 * UNITS..]).for_each(|(output, o)| *output *= o);
}

fn main() {
    println!("ns a sample, the shortest and the median, beside `matrixmultiply`");
    for samples in [1, 32, 128] {
        compare::<12, 6, 8>(samples);
        compare::<20, 16, 32>(samples);
        compare::<50, 32, 64>(samples);
        compare::<30, 64, 128>(samples);
    }
}
