//! Long short-term memory.

use super::unless_features;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output, Part};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf, Regularizer};
#[cfg(feature = "training")]
use sequences::Gradients;
use sequences::{Sequences, Weights};

#[cfg(feature = "training")]
mod cell;
mod sequences;

/// A memory that goes along a sequence, `[steps, FEATURES]` → `[UNITS]`, or `[steps, UNITS]` with
/// `return_sequences = true`; with `return_state = true` also the last output and the last cell, `[UNITS]` each: Keras's `layers.LSTM` (Hochreiter and Schmidhuber, 1997) with its activations, `tanh`
/// and `sigmoid`.
///
/// From a cell c and an output h of zeros on, each step computes
///
/// - i, f, o = sigmoid(x · kernel + h · `recurrent_kernel` + bias), the input, forget and output gates,
/// - g = tanh(…) in the same way,
/// - c ← f · c + i · g and h ← o · tanh(c), the step's output.
///
/// At a step that a mask leaves out, cell and output stay as they are: the step before is repeated, or zeros where all
/// before are left out too. With `return_sequences = true` the mask goes on with the output.
///
/// The gates lie in Keras's order i, f, g, o. The kernel begins Glorot-uniform, the recurrent kernel orthogonal and
/// the bias at 0, but at 1 for the forget gate.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Lstm, LstmOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 10];
/// assert_eq!(<Lstm<3, 8> as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[8]));
/// assert_eq!(<Lstm<3, 8> as Parameters>::COUNT, 4 * 8 * (3 + 8 + 1));
///
/// struct All; // `Lstm<3, 8>(return_sequences = true)` in `model!`
/// impl OptionsOf<Lstm<3, 8>> for All {
///     const VALUE: LstmOptions = LstmOptions::DEFAULT.return_sequences(true);
/// }
/// assert_eq!(<Lstm<3, 8> as Layer<Sequence, All>>::OUTPUT.shape, Shape::new(&[10, 8]));
/// ```
#[doc(alias = "LSTM")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "LSTM", options = LstmOptions, within = "lstm_cell", example = "Lstm<_, 32>")]
pub struct Lstm<const FEATURES: usize, const UNITS: usize> {
    /// `kernel[i][gate][u]` is how much feature i counts in a gate of unit u; the gates are i, f, g, o.
    #[parameter(shape = [FEATURES, UNITS.saturating_mul(4)], given = options.kernel)]
    pub kernel: [[[f32; UNITS]; 4]; FEATURES],
    /// `recurrent_kernel[v][gate][u]` is how much the last output of unit v counts in a gate of unit u.
    #[parameter(shape = [UNITS, UNITS.saturating_mul(4)], initializer = Initializer::Orthogonal(1.0), given = options.recurrent)]
    pub recurrent_kernel: [[[f32; UNITS]; 4]; UNITS],
    /// What each gate begins with.
    #[parameter(
        shape = [UNITS.saturating_mul(4)],
        initializer = if options.unit_forget_bias {
            Initializer::UnitForgetBias(const { &<__O as OptionsOf<Self>>::VALUE.gates() })
        } else {
            options.gates()
        },
        given = options.bias_as_it_begins()
    )]
    pub bias: [[f32; UNITS]; 4],
}

/// The options of [`Lstm`]: `Lstm<3, 8>(return_sequences = true)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct LstmOptions {
    /// Whether the output has every step, not only the last; `false` by default.
    #[option(default = false)]
    return_sequences: bool,
    /// Whether the last output and the last cell are outputs too, behind the output: `branch (output, h, c) = …`;
    /// `false` by default.
    #[option(default = false)]
    return_state: bool,
    /// Whether the sequence is read from its end; an output of every step is then in that order too, as in Keras.
    /// `false` by default.
    #[option(default = false)]
    go_backwards: bool,
    /// Whether the output of a step that a mask leaves out is 0, and not that of the step before; the state is carried
    /// on all the same. `false` by default.
    #[option(default = false)]
    zero_output_for_mask: bool,
    /// Whether the bias of the forget gate begins at 1 (Jozefowicz, Zaremba, Sutskever, 2015); `true` by default.
    #[option(default = true)]
    unit_forget_bias: bool,
    /// `GlorotUniform` if not given.
    #[option(array)]
    kernel: ArrayOptions,
    /// `Orthogonal(1.0)` if not given.
    #[option(array)]
    recurrent: ArrayOptions,
    /// `Zeros` if not given; the forget gate's at 1 all the same, unless `unit_forget_bias = false`.
    #[option(array)]
    bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

impl LstmOptions {
    /// What is given for the bias but how it begins, which is the gates' own.
    const fn bias_as_it_begins(&self) -> ArrayOptions {
        let mut given = self.bias;
        given.initializer = None;
        given
    }

    /// How the bias begins, but that of the forget gate.
    const fn gates(&self) -> Initializer {
        match self.bias.initializer {
            Some(initializer) => initializer,
            None => Initializer::Zeros,
        }
    }
}

impl<const FEATURES: usize, const UNITS: usize> Lstm<FEATURES, UNITS> {
    const fn output(input: &Shape, options: LstmOptions) -> Shape {
        if options.return_sequences { Shape::new(&[input.dim(0), UNITS]) } else { Self::STATE }
    }

    const STATE: Shape = Shape::new(&[UNITS]);

    /// In Keras's order.
    const fn outputs(input: &Shape, options: LstmOptions) -> [Part; 3] {
        let output = Part::in_order("output", Self::output(input, options));
        [output, Part::in_order("state_h", Self::STATE), Part::in_order("state_c", Self::STATE)]
    }

    const fn unless_sequence(input: &Shape) -> Option<Mistake> {
        if input.rank() == 2 {
            return None;
        }
        let mistake = Mistake::shape(Text::new("takes a sequence [steps, ").number(FEATURES).and("]"));
        Some(mistake.advice(Text::new(match input.rank() {
            0 => "declare the input as `[f32; steps, features]`",
            1 => "an `Lstm` before it gives one with `(return_sequences = true)`",
            _ => "put `Reshape([steps, features])` before it",
        })))
    }

    /// Multiplications with a weight at one step.
    const MULTIPLICATIONS: usize = FEATURES.saturating_add(UNITS).saturating_mul(UNITS).saturating_mul(4);

    const fn sequences<In: Tensor>(samples: usize, options: LstmOptions) -> Sequences<'static> {
        let LstmOptions { return_sequences, return_state, go_backwards, zero_output_for_mask, .. } = options;
        Sequences {
            samples,
            steps: In::SHAPE.dim(0),
            features: FEATURES,
            units: UNITS,
            return_sequences,
            return_state,
            go_backwards,
            mask: None,
            zero_output_for_mask,
        }
    }

    fn weights(&self) -> Weights<'_> {
        let Self { kernel, recurrent_kernel, bias } = self;
        let (kernel, recurrent_kernel) = (kernel.as_flattened(), recurrent_kernel.as_flattened());
        let (kernel, recurrent_kernel) = (kernel.as_flattened(), recurrent_kernel.as_flattened());
        Weights { kernel, recurrent_kernel, bias: bias.as_flattened() }
    }

    #[cfg(feature = "training")]
    fn gradients(&mut self) -> Gradients<'_> {
        let Self { kernel, recurrent_kernel, bias } = self;
        let (kernel, recurrent_kernel) = (kernel.as_flattened_mut(), recurrent_kernel.as_flattened_mut());
        let (kernel, recurrent_kernel) = (kernel.as_flattened_mut(), recurrent_kernel.as_flattened_mut());
        Gradients { kernel, recurrent_kernel, bias: bias.as_flattened_mut() }
    }
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, const UNITS: usize> Layer<In, O> for Lstm<FEATURES, UNITS> {
    const OUTPUT: Output = if O::VALUE.return_state {
        Output::of_parts(const { &Self::outputs(&In::SHAPE, O::VALUE) })
    } else {
        Output::new(Self::output(&In::SHAPE, O::VALUE))
    }
    .or(Mistake::unless_numbers::<In>())
    .or(Self::unless_sequence(&In::SHAPE))
    .or(unless_features::<In>(FEATURES, 0));
    const NEEDS: Needs = Self::sequences::<In>(1, O::VALUE)
        .needs()
        .multiplications(In::SHAPE.dim(0).saturating_mul(Self::MULTIPLICATIONS))
        .masking(if O::VALUE.return_sequences { Masking::PassesOn } else { Masking::Heeds })
        .activity(O::VALUE.activity_regularizer);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let mask = cx.mask_of(x.len() * In::SHAPE.dim(0));
        let sequences = Sequences { mask, ..Self::sequences::<In>(x.len(), O::VALUE) };
        sequences.forward(&self.weights(), In::numbers(x), Out::numbers_mut(y), cx.saved, cx.keep);
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, const UNITS: usize> TrainLayer<In, O>
    for Lstm<FEATURES, UNITS>
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let mask = cx.mask_of(x.len() * In::SHAPE.dim(0));
        let sequences = Sequences { mask, ..Self::sequences::<In>(x.len(), O::VALUE) };
        let gradients = cx.gradient.as_deref_mut().map(Self::gradients);
        let memory = [&mut *cx.saved, &mut *cx.scratch];
        let dx = dx.map(In::numbers_mut);
        sequences.backward(&self.weights(), In::numbers(x), Out::numbers(dy), memory, dx, gradients);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::reference::sigmoid;
    use crate::layers::testing::{Run, differences, differences_of, initialized, run, says};
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
                let from_x: f64 = (0..3).map(|i| x[i] * kernel[8 * i + column]).sum();
                let from_h: f64 = (0..2).map(|v| h[v] * recurrent[8 * v + column]).sum();
                from_x + from_h + bias[column]
            };
            let next = [0, 1].map(|u| {
                let new = sigmoid(gate(0, u)) * libm::tanh(gate(2, u));
                let cell = sigmoid(gate(1, u)) * c[u] + new;
                (cell, sigmoid(gate(3, u)) * libm::tanh(cell))
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
}
