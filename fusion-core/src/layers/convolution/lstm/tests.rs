use super::*;
use crate::Random;
use crate::activations::reference::sigmoid;
use crate::layer::Layer;
use crate::layers::testing::{differences, differences_in_training, initialized};
use crate::layers::{ConvLstm1d, ConvLstm3d};
use crate::weights::{Defaults, Options, OptionsOf};

const CHANNELS: usize = 2;
const FILTERS: usize = 3;
const WINDOW: usize = 2;
const PLACES: usize = 3;
type Small = ConvLstm1d<CHANNELS, FILTERS, WINDOW>;
type Rows = [[[f32; CHANNELS]; PLACES + 1]; 4];

struct Drops<const INPUT: usize, const STATE: usize>;
impl<const INPUT: usize, const STATE: usize> OptionsOf<Small> for Drops<INPUT, STATE> {
    const VALUE: ConvLstmOptions<1> =
        ConvLstmOptions::DEFAULT.dropout(INPUT as f32 / 100.0).recurrent_dropout(STATE as f32 / 100.0);
}

fn samples<const COUNT: usize>() -> [Rows; COUNT] {
    let number = |i: usize, t: usize, p: usize, c: usize| ((i * 37 + t * 11 + p * 5 + c) as f32 * 0.7).sin();
    core::array::from_fn(|i| {
        core::array::from_fn(|t| core::array::from_fn(|p| core::array::from_fn(|c| number(i, t, p, c))))
    })
}

/// What a convolution gives in a gate of a filter at a place, of what is left of its input for that gate.
fn convolved(x: &[f64], channels: usize, kernel: &[f64], at: [usize; 3], left: impl Fn(usize) -> f64) -> f64 {
    let [place, gate, filter] = at;
    let taps = (0..WINDOW).flat_map(|k| (0..channels).map(move |c| (k, c)));
    // Behind the last place there are zeros.
    let inside = taps.filter(|(k, _)| (place + k + 1) * channels <= x.len());
    inside
        .map(|(k, c)| {
            let index = (place + k) * channels + c;
            x[index] * left(index) * kernel[((k * channels + c) * 4 + gate) * FILTERS + filter]
        })
        .sum()
}

/// The last output; `left` says what a number of the input, 0, or of the output before, 1, is multiplied with for a gate.
fn last_output(weights: &[f64], x: &[f64], left: impl Fn(u64, usize, usize) -> f64) -> Vec<f64> {
    let (kernel, rest) = weights.split_at(WINDOW * CHANNELS * 4 * FILTERS);
    let (recurrent, bias) = rest.split_at(WINDOW * FILTERS * 4 * FILTERS);
    let (mut h, mut cell) = (vec![0.0; PLACES * FILTERS], vec![0.0; PLACES * FILTERS]);
    for x in x.chunks((PLACES + 1) * CHANNELS) {
        let before = h.clone();
        for at in 0..h.len() {
            let (place, filter) = (at / FILTERS, at % FILTERS);
            let [i, f, g, o] = [0, 1, 2, 3].map(|gate| {
                convolved(x, CHANNELS, kernel, [place, gate, filter], |index| left(0, gate, index))
                    + convolved(&before, FILTERS, recurrent, [place, gate, filter], |index| left(1, gate, index))
                    + bias[gate * FILTERS + filter]
            });
            cell[at] = sigmoid(f) * cell[at] + sigmoid(i) * libm::tanh(g);
            h[at] = sigmoid(o) * libm::tanh(cell[at]);
        }
    }
    h
}

fn drops_out<const INPUT: usize, const STATE: usize>() {
    let rates = [INPUT as f32 / 100.0, STATE as f32 / 100.0];
    let formula = |random: &dyn Fn(u64) -> Random, w: &[f64], x: &[f64]| {
        last_output(w, x, |kind, gate, index| {
            let (rate, width) =
                (rates[kind as usize], if kind == 0 { (PLACES + 1) * CHANNELS } else { PLACES * FILTERS });
            let kept = random(kind).uniform((gate * width + index) as u64) >= rate;
            if kept { 1.0 / (1.0 - f64::from(rate)) } else { 0.0 }
        })
    };
    let layer = initialized::<Small>();
    differences_in_training::<_, Drops<INPUT, STATE>, _, [[f32; FILTERS]; PLACES]>(&*layer, &samples::<3>(), formula);
}

#[test]
fn values_and_gradients_are_those_of_the_formula() {
    let formula = |w: &[f64], x: &[f64]| last_output(w, x, |_, _, _| 1.0);
    let (layer, x) = (initialized::<Small>(), samples::<3>());
    differences::<_, Defaults, _, [[f32; FILTERS]; PLACES]>(&*layer, &x, formula);
    // Where no training is, nothing drops out.
    differences::<_, Drops<25, 50>, _, [[f32; FILTERS]; PLACES]>(&*layer, &x, formula);
}

#[test]
fn what_drops_out_of_each_gate_does_so_at_all_steps() {
    drops_out::<40, 0>();
    drops_out::<0, 40>();
    drops_out::<25, 50>();
    let output = <Small as Layer<Rows, Drops<100, 0>>>::OUTPUT;
    assert_eq!(output.mistake.unwrap().option, Some("dropout"));
    let output = <Small as Layer<Rows, Drops<0, 100>>>::OUTPUT;
    assert_eq!(output.mistake.unwrap().option, Some("recurrent_dropout"));
}

#[test]
fn masks_drop_the_rate_and_keep_the_mean() {
    let sizes =
        Convolution { depth: Axis::ONE, height: Axis::ONE, width: Axis::ONE, channels: 1000, filters: 4, groups: 1 };
    let mut memory = vec![f32::NAN; 4000];
    let (masks, rest) = gates::draw(&sizes, 0.25, Random::new(5).of_sample(3), &mut memory);
    assert!(masks.len() == 4000 && rest.is_empty());
    let dropped = masks.iter().filter(|mask| **mask == 0.0).count();
    assert!((850..1150).contains(&dropped), "{dropped} of 4000");
    assert!(masks.iter().all(|mask| *mask == 0.0 || *mask == 1.0 / 0.75));
    assert_ne!(masks[..1000], masks[1000..2000], "each gate has its own");
    assert!(gates::draw(&sizes, 0.0, Random::new(5), &mut []).0.is_empty());
}

#[test]
fn what_is_no_sequence_of_volumes_is_told() {
    let sentence = crate::layers::testing::says::<ConvLstm3d<2, 3, 2>, Defaults, [[[[f32; 2]; 4]; 4]; 4]>().unwrap();
    assert_eq!(sentence, "takes a sequence of volumes [steps, depth, height, width, 2]");
}
