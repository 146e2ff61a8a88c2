//! A step of a gated recurrent unit.

use super::super::{at_every_level, numbers};
use super::sigmoid;
use fusion_core::kernels::{GruStep, gru_step};

/// The gates and outputs of a step, which begin as something else.
fn step(units: usize, [gates, inner, bias, last_h]: [&[f32]; 4], keep: bool) -> [Vec<f32>; 2] {
    let (mut gates, mut h) = (gates.to_vec(), vec![7777.0; last_h.len()]);
    gru_step(GruStep { units, gates: &mut gates, inner, bias, last_h, h: &mut h, keep });
    [gates, h]
}

#[test]
fn steps_of_every_size() {
    at_every_level(|_| {
        for units in 1..=40 {
            (1..=5).for_each(|samples| check(units, samples));
        }
    });
}

/// A step with and without a bias and a way back, against its formula in `f64`.
pub(in super::super) fn check(units: usize, samples: usize) {
    let near = |found: f32, exact: f64| assert!((f64::from(found) - exact).abs() < 2e-6, "{found} for {exact}");
    let before: Vec<f32> = numbers(1, 3 * units * samples).into_iter().map(|gate| 6.0 * gate).collect();
    let [inner, last_h] = [2, 3].map(|seed| numbers(seed, units * samples));
    let bias = numbers(4, 2 * units);
    for bias in [&bias[..], &[]] {
        let [gates, h] = step(units, [&before, &inner, bias, &last_h], true);
        for index in 0..units * samples {
            let (sample, unit) = (index / units, index % units);
            let [z, r, n] = [0, 1, 2].map(|gate| 3 * units * sample + gate * units + unit);
            let biased = |at: usize, gate: usize| before[at] + bias.get(gate * units + unit).unwrap_or(&0.0);
            let (update, reset) = (sigmoid(biased(z, 0)), sigmoid(biased(r, 1)));
            let new = (f64::from(before[n]) + reset * f64::from(inner[index])).tanh();
            near(gates[z], update);
            near(gates[r], reset);
            near(gates[n], new);
            near(h[index], update * f64::from(last_h[index]) + (1.0 - update) * new);
        }
        assert_eq!(step(units, [&before, &inner, bias, &last_h], false), [before.clone(), h]);
    }
}

#[test]
fn a_nan_stays_in_its_unit() {
    at_every_level(|_| {
        // Each of the gates by itself, what comes of the state, the bias and the state.
        for wrong in 0..7 {
            let (mut gates, mut rest) = ([0.5; 8 * 3], [[0.5; 8]; 4]);
            if wrong < 3 {
                gates[8 * wrong + 3] = f32::NAN
            } else {
                rest[wrong - 3][3] = f32::NAN
            }
            let [inner, bias_of_z, bias_of_r, last_h] = rest;
            let [_, h] = step(8, [&gates, &inner, &[bias_of_z, bias_of_r].concat(), &last_h], false);
            assert!(h.iter().enumerate().all(|(unit, h)| h.is_nan() == (unit == 3)), "{wrong}: {h:?}");
        }
    });
}

#[test]
#[should_panic(expected = "7 numbers in the gates of 2 units")]
fn gates_have_to_be_three_times_the_outputs() {
    step(1, [&[0.0; 7], &[0.0; 2], &[], &[0.0; 2]], false);
}

#[test]
#[should_panic(expected = "3 numbers in the bias of z and r of 1 units")]
fn a_bias_has_to_be_that_of_two_gates() {
    step(1, [&[0.0; 3], &[0.0], &[0.0; 3], &[0.0]], false);
}
