use super::*;
use crate::layers::testing::{Run, differences_of, initialized, run_of, says};
use crate::layers::{Bidirectional, Dense};
use crate::weights::{Defaults, Options, walk_ref};

type Samples = [[f32; 3]; 4];

/// An output h and a state c: k = tanh(x · kernel), c ← rate ⊙ c + k, h ← h / 2 + tanh(c).
#[repr(C)]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
struct Sums<const FEATURES: usize, const UNITS: usize> {
    kernel: [[f32; UNITS]; FEATURES],
    rate: [f32; UNITS],
}

impl<O: OptionsOf<Self>, const FEATURES: usize, const UNITS: usize> Cell<O> for Sums<FEATURES, UNITS> {
    const FEATURES: usize = FEATURES;
    const UNITS: usize = UNITS;
    const STATE: usize = 2 * UNITS;
    const KEPT: usize = UNITS;

    fn step(&self, x: &[f32], state: &[f32], next: &mut [f32], kept: &mut [f32]) {
        for u in 0..UNITS {
            kept[u] = libm::tanhf(x.iter().zip(&self.kernel).map(|(x, row)| x * row[u]).sum());
            next[UNITS + u] = self.rate[u] * state[UNITS + u] + kept[u];
            next[u] = state[u] / 2.0 + libm::tanhf(next[UNITS + u]);
        }
    }

    fn step_back(&self, back: StepBack<'_, Self>) {
        let StepBack { x, state, next, kept, dnext, dx, dstate, mut gradient } = back;
        for u in 0..UNITS {
            let tanh = next[u] - state[u] / 2.0;
            let dc = dnext[UNITS + u] + dnext[u] * (1.0 - tanh * tanh);
            let dz = dc * (1.0 - kept[u] * kept[u]);
            dstate[u] += dnext[u] / 2.0;
            dstate[UNITS + u] += dc * self.rate[u];
            dx.iter_mut().zip(&self.kernel).for_each(|(dx, row)| *dx += dz * row[u]);
            if let Some(gradient) = &mut gradient {
                gradient.rate[u] += dc * state[UNITS + u];
                gradient.kernel.iter_mut().zip(x).for_each(|(row, x)| row[u] += dz * x);
            }
        }
    }
}

/// Options by hand.
macro_rules! carriers {
    ($($carrier:ident: $($option:ident),*;)+) => {$(
        struct $carrier;
        impl<L: Configured<Options = RnnOptions>> OptionsOf<L> for $carrier {
            const VALUE: RnnOptions = RnnOptions::DEFAULT$(.$option(true))*;
        }
        impl OptionsWithin for $carrier {
            type Within = Defaults;
        }
    )+};
}
carriers! {
    Steps: return_sequences;
    States: return_sequences, return_state;
    LastState: return_state, go_backwards;
    FromEnd: return_sequences, go_backwards;
    Zeros: return_sequences, return_state, zero_output_for_mask;
}

/// The states of all steps in the order in which they are read, and which of them count.
fn states(weights: &[f64], x: &[f64], backwards: bool, counts: fn(&[f64]) -> bool) -> Vec<([f64; 4], bool)> {
    let (kernel, rate) = weights.split_at(6);
    let mut state = [0.0; 4];
    let mut steps: Vec<&[f64]> = x.chunks(3).collect();
    if backwards {
        steps.reverse();
    }
    let step = |x: &&[f64]| {
        let counts = counts(x);
        if counts {
            let k = |u: usize| libm::tanh((0..3).map(|i| x[i] * kernel[2 * i + u]).sum());
            let c = [0, 1].map(|u| rate[u] * state[2 + u] + k(u));
            let h = [0, 1].map(|u| state[u] / 2.0 + libm::tanh(c[u]));
            state = [h[0], h[1], c[0], c[1]];
        }
        (state, counts)
    };
    steps.iter().map(step).collect()
}

fn outputs(states: &[([f64; 4], bool)]) -> Vec<f64> {
    states.iter().flat_map(|(state, _)| [state[0], state[1]]).collect()
}

fn samples<const COUNT: usize>() -> [Samples; COUNT] {
    core::array::from_fn(|i| {
        core::array::from_fn(|t| core::array::from_fn(|f| ((i * 12 + t * 3 + f) as f32 * 0.7).sin()))
    })
}

/// Of the first sample the last step, of the third the first one, and others do not.
fn counts(step: &[f64]) -> bool {
    step[0] > 0.1
}

fn mask(x: &[Samples]) -> Vec<f32> {
    x.as_flattened().iter().map(|step| f32::from(counts(&step.map(f64::from)))).collect()
}

#[test]
fn values_and_gradients_are_those_of_the_formula() {
    let (layer, x) = (initialized::<Rnn<Sums<3, 2>>>(), samples::<5>());
    let all = |_: &[f64]| true;
    let last = |w: &[f64], x: &[f64]| outputs(&states(w, x, false, all)[3..]);
    differences_of::<_, Defaults, _, [f32; 2]>(&*layer, &x, None, last);
    let steps = |w: &[f64], x: &[f64]| outputs(&states(w, x, false, all));
    differences_of::<_, Steps, _, [[f32; 2]; 4]>(&*layer, &x, None, steps);
    let from_end = |w: &[f64], x: &[f64]| outputs(&states(w, x, true, all));
    differences_of::<_, FromEnd, _, [[f32; 2]; 4]>(&*layer, &x, None, from_end);
    let with_state = |w: &[f64], x: &[f64]| {
        let states = states(w, x, false, all);
        [&outputs(&states)[..], &states[3].0].concat()
    };
    differences_of::<_, States, _, [f32; 12]>(&*layer, &x, None, with_state);
}

#[test]
fn steps_that_do_not_count_carry_the_state_on() {
    let (layer, x) = (initialized::<Rnn<Sums<3, 2>>>(), samples::<5>());
    let mask = mask(&x);
    assert!(mask.chunks(4).any(|mask| mask[0] == 0.0) && mask.chunks(4).any(|mask| mask[3] == 0.0), "{mask:?}");
    let last_state = |w: &[f64], x: &[f64]| {
        let states = states(w, x, true, counts);
        [&outputs(&states[3..])[..], &states[3].0].concat()
    };
    differences_of::<_, LastState, _, [f32; 6]>(&*layer, &x, Some(&mask), last_state);
    let steps = |w: &[f64], x: &[f64]| outputs(&states(w, x, false, counts));
    differences_of::<_, Steps, _, [[f32; 2]; 4]>(&*layer, &x, Some(&mask), steps);
    let zeros = |w: &[f64], x: &[f64]| {
        let states = states(w, x, false, counts);
        let of_step = |(state, counts): &([f64; 4], bool)| if *counts { [state[0], state[1]] } else { [0.0; 2] };
        states.iter().flat_map(of_step).chain(states[3].0).collect()
    };
    differences_of::<_, Zeros, _, [f32; 12]>(&*layer, &x, Some(&mask), zeros);
    assert_eq!(<Rnn<Sums<3, 2>> as Layer<Samples, Steps>>::NEEDS.masking, Masking::PassesOn);
    assert_eq!(<Rnn<Sums<3, 2>> as Layer<Samples>>::NEEDS.masking, Masking::Heeds);
}

/// Within a [`Bidirectional`], which has no options of its own here.
struct Both<O>(O);
impl<L: Configured<Options = RnnOptions>, O: OptionsOf<L>> OptionsOf<Bidirectional<L>> for Both<O> {
    const VALUE: <Bidirectional<L> as Configured>::Options = <Defaults as OptionsOf<Bidirectional<L>>>::VALUE;
}
impl<O> OptionsWithin for Both<O> {
    type Within = O;
}

#[test]
fn both_directions_are_read() {
    let (layer, x) = (initialized::<Bidirectional<Rnn<Sums<3, 2>>>>(), samples::<5>());
    let mask = mask(&x);
    let both = |w: &[f64], x: &[f64]| {
        let (one, other) = w.split_at(8);
        let (one, mut other) = (states(one, x, false, counts), states(other, x, true, counts));
        other.reverse();
        let of_step = |(state, counts): &([f64; 4], bool)| if *counts { [state[0], state[1]] } else { [0.0; 2] };
        one.iter().zip(&other).flat_map(|(one, other)| [of_step(one), of_step(other)].concat()).collect()
    };
    differences_of::<_, Both<Steps>, _, [[f32; 4]; 4]>(&*layer, &x, Some(&mask), both);
    let parts = <Bidirectional<Rnn<Sums<3, 2>>> as Layer<Samples, Both<States>>>::OUTPUT.parts;
    let found: Vec<_> = parts.iter().map(|part| (part.what, part.shape)).collect();
    let state = Shape::new(&[4]);
    let expected = [("output", Shape::new(&[4, 4])), ("forward_state", state), ("backward_state", state)];
    assert_eq!(found, expected);
}

#[test]
fn of_no_steps_it_gives_zeros() {
    let layer = initialized::<Rnn<Sums<3, 2>>>();
    let Run { y, .. } = run_of::<_, LastState, [[f32; 3]; 0], [f32; 6]>(&*layer, &[[]; 2], false, None);
    assert_eq!(y, [[0.0; 6]; 2]);
}

/// A cell whose state has no room for its output.
#[repr(C)]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
struct Narrow;

impl<O: OptionsOf<Self>> Cell<O> for Narrow {
    const FEATURES: usize = 3;
    const UNITS: usize = 2;
    const STATE: usize = 1;

    fn step(&self, _x: &[f32], _state: &[f32], _next: &mut [f32], _kept: &mut [f32]) {}

    fn step_back(&self, _back: StepBack<'_, Self>) {}
}

#[test]
fn what_fits_and_what_it_has() {
    type L = Rnn<Sums<3, 2>>;
    assert_eq!(<L as Layer<Samples, FromEnd>>::OUTPUT.shape, Shape::new(&[4, 2]));
    let parts = <L as Layer<Samples, LastState>>::OUTPUT.parts;
    assert_eq!(parts.iter().map(|part| part.shape).collect::<Vec<_>>(), [Shape::new(&[2]), Shape::new(&[4])]);
    assert_eq!(says::<L, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, 3]");
    assert_eq!(says::<L, Defaults, [[f32; 4]; 5]>().unwrap(), "takes 3 features");
    assert_eq!(says::<L, Defaults, [[u32; 3]; 5]>().unwrap(), says::<Dense<3, 2>, Defaults, [[u32; 3]; 5]>().unwrap());
    let narrow =
        "needs a cell whose state has at least the numbers of its output, but Narrow has `STATE` 1 and `UNITS` 2";
    assert_eq!(says::<Rnn<Narrow>, Defaults, Samples>().unwrap(), narrow);
    assert_eq!(<L as Layer<Samples>>::DETAILS, "Sums");
    assert_eq!((<L as Configured>::CLASS, <L as Configured>::NAME), ("RNN", "rnn"));
    let mut names = vec![];
    walk_ref(&*initialized::<L>(), &mut |parameter, _| names.push(parameter.to_string()));
    assert_eq!(names, ["sums/kernel", "sums/rate"]);
}
