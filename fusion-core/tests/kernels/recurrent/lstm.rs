//! A step of an LSTM.

use super::super::{at_every_level, numbers};
use super::sigmoid;
use fusion_core::kernels::{LstmStep, lstm_step};

/// What a step makes of these: gates, cell, tanh of it and output.
#[derive(Debug, PartialEq)]
struct Outcome {
    gates: Vec<f32>,
    cell: Vec<f32>,
    tanh_of_cell: Vec<f32>,
    h: Vec<f32>,
}

/// `nothing` fills what has to be written.
fn step(units: usize, gates: &[f32], last_cell: &[f32], keep: bool) -> Outcome {
    let nothing = || vec![7777.0; last_cell.len()];
    let mut outcome = Outcome { gates: gates.to_vec(), cell: nothing(), tanh_of_cell: nothing(), h: nothing() };
    let Outcome { gates, cell, tanh_of_cell, h } = &mut outcome;
    lstm_step(LstmStep { units, gates, last_cell, cell, h, tanh_of_cell: keep.then_some(tanh_of_cell) });
    outcome
}

#[test]
fn steps_of_every_size() {
    at_every_level(|_| {
        for units in 1..=40 {
            (1..=5).for_each(|samples| check(units, samples));
        }
    });
}

/// A step with and without a way back, against its formula in `f64`.
pub(in super::super) fn check(units: usize, samples: usize) {
    let near = |found: f32, exact: f64| assert!((f64::from(found) - exact).abs() < 1e-6, "{found} for {exact}");
    let before: Vec<f32> = numbers(1, 4 * units * samples).into_iter().map(|gate| 6.0 * gate).collect();
    let last_cell = numbers(2, units * samples);
    let Outcome { gates, cell, tanh_of_cell, h } = step(units, &before, &last_cell, true);
    for index in 0..units * samples {
        let gate = |gate: usize| 4 * units * (index / units) + gate * units + index % units;
        let [i, f, g, o] = [0, 1, 2, 3].map(gate);
        let (input, forget, output) = (sigmoid(before[i]), sigmoid(before[f]), sigmoid(before[o]));
        let new = f64::from(before[g]).tanh();
        let next = forget * f64::from(last_cell[index]) + input * new;
        near(gates[i], input);
        near(gates[f], forget);
        near(gates[g], new);
        near(gates[o], output);
        near(cell[index], next);
        near(tanh_of_cell[index], next.tanh());
        near(h[index], output * next.tanh());
    }
    let without = step(units, &before, &last_cell, false);
    assert_eq!((without.gates, without.cell, without.h), (before, cell, h));
}

#[test]
fn a_nan_stays_in_its_unit_and_large_numbers_are_limits() {
    let gates = [0.0, f32::NAN, f32::INFINITY, 1e30, -1e30, f32::NEG_INFINITY, 2.0, 2.0, 2.0, 9.0, 9.0, 9.0];
    let near = |found: f32, exact: f64| assert!((f64::from(found) - exact).abs() < 1e-6, "{found} for {exact}");
    at_every_level(|_| {
        let Outcome { cell, h, .. } = step(3, &gates, &[0.5; 3], true);
        near(cell[0], 0.5 + 0.5 * 2_f64.tanh());
        assert!(cell[1].is_nan() && h[1].is_nan());
        near(cell[2], 2_f64.tanh());
        near(h[2], 2_f64.tanh().tanh() * sigmoid(9.0));
        // Each of the gates by itself, and the cell.
        for wrong in 0..5 {
            let (mut gates, mut last_cell) = ([0.5; 8 * 4], [0.5; 8]);
            if wrong < 4 {
                gates[8 * wrong + 3] = f32::NAN
            } else {
                last_cell[3] = f32::NAN
            }
            let Outcome { h, .. } = step(8, &gates, &last_cell, false);
            assert!(h.iter().enumerate().all(|(unit, h)| h.is_nan() == (unit == 3)), "{wrong}: {h:?}");
        }
    });
}

#[test]
#[should_panic(expected = "7 numbers in the gates of 2 units")]
fn gates_have_to_be_four_times_the_cells() {
    let (mut gates, mut cell, mut h) = ([0.0; 7], [0.0; 2], [0.0; 2]);
    let (gates, cell, h) = (&mut gates, &mut cell, &mut h);
    lstm_step(LstmStep { units: 1, gates, last_cell: &[0.0; 2], cell, h, tanh_of_cell: None });
}
