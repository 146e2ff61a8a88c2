//! Whole recurrent layers against `matrixmultiply`: first against nothing but their products, then, forward, against the
//! same layer by hand with these products.
//!
//! The products are x · kernel of all steps at once and h · `recurrent_kernel` step by step; on the way back the gradient
//! of the gates · `recurrent_kernel`ᵀ step by step, and those of both kernels and of x at once.
//!
//! A whole layer has its gates too, which the first yardstick has not: where units are few they cost as much as the
//! products. An LSTM of 16 → 32 with AVX2 needs some 1.7 µs for the products of a sample's 20 steps at the processor's peak and
//! 1.5 µs for 400 vectors of tanh, against 3.0 µs of `matrixmultiply` alone.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench recurrent`.

#[path = "support/products.rs"]
mod products;
mod support;

use std::hint::black_box;

use fusion::kernels::memory::AlignedVec;
use fusion::kernels::{sigmoid_in_place, tanh_in_place};
use fusion::layer::{Backward, Forward, Layer, TrainLayer};
use fusion::layers::{Gru, Lstm, SimpleRnn};
use fusion::shape::{Plain, Tensor, zeroed_box};
use fusion::weights::{Parameters, Random};
use products::{arrays, assert_near, layer, numbers, product};
use support::{report, side_by_side};

/// The activations of one sample in one step: from the gates of the step's input and of the state to the next state.
type Gates = fn(&mut [f32], &mut [f32], &mut [f32], &mut [f32]);

/// A layer by hand, and the memory for it.
struct ByHand {
    sizes: [usize; 4],
    /// How many gates there are.
    gates: usize,
    step: Gates,
    arrays: Vec<Vec<f32>>,
    /// Of all steps, one after the other.
    of_input: Vec<f32>,
    of_state: Vec<f32>,
    state: Vec<f32>,
    cell: Vec<f32>,
}

impl ByHand {
    fn new(sizes: [usize; 4], gates: usize, step: Gates, arrays: Vec<Vec<f32>>) -> Self {
        let [samples, steps, _, units] = sizes;
        let of_input = vec![0.5; samples * steps * gates * units];
        let of_state = vec![0.5; samples * gates * units];
        Self {
            sizes,
            gates,
            step,
            arrays,
            of_input,
            of_state,
            state: vec![0.5; samples * units],
            cell: vec![0.5; samples * units],
        }
    }

    fn forward(&mut self, x: &[f32], whole: bool) {
        let [samples, steps, features, units] = self.sizes;
        let (columns, arrays) = (self.gates * units, std::mem::take(&mut self.arrays));
        let [kernel, recurrent_kernel, bias] = &arrays[..] else { panic!("three arrays") };
        let (of_kernel, of_state) = bias.split_at(columns);
        if whole {
            self.of_input.chunks_exact_mut(columns).for_each(|gates| gates.copy_from_slice(of_kernel));
            self.state.fill(0.0);
            self.cell.fill(0.0);
        }
        let beta = if whole { 1.0 } else { 0.0 };
        let (x, kernel) = ((x, [features, 1]), (&kernel[..], [columns, 1]));
        product((samples * steps, features, columns), x, kernel, beta, (&mut self.of_input, [columns, 1]));
        for step in 0..steps {
            if whole && of_state.len() == columns {
                self.of_state.chunks_exact_mut(columns).for_each(|gates| gates.copy_from_slice(of_state));
            }
            let beta = if whole && of_state.len() == columns { 1.0 } else { 0.0 };
            let (state, kernel) = ((&self.state[..], [units, 1]), (&recurrent_kernel[..], [columns, 1]));
            product((samples, units, columns), state, kernel, beta, (&mut self.of_state, [columns, 1]));
            if whole {
                self.activations(step);
            }
        }
        self.arrays = arrays;
    }

    fn activations(&mut self, step: usize) {
        let [samples, steps, _, units] = self.sizes;
        let columns = self.gates * units;
        for sample in 0..samples {
            let of_input = &mut self.of_input[(sample * steps + step) * columns..][..columns];
            let of_state = &mut self.of_state[sample * columns..][..columns];
            let (state, cell) = (&mut self.state[sample * units..][..units], &mut self.cell[sample * units..][..units]);
            (self.step)(of_input, of_state, state, cell);
        }
    }

    /// The products of the way back, on whatever numbers there are.
    fn products_back(&mut self, x: &[f32], gradients: &mut [Vec<f32>; 2], dx: &mut [f32]) {
        let [samples, steps, features, units] = self.sizes;
        let (columns, rows) = (self.gates * units, samples * steps);
        let [kernel, recurrent_kernel, _] = &self.arrays[..] else { panic!("three arrays") };
        for _ in 0..steps {
            let (gates, kernel) = ((&self.of_state[..], [columns, 1]), (&recurrent_kernel[..], [1, columns]));
            product((samples, columns, units), gates, kernel, 0.0, (&mut self.state, [units, 1]));
        }
        let gates = (&self.of_input[..], [columns, 1]);
        let [of_kernel, of_recurrent] = gradients;
        product((features, rows, columns), (x, [1, features]), gates, 1.0, (of_kernel, [columns, 1]));
        // The states of all steps are as many numbers as a gate has.
        let states = (&self.of_input[..], [1, units]);
        product((units, rows, columns), states, gates, 1.0, (of_recurrent, [columns, 1]));
        product((rows, columns, features), gates, (kernel, [1, columns]), 0.0, (dx, [features, 1]));
    }
}

fn add(gates: &mut [f32], others: &[f32]) {
    gates.iter_mut().zip(others).for_each(|(gate, other)| *gate += other);
}

fn lstm_step(gates: &mut [f32], of_state: &mut [f32], state: &mut [f32], cell: &mut [f32]) {
    let units = state.len();
    add(gates, of_state);
    sigmoid_in_place(&mut gates[..2 * units]);
    tanh_in_place(&mut gates[2 * units..3 * units]);
    sigmoid_in_place(&mut gates[3 * units..]);
    for unit in 0..units {
        cell[unit] = gates[units + unit] * cell[unit] + gates[unit] * gates[2 * units + unit];
    }
    state.copy_from_slice(cell);
    tanh_in_place(state);
    state.iter_mut().zip(&gates[3 * units..]).for_each(|(state, o)| *state *= o);
}

fn gru_step(gates: &mut [f32], of_state: &mut [f32], state: &mut [f32], _: &mut [f32]) {
    let units = state.len();
    let (gates, candidate) = gates.split_at_mut(2 * units);
    add(gates, of_state);
    sigmoid_in_place(gates);
    for unit in 0..units {
        candidate[unit] += gates[units + unit] * of_state[2 * units + unit];
    }
    tanh_in_place(candidate);
    for unit in 0..units {
        state[unit] = gates[unit] * state[unit] + (1.0 - gates[unit]) * candidate[unit];
    }
}

fn simple_step(gates: &mut [f32], of_state: &mut [f32], state: &mut [f32], _: &mut [f32]) {
    add(gates, of_state);
    tanh_in_place(gates);
    state.copy_from_slice(gates);
}

/// Runs `samples` sequences of `STEPS` steps.
fn compare<L, const STEPS: usize, const FEATURES: usize, const UNITS: usize>(
    (name, gates, step): (&str, usize, Gates),
    samples: usize,
) where
    L: TrainLayer<[[f32; FEATURES]; STEPS]> + Parameters + Plain,
{
    let mut layer = layer::<L>();
    let x = numbers::<[[f32; FEATURES]; STEPS]>(samples, 2);
    let mut y = vec![[0.0_f32; UNITS]; samples];
    let needs = <L as Layer<[[f32; FEATURES]; STEPS]>>::NEEDS;
    let mut saved = AlignedVec::zeroed(needs.saved_in_inference.of(samples));
    let mut scratch = AlignedVec::zeroed(needs.scratch.or(needs.backward_scratch).of(samples));
    let sizes = [samples, STEPS, FEATURES, UNITS];
    let mut others = [0, 1].map(|_| ByHand::new(sizes, gates, step, arrays(&mut *layer)));
    let what = format!("{name} {FEATURES} → {UNITS}, {STEPS} steps, batch {samples}");
    {
        let mut ours = || {
            let cx = &mut Forward::new(saved.as_mut_slice(), scratch.as_mut_slice());
            layer.forward(cx, black_box(&x), &mut y);
        };
        let [products, by_hand] = &mut others;
        let mut products = || products.forward(Tensor::numbers(black_box(&x)), false);
        let mut by_hand = || by_hand.forward(Tensor::numbers(black_box(&x)), true);
        let [ours, products, by_hand] = side_by_side([&mut ours, &mut products, &mut by_hand]);
        report(&what, samples as f64, ours, "its products alone", products);
        report(&what, samples as f64, ours, "by hand           ", by_hand);
    }
    assert_near(y.as_flattened(), &others[1].state);

    let random = Random::new(1);
    let mut saved = AlignedVec::zeroed(needs.saved.of(samples));
    layer.forward(&mut Forward::new(saved.as_mut_slice(), scratch.as_mut_slice()).training(random), &x, &mut y);
    let mut kept = AlignedVec::zeroed(saved.as_mut_slice().len());
    let (mut dx, mut dy, mut gradient) = (x.clone(), numbers::<[f32; UNITS]>(samples, 3), zeroed_box::<L>());
    let mut other_dx = x.clone();
    let mut gradients = [0, 1].map(|index| vec![0.0; others[0].arrays[index].len()]);
    let mut ours = || {
        // What was kept is used up: a whole step of training writes it anew.
        kept.as_mut_slice().copy_from_slice(saved.as_mut_slice());
        let cx = Backward::new(Some(&mut *gradient), kept.as_mut_slice(), scratch.as_mut_slice());
        layer.backward(&mut cx.training(random), black_box(&x), &y, &mut dy, Some(&mut dx));
    };
    let mut products = || {
        others[0].products_back(Tensor::numbers(black_box(&x)), &mut gradients, Tensor::numbers_mut(&mut other_dx));
    };
    let [ours, products] = side_by_side([&mut ours, &mut products]);
    report(&format!("{what}, back"), samples as f64, ours, "its products alone", products);
}

fn main() {
    println!("ns a sample, the shortest and the median, kernels at {:?}", fusion::kernels::level());
    // 48 is as many as a layer is given at once (the largest tile).
    for samples in [1, 32, 48] {
        const LSTM: (&str, usize, Gates) = ("LSTM", 4, lstm_step);
        const GRU: (&str, usize, Gates) = ("GRU", 3, gru_step);
        const SIMPLE: (&str, usize, Gates) = ("SimpleRNN", 1, simple_step);
        compare::<Lstm<6, 8>, 12, 6, 8>(LSTM, samples);
        compare::<Lstm<16, 32>, 20, 16, 32>(LSTM, samples);
        compare::<Lstm<32, 64>, 50, 32, 64>(LSTM, samples);
        compare::<Lstm<64, 128>, 30, 64, 128>(LSTM, samples);
        compare::<Gru<6, 8>, 12, 6, 8>(GRU, samples);
        compare::<Gru<16, 32>, 20, 16, 32>(GRU, samples);
        compare::<Gru<32, 64>, 50, 32, 64>(GRU, samples);
        compare::<Gru<64, 128>, 30, 64, 128>(GRU, samples);
        compare::<SimpleRnn<32, 64>, 50, 32, 64>(SIMPLE, samples);
    }
}
