//! Long short-term memory.

use super::unless_features;
use crate::initializers::Initializer;
use crate::parameters::{ParameterArray, Visit};
use crate::{
    Backward, Configured, Fit, Forward, Layer, Memory, Mistake, OptionsOf, Parameter, Parameters, Path, Shape, Tensor,
    Text,
};
use sequences::{Gradients, Sequences, Weights};

mod cell;
mod sequences;

/// A memory that goes along a sequence, `[steps, FEATURES]` → `[UNITS]`, or `[steps, UNITS]` with
/// `return_sequences = true`: Keras's `layers.LSTM` (Hochreiter and Schmidhuber, 1997) with its activations, `tanh`
/// and `sigmoid`.
///
/// From a cell c and an output h of zeros on, each step computes
///
/// - i, f, o = sigmoid(x · kernel + h · `recurrent_kernel` + bias), the input, forget and output gates,
/// - g = tanh(…) in the same way,
/// - c ← f · c + i · g and h ← o · tanh(c), the step's output.
///
/// The gates lie in Keras's order i, f, g, o. The kernel begins Glorot-uniform, the recurrent kernel orthogonal and
/// the bias at 0, but at 1 for the forget gate.
///
/// ```
/// use fusion_core::layers::{Lstm, LstmOptions};
/// use fusion_core::{Configured, Layer, OptionsOf, Parameters, Shape};
/// type Sequence = [[f32; 3]; 10];
/// assert_eq!(<Lstm<3, 8> as Layer<Sequence>>::FIT.output, Shape::new(&[8]));
/// assert_eq!(Lstm::<3, 8>::COUNT, 4 * 8 * (3 + 8 + 1));
///
/// struct All; // `Lstm<3, 8>(return_sequences = true)` in `model!`
/// impl OptionsOf<Lstm<3, 8>> for All {
///     const VALUE: LstmOptions = Lstm::<3, 8>::DEFAULT.return_sequences(true);
/// }
/// assert_eq!(<Lstm<3, 8> as Layer<Sequence, All>>::FIT.output, Shape::new(&[10, 8]));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Lstm<const FEATURES: usize, const UNITS: usize> {
    /// `kernel[i][gate][u]` is how much feature i counts in a gate of unit u; the gates are i, f, g, o.
    pub kernel: [[[f32; UNITS]; 4]; FEATURES],
    /// `recurrent_kernel[v][gate][u]` is how much the last output of unit v counts in a gate of unit u.
    pub recurrent_kernel: [[[f32; UNITS]; 4]; UNITS],
    /// What each gate begins with.
    pub bias: [[f32; UNITS]; 4],
}

/// The options of [`Lstm`]: `Lstm<3, 8>(return_sequences = true)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LstmOptions {
    return_sequences: bool,
    go_backwards: bool,
    unit_forget_bias: bool,
}

impl LstmOptions {
    /// Whether the output has every step, not only the last; `false` by default.
    #[must_use]
    pub const fn return_sequences(mut self, return_sequences: bool) -> Self {
        self.return_sequences = return_sequences;
        self
    }

    /// Whether the sequence is read from its end; an output of every step is then in that order too, as in Keras.
    /// `false` by default.
    #[must_use]
    pub const fn go_backwards(mut self, go_backwards: bool) -> Self {
        self.go_backwards = go_backwards;
        self
    }

    /// Whether the bias of the forget gate begins at 1 (Jozefowicz, Zaremba, Sutskever, 2015); `true` by default.
    #[must_use]
    pub const fn unit_forget_bias(mut self, unit_forget_bias: bool) -> Self {
        self.unit_forget_bias = unit_forget_bias;
        self
    }
}

impl<const FEATURES: usize, const UNITS: usize> Lstm<FEATURES, UNITS> {
    const fn output(input: &Shape, options: LstmOptions) -> Shape {
        if options.return_sequences { Shape::new(&[input.dims[0], UNITS]) } else { Shape::new(&[UNITS]) }
    }

    const fn unless_sequence(input: &Shape) -> Option<Mistake> {
        if input.rank == 2 {
            return None;
        }
        let mistake = Mistake::shape(Text::new("takes a sequence [steps, ").number(FEATURES).and("]"));
        Some(mistake.advice(Text::new(match input.rank {
            1 => "an `Lstm` before it gives one with `(return_sequences = true)`",
            _ => "put `Reshape([steps, features])` before it",
        })))
    }

    const fn sequences<In: Tensor>(samples: usize, options: LstmOptions) -> Sequences {
        let LstmOptions { return_sequences, go_backwards, .. } = options;
        let (steps, features, units) = (In::SHAPE.dims[0], FEATURES, UNITS);
        Sequences { samples, steps, features, units, return_sequences, go_backwards }
    }

    fn weights(&self) -> Weights<'_> {
        let Self { kernel, recurrent_kernel, bias } = self;
        let (kernel, recurrent_kernel) = (kernel.as_flattened(), recurrent_kernel.as_flattened());
        let (kernel, recurrent_kernel) = (kernel.as_flattened(), recurrent_kernel.as_flattened());
        Weights { kernel, recurrent_kernel, bias: bias.as_flattened() }
    }

    fn gradients(&mut self) -> Gradients<'_> {
        let Self { kernel, recurrent_kernel, bias } = self;
        let (kernel, recurrent_kernel) = (kernel.as_flattened_mut(), recurrent_kernel.as_flattened_mut());
        let (kernel, recurrent_kernel) = (kernel.as_flattened_mut(), recurrent_kernel.as_flattened_mut());
        Gradients { kernel, recurrent_kernel, bias: bias.as_flattened_mut() }
    }

    fn walk_with<const K: usize>(mut these: [&mut Self; K], list: &[Parameter<'_>; 3], visit: &mut Visit<'_, K>) {
        let [kernel, recurrent_kernel, bias] = list;
        ParameterArray::visit(these.each_mut().map(|layer| &mut layer.kernel), kernel, visit);
        ParameterArray::visit(these.each_mut().map(|layer| &mut layer.recurrent_kernel), recurrent_kernel, visit);
        ParameterArray::visit(these.map(|layer| &mut layer.bias), bias, visit);
    }
}

/// Keras's weights belong to a layer within, which does one step.
const CELL: &str = "lstm_cell";

const fn parameters<'a>(
    cell: &'a Path<'a>,
    (features, units): (usize, usize),
    unit_forget_bias: bool,
) -> [Parameter<'a>; 3] {
    let gates = 4 * units;
    let bias = if unit_forget_bias { Initializer::UnitForgetBias } else { Initializer::Zeros };
    [
        Parameter::new(cell, "kernel", Shape::new(&[features, gates]), Initializer::GlorotUniform),
        Parameter::new(cell, "recurrent_kernel", Shape::new(&[units, gates]), Initializer::Orthogonal),
        Parameter::new(cell, "bias", Shape::new(&[gates]), bias),
    ]
}

impl<const FEATURES: usize, const UNITS: usize> Parameters for Lstm<FEATURES, UNITS> {
    const COUNT: usize = 4 * UNITS * (FEATURES + UNITS + 1);

    fn walk<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        let (cell, sizes) = (path.layer(CELL), (FEATURES, UNITS));
        Self::walk_with(these, &parameters(&cell, sizes, Self::DEFAULT.unit_forget_bias), visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        let cell = path.layer(CELL);
        let [kernel, recurrent_kernel, bias] = parameters(&cell, (FEATURES, UNITS), Self::DEFAULT.unit_forget_bias);
        self.kernel.visit_ref(&kernel, visit);
        self.recurrent_kernel.visit_ref(&recurrent_kernel, visit);
        self.bias.visit_ref(&bias, visit);
    }
}

impl<const FEATURES: usize, const UNITS: usize> Configured for Lstm<FEATURES, UNITS> {
    type Options = LstmOptions;
    const DEFAULT: LstmOptions = LstmOptions { return_sequences: false, go_backwards: false, unit_forget_bias: true };
    const CLASS: &'static str = "LSTM";
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize, const UNITS: usize> Layer<In, O> for Lstm<FEATURES, UNITS> {
    const FIT: Fit = Fit::new(Self::output(&In::SHAPE, O::VALUE))
        .or(Mistake::unless_numbers::<In>())
        .or(Self::unless_sequence(&In::SHAPE))
        .or(unless_features::<In>(FEATURES, 0));
    const MEMORY: Memory = Self::sequences::<In>(1, O::VALUE).memory();
    const MULTIPLICATIONS: usize = In::SHAPE.dims[0] * 4 * UNITS * (FEATURES + UNITS);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let sequences = Self::sequences::<In>(x.len(), O::VALUE);
        sequences.forward(&self.weights(), In::numbers(x), Out::numbers_mut(y), cx.saved, cx.keep);
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
    ) {
        let sequences = Self::sequences::<In>(x.len(), O::VALUE);
        let gradients = cx.trainable.then(|| gradient.gradients());
        let dx = dx.map(In::numbers_mut);
        sequences.backward(&self.weights(), In::numbers(x), Out::numbers(dy), [cx.saved, cx.scratch], dx, gradients);
    }

    fn walk_weights<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        let (cell, sizes) = (path.layer(CELL), (FEATURES, UNITS));
        Self::walk_with(these, &parameters(&cell, sizes, O::VALUE.unit_forget_bias), visit);
    }
}
