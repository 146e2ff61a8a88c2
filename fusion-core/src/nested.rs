//! A model as a layer of another one: what the implementations of [`Layer`](crate::Layer) and
//! [`MultiInputLayer`](crate::MultiInputLayer) do that `model!` writes for it.
//!
//! They are written for each model and not once for all types that are networks: where only one implementation can
//! be meant, the compiler says what is wrong within a layer's type, such as an activation that is none.

use crate::fit::{Fit, Mistake};
use crate::layer::{Backward, Forward, InputError, Memory};
use crate::memory::{ALIGNMENT, round_up};
use crate::network::{Logits, Network, Outputs, Pass};
use crate::operands::{Operand, Operands, position};
use crate::site::Part;
use crate::{Shape, Tensor, Text};

/// What a model takes as a layer: its wires are kept for the way back, their gradients are scratch.
#[must_use]
pub const fn memory<N: Network>() -> Memory {
    Memory {
        saved_per_sample: N::WIRES.per_sample,
        saved: N::WIRES.fixed,
        saved_in_inference: Some((N::INFERENCE_WIRES.per_sample, N::INFERENCE_WIRES.fixed)),
        scratch_per_sample: N::SCRATCH.per_sample,
        scratch: N::SCRATCH.fixed,
        backward_scratch_per_sample: N::GRADIENTS.per_sample + N::BACKWARD_SCRATCH.per_sample,
        backward_scratch: N::GRADIENTS.fixed + N::BACKWARD_SCRATCH.fixed + ALIGNMENT,
    }
}

/// Whether the one output is a sigmoid or softmax of logits.
#[must_use]
pub const fn probabilities<N: Network>() -> bool {
    N::PROBABILITIES.len() == 1 && N::PROBABILITIES[0].is_some()
}

/// The shape of the one output, or that of the first.
const fn output<N: Network>() -> Shape {
    <N::Outputs as Outputs>::SHAPES[0]
}

/// "`a` and `b`", or "`a`, `b` and `c`".
const fn names(mut text: Text, inputs: &[Part]) -> Text {
    let mut i = 0;
    while i < inputs.len() {
        if i > 0 {
            text = text.and(if i + 1 == inputs.len() { " and " } else { ", " });
        }
        text = text.and("`").and(inputs[i].name).and("`");
        i += 1;
    }
    text
}

/// "(a = …, b = …)"
const fn call(mut text: Text, inputs: &[Part]) -> Text {
    let mut i = 0;
    while i < inputs.len() {
        text = text.and(if i == 0 { "(" } else { ", " }).and(inputs[i].name).and(" = …");
        i += 1;
    }
    text.and(")")
}

const fn unless_one_output<N: Network>() -> Option<Mistake> {
    if <N::Outputs as Outputs>::COUNT == 1 {
        return None;
    }
    let count = <N::Outputs as Outputs>::COUNT;
    Some(Mistake::sentence(Text::new("has ").number(count).and(" outputs; a model within a model has one")))
}

/// Whether a wire carries what an input takes.
const fn fits(input: &Part, given: &Part) -> bool {
    input.shape.equals(&given.shape) && input.numbers == given.numbers
}

const fn takes(text: Text, part: &Part) -> Text {
    text.and(if part.numbers { "" } else { "`u32` ids, " }).shape(&part.shape)
}

/// Whether one input fits the model.
#[must_use]
pub const fn fit_of_one<N: Network, In: Tensor>() -> Fit {
    let fit = Fit::new(output::<N>()).or(unless_one_output::<N>());
    let inputs = N::INPUT_PARTS;
    if inputs.len() != 1 {
        let text = names(Text::new("has ").number(inputs.len()).and(" inputs, "), inputs);
        let text = call(text.and("; give each by name: `"), inputs).and(" => …`");
        return fit.or(Some(Mistake::sentence(text)));
    }
    if fits(&inputs[0], &Part::of::<In>("")) {
        return fit;
    }
    fit.or(Some(Mistake::shape(takes(Text::new("takes "), &inputs[0]))))
}

/// Whether inputs, given by name, fit the model.
#[must_use]
pub const fn fit_of_several<N: Network, I: Operands>() -> Fit {
    let fit = Fit::new(output::<N>()).or(unless_one_output::<N>());
    let (inputs, given) = (N::INPUT_PARTS, I::PARTS);
    if inputs.len() > MOST_INPUTS {
        let text = Text::new("has ").number(inputs.len()).and(" inputs; a model within a model has at most ");
        return fit.or(Some(Mistake::sentence(text.number(MOST_INPUTS))));
    }
    let mut i = 0;
    while i < given.len() {
        let Some(place) = position(inputs, given[i].name) else {
            let text = Text::new("has no input `").and(given[i].name).and("`; its inputs are ");
            return fit.or(Some(Mistake::sentence(names(text, inputs))));
        };
        if !fits(&inputs[place], &given[i]) {
            let text = takes(Text::new("takes "), &inputs[place]).and(" as its input `").and(given[i].name);
            return fit.or(Some(Mistake::sentence(takes(text.and("`, but is given "), &given[i]))));
        }
        i += 1;
    }
    let mut i = 0;
    while i < inputs.len() {
        if position(given, inputs[i].name).is_none() {
            let text = Text::new("needs its input `").and(inputs[i].name).and("` too: write `");
            return fit.or(Some(Mistake::sentence(call(text, inputs).and(" => …`"))));
        }
        i += 1;
    }
    fit
}

/// Where the model's input of index `input` stands among those that were given.
fn place<N: Network, I: Operands>(input: usize) -> usize {
    position(I::PARTS, N::INPUT_PARTS[input].name).unwrap_or(0)
}

fn forward<N: Network, Out: Tensor>(network: &N, cx: &mut Forward<'_>, inputs: N::Inputs<'_>, y: &mut [Out]) {
    let Forward { training, trainable, keep, random, logits, saved, scratch } = cx;
    let (training, trainable, keep, random) = (*training, *trainable, *keep, *random);
    let logits = match logits {
        Some(numbers) => Logits::Wanted { outputs: &[true], numbers },
        None => Logits::None,
    };
    let mut pass = Pass { samples: y.len(), training, trainable, keep, random, logits, scratch };
    network.forward(&mut pass, inputs, saved);
    let outputs = N::outputs(saved, y.len());
    Out::numbers_mut(y).copy_from_slice(<N::Outputs as Outputs>::first(outputs));
}

fn backward<N: Network, Out: Tensor>(
    network: &N,
    cx: &mut Backward<'_>,
    inputs: N::Inputs<'_>,
    dy: &[Out],
    input_gradients: N::InputGradients<'_>,
    gradient: &mut N,
    squares: Option<&mut N>,
) {
    let samples = dy.len();
    let Backward { training, trainable, random, logits_gradient, saved, scratch } = cx;
    let (gradients, scratch) = scratch.split_at_mut(round_up(N::GRADIENTS.of(samples)));
    <N::Outputs as Outputs>::first_mut(N::output_gradients(gradients, samples)).copy_from_slice(Out::numbers(dy));
    let (training, trainable, random) = (*training, *trainable, *random);
    let logits = match logits_gradient {
        Some(numbers) => Logits::Gradients { outputs: &[true], numbers },
        None => Logits::None,
    };
    let mut pass = Pass { samples, training, trainable, keep: true, random, logits, scratch };
    network.backward(&mut pass, inputs, saved, gradients, input_gradients, gradient, squares);
}

/// Checks the one input.
///
/// # Errors
/// Names the first value that the model cannot take.
pub fn check_one<N: Network, In: Tensor>(x: &[In]) -> Result<(), InputError> {
    N::check(N::inputs(&mut |_| Operand::of(x))).map_err(|(_, error)| error)
}

/// Forward from the one input.
pub fn forward_one<N: Network, In: Tensor, Out: Tensor>(network: &N, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
    forward(network, cx, N::inputs(&mut |_| Operand::of(x)), y);
}

/// Back to the one input.
pub fn backward_one<N: Network, In: Tensor, Out: Tensor>(
    network: &N,
    cx: &mut Backward<'_>,
    x: &[In],
    dy: &[Out],
    dx: Option<&mut [In]>,
    gradient: &mut N,
    squares: Option<&mut N>,
) {
    let mut dx = dx.map(In::numbers_mut);
    let input_gradients = N::input_gradients(&mut |_| dx.take());
    backward(network, cx, N::inputs(&mut |_| Operand::of(x)), dy, input_gradients, gradient, squares);
}

/// Checks the inputs.
///
/// # Errors
/// Names the first value that the model cannot take, and the operand that it is in.
pub fn check_several<N: Network, I: Operands>(x: &[Operand<'_>]) -> Result<(), (usize, InputError)> {
    N::check(N::inputs(&mut |input| x[place::<N, I>(input)]))
        .map_err(|(name, error)| (position(I::PARTS, name).unwrap_or(0), error))
}

/// Forward from the inputs.
pub fn forward_several<N: Network, I: Operands, Out: Tensor>(
    network: &N,
    cx: &mut Forward<'_>,
    x: &[Operand<'_>],
    y: &mut [Out],
) {
    forward(network, cx, N::inputs(&mut |input| x[place::<N, I>(input)]), y);
}

/// Back to the inputs.
pub fn backward_several<N: Network, I: Operands, Out: Tensor>(
    network: &N,
    cx: &mut Backward<'_>,
    x: &[Operand<'_>],
    dy: &[Out],
    dx: &mut [Option<&mut [f32]>],
    gradient: &mut N,
    squares: Option<&mut N>,
) {
    let inputs = N::inputs(&mut |input| x[place::<N, I>(input)]);
    // Each input stands at one place, so that each gradient is taken once.
    let mut dx = dx.iter_mut().map(Option::take);
    let mut taken: [Option<&mut [f32]>; MOST_INPUTS] = core::array::from_fn(|_| dx.next().flatten());
    let input_gradients = N::input_gradients(&mut |input| taken[place::<N, I>(input)].take());
    backward(network, cx, inputs, dy, input_gradients, gradient, squares);
}

/// The most inputs that a model within a model may have.
const MOST_INPUTS: usize = 16;
