use super::*;
use crate::Random;
use crate::activations::reference::{sigmoid, silu};
use crate::activations::{Silu, Softsign};
use crate::layer::{Layer, Masking};
use crate::layers::NoBias;
use crate::layers::testing::{Run, differences, differences_in_training, differences_of, initialized, run, says};
use crate::shape::Shape;
use crate::weights::{Defaults, Options, Parameters, walk_ref};

type Small = Lstm<3, 2>;

struct All<const BACKWARDS: bool>;
impl<const BACKWARDS: bool> OptionsOf<Small> for All<BACKWARDS> {
    const VALUE: LstmOptions = LstmOptions::DEFAULT.return_sequences(true).go_backwards(BACKWARDS);
}
struct Zeros;
impl OptionsOf<Small> for Zeros {
    const VALUE: LstmOptions =
        LstmOptions::DEFAULT.return_sequences(true).go_backwards(true).zero_output_for_mask(true);
}
struct Given<const FORGET: bool>;
impl<const FORGET: bool> OptionsOf<Small> for Given<FORGET> {
    const VALUE: LstmOptions = LstmOptions::DEFAULT
        .unit_forget_bias(FORGET)
        .bias_initializer(Initializer::Constant(3.0))
        .bias_regularizer(crate::weights::Regularizer::L2(0.5));
}
struct Closed;
impl OptionsOf<Small> for Closed {
    const VALUE: LstmOptions = LstmOptions::DEFAULT.unit_forget_bias(false);
}

/// The outputs of all steps of one sequence, in the order in which they are computed.
fn outputs(weights: &[f64], x: &[f64], backwards: bool) -> Vec<Vec<f64>> {
    outputs_of(weights, x, backwards, |_| true)
}

/// The same, without the steps that do not count.
fn outputs_of(weights: &[f64], x: &[f64], backwards: bool, counts: impl Fn(&[f64]) -> bool) -> Vec<Vec<f64>> {
    outputs_with(weights, x, backwards, [libm::tanh, sigmoid], |_, _, _| 1.0, counts)
}

/// The same with these activations, of the cell and of the gates, and what a number is multiplied with: of the input, 0, or
/// the output before, 1, for this gate, the one of this index.
fn outputs_with(
    weights: &[f64],
    x: &[f64],
    backwards: bool,
    [of_cell, of_gates]: [fn(f64) -> f64; 2],
    drop: impl Fn(u64, usize, usize) -> f64,
    counts: impl Fn(&[f64]) -> bool,
) -> Vec<Vec<f64>> {
    let (kernel, rest) = weights.split_at(3 * 8);
    let (recurrent, bias) = rest.split_at(2 * 8);
    let (mut c, mut h, mut outputs) = ([0.0; 2], [0.0; 2], vec![]);
    let mut steps: Vec<&[f64]> = x.chunks(3).collect();
    if backwards {
        steps.reverse();
    }
    for x in steps {
        if !counts(x) {
            outputs.push(h.to_vec());
            continue;
        }
        let gate = |gate: usize, u: usize| -> f64 {
            let column = 2 * gate + u;
            let from_x: f64 = (0..3).map(|i| x[i] * drop(0, gate, i) * kernel[8 * i + column]).sum();
            let from_h: f64 = (0..2).map(|v| h[v] * drop(1, gate, v) * recurrent[8 * v + column]).sum();
            from_x + from_h + bias.get(column).unwrap_or(&0.0)
        };
        let next = [0, 1].map(|u| {
            let new = of_gates(gate(0, u)) * of_cell(gate(2, u));
            let cell = of_gates(gate(1, u)) * c[u] + new;
            (cell, of_gates(gate(3, u)) * of_cell(cell))
        });
        (c, h) = (next.map(|(cell, _)| cell), next.map(|(_, h)| h));
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

#[test]
fn values_and_gradients_are_those_of_the_formula() {
    let layer = initialized::<Small>();
    let last = |w: &[f64], x: &[f64]| outputs(w, x, false).pop().unwrap();
    differences::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &samples::<2>(), last);
    // From eight samples on, products go over all samples of a step.
    differences::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &samples::<9>(), last);
    let all = |w: &[f64], x: &[f64]| outputs(w, x, false).concat();
    differences::<_, All<false>, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &samples::<2>(), all);
    let reversed = |w: &[f64], x: &[f64]| outputs(w, x, true).concat();
    differences::<_, All<true>, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &samples::<9>(), reversed);
}

fn softsign(x: f64) -> f64 {
    x / (1.0 + x.abs())
}

#[test]
fn other_activations_are_those_of_the_formula() {
    // One whose slope needs what it is applied to, one whose slope does not, and one of the two that have a kernel.
    fn agrees<L>(layer: &L, activations: [fn(f64) -> f64; 2])
    where
        L: crate::TrainLayer<[[f32; 3]; 4]> + Parameters,
    {
        let last =
            |w: &[f64], x: &[f64]| outputs_with(w, x, false, activations, |_, _, _| 1.0, |_| true).pop().unwrap();
        differences::<_, Defaults, _, [f32; 2]>(layer, &samples::<2>(), last);
        differences::<_, Defaults, _, [f32; 2]>(layer, &samples::<9>(), last);
    }
    agrees(&*initialized::<Lstm<3, 2, Silu, Softsign>>(), [silu, softsign]);
    agrees(&*initialized::<Lstm<3, 2, Softsign, Silu, NoBias>>(), [softsign, silu]);
    agrees(&*initialized::<Lstm<3, 2, Tanh, Silu>>(), [libm::tanh, silu]);
    agrees(&*initialized::<Lstm<3, 2, Sigmoid, Sigmoid, NoBias>>(), [sigmoid, sigmoid]);
    agrees(&*initialized::<Lstm<3, 2, Tanh, Sigmoid, NoBias>>(), [libm::tanh, sigmoid]);
    assert_eq!(<Lstm<3, 2, Silu, Softsign> as Layer<[[f32; 3]; 4]>>::DETAILS, "silu, softsign");
    assert_eq!(<Small as Layer<[[f32; 3]; 4]>>::DETAILS, "");
}

struct Drops<const INPUT: usize, const STATE: usize>;
impl<const INPUT: usize, const STATE: usize> OptionsOf<Small> for Drops<INPUT, STATE> {
    const VALUE: LstmOptions =
        LstmOptions::DEFAULT.dropout(INPUT as f32 / 100.0).recurrent_dropout(STATE as f32 / 100.0);
}

/// Checks the formula in which the numbers drop out that the keys say, at all steps the same.
fn drops_out<const INPUT: usize, const STATE: usize>(x: &[[[f32; 3]; 4]], masks_of_each_gate: bool) {
    let rates = [INPUT as f32 / 100.0, STATE as f32 / 100.0];
    let formula = |random: &dyn Fn(u64) -> Random, w: &[f64], x: &[f64]| {
        let drop = |kind: u64, gate: usize, index: usize| {
            let (rate, width) = (rates[kind as usize], if kind == 0 { 3 } else { 2 });
            let gate = if masks_of_each_gate { gate } else { 0 };
            let kept = random(kind).uniform((gate * width + index) as u64) >= rate;
            if kept { 1.0 / (1.0 - f64::from(rate)) } else { 0.0 }
        };
        outputs_with(w, x, false, [libm::tanh, sigmoid], drop, |_| true).pop().unwrap()
    };
    differences_in_training::<_, Drops<INPUT, STATE>, _, [f32; 2]>(&*initialized::<Small>(), x, formula);
}

#[test]
fn what_drops_out_does_so_at_all_steps() {
    // As in Keras each gate has masks of its own where the output before drops out.
    for samples in [&samples::<3>()[..], &samples::<9>()] {
        drops_out::<40, 0>(samples, false);
        drops_out::<0, 40>(samples, true);
        drops_out::<25, 50>(samples, true);
    }
    let output = <Small as Layer<[[f32; 3]; 4], Drops<0, 100>>>::OUTPUT;
    assert_eq!(output.mistake.unwrap().option, Some("recurrent_dropout"));
}

/// The mask that leaves out the steps whose first number is small: some at the beginning, within and at the end.
fn mask<const COUNT: usize>(x: &[[[f32; 3]; 4]; COUNT]) -> Vec<f32> {
    let mask: Vec<f32> = x.as_flattened().iter().map(|step| f32::from(counts(&step.map(f64::from)))).collect();
    let columns = [0, 1, 2, 3].map(|step| mask.iter().skip(step).step_by(4).sum::<f32>());
    assert!(columns.iter().all(|sum| *sum > 0.0 && *sum < COUNT as f32), "{columns:?}");
    mask
}

fn counts(step: &[f64]) -> bool {
    step[0] > 0.1
}

#[test]
fn steps_that_do_not_count_carry_the_state_on() {
    let (layer, few, many) = (initialized::<Small>(), samples::<5>(), samples::<9>());
    let last = |w: &[f64], x: &[f64]| outputs_of(w, x, false, counts).pop().unwrap();
    differences_of::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &few, Some(&mask(&few)), last);
    differences_of::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &many, Some(&mask(&many)), last);
    let all = |w: &[f64], x: &[f64]| outputs_of(w, x, false, counts).concat();
    differences_of::<_, All<false>, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &few, Some(&mask(&few)), all);
    let reversed = |w: &[f64], x: &[f64]| outputs_of(w, x, true, counts).concat();
    differences_of::<_, All<true>, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &many, Some(&mask(&many)), reversed);
    let zeros = |w: &[f64], x: &[f64]| -> Vec<f64> {
        let steps = outputs_of(w, x, true, counts).into_iter().zip(x.chunks(3).rev());
        steps.flat_map(|(h, x)| if counts(x) { h } else { vec![0.0; 2] }).collect()
    };
    differences_of::<_, Zeros, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &few, Some(&mask(&few)), zeros);
}

#[test]
fn a_mask_goes_on_with_every_step_and_not_with_the_last() {
    assert_eq!(<Small as Layer<[[f32; 3]; 4], All<true>>>::NEEDS.masking, Masking::PassesOn);
    assert_eq!(<Small as Layer<[[f32; 3]; 4]>>::NEEDS.masking, Masking::Heeds);
}

#[test]
fn more_steps_than_go_together_are_one_sequence() {
    let layer = initialized::<Small>();
    let x: [[f32; 3]; 37] = core::array::from_fn(|t| core::array::from_fn(|f| ((3 * t + f) as f32 * 0.7).sin()));
    let Run { y, .. } = run::<_, Defaults, _, [f32; 2]>(&*layer, &[x]);
    let mut weights = vec![];
    walk_ref(&*layer, &mut |_, values| weights.extend(values.iter().map(|x| f64::from(*x))));
    let x: Vec<f64> = x.as_flattened().iter().map(|x| f64::from(*x)).collect();
    let expected = outputs(&weights, &x, false).pop().unwrap();
    assert!(y[0].iter().zip(&expected).all(|(y, expected)| (f64::from(*y) - expected).abs() < 1e-6));
}

#[test]
fn what_is_no_sequence_is_told_where_one_comes_from() {
    assert_eq!(<Small as Layer<[[f32; 3]; 5]>>::OUTPUT.shape, Shape::new(&[2]));
    assert_eq!(<Small as Layer<[[f32; 3]; 5], All<true>>>::OUTPUT.shape, Shape::new(&[5, 2]));
    assert_eq!(says::<Small, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, 3]");
    assert_eq!(says::<Small, Defaults, [[f32; 4]; 5]>().unwrap(), "takes 3 features");
    assert!(says::<Small, Defaults, [[u32; 3]; 5]>().unwrap().starts_with("takes numbers"));
    assert_eq!(<Small as Layer<[[f32; 3]; 5]>>::NEEDS.multiplications, 5 * 4 * 2 * (3 + 2));
}

#[test]
fn the_weights_are_those_of_a_cell_in_keras_s_layout() {
    let mut list = vec![];
    walk_ref(&*initialized::<Small>(), &mut |parameter, _| {
        list.push((parameter.to_string(), parameter.array.shape, parameter.array.initializer));
    });
    let expected = [
        ("lstm_cell/kernel".to_string(), Shape::new(&[3, 8]), Initializer::GlorotUniform),
        ("lstm_cell/recurrent_kernel".to_string(), Shape::new(&[2, 8]), Initializer::Orthogonal(1.0)),
        ("lstm_cell/bias".to_string(), Shape::new(&[8]), Initializer::UnitForgetBias(&Initializer::Zeros)),
    ];
    assert_eq!(list, expected);
    assert_eq!(<Small as Parameters>::COUNT, 4 * 2 * (3 + 2 + 1));
}

fn bias<O: OptionsOf<Small>>() -> crate::weights::Array {
    let entries = <Small as Parameters<O>>::ENTRIES;
    let crate::weights::Kind::Layer { entries, .. } = entries[0].kind else { panic!("the cell") };
    let crate::weights::Kind::Array(bias) = entries[2].kind else { panic!("the bias") };
    bias
}

#[test]
fn options_reach_the_bias() {
    const THREE: Initializer = Initializer::Constant(3.0);
    assert_eq!(bias::<Closed>().initializer, Initializer::Zeros);
    assert_eq!(bias::<Given<false>>().initializer, THREE);
    // As in Keras the forget gate begins at 1 all the same.
    assert_eq!(bias::<Given<true>>().initializer, Initializer::UnitForgetBias(&THREE));
    assert_eq!(bias::<Given<true>>().regularizer, Some(crate::weights::Regularizer::L2(0.5)));
    const { assert!(<Small as Parameters<Given<true>>>::REGULARIZED && !<Small as Parameters<Closed>>::REGULARIZED) };
    const { assert!(!<Small as Parameters<Given<true>>>::CONSTRAINED) };
}
