//! A model as a layer of another one: what the implementation of [`Layer`](crate::layer::Layer) does that `model!`
//! writes for it.
//!
//! It is written for each model and not once for all types that are networks: where only one implementation can
//! be meant, the compiler says what is wrong within a layer's type, such as an activation that is none.

use core::marker::PhantomData;

use super::{
    ActivityPass, CheckPass, ForwardPass, Logits, MOST_OUTPUTS, Network, Outputs, PassOptions, StatePass, Way,
    activity_penalty, couples_samples, multiplications, output_mask, regularizes_activity,
};
#[cfg(feature = "training")]
use super::{BackwardPass, GradientPlaces, Sums, TrainNetwork, backward_pass::input_floats};
#[cfg(feature = "training")]
use crate::kernels::zero;
use crate::layer::messages::ids;
#[cfg(feature = "training")]
use crate::layer::{Backward, From, Graph};
use crate::layer::{
    Floats, Forward, InputError, Inputs, Masking, Mistake, Needs, Operand, Output, Part, State, Wire, position,
};
use crate::shape::{Shape, Tensor, Text};

/// What a model takes as a layer: where a way back follows its wires are kept for it, and their gradients are scratch.
#[must_use]
pub const fn needs<N: Network>() -> Needs {
    let needs = Needs::NONE
        .saved(kept::<N>(true))
        .saved_in_inference(kept::<N>(false))
        .scratch(N::MEMORY.scratch)
        .multiplications(multiplications(N::GRAPH))
        .couples_samples(couples_samples(N::GRAPH))
        .activity_within(regularizes_activity(N::GRAPH))
        .logits(N::GRAPH.outputs.len() == 1 && N::GRAPH.logits_of(0).is_some())
        .masking(masking::<N>());
    #[cfg(feature = "training")]
    let needs = needs.backward_scratch(
        Floats::per_sample(N::MEMORY.spare + input_floats(N::GRAPH, N::GRAPH.inputs.len()) + N::MEMORY.numbers(true))
            .and(N::MEMORY.backward_scratch),
    );
    needs
}

/// The wires and what the layers keep, with or without a way back.
const fn kept<N: Network>(keep: bool) -> Floats {
    Floats::per_sample(N::MEMORY.per_sample(keep)).and(N::MEMORY.kept(keep))
}

/// What becomes of masks: those within come out with the first output, and one from outside is lost.
const fn masking<N: Network>() -> Masking {
    if let [(_, first), ..] = N::GRAPH.outputs
        && let Some(mask) = N::PLACES[*first].mask
    {
        return Masking::Makes(mask.rank);
    }
    Masking::Ignores
}

/// The outputs by name.
struct PartsOf<N>(PhantomData<N>);
impl<N: Network> PartsOf<N> {
    const SHAPES: &'static [Shape] = <N::Outputs as Outputs>::SHAPES;
    const ALL: [Part; MOST_OUTPUTS] = {
        let (mut parts, mut i) = ([Part::by_name("", Shape::SCALAR); MOST_OUTPUTS], 0);
        while i < Self::SHAPES.len() {
            parts[i] = Part::by_name(N::GRAPH.outputs[i].0, Self::SHAPES[i]);
            i += 1;
        }
        parts
    };
    const PARTS: &'static [Part] = const { &Self::ALL }.split_at(Self::SHAPES.len()).0;
    const OUTPUT: Output =
        if Self::SHAPES.len() == 1 { Output::new(Self::SHAPES[0]) } else { Output::of_parts(Self::PARTS) };
}

/// "`a` and `b`", or "`a`, `b` and `c`".
const fn names(mut text: Text, inputs: &[Wire]) -> Text {
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
const fn call(mut text: Text, inputs: &[Wire]) -> Text {
    let mut i = 0;
    while i < inputs.len() {
        text = text.and(if i == 0 { "(" } else { ", " }).and(inputs[i].name).and(" = …");
        i += 1;
    }
    text.and(")")
}

const fn takes(text: Text, wire: &Wire) -> Text {
    if wire.element.is_number() { text.shape(&wire.shape) } else { ids(text, &wire.shape) }
}

/// What comes out of the model, or why these inputs do not fit it.
#[must_use]
pub const fn output<N: Network, I: Inputs>() -> Output {
    let by_position = I::WIRES.len() == 1 && I::WIRES[0].name.is_empty();
    PartsOf::<N>::OUTPUT.or(if by_position {
        unless_one_fits(N::GRAPH.inputs, &I::WIRES[0])
    } else {
        unless_all_fit(N::GRAPH.inputs, I::WIRES)
    })
}

/// What is wrong with one input without a name, if anything.
const fn unless_one_fits(inputs: &[Wire], given: &Wire) -> Option<Mistake> {
    if inputs.len() != 1 {
        let text = names(Text::new("has ").number(inputs.len()).and(" inputs, "), inputs);
        let text = call(text.and("; give each by name: `"), inputs).and(" => …`");
        return Some(Mistake::sentence(text));
    }
    if inputs[0].carries(given) {
        return None;
    }
    Some(Mistake::shape(takes(Text::new("takes "), &inputs[0])))
}

/// What is wrong with inputs by name, if anything.
const fn unless_all_fit(inputs: &[Wire], given: &[Wire]) -> Option<Mistake> {
    if inputs.len() > MOST_INPUTS {
        let text = Text::new("has ").number(inputs.len()).and(" inputs; a model within a model has at most ");
        return Some(Mistake::sentence(text.number(MOST_INPUTS)));
    }
    let mut i = 0;
    while i < given.len() {
        let Some(place) = position(inputs, given[i].name) else {
            let text = Text::new("has no input `").and(given[i].name).and("`; its inputs are ");
            return Some(Mistake::sentence(names(text, inputs)));
        };
        if !inputs[place].carries(&given[i]) {
            let text = takes(Text::new("takes "), &inputs[place]).and(" as its input `").and(given[i].name);
            return Some(Mistake::sentence(takes(text.and("`, but is given "), &given[i])));
        }
        i += 1;
    }
    let mut i = 0;
    while i < inputs.len() {
        if position(given, inputs[i].name).is_none() {
            let text = Text::new("needs its input `").and(inputs[i].name).and("` too: write `");
            return Some(Mistake::sentence(call(text, inputs).and(" => …`")));
        }
        i += 1;
    }
    None
}

/// The most inputs that a model within a model may have.
const MOST_INPUTS: usize = 16;

/// Where the model's input of this index stands among those that were given.
const fn place<N: Network, I: Inputs>(input: usize) -> usize {
    match position(I::WIRES, N::GRAPH.inputs[input].name) {
        Some(place) => place,
        None => 0,
    }
}

/// The batches in the order of the model's own inputs.
fn operands<'a, N: Network, I: Inputs>(x: I::Batch<'a>) -> [Operand<'a>; MOST_INPUTS] {
    core::array::from_fn(|input| {
        let known = input < N::GRAPH.inputs.len();
        if known { I::operand(x, place::<N, I>(input)).with_mask(None) } else { Operand::EMPTY }
    })
}

/// Checks the inputs.
///
/// # Errors
/// Names the first value that the model cannot take.
pub fn check<N: Network, I: Inputs>(
    way: &impl Way<N>,
    cx: &mut Forward<'_>,
    x: I::Batch<'_>,
) -> Result<(), InputError> {
    let (samples, inputs) = (I::samples(x), operands::<N, I>(x));
    let (wires, saved) = cx.saved.split_at_mut(N::MEMORY.wires(false, samples));
    let mut pass = CheckPass { samples, inputs: &inputs, wires, saved, scratch: &mut *cx.scratch, result: Ok(()) };
    way.check(&mut pass);
    pass.result.map_err(|error| InputError { wire: place::<N, I>(error.wire), ..error })
}

/// Forward from the inputs.
pub fn forward<N: Network, I: Inputs, Out: Tensor>(
    way: &impl Way<N>,
    cx: &mut Forward<'_>,
    x: I::Batch<'_>,
    y: &mut [Out],
) {
    let (samples, inputs) = (y.len(), operands::<N, I>(x));
    let Forward { training, trainable, keep, random, ref mut logits, ref mut saved, ref mut scratch, .. } = *cx;
    let (wires, saved) = saved.split_at_mut(N::MEMORY.wires(keep, samples));
    let logits = match logits {
        Some(numbers) => Logits::Wanted { outputs: &[true], numbers },
        None => Logits::None,
    };
    let options = PassOptions { samples, training, trainable, keep, random, share: 1.0 };
    way.forward(&mut ForwardPass { options, inputs: &inputs, wires: &mut *wires, saved, scratch, logits });
    let layout = way.layout(keep);
    if let Some(mask) = output_mask::<N>(0, wires, layout, samples)
        && !cx.output_mask.is_empty()
    {
        cx.output_mask.copy_from_slice(mask);
    }
    let mut start = 0;
    for ((_, step), shape) in N::GRAPH.outputs.iter().zip(PartsOf::<N>::SHAPES) {
        let parts = wires[N::PLACES[*step].wire(layout, samples)].chunks_exact(shape.length());
        let samples = Out::memory_mut(y).chunks_exact_mut(Out::SHAPE.length());
        samples.zip(parts).for_each(|(y, part)| y[start..start + part.len()].copy_from_slice(part));
        start += shape.length();
    }
}

/// What the outputs of the layers within add to the loss.
pub fn penalty<N: Network>(network: &N, samples: usize, keep: bool, saved: &[f32]) -> f64 {
    let (wires, saved) = saved.split_at(N::MEMORY.wires(keep, samples));
    activity_penalty(network, ActivityPass::new(samples, keep, wires, saved))
}

/// Moves the state of the layers within.
pub fn update_state<N: Network>(network: &mut N, cx: &mut State<'_>) {
    let samples = cx.samples;
    let saved = &mut cx.saved[N::MEMORY.wires(true, samples)..];
    network.update_state(&mut StatePass::new(samples, saved));
}

/// Back to the inputs.
#[cfg(feature = "training")]
pub fn backward<N: TrainNetwork, I: Inputs, Out: Tensor>(
    network: &N,
    cx: &mut Backward<'_, N>,
    x: I::Batch<'_>,
    dy: &[Out],
    dx: I::Gradients<'_>,
) {
    let (samples, inputs) = (dy.len(), operands::<N, I>(x));
    let mut targets: [Option<&mut [f32]>; MOST_INPUTS] = [const { None }; MOST_INPUTS];
    I::each_gradient(dx, &mut |wire, target| targets[wire] = target);
    let mut wanted = [false; MOST_INPUTS];
    for (input, wanted) in wanted.iter_mut().enumerate().take(N::GRAPH.inputs.len()) {
        *wanted = targets[place::<N, I>(input)].is_some();
    }
    let wanted = &wanted[..N::GRAPH.inputs.len()];
    let places = GradientPlaces::of::<N>(samples, true);
    let Backward { training, trainable, random, share, ref mut gradient, ref mut squares, logits_gradient, .. } = *cx;
    let (wires, saved) = cx.saved.split_at_mut(N::MEMORY.wires(true, samples));
    let (gradients, scratch) = cx.scratch.split_at_mut(places.floats::<N>());
    let mut start = 0;
    for ((_, step), shape) in N::GRAPH.outputs.iter().zip(PartsOf::<N>::SHAPES) {
        let parts = gradients[places.step::<N>(*step)].chunks_exact_mut(shape.length());
        let samples = Out::numbers(dy).chunks_exact(Out::SHAPE.length());
        parts.zip(samples).for_each(|(part, dy)| part.copy_from_slice(&dy[start..start + part.len()]));
        start += shape.length();
    }
    let logits = match logits_gradient {
        Some(numbers) => Logits::Gradients { outputs: &[true], numbers },
        None => Logits::None,
    };
    let options = PassOptions { samples, training, trainable, keep: true, random, share };
    let (wires, gradients) = (&*wires, &mut *gradients);
    let mut pass = BackwardPass {
        options,
        inputs: &inputs,
        wires,
        saved,
        wanted,
        gradients: &mut *gradients,
        scratch,
        logits,
        network: PhantomData,
    };
    let sums = Sums { gradient: gradient.as_deref_mut(), squares: squares.as_deref_mut() };
    network.back(sums, &mut pass);
    for input in 0..N::GRAPH.inputs.len() {
        let Some(target) = &mut targets[place::<N, I>(input)] else { continue };
        if is_used(N::GRAPH, input) {
            target.copy_from_slice(&gradients[places.input::<N>(input)]);
        } else {
            zero(target);
        }
    }
}

/// Whether any step takes this input.
#[cfg(feature = "training")]
fn is_used(graph: &Graph, input: usize) -> bool {
    let mut sources = graph.steps.iter().flat_map(|step| step.operands);
    sources.any(|source| source.from == From::Input(input))
}

/// Writes what every model is: one of its own, and a layer of another one.
#[doc(hidden)]
#[macro_export]
macro_rules! model_as_layer {
    ($model:ident) => {
        impl $crate::Model for $model {
            type Network = Self;
            fn network(&self) -> &Self {
                self
            }
            fn network_mut(&mut self) -> &mut Self {
                self
            }
        }
        #[diagnostic::do_not_recommend]
        impl<__I: $crate::layer::Inputs, __O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<__I, __O>
            for $model
        {
            const OUTPUT: $crate::layer::Output = $crate::model::nested::output::<Self, __I>();
            const NEEDS: $crate::layer::Needs = $crate::model::nested::needs::<Self>();
            const NESTED: ::core::option::Option<&'static $crate::layer::Graph> =
                ::core::option::Option::Some(<Self as $crate::model::Network>::GRAPH);
            fn check(
                &self,
                __cx: &mut $crate::layer::Forward<'_>,
                __x: __I::Batch<'_>,
            ) -> ::core::result::Result<(), $crate::layer::InputError> {
                $crate::model::nested::check::<Self, __I>(self, __cx, __x)
            }
            fn forward<__Out: $crate::shape::Tensor>(
                &self,
                __cx: &mut $crate::layer::Forward<'_>,
                __x: __I::Batch<'_>,
                __y: &mut [__Out],
            ) {
                $crate::model::nested::forward::<Self, __I, __Out>(self, __cx, __x, __y);
            }
            const PREPARED: $crate::layer::PreparedBytes =
                $crate::model::prepared_bytes(<Self as $crate::model::Network>::GRAPH);
            fn prepare<__K: $crate::layer::WeightKind>(
                &self,
                __strip_columns: ::core::primitive::usize,
                __memory: &mut [::core::primitive::f32],
            ) {
                $crate::model::Preparing::<__K>::all(self, __strip_columns, __memory);
            }
            fn prepared_arrays(__kind: $crate::layer::Kind, __visit: &mut $crate::layer::VisitArrays<'_>) {
                $crate::model::prepared_arrays::<Self>(__kind, __visit);
            }
            fn check_prepared<__K: $crate::layer::WeightKind>(
                __weights: $crate::layer::PreparedWeights<'_>,
                __cx: &mut $crate::layer::Forward<'_>,
                __x: __I::Batch<'_>,
            ) -> ::core::result::Result<(), $crate::layer::InputError> {
                $crate::model::nested::check::<Self, __I>(&__weights.of_kind::<__K>(), __cx, __x)
            }
            fn forward_prepared<__K: $crate::layer::WeightKind, __Out: $crate::shape::Tensor>(
                __weights: $crate::layer::PreparedWeights<'_>,
                __cx: &mut $crate::layer::Forward<'_>,
                __x: __I::Batch<'_>,
                __y: &mut [__Out],
            ) {
                $crate::model::nested::forward::<Self, __I, __Out>(&__weights.of_kind::<__K>(), __cx, __x, __y);
            }
            fn update_state(&mut self, __cx: &mut $crate::layer::State<'_>) {
                $crate::model::nested::update_state::<Self>(self, __cx);
            }
            fn penalty_within(
                &self,
                __samples: ::core::primitive::usize,
                __keep: ::core::primitive::bool,
                __saved: &[::core::primitive::f32],
            ) -> ::core::primitive::f64 {
                $crate::model::nested::penalty::<Self>(self, __samples, __keep, __saved)
            }
        }
        $crate::training! {
            #[diagnostic::do_not_recommend]
            impl<__I: $crate::layer::Inputs, __O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<__I, __O>
                for $model
            {
                fn backward<__Out: $crate::shape::Tensor>(
                    &self,
                    __cx: &mut $crate::layer::Backward<'_, Self>,
                    __x: __I::Batch<'_>,
                    __y: &[__Out],
                    __dy: &mut [__Out],
                    __dx: __I::Gradients<'_>,
                ) {
                    $crate::model::nested::backward::<Self, __I, __Out>(self, __cx, __x, __dy, __dx);
                }
            }
        }
    };
}
