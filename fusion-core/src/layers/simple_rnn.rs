//! The fully connected recurrent layer.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::recurrent::{Back, Gradients, TrainCell, products_back};
use super::recurrent::{Cell, Recurrent, RecurrentOptions, Step, Ways, Weights, add_products, recurrent};
use super::{Optional, UseBias};
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Tanh};
#[cfg(feature = "training")]
use crate::kernels::Start;
use crate::shape::Tensor;
use crate::weights::{Initializer, OptionsOf};

/// A `Dense` layer that sees its last output too, along a sequence, `[steps, FEATURES]` → `[UNITS]`, or `[steps, UNITS]`
/// with `return_sequences = true`; with `return_state = true` also the last output, `[UNITS]`: Keras's `layers.SimpleRNN`
/// (Elman, 1990).
///
/// From an output h of zeros on, each step computes h ← A(x · kernel + h · `recurrent_kernel` + bias), with A = tanh unless
/// another is given: `SimpleRnn<_, 8>(activation = Relu, use_bias = false)` is `SimpleRnn<3, 8, Relu, NoBias>`. An output to
/// begin with is a wire of its own, `(sequence = x, h = a) => SimpleRnn<_, 8>`, Keras's `initial_state=a`.
///
/// At a step that a mask leaves out the output stays as it is: the step before is repeated, or zeros where all before are
/// left out too. With `return_sequences = true` the mask goes on with the output.
///
/// The kernel begins Glorot-uniform, the recurrent kernel orthogonal and the bias at 0. See [`RecurrentOptions`] for the
/// other options.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RecurrentOptions, SimpleRnn};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 10];
/// assert_eq!(<SimpleRnn<3, 8> as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[8]));
/// assert_eq!(<SimpleRnn<3, 8> as Parameters>::COUNT, 8 * (3 + 8 + 1));
///
/// struct All; // `SimpleRnn<3, 8>(return_sequences = true)` in `model!`
/// impl OptionsOf<SimpleRnn<3, 8>> for All {
///     const VALUE: RecurrentOptions = RecurrentOptions::DEFAULT.return_sequences(true);
/// }
/// assert_eq!(<SimpleRnn<3, 8> as Layer<Sequence, All>>::OUTPUT.shape, Shape::new(&[10, 8]));
/// ```
#[doc(alias = "SimpleRNN")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "SimpleRNN", options = RecurrentOptions, within = "simple_rnn_cell", example = "SimpleRnn<_, 32>", arguments(activation = 2, use_bias = 3))]
pub struct SimpleRnn<const FEATURES: usize, const UNITS: usize, A = Tanh, B: Optional = UseBias> {
    /// `kernel[i][u]` is how much feature i counts in unit u.
    #[parameter(given = options.kernel)]
    pub kernel: [[f32; UNITS]; FEATURES],
    /// `recurrent_kernel[v][u]` is how much the last output of unit v counts in unit u.
    #[parameter(initializer = Initializer::Orthogonal(1.0), given = options.recurrent)]
    pub recurrent_kernel: [[f32; UNITS]; UNITS],
    /// What each unit begins with.
    #[parameter(shape = [UNITS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<UNITS>,
    activation: PhantomData<A>,
}

impl<O, const FEATURES: usize, const UNITS: usize, A: Activation, B: Optional> Recurrent<O>
    for SimpleRnn<FEATURES, UNITS, A, B>
where
    O: OptionsOf<Self>,
{
    type Cell = SimpleRnnCell<A>;
    const FEATURES: usize = FEATURES;
    const UNITS: usize = UNITS;
    const WORDS: &'static str = "a `SimpleRnn`";
    const WAYS: Ways = O::VALUE.ways();
    const DETAILS: &'static str = if A::TANH { "" } else { A::NAME };

    fn weights(&self) -> Weights<'_> {
        let Self { kernel, recurrent_kernel, bias, .. } = self;
        let (kernel, recurrent_kernel) = (kernel.as_flattened(), recurrent_kernel.as_flattened());
        let bias = Tensor::numbers(core::slice::from_ref(bias));
        Weights { kernel, recurrent_kernel, bias, recurrent_bias: &[] }
    }

    #[cfg(feature = "training")]
    fn gradients(&mut self) -> Gradients<'_> {
        let Self { kernel, recurrent_kernel, bias, .. } = self;
        let (kernel, recurrent_kernel) = (kernel.as_flattened_mut(), recurrent_kernel.as_flattened_mut());
        let bias = Tensor::numbers_mut(core::slice::from_mut(bias));
        Gradients { kernel, recurrent_kernel, bias, recurrent_bias: &mut [] }
    }
}

recurrent!(impl[const FEATURES: usize, const UNITS: usize, A: Activation, B: Optional] SimpleRnn<FEATURES, UNITS, A, B>, where A: TrainActivation);

/// It keeps what the activation is applied to, if its slope needs it; its one gate is the output.
pub struct SimpleRnnCell<A>(PhantomData<A>);

impl<A: Activation> Cell for SimpleRnnCell<A> {
    const GATES: usize = 1;
    const KEPT: usize = if A::NEEDS_INPUT { 1 } else { 0 };
    const KEPT_IN_INFERENCE: usize = 0;
    const INPUTS: usize = 0;
    const STATES: usize = 1;
    const WORK: usize = 0;

    fn forward(step: Step<'_>, weights: &Weights<'_>) {
        let Step { samples, units, first, gates, kept, mut dropped, last_h, h, .. } = step;
        // The first output is 0, and so is its product.
        if !first {
            let (kernel, sizes) = (weights.recurrent_kernel, (samples, units));
            add_products::<Self>(gates, last_h, kernel, sizes, 0..1, &mut dropped);
        }
        if !kept.is_empty() {
            kept.copy_from_slice(gates);
        }
        A::forward(gates, units);
        h.copy_from_slice(gates);
    }
}

#[cfg(feature = "training")]
impl<A: TrainActivation> TrainCell for SimpleRnnCell<A> {
    fn backward(step: Back<'_>, transposed: &[f32]) {
        let Back { samples, units, first, gates, kept, mut dropped, dh, .. } = step;
        A::backward(kept, gates, dh, units);
        gates.copy_from_slice(dh);
        if !first {
            products_back::<Self>(gates, transposed, dh, (samples, units), 0..1, &mut dropped, Start::Zero);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::{Linear, Relu, Silu};
    use crate::layer::{Layer, Masking};
    use crate::layers::NoBias;
    use crate::layers::testing::{differences, differences_of, initialized, run_in, says};
    use crate::shape::Shape;
    use crate::weights::{Configured, Defaults, Options, walk_ref};

    struct FromEnd;
    impl<L: Configured<Options = RecurrentOptions>> OptionsOf<L> for FromEnd {
        const VALUE: RecurrentOptions = RecurrentOptions::DEFAULT.return_sequences(true).go_backwards(true);
    }

    /// The outputs of all steps of one sequence that counts where it says so, in the order in which they are computed.
    fn outputs(
        weights: &[f64],
        x: &[f64],
        backwards: bool,
        activation: fn(f64) -> f64,
        counts: impl Fn(&[f64]) -> bool,
    ) -> Vec<Vec<f64>> {
        let (kernel, rest) = weights.split_at(3 * 2);
        let (recurrent, bias) = rest.split_at(2 * 2);
        let (mut h, mut outputs) = ([0.0; 2], vec![]);
        let mut steps: Vec<&[f64]> = x.chunks(3).collect();
        if backwards {
            steps.reverse();
        }
        for x in steps {
            let of_h = |u: usize| (0..2).map(|v| h[v] * recurrent[2 * v + u]).sum::<f64>();
            let of_x = |u: usize| (0..3).map(|i| x[i] * kernel[2 * i + u]).sum::<f64>();
            if counts(x) {
                h = [0, 1].map(|u| activation(of_x(u) + of_h(u) + bias.get(u).unwrap_or(&0.0)));
            }
            outputs.push(h.to_vec());
        }
        outputs
    }

    fn samples<const COUNT: usize>() -> [[[f32; 3]; 4]; COUNT] {
        core::array::from_fn(|i| {
            core::array::from_fn(|t| core::array::from_fn(|f| ((i * 12 + t * 3 + f) as f32 * 0.7).sin()))
        })
    }

    fn silu(x: f64) -> f64 {
        x / (1.0 + libm::exp(-x))
    }

    #[test]
    fn values_and_gradients_are_those_of_the_formula() {
        let last = |w: &[f64], x: &[f64]| outputs(w, x, false, libm::tanh, |_| true).pop().unwrap();
        let layer = initialized::<SimpleRnn<3, 2>>();
        differences::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &samples::<2>(), last);
        // From eight samples on, products go over all samples of a step.
        differences::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &samples::<9>(), last);
        // An activation whose slope needs what it is applied to.
        let all = |w: &[f64], x: &[f64]| outputs(w, x, true, silu, |_| true).concat();
        let layer = initialized::<SimpleRnn<3, 2, Silu, NoBias>>();
        differences::<_, FromEnd, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &samples::<9>(), all);
    }

    #[test]
    fn steps_that_do_not_count_carry_the_output_on() {
        let counts = |step: &[f64]| step[0] > 0.1;
        let x = samples::<9>();
        let mask: Vec<f32> = x.as_flattened().iter().map(|step| f32::from(counts(&step.map(f64::from)))).collect();
        let all = |w: &[f64], x: &[f64]| outputs(w, x, true, silu, counts).concat();
        let layer = initialized::<SimpleRnn<3, 2, Silu>>();
        differences_of::<_, FromEnd, [[f32; 3]; 4], [[f32; 2]; 4]>(&*layer, &x, Some(&mask), all);
        let last = |w: &[f64], x: &[f64]| outputs(w, x, false, libm::tanh, counts).pop().unwrap();
        let layer = initialized::<SimpleRnn<3, 2>>();
        differences_of::<_, Defaults, [[f32; 3]; 4], [f32; 2]>(&*layer, &x[..5], Some(&mask[..20]), last);
        assert_eq!(<SimpleRnn<3, 2> as Layer<[[f32; 3]; 4], FromEnd>>::NEEDS.masking, Masking::PassesOn);
    }

    struct Drops<const INPUT: usize, const STATE: usize>;
    impl<L: Configured<Options = RecurrentOptions>, const INPUT: usize, const STATE: usize> OptionsOf<L>
        for Drops<INPUT, STATE>
    {
        const VALUE: RecurrentOptions = RecurrentOptions::DEFAULT
            .return_sequences(true)
            .dropout(INPUT as f32 / 100.0)
            .recurrent_dropout(STATE as f32 / 100.0);
    }

    /// A layer that adds what goes in to its last output.
    fn total() -> Box<SimpleRnn<50, 50, Linear, NoBias>> {
        let mut layer = crate::shape::zeroed_box::<SimpleRnn<50, 50, Linear, NoBias>>();
        for unit in 0..50 {
            (layer.kernel[unit][unit], layer.recurrent_kernel[unit][unit]) = (1.0, 1.0);
        }
        layer
    }

    /// Checks that a quarter of the numbers is 0, that their mean is 1, and that samples differ.
    fn are_a_mask(masks: &[[f32; 50]]) {
        let numbers = masks.as_flattened();
        let near = |x: f32, y: f32| (x - y).abs() < 1e-6;
        assert!(numbers.iter().all(|x| *x == 0.0 || near(*x, 4.0 / 3.0)), "{numbers:?}");
        let zeros = numbers.iter().filter(|x| **x == 0.0).count() as f32 / numbers.len() as f32;
        let mean = numbers.iter().sum::<f32>() / numbers.len() as f32;
        assert!((zeros - 0.25).abs() < 0.01 && (mean - 1.0).abs() < 0.02, "{zeros}, {mean}");
        assert_ne!(masks[0], masks[1]);
    }

    #[test]
    fn what_drops_out_does_so_at_all_steps() {
        const SAMPLES: usize = 400;
        let (layer, ones) = (total(), [1.0; 50]);
        let sequences = [[ones; 3]; SAMPLES];
        let y = run_in::<_, Drops<25, 0>, _, [[f32; 50]; 3]>(&*layer, &sequences, true).y;
        are_a_mask(&y.iter().map(|y| y[0]).collect::<Vec<_>>());
        let third = |y: &[[f32; 50]; 3]| y[0].iter().zip(y[2]).all(|(one, three)| (3.0 * one - three).abs() < 1e-5);
        assert!(y.iter().all(third));
        // Of the output before, the mask of the second step is that of the third.
        let first = [[ones, [0.0; 50], [0.0; 50]]; SAMPLES];
        let y = run_in::<_, Drops<0, 25>, _, [[f32; 50]; 3]>(&*layer, &first, true).y;
        are_a_mask(&y.iter().map(|y| y[1]).collect::<Vec<_>>());
        let square = |y: &[[f32; 50]; 3]| y[1].iter().zip(y[2]).all(|(one, two)| (one * one - two).abs() < 1e-5);
        assert!(y.iter().all(square));
        let y = run_in::<_, Drops<25, 25>, _, [[f32; 50]; 3]>(&*layer, &sequences[..2], false).y;
        assert_eq!(y[0], [[1.0; 50], [2.0; 50], [3.0; 50]]);
    }

    #[test]
    fn tiles_drop_out_alike() {
        let (layer, x) = (total(), [[[1.0; 50]; 3]; 6]);
        let needs = <SimpleRnn<50, 50, Linear, NoBias> as Layer<[[f32; 50]; 3], Drops<30, 30>>>::NEEDS;
        let forward = |x: &[[[f32; 50]; 3]], first| {
            let mut y = vec![[[0.0; 50]; 3]; x.len()];
            let (mut saved, mut scratch) = (vec![0.0; needs.saved.of(x.len())], vec![0.0; needs.scratch.of(x.len())]);
            let random = crate::Random::new(3).from_sample(first);
            let cx = &mut crate::Forward::new(&mut saved, &mut scratch).training(random);
            Layer::<[[f32; 50]; 3], Drops<30, 30>>::forward(&*layer, cx, x, &mut y);
            y
        };
        assert_eq!(forward(&x, 0)[2..5], forward(&x[2..5], 2));
    }

    #[test]
    fn what_fits_and_what_it_has() {
        assert_eq!(<SimpleRnn<3, 2, Relu> as Layer<[[f32; 3]; 5], FromEnd>>::OUTPUT.shape, Shape::new(&[5, 2]));
        assert_eq!(<SimpleRnn<3, 2, Relu> as Layer<[[f32; 3]; 5]>>::DETAILS, "relu");
        assert_eq!(says::<SimpleRnn<3, 2>, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, 3]");
        let mut names = vec![];
        walk_ref(&*initialized::<SimpleRnn<3, 2>>(), &mut |parameter, _| names.push(parameter.to_string()));
        let expected = ["kernel", "recurrent_kernel", "bias"].map(|name| format!("simple_rnn_cell/{name}"));
        assert_eq!(names, expected);
    }
}
