//! One pass through a model: the way forward, the checks before it, the way back and the state after it.
//!
//! Generated code names layers and steps; here their wires are cut out of one piece of memory.

use core::marker::PhantomData;
use core::ops::Range;

use super::{Network, Outputs, Place};
use crate::kernels::memory::round_up;
#[cfg(feature = "training")]
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, From, Graph, InputError, Inputs, Layer, Operand, Source, State, StepNode, Wire};
use crate::shape::{Element, Tensor};
use crate::weights::{OptionsOf, Random};

/// Goes through the steps of a model in order; [`Passes::pass`](super::Passes::pass) calls it.
pub trait Pass<N> {
    /// Goes through the step of this index.
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize);
}

/// The logits that outputs are a sigmoid or softmax of, for losses that are taken of them. `outputs` says whose there
/// are; they lie in memory as [`logits_range`] says.
pub enum Logits<'a> {
    /// None are asked for.
    None,
    /// Where the way forward leaves them.
    Wanted {
        /// Of which outputs.
        outputs: &'a [bool],
        /// The memory.
        numbers: &'a mut [f32],
    },
    /// The gradients with respect to them, for the way back.
    Gradients {
        /// Of which outputs.
        outputs: &'a [bool],
        /// The memory.
        numbers: &'a [f32],
    },
}

/// Where the logits of an output stand among those of all outputs.
#[must_use]
pub fn logits_range<O: Outputs>(output: usize, samples: usize) -> Range<usize> {
    let start = O::SHAPES[..output].iter().map(|shape| round_up(shape.length() * samples)).sum();
    start..start + O::SHAPES[output].length() * samples
}

/// How many numbers the logits of all outputs of so many samples take.
#[must_use]
pub fn logits_floats<O: Outputs>(samples: usize) -> usize {
    O::SHAPES.iter().map(|shape| round_up(shape.length() * samples)).sum()
}

/// Whose logits this step gives, if they are among those asked for.
fn output_of<N: Network>(step: usize, outputs: &[bool]) -> Option<usize> {
    let gives = |output: &usize| N::GRAPH.source(N::GRAPH.outputs[*output].1) == Some(step);
    (0..N::GRAPH.outputs.len()).find(gives).filter(|output| outputs[*output])
}

/// What a pass is about.
#[derive(Clone, Copy)]
pub struct PassOptions {
    /// How many samples go through at once.
    pub samples: usize,
    /// Whether the model trains.
    pub training: bool,
    /// Whether the model's weights are trained, not frozen within another model.
    pub trainable: bool,
    /// Whether a way back follows.
    pub keep: bool,
    /// Random numbers of this step of training, from the tile's first sample on.
    pub random: Random,
}

impl PassOptions {
    /// A pass in inference.
    #[must_use]
    #[inline]
    pub const fn inference(samples: usize) -> Self {
        Self { samples, training: false, trainable: false, keep: false, random: Random::new(0) }
    }

    /// A pass of training.
    #[must_use]
    pub const fn training(samples: usize, random: Random) -> Self {
        Self { samples, training: true, trainable: true, keep: true, random }
    }
}

/// The batch that a source carries.
#[inline]
fn operand<'a>(
    (graph, places): (&'static Graph, &'static [Place]),
    source: Source,
    inputs: &[Operand<'a>],
    wires: &'a [f32],
    samples: usize,
) -> Operand<'a> {
    match source.from {
        From::Input(input) => inputs[input],
        From::Step(step) => {
            let output = &graph.steps[step].output;
            Operand::of_memory(&wires[places[step].wire(samples)], &output.shape, output.element, samples)
        }
    }
}

/// The way forward.
pub struct ForwardPass<'a> {
    /// What it is about.
    pub options: PassOptions,
    /// The model's inputs.
    pub inputs: &'a [Operand<'a>],
    /// The value of every wire, to be written.
    pub wires: &'a mut [f32],
    /// What the layers keep.
    pub saved: &'a mut [f32],
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
    /// The logits that losses are taken of.
    pub logits: Logits<'a>,
}

impl<N: Network> Pass<N> for ForwardPass<'_> {
    #[inline]
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize) {
        let (step, place) = (&N::GRAPH.steps[index], &N::PLACES[index]);
        let PassOptions { samples, training, trainable, keep, random } = self.options;
        // Every wire that leads here lies before this one.
        let (before, rest) = self.wires.split_at_mut(place.wire * samples);
        let y = Out::of_memory_mut(&mut rest[..place.length * samples]);
        let mut cx = Forward::new(&mut self.saved[place.saved(keep, samples)], &mut *self.scratch);
        (cx.training, cx.keep) = (training, keep);
        cx.trainable = trainable && !is_frozen::<N>(step);
        // In inference nothing is drawn, and the key need not be made.
        cx.random = if training { random.in_layer(index as u64) } else { random };
        if L::NEEDS.logits
            && let Logits::Wanted { outputs, numbers } = &mut self.logits
            && let Some(output) = output_of::<N>(index, outputs)
        {
            cx.logits = Some(&mut numbers[logits_range::<N::Outputs>(output, samples)]);
        }
        let (before, inputs, model) = (&*before, self.inputs, (N::GRAPH, N::PLACES));
        I::with_batch(
            |wire| operand(model, step.operands[wire], inputs, before, samples),
            |x| layer.forward(&mut cx, x, y),
        );
    }
}

#[inline]
fn is_frozen<N: Network>(step: &StepNode) -> bool {
    step.layer.is_some_and(|layer| N::GRAPH.layers[layer].frozen)
}

/// The checks of what no shape can rule out: ids that are out of range, wherever they come to.
///
/// Steps that give ids are computed, so that those behind them can be checked too.
pub struct CheckPass<'a> {
    /// How many samples there are.
    pub samples: usize,
    /// The model's inputs.
    pub inputs: &'a [Operand<'a>],
    /// The value of every wire, to be written where it is ids.
    pub wires: &'a mut [f32],
    /// What the layers keep.
    pub saved: &'a mut [f32],
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
    /// What is wrong, and in which input; the first mistake that was found.
    pub result: Result<(), InputError>,
}

impl<N: Network> Pass<N> for CheckPass<'_> {
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize) {
        let (step, place, samples) = (&N::GRAPH.steps[index], &N::PLACES[index], self.samples);
        let at_hand = |source: &Source| is_at_hand(N::GRAPH, *source);
        // Numbers that were not computed are no reason to leave out the ids beside them.
        let unknown_ids = |(source, wire): (&Source, &Wire)| !wire.element.is_number() && !at_hand(source);
        let unknown = step.operands.iter().zip(I::WIRES).any(unknown_ids);
        if self.result.is_err() || unknown || !step.operands.iter().any(at_hand) {
            return;
        }
        let (before, rest) = self.wires.split_at_mut(place.wire * samples);
        let (before, inputs, model) = (&*before, self.inputs, (N::GRAPH, N::PLACES));
        let operand_of = |wire: usize| operand(model, step.operands[wire], inputs, before, samples);
        let mut cx = Forward::new(&mut self.saved[place.saved(false, samples)], &mut *self.scratch);
        self.result = I::with_batch(operand_of, |x| layer.check(&mut cx, x)).map_err(|error| {
            let wire = origin(N::GRAPH, step.operands[error.wire]);
            InputError { wire, ..error }
        });
        if self.result.is_ok() && !Out::Element::IS_NUMBER && step.operands.iter().all(at_hand) {
            let y = Out::of_memory_mut(&mut rest[..place.length * samples]);
            I::with_batch(operand_of, |x| layer.forward(&mut cx, x, y));
        }
    }
}

/// Whether the checks know what is on a wire: an input, or ids that follow from inputs.
const fn is_at_hand(graph: &Graph, source: Source) -> bool {
    match source.from {
        From::Input(_) => true,
        From::Step(step) => {
            let StepNode { output, operands, .. } = &graph.steps[step];
            if output.element.is_number() {
                return false;
            }
            let mut i = 0;
            while i < operands.len() {
                if !is_at_hand(graph, operands[i]) {
                    return false;
                }
                i += 1;
            }
            true
        }
    }
}

/// The input of the model that a wire's ids come from.
fn origin(graph: &Graph, source: Source) -> usize {
    match source.from {
        From::Input(input) => input,
        From::Step(step) => graph.steps[step].operands.first().map_or(0, |source| origin(graph, *source)),
    }
}

/// After a step of training: the state that layers keep.
pub struct StatePass<'a, N> {
    /// How many samples there are: those of the batch, or of its last tile where the model can be cut into tiles.
    pub samples: usize,
    /// What the layers kept.
    pub saved: &'a mut [f32],
    network: PhantomData<fn(N)>,
}

impl<'a, N: Network> StatePass<'a, N> {
    /// After a batch, or a tile, of so many samples of which the layers kept this.
    #[must_use]
    pub const fn new(samples: usize, saved: &'a mut [f32]) -> Self {
        Self { samples, saved, network: PhantomData }
    }

    /// What the layer of this step is given.
    pub(crate) fn state(&mut self, index: usize) -> State<'_> {
        State::new(self.samples, &mut self.saved[N::PLACES[index].saved(true, self.samples)])
    }
}

/// The sums of gradients, and of squares where they are asked for, of a model or one of its layers.
#[cfg(feature = "training")]
pub struct Sums<'a, L> {
    /// Of the gradients; none where all is frozen.
    pub gradient: Option<&'a mut L>,
    /// Of the squares of gradients that come in rows.
    pub squares: Option<&'a mut L>,
}

#[cfg(feature = "training")]
impl<L> Sums<'_, L> {
    /// Those of what has no weights.
    pub const NONE: Self = Self { gradient: None, squares: None };

    /// Those of a part.
    #[inline]
    pub fn of<P>(&mut self, part: impl Fn(&mut L) -> &mut P) -> Sums<'_, P> {
        Sums { gradient: self.gradient.as_deref_mut().map(&part), squares: self.squares.as_deref_mut().map(&part) }
    }
}

/// The way back: from the gradients of the outputs, which stand among those of the wires, to those of all else.
#[cfg(feature = "training")]
pub struct BackwardPass<'a, N> {
    /// As they were on the way forward.
    pub options: PassOptions,
    /// The model's inputs.
    pub inputs: &'a [Operand<'a>],
    /// The value of every wire.
    pub wires: &'a [f32],
    /// What the layers kept.
    pub saved: &'a mut [f32],
    /// Of which inputs the gradients are asked for; nothing where of none.
    pub wanted: &'a [bool],
    /// What is spare, then the gradients of the inputs where any is wanted, then those of the wires: see
    /// [`GradientPlaces`].
    pub gradients: &'a mut [f32],
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
    /// The gradients of the logits, where losses were taken of these.
    pub logits: Logits<'a>,
    /// The model.
    pub network: PhantomData<fn(N)>,
}

/// Where gradients stand in the memory of a way back.
#[cfg(feature = "training")]
#[derive(Clone, Copy)]
pub struct GradientPlaces {
    samples: usize,
    /// Where the gradients of the inputs begin, for each sample.
    inputs: usize,
    /// Where those of the wires begin.
    wires: usize,
}

#[cfg(feature = "training")]
impl GradientPlaces {
    /// Those of a model, with or without gradients of its inputs.
    #[must_use]
    pub const fn of<N: Network>(samples: usize, inputs: bool) -> Self {
        let wires = N::MEMORY.spare + if inputs { input_floats(N::GRAPH, N::GRAPH.inputs.len()) } else { 0 };
        Self { samples, inputs: N::MEMORY.spare, wires }
    }

    /// How many numbers there are.
    #[must_use]
    pub const fn floats<N: Network>(&self) -> usize {
        (self.wires + N::MEMORY.wires) * self.samples
    }

    /// The gradient of an input.
    #[must_use]
    pub fn input<N: Network>(&self, input: usize) -> Range<usize> {
        let start = (self.inputs + input_floats(N::GRAPH, input)) * self.samples;
        start..start + N::GRAPH.inputs[input].shape.length() * self.samples
    }

    /// The gradient of what a step gives.
    #[must_use]
    pub fn step<N: Network>(&self, step: usize) -> Range<usize> {
        let Range { start, end } = N::PLACES[step].wire(self.samples);
        self.wires * self.samples + start..self.wires * self.samples + end
    }

    fn source<N: Network>(&self, source: Source) -> Range<usize> {
        match source.from {
            From::Input(input) => self.input::<N>(input),
            From::Step(step) => self.step::<N>(step),
        }
    }
}

/// What the gradients of the first inputs take, for each sample.
#[cfg(feature = "training")]
pub(crate) const fn input_floats(graph: &Graph, inputs: usize) -> usize {
    let (mut floats, mut i) = (0, 0);
    while i < inputs {
        floats += round_up(graph.inputs[i].shape.length());
        i += 1;
    }
    floats
}

#[cfg(feature = "training")]
impl<N: Network> BackwardPass<'_, N> {
    /// Goes back through the step of this index.
    ///
    /// The gradient of each operand goes to the wire if no later use of it has written there, otherwise to spare
    /// memory, and is added.
    pub(crate) fn step<L: TrainLayer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(
        &mut self,
        layer: &L,
        sums: Sums<'_, L>,
        index: usize,
    ) {
        let (step, place) = (&N::GRAPH.steps[index], &N::PLACES[index]);
        let PassOptions { samples, training, trainable, random, .. } = self.options;
        let trainable = trainable && !is_frozen::<N>(step);
        let saved = &mut self.saved[place.saved(true, samples)];
        let mut cx = Backward::new(sums.gradient.filter(|_| trainable), saved, &mut *self.scratch);
        (cx.training, cx.trainable, cx.random) = (training, trainable, random.in_layer(index as u64));
        cx.squares = sums.squares.filter(|_| trainable);
        if L::NEEDS.logits
            && let Logits::Gradients { outputs, numbers } = &self.logits
            && let Some(output) = output_of::<N>(index, outputs)
        {
            cx.logits_gradient = Some(&numbers[logits_range::<N::Outputs>(output, samples)]);
        }
        let (wires, inputs, wanted, model) = (self.wires, self.inputs, self.wanted, (N::GRAPH, N::PLACES));
        let y = Out::of_memory(&wires[place.wire(samples)]);
        let places = GradientPlaces::of::<N>(samples, !wanted.is_empty());
        let Range { start, end } = places.step::<N>(index);
        let (before, rest) = self.gradients.split_at_mut(start);
        let dy = Out::of_memory_mut(&mut rest[..end - start]);
        let targets = Targets { step, wanted, places };
        I::with_batch(
            |wire| operand(model, step.operands[wire], inputs, wires, samples),
            |x| {
                let call = |dx: I::Gradients<'_>| layer.backward(&mut cx, x, y, dy, dx);
                I::with_gradients(before, |wire| targets.range::<N, I>(wire), call);
            },
        );
        targets.add_up::<N, I>(before);
    }
}

/// Where the gradients of a step's operands go: to the wire if no later use of it has written there, otherwise to
/// spare memory, to be added.
#[cfg(feature = "training")]
struct Targets<'a> {
    step: &'a StepNode,
    wanted: &'a [bool],
    places: GradientPlaces,
}

#[cfg(feature = "training")]
impl Targets<'_> {
    /// Whether there is a gradient with respect to this operand.
    fn wants<I: Inputs>(&self, wire: usize) -> bool {
        let asked_for = match self.step.operands[wire].from {
            From::Input(input) => self.wanted.get(input).copied().unwrap_or(false),
            From::Step(_) => true,
        };
        asked_for && I::WIRES[wire].element.is_number()
    }

    #[inline]
    fn range<N: Network, I: Inputs>(&self, wire: usize) -> Option<Range<usize>> {
        let source = self.step.operands[wire];
        if !self.wants::<I>(wire) {
            return None;
        }
        Some(if source.again { self.spare::<I>(wire) } else { self.places.source::<N>(source) })
    }

    /// The spare memory of an operand: behind that of the operands before it.
    fn spare<I: Inputs>(&self, wire: usize) -> Range<usize> {
        let operands = self.step.operands[..wire].iter().zip(I::WIRES);
        let floats = operands.filter(|(source, _)| source.again).map(|(_, wire)| round_up(wire.shape.length()));
        let start = floats.sum::<usize>() * self.places.samples;
        start..start + I::WIRES[wire].shape.length() * self.places.samples
    }

    fn add_up<N: Network, I: Inputs>(&self, memory: &mut [f32]) {
        for (wire, source) in self.step.operands.iter().enumerate() {
            if !source.again || !self.wants::<I>(wire) {
                continue;
            }
            let (spare, target) = (self.spare::<I>(wire), self.places.source::<N>(*source));
            let (first, sum) = memory.split_at_mut(target.start);
            let (extra, sum) = (&first[spare], &mut sum[..target.end - target.start]);
            vectorize(
                #[inline(always)]
                || sum.iter_mut().zip(extra).for_each(|(sum, extra)| *sum += extra),
            );
        }
    }
}
