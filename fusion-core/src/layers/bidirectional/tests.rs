use super::*;
use crate::layer::Masking;
use crate::layers::testing::{Run, differences_of, initialized, run_of, says};
use crate::layers::{Gru, Lstm, LstmOptions, RecurrentOptions, SimpleRnn};
use crate::shape::Shape;
use crate::weights::{Defaults, Options, Parameters, Regularizer, walk_ref};

type Sequence = [[f32; 3]; 4];
type Both<L> = Bidirectional<L>;

/// Options by hand: those of the layers within, and how they are merged.
macro_rules! carriers {
    ($($carrier:ident: $options:ident $(.$option:ident($value:expr))*, $mode:ident;)+) => {$(
        struct $carrier;
        impl<L: Configured<Options = $options>> OptionsOf<L> for Of<$carrier> {
            const VALUE: $options = $options::DEFAULT$(.$option($value))*;
        }
        impl<L: Configured> OptionsOf<Both<L>> for $carrier {
            const VALUE: BidirectionalOptions = BidirectionalOptions::DEFAULT.merge_mode(MergeMode::$mode);
        }
        impl OptionsWithin for $carrier {
            type Within = Of<Self>;
        }
    )+};
}
struct Of<O>(O);
carriers! {
    All: LstmOptions.return_sequences(true), Concat;
    States: LstmOptions.return_sequences(true).return_state(true), Mul;
    Last: RecurrentOptions, Sum;
    Apart: RecurrentOptions.return_sequences(true).return_state(true), None;
    LastApart: RecurrentOptions, None;
    Multiplied: RecurrentOptions.return_sequences(true), Mul;
    FromEnd: RecurrentOptions.return_sequences(true).go_backwards(true), Ave;
    Penalized: RecurrentOptions.activity_regularizer(Regularizer::L2(0.1)), Sum;
}

fn samples<const COUNT: usize>() -> [Sequence; COUNT] {
    core::array::from_fn(|i| {
        core::array::from_fn(|t| core::array::from_fn(|f| ((i * 12 + t * 3 + f) as f32 * 0.7).sin()))
    })
}

#[test]
fn shapes_are_those_of_both_together() {
    type Layers = Both<Lstm<3, 2>>;
    assert_eq!(<Layers as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[4]));
    assert_eq!(<Layers as Layer<Sequence, All>>::OUTPUT.shape, Shape::new(&[4, 4]));
    assert_eq!(<Both<Gru<3, 2>> as Layer<Sequence, Last>>::OUTPUT.shape, Shape::new(&[2]));
    let parts = <Layers as Layer<Sequence, States>>::OUTPUT.parts;
    let found: Vec<_> = parts.iter().map(|part| (part.what, part.shape)).collect();
    let state = Shape::new(&[2]);
    let names = ["output", "forward_state_h", "forward_state_c", "backward_state_h", "backward_state_c"];
    let shapes = [Shape::new(&[4, 2]), state, state, state, state];
    assert_eq!(found, names.into_iter().zip(shapes).collect::<Vec<_>>());
    let parts = <Both<Gru<3, 2>> as Layer<Sequence, Apart>>::OUTPUT.parts;
    let found: Vec<_> = parts.iter().map(|part| (part.what, part.shape)).collect();
    let names = ["forward_output", "backward_output", "forward_state_h", "backward_state_h"];
    assert_eq!(found, names.into_iter().zip([shapes[0], shapes[0], state, state]).collect::<Vec<_>>());
    assert_eq!(<Both<Gru<3, 2>> as Layer<Sequence, Apart>>::NEEDS.masked_outputs, 2);
    assert_eq!(<Both<Gru<3, 2>> as Layer<Sequence, LastApart>>::OUTPUT.parts.len(), 2);
    assert_eq!(<Layers as Layer<Sequence>>::NEEDS.multiplications, 2 * 4 * 4 * 2 * (3 + 2));
    assert_eq!(<Layers as Layer<Sequence>>::NEEDS.masking, Masking::Heeds);
    assert_eq!(<Layers as Layer<Sequence, All>>::NEEDS.masking, Masking::PassesOn);
    assert_eq!(<Layers as Layer<Sequence>>::DETAILS, "LSTM");
}

#[test]
fn weights_stand_below_both_directions() {
    let mut paths = vec![];
    walk_ref(&*initialized::<Both<Lstm<3, 2>>>(), &mut |parameter, _| paths.push(parameter.to_string()));
    let arrays = ["kernel", "recurrent_kernel", "bias"];
    let below = |direction: &'static str| arrays.map(move |name| format!("{direction}_lstm/lstm_cell/{name}"));
    assert_eq!(paths, [below("forward"), below("backward")].concat());
    assert_eq!(<Both<Lstm<3, 2>> as Configured>::NAME, "bidirectional");
}

/// The outputs of a recurrent layer with tanh and two units at each step that counts, from the beginning or the end; each
/// stands at its step. What does not count is 0.
fn simple_rnn(weights: &[f64], x: &[f64], backwards: bool, counts: impl Fn(&[f64]) -> bool) -> [[f64; 2]; 4] {
    let (kernel, rest) = weights.split_at(6);
    let (recurrent, bias) = rest.split_at(4);
    let (mut h, mut outputs) = ([0.0; 2], [[0.0; 2]; 4]);
    for count in 0..4 {
        let step = if backwards { 3 - count } else { count };
        let x = &x[3 * step..][..3];
        if !counts(x) {
            continue;
        }
        let of = |u: usize| {
            let of_x: f64 = (0..3).map(|i| x[i] * kernel[2 * i + u]).sum();
            libm::tanh(of_x + h[0] * recurrent[u] + h[1] * recurrent[2 + u] + bias[u])
        };
        h = [of(0), of(1)];
        outputs[step] = h;
    }
    outputs
}

/// Both directions, each with its half of the weights.
fn both(weights: &[f64], x: &[f64], counts: impl Fn(&[f64]) -> bool) -> [[[f64; 2]; 4]; 2] {
    let (one, other) = weights.split_at(weights.len() / 2);
    [simple_rnn(one, x, false, &counts), simple_rnn(other, x, true, &counts)]
}

#[test]
fn values_and_gradients_are_those_of_the_formula() {
    let layer = initialized::<Both<SimpleRnn<3, 2>>>();
    let x = samples::<9>();
    let last = |w: &[f64], x: &[f64]| {
        let [one, other] = both(w, x, |_| true);
        [one[3], other[0]].concat()
    };
    differences_of::<_, Defaults, _, [f32; 4]>(&*layer, &x[..2], None, last);
    differences_of::<_, Defaults, _, [f32; 4]>(&*layer, &x, None, last);
    let multiplied = |w: &[f64], x: &[f64]| {
        let [one, other] = both(w, x, |_| true);
        (0..8).map(|i| one.as_flattened()[i] * other.as_flattened()[i]).collect()
    };
    differences_of::<_, Multiplied, _, [[f32; 2]; 4]>(&*layer, &x, None, multiplied);
    let sum = |w: &[f64], x: &[f64]| {
        let [one, other] = both(w, x, |_| true);
        vec![one[3][0] + other[0][0], one[3][1] + other[0][1]]
    };
    differences_of::<_, Last, _, [f32; 2]>(&*layer, &x[..3], None, sum);
    let apart = |w: &[f64], x: &[f64]| {
        let both = both(w, x, |_| true);
        [both[0].as_flattened(), both[1].as_flattened(), &both[0][3], &both[1][0]].concat()
    };
    differences_of::<_, Apart, _, [f32; 20]>(&*layer, &x, None, apart);
    differences_of::<_, LastApart, _, [f32; 4]>(&*layer, &x[..2], None, last);
    // Where the first one reads from the end, the second one does not, and the steps are in the order of the first.
    let from_end = |w: &[f64], x: &[f64]| {
        let (one, other) = w.split_at(w.len() / 2);
        let both = [simple_rnn(one, x, true, |_| true), simple_rnn(other, x, false, |_| true)];
        (0..4).rev().flat_map(|t| [0, 1].map(|u| (both[0][t][u] + both[1][t][u]) / 2.0)).collect()
    };
    differences_of::<_, FromEnd, _, [[f32; 2]; 4]>(&*layer, &x, None, from_end);
}

#[test]
fn steps_that_do_not_count_are_left_out_in_both_directions() {
    let counts = |step: &[f64]| step[0] > 0.1;
    let x = samples::<9>();
    let mask: Vec<f32> = x.as_flattened().iter().map(|step| f32::from(counts(&step.map(f64::from)))).collect();
    let multiplied = |w: &[f64], x: &[f64]| {
        let [one, other] = both(w, x, counts);
        (0..8).map(|i| one.as_flattened()[i] * other.as_flattened()[i]).collect()
    };
    let layer = initialized::<Both<SimpleRnn<3, 2>>>();
    differences_of::<_, Multiplied, _, [[f32; 2]; 4]>(&*layer, &x, Some(&mask), multiplied);
}

#[test]
fn the_states_of_both_come_behind_the_output() {
    let (layer, x) = (initialized::<Both<Lstm<3, 2>>>(), samples::<3>());
    let Run { y, .. } = run_of::<_, States, _, [f32; 16]>(&*layer, &x, false, None);
    struct One<const BACKWARDS: bool>;
    impl<const BACKWARDS: bool> OptionsOf<Lstm<3, 2>> for One<BACKWARDS> {
        const VALUE: LstmOptions =
            LstmOptions::DEFAULT.return_sequences(true).return_state(true).go_backwards(BACKWARDS);
    }
    let one = run_of::<_, One<false>, _, [f32; 12]>(&layer.forward, &x, false, None).y;
    let other = run_of::<_, One<true>, _, [f32; 12]>(&layer.backward, &x, false, None).y;
    for ((y, one), other) in y.iter().zip(one).zip(other) {
        let products: Vec<f32> = (0..8).map(|i| one[i] * other[6 - i / 2 * 2 + i % 2]).collect();
        assert_eq!(y[..], [&products[..], &one[8..], &other[8..]].concat());
    }
}

#[test]
fn what_is_wrong_is_said_of_the_layer_within() {
    assert_eq!(says::<Both<Gru<3, 2>>, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, 3]");
    assert_eq!(says::<Both<Gru<3, 2>>, Defaults, [[f32; 4]; 5]>().unwrap(), "takes 3 features");
    let sentence = says::<Both<SimpleRnn<3, 2>>, Penalized, Sequence>().unwrap();
    assert!(sentence.starts_with("would lose the penalty"), "{sentence}");
    assert_eq!(<Both<Gru<3, 2>> as Parameters>::COUNT, 2 * 3 * 2 * (3 + 2 + 2));
}
