use super::*;
use crate::activations::reference::{sigmoid, silu};
use crate::activations::{Silu, Softsign};
use crate::layer::{Layer, Masking};
use crate::layers::NoBias;
use crate::layers::testing::{differences, differences_in_training, differences_of, initialized, run, says};
use crate::shape::Shape;
use crate::weights::{Configured, Defaults, Options, Parameters, walk_ref};

type After = Gru<3, 2>;
type Before = Gru<3, 2, Use<false>>;

/// Options by hand, for every layer that has them.
macro_rules! carriers {
    ($($carrier:ident: $($option:ident),+;)+) => {$(
        struct $carrier;
        impl<L: Configured<Options = RecurrentOptions>> OptionsOf<L> for $carrier {
            const VALUE: RecurrentOptions = RecurrentOptions::DEFAULT$(.$option(true))+;
        }
    )+};
}
carriers! {
    All: return_sequences;
    AllFromEnd: return_sequences, go_backwards;
    Zeros: return_sequences, zero_output_for_mask;
    WithState: return_sequences, return_state;
}

/// The outputs of all steps of one sequence that counts where it says so, in the order in which they are computed.
fn outputs(weights: &[f64], x: &[f64], ways: (bool, bool), counts: impl Fn(&[f64]) -> bool) -> Vec<Vec<f64>> {
    outputs_with(weights, x, ways, [libm::tanh, sigmoid], |_, _, _| 1.0, counts)
}

/// The same with these activations, of n and of the gates, and what a number is multiplied with: of the input, 0, or the
/// output before, 1, for this gate, the one of this index.
fn outputs_with(
    weights: &[f64],
    x: &[f64],
    (reset_after, backwards): (bool, bool),
    [of_n, of_gates]: [fn(f64) -> f64; 2],
    drop: impl Fn(u64, usize, usize) -> f64,
    counts: impl Fn(&[f64]) -> bool,
) -> Vec<Vec<f64>> {
    let (kernel, rest) = weights.split_at(3 * 6);
    let (recurrent, bias) = rest.split_at(2 * 6);
    let bias = |row: usize, column: usize| bias.get(6 * row + column).copied().unwrap_or(0.0);
    let (mut h, mut outputs) = ([0.0; 2], vec![]);
    let mut steps: Vec<&[f64]> = x.chunks(3).collect();
    if backwards {
        steps.reverse();
    }
    for x in steps {
        if !counts(x) {
            outputs.push(h.to_vec());
            continue;
        }
        let of_x = |c: usize| (0..3).map(|i| x[i] * drop(0, c / 2, i) * kernel[6 * i + c]).sum::<f64>() + bias(0, c);
        let of_h = |h: [f64; 2], c: usize| {
            (0..2).map(|v| h[v] * drop(1, c / 2, v) * recurrent[6 * v + c]).sum::<f64>() + bias(1, c)
        };
        let z = [0, 1].map(|u| of_gates(of_x(u) + of_h(h, u)));
        let r = [2, 3].map(|c| of_gates(of_x(c) + of_h(h, c)));
        let n = [0, 1].map(|u| {
            let inner = if reset_after { r[u] * of_h(h, 4 + u) } else { of_h([r[0] * h[0], r[1] * h[1]], 4 + u) };
            of_n(of_x(4 + u) + inner)
        });
        h = [0, 1].map(|u| z[u] * h[u] + (1.0 - z[u]) * n[u]);
        outputs.push(h.to_vec());
    }
    outputs
}

/// So many samples of four steps.
fn samples<const COUNT: usize>() -> [[[f32; 3]; 4]; COUNT] {
    core::array::from_fn(|i| {
        core::array::from_fn(|t| core::array::from_fn(|f| ((i * 12 + t * 3 + f) as f32 * 0.7).sin()))
    })
}

fn last(mut outputs: Vec<Vec<f64>>) -> Vec<f64> {
    outputs.pop().unwrap()
}

fn with_state(outputs: Vec<Vec<f64>>) -> Vec<f64> {
    let mut all = outputs.concat();
    all.extend_from_within(6..);
    all
}

#[test]
fn values_and_gradients_are_those_of_the_formula() {
    // From eight samples on, products go over all samples of a step.
    let (few, many) = (&samples::<2>(), &samples::<9>());
    let after = |backwards| move |w: &[f64], x: &[f64]| outputs(w, x, (true, backwards), |_| true);
    let before = |backwards| move |w: &[f64], x: &[f64]| outputs(w, x, (false, backwards), |_| true);
    let layer = initialized::<After>();
    differences::<_, Defaults, _, [f32; 2]>(&*layer, few, |w, x| last(after(false)(w, x)));
    differences::<_, Defaults, _, [f32; 2]>(&*layer, many, |w, x| last(after(false)(w, x)));
    differences::<_, AllFromEnd, _, [[f32; 2]; 4]>(&*layer, many, |w, x| after(true)(w, x).concat());
    differences::<_, WithState, _, [f32; 10]>(&*layer, few, |w, x| with_state(after(false)(w, x)));
    let layer = initialized::<Before>();
    differences::<_, Defaults, _, [f32; 2]>(&*layer, few, |w, x| last(before(false)(w, x)));
    differences::<_, All, _, [[f32; 2]; 4]>(&*layer, many, |w, x| before(false)(w, x).concat());
    differences::<_, AllFromEnd, _, [[f32; 2]; 4]>(&*layer, few, |w, x| before(true)(w, x).concat());
    let layer = initialized::<Gru<3, 2, Use<true>, NoBias>>();
    differences::<_, Defaults, _, [f32; 2]>(&*layer, few, |w, x| last(after(false)(w, x)));
    let layer = initialized::<Gru<3, 2, Use<false>, NoBias>>();
    differences::<_, All, _, [[f32; 2]; 4]>(&*layer, many, |w, x| before(false)(w, x).concat());
}

#[test]
fn other_activations_are_those_of_the_formula() {
    fn softsign(x: f64) -> f64 {
        x / (1.0 + x.abs())
    }
    fn agrees<L>(layer: &L, reset_after: bool, activations: [fn(f64) -> f64; 2])
    where
        L: crate::TrainLayer<[[f32; 3]; 4]> + Parameters,
    {
        let formula =
            |w: &[f64], x: &[f64]| last(outputs_with(w, x, (reset_after, false), activations, |_, _, _| 1.0, |_| true));
        differences::<_, Defaults, _, [f32; 2]>(layer, &samples::<2>(), formula);
        differences::<_, Defaults, _, [f32; 2]>(layer, &samples::<9>(), formula);
    }
    // Slopes that need what the activation is applied to, and slopes that do not.
    agrees(&*initialized::<Gru<3, 2, Use<true>, UseBias, Silu, Softsign>>(), true, [silu, softsign]);
    agrees(&*initialized::<Gru<3, 2, Use<true>, NoBias, Tanh, Silu>>(), true, [libm::tanh, silu]);
    agrees(&*initialized::<Gru<3, 2, Use<false>, UseBias, Softsign, Silu>>(), false, [softsign, silu]);
    agrees(&*initialized::<Gru<3, 2, Use<false>, NoBias, Silu>>(), false, [silu, sigmoid]);
    assert_eq!(<Gru<3, 2, Use<true>, NoBias, Tanh, Silu> as Layer<[[f32; 3]; 4]>>::DETAILS, "tanh, silu");
}

struct Drops<const INPUT: usize, const STATE: usize>;
impl<const INPUT: usize, const STATE: usize, L: Configured<Options = RecurrentOptions>> OptionsOf<L>
    for Drops<INPUT, STATE>
{
    const VALUE: RecurrentOptions =
        RecurrentOptions::DEFAULT.dropout(INPUT as f32 / 100.0).recurrent_dropout(STATE as f32 / 100.0);
}

#[test]
fn what_drops_out_does_so_at_all_steps() {
    /// Gates have masks of their own where the output before drops out.
    fn agrees<L, const INPUT: usize, const STATE: usize>(layer: &L, reset_after: bool)
    where
        L: crate::TrainLayer<[[f32; 3]; 4], Drops<INPUT, STATE>> + Parameters,
        Drops<INPUT, STATE>: OptionsOf<L>,
    {
        let rates = [INPUT as f32 / 100.0, STATE as f32 / 100.0];
        let formula = |random: &dyn Fn(u64) -> crate::Random, w: &[f64], x: &[f64]| {
            let drop = |kind: u64, gate: usize, index: usize| {
                let (rate, width) = (rates[kind as usize], if kind == 0 { 3 } else { 2 });
                let gate = if STATE > 0 { gate } else { 0 };
                let kept = random(kind).uniform((gate * width + index) as u64) >= rate;
                if kept { 1.0 / (1.0 - f64::from(rate)) } else { 0.0 }
            };
            last(outputs_with(w, x, (reset_after, false), [libm::tanh, sigmoid], drop, |_| true))
        };
        for samples in [&samples::<3>()[..], &samples::<9>()] {
            differences_in_training::<_, Drops<INPUT, STATE>, _, [f32; 2]>(layer, samples, formula);
        }
    }
    agrees::<_, 40, 0>(&*initialized::<After>(), true);
    agrees::<_, 0, 40>(&*initialized::<After>(), true);
    agrees::<_, 25, 50>(&*initialized::<After>(), true);
    agrees::<_, 25, 50>(&*initialized::<Before>(), false);
}

fn counts(step: &[f64]) -> bool {
    step[0] > 0.1
}

/// The mask that leaves out the steps whose first number is small: some at the beginning, within and at the end.
fn mask<const COUNT: usize>(x: &[[[f32; 3]; 4]; COUNT]) -> Vec<f32> {
    let mask: Vec<f32> = x.as_flattened().iter().map(|step| f32::from(counts(&step.map(f64::from)))).collect();
    let columns = [0, 1, 2, 3].map(|step| mask.iter().skip(step).step_by(4).sum::<f32>());
    assert!(columns.iter().all(|sum| *sum > 0.0 && *sum < COUNT as f32), "{columns:?}");
    mask
}

#[test]
fn steps_that_do_not_count_carry_the_output_on() {
    let (few, many) = (samples::<5>(), samples::<9>());
    let (of_few, of_many) = (mask(&few), mask(&many));
    let of_few = Some(&*of_few);
    let layer = initialized::<After>();
    let all = |w: &[f64], x: &[f64]| outputs(w, x, (true, false), counts).concat();
    differences_of::<_, All, _, [[f32; 2]; 4]>(&*layer, &few, of_few, all);
    let from_end = |w: &[f64], x: &[f64]| outputs(w, x, (true, true), counts).concat();
    differences_of::<_, AllFromEnd, _, [[f32; 2]; 4]>(&*layer, &many, Some(&of_many), from_end);
    let layer = initialized::<Before>();
    let end = |w: &[f64], x: &[f64]| last(outputs(w, x, (false, false), counts));
    differences_of::<_, Defaults, _, [f32; 2]>(&*layer, &many, Some(&of_many), end);
    let zeros = |w: &[f64], x: &[f64]| -> Vec<f64> {
        let steps = outputs(w, x, (false, false), counts).into_iter().zip(x.chunks(3));
        steps.flat_map(|(h, x)| if counts(x) { h } else { vec![0.0; 2] }).collect()
    };
    differences_of::<_, Zeros, _, [[f32; 2]; 4]>(&*layer, &few, of_few, zeros);
    assert_eq!(<After as Layer<[[f32; 3]; 4], All>>::NEEDS.masking, Masking::PassesOn);
    assert_eq!(<After as Layer<[[f32; 3]; 4]>>::NEEDS.masking, Masking::Heeds);
}

#[test]
fn more_steps_than_go_together_are_one_sequence() {
    let x: [[f32; 3]; 37] = core::array::from_fn(|t| core::array::from_fn(|f| ((3 * t + f) as f32 * 0.7).sin()));
    let formula = |w: &[f64], x: &[f64]| last(outputs(w, x, (true, false), |_| true));
    differences::<_, Defaults, _, [f32; 2]>(&*initialized::<After>(), &[x], formula);
    let formula = |w: &[f64], x: &[f64]| last(outputs(w, x, (false, false), |_| true));
    differences::<_, Defaults, _, [f32; 2]>(&*initialized::<Before>(), &[x], formula);
}

#[test]
fn what_is_no_sequence_is_told_where_one_comes_from() {
    assert_eq!(<After as Layer<[[f32; 3]; 5]>>::OUTPUT.shape, Shape::new(&[2]));
    assert_eq!(<After as Layer<[[f32; 3]; 5], All>>::OUTPUT.shape, Shape::new(&[5, 2]));
    assert_eq!(<After as Layer<[[f32; 3]; 5], WithState>>::OUTPUT.parts.len(), 2);
    assert_eq!(says::<After, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, 3]");
    assert_eq!(says::<Before, Defaults, [[f32; 4]; 5]>().unwrap(), "takes 3 features");
    assert!(says::<After, Defaults, [[u32; 3]; 5]>().unwrap().starts_with("takes numbers"));
    assert_eq!(<After as Layer<[[f32; 3]; 5]>>::NEEDS.multiplications, 5 * 3 * 2 * (3 + 2));
    assert_eq!(run::<_, Defaults, [[f32; 3]; 0], [f32; 2]>(&*initialized::<After>(), &[[]]).y, [[0.0; 2]]);
}

fn table<L: Parameters>() -> Vec<(String, Shape, Initializer)> {
    let mut list = vec![];
    walk_ref(&*initialized::<L>(), &mut |parameter, _| {
        list.push((parameter.to_string(), parameter.array.shape, parameter.array.initializer));
    });
    list
}

#[test]
fn the_weights_are_those_of_a_cell_in_keras_s_layout() {
    let kernels = [
        ("gru_cell/kernel".to_string(), Shape::new(&[3, 6]), Initializer::GlorotUniform),
        ("gru_cell/recurrent_kernel".to_string(), Shape::new(&[2, 6]), Initializer::Orthogonal(1.0)),
    ];
    let bias = |shape: &[usize]| ("gru_cell/bias".to_string(), Shape::new(shape), Initializer::Zeros);
    let [kernel, recurrent] = kernels.clone();
    assert_eq!(table::<After>(), [kernel, recurrent, bias(&[2, 6])]);
    let [kernel, recurrent] = kernels.clone();
    assert_eq!(table::<Before>(), [kernel, recurrent, bias(&[6])]);
    assert_eq!(table::<Gru<3, 2, Use<true>, NoBias>>(), kernels);
    assert_eq!(table::<Gru<3, 2, Use<false>, NoBias>>(), kernels);
}
